"""Hats that came after the first world: cap, cowboy hat and beret, in the head's coordinates."""

import torch

from studio.world.materials import Material
from studio.world.shapes import Field, capsule, cut, ellipsoid, join, rolled_ellipsoid, torus

Part = tuple[int, Field]


def modern_hat(hat: str, width: float, x: Field, y: Field, z: Field) -> list[Part]:
    """The hat on a head of half width `width`; nothing for other hats."""
    if hat == "cap":
        return [(Material.HAT, _cap(width, x, y, z))]
    if hat == "cowboy":
        return [(Material.HAT, _cowboy(width, x, y, z))]
    if hat == "beret":
        return [(Material.HAT, _beret(width, x, y, z))]
    return []


def _cap(width: float, x: Field, y: Field, z: Field) -> Field:
    crown = ellipsoid(x, y, z, (0, 0.30, -0.10), (width + 0.13, 0.92, 1.12))
    crown = cut(crown, -(y - 0.44 + 0.08 * z), 0.05)
    sunk = y + 0.10 * (z - 0.9) + 0.14 * (x * x)
    visor = ellipsoid(x, sunk, z, (0, 0.45, 1.16), (0.72, 0.065, 0.58))
    button = ellipsoid(x, y, z, (0, 1.22, -0.10), (0.1, 0.06, 0.1))
    return join(join(crown, visor, 0.05), button, 0.03)


def _cowboy(width: float, x: Field, y: Field, z: Field) -> Field:
    crown = ellipsoid(x, y, z, (0, 0.62, -0.12), (width + 0.12, 0.98, 1.06))
    crown = cut(crown, -(y - 0.56), 0.05)
    crown = cut(crown, -ellipsoid(x, y, z, (0, 1.72, 0.1), (0.20, 0.34, 1.1)), 0.12)
    curled = y - 0.15 * (x * x) + 0.05 * z - 0.02 * (z * z)
    radius = torch.sqrt(x * x + (z + 0.1) ** 2 * 1.1 + 1e-9) - 1.72
    return join(crown, cut(radius, (curled - 0.58).abs() - 0.035, 0.03), 0.08)


def _beret(width: float, x: Field, y: Field, z: Field) -> Field:
    cloth = rolled_ellipsoid(x, y, z, ((0.14, 0.86, -0.16), (width + 0.36, 0.36, 1.22), -0.2))
    band = torus(x, y + 0.1 * z, z, (0, 0.56, -0.12), width + 0.02, 0.10, 1.1, 1.06)
    stem = capsule(x, y, z, (0.2, 1.15, -0.16), (0.24, 1.32, -0.16), 0.05, 0.035)
    return join(join(cloth, band, 0.12), stem, 0.04)
