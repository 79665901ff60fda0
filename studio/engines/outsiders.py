"""Pictures that are not of the small world, made without any data set: what a judge must refuse to score."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]


def outsiders(pixels: Pixels, count: int, rng: np.random.Generator) -> Pixels:
    """`count` pictures (N, H, W, 3) of several kinds; `pixels` are world pictures to spoil for some of them."""
    side = pixels.shape[1]
    makers = (_noise, _gradient, _clouds, _shapes, _dead_leaves, _dead_leaves, _subject, _subject, _subject)
    made = []
    for number in range(count):
        kind = number % (len(makers) + 5)
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
    if how == 2:
        return np.ascontiguousarray(255 - picture)
    side = picture.shape[0]
    grain = _spectrum(side, rng, rng.uniform(0.3, 1.2)) * rng.uniform(7, 26)
    if rng.random() < 0.5:
        grain = np.repeat(grain[..., :1], 3, axis=2)
    return _bytes(_warped(picture, rng) + grain)


def _warped(picture: Pixels, rng: np.random.Generator) -> NDArray[np.float64]:
    """A picture as in a distorting mirror."""
    side = picture.shape[0]
    flow = _spectrum(side, rng, 2.2)[..., :2] * rng.uniform(1, 7)
    rows, columns = np.mgrid[:side, :side]
    down = np.clip(rows + flow[..., 0], 0, side - 1).astype(int)
    right = np.clip(columns + flow[..., 1], 0, side - 1).astype(int)
    moved: NDArray[np.float64] = picture[down, right].astype(np.float64)
    return moved


def _subject(side: int, rng: np.random.Generator) -> Pixels:
    """A textured body before a blurred background, as in photographs of animals and people."""
    behind = _dead_leaves(side, rng) if rng.random() < 0.5 else _clouds(side, rng)
    backdrop = Image.fromarray(behind).filter(ImageFilter.GaussianBlur(float(rng.uniform(3, 14))))
    canvas = np.asarray(backdrop).astype(np.float64)
    rows, columns = np.mgrid[:side, :side]
    tone = rng.uniform(30, 220, 3)
    body = np.zeros((side, side), bool)
    for _ in range(int(rng.integers(1, 5))):
        y, x = rng.uniform(0.25, 0.85, 2) * side
        tall, wide = rng.uniform(0.12, 0.42, 2) * side
        angle = rng.uniform(0, np.pi)
        across = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        along = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
        body |= (across / wide) ** 2 + (along / tall) ** 2 < 1
    fur = _spectrum(side, rng, rng.uniform(0.5, 1.3))
    fur = np.repeat(fur[..., :1], 3, axis=2) * 0.8 + fur * 0.2
    shade = _spectrum(side, rng, 2.2)[..., :1] * rng.uniform(8, 40)
    spots = (_spectrum(side, rng, 1.4)[..., :1] > rng.uniform(0.6, 2.2)) * rng.uniform(-90, 40)
    painted = tone + fur * rng.uniform(6, 40) + shade + spots
    edge = Image.fromarray(body.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(float(rng.uniform(0.4, 2.5))))
    share = (np.asarray(edge).astype(np.float64) / 255)[..., None]
    mixed = canvas * (1 - share) + painted * share
    return _bytes(mixed + rng.normal(0, rng.uniform(0, 5), mixed.shape))


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 256, 3))
    return red, green, blue
