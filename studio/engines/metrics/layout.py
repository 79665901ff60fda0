"""Where light, colours and edges lie in a picture: features that show copies and know nothing of identity."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from studio.engines.features import Floats
from studio.engines.judge import Pixels

NAME = "layout-1"
"""Version of these features; a change of the code needs another."""

LUMA, CHROMA, EDGES, CELLS, DIRECTIONS = 16, 8, 48, 6, 8
CHROMA_WEIGHT = 0.7
FLAT = 0.05
"""Below this length the colours of a picture are noise around grey and are left as small as they are."""


def layout(pixels: Sequence[Pixels]) -> Floats:
    """Features (N, d), each of length about 1.

    Side by side: 16x16 luma without its mean, 8x8 chroma, and a histogram of edge directions in 6x6 cells (Dalal
    and Triggs 2005). Sides are squeezed to a square, so crops of another shape are compared as they fill the frame.
    """
    return np.stack([_one(Image.fromarray(picture)) for picture in pixels])


def views(picture: Pixels) -> list[Pixels]:
    """The picture and its crops: a copy that was cut or moved by a tenth is still found."""
    height, width = picture.shape[:2]
    y, x = height // 20, width // 20
    corners = [picture[top : height - y + top, left : width - x + left] for top in (0, y) for left in (0, x)]
    return [picture, picture[y : height - y, x : width - x], *corners]


def distances(queries: Floats, references: Floats) -> Floats:
    """Euclidean distances (queries, references), between 0 and about 2."""
    squared = (
        np.sum(queries**2, axis=1)[:, None] + np.sum(references**2, axis=1)[None] - 2 * queries @ references.T
    )
    apart: Floats = np.sqrt(np.maximum(squared, 0)).astype(np.float32)
    return apart


def _one(picture: Image.Image) -> Floats:
    luma, blue, red = picture.convert("YCbCr").split()
    light = _small(luma, LUMA)
    colour = np.stack([_small(blue, CHROMA), _small(red, CHROMA)]) - 0.5
    length = float(np.linalg.norm(colour))
    parts = [
        _unit(light - light.mean()).ravel(),
        (colour * (CHROMA_WEIGHT / length) if length > FLAT else colour).ravel(),
        _edges(luma).ravel(),
    ]
    return np.concatenate(parts).astype(np.float32) / np.float32(np.sqrt(2 + CHROMA_WEIGHT**2))


def _edges(luma: Image.Image) -> NDArray[np.float64]:
    """Square roots of summed edge strength per cell and direction, without their mean, of length 1."""
    soft = luma.resize((EDGES, EDGES), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1))
    down, right = np.gradient(np.asarray(soft, np.float64) / 255)
    direction = ((np.arctan2(down, right) % np.pi) / np.pi * DIRECTIONS).astype(int) % DIRECTIONS
    row, column = np.indices(direction.shape) * CELLS // EDGES
    histogram = np.bincount(
        ((row * CELLS + column) * DIRECTIONS + direction).ravel(),
        np.hypot(down, right).ravel(),
        CELLS * CELLS * DIRECTIONS,
    )
    return _unit(np.sqrt(histogram) - np.sqrt(histogram).mean())


def _small(channel: Image.Image, side: int) -> NDArray[np.float64]:
    return np.asarray(channel.resize((side, side), Image.Resampling.BOX), np.float64) / 255


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / max(float(np.linalg.norm(vector)), 1e-6)
