"""The things on a table, the table, and the water of a pool or sea, as signed distances."""

import math
import random
from dataclasses import dataclass

import torch

from studio.world.head import Part
from studio.world.materials import Material
from studio.world.scene import Scene
from studio.world.shapes import Field, cut, cylinder, join, rounded_box, sphere, torus

TABLE_BEFORE_A_PERSON = -1.86
TABLE_ALONE = -0.9
WATER = -1.80


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing standing at (x, y, z) of size `radius`, turned by `angle`."""

    shape: str
    x: float
    y: float
    z: float
    radius: float
    angle: float


class Things:
    """Geometry of everything that is not a person."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.alone = scene.place == "table" and not scene.person
        has_table = bool(scene.things) or scene.place in ("café", "table")
        self.table: float | None = None
        if has_table:
            self.table = TABLE_ALONE if self.alone else TABLE_BEFORE_A_PERSON
        self.water: float | None = WATER if scene.place == "swimming" else None
        self.placed = tuple(self._placed())

    def _placed(self) -> list[Placed]:
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
            z = 1.25 + r.uniform(-0.08, 0.08)
            found.append(Placed(thing.shape, x, TABLE_BEFORE_A_PERSON, z, 0.27, r.uniform(-0.6, 0.6)))
        return found

    def parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of the things and the table at scene points."""
        found: list[Part] = [
            (Material.THING + number, _thing(thing, x - thing.x, y - thing.y, z - thing.z))
            for number, thing in enumerate(self.placed)
        ]
        if self.table is not None:
            top = y - self.table
            found.append((Material.TABLE, cut(top, 0.62 - z, 0.04) if self.scene.person else top))
        return found

    def surface(self, x: Field, y: Field, z: Field) -> Field:
        """Distance to the rippled water; only where `water` is set."""
        level = self.water if self.water is not None else 0.0
        swell = y - level - 0.02 * torch.sin(x * 4 + z * 2 + 1) - 0.02 * torch.sin(z * 6 - x * 1.5)
        return (swell - 0.008 * torch.sin(x * 13 + z * 9)) * 0.9


def _thing(thing: Placed, x: Field, y: Field, z: Field) -> Field:
    r = thing.radius
    if thing.shape == "ball":
        return sphere(x, y, z, (0, r, 0), r)
    cos, sin = math.cos(thing.angle), math.sin(thing.angle)
    turned_x, turned_z = cos * x + sin * z, -sin * x + cos * z
    if thing.shape == "cube":
        return rounded_box(turned_x, y, turned_z, (0, r * 0.85, 0), (r * 0.85, r * 0.85, r * 0.85), r * 0.12)
    if thing.shape == "cone":
        radius = torch.sqrt(x * x + z * z + 1e-9)
        return cut((radius * 0.87 + (y - r * 1.9) * 0.42) * 0.95, -y, 0.08)
    cup = cylinder(x, y, z, (0, r * 0.85, 0), r * 0.72, r * 0.85, 0.05)
    cup = cut(cup, -cylinder(x, y, z, (0, r * 1.05, 0), r * 0.6, r * 0.85, 0.03), 0.03)
    handle = torus(turned_x, turned_z, y, (r * 0.78, 0, r * 0.85), r * 0.42, r * 0.11)
    return join(cup, torch.maximum(handle, r * 0.66 - turned_x), 0.04)
