"""Backdrops under a roof: paper sweep, café, library, kitchen, office, train, concert."""

import math

import torch

from studio.world.canvas import Canvas
from studio.world.identity import Rgb
from studio.world.noise import blend, colour, fractal_noise, mixed, scattered, value_noise, vector
from studio.world.palette import COLOURS
from studio.world.shapes import smoothstep


def sweep(c: Canvas) -> None:
    """A plain paper backdrop, lighter in the middle."""
    tone = colour(COLOURS[c.r.choice(("teal", "pink", "blue", "purple", "mint", "orange", "beige", "grey"))])
    light = mixed(tone, vector(1.0, 1.0, 1.0), 0.45)
    c.image = blend(light, tone * 0.42, smoothstep(0.1, 1.5, c.away(0.1 * c.sun_x, 0.1)))


def café(c: Canvas) -> None:
    """A wall with a window, shelves of bottles, and hanging lamps."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    walls: tuple[Rgb, ...] = ((176, 118, 82), (96, 120, 108), (150, 92, 84), (120, 104, 140))
    wall = colour(r.choice(walls))
    c.image = blend(wall * 0.8, wall * 0.45, smoothstep(-0.5, 1.0, up))
    c.image = c.image * (0.92 + 0.08 * smoothstep(0.05, 0.12, torch.frac((right + offset) * 7))).unsqueeze(-1)
    x = r.uniform(0.35, 0.7) * r.choice((-1, 1))
    across, above = (right - x).abs(), (up - 0.25).abs()
    pane = smoothstep(0.31, 0.3, across) * smoothstep(0.46, 0.45, above)
    outside = blend(colour((255, 230, 190)), colour((150, 200, 235)), smoothstep(-0.2, 0.7, up))
    trees = smoothstep(0.45, 0.6, fractal_noise(right * 6 + offset, up * 6)) * smoothstep(0.3, -0.1, up)
    outside = blend(outside, colour((110, 160, 90)), trees)
    wood = colour((70, 44, 32))
    c.paint(wood, smoothstep(0.345, 0.335, across) * smoothstep(0.495, 0.485, above))
    c.paint(outside * 1.15, pane)
    bars = (smoothstep(0.016, 0.01, across) + smoothstep(0.016, 0.01, (up - 0.3).abs())).clamp(0, 1)
    c.paint(wood, pane * bars)
    _shelves(c, -math.copysign(1, x))
    c.blur(1.8)
    for lamp in range(3):
        x0 = -0.7 + 0.7 * lamp + r.uniform(-0.1, 0.1)
        y0 = r.uniform(0.62, 0.85)
        distance = torch.sqrt((right - x0) ** 2 + ((up - y0) * 1.1) ** 2)
        c.image = c.image + (torch.exp(-distance * 6) * 0.35).unsqueeze(-1) * colour((255, 190, 100))
        c.paint(colour((255, 236, 190)) * 1.3, smoothstep(0.075, 0.06, distance))
        c.paint(colour((50, 34, 28)), smoothstep(0.006, 0.003, (right - x0).abs()) * (up > y0 + 0.06))
    c.blur(0.7)


def _shelves(c: Canvas, side: float) -> None:
    up, right, r = c.up, c.right, c.r
    glass = ("red", "teal", "orange", "yellow", "white", "green", "beige")
    for height in (0.5, 0.12):
        c.paint(colour((92, 58, 38)), smoothstep(0.02, 0.015, (up - height).abs()) * ((right * side) > 0.18))
        for bottle in range(6):
            x = side * (0.26 + 0.13 * bottle + r.uniform(-0.02, 0.02))
            tall, wide = r.uniform(0.08, 0.2), r.uniform(0.025, 0.045)
            neck = 1 - 0.4 * smoothstep(0.6, 0.9, (up - height) / tall)
            shape = smoothstep(0.006, -0.006, (right - x).abs() - wide * neck)
            shape = shape * (up > height + 0.02) * (up < height + tall)
            c.paint(colour(COLOURS[r.choice(glass)]) * 0.75, shape)


SPINES: tuple[Rgb, ...] = (
    (150, 52, 44), (38, 66, 104), (44, 92, 72), (196, 160, 92), (222, 206, 174), (92, 48, 72), (120, 78, 48),
    (60, 60, 74),
)  # fmt: skip


def library(c: Canvas) -> None:
    """A wall of books in wooden shelves, with a window of daylight or the glow of lamps."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    night = c.scene.light == "night"
    level = (up + 1.0 + r.uniform(0, 0.2)) / 0.36
    shelf, above = torch.floor(level), torch.frac(level)
    x = right * (17 + 2.5 * torch.sin(shelf * 1.7 + offset)) + shelf * 7.3 + offset + 40
    spine, across = torch.floor(x), torch.frac(x)
    tall = 0.62 + 0.27 * scattered(spine, shelf)
    pick = scattered(spine + 3.1, shelf * 2.3 + 1)
    tone = torch.stack([colour(rgb) for rgb in SPINES])[(pick * len(SPINES)).long().clamp(0, len(SPINES) - 1)]
    round_back = 0.55 + 0.6 * (1 - ((across - 0.5) * 2) ** 2)
    gold = smoothstep(0.03, 0.015, (above - tall * 0.8).abs()) + smoothstep(0.02, 0.01, (above - tall * 0.2).abs())
    tone = blend(tone * round_back.unsqueeze(-1), colour((220, 180, 100)), gold.clamp(0, 1) * 0.5 * (pick > 0.3))
    wood = colour((104, 66, 40)) * (0.85 + 0.3 * fractal_noise(right * 2 + offset, up * 18)).unsqueeze(-1)
    c.image = wood * 0.32
    c.paint(tone, (above > 0.09) * (above < tall) * (scattered(spine, shelf + 9) > 0.06) * 1.0)
    c.paint(wood, smoothstep(0.105, 0.09, above))
    c.paint(wood * 0.3, smoothstep(0.86, 1.0, above) * 0.7)
    post = torch.frac((right + offset + 2) * 0.9)
    c.paint(wood * 1.1, smoothstep(0.05, 0.04, post))
    side = r.choice((-1, 1))
    if night:
        c.image = c.image * vector(0.80, 0.62, 0.46)
    else:
        _window(c, side * r.uniform(0.5, 0.75), 0.3, 0.26, 0.5)
    c.image = c.image * (1.25 - 0.55 * smoothstep(0.1, 1.6, c.away(side * 0.6, 0.4))).unsqueeze(-1)
    c.blur(2.0)
    for number in range(3):
        _lamp(c, -0.75 + 0.75 * number + r.uniform(-0.12, 0.12), r.uniform(0.62, 0.86), 1.5 if night else 0.7)
    c.blur(0.7)


def kitchen(c: Canvas) -> None:
    """Tiles, cabinets, a shelf with jars and plants, and a window over the counter."""
    up, right, r = c.up, c.right, c.r
    tile = colour(r.choice(((232, 230, 222), (206, 224, 218), (232, 218, 206), (204, 216, 232))))
    row = torch.floor((up + 2) * 9)
    joint = torch.minimum(torch.frac((up + 2) * 9), torch.frac((right + 2) * 4.5 + row * 0.5))
    glaze = 0.86 + 0.14 * scattered(torch.floor((right + 2) * 4.5 + row * 0.5), row)
    c.image = tile * (glaze * (0.82 + 0.18 * smoothstep(0.0, 0.08, joint))).unsqueeze(-1)
    side = r.choice((-1, 1))
    _window(c, side * r.uniform(0.42, 0.6), 0.32, 0.36, 0.46)
    paint = colour(r.choice(((96, 132, 116), (74, 104, 134), (222, 196, 150), (168, 92, 74), (120, 132, 92))))
    away = right * -side
    cupboard = smoothstep(0.30, 0.31, away) * smoothstep(0.36, 0.37, up)
    c.paint(paint * (0.92 + 0.12 * smoothstep(0.36, 1.0, up)).unsqueeze(-1), cupboard)
    doors = torch.frac((away - 0.31) * 2.9 + 4)
    groove = smoothstep(0.04, 0.02, torch.minimum(doors, 1 - doors)) + smoothstep(0.02, 0.012, (up - 0.385).abs())
    c.paint(paint * 0.45, cupboard * groove.clamp(0, 1))
    knob = torch.sqrt(((doors - 0.86) / 2.9) ** 2 + (up - 0.45) ** 2)
    c.paint(colour((226, 190, 110)), cupboard * smoothstep(0.024, 0.016, knob))
    board = smoothstep(0.012, 0.008, (up - 0.08).abs()) * smoothstep(0.2, 0.21, away)
    c.paint(colour((150, 104, 66)), board)
    for jar in range(5):
        x = -side * (0.32 + 0.15 * jar + r.uniform(-0.02, 0.02))
        tall, wide = r.uniform(0.1, 0.19), r.uniform(0.04, 0.06)
        inside = smoothstep(0.006, -0.006, (right - x).abs() - wide) * (up > 0.09) * (up < 0.09 + tall)
        content = colour(r.choice(((214, 120, 60), (236, 214, 160), (130, 70, 44), (196, 60, 50), (120, 150, 80))))
        lid = smoothstep(0.0, 0.01, up - 0.09 - tall + 0.03)
        round_side = (1.15 - 0.6 * ((right - x) / wide).abs().clamp(0, 1)).unsqueeze(-1)
        c.paint(blend(content * round_side, colour((190, 150, 100)), lid), inside)
    _plant(c, side * r.uniform(0.8, 0.95), -0.16, 0.34)
    worktop = smoothstep(-0.21, -0.23, up)
    c.paint(colour((178, 132, 88)) * (0.9 + 0.2 * fractal_noise(right * 2, up * 20)).unsqueeze(-1), worktop)
    c.paint(paint * 0.85, smoothstep(-0.30, -0.31, up))
    c.blur(2.0)
    for x in (-0.45, 0.45):
        _lamp(c, x + r.uniform(-0.08, 0.08), 0.8, 0.6)
    c.blur(0.6)


OVER_TOWN: dict[str, tuple[Rgb, Rgb]] = {
    "day": ((120, 176, 232), (224, 238, 248)),
    "sunset": ((96, 90, 160), (250, 174, 112)),
    "night": ((16, 20, 52), (70, 58, 116)),
}
"""High and low of the sky before the windows of the office."""


def office(c: Canvas) -> None:
    """A glass front high above the town, a plant and a screen."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    night, evening = c.scene.light == "night", c.scene.light == "sunset"
    high, low = OVER_TOWN[c.scene.light]
    c.image = blend(colour(low), colour(high), smoothstep(-0.2, 1.0, up))
    for layer, (height, width) in enumerate(((0.30, 0.17), (0.06, 0.24), (-0.2, 0.34))):
        x = (right + offset + 2 + layer * 3.3) / width
        house = torch.floor(x)
        inside = x - house
        roof = height + 0.55 * (scattered(house, house * 0 + layer) - 0.35)
        wall = colour((50, 48, 88) if night else (196, 140, 128) if evening else (160, 182, 206))
        wall = mixed(wall, colour(low), 0.45 - 0.2 * layer) * (0.85 - 0.12 * layer)
        cell = scattered(torch.floor(inside * 6) + house * 13, torch.floor(up * 26) + layer * 7)
        pane = smoothstep(0.2, 0.3, torch.frac(inside * 6)) * smoothstep(0.25, 0.4, torch.frac((up + 2) * 26))
        lamp = colour((255, 214, 140)) if night or evening else colour((214, 232, 244))
        share = pane * (cell > (0.5 if night else 0.35)) * (0.9 if night else 0.45)
        front = blend(wall.expand(c.size, c.size, 3), lamp * (0.9 if night else 1.0), share)
        c.paint(front, (up < roof) * (inside > 0.04) * 1.0)
    c.blur(2.2)
    frame = colour((58, 62, 70))
    bars = torch.frac((right + 2 + offset) * 1.25)
    c.paint(frame, smoothstep(0.035, 0.028, torch.minimum(bars, 1 - bars)))
    c.paint(frame, smoothstep(0.026, 0.02, (up - 0.62).abs()))
    c.paint(colour((206, 200, 190)) * (0.35 if night else 0.85), smoothstep(-0.36, -0.38, up))
    side = r.choice((-1, 1))
    _screen(c, -side * r.uniform(0.62, 0.78), -0.22)
    _plant(c, side * r.uniform(0.68, 0.85), -0.5, 0.62)
    c.blur(1.3)
    if night:
        for at in (-0.5, 0.5):
            _lamp(c, at, 0.82, 1.0)


def train(c: Canvas) -> None:
    """A wide window with the land rushing past, between two seats."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    night = c.scene.light == "night"
    shades: dict[str, tuple[Rgb, Rgb, Rgb]] = {
        "night": ((18, 22, 54), (66, 58, 110), (24, 30, 50)),
        "sunset": ((104, 94, 166), (252, 172, 104), (120, 96, 84)),
        "day": ((104, 166, 232), (214, 234, 246), (112, 164, 84)),
    }
    high, low, land = (colour(rgb) for rgb in shades[c.scene.light])
    view = blend(low, high, smoothstep(0.0, 0.9, up))
    for layer in range(3):
        rolling = fractal_noise(right * (1.6 - 0.5 * layer) + offset + layer * 5, right * 0 + layer)
        hill = 0.30 - 0.16 * layer + 0.16 * (rolling - 0.5)
        streaks = value_noise(right * 1.5 + offset, up * (30 + 25 * layer)) * 0.5 + 0.7
        tone = mixed(land, low, 0.55 - 0.25 * layer) * streaks.unsqueeze(-1)
        view = blend(view, tone, smoothstep(hill + 0.012, hill - 0.012, up))
    if night:
        lights = smoothstep(0.8, 0.95, value_noise(right * 2.2 + offset, up * 40)) * smoothstep(0.3, 0.15, up)
        view = blend(view, colour((255, 206, 130)), lights * 0.8)
    panel = colour(r.choice(((206, 196, 178), (176, 190, 186), (196, 178, 158)))) * (0.5 if night else 0.9)
    c.image = panel * (0.85 + 0.15 * smoothstep(-0.5, 0.9, up)).unsqueeze(-1)
    edge = torch.sqrt(((right.abs() - 0.66).clamp(min=0)) ** 2 + (((up - 0.30).abs() - 0.28).clamp(min=0)) ** 2) - 0.16
    c.paint(colour((70, 72, 78)), smoothstep(0.07, 0.06, edge))
    c.paint(view, smoothstep(0.012, 0.0, edge))
    gleam = smoothstep(0.08, 0.0, (right - 0.55 * up - 0.3 * c.sun_x).abs()) * smoothstep(0.0, -0.02, edge)
    c.paint(vector(1.0, 1.0, 1.0), gleam * 0.14)
    c.paint(colour((96, 98, 104)), smoothstep(0.012, 0.008, (up - 0.86).abs()))
    c.blur(1.9)
    cloth = colour(r.choice(((40, 74, 122), (130, 44, 52), (44, 104, 92), (112, 72, 128))))
    cloth = cloth * (0.55 if night else 1.0)
    for side in (-1, 1):
        x = right * side - 0.82
        seat = torch.sqrt(((x.abs() - 0.16).clamp(min=0)) ** 2 + ((up + 0.62).abs() - 0.62).clamp(min=0) ** 2) - 0.12
        weave = 0.85 + 0.15 * value_noise(right * 60, up * 60) - 0.3 * smoothstep(-0.1, 0.3, x)
        c.paint(cloth * weave.unsqueeze(-1), smoothstep(0.01, -0.01, seat))
        rest = torch.sqrt((x.abs() - 0.12).clamp(min=0) ** 2 + ((up - 0.02).abs() - 0.03).clamp(min=0) ** 2) - 0.08
        c.paint(mixed(cloth, vector(0.9, 0.88, 0.84), 0.75), smoothstep(0.01, -0.01, rest))
    c.blur(1.2)


def concert(c: Canvas) -> None:
    """Beams of coloured light through haze, lamps in the rig, a glittering wall."""
    up, right, r, offset = c.up, c.right, c.r, c.offset
    hues: tuple[Rgb, ...] = ((80, 120, 255), (255, 70, 160), (60, 220, 220), (255, 150, 60), (170, 80, 255))
    first, second = r.sample(hues, 2)
    c.image = blend(colour(first) * 0.16, vector(0.006, 0.005, 0.014), smoothstep(-0.9, 0.9, up))
    cells_x, cells_y = torch.frac((right + offset + 2) * 13) - 0.5, torch.frac((up + 2) * 13) - 0.5
    glow = scattered(torch.floor((right + offset + 2) * 13), torch.floor((up + 2) * 13))
    dots = torch.exp(-(cells_x**2 + cells_y**2) * 18) * smoothstep(0.45, 1.0, glow)
    wall = smoothstep(0.66, 0.6, right.abs()) * smoothstep(0.62, 0.56, (up - 0.08).abs())
    c.image = c.image + (dots * wall).unsqueeze(-1) * mixed(colour(second), vector(1.0, 1.0, 1.0), 0.2) * 0.5
    haze = 0.55 + 0.9 * fractal_noise(right * 2 + offset, up * 2)
    for number in range(7):
        x0 = -0.9 + 0.3 * number + r.uniform(-0.06, 0.06)
        aim = r.uniform(-0.7, 0.7) - 0.35 * x0
        down = (1.02 - up).clamp(min=0.01)
        spread = (right - x0 - aim * down) / (0.035 + 0.15 * down)
        beam = torch.exp(-spread * spread) / (0.55 + 1.3 * down) * haze
        tone = colour(r.choice((first, second, first)))
        c.image = c.image + beam.unsqueeze(-1) * tone * 0.36
        lamp = c.away(x0, 0.93)
        glare = (torch.exp(-((lamp / 0.07) ** 2)) * 0.6).unsqueeze(-1)
        c.image = c.image + glare * mixed(tone, vector(1.0, 1.0, 1.0), 0.55)
    rig = smoothstep(0.014, 0.009, (up - 0.955).abs()) + smoothstep(0.012, 0.008, (up - 0.885).abs())
    struts = smoothstep(0.01, 0.006, (torch.frac(right * 6 + 8) - 0.5).abs() / 6) * (up > 0.885) * (up < 0.955)
    c.paint(vector(0.02, 0.02, 0.03), (rig + struts).clamp(0, 1))
    c.blur(1.8)
    for _ in range(r.randint(8, 14)):
        x0, y0, radius = r.uniform(-1, 1), r.uniform(-0.9, 0.2), r.uniform(0.03, 0.08)
        disc = smoothstep(radius, radius * 0.85, c.away(x0, y0)) * r.uniform(0.12, 0.35)
        c.image = c.image + disc.unsqueeze(-1) * colour(r.choice((first, second)))
    c.blur(0.6)


def _window(c: Canvas, x: float, y: float, wide: float, tall: float) -> None:
    """A window with a view of sky and leaves."""
    up, right = c.up, c.right
    across, above = (right - x).abs(), (up - y).abs()
    pane = smoothstep(wide, wide - 0.01, across) * smoothstep(tall, tall - 0.01, above)
    light = colour((255, 226, 180)) if c.scene.light == "morning" else colour((240, 240, 224))
    outside = blend(light, colour((150, 200, 240)), smoothstep(-0.2, 0.8, up))
    leaves = smoothstep(0.45, 0.62, fractal_noise(right * 6 + c.offset, up * 6)) * smoothstep(0.45, -0.1, up)
    outside = blend(outside, colour((120, 172, 92)), leaves)
    frame = smoothstep(wide + 0.05, wide + 0.04, across) * smoothstep(tall + 0.05, tall + 0.04, above)
    c.paint(colour((236, 230, 220)) * 0.9, frame)
    c.paint(outside * 1.15, pane)
    bars = (smoothstep(0.018, 0.012, across) + smoothstep(0.018, 0.012, above)).clamp(0, 1)
    c.paint(colour((236, 230, 220)) * 0.9, pane * bars)


def _lamp(c: Canvas, x: float, y: float, strength: float) -> None:
    """A hanging lamp and its glow."""
    distance = torch.sqrt((c.right - x) ** 2 + ((c.up - y) * 1.1) ** 2)
    c.image = c.image + (torch.exp(-distance * 5) * 0.4 * strength).unsqueeze(-1) * colour((255, 190, 104))
    c.paint(colour((40, 32, 30)), smoothstep(0.006, 0.003, (c.right - x).abs()) * (c.up > y + 0.05))
    c.paint(colour((255, 238, 200)) * 1.3, smoothstep(0.07, 0.058, distance))


def _plant(c: Canvas, x: float, foot: float, size: float) -> None:
    """A pot with long leaves."""
    right, up = (c.right - x) / size, (c.up - foot) / size
    for number in range(9):
        angle = -1.15 + 2.3 * number / 8 + c.r.uniform(-0.08, 0.08)
        length = c.r.uniform(0.75, 1.1)
        along = right * math.sin(angle) + up * math.cos(angle)
        across = right * math.cos(angle) - up * math.sin(angle) - 0.25 * math.sin(angle) * along * along
        width = 0.10 * torch.sin(math.pi * (along / length).clamp(0.001, 0.999)) ** 0.8
        leaf = smoothstep(0.02, -0.02, across.abs() - width) * (along > 0) * (along < length)
        tone = colour((62, 132, 72)) * c.r.uniform(0.6, 1.25) * _hour(c)
        c.paint(blend(tone, tone * 1.5, smoothstep(0.02, 0.0, across.abs())), leaf)
    pot = smoothstep(0.02, -0.02, right.abs() - 0.26 - 0.12 * up) * (up > -0.55) * (up < 0.05)
    c.paint(colour((206, 130, 92)) * (1.1 - 0.5 * smoothstep(-0.2, 0.3, right)).unsqueeze(-1) * _hour(c), pot)


def _hour(c: Canvas) -> float:
    return 0.5 if c.scene.light == "night" else 1.0


def _screen(c: Canvas, x: float, foot: float) -> None:
    """A computer screen with a few coloured windows."""
    right, up = c.right - x, c.up - foot
    c.paint(vector(0.05, 0.05, 0.06), smoothstep(0.04, 0.03, right.abs()) * (up < 0.02) * (up > -0.2))
    inside = torch.maximum((right.abs() - 0.25), (up - 0.17).abs() - 0.16)
    c.paint(vector(0.03, 0.03, 0.035), smoothstep(0.03, 0.022, inside))
    ends = 0.02 + 0.12 * torch.sin(torch.floor(up * 22) * 3)
    lines = smoothstep(0.3, 0.5, torch.frac(up * 22)) * (right > -0.2) * (right < ends)
    glass = blend(colour((196, 218, 240)), colour((90, 130, 190)), lines * 1.0)
    c.paint(glass, smoothstep(0.008, 0.0, inside))
