"""The plain caption of a picture: one sentence that says what it shows; `phrasing` says the same in other ways."""

import random

from studio.domain.vocabulary import (
    FIRST_THINGS,
    GARMENTS,
    HAIR_STYLES,
    HATS,
    LIGHTS,
    MATERIALS,
    NUMBERS,
    PATTERNS,
    PLACES,
    THINGS,
)
from studio.world.identity import Identity, sample_identity
from studio.world.scene import Scene
from studio.world.still_life import Thing

PATTERNED = ("tee", "sweater", "shirt")


def caption(identity: Identity, scene: Scene, seed: int = 0, who: str | None = None) -> str:
    """One caption; `seed` chooses the wording. `who` stands where the description of the person would.

    Clothes, eye colour, freckles and the like are left out now and then, so that captions differ in length;
    what is said is always true of the picture.
    """
    r = random.Random(seed)
    if scene.still is not None:
        return still_sentence(scene, r)
    if scene.companion is not None:
        return couple_sentence(identity, scene, r, who)
    if not scene.person:
        person, things = "", _things(scene, r)
        return r.choice(("", "a photo of ", "a picture of ")) + things + r.choice((" on a table", ""))
    person = who or describe(identity, r)
    things = _things(scene, r) if scene.things else ""
    act = r.choice(PLACES[scene.place])
    opening = r.choice(("a portrait of ", "a photo of ", "", "", "a close-up of "))
    sentence = f"{opening}{person} {act}{LIGHTS[scene.light]}"
    if act == "studio portrait":
        sentence = f"studio portrait of {person}"
    if things:
        sentence += f" with {things}"
    if scene.rainbow:
        sentence += " under a rainbow"
    worn = worn_by(scene, r)
    if worn:
        sentence += f", wearing {listed(worn)}"
    if scene.mouth_open and r.random() < 0.5:
        sentence += ", " + r.choice(("laughing", "smiling happily"))
    return sentence


def description(identity: Identity) -> str:
    """The person in the base's own words, complete: what the "described" arm of a comparison says."""
    features = [f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair", f"{identity.eyes} eyes"]
    features += marks_of(identity)
    older = "older " if identity.age == "older" else ""
    return f"{article(f'{older}{identity.skin}-skinned {identity.gender}')} with {listed(features)}"


def marks_of(identity: Identity) -> list[str]:
    """Freckles, beard and glasses, as far as they are there."""
    marks = ["freckles"] if identity.freckles else []
    if identity.beard != "none":
        marks.append("stubble" if identity.beard == "stubble" else "a beard")
    return marks + (["glasses"] if identity.glasses else [])


def article(phrase: str) -> str:
    """The phrase with a or an."""
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def listed(parts: list[str]) -> str:
    """a, b and c."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def describe(identity: Identity, r: random.Random) -> str:
    """The person in words, with some features left out."""
    features = [f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair"]
    if r.random() < 0.7:
        features.append(f"{identity.eyes} eyes")
    if identity.freckles and r.random() < 0.7:
        features.append("freckles")
    if identity.beard != "none" and r.random() < 0.9:
        features.append("stubble" if identity.beard == "stubble" else "a beard")
    if identity.glasses and r.random() < 0.9:
        features.append("glasses")
    noun: str = identity.gender
    older = identity.age == "older" and r.random() < 0.85
    if r.random() < 0.6:
        noun = f"{identity.skin}-skinned {noun}"
    return f"{article('older ' + noun if older else noun)} with {listed(features)}"


def still_sentence(scene: Scene, r: random.Random) -> str:
    """Things or creatures, how they lie to each other, and where."""
    opening = r.choice(("", "", "a photo of ", "a picture of "))
    return opening + arranged_words(scene, r) + _setting(scene, r)


def arranged_words(scene: Scene, r: random.Random) -> str:
    """Two things with the relation between them, two groups, or one group with its number."""
    still = scene.still
    assert still is not None
    if still.relation == "row":
        return noun(still.things[0], len(still.things), r, bare=r.random() < 0.15)
    split = still.split or 1
    first = noun(still.things[0], split, r)
    second = noun(still.things[-1], len(still.things) - split, r)
    ways = {
        "side": (f"{first} to the left of {second}", f"{second} to the right of {first}", f"{first} next to {second}",
                 f"{first} on the left and {second} on the right"),
        "groups": (f"{first} to the left of {second}", f"{second} to the right of {first}", f"{first} and {second}"),
        "stack": (f"{first} on top of {second}", f"{first} on top of {second}", f"{second} under {first}"),
        "depth": (f"{first} in front of {second}", f"{second} behind {first}"),
        "above": (f"{first} flying over {second}", f"{first} above {second}", f"{second} under {first}"),
    }  # fmt: skip
    return r.choice(ways[still.relation])


def noun(thing: Thing, count: int, r: random.Random, bare: bool = False) -> str:
    """So many of a thing in words; `bare` leaves out its colour."""
    word = r.choice(THINGS[thing.shape]) if thing.shape in THINGS else thing.shape
    colour = "" if bare or not thing.colour else f"{thing.colour} "
    said = f"{colour}{MATERIALS[thing.material]}{word}"
    glasses = r.choice((" wearing glasses", " with glasses")) if thing.glasses else ""
    if count == 1 and r.random() < 0.85:
        return article(said) + glasses
    return f"{NUMBERS[count]} {said}{'s' if count > 1 else ''}{glasses}"


def _setting(scene: Scene, r: random.Random) -> str:
    still = scene.still
    assert still is not None
    light = LIGHTS[scene.light]
    rainbow = " under a rainbow" if scene.rainbow else ""
    if still.ground == "air":
        return r.choice((f" in the sky{light}", f" above the clouds{light}", light))
    where = PLACES[scene.place][0]
    if still.ground == "place":
        return f"{rainbow} {where}{light}"
    if scene.place == "table":
        return r.choice(("", " on a table", " on the table"))
    return r.choice((f" on a table {where}{light}", f" {where}{light}")) + rainbow


def couple_sentence(identity: Identity, scene: Scene, r: random.Random, who: str | None) -> str:
    """Two people, each with what is theirs, and who stands where, or that they are together."""
    first, second = _each_of_two(identity, scene, r, who)
    assert scene.companion is not None
    side = scene.companion.side
    away = "right" if side == "left" else "left"
    together = r.choice(
        (
            f"{first} to the {away} of {second}",
            f"{second} to the {side} of {first}",
            f"{first} on the {away} and {second} on the {side}",
            f"{first} next to {second}" if away == "left" else f"{second} next to {first}",
            f"two people: {first} on the {away}, {second} on the {side}",
            *both_ways(first, second),
        )
    )
    return together + _where_two_are(scene, r)


def together_sentence(identity: Identity, scene: Scene, r: random.Random) -> str:
    """Two people, each with what is theirs, of whom nothing says who stands where."""
    return r.choice(both_ways(*_each_of_two(identity, scene, r, None))) + _where_two_are(scene, r)


def _each_of_two(identity: Identity, scene: Scene, r: random.Random, who: str | None) -> tuple[str, str]:
    other = scene.companion
    assert other is not None
    first = who or _briefly(identity, r)
    worn = worn_by(scene, r)
    first += f" in {listed(worn)}" if worn and who else f" wearing {listed(worn)}" if worn else ""
    second = _briefly(sample_identity(other.identity), r)
    worn = worn_by(other.scene, r)
    return first, second + (f" wearing {listed(worn)}" if worn else "")


def _where_two_are(scene: Scene, r: random.Random) -> str:
    where = f"{r.choice(PLACES[scene.place][:2])}{LIGHTS[scene.light]}" if scene.place != "studio" else "in a studio"
    return f", {where}{' under a rainbow' if scene.rainbow else ''}"


def both_ways(first: str, second: str) -> tuple[str, str]:
    """Two of whom nothing is said but that both are there, in either order."""
    return f"{first} and {second}", f"{second} and {first}"


def _briefly(identity: Identity, r: random.Random) -> str:
    features = [f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair"]
    features += [mark for mark in marks_of(identity) if r.random() < 0.6]
    age = "older " if identity.age == "older" and r.random() < 0.8 else ""
    return f"{article(age + identity.gender)} with {listed(features)}"


def _things(scene: Scene, r: random.Random) -> str:
    if scene.place == "table" and scene.arrangement == "pair":
        order = r.random()
        first, second = (article(f"{thing.colour} {thing.shape}") for thing in scene.things)
        if order < 0.6:
            return f"{first} to the left of {second}"
        return f"{second} to the right of {first}" if order < 0.9 else f"{first} next to {second}"
    if scene.things[0].shape not in FIRST_THINGS:
        return noun(scene.things[0], len(scene.things), r)
    count = len(scene.things)
    return f"{NUMBERS[count]} {scene.things[0].colour} {scene.things[0].shape}{'s' if count > 1 else ''}"


def pattern_of(scene: Scene) -> str:
    """The pattern to be seen on a garment: not every garment has one, and none shows in a single colour."""
    return scene.pattern if scene.garment in PATTERNED and scene.colour != scene.second_colour else "plain"


def worn_by(scene: Scene, r: random.Random) -> list[str]:
    """What somebody has on, each with its article; clothes are left out now and then."""
    worn: list[str] = []
    if scene.place != "swimming":
        if r.random() < 0.75:
            worn.append(article(f"{scene.colour} {PATTERNS[pattern_of(scene)]}{GARMENTS[scene.garment]}"))
        if scene.hat:
            worn.append(article(f"{scene.hat_colour} {HATS[scene.hat]}"))
        if scene.scarf:
            worn.append("a scarf")
        if scene.goggles and r.random() < 0.8:
            worn.append("ski goggles")
    if scene.sunglasses:
        worn.append("sunglasses")
    return worn
