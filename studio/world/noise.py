"""Smooth random patterns and colour arithmetic for painting."""

import functools

import torch
from torch import Tensor

from studio.world.identity import Rgb


def colour(rgb: Rgb) -> Tensor:
    """An sRGB colour (0..255) as linear light (3,). Not to be changed in place, like what `vector` gives."""
    return vector(*((value / 255) ** 2.2 for value in rgb))


def vector(*values: float) -> Tensor:
    """A float32 tensor of the values, shared by all who ask for the same: a card waits for each that is made anew."""
    return _shared(values, torch.get_default_device())


@functools.lru_cache(4096)
def _shared(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)


def blend(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """From colours `a` to `b` (..., 3) by `share` (...)."""
    return a + (b - a) * share.unsqueeze(-1)


def mixed(a: Tensor, b: Tensor, share: float) -> Tensor:
    """From `a` to `b` by one number."""
    return a + (b - a) * share


def scattered(a: Tensor, b: Tensor) -> Tensor:
    """A hash of two coordinates, about uniform in 0..1."""
    return torch.frac(torch.sin(a * 127.1 + b * 311.7) * 43758.5453).abs()


def value_noise(x: Tensor, y: Tensor) -> Tensor:
    """Value noise in 0..1 with a lattice of step 1."""
    xi, yi = torch.floor(x), torch.floor(y)
    fx, fy = x - xi, y - yi
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    a, b = scattered(xi, yi), scattered(xi + 1, yi)
    c, d = scattered(xi, yi + 1), scattered(xi + 1, yi + 1)
    low, high = a + (b - a) * fx, c + (d - c) * fx
    return low + (high - low) * fy


def fractal_noise(x: Tensor, y: Tensor, octaves: int = 4) -> Tensor:
    """Sum of value noises, each twice as fine and half as strong."""
    total, strength = torch.zeros_like(x), 0.5
    for _ in range(octaves):
        total = total + strength * value_noise(x, y)
        x, y, strength = x * 2.03 + 17.1, y * 2.03 + 3.7, strength * 0.5
    return total
