"""From what a judge points at in a picture to the attributes that prompts claim: how many, which, and what is left of what."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from studio.domain.vocabulary import CREATURES, NUMBERS, THINGS

PERSON = "person"
SKY = "sky rainbow"
"""A rainbow over the whole picture, which stands on no side of anything."""
OTHER = "other"
"""What is read where something is not there, or where a judge is not sure what it sees."""
MORE = "more"
"""More things than the world has words for."""

BESIDE, OVER = 0.5, 0.2
"""Two groups stand side by side when their middles are at least `BESIDE` apart across the picture, whose half is 1; one is on
top of the other when they are less than `OVER` apart; in between, one stands in front of the other."""
AGREED = 0.8
"""A group is said to be what so many of it are: one in five may be misread."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody or something in a picture: what, and where (x, y to the right and down, and radius, in -1..1 of the
    picture; of a person that of the head), and per attribute its label."""

    kind: str
    x: float
    y: float
    radius: float
    attributes: Mapping[str, str]


OF_A_CREATURE: Mapping[str, tuple[str, ...]] = {"cat": ("colour", "glasses"), "unicorn": ("colour",), "rainbow": ()}
OF_A_THING = ("colour", "material")
"""What is told of each creature, and of any thing."""
SIDES = (("left", "right"), ("upper", "lower"), ("front", "back"))


def told_of(found: Sequence[Found]) -> dict[str, str]:
    """Attributes as `world.truth` names them; what is not there, or not settled, is not among them."""
    people = sorted((one for one in found if one.kind == PERSON), key=lambda one: one.x)
    others = [one for one in found if one.kind not in (PERSON, SKY)]
    things = [one for one in others if one.kind in THINGS]
    told = {
        "person": "yes" if people else "no",
        "people": str(len(people)),
        "things": str(len(things)) if len(things) < len(NUMBERS) else MORE,
        **{creature: "yes" if any(one.kind == creature for one in others) else "no" for creature in CREATURES},
    }
    if any(one.kind == SKY for one in found):
        told["rainbow"] = "yes"
    for creature in CREATURES:
        told |= _alike(creature, [one for one in others if one.kind == creature])
    if len(people) == 1:
        told |= people[0].attributes
    elif len(people) == 2:
        for side, one in zip(SIDES[0], people, strict=True):
            told |= {f"{side} {name}": value for name, value in one.attributes.items()}
    if (kind := _agreed([one.kind for one in things])) is not None:
        told |= _said("thing", [one for one in things if one.kind == kind])
    return told | dict(_relation(others))


def _alike(creature: str, some: Sequence[Found]) -> dict[str, str]:
    """Colour and glasses of a kind of animal, where there is one, or all are alike."""
    looks = {tuple((name, one.attributes[name]) for name in OF_A_CREATURE[creature] if name in one.attributes) for one in some}
    return {f"{creature} {name}": value for name, value in looks.pop()} if len(looks) == 1 else {}


def _agreed(values: Sequence[str]) -> str | None:
    """What at least `AGREED` of them are."""
    [(value, count)] = Counter(values).most_common(1) or [("", 0)]
    return value if count and count >= AGREED * len(values) else None


def _said(subject: str, group: Sequence[Found]) -> dict[str, str]:
    """What a group of one kind is like, as far as it agrees."""
    kind = group[0].kind
    told = {f"{subject} {'kind' if kind in CREATURES else 'shape'}": kind}
    for name in OF_A_CREATURE[kind] if kind in CREATURES else OF_A_THING:
        value = _agreed([one.attributes[name] for one in group if name in one.attributes])
        if value is not None and name != "glasses":
            told[f"{subject} {name}"] = value
    return told


def _relation(others: Sequence[Found]) -> Iterator[tuple[str, str]]:
    """Which of two groups is on which side, and what they are like."""
    groups = _groups(others)
    if len(groups) != 2:
        return
    first, second = groups
    (x, bottom), (other_x, other_bottom) = _standing(first), _standing(second)
    apart = abs(x - other_x)
    sides = SIDES[0] if apart >= BESIDE else SIDES[1] if apart < OVER else SIDES[2]
    before = x < other_x if sides == SIDES[0] else bottom < other_bottom if sides == SIDES[1] else bottom > other_bottom
    for side, group in zip(sides, (first, second) if before else (second, first), strict=True):
        yield from _said(side, group).items()
        if side in SIDES[0]:
            yield f"{side} things", str(len(group))


def _groups(others: Sequence[Found]) -> list[list[Found]]:
    """Two alone are two groups; more go by kind, and where they are all of a kind by colour."""
    if len(others) == 2:
        return [[one] for one in others]
    for looks in ([one.kind for one in others], [one.attributes.get("colour", "") for one in others]):
        groups: dict[str, list[Found]] = {}
        for look, one in zip(looks, others, strict=True):
            groups.setdefault(look, []).append(one)
        if len(groups) == 2:
            return list(groups.values())
    return []


def _standing(group: Sequence[Found]) -> tuple[float, float]:
    """The middle of a group across the picture, and how far down it reaches on average."""
    return sum(one.x for one in group) / len(group), sum(one.y + one.radius for one in group) / len(group)
