"""More backdrops under the sky: garden, desert, mountain meadow, and the sky itself."""

import math

import torch
from torch import Tensor

from studio.world.canvas import Canvas
from studio.world.identity import Rgb
from studio.world.noise import blend, colour, fractal_noise, mixed, scattered, value_noise, vector
from studio.world.shapes import smoothstep

PETALS: tuple[Rgb, ...] = (
    (236, 92, 120), (250, 196, 70), (250, 240, 236), (168, 104, 214), (244, 132, 70), (246, 150, 190), (98, 128, 230),
)  # fmt: skip

BEDS: tuple[tuple[float, float, int], ...] = (
    (-0.06, 0.026, 44), (-0.24, 0.05, 30), (-0.52, 0.085, 17), (-0.86, 0.13, 9)
)  # fmt: skip
"""Height, size of the flowers and their number in each bed, the farthest first."""


def garden(c: Canvas) -> None:
    """Round trees and a lawn behind beds of flowers that grow larger and softer towards the lens."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    c.clouds(0.6)
    if c.scene.light != "day":
        c.sun()
    if c.scene.rainbow:
        c.rainbow()
    warm = _hour(c)
    for layer, (base, green) in enumerate((((0.30), (120, 164, 118)), ((0.10), (74, 132, 74)))):
        rough = fractal_noise(right * (2.2 - 0.5 * layer) + offset + layer * 9, right * 0 + layer)
        crowns = base + 0.30 * (rough - 0.42)
        crowns = crowns + 0.03 * torch.sin(right * 17 + offset) + 0.02 * torch.sin(right * 41)
        leaf = value_noise(right * 24 + offset, up * 24) * 0.6 + value_noise(right * 9, up * 9 + offset) * 0.4
        tone = blend(colour(green) * warm * 1.35, colour(green) * warm * 0.5, smoothstep(0.25, 0.75, leaf))
        c.paint(tone, smoothstep(crowns + 0.01, crowns - 0.02, up))
    lawn = blend(colour((150, 196, 92)) * warm, colour((84, 140, 56)) * warm, smoothstep(-0.05, -0.9, up))
    lawn = lawn * (0.9 + 0.2 * value_noise(right * 7 + offset, up * 26)).unsqueeze(-1)
    c.paint(lawn, smoothstep(0.0, -0.03, up + 0.05 + 0.02 * torch.sin(right * 3)))
    c.blur(1.6)
    for height, size, count in BEDS:
        bed = height + size * 1.2 + 0.03 * torch.sin(right * 6 + height * 30)
        grass = colour((52, 104, 44)) * warm * 1.1
        stems = smoothstep(0.35, 0.7, value_noise(right * (1.6 / size) + offset, up * 3)).unsqueeze(-1)
        below = smoothstep(height - 0.3, height - 0.1, up)
        c.paint(grass * (0.75 + 0.5 * stems), smoothstep(bed, bed - size * 1.6, up) * below)
        favourite = r.choice(PETALS)
        for _ in range(count):
            tone = colour(favourite if r.random() < 0.5 else r.choice(PETALS)) * warm
            _flower(c, r.uniform(-1.05, 1.05), height + r.uniform(-1, 1) * size, size * r.uniform(0.55, 1.0), tone)
        c.blur(0.7 + size * 7)


def _flower(c: Canvas, x: float, y: float, size: float, tone: Tensor) -> None:
    right, up = c.right - x, (c.up - y) * 1.15
    radius = torch.sqrt(right * right + up * up)
    petals = 0.78 + 0.22 * torch.cos(torch.atan2(up, right) * 5 + x * 9)
    shade = smoothstep(0.0, size, radius) * 0.35 + 0.75
    c.paint(tone * shade.unsqueeze(-1), smoothstep(size, size * 0.8, radius / petals))
    c.paint(colour((240, 190, 60)), smoothstep(size * 0.32, size * 0.22, radius))


def _hour(c: Canvas) -> Tensor:
    """What the hour does to the colours of the land."""
    return {"sunset": vector(1.05, 0.76, 0.66), "morning": vector(1.08, 0.98, 0.86)}.get(c.scene.light, vector(1, 1, 1))


def desert(c: Canvas) -> None:
    """Dunes with lit and shaded flanks, far mesas, and now and then a cactus; stars and a moon at night."""
    up, right, r, offset, horizon = c.up, c.right, c.r, c.offset, c.horizon
    night = c.scene.light == "night"
    if night:
        _stars(c)
    else:
        c.clouds(0.22)
        if c.scene.light == "sunset" or r.random() < 0.4:
            c.sun()
    if c.scene.rainbow:
        c.rainbow()
    warm = {"night": vector(0.20, 0.23, 0.42), "sunset": vector(1.0, 0.70, 0.60), "morning": vector(1.04, 0.92, 0.82)}
    hour = warm.get(c.scene.light, vector(1, 1, 1))
    mesa = horizon + 0.02 + 0.16 * smoothstep(0.5, 0.56, value_noise(right * 2.1 + offset, right * 0 + 2.0))
    strata = 0.85 + 0.15 * torch.sin(up * 120)
    rock = mixed(colour((176, 106, 78)) * hour, c.low, 0.38) * strata.unsqueeze(-1)
    c.paint(rock, smoothstep(mesa + 0.006, mesa - 0.006, up))
    towards = math.copysign(1, c.sun_x)
    for layer in range(4):
        near = layer / 3
        phase, swing = offset + layer * 2.3, 0.11 + 0.07 * near
        base = horizon - 0.02 - 0.25 * layer
        waves = right * (2.2 - 0.9 * near) + phase
        crest = base + swing * (1 - (torch.sin(waves)).abs()) * (0.65 + 0.35 * torch.sin(waves * 0.5 + layer))
        below = (crest - up).clamp(min=0)
        turn = torch.frac(waves / math.pi + towards * (0.9 * below + 0.05 * torch.sin(below * 30)) + 40)
        flank = turn if towards < 0 else 1 - turn
        lit_side = smoothstep(0.15, 0.75, flank) * (0.8 + 0.2 * smoothstep(0.5, 0.0, below))
        light = mixed(colour((246, 204, 142)), c.low / c.low.max(), 0.25 * (1 - near)) * hour
        shade = mixed(colour((196, 132, 82)), c.low / c.low.max(), 0.25 * (1 - near)) * hour * vector(0.86, 0.80, 0.86)
        sand = blend(shade, light, lit_side)
        ripples = torch.sin((crest - up) * (150 - 80 * near) + 3 * value_noise(right * 7 + phase, up * 9))
        sand = sand * (1 + 0.045 * ripples * smoothstep(0.0, 0.1, crest - up)).unsqueeze(-1)
        c.paint(sand, smoothstep(crest + 0.005, crest - 0.005, up))
        if layer == 1:
            for _ in range(r.choice((0, 1, 1, 2))):
                _cactus(c, r.uniform(0.45, 0.95) * r.choice((-1, 1)), base - 0.1, r.uniform(0.3, 0.5), hour)
    c.blur(1.5)


def _cactus(c: Canvas, x: float, foot: float, tall: float, hour: Tensor) -> None:
    right, up = (c.right - x) / tall, (c.up - foot) / tall
    trunk = _rod(right, up, (0, 0), (0, 1), 0.1)
    arms = [_rod(right, up, (s * 0.27, h), (s * 0.27, h + t), 0.07) for s, h, t in ((-1, 0.42, 0.3), (1, 0.55, 0.26))]
    links = [_rod(right, up, (0, h), (s * 0.27, h), 0.07) for s, h in ((-1, 0.42), (1, 0.55))]
    shape = torch.stack([trunk, *arms, *links]).amin(0)
    ribs = 0.75 + 0.25 * torch.cos(right * 60) + 0.25 * smoothstep(0.1, -0.1, right * math.copysign(1, c.sun_x) * -1)
    c.paint(colour((76, 128, 78)) * hour * ribs.unsqueeze(-1), smoothstep(0.012, -0.012, shape))


def _rod(x: Tensor, y: Tensor, a: tuple[float, float], b: tuple[float, float], radius: float) -> Tensor:
    bx, by = b[0] - a[0], b[1] - a[1]
    along = (((x - a[0]) * bx + (y - a[1]) * by) / (bx * bx + by * by)).clamp(0, 1)
    return torch.sqrt((x - a[0] - bx * along) ** 2 + (y - a[1] - by * along) ** 2) - radius


def _stars(c: Canvas) -> None:
    up, right = c.up, c.right
    c.image = blend(colour((70, 66, 130)), colour((10, 14, 44)), smoothstep(c.horizon - 0.1, 1.0, up))
    band = torch.exp(-(((up - 0.6 - 0.4 * right) / 0.22) ** 2)) * fractal_noise(right * 5 + c.offset, up * 5)
    c.paint(colour((150, 140, 210)), band * 0.5)
    bright = scattered(torch.floor(right * 64) + 3.7, torch.floor(up * 64) + 1.3)
    dx, dy = torch.frac(right * 64 + 70) - 0.5, torch.frac(up * 64 + 70) - 0.5
    c.paint(vector(1.0, 0.98, 0.92), (bright > 0.965) * torch.exp(-(dx * dx + dy * dy) * 14) * (bright - 0.9) * 9)
    c.paint(vector(1.0, 0.96, 0.86) * 1.1, smoothstep(0.075, 0.068, c.away(c.sun_x, 0.72)))


def mountains(c: Canvas) -> None:
    """Blue ranges and a green alp with firs, wild flowers and now and then a hut; no snow."""
    up, right, r, offset, horizon = c.up, c.right, c.r, c.offset, c.horizon
    c.clouds(0.75)
    if c.scene.light != "day":
        c.sun()
    if c.scene.rainbow:
        c.rainbow()
    warm = _hour(c)
    ranges: tuple[tuple[float, float, Rgb, Rgb, float], ...] = (
        (0.40, 0.62, (126, 148, 186), (98, 120, 164), 1.3),
        (0.20, 0.5, (104, 136, 140), (74, 106, 112), 1.9),
        (0.04, 0.34, (92, 142, 92), (58, 104, 66), 2.6),
    )
    for layer, (base, height, light, dark, grain) in enumerate(ranges):
        noise = fractal_noise(right * grain + offset + layer * 11, right * 0 + layer * 5.0, 5)
        ridge = horizon + base + height * (noise - 0.5) * 1.35
        below, towards = up - ridge, math.copysign(1, c.sun_x)
        flank = fractal_noise(right * 5 + below * 4 + offset, below * 3 - right * 2 * towards)
        slope = blend(colour(light) * warm * 1.12, colour(dark) * warm, smoothstep(0.38, 0.58, flank))
        slope = blend(slope, c.low.expand_as(slope), torch.full_like(right, 0.34 - 0.14 * layer))
        c.paint(slope, smoothstep(ridge + 0.006, ridge - 0.006, up))
        haze = smoothstep(ridge - 0.02, ridge - 0.42, up) * smoothstep(ridge, ridge - 0.01, up)
        c.paint(c.low, haze * 0.28)
    tilt = r.uniform(0.08, 0.22) * r.choice((-1, 1))
    for tree in range(r.randint(6, 10)):
        _fir(c, tree, tilt, warm)
    if r.random() < 0.5:
        _hut(c, r.uniform(0.5, 0.85) * r.choice((-1, 1)), horizon - 0.12, tilt, warm)
    alp = horizon - 0.15 + tilt * right + 0.03 * torch.sin(right * 4 + offset)
    blades = value_noise(right * 30 + offset, up * 60) * 0.5 + fractal_noise(right * 3 + offset, up * 8) * 0.6
    grass = blend(colour((160, 200, 88)) * warm, colour((74, 126, 48)) * warm, smoothstep(0.2, 0.85, blades))
    c.paint(grass, smoothstep(alp + 0.006, alp - 0.006, up))
    c.blur(1.3)
    for _ in range(70):
        x, deep = r.uniform(-1, 1), r.random()
        y = horizon - 0.2 + tilt * x - deep * 0.75
        tone = colour(r.choice(((255, 250, 240), (250, 210, 80), (190, 130, 220), (238, 110, 130)))) * warm
        c.paint(tone, smoothstep(1.0, 0.5, c.away(x, y) / (0.008 + 0.022 * deep)) * 0.95)
    c.blur(0.9)


def _fir(c: Canvas, number: int, tilt: float, warm: Tensor) -> None:
    x, size = c.r.uniform(-1, 1), c.r.uniform(0.12, 0.26)
    right, up = (c.right - x) / size, (c.up - (c.horizon - 0.16 + tilt * x)) / size
    for tier in range(4):
        base, width = 0.4 + tier * 0.5, 0.55 - 0.11 * tier
        t = ((up - base + 0.25) / 0.95).clamp(0, 1)
        branch = smoothstep(0.03, -0.03, right.abs() - width * (1 - t) - 0.05 * torch.sin(right * 16 + tier))
        branch = branch * (up > base - 0.25) * (up < base + 0.7)
        light = smoothstep(-0.4, 0.5, right * math.copysign(1, c.sun_x) + 0.3 * torch.sin(right * 11 + number))
        c.paint(blend(colour((28, 72, 54)) * warm, colour((74, 126, 78)) * warm, light), branch)


def _hut(c: Canvas, x: float, foot: float, tilt: float, warm: Tensor) -> None:
    right, up = (c.right - x) / 0.17, (c.up - foot - tilt * x) / 0.17
    wall = smoothstep(0.9, 0.88, right.abs()) * (up > -0.4) * (up < 0.75)
    c.paint(colour((128, 84, 54)) * warm * (0.85 + 0.15 * torch.sin(up * 26)).unsqueeze(-1), wall)
    c.paint(colour((250, 214, 140)), smoothstep(0.22, 0.18, torch.maximum((right - 0.35).abs(), (up - 0.2).abs())))
    roof = smoothstep(0.03, -0.03, up - 1.5 + right.abs() * 0.75) * (up > 0.72)
    c.paint(colour((92, 62, 52)) * warm, roof)


def sky(c: Canvas) -> None:
    """Towers of cloud under a clear height."""
    up, right, offset = c.up, c.right, c.offset
    rosy = {"sunset": vector(1.05, 0.74, 0.72), "morning": vector(1.05, 0.92, 0.86)}.get(c.scene.light, vector(1, 1, 1))
    c.image = blend(mixed(c.high, c.low, 0.4), c.high, smoothstep(-0.6, 0.9, up))
    if c.scene.light != "day":
        c.sun()
    for layer in range(3):
        near = layer / 2
        top = -0.12 - 0.36 * layer
        bulk = fractal_noise(right * (2.0 - 0.4 * near) + offset + layer * 7, up * (2.4 - 0.6 * near) + layer * 3.0, 5)
        body = bulk * 1.5 - 0.75 + (top - up) * (1.5 + near)
        lit_edge = smoothstep(0.0, 0.5, body)
        puff = fractal_noise(right * 4.4 + offset + 3, up * 4.4 + layer, 4)
        shade = mixed(c.high, vector(0.62, 0.66, 0.86), 0.7) * rosy * (0.72 + 0.1 * near)
        tone = blend(vector(1.06, 1.04, 1.02) * rosy, shade, lit_edge * 0.85)
        tone = tone * (0.7 + 0.55 * puff).unsqueeze(-1)
        c.paint(tone, smoothstep(0.0, 0.16, body) * 0.96)
    c.blur(1.2)
