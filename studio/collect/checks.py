"""What can be measured on one picture without a network: size, sharpness, brightness, perceptual hashes."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.domain.records import Checks

SHARPNESS_SIDE = 256
SCALES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
PLACES = (0.0, 0.5, 1.0)
CROPS = tuple((scale, left, top) for scale in SCALES for top in PLACES for left in PLACES)
"""Crops that are hashed: their share of each side, and where they lie (0: left or top, 1: right or bottom)."""


def measure(picture: Image.Image) -> Checks:
    """Measure an upright RGB picture; twins are found later, against other pictures."""
    grey = picture.convert("L")
    return Checks(
        width=picture.width,
        height=picture.height,
        sharpness=sharpness(grey),
        brightness=float(np.asarray(grey).mean() / 255),
        phash=hashes(grey),
    )


def sharpness(grey: Image.Image) -> float:
    """Variance of the Laplacian with the short side at `SHARPNESS_SIDE` pixels.

    The common size makes pictures of one set comparable; the number means nothing across sets.
    """
    factor = SHARPNESS_SIDE / min(grey.size)
    size = (max(round(grey.width * factor), 3), max(round(grey.height * factor), 3))
    values = np.asarray(grey.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
    centre = values[1:-1, 1:-1]
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float((around - 4 * centre).var())


def hashes(grey: Image.Image) -> tuple[str, ...]:
    """64-bit hashes in hex: of the whole, of its mirror image, and of each of `CROPS`."""
    small = grey.copy()
    small.thumbnail((512, 512))
    width, height = small.size
    whole = _patch(small, (0, 0, width, height))
    patches = [whole, whole[:, ::-1]]
    for scale, left, top in CROPS:
        across, down = width * scale, height * scale
        x, y = (width - across) * left, (height - down) * top
        patches.append(_patch(small, (x, y, x + across, y + down)))
    return tuple(f"{value:016x}" for value in _phash(np.stack(patches)))


def _patch(grey: Image.Image, box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.asarray(grey.resize((32, 32), Image.Resampling.LANCZOS, box=box), dtype=np.float64)


def _phash(patches: NDArray[np.float64]) -> list[int]:
    """pHash of (N, 32, 32) patches: signs of the 8×8 lowest DCT coefficients about their median."""
    transform = _cosines(32)
    lowest = (transform @ patches @ transform.T)[:, :8, :8].reshape(len(patches), 64)
    bits = lowest > np.median(lowest, axis=1, keepdims=True)
    return [int.from_bytes(np.packbits(row).tobytes(), "big") for row in bits]


@cache
def _cosines(size: int) -> NDArray[np.float64]:
    frequency = np.arange(size)[:, None]
    place = np.arange(size)[None]
    return np.asarray(np.cos(np.pi * frequency * (2 * place + 1) / (2 * size)), dtype=np.float64)
