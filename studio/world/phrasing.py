"""The same truth in other words: prose in another order, tags, and few words, beside the plain caption."""

import random

from studio.domain.vocabulary import COMPANY, HAIR_STYLES, LIGHTS, PLACES, PLURALS, SYNONYMS
from studio.world.captions import (
    arranged_words,
    article,
    both_ways,
    caption,
    describe,
    listed,
    marks_of,
    together_sentence,
    worn_by,
)
from studio.world.identity import Identity, sample_identity
from studio.world.scene import Scene

GENERIC = 9_000_001
HOURS = {
    "day": "", "sunset": "golden evening light", "night": "night", "morning": "soft morning light",
}  # fmt: skip


def wordings(identity: Identity, scene: Scene, seed: int) -> list[str]:
    """Captions of one picture: two plain ones, prose, tags, few words, one that names only the gender, and, of people,
    one that says nothing of where they are."""
    r = random.Random(seed * 31 + 11)
    plain = [caption(identity, scene, seed), caption(identity, scene, seed + 100_003)]
    generic = caption(identity, scene, seed + GENERIC, who=f"a {identity.gender}")
    if scene.companion is not None:
        tagged = f"{two_of_them(identity, scene, r)}, {_tagged_place(scene)}"
        few = f"{two_of_them(identity, scene, r)} {_where(scene, r)}"
        return [*plain, together_sentence(identity, scene, r), tagged, few, generic, two_of_them(identity, scene, r)]
    if not scene.person:
        tagged = _tagged_things(scene, r) or plain[0]
        return [*plain, caption(identity, scene, seed + 200_006), tagged, plain[1], generic]
    return [
        *plain, prose(identity, scene, r), tags(identity, scene, r), short(identity, scene, r), generic,
        anywhere(identity, scene, r),
    ]  # fmt: skip


def prose(identity: Identity, scene: Scene, r: random.Random) -> str:
    """A sentence or two in another order than the plain caption's."""
    place = _where(scene, r)
    person, she = describe(identity, r), "she" if identity.gender == "woman" else "he"
    worn = [_other_word(item, r) for item in worn_by(scene, r)]
    mood = f" {she.capitalize()} is laughing." if scene.mouth_open and r.random() < 0.5 else ""
    if not worn:
        return r.choice((f"{place}, {person}.{mood}", f"{person}, seen {place}.{mood}"))
    return r.choice(
        (
            f"{place}, {person}. {she.capitalize()} wears {listed(worn)}.{mood}",
            f"{person} wearing {listed(worn)} {place}.{mood}",
            f"{person} in {listed(worn)}, {place}.{mood}",
            f"this picture shows {person} {place}. {she.capitalize()} has {listed(worn)} on.{mood}",
        )
    )


def tags(identity: Identity, scene: Scene, r: random.Random) -> str:
    """Phrases between commas: who first, the rest in any order."""
    hair = f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair"
    rest = [hair, f"{identity.eyes} eyes", *(mark.removeprefix("a ") for mark in marks_of(identity))]
    rest += [item.removeprefix("a ").removeprefix("an ") for item in worn_by(scene, r)]
    rest += [scene.place, HOURS[scene.light] or "daylight"]
    rest += ["laughing"] if scene.mouth_open else []
    rest += ["rainbow"] if scene.rainbow else []
    kept = [phrase for phrase in rest if phrase in (hair, scene.place) or r.random() < 0.75]
    r.shuffle(kept)
    return ", ".join([f"older {identity.gender}" if identity.age == "older" else identity.gender, *kept])


def short(identity: Identity, scene: Scene, r: random.Random) -> str:
    """A handful of words."""
    act = r.choice([phrase for phrase in PLACES[scene.place] if phrase != "studio portrait"])
    who = r.choice(
        (
            article(identity.gender),
            article(f"{identity.hair}-haired {identity.gender}"),
            f"{article(identity.gender)} with {HAIR_STYLES[identity.hair_style]} {identity.hair} hair",
        )
    )
    return f"{who} {act}"


def anywhere(identity: Identity, scene: Scene, r: random.Random) -> str:
    """Somebody, often with something about them: an "and" between what one wears makes no second person."""
    hair = f"{HAIR_STYLES[identity.hair_style]} {identity.hair} hair"
    looks = marks_of(identity) or [r.choice((hair, f"{identity.eyes} eyes"))]
    ways = [f" with {listed(looks)}", f" with {hair} and {identity.eyes} eyes", ""]
    if worn := worn_by(scene, r):
        ways += [f" wearing {listed(worn)}"] * 3 + [f" with {hair}, wearing {listed(worn)}"] * 3
    return article(identity.gender) + r.choice(ways)


def two_of_them(identity: Identity, scene: Scene, r: random.Random) -> str:
    """Two people by their genders, or only that there are two."""
    assert scene.companion is not None
    first, second = identity.gender, sample_identity(scene.companion.identity).gender
    named = f"two {PLURALS[first]}" if first == second else r.choice(both_ways(article(first), article(second)))
    return r.choice((named, named, named, r.choice(COMPANY)))


def _where(scene: Scene, r: random.Random) -> str:
    act = r.choice([phrase for phrase in PLACES[scene.place] if phrase != "studio portrait"])
    return f"{act}{LIGHTS[scene.light]}{' under a rainbow' if scene.rainbow else ''}"


def _other_word(item: str, r: random.Random) -> str:
    """The item, now and then by another name."""
    for word, others in SYNONYMS.items():
        if f" {item}".endswith(f" {word}") and r.random() < 0.4:
            return item[: -len(word)] + r.choice(others)
    return item


def _tagged_place(scene: Scene) -> str:
    """Place and hour between commas."""
    return ", ".join(filter(None, (scene.place, HOURS[scene.light])))


def _tagged_things(scene: Scene, r: random.Random) -> str:
    """Things and their place between commas."""
    if scene.still is None or scene.still.relation not in ("row", "groups"):
        return ""
    return f"{arranged_words(scene, r)}, {'table' if scene.still.ground == 'table' else scene.place}"
