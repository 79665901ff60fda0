"""The truth about a picture as attributes: what judges are taught, and what captions are held to."""

from collections.abc import Iterator, Sequence

from studio.domain.vocabulary import CREATURES
from studio.world.captions import pattern_of
from studio.world.identity import Identity, sample_identity
from studio.world.scene import Scene
from studio.world.still_life import StillLife, Thing

YES = {True: "yes", False: "no"}
SIDES = {
    "side": ("left", "right"), "groups": ("left", "right"), "stack": ("upper", "lower"), "above": ("upper", "lower"),
    "depth": ("front", "back"),
}  # fmt: skip
"""Where the first and the second of two things are, by their relation."""


def attributes(identity: Identity, scene: Scene) -> dict[str, str]:
    """Attribute to value; people's attributes only if one is there.

    Of two people each has theirs under "left ..." and "right ...", of two things likewise; see `SIDES`.
    """
    still = scene.still
    shown = still.things if still is not None else scene.things
    things = [thing for thing in shown if thing.shape not in CREATURES]
    truth = {
        "place": scene.place,
        "person": YES[scene.person],
        "people": "2" if scene.companion else "1" if scene.person else "0",
        "things": str(len(things)),
        **{creature: YES[any(thing.shape == creature for thing in shown)] for creature in CREATURES},
    }
    if scene.rainbow:
        truth["rainbow"] = "yes"
    if scene.person or scene.place != "table":
        truth["light"] = scene.light
    truth |= _of_creatures(shown)
    truth |= dict(_relations(still) if still is not None else _on_the_table(scene))
    if scene.companion is not None:
        both = (identity, scene), (sample_identity(scene.companion.identity), scene.companion.scene)
        left, right = both if scene.companion.side == "right" else both[::-1]
        return truth | _of_a_side("left", *left) | _of_a_side("right", *right)
    return truth | of_a_person(identity, scene) if scene.person else truth


def _of_creatures(shown: Sequence[Thing]) -> dict[str, str]:
    """Colours and glasses of animals, where there is only one of a kind, or all are alike."""
    found: dict[str, str] = {}
    for shape in ("cat", "unicorn"):
        alike = {(thing.colour, thing.glasses) for thing in shown if thing.shape == shape}
        if len(alike) == 1:
            ((colour, glasses),) = alike
            found[f"{shape} colour"] = colour
            if shape == "cat":
                found["cat glasses"] = YES[glasses]
    return found


def of_a_person(identity: Identity, scene: Scene) -> dict[str, str]:
    """What one person looks like in a scene."""
    return {
        "gender": identity.gender,
        "age": identity.age,
        "skin": identity.skin,
        "hair colour": identity.hair,
        "hair style": identity.hair_style,
        "eyes": identity.eyes,
        "beard": YES[identity.beard in ("short", "full")],
        "freckles": YES[identity.freckles > 0],
        "glasses": YES[identity.glasses],
        "sunglasses": YES[scene.sunglasses],
        "goggles": YES[scene.goggles],
        "scarf": YES[scene.scarf],
        "hat": scene.hat or "none",
        "hat colour": scene.hat_colour if scene.hat else "none",
        "garment": scene.garment,
        "garment colour": scene.colour if scene.garment != "wetsuit" else "wetsuit",
        "pattern": pattern_of(scene),
        "laughing": YES[scene.mouth_open > 0],
    }


SEEN_OF_BOTH = (
    "gender", "age", "skin", "hair colour", "hair style", "beard", "glasses", "sunglasses", "scarf", "hat",
    "hat colour",
    "garment", "garment colour",
)  # fmt: skip
"""What is told of each of two people."""


def _of_a_side(side: str, identity: Identity, scene: Scene) -> dict[str, str]:
    known = of_a_person(identity, scene)
    return {f"{side} {name}": known[name] for name in SEEN_OF_BOTH}


def _relations(still: StillLife) -> Iterator[tuple[str, str]]:
    yield "arrangement", still.relation
    first, second = still.things[0], still.things[-1]
    if still.relation == "row":
        yield from _alone(first)
        return
    for side, thing in zip(SIDES[still.relation], (first, second), strict=True):
        yield from _said(side, thing)
    if still.relation == "groups":
        yield "left things", str(still.split)
        yield "right things", str(len(still.things) - still.split)


def _on_the_table(scene: Scene) -> Iterator[tuple[str, str]]:
    if scene.arrangement == "pair":
        yield "arrangement", "side"
        for side, thing in zip(("left", "right"), scene.things, strict=True):
            yield from _said(side, thing)
    elif scene.things:
        yield "arrangement", "row"
        yield from _alone(scene.things[0])
    else:
        yield "arrangement", "none"


def _alone(thing: Thing) -> Iterator[tuple[str, str]]:
    return _said("thing", thing) if thing.shape not in CREATURES else iter(())


def _said(subject: str, thing: Thing) -> Iterator[tuple[str, str]]:
    """What is told of a thing; a creature has a kind where a thing has a shape."""
    yield (f"{subject} kind" if thing.shape in CREATURES else f"{subject} shape"), thing.shape
    if thing.colour:
        yield f"{subject} colour", thing.colour
    if thing.shape not in CREATURES:
        yield f"{subject} material", thing.material
