"""The things on a table, the table, and the water of a pool or sea, as signed distances."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.domain.vocabulary import CREATURES
from studio.world import figures
from studio.world.figures import Detail, Pieces
from studio.world.head import Part
from studio.world.materials import Material
from studio.world.scene import Scene
from studio.world.shapes import Field, capsule, cut, cylinder, join, rounded_box, sphere, torus
from studio.world.still_life import StillLife

TABLE_BEFORE_A_PERSON = -2.05
COUNTER = -2.18
"""A lower one, in kitchen and office, so that aprons and blazers are seen."""
TABLE_ALONE = -0.9
WATER = -2.02
TABLES = ("café", "table", "kitchen", "office")
"""Places where people sit or stand behind a table."""
LOW = ("kitchen", "office")
FAR_EDGE = -1.7
"""Where a table ends that has a place behind it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing standing at (x, y, z) of size `radius`, turned by `angle`."""

    shape: str
    x: float
    y: float
    z: float
    radius: float
    angle: float
    variant: bool = False
    """A cat with glasses, a unicorn in flight."""

    def local(self, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scene coordinates to the thing's own, in which its radius is 1 and its foot the origin."""
        x, y, z = x - self.x, y - self.y, z - self.z
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return (cos * x + sin * z) / self.radius, y / self.radius, (-sin * x + cos * z) / self.radius


class Things:
    """Geometry of everything that is not a person."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.alone = not scene.person
        self.table: float | None = None
        if scene.still is not None:
            self.table = None if scene.still.ground == "air" else TABLE_ALONE
        elif scene.things or scene.place in TABLES:
            self.table = TABLE_ALONE if self.alone else COUNTER if scene.place in LOW else TABLE_BEFORE_A_PERSON
        self.water: float | None = WATER if scene.place == "swimming" else None
        self.placed = tuple(self._placed())

    def _placed(self) -> list[Placed]:
        if self.scene.still is not None:
            return arranged(self.scene.still)
        scene, count = self.scene, len(self.scene.things)
        if self.alone:
            gap, size = (1.7, 0.62) if count < 3 else (0.86, 0.4)
            found = []
            for number, thing in enumerate(scene.things):
                r = random.Random(scene.seed + number)
                x = (number - (count - 1) / 2) * gap + r.uniform(-0.08, 0.08)
                z = r.uniform(-0.25, 0.25)
                found.append(
                    Placed(thing.shape, x, TABLE_ALONE, z, size * r.uniform(0.9, 1.05), r.uniform(-0.6, 0.6))
                )
            return found
        if not count:
            return []
        rows = {
            1: (0.85 * random.Random(scene.seed).choice((-1, 1)),),
            2: (-0.85, 0.85),
            3: (-1.15, 0.0, 1.15),
            4: (-1.3, -0.45, 0.45, 1.3),
        }
        found = []
        for number, thing in enumerate(scene.things):
            r = random.Random(scene.seed + number)
            x = rows[count][number] + r.uniform(-0.06, 0.06)
            z = 1.18 + r.uniform(-0.08, 0.08)
            size = 0.5 if thing.shape in CREATURES else 0.27
            table = self.table or 0.0
            found.append(Placed(thing.shape, x, table, z, size, r.uniform(-0.6, 0.6), thing.glasses))
        return found

    def parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of the things and the table at scene points."""
        found: list[Part] = [
            (Material.THING + 10 * number + detail, distance)
            for number, thing in enumerate(self.placed)
            for detail, distance in _thing(thing, x - thing.x, y - thing.y, z - thing.z)
        ]
        if self.table is not None:
            top = y - self.table
            edge = 0.62 if self.scene.person else FAR_EDGE if self.stands_in_a_place else None
            found.append((Material.TABLE, top if edge is None else cut(top, edge - z, 0.04)))
        if self.scene.person and self.scene.place == "concert":
            found.append((Material.MICROPHONE, microphone(x, y, z)))
        return found

    @property
    def stands_in_a_place(self) -> bool:
        """Whether the table ends before a place that is seen behind it."""
        still = self.scene.still
        return still is not None and still.ground == "table" and self.scene.place != "table"

    def surface(self, x: Field, y: Field, z: Field) -> Field:
        """Distance to the rippled water; only where `water` is set."""
        level = self.water if self.water is not None else 0.0
        swell = y - level - 0.02 * torch.sin(x * 4 + z * 2 + 1) - 0.02 * torch.sin(z * 6 - x * 1.5)
        return (swell - 0.008 * torch.sin(x * 13 + z * 9)) * 0.9


def arranged(still: StillLife) -> list[Placed]:
    """The things of a still life where they stand; those in the air have their height from the middle."""
    floor = 0.0 if still.ground == "air" else TABLE_ALONE
    return [
        Placed(
            thing.shape, spot.x, spot.y + floor, spot.z, spot.radius, spot.angle,
            thing.glasses or (thing.shape == "unicorn" and still.ground == "air"),
        )
        for thing, spot in zip(still.things, still.spots, strict=True)
    ]  # fmt: skip


def microphone(x: Field, y: Field, z: Field) -> Field:
    """A microphone on its stand, a little to the left of the singer."""
    stand = capsule(x, y, z, (-0.62, -4.0, 1.2), (-0.62, -1.52, 1.2), 0.035)
    handle = capsule(x, y, z, (-0.66, -1.56, 1.16), (-0.45, -1.24, 1.36), 0.07, 0.085)
    return torch.minimum(stand, join(handle, sphere(x, y, z, (-0.42, -1.19, 1.39), 0.145), 0.03))


def _thing(thing: Placed, x: Field, y: Field, z: Field) -> Pieces:
    """The parts of one thing at points relative to its foot."""
    r = thing.radius
    if thing.shape == "ball":
        return [(Detail.BODY, sphere(x, y, z, (0, r, 0), r))]
    cos, sin = math.cos(thing.angle), math.sin(thing.angle)
    turned_x, turned_z = cos * x + sin * z, -sin * x + cos * z
    if thing.shape == "cube":
        box = rounded_box(turned_x, y, turned_z, (0, r * 0.85, 0), (r * 0.85, r * 0.85, r * 0.85), r * 0.12)
        return [(Detail.BODY, box)]
    if thing.shape == "cone":
        radius = torch.sqrt(x * x + z * z + 1e-9)
        return [(Detail.BODY, cut((radius * 0.87 + (y - r * 1.9) * 0.42) * 0.95, -y, 0.08))]
    if thing.shape == "cup":
        cup = cylinder(x, y, z, (0, r * 0.85, 0), r * 0.72, r * 0.85, 0.05)
        cup = cut(cup, -cylinder(x, y, z, (0, r * 1.05, 0), r * 0.6, r * 0.85, 0.03), 0.03)
        handle = torus(turned_x, turned_z, y, (r * 0.78, 0, r * 0.85), r * 0.42, r * 0.11)
        return [(Detail.BODY, join(cup, torch.maximum(handle, r * 0.66 - turned_x), 0.04))]
    u, v, w = turned_x * (1 / r), y * (1 / r), turned_z * (1 / r)
    if thing.shape == "cat":
        pieces = figures.cat(u, v, w, thing.variant)
    elif thing.shape == "unicorn":
        pieces = figures.unicorn(u, v, w, thing.variant)
    else:
        pieces = FIGURES[thing.shape](u, v, w)
    return [(detail, distance * (r * 0.9)) for detail, distance in pieces]


FIGURES: Mapping[str, Callable[[Field, Field, Field], Pieces]] = {
    "apple": figures.apple,
    "bottle": figures.bottle,
    "book": figures.book,
    "star": figures.star,
    "ring": figures.ring,
    "vase": figures.vase,
    "rainbow": figures.rainbow,
}
