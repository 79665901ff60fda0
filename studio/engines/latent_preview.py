"""A picture half-made, for nothing: latents to colours by a linear map fitted once to the base's own autoencoder."""

import numpy as np
import torch
from torch import Tensor

from studio.engines.chance import generator
from studio.engines.family import Family, Parts

SAMPLES = 12
CELLS = 8


@torch.no_grad()
def fit_colours(family: Family, parts: Parts) -> Tensor:
    """Least-squares map from a latent and 1 to the mean colour of its patch, (C + 1, 3).

    Fitted to smooth random colour fields, so it needs no pictures and suits any autoencoder.
    """
    side = CELLS * parts.multiple
    fields = torch.rand(SAMPLES, 3, CELLS, CELLS, generator=generator(0, "colours"))
    pixels = torch.nn.functional.interpolate(fields, size=(side, side), mode="bicubic").clamp(0, 1)
    latents = family.encode_pictures(parts, pixels * 2 - 1).cpu()
    colours = torch.nn.functional.interpolate(pixels, size=latents.shape[2:], mode="area")
    known = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    known = torch.cat([known, torch.ones(len(known), 1)], 1)
    solution: Tensor = torch.linalg.lstsq(known, colours.permute(0, 2, 3, 1).reshape(-1, 3)).solution
    return solution


def rough_picture(latents: Tensor, colours: Tensor) -> np.ndarray:
    """Latents (N, C, h, w) to (N, h, w, 3) uint8, one pixel per latent."""
    rows = latents.float().cpu().permute(0, 2, 3, 1)
    pixels = rows @ colours[:-1] + colours[-1]
    return (torch.nan_to_num(pixels).clamp(0, 1) * 255).round().to(torch.uint8).numpy()  # type: ignore[no-any-return]
