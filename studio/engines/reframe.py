"""Pictures seen through a slightly smaller window, so that a model learns fewer of them by heart."""

import torch
import torch.nn.functional as F
from torch import Tensor

CLOSER, CLOSER_UNMARKED = 1.14, 1.05
"""How much larger things may come out, in pictures whose focus is known and in others."""
TRIES = 6
BESIDE, ABOVE = 1.1, 1.5
"""What of a focus stays in sight, in radii: to the sides and below, and above it, where hair and hats are."""


def windows(places: Tensor, chance: torch.Generator) -> Tensor:
    """A window for each picture, (n, 3): x and y of its middle and half its side, in -1..1 (right, down).

    `places` (n, 3): x, y and radius of each picture's focus, radius 0 where it has none. A window keeps all of a focus in
    sight that the picture shows; where none of a few tries does, it is the whole picture.
    """
    x, y, radius = places.unbind(1)
    most = torch.where(radius > 0, CLOSER, CLOSER_UNMARKED) - 1
    found = torch.tensor([0.0, 0.0, 1.0]).repeat(len(places), 1)
    for _ in range(TRIES):
        luck = torch.rand(3, len(places), generator=chance)
        half = 1 / (1 + luck[0] * most)
        right, down = ((2 * value - 1) * (1 - half) for value in luck[1:])
        keeps = (
            (right - half <= (x - BESIDE * radius).clamp(min=-1)) & (right + half >= (x + BESIDE * radius).clamp(max=1))
            & (down - half <= (y - ABOVE * radius).clamp(min=-1)) & (down + half >= (y + BESIDE * radius).clamp(max=1))
        )  # fmt: skip
        take = (keeps | (radius == 0)) & (found[:, 2] == 1)
        found[take] = torch.stack([right, down, half], 1)[take]
    return found


def through(pictures: Tensor, seen: Tensor) -> Tensor:
    """What the windows `seen` (n, 3) show of `pictures` (n, c, S, S) in -1..1, in their size."""
    right, down, half = seen.to(pictures).unbind(1)
    none = torch.zeros_like(half)
    grid = torch.stack([torch.stack([half, none, right], 1), torch.stack([none, half, down], 1)], 1)
    places = F.affine_grid(grid, list(pictures.shape), align_corners=False)
    found = F.grid_sample(pictures, places, mode="bicubic", padding_mode="reflection", align_corners=False)
    return found.clamp(-1, 1)


def moved(places: Tensor, seen: Tensor) -> Tensor:
    """Where the focuses (n, 3) lie in the windows `seen` (n, 3)."""
    half = seen[:, 2:]
    return torch.cat([(places[:, :2] - seen[:, :2]) / half, places[:, 2:] / half], 1)
