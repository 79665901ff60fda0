"""Pictures that are not of the small world, made without any data set: what a judge must refuse to score."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]


def outsiders(pixels: Pixels, count: int, rng: np.random.Generator) -> Pixels:
    """`count` pictures (N, H, W, 3) of several kinds; `pixels` are world pictures to spoil for some of them."""
    side = pixels.shape[1]
    makers = (_noise, _gradient, _clouds, _shapes, _dead_leaves, _dead_leaves)
    made = []
    for number in range(count):
        kind = number % (len(makers) + 3)
        if kind < len(makers):
            made.append(makers[kind](side, rng))
        else:
            made.append(_spoilt(pixels[rng.integers(len(pixels))], kind - len(makers), rng))
    return np.stack(made)


def _bytes(values: NDArray[np.floating[Any]]) -> Pixels:
    clipped: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def _noise(side: int, rng: np.random.Generator) -> Pixels:
    grain = int(rng.choice((1, 2, 4, 8)))
    small = rng.normal(rng.uniform(60, 200), rng.uniform(20, 80), (side // grain, side // grain, 3))
    return _bytes(np.kron(small, np.ones((grain, grain, 1)))[:side, :side])


def _gradient(side: int, rng: np.random.Generator) -> Pixels:
    corners = rng.uniform(0, 255, (2, 2, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(corners).resize((side, side), Image.Resampling.BICUBIC))


def _spectrum(side: int, rng: np.random.Generator, power: float) -> NDArray[np.float64]:
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1 / side
    phases = rng.normal(size=(3, *frequency.shape)) + 1j * rng.normal(size=(3, *frequency.shape))
    field = np.fft.irfft2(phases / frequency**power, s=(side, side)).transpose(1, 2, 0)
    scaled: NDArray[np.float64] = field / (field.std() + 1e-9)
    return scaled


def _clouds(side: int, rng: np.random.Generator) -> Pixels:
    """Noise with the falling spectrum of photographs."""
    grey = rng.random() < 0.3
    field = _spectrum(side, rng, rng.uniform(0.8, 2.0))
    if grey:
        field = np.repeat(field[..., :1], 3, axis=2)
    return _bytes(rng.uniform(70, 180) + rng.uniform(20, 60) * field)


def _shapes(side: int, rng: np.random.Generator) -> Pixels:
    picture = Image.new("RGB", (side, side), _colour(rng))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(2, 18))):
        x, y, w, h = rng.uniform(0, side, 4)
        box = (min(x, x + w - side / 2), min(y, y + h - side / 2), max(x, x + w - side / 2), max(y, y + h - side / 2))
        kind = rng.integers(3)
        if kind == 0:
            draw.ellipse(box, fill=_colour(rng))
        elif kind == 1:
            draw.rectangle(box, fill=_colour(rng))
        else:
            draw.line(box, fill=_colour(rng), width=int(rng.integers(1, 9)))
    return np.asarray(picture)


def _dead_leaves(side: int, rng: np.random.Generator) -> Pixels:
    """Occluding textured discs of power-law sizes, a classical model of photographs (Lee et al. 2001)."""
    canvas = np.zeros((side, side, 3))
    rows, columns = np.mgrid[:side, :side]
    palette = rng.uniform(0, 255, (6, 3))
    for _ in range(int(rng.integers(40, 160))):
        radius = min(side * 0.7, 3 / rng.random() ** 0.7)
        y, x = rng.uniform(-10, side + 10, 2)
        inside = np.hypot(rows - y, (columns - x) * rng.uniform(0.5, 1.5)) < radius
        canvas[inside] = palette[rng.integers(len(palette))] + rng.normal(0, 25, 3)
    texture = _spectrum(side, rng, 1.0) * rng.uniform(4, 28)
    light = _spectrum(side, rng, 2.0)[..., :1] * rng.uniform(5, 40)
    blurred = Image.fromarray(_bytes(canvas + texture + light)).filter(
        ImageFilter.GaussianBlur(float(rng.choice((0.0, 0.6, 1.5, 3.0))))
    )
    return np.asarray(blurred)


def _spoilt(picture: Pixels, how: int, rng: np.random.Generator) -> Pixels:
    """A world picture that no longer is one: cut up and shuffled, turned upside down, or its colours inverted."""
    if how == 0:
        parts = int(rng.choice((2, 4, 8)))
        step = picture.shape[0] // parts
        tiles = [
            picture[r * step : (r + 1) * step, c * step : (c + 1) * step] for r in range(parts) for c in range(parts)
        ]
        order = rng.permutation(len(tiles))
        shuffled = [tiles[k] for k in order]
        return np.concatenate(
            [np.concatenate(shuffled[r * parts : (r + 1) * parts], axis=1) for r in range(parts)], axis=0
        )
    if how == 1:
        return np.ascontiguousarray(picture[::-1])
    return np.ascontiguousarray(255 - picture)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 256, 3))
    return red, green, blue
