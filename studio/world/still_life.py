"""Still lifes: one to ten things, or creatures, and how they lie to each other; arranged before any geometry."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from studio.domain.vocabulary import CREATURE_COLOURS, CREATURES, CUP_COLOURS, THING_COLOURS, THINGS

Relation = Literal["row", "side", "stack", "depth", "groups", "above"]
Ground = Literal["table", "place", "air"]
MOST = 10


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing or creature with its colour and what it is made of; a cat may wear glasses."""

    shape: str
    colour: str
    material: str = "plain"
    glasses: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a thing stands: its foot at (x, y, z), its size, and how it is turned (radians)."""

    x: float
    y: float
    z: float
    radius: float
    angle: float


@dataclass(frozen=True, slots=True)
class StillLife:
    """Things without a person: how they lie to each other, on what, and how they are seen.

    `relation`: one group in rows; the first to the left of the second; on top of it; in front of it; flying above
    it; or two groups, `split` things of the left one first. `pitch`: how far the camera looks down (radians); `half`:
    half the width of what it sees.
    """

    things: tuple[Thing, ...]
    spots: tuple[Spot, ...]
    relation: Relation
    ground: Ground
    pitch: float
    half: float
    split: int = 0


TALL: Mapping[str, float] = MappingProxyType(
    {
        "ball": 2.0, "cube": 1.7, "cone": 1.9, "cup": 1.7, "apple": 1.9, "bottle": 2.5, "book": 0.44, "star": 1.9,
        "ring": 0.56, "vase": 2.0, "cat": 2.45, "unicorn": 2.75, "rainbow": 1.2,
    }
)  # fmt: skip
"""Height of each thing of radius 1."""
COLOURS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"apple": ("red", "green", "yellow"), "cup": (*CUP_COLOURS, "blue"), **CREATURE_COLOURS, "rainbow": ("",)}
)
SHINING = ("ball", "cube", "cone", "star", "ring", "vase", "bottle")
"""What may be of metal, glass or wood; all else is as it comes."""
FIRM = ("cube", "book", "ring")
"""What others can stand on."""
BROAD = ("cube", "book", "rainbow", "unicorn")
"""What reaches farther to its sides than a ball of its size."""
ROWS: Mapping[int, tuple[tuple[int, ...], ...]] = MappingProxyType(
    {
        1: ((1,),), 2: ((2,),), 3: ((3,), (2, 1)), 4: ((4,), (2, 2)), 5: ((3, 2), (5,)), 6: ((3, 3),),
        7: ((4, 3), (3, 4)), 8: ((4, 4), (3, 2, 3)), 9: ((3, 3, 3), (5, 4)), 10: ((5, 5), (4, 3, 3), (3, 4, 3)),
    }
)  # fmt: skip
"""Ways to lay out so many things, the front row first."""


def draw_thing(r: random.Random, *shapes: str) -> Thing:
    """One of `shapes` (or of all things) in a colour and a material that suit it."""
    shape = r.choice(shapes or tuple(THINGS))
    material = r.choice(("plain", "plain", "plain", "metal", "glass", "wood")) if shape in SHINING else "plain"
    glasses = shape == "cat" and r.random() < 0.45
    return Thing(shape, r.choice(COLOURS_OF.get(shape, THING_COLOURS)), material, glasses)


def other_than(first: Thing, r: random.Random, *shapes: str) -> Thing:
    """A thing that differs from `first` in colour, and often in shape and material as well."""
    found = draw_thing(r, *shapes)
    while found.colour == first.colour:
        found = draw_thing(r, *shapes)
    return found


def draw_still_life(r: random.Random) -> StillLife:
    """Things on a table."""
    return _turned(_arranged(r), r)


def draw_creatures(r: random.Random) -> StillLife:
    """One or two creatures, or one beside a thing, on the ground of a place."""
    return _turned(_met(r), r)


def flight(r: random.Random) -> StillLife:
    """A unicorn above a rainbow."""
    unicorn = draw_thing(r, "unicorn")
    high = Spot(r.uniform(-0.2, 0.2), r.uniform(0.78, 0.95), 0.0, 0.74, r.uniform(-0.3, 0.3))
    arch = Spot(r.uniform(-0.1, 0.1), -0.85, -0.7, 1.4, r.uniform(-0.12, 0.12))
    pair = (unicorn, Thing("rainbow", ""))
    return _turned(StillLife(pair, (high, arch), "above", "air", r.uniform(-0.02, 0.06), 2.15), r)


def _turned(still: StillLife, r: random.Random) -> StillLife:
    """Every other time the unicorns look to the left."""
    away = math.pi if r.random() < 0.5 else 0.0
    spots = [
        replace(spot, angle=spot.angle + away) if thing.shape == "unicorn" else spot
        for thing, spot in zip(still.things, still.spots, strict=True)
    ]
    return replace(still, spots=tuple(spots))


def _arranged(r: random.Random) -> StillLife:
    relation = r.choices(("row", "side", "stack", "depth", "groups"), (46, 22, 14, 10, 8))[0]
    if relation == "row":
        figure = r.random() < 0.2
        thing = draw_thing(r, *CREATURES) if figure else draw_thing(r)
        return row(thing, r.randint(1, 3) if figure else r.randint(1, MOST), r)
    if relation == "groups":
        first = draw_thing(r, "apple", "ball", "cube", "cup", "cone", "star")
        second = other_than(first, r, "apple", "ball", "cube", "cup", "cone", "star")
        return groups(first, r.randint(1, 4), second, r.randint(1, 4), r)
    shapes = (*THINGS, "cat", "unicorn")
    if relation == "stack":
        below = draw_thing(r, *FIRM)
        above = other_than(below, r, *(shape for shape in shapes if shape not in ("vase", "bottle")))
        return stack(above, below, r)
    if relation == "depth":
        front = draw_thing(r, *(shape for shape in THINGS if TALL[shape] <= 2))
        return depth(front, other_than(front, r, "bottle", "vase", "cone", "cat", "unicorn", "star", "cube"), r)
    first = draw_thing(r, *shapes)
    return side(first, other_than(first, r, *shapes), r)


def row(thing: Thing, count: int, r: random.Random) -> StillLife:
    """`count` of the same thing, in staggered rows, never one hidden behind another."""
    rows = r.choice(ROWS[count])
    pitch = r.uniform(0.2, 0.34) if len(rows) == 1 else r.uniform(0.5, 0.66)
    gap = min(1.5, 3.0 / max(rows))
    radius = min(0.62, gap * 0.44, 1.5 / TALL[thing.shape])
    if thing.shape in BROAD:
        radius = min(radius, gap * 0.37)
    deep = max(gap * 0.95, radius * TALL[thing.shape] / math.tan(pitch) * 0.62) if len(rows) > 1 else 0.0
    spots = []
    for line, here in enumerate(rows):
        lean = 0.25 * gap * (-1) ** line if len(set(rows)) == 1 and len(rows) > 1 else 0.0
        for number in range(here):
            x = (number - (here - 1) / 2) * gap + lean + r.uniform(-0.07, 0.07) * gap
            z = ((len(rows) - 1) / 2 - line) * deep + r.uniform(-0.06, 0.06)
            spots.append(_spot(x, 0, z, radius, r))
    wide = 0.5 * gap * (max(rows) - 1) + 1.28 * radius + 0.08 + (0.25 * gap if len(set(rows)) == 1 < len(rows) else 0)
    high = 0.5 * (deep * (len(rows) - 1) * math.sin(pitch) + radius * TALL[thing.shape] * math.cos(pitch)) + 0.35
    half = max(1.15, wide, high)
    return StillLife((thing,) * count, tuple(spots), "row", "table", pitch, half)


def side(first: Thing, second: Thing, r: random.Random) -> StillLife:
    """The first to the left of the second."""
    spots = [
        _spot(sign * r.uniform(0.72, 0.88), 0, r.uniform(-0.25, 0.25), _size(thing, r), r)
        for sign, thing in ((-1, first), (1, second))
    ]
    return StillLife((first, second), tuple(spots), "side", "table", r.uniform(0.16, 0.36), 1.75)


def stack(above: Thing, below: Thing, r: random.Random) -> StillLife:
    """The first on top of the second."""
    base = _spot(r.uniform(-0.3, 0.3), 0, 0, 0.62, r)
    top = replace(base, y=base.radius * TALL[below.shape] - 0.01, angle=r.uniform(-0.5, 0.5))
    top = replace(top, radius=min(0.5, 1.1 / TALL[above.shape]))
    return StillLife((above, below), (top, base), "stack", "table", r.uniform(0.14, 0.28), 1.75)


def depth(front: Thing, behind: Thing, r: random.Random) -> StillLife:
    """The first in front of the second, a little aside so that both are seen."""
    sign = r.choice((-1, 1))
    near = _spot(sign * 0.32, 0, 0.75, min(0.4, 0.8 / TALL[front.shape]), r)
    far = _spot(-sign * 0.22, 0, -0.6, min(0.74, 1.7 / TALL[behind.shape]), r)
    return StillLife((front, behind), (near, far), "depth", "table", r.uniform(0.26, 0.38), 1.7)


def groups(first: Thing, count: int, second: Thing, others: int, r: random.Random) -> StillLife:
    """Some things on the left, some others on the right."""
    spots = []
    for sign, number in ((-1, count), (1, others)):
        places = ((0.0, 0.55), (0.66, 0.1), (0.06, -0.65), (0.76, -1.0))[:number]
        spots += [_spot(sign * (0.45 + out) + r.uniform(-0.04, 0.04), 0, z + 0.15, 0.29, r) for out, z in places]
    things = (first,) * count + (second,) * others
    return StillLife(things, tuple(spots), "groups", "table", r.uniform(0.5, 0.62), 1.75, split=count)


def _met(r: random.Random) -> StillLife:
    kind = r.random()
    if kind < 0.62:
        creature = draw_thing(r, *CREATURES[:2])
        spot = _spot(r.uniform(-0.25, 0.25), 0, 0, 1.0 if creature.shape == "unicorn" else 1.06, r)
        return StillLife((creature,), (spot,), "row", "place", r.uniform(0.05, 0.12), 1.95)
    first = draw_thing(r, *CREATURES[:2])
    others = CREATURES[:2] if kind < 0.85 else ("ball", "cube", "apple", "star")
    second = other_than(first, r, *others)
    sizes = [0.86 if thing.shape == "cat" else 0.78 if thing.shape == "unicorn" else 0.42 for thing in (first, second)]
    pair = (first, second) if r.random() < 0.5 else (second, first)
    sizes = sizes if pair[0] is first else sizes[::-1]
    spots = tuple(_spot(sign * 1.05, 0, 0, size, r) for sign, size in zip((-1, 1), sizes, strict=True))
    return StillLife(pair, spots, "side", "place", r.uniform(0.07, 0.14), 2.2)


def _spot(x: float, y: float, z: float, radius: float, r: random.Random) -> Spot:
    return Spot(x, y, z, radius * r.uniform(0.94, 1.04), r.uniform(-0.5, 0.5))


def _size(thing: Thing, r: random.Random) -> float:
    return min(0.62, 1.6 / TALL[thing.shape], 0.5 if thing.shape == "rainbow" else 1.0) * r.uniform(0.92, 1.0)


