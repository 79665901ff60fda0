"""Near duplicates, also mirrored or cropped: proposed by perceptual hashes, confirmed on the pixels.

Hashes alone do not do: among 524 rendered portraits 0.14 % of all pairs lie within 8 bits of some
crop, among them pairs of the example persona's different pictures. Confirmed by correlation of the
fine structure, unrelated pairs reach 0.68 and true crops start at 0.73 (measured; `assets/docs/log.md`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.collect.checks import CROPS
from studio.domain.records import Twin

PROPOSED_BITS = 12
"""Differing bits of 64 up to which a pair is looked at more closely."""
CONFIRMED = 0.70
"""Lowest correlation at which two pictures count as the same."""
SIDE = 96
REACH = 3
SEARCH = np.arange(-0.06, 0.0601, 0.0125)
"""Differences from the proposed scale that are tried: hashes know the scale only roughly."""

Grey = NDArray[np.float64]
How = Literal["same", "mirrored", "cropped", "cropped and mirrored"]


@dataclass(frozen=True, slots=True)
class Known:
    """A picture to compare with; its pixels are opened only when its hashes are near."""

    id: str
    phash: NDArray[np.uint64]
    picture: Callable[[], Image.Image]


def known(name: str, phash: tuple[str, ...], picture: Callable[[], Image.Image]) -> Known:
    """A picture under its id, with the hashes that `checks.measure` made."""
    return Known(name, np.array([int(text, 16) for text in phash], dtype=np.uint64), picture)


def find_twins(new: Known, others: list[Known], most: int = 3) -> tuple[Twin, ...]:
    """The pictures among `others` that `new` repeats: as it is, mirrored, cropped, or both."""
    found: list[Twin] = []
    for other in others:
        how = compare(new, other)
        if how is not None:
            found.append(Twin(other=other.id, how=how))
            if len(found) == most:
                break
    return tuple(found)


def compare(first: Known, second: Known) -> How | None:
    """How the two show the same picture, or `None`."""
    proposals = [
        (bits, scale, mirrored, large, small)
        for large, small in ((first, second), (second, first))
        for bits, scale, mirrored in _proposals(large, small)
    ]
    for _, scale, mirrored, large, small in sorted(proposals, key=lambda proposal: proposal[0]):
        best = correlation(large.picture(), small.picture(), scale, mirrored)
        if best is not None and best[0] >= CONFIRMED:
            return _how(best[1] < 0.985, mirrored)
    return None


def _how(cropped: bool, mirrored: bool) -> How:
    if cropped:
        return "cropped and mirrored" if mirrored else "cropped"
    return "mirrored" if mirrored else "same"


def _proposals(large: Known, small: Known) -> list[tuple[int, float, bool]]:
    """(bits, scale, mirrored) where some crop of `large` hashes like the whole of `small`."""
    if len(large.phash) != len(CROPS) + 2 or len(small.phash) < 2:
        return []
    result = []
    for mirrored in (False, True):
        bits = np.bitwise_count(large.phash ^ small.phash[int(mirrored)])
        bits[1] = 64  # the mirror image of `large` is the other round of this loop
        nearest = int(bits.argmin())
        if bits[nearest] <= PROPOSED_BITS:
            result.append((int(bits[nearest]), 1.0 if nearest == 0 else CROPS[nearest - 2][0], mirrored))
    return result


def correlation(
    large: Image.Image, small: Image.Image, scale: float, mirrored: bool
) -> tuple[float, float] | None:
    """Highest correlation of `small` with any part of `large` near `scale`, and the scale of that part.

    Both are compared without their coarse structure: two portraits against one backdrop share that.
    """
    whole = _Searched.of(_fine(_resized(large, SIDE)))
    turned = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else small
    sides = sorted({min(SIDE, round(SIDE * (scale + change))) for change in SEARCH}, reverse=True)
    scored = [(whole.best_place(_fine(_resized(turned, side))), side / SIDE) for side in sides]
    return max(scored, default=None)


@dataclass(frozen=True, slots=True)
class _Searched:
    """A picture that parts are looked for in, with what every search needs of it."""

    shape: tuple[int, int]
    spectrum: NDArray[np.complex128]
    sums: Grey
    squares: Grey

    @classmethod
    def of(cls, values: Grey) -> "_Searched":
        height, width = values.shape
        return cls((height, width), np.fft.rfft2(values), _integral(values), _integral(values**2))

    def best_place(self, part: Grey) -> float:
        """Highest normalised cross-correlation of `part` at any place."""
        height, width = part.shape
        centred = part - part.mean()
        length = np.sqrt((centred**2).sum())
        if length < 1e-6:
            return 0.0
        products = np.fft.irfft2(self.spectrum * np.conj(np.fft.rfft2(centred, self.shape)), self.shape)
        inside = products[: self.shape[0] - height + 1, : self.shape[1] - width + 1]
        spread = _windows(self.squares, height, width) - _windows(self.sums, height, width) ** 2 / (
            height * width
        )
        return float((inside / (length * np.sqrt(np.maximum(spread, 1e-6)))).max())


def _resized(picture: Image.Image, side: int) -> Grey:
    shrinks = min(picture.size) >= side
    how = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    return np.asarray(picture.convert("L").resize((side, side), how), dtype=np.float64)


def _fine(values: Grey) -> Grey:
    """Values less their mean over the surrounding square of `2 × REACH + 1` pixels."""
    width = 2 * REACH + 1
    sums = _integral(np.pad(values, REACH, mode="edge"))
    return values - _windows(sums, width, width) / width**2


def _integral(values: Grey) -> Grey:
    """Sums over everything above and to the left, with a border of zeros."""
    height, width = values.shape
    sums = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(values, axis=0), axis=1, out=sums[1:, 1:])
    return sums


def _windows(sums: Grey, height: int, width: int) -> Grey:
    """Sums over all windows, from an integral image."""
    return sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
