"""What a picture of the whole world shows, drawn from one seed: a person, two people, a still life, or creatures."""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

from studio.domain.vocabulary import COLOURS, PLACES, THINGS
from studio.world.scene import Companion, Scene, at_a_table, sample_scene
from studio.world.still_life import StillLife, Thing, draw_creatures, draw_still_life, draw_thing, flight
from studio.world.wardrobe import MODERN, ROOM_FOR_A_BRIM

KINDS = {"person": 58, "two people": 13, "still life": 21, "creatures": 8}
"""Of a hundred pictures, how many show what."""
COMPANIONS = 80_000_000
"""Seeds of those who stand beside somebody begin here; nobody else has them."""
HOW_MANY_COMPANIONS = 4000
TOGETHER = (
    "beach", "city", "forest", "studio", "library", "garden", "desert", "mountains", "concert", "train",
)  # fmt: skip
"""Places where two meet in the whole world; adding to them would give seeds that are in use other pictures."""
ROOM_FOR_TWO = (*TOGETHER, "skiing", "café", "swimming", "kitchen", "office")
"""Places with room for two, in pictures of two alone."""
BEHIND_A_TABLE = ("kitchen", "garden", "library", "café", "beach", "office", "mountains")
"""Places that are seen behind a still life, when it does not stand before a plain backdrop."""
ROAMED = ("beach", "forest", "garden", "desert", "mountains", "city", "library", "studio", "sky")
"""Where creatures are met."""
UNDER_THE_SKY = ("beach", "garden", "desert", "mountains")


def sample_picture(seed: int, places: Collection[str] = tuple(PLACES)) -> Scene:
    """The scene with this seed in the whole world, or in some of its places; see `sample_scene` for the first world.

    The order of the draws is part of the format.
    """
    r = random.Random(seed * 104_729 + 41)
    kind = r.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    if kind == "two people" and (there := _among(TOGETHER, places)):
        return two_people(seed, r.choice(there), r)
    if kind == "still life" and "table" in places:
        return _on_a_table(seed, places, r)
    if kind == "creatures" and (there := _among(ROAMED, places)):
        return _about(seed, there, r)
    return one_person(seed, r.choice([place for place in places if place != "sky"] or ["studio"]), r)


def sample_things(seed: int) -> Scene:
    """The scene with this seed among those of the whole world that show no person."""
    r = random.Random(seed * 104_729 + 47)
    if r.choices((True, False), (KINDS["still life"], KINDS["creatures"]))[0]:
        return _on_a_table(seed, tuple(PLACES), r)
    return _about(seed, ROAMED, r)


def sample_pair(seed: int) -> Scene:
    """The scene with this seed among those that show two people, each with their own seed as in the whole world."""
    r = random.Random(seed * 104_729 + 53)
    return two_people(seed, r.choice(ROOM_FOR_TWO), r)


def sample_portrait(seed: int) -> Scene:
    """The scene with this seed among those of the whole world that show one person and no table."""
    r = random.Random(seed * 104_729 + 43)
    return one_person(seed, r.choice([place for place in PLACES if place not in ("sky", "table")]), r)


def _on_a_table(seed: int, places: Collection[str], r: random.Random) -> Scene:
    return still_life(seed, r.choice(["table", "table", *_among(BEHIND_A_TABLE, places)]), draw_still_life(r))


def _about(seed: int, places: Sequence[str], r: random.Random) -> Scene:
    """Creatures at one of `places`, or in the sky."""
    where = r.choice(places)
    return still_life(seed, where, flight(r) if where == "sky" else draw_creatures(r), r.random() < 0.25)


def _among(some: Sequence[str], places: Collection[str]) -> list[str]:
    return [place for place in some if place in places]


def one_person(seed: int, place: str, r: random.Random) -> Scene:
    """Somebody at a place, now and then in the clothes that came later, under a rainbow, or behind other things."""
    if place == "table":
        scene = at_a_table(seed)
        if r.random() < 0.5:
            return scene
        thing = draw_thing(r, *THINGS, "cat", "cat")
        count = 1 if thing.shape == "cat" else r.randint(1, 4)
        return replace(scene, things=(replace(thing, material="plain"),) * count, arrangement="count")
    scene = sample_scene(seed, place)
    if place in MODERN and r.random() < 0.4:
        garments, hats = MODERN[place]
        hat = r.choice(hats) if r.random() < 0.5 else ""
        zoom = min(scene.zoom, ROOM_FOR_A_BRIM) if hat == "cowboy" else scene.zoom
        scene = replace(scene, garment=r.choice(garments), hat=hat, zoom=zoom, goggles=False)
    return replace(scene, rainbow=_rainbow(scene, r))


def _rainbow(scene: Scene, r: random.Random) -> bool:
    return r.random() < 0.1 and scene.place in UNDER_THE_SKY and scene.light in ("day", "morning")


def two_people(seed: int, place: str, r: random.Random) -> Scene:
    """Two adults side by side, in clothes of different colours."""
    scene = one_person(seed, place, r)
    other = one_person(seed + 500_000_000, place, r)
    lean = r.uniform(0.05, 0.3)
    side = "left" if r.random() < 0.5 else "right"
    sign = 1 if side == "left" else -1
    colours = [colour for colour in COLOURS if colour != scene.colour]
    other = replace(
        other, light=scene.light, rainbow=scene.rainbow, zoom=1.0, shift=0.0, yaw=other.yaw * 0.5 + sign * lean,
        colour=other.colour if other.colour != scene.colour else r.choice(colours), things=(), arrangement="none",
    )  # fmt: skip
    companion = Companion(COMPANIONS + r.randrange(HOW_MANY_COMPANIONS), "left" if side == "left" else "right", other)
    return replace(
        scene, zoom=r.uniform(0.68, 0.74), shift=0.0, yaw=scene.yaw * 0.5 - sign * lean, companion=companion,
        things=(), arrangement="none",
    )  # fmt: skip


def still_life(seed: int, place: str, still: StillLife, rainbow: bool = False) -> Scene:
    """Things without a person, before a plain backdrop or at a place."""
    known = sample_scene(seed, place)
    sky = rainbow and place in UNDER_THE_SKY and known.light in ("day", "morning")
    return replace(known, person=False, things=(), arrangement="none", poles=False, still=still, rainbow=sky)


def things_of(scene: Scene) -> tuple[Thing, ...]:
    """All things and creatures of a picture."""
    return scene.still.things if scene.still is not None else scene.things


