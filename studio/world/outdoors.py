"""Backdrops under the sky: beach, sea, piste, city and forest."""

import math

import torch

from studio.world.canvas import Canvas
from studio.world.identity import Rgb
from studio.world.noise import blend, colour, fractal_noise, mixed, scattered, value_noise, vector
from studio.world.palette import COLOURS
from studio.world.shapes import smoothstep


def beach(c: Canvas) -> None:
    """Sand, sea, now and then a palm or a parasol."""
    _sea(c)
    up, right, r = c.up, c.right, c.r
    shore = c.horizon - 0.55
    edge = shore + 0.05 * torch.sin(right * 3 + c.offset) + 0.02 * torch.sin(right * 9 + c.offset)
    grains = smoothstep(0.3, 0.8, fractal_noise(right * 5 + c.offset, up * 9)) * 0.6
    sand = blend(colour((236, 206, 150)), colour((206, 168, 112)), grains)
    if c.scene.light == "sunset":
        sand = sand * vector(1.0, 0.78, 0.7)
    sand = blend(sand, sand * 0.72, smoothstep(edge - 0.16, edge - 0.02, up))
    c.paint(sand, smoothstep(edge + 0.004, edge - 0.004, up))
    foam = torch.exp(-(((up - edge) / 0.018) ** 2)) * 0.9 + torch.exp(-(((up - edge - 0.07) / 0.008) ** 2)) * 0.5
    c.paint(vector(0.95, 0.97, 1.0), foam)
    if r.random() < 0.75:
        _palm(c)
    if r.random() < 0.4:
        _parasol(c)
    c.blur(2.2)


def swimming(c: Canvas) -> None:
    """Open sea up to the horizon."""
    _sea(c)
    c.blur(2.2)


def _sea(c: Canvas) -> None:
    c.clouds(0.5)
    if c.scene.light != "day" or c.r.random() < 0.5:
        c.sun()
    if c.scene.rainbow:
        c.rainbow()
    up, right, horizon = c.up, c.right, c.horizon
    deep, shallow = colour((20, 96, 160)), colour((70, 190, 200))
    if c.scene.light == "sunset":
        deep, shallow = colour((70, 70, 130)), colour((226, 140, 120))
    near = ((horizon - up) / 0.55).clamp(0, 1)
    sea = blend(deep, shallow, near**0.8)
    waves = torch.sin(up * (90 * (1.3 - near)) + 4 * value_noise(right * 6 + c.offset, up * 30)) * 0.5 + 0.5
    sea = sea + (waves * (0.05 + 0.06 * near)).unsqueeze(-1)
    glitter = torch.exp(-(((right - c.sun_x) / 0.22) ** 2))
    glitter = glitter * smoothstep(0.6, 0.95, value_noise(right * 22 + c.offset, up * 60)) * (horizon - up > 0)
    sea = blend(sea, c.low * 1.5, glitter * 0.8)
    c.paint(sea, smoothstep(horizon + 0.004, horizon - 0.004, up))


def _palm(c: Canvas) -> None:
    up, right, r = c.up, c.right, c.r
    foot = r.uniform(0.5, 0.85) * r.choice((-1, 1))
    lean = -0.25 * math.copysign(1, foot) * r.uniform(0.2, 1)
    top = r.uniform(0.5, 0.8)
    climb = ((up + 0.35) / (top + 0.35)).clamp(0, 1)
    trunk = smoothstep(0.028, 0.02, (right - (foot + lean * climb**2)).abs() - 0.012 * (1 - climb))
    bark = colour((112, 76, 50)) * (0.8 if c.scene.light == "day" else 0.4)
    c.paint(bark, trunk * (up < top) * (up > -0.62))
    x, y = right - (foot + lean), up - top
    leaf, length = (colour((50, 130, 66)) if c.scene.light == "day" else colour((40, 60, 54))), 0.46
    for angle in (0.25, 0.95, 1.7, 2.3, 2.95, -0.35, 3.5):
        cos, sin = math.cos(angle), math.sin(angle)
        along = cos * x + sin * y
        across = -sin * x + cos * y + (0.75 * along * along * (1 if cos > 0 else -1))
        width = 0.055 * torch.sin(math.pi * (along / length).clamp(0.001, 0.999)) ** 0.7
        frond = smoothstep(0.006, -0.006, across.abs() - width * (0.75 + 0.25 * torch.sin(along * 95)))
        c.paint(leaf * r.uniform(0.6, 1.1), frond * (along > 0) * (along < length))


def _parasol(c: Canvas) -> None:
    up, right, r = c.up, c.right, c.r
    x = right - r.uniform(0.3, 0.8) * r.choice((-1, 1))
    wide = x / 0.34
    arch = 0.28 * torch.sqrt((1 - wide * wide).clamp(min=0))
    dome = smoothstep(0.01, -0.01, up - arch) * smoothstep(-0.01, 0.01, up) * (wide.abs() < 1)
    c.paint(vector(0.5, 0.42, 0.36), smoothstep(0.008, 0.004, x.abs()) * (up < 0.05) * (up > -0.5))
    stripes = torch.floor(torch.atan2(wide, up + 0.2) * 3.2) % 2
    cloth = blend(colour(COLOURS[r.choice(("red", "blue", "orange", "teal"))]), colour((250, 244, 236)), stripes)
    c.paint(cloth, dome)


def skiing(c: Canvas) -> None:
    """Snowy ranges, a piste and firs."""
    up, right, r, offset, horizon = c.up, c.right, c.r, c.offset, c.horizon
    c.clouds(0.6)
    if r.random() < 0.5:
        c.sun()
    ranges: tuple[tuple[float, float, Rgb, float], ...] = (
        (horizon + 0.42, 0.42, (120, 150, 200), 1.1),
        (horizon + 0.18, 0.36, (92, 122, 178), 1.7),
    )
    for layer, (base, height, rock, grain) in enumerate(ranges):
        noise = fractal_noise(right * grain * 1.4 + offset + layer * 9, right * 0 + layer * 5.0, 5)
        ridge = base + height * (noise - 0.5) * 1.5
        snow_line = up - ridge + 0.36 + 0.16 * (fractal_noise(right * 9 + offset, up * 9) - 0.5)
        shade = smoothstep(0.4, 0.6, fractal_noise(right * 6 + up * 5 + offset, up * 3 - right * 2))
        snow = blend(vector(0.86, 0.91, 1.0), vector(0.55, 0.66, 0.88), shade)
        slope = blend(colour(rock), snow, smoothstep(0.0, 0.12, snow_line))
        slope = blend(slope, c.low, torch.full_like(right, 0.35 - 0.15 * layer))
        c.paint(slope, smoothstep(ridge + 0.006, ridge - 0.006, up))
    tilt = r.uniform(0.12, 0.3) * r.choice((-1, 1))
    piste = horizon - 0.12 + tilt * right + 0.03 * torch.sin(right * 4 + offset)
    drifts = smoothstep(0.35, 0.75, fractal_noise(right * 2 + offset, up * 5 + offset))
    snow = blend(vector(0.88, 0.93, 1.0), vector(0.66, 0.76, 0.94), drifts)
    snow = blend(snow, vector(1.0, 0.98, 0.95), smoothstep(0.62, 0.7, value_noise(right * 3 + offset, up * 9)) * 0.5)
    if c.scene.light == "sunset":
        snow = snow * vector(1.05, 0.86, 0.82)
    for tree in range(r.randint(5, 9)):
        _fir(c, tree, tilt)
    c.paint(snow, smoothstep(piste + 0.006, piste - 0.006, up))
    c.blur(1.6)


def _fir(c: Canvas, number: int, tilt: float) -> None:
    x, size = c.r.uniform(-1, 1), c.r.uniform(0.1, 0.26)
    ground = c.horizon - 0.12 + tilt * x + c.r.uniform(-0.05, 0.02)
    right, up = (c.right - x) / size, (c.up - ground) / size
    for tier in range(4):
        base, width = 0.5 + tier * 0.55, 0.62 - 0.12 * tier
        t = ((up - base + 0.25) / 0.95).clamp(0, 1)
        branch = smoothstep(0.03, -0.03, right.abs() - width * (1 - t) - 0.05 * torch.sin(right * 16 + tier))
        branch = branch * (up > base - 0.25) * (up < base + 0.7)
        snow = smoothstep(0.25, 0.75, t + 0.25 * torch.sin(right * 9 + tier * 2 + number)) * 0.8
        c.paint(blend(colour((34, 84, 74)), vector(0.92, 0.96, 1.0), snow), branch)


def city(c: Canvas) -> None:
    """A skyline at night with lights out of focus."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    c.image = blend(colour((96, 62, 130)), colour((16, 18, 52)), smoothstep(-0.3, 1.0, up))
    stars = (scattered(torch.floor(right * 90), torch.floor(up * 90)) > 0.992) * (up > 0.3) * 1.0
    c.paint(vector(0.8, 0.85, 1.0), stars * 0.5)
    rows: tuple[tuple[float, float, Rgb], ...] = (
        (0.25, 0.2, (58, 48, 98)),
        (0.0, 0.27, (38, 34, 72)),
        (-0.25, 0.34, (24, 24, 50)),
    )
    for layer, (height, width, wall) in enumerate(rows):
        x = (right + offset + layer * 3.3) / width
        house = torch.floor(x)
        inside = x - house
        roof = height + 0.7 * scattered(house, house * 0 + layer) - 0.1
        column, floor = torch.floor(inside * 6), torch.floor(up * 30)
        lit = (scattered(column + house * 13.0, floor + layer * 7.0) > 0.5) * 1.0
        window = smoothstep(0.18, 0.3, torch.frac(inside * 6)) * smoothstep(0.18, 0.3, 1 - torch.frac(inside * 6))
        window = window * smoothstep(0.2, 0.35, torch.frac((up + 2) * 30))
        window = window * smoothstep(0.2, 0.35, 1 - torch.frac((up + 2) * 30)) * (inside > 0.1) * (inside < 0.92)
        cold = (scattered(house, floor) > 0.75) * 1.0
        lamp = blend(colour((255, 206, 120)), colour((150, 210, 255)), cold)
        lamp = lamp * (0.5 + 0.9 * scattered(column, floor + house)).unsqueeze(-1)
        front = blend(colour(wall).expand(c.size, c.size, 3), lamp, window * lit * 0.9)
        c.paint(front, (up < roof) * (inside > 0.03) * 1.0)
    c.blur(2.2)
    lamps: tuple[Rgb, ...] = ((255, 190, 90), (255, 110, 120), (110, 220, 255), (255, 150, 210), (255, 232, 170))
    for _ in range(r.randint(14, 24)):
        x0, y0, radius = r.uniform(-1, 1), r.uniform(-1, 0.1), r.uniform(0.04, 0.11)
        distance = c.away(x0, y0)
        disc = smoothstep(radius, radius * 0.86, distance) * (0.45 + 0.4 * smoothstep(radius * 0.5, radius, distance))
        c.image = c.image + disc.unsqueeze(-1) * colour(r.choice(lamps)) * r.uniform(0.25, 0.7)
    c.blur(0.8)


def forest(c: Canvas) -> None:
    """A glade with trunks, leaves and rays of light."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    glade = colour((214, 236, 150) if c.scene.light == "day" else (255, 232, 176))
    c.image = blend(glade * 1.15, colour((58, 110, 60)), smoothstep(0, 1.5, c.away(c.sun_x * 0.6, 0.5)))
    c.paint(colour((180, 220, 120)), smoothstep(0.45, 0.75, fractal_noise(right * 4 + offset, up * 4)) * 0.35)
    for layer in range(3):
        near = layer / 2
        bark = mixed(colour((120, 150, 96)), colour((50, 40, 30)), near)
        for tree in range(5 - layer):
            x = r.uniform(-1.1, 1.1)
            width = 0.035 + 0.05 * near * r.uniform(0.7, 1.3)
            trunk = (right - x - 0.03 * torch.sin(up * 2 + tree)).abs() - width * (1 + 0.15 * (-up))
            light = 1 - 0.35 * ((right - x) / width).clamp(-1, 1).unsqueeze(-1)
            grain = (0.8 + 0.4 * value_noise(right * 40 + offset, up * 6)).unsqueeze(-1)
            c.paint(bark * light * grain, smoothstep(0.01, -0.01, trunk))
        leaves = fractal_noise(right * (3 + layer) + offset + layer * 7, up * (3 + layer) + layer * 3.0)
        leaves = leaves + 0.35 * smoothstep(0.1, 1.0, up) - 0.18 + 0.25 * smoothstep(-0.4, -1.0, up)
        green = mixed(colour((150, 196, 96)), colour((30, 86, 44)), near)
        foliage = blend(green * 1.3, green * 0.7, value_noise(right * 26 + offset, up * 26))
        c.paint(foliage, smoothstep(0.5, 0.62, leaves) * 0.92)
    ground = -0.55 + 0.05 * torch.sin(right * 5 + offset)
    grass = blend(colour((92, 140, 60)), colour((52, 84, 40)), value_noise(right * 20, up * 30))
    c.paint(grass, smoothstep(ground + 0.02, ground - 0.06, up))
    rays = smoothstep(0.5, 0.8, value_noise((right - c.sun_x * 0.6 + (up - 0.5) * 0.5) * 5 + offset, up * 0 + 3.0))
    c.paint(colour((255, 246, 200)), rays * smoothstep(-0.9, 0.8, up) * 0.3)
    c.blur(2.6)
    for _ in range(12):
        x0, y0, radius = r.uniform(-1, 1), r.uniform(-0.2, 1), r.uniform(0.03, 0.08)
        disc = (smoothstep(radius, radius * 0.85, c.away(x0, y0)) * 0.22).unsqueeze(-1)
        c.image = c.image + disc * colour((240, 250, 170)) * r.uniform(0.4, 1)
    c.blur(0.5)
