"""Captions: sentences that say what a picture shows, in many ways, and the same truth as attributes."""

import random

from studio.domain.vocabulary import GARMENTS, HAIR_STYLES, HATS, LIGHTS, NUMBERS, PATTERNS, PLACES
from studio.world.identity import Identity
from studio.world.scene import Scene

PATTERNED = ("tee", "sweater", "shirt")


def caption(identity: Identity, scene: Scene, seed: int = 0, who: str | None = None) -> str:
    """One caption; `seed` chooses the wording. `who` stands where the description of the person would.

    Clothes, eye colour, freckles and the like are left out now and then, so that captions differ in length;
    what is said is always true of the picture.
    """
    r = random.Random(seed)
    if not scene.person:
        person, things = "", _things(scene, r)
        return r.choice(("", "a photo of ", "a picture of ")) + things + r.choice((" on a table", ""))
    person = who or _describe(identity, r)
    things = _things(scene, r) if scene.things else ""
    act = r.choice(PLACES[scene.place])
    opening = r.choice(("a portrait of ", "a photo of ", "", "", "a close-up of "))
    sentence = f"{opening}{person} {act}{LIGHTS[scene.light]}"
    if act == "studio portrait":
        sentence = f"studio portrait of {person}"
    if things:
        sentence += f" with {things}"
    worn = _worn(scene, r)
    if worn:
        sentence += f", wearing {_listed(worn)}"
    if scene.mouth_open and r.random() < 0.5:
        sentence += ", " + r.choice(("laughing", "smiling happily"))
    return sentence


def attributes(identity: Identity, scene: Scene) -> dict[str, str]:
    """The truth a judge is taught and held to: attribute to value; people's attributes only if one is there."""
    truth = {"place": scene.place, "person": "yes" if scene.person else "no", "things": str(len(scene.things))}
    if not scene.person:
        return truth
    yes = {True: "yes", False: "no"}
    return truth | {
        "light": scene.light,
        "gender": identity.gender,
        "age": identity.age,
        "skin": identity.skin,
        "hair colour": identity.hair,
        "hair style": identity.hair_style,
        "eyes": identity.eyes,
        "beard": yes[identity.beard in ("short", "full")],
        "freckles": yes[identity.freckles > 0],
        "glasses": yes[identity.glasses],
        "sunglasses": yes[scene.sunglasses],
        "goggles": yes[scene.goggles],
        "scarf": yes[scene.scarf],
        "hat": scene.hat or "none",
        "hat colour": scene.hat_colour if scene.hat else "none",
        "garment": scene.garment,
        "garment colour": scene.colour if scene.garment != "wetsuit" else "wetsuit",
        "pattern": scene.pattern if scene.garment in PATTERNED else "plain",
        "laughing": yes[scene.mouth_open > 0],
    }


def description(identity: Identity) -> str:
    """The person in the base's own words, complete: what the "described" arm of a comparison says."""
    features = [f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair", f"{identity.eyes} eyes"]
    features += _marks(identity)
    older = "older " if identity.age == "older" else ""
    return f"{_article(f'{older}{identity.skin}-skinned {identity.gender}')} with {_listed(features)}"


def _marks(identity: Identity) -> list[str]:
    marks = ["freckles"] if identity.freckles else []
    if identity.beard != "none":
        marks.append("stubble" if identity.beard == "stubble" else "a beard")
    return marks + (["glasses"] if identity.glasses else [])


def _article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _describe(identity: Identity, r: random.Random) -> str:
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
    return f"{_article('older ' + noun if older else noun)} with {_listed(features)}"


def _things(scene: Scene, r: random.Random) -> str:
    if scene.place == "table" and scene.arrangement == "pair":
        order = r.random()
        first, second = (_article(f"{thing.colour} {thing.shape}") for thing in scene.things)
        if order < 0.6:
            return f"{first} to the left of {second}"
        return f"{second} to the right of {first}" if order < 0.9 else f"{first} next to {second}"
    count = len(scene.things)
    return f"{NUMBERS[count]} {scene.things[0].colour} {scene.things[0].shape}{'s' if count > 1 else ''}"


def _worn(scene: Scene, r: random.Random) -> list[str]:
    worn: list[str] = []
    if scene.place != "swimming":
        if r.random() < 0.75:
            pattern = PATTERNS[scene.pattern] if scene.garment in PATTERNED else ""
            worn.append(_article(f"{scene.colour} {pattern}{GARMENTS[scene.garment]}"))
        if scene.hat:
            worn.append(_article(f"{scene.hat_colour} {HATS[scene.hat]}"))
        if scene.scarf:
            worn.append("a scarf")
        if scene.goggles and r.random() < 0.8:
            worn.append("ski goggles")
    if scene.sunglasses:
        worn.append("sunglasses")
    return worn
