"""How a judge in training sees its pictures: in changed light, softened, and moved."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.engines.judge import Pixels


def some_softened(pixels: Pixels, softened: Pixels, rows: NDArray[np.int64], rng: np.random.Generator) -> Pixels:
    """The rows' pictures, every second of those that there are softened too as such (see `judge_training.Truth`)."""
    pictures = pixels[rows].copy()
    for place, row in enumerate(rows):
        if row < len(softened) and rng.random() < 0.5:
            pictures[place] = softened[row]
    return pictures


def roughly(focus: Tensor, rng: np.random.Generator) -> Tensor:
    """Focus as a judge's finder gives it; the middle of the picture where there is none.

    On 1,357 unseen portraits the shipped ones are off by 7 % of the head's radius each way, and by 5 % in its size.
    """
    known = torch.where(torch.isnan(focus), torch.tensor([0.0, -0.1, 0.4]), focus)
    luck = torch.from_numpy(rng.normal(0, 1, focus.shape)).float()
    radius = known[:, 2:]
    return torch.cat([known[:, :2] + 0.07 * radius * luck[:, :2], radius * (1 + 0.05 * luck[:, 2:])], dim=1)


def seen(pictures: Pixels, focus: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures in changed light and moved, and where the heads are then."""
    return moved_about(exposed(pictures), focus)


def exposed(pictures: Pixels, strength: float = 1.0) -> Tensor:
    """Pictures (N, 3, S, S) with changed exposure and tint, now and then blurred as generated ones are.

    `strength` of the change of light: a quarter, where colours are what is taught.
    """
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    count = len(x)
    gain = 1 + 0.12 * strength * torch.randn(count, 1, 1, 1).clamp(-2, 2)
    x = x * gain + 0.06 * strength * torch.randn(count, 3, 1, 1) + 0.02 * torch.randn_like(x)
    blurred = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear", align_corners=False)
    share = (torch.rand(count, 1, 1, 1) < 0.45).float() * torch.rand(count, 1, 1, 1)
    return x + share * (blurred - x)


def moved_about(x: Tensor, focus: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, S, S) each turned by up to 14 degrees, scaled by up to a fifth and shifted, and the heads in them.

    Against learning few pictures by heart; how far that helps stands in the log.
    """
    count = len(x)
    angle = 0.12 * torch.randn(count).clamp(-2, 2)
    scale = torch.exp(0.09 * torch.randn(count).clamp(-2, 2))
    shift = 0.05 * torch.randn(count, 2).clamp(-2, 2)
    turn = torch.stack([torch.stack([angle.cos(), -angle.sin()], 1), torch.stack([angle.sin(), angle.cos()], 1)], 1)
    turn = turn * scale.view(-1, 1, 1)
    grid = F.affine_grid(torch.cat([turn, shift.unsqueeze(2)], 2), list(x.shape), align_corners=False)
    moved = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    middle = torch.linalg.solve(turn, (focus[:, :2] - shift).unsqueeze(2)).squeeze(2)
    found = torch.cat([middle, focus[:, 2:] / scale.view(-1, 1)], 1)
    return moved.contiguous(memory_format=torch.channels_last), found
