"""Shapes of things and creatures as signed distances, of radius 1 with their foot at the origin, looking along +z."""

import math
from enum import IntEnum

import torch

from studio.world.shapes import Field, capsule, cut, cylinder, ellipsoid, join, rounded_box, sphere, torus

Pieces = list[tuple["Detail", Field]]


class Detail(IntEnum):
    """The parts of a thing that are painted differently."""

    BODY = 0
    EYES = 1
    FRAME = 2
    HORN = 3
    MANE = 4
    STEM = 5
    LEAF = 6


def apple(x: Field, y: Field, z: Field) -> Pieces:
    """A round apple with a dimple, a stem and a leaf."""
    flesh = torus(x, y - 0.04 * (x * x), z, (0, 0.78, 0), 0.34, 0.58, 1.22)
    stem = capsule(x, y, z, (0, 1.25, 0), (0.07, 1.82, 0.02), 0.055, 0.045)
    lean = 0.5 * (x - 0.1)
    return [
        (Detail.BODY, flesh),
        (Detail.STEM, stem),
        (Detail.LEAF, ellipsoid(x, y - lean, z, (0.34, 1.56, 0.02), (0.28, 0.06, 0.15))),
    ]


def bottle(x: Field, y: Field, z: Field) -> Pieces:
    """A slender bottle with a neck and a lip."""
    d = join(cylinder(x, y, z, (0, 0.78, 0), 0.5, 0.78, 0.12), cylinder(x, y, z, (0, 1.9, 0), 0.17, 0.5, 0.05), 0.4)
    return [(Detail.BODY, join(d, torus(x, y, z, (0, 2.34, 0), 0.16, 0.07), 0.05))]


def book(x: Field, y: Field, z: Field) -> Pieces:
    """A book lying flat."""
    return [(Detail.BODY, rounded_box(x, y, z, (0, 0.22, 0), (0.98, 0.22, 0.72), 0.05))]


def star(x: Field, y: Field, z: Field) -> Pieces:
    """A five-pointed star standing on two of its points (after Quilez, "sdStar5")."""
    a, b = math.cos(math.pi / 5), math.sin(math.pi / 5)
    px, py = x.abs(), y - 0.86
    over = (a * px - b * py).clamp(min=0) * 2
    px, py = px - over * a, py + over * b
    over = (-a * px - b * py).clamp(min=0) * 2
    px, py = px + over * a, py + over * b
    px, py = px.abs(), py - 1.0
    ex, ey = 0.48 * b, 0.48 * a - 1.0
    along = ((px * ex + py * ey) * (1 / (ex * ex + ey * ey))).clamp(0, 1)
    qx, qy = px - ex * along, py - ey * along
    outside = (py * ex - px * ey > 0) * 2 - 1
    flat = torch.sqrt(qx * qx + qy * qy + 1e-9) * outside
    return [(Detail.BODY, cut(flat, z.abs() - 0.24 - flat * 0.12, 0.12) - 0.04)]


def ring(x: Field, y: Field, z: Field) -> Pieces:
    """A thick ring lying down."""
    return [(Detail.BODY, torus(x, y, z, (0, 0.28, 0), 0.66, 0.28))]


def vase(x: Field, y: Field, z: Field) -> Pieces:
    """A bellied vase, open at the top."""
    d = ellipsoid(x, y, z, (0, 0.72, 0), (0.66, 0.74, 0.66))
    d = join(d, cylinder(x, y, z, (0, 1.5, 0), 0.27, 0.45, 0.05), 0.3)
    d = join(d, torus(x, y, z, (0, 1.93, 0), 0.3, 0.08), 0.08)
    foot = cylinder(x, y, z, (0, 0.08, 0), 0.42, 0.08, 0.04)
    return [(Detail.BODY, cut(join(d, foot, 0.1), -cylinder(x, y, z, (0, 1.9, 0), 0.22, 0.9, 0.02), 0.03))]


def cat(x: Field, y: Field, z: Field, glasses: bool) -> Pieces:
    """A sitting cat, its tail round its paws."""
    side = x.abs()
    d = join(ellipsoid(x, y, z, (0, 0.72, -0.16), (0.52, 0.80, 0.52)), sphere(x, y, z, (0, 0.95, 0.14), 0.38), 0.25)
    d = join(d, ellipsoid(side, y, z, (0.44, 0.36, 0.0), (0.27, 0.38, 0.42)), 0.12)
    d = join(d, capsule(side, y, z, (0.19, 0.8, 0.36), (0.19, 0.14, 0.44), 0.16, 0.14), 0.1)
    d = join(d, ellipsoid(side, y, z, (0.2, 0.1, 0.52), (0.17, 0.11, 0.2)), 0.06)
    head = ellipsoid(x, y, z, (0, 1.72, 0.16), (0.58, 0.47, 0.46))
    head = join(head, sphere(side, y, z, (0.30, 1.58, 0.32), 0.22), 0.15)
    head = join(head, ellipsoid(side, y, z, (0.09, 1.55, 0.56), (0.13, 0.1, 0.12)), 0.06)
    ear = capsule(side, y, z, (0.33, 1.98, 0.08), (0.47, 2.40, 0.08), 0.21, 0.03)
    ear = cut(ear, -ellipsoid(side, y, z, (0.40, 2.14, 0.30), (0.13, 0.24, 0.16)), 0.04)
    d = join(join(d, head, 0.12), ear, 0.06)
    tail = capsule(x, y, z, (0.35, 0.14, -0.5), (0.86, 0.13, 0.05), 0.13)
    tail = join(tail, capsule(x, y, z, (0.86, 0.13, 0.05), (0.5, 0.12, 0.64), 0.13, 0.1), 0.1)
    found: Pieces = [
        (Detail.BODY, torch.minimum(d, tail)),
        (Detail.EYES, ellipsoid(side, y, z, (0.23, 1.76, 0.51), (0.125, 0.125, 0.1))),
    ]
    if glasses:
        across = torch.sqrt((side - 0.25) ** 2 + (y - 1.75) ** 2 + 1e-9) - 0.215
        rim = torch.sqrt(across * across + (z - 0.68) ** 2 + 1e-9) - 0.035
        bridge = capsule(side, y, z, (0, 1.80, 0.70), (0.05, 1.79, 0.69), 0.032)
        temple = capsule(side, y, z, (0.46, 1.78, 0.66), (0.60, 1.80, 0.1), 0.03)
        found.append((Detail.FRAME, torch.minimum(torch.minimum(rim, bridge), temple)))
    return found


def unicorn(x: Field, y: Field, z: Field, flying: bool) -> Pieces:
    """A unicorn from the side, standing or in flight, with a horn, a mane and a tail."""
    side = z.abs()
    fore, hind = ((0.98, 0.62), (-1.02, 0.5)) if flying else ((0.44, 0.1), (-0.44, 0.1))
    d = join(ellipsoid(x, y, z, (0, 1.08, 0), (0.72, 0.42, 0.38)), sphere(x, y, z, (0.42, 1.12, 0), 0.37), 0.15)
    d = join(d, capsule(x, y, side, (0.42, 0.9, 0.18), (fore[0], fore[1], 0.18), 0.16, 0.11), 0.1)
    d = join(d, capsule(x, y, side, (-0.44, 0.95, 0.18), (hind[0], hind[1], 0.18), 0.19, 0.11), 0.12)
    d = join(d, capsule(x, y, z, (0.48, 1.25, 0), (0.80, 1.92, 0), 0.29, 0.2), 0.15)
    head = capsule(x, y, z, (0.84, 2.0, 0), (1.24, 1.76, 0), 0.25, 0.165)
    d = join(d, head, 0.1)
    d = join(d, capsule(x, y, side, (0.76, 2.16, 0.14), (0.70, 2.42, 0.17), 0.08, 0.02), 0.04)
    horn = capsule(x, y, z, (0.94, 2.18, 0), (1.20, 2.82, 0), 0.095, 0.012) + 0.012 * torch.sin(y * 34 + x * 10)
    mane = capsule(x, y, z, (0.74, 2.24, 0), (0.36, 1.46, 0), 0.17, 0.2)
    mane = join(mane, sphere(x, y, z, (0.93, 2.2, 0.02), 0.13), 0.1)
    if flying:
        tail = capsule(x, y, z, (-0.68, 1.24, 0), (-1.25, 1.14, 0), 0.12, 0.2)
    else:
        tail = capsule(x, y, z, (-0.68, 1.24, 0), (-0.98, 0.52, 0), 0.12, 0.2)
    mane = torch.minimum(mane, tail) + 0.025 * torch.sin(x * 15 + y * 7 + 2 * torch.sin(y * 4)) * torch.sin(z * 9 + 1)
    return [
        (Detail.BODY, d),
        (Detail.EYES, sphere(x, y, side, (0.99, 1.99, 0.215), 0.062)),
        (Detail.HORN, horn),
        (Detail.MANE, mane),
    ]


def rainbow(x: Field, y: Field, z: Field) -> Pieces:
    """An arch between two small clouds."""
    side = x.abs()
    q = (torch.sqrt(x * x + y * y + 1e-9) - 0.82).abs() - 0.27
    d = cut(cut(q, z.abs() - 0.17, 0.08), -y, 0.05)
    cloud = join(sphere(side, y, z, (0.80, 0.13, 0.0), 0.26), sphere(side, y, z, (1.06, 0.06, 0.02), 0.19), 0.1)
    cloud = join(cloud, sphere(side, y, z, (0.56, 0.07, 0.05), 0.19), 0.1)
    return [(Detail.BODY, d), (Detail.MANE, cut(cloud, -y - 0.08, 0.05))]
