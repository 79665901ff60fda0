"""Signed distances of simple shapes, on torch tensors or on traced symbols: the clay everything is made of."""

import math
from collections.abc import Sequence
from typing import Any

import torch

Field = Any
"""A torch tensor of coordinates or distances, or a traced symbol with the same operators (see `trace`)."""
Point = tuple[float, float, float]
Tilted = tuple[Point, Point, float]
"""Centre, radii and roll of an ellipsoid."""


def ellipsoid(x: Field, y: Field, z: Field, centre: Point, radii: Point) -> Field:
    """Bounded approximation of the distance to an ellipsoid (Quilez, "ellipsoid SDF")."""
    x, y, z = x - centre[0], y - centre[1], z - centre[2]
    a, b, c = x * (1 / radii[0]), y * (1 / radii[1]), z * (1 / radii[2])
    length = torch.sqrt(a * a + b * b + c * c + 1e-9)
    a, b, c = a * (1 / radii[0]), b * (1 / radii[1]), c * (1 / radii[2])
    return length * (length - 1) / torch.sqrt(a * a + b * b + c * c + 1e-9)


def rolled_ellipsoid(x: Field, y: Field, z: Field, shape: Tilted) -> Field:
    """An ellipsoid rolled about the axis of sight."""
    centre, radii, roll = shape
    if abs(roll) < 1e-4:
        return ellipsoid(x, y, z, centre, radii)
    cos, sin = math.cos(roll), math.sin(roll)
    right, up = x - centre[0], y - centre[1]
    return ellipsoid(cos * right + sin * up, -sin * right + cos * up, z, (0, 0, centre[2]), radii)


def sphere(x: Field, y: Field, z: Field, centre: Point, radius: float) -> Field:
    """Distance to a sphere."""
    x, y, z = x - centre[0], y - centre[1], z - centre[2]
    return torch.sqrt(x * x + y * y + z * z + 1e-12) - radius


def capsule(x: Field, y: Field, z: Field, a: Point, b: Point, radius: float, end: float | None = None) -> Field:
    """Distance to a capsule from `a` to `b`, its radius going from `radius` to `end`."""
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    x, y, z = x - a[0], y - a[1], z - a[2]
    along = ((x * bx + y * by + z * bz) * (1 / (bx * bx + by * by + bz * bz + 1e-9))).clamp(0, 1)
    x, y, z = x - bx * along, y - by * along, z - bz * along
    distance = torch.sqrt(x * x + y * y + z * z + 1e-12)
    return distance - radius if end is None else distance - (radius + (end - radius) * along)


def torus(
    x: Field, y: Field, z: Field, centre: Point, ring: float, tube: float, tall: float = 1.0, deep: float = 1.0
) -> Field:
    """Distance to a lying ring, stretched upwards by `tall` and to the back by `deep`."""
    x, y, z = x - centre[0], (y - centre[1]) * (1 / tall), (z - centre[2]) * (1 / deep)
    q = torch.sqrt(x * x + z * z + 1e-9) - ring
    return torch.sqrt(q * q + y * y + 1e-9) - tube


def rounded_box(x: Field, y: Field, z: Field, centre: Point, half: Point, radius: float) -> Field:
    """Distance to a box with rounded edges."""
    x = (x - centre[0]).abs() - (half[0] - radius)
    y = (y - centre[1]).abs() - (half[1] - radius)
    z = (z - centre[2]).abs() - (half[2] - radius)
    inner = torch.maximum(torch.maximum(x, y), z).clamp(max=0)
    x, y, z = x.clamp(min=0), y.clamp(min=0), z.clamp(min=0)
    return torch.sqrt(x * x + y * y + z * z + 1e-12) + inner - radius


def cylinder(x: Field, y: Field, z: Field, centre: Point, radius: float, half: float, edge: float) -> Field:
    """Distance to an upright cylinder with rounded edges."""
    x, y, z = x - centre[0], (y - centre[1]).abs() - (half - edge), z - centre[2]
    q = torch.sqrt(x * x + z * z + 1e-9) - (radius - edge)
    outer = torch.sqrt(q.clamp(min=0) ** 2 + y.clamp(min=0) ** 2 + 1e-12)
    return torch.maximum(q, y).clamp(max=0) + outer - edge


def join(a: Field, b: Field, soft: float) -> Field:
    """Union with a fillet of size `soft` (polynomial smooth minimum)."""
    overlap = (soft - (a - b).abs()).clamp(min=0)
    return torch.minimum(a, b) - overlap * overlap * (0.25 / soft)


def cut(a: Field, b: Field, soft: float) -> Field:
    """Intersection with a rounded edge: `cut(a, -b)` takes b away from a."""
    return -join(-a, -b, soft)


def smoothstep(low: float | Field, high: float | Field, x: Field) -> Field:
    """0 below `low`, 1 above `high`, a smooth ramp between; `low > high` falls instead."""
    t = ((x - low) * (1 / (high - low))).clamp(0, 1)
    return t * t * (3 - 2 * t)


def rotation(yaw: float, pitch: float, roll: float) -> Sequence[Sequence[float]]:
    """Rotation matrix yaw * pitch * roll as rows."""
    cy, sy = math.cos(yaw), math.sin(yaw)
    cp, sp = math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), math.sin(roll)
    turned = ((cy, 0.0, sy), (0.0, 1.0, 0.0), (-sy, 0.0, cy))
    nodded = ((1.0, 0.0, 0.0), (0.0, cp, -sp), (0.0, sp, cp))
    tilted = ((cr, -sr, 0.0), (sr, cr, 0.0), (0.0, 0.0, 1.0))
    return _product(_product(turned, nodded), tilted)


def _product(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]
