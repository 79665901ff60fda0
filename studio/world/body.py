"""The body of a person as signed distances: shoulders, arms, garments, scarf, ski poles."""

import math

import torch

from studio.world.head import BROAD, Part
from studio.world.identity import Identity
from studio.world.materials import Material
from studio.world.scene import Scene
from studio.world.shapes import Field, capsule, cut, ellipsoid, join, rounded_box, sphere, torus

LOWERED = 0.22
"""How far the body hangs below the head it was first drawn for: an adult's neck."""
NAPE = -1.2
"""Height, before it is lowered, from which the body grows."""


class Body:
    """Geometry of one dressed body; distances are asked for in scene coordinates."""

    def __init__(self, identity: Identity, scene: Scene) -> None:
        self.identity = identity
        self.scene = scene
        self.cos, self.sin = math.cos(scene.body_yaw), math.sin(scene.body_yaw)
        self.thicker_neck = identity.neck - 0.31

    def to_body(self, x: Field, y: Field, z: Field) -> tuple[Field, Field, Field]:
        """Scene coordinates to the body's own, which is turned, lowered and smaller by `BROAD`."""
        across, deep = self.cos * x - self.sin * z, self.sin * x + self.cos * z
        return across * (1 / BROAD), (y + LOWERED - NAPE) * (1 / BROAD) + NAPE, deep * (1 / BROAD)

    def parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of every part of the body at scene points."""
        x, y, z = self.to_body(x, y, z)
        side = x.abs()
        found: list[Part] = [(Material.CLOTH, self._garment(x, y, z, side))]
        found += self._collar(x, y, z, side)
        if self.scene.scarf:
            found.append((Material.SCARF, self._scarf(x, y, z)))
        if self.scene.poles:
            wide = self.identity.shoulders
            hand = (wide + 0.20, -2.30, 0.86)
            glove = capsule(side, y, z, (wide + 0.22, -2.34, 0.72), hand, 0.15, 0.17)
            glove = join(glove, capsule(side, y, z, (wide + 0.10, -2.22, 0.92), hand, 0.06), 0.05)
            pole = capsule(side, y, z, (wide + 0.16, -1.95, 0.98), (wide + 0.55, -3.6, 0.3), 0.035)
            found += [(Material.GLOVE, glove), (Material.POLE, pole)]
        return [(material, distance * BROAD) for material, distance in found]

    def _garment(self, x: Field, y: Field, z: Field, side: Field) -> Field:
        wide, neck = self.identity.shoulders, self.thicker_neck
        d = ellipsoid(x, y, z, (0, -2.45, -0.15), (wide * 0.92, 1.25, 0.62))
        d = join(d, sphere(side, y, z, (wide - 0.08, -1.80, -0.15), 0.27), 0.3)
        slope = capsule(side, y, z, (0.2, -1.36, -0.18), (wide - 0.14, -1.70, -0.16), 0.16 + 0.5 * neck, 0.22)
        d = join(join(d, slope, 0.2), self._arms(y, z, side), 0.12)
        if self.scene.garment == "puffer":
            return d - 0.02 - 0.035 * torch.sin(y * 13 + 0.6 * torch.cos(x * 3)).abs()
        return d - 0.04 if self.scene.garment in ("sweater", "hoodie") else d

    def _arms(self, y: Field, z: Field, side: Field) -> Field:
        wide = self.identity.shoulders
        if not self.scene.poles:
            return capsule(side, y, z, (wide, -1.85, -0.15), (wide + 0.16, -3.0, 0.0), 0.26, 0.22)
        elbow = (wide + 0.26, -2.55, 0.05)
        upper = capsule(side, y, z, (wide, -1.85, -0.12), elbow, 0.25, 0.20)
        return join(upper, capsule(side, y, z, elbow, (wide + 0.22, -2.36, 0.68), 0.20, 0.15), 0.08)

    def _collar(self, x: Field, y: Field, z: Field, side: Field) -> list[Part]:
        neck, garment = self.thicker_neck, self.scene.garment
        if garment == "hoodie":
            hood = torus(x, y - 0.25 * z, z, (0, -1.3, -0.2), 0.52 + neck, 0.16, 1.1, 0.85)
            cord = capsule(side, y, z, (0.17, -1.5, 0.38), (0.2, -2.05, 0.52), 0.03)
            return [(Material.COLLAR, join(hood, cord, 0.02))]
        if garment == "sweater":
            ribs = 0.01 * torch.sin(torch.atan2(x, z + 0.14) * 30)
            return [(Material.COLLAR, torus(x, y, z, (0, -1.33, -0.14), 0.42 + neck, 0.11, 1.5) + ribs)]
        if garment == "turtleneck":
            folds = 0.012 * torch.sin(y * 26) + 0.008 * torch.sin(torch.atan2(x, z + 0.14) * 34)
            return [(Material.COLLAR, torus(x, y, z, (0, -1.22, -0.14), 0.37 + neck, 0.10, 2.3) + folds)]
        if garment == "blazer":
            ring = torus(x, y - 0.36 * (0.2 - z), z, (0, -1.40, -0.1), 0.47 + neck, 0.05, 3.0)
            return [(Material.COLLAR, cut(cut(ring, -(side - 0.20 - 0.4 * (-1.2 - y)), 0.03), y + 1.18, 0.03))]
        if garment == "puffer":
            return [(Material.COLLAR, torus(x, y - 0.15 * z, z, (0, -1.22, -0.14), 0.48 + neck, 0.15, 1.7))]
        if garment == "shirt":
            ring = torus(x, y - 0.3 * (0.2 - z), z, (0, -1.36, -0.1), 0.42 + neck, 0.05, 3.2)
            open_front = cut(ring, -(side - 0.10 - 0.5 * (-1.2 - y)), 0.03)
            return [(Material.COLLAR, cut(open_front, y + 1.14, 0.03))]
        return []

    def _scarf(self, x: Field, y: Field, z: Field) -> Field:
        ring = torus(x, y - 0.1 * torch.sin(x * 2), z, (0, -1.16, -0.10), 0.46 + self.thicker_neck, 0.17, 1.05)
        ring = ring + 0.02 * torch.sin(torch.atan2(x, z) * 9 + y * 14)
        end = rounded_box(x - 0.05 * torch.sin(y * 3), y, z, (0.3, -1.85, 0.55), (0.17, 0.6, 0.08), 0.07)
        return join(ring, end, 0.08)
