"""What is painted on things and creatures, and on what they stand on."""

import random
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from studio.world.canvas import SPECTRUM
from studio.world.figures import Detail
from studio.world.identity import Rgb
from studio.world.materials import Material
from studio.world.noise import blend, colour, fractal_noise, mixed, value_noise, vector
from studio.world.palette import COLOURS
from studio.world.shapes import smoothstep
from studio.world.still_life import Thing
from studio.world.surfaces import Hits, Paint, Shading
from studio.world.things import Placed, Things

Place = tuple[Tensor, Tensor, Tensor]
GROUNDS: Mapping[str, tuple[Rgb, Rgb]] = {
    "beach": ((236, 206, 150), (206, 168, 112)),
    "desert": ((226, 176, 116), (200, 146, 88)),
    "forest": ((92, 140, 60), (52, 84, 40)),
    "garden": ((104, 160, 66), (62, 112, 44)),
    "mountains": ((118, 168, 76), (76, 124, 54)),
    "city": ((60, 56, 84), (36, 34, 58)),
    "library": ((132, 84, 52), (96, 58, 36)),
    "café": ((132, 84, 52), (96, 58, 36)),
}
"""Light and dark of the ground at a place."""
CAT_EYES = (116, 158, 62)


def paint_things(things: Things, hits: Hits, s: Shading, paint: Paint) -> None:
    """Fill in the things, the creatures, the microphone, and what they stand on."""
    still = things.scene.still
    said = still.things if still is not None else things.scene.things
    for number, (thing, placed) in enumerate(zip(said, things.placed, strict=True)):
        _thing(thing, placed, Material.THING + 10 * number, hits, s, paint)
    q = hits.of(Material.MICROPHONE)
    paint.albedo[q] = vector(0.05, 0.05, 0.06).expand(len(q), 3)
    paint.gloss[q], paint.sharpness[q], paint.mirror[q] = 0.8, 40.0, 0.3
    _ground(things, hits, paint)


def _thing(thing: Thing, placed: Placed, first: int, hits: Hits, s: Shading, paint: Paint) -> None:
    q = hits.of(first + Detail.BODY)
    if len(q):
        tone = colour(COLOURS[thing.colour]) if thing.colour else vector(0.9, 0.9, 0.9)
        paint.albedo[q] = tone.expand(len(q), 3)
        paint.gloss[q], paint.sharpness[q], paint.mirror[q] = 0.5, 40.0, 0.12
        place = placed.local(hits.x[q], hits.y[q], hits.z[q])
        if thing.shape in SKINS:
            paint.albedo[q] = SKINS[thing.shape](tone, place)
            paint.gloss[q], paint.mirror[q] = (0.4, 0.08) if thing.shape == "apple" else (0.12, 0.03)
        MADE_OF[thing.material](tone, q, place, hits, s, paint)
    for detail, (light, gloss, mirror) in DETAILS.items():
        q = hits.of(first + detail)
        if len(q):
            paint.albedo[q] = vector(*light).expand(len(q), 3)
            paint.gloss[q], paint.sharpness[q], paint.mirror[q] = gloss, 40.0, mirror
    q = hits.of(first + Detail.EYES)
    if len(q) and thing.shape == "cat":
        paint.albedo[q] = _cat_eyes(placed.local(hits.x[q], hits.y[q], hits.z[q]))
    q = hits.of(first + Detail.MANE)
    if len(q) and thing.shape == "unicorn":
        paint.albedo[q] = _mane(placed.local(hits.x[q], hits.y[q], hits.z[q]))


DETAILS: Mapping[Detail, tuple[Rgb, float, float]] = {
    Detail.EYES: ((0.015, 0.012, 0.02), 1.0, 0.25),
    Detail.FRAME: ((0.03, 0.03, 0.035), 0.8, 0.25),
    Detail.HORN: ((0.95, 0.7, 0.25), 0.8, 0.35),
    Detail.MANE: ((0.95, 0.96, 1.0), 0.1, 0.0),
    Detail.STEM: ((0.16, 0.09, 0.05), 0.1, 0.0),
    Detail.LEAF: ((0.10, 0.32, 0.07), 0.3, 0.05),
}
"""Colour (linear), gloss and mirror of the small parts."""


def _plain(tone: Tensor, q: Tensor, place: Place, hits: Hits, s: Shading, paint: Paint) -> None:
    """Painted clay: nothing to add."""


def _metal(tone: Tensor, q: Tensor, place: Place, hits: Hits, s: Shading, paint: Paint) -> None:
    """Little colour of its own, and a mirror in that colour."""
    if paint.tint is None:
        paint.tint = torch.ones_like(paint.albedo)
    paint.tint[q] = mixed(tone, vector(1.0, 1.0, 1.0), 0.25) * 2.1
    paint.albedo[q] = (tone * 0.28).expand(len(q), 3)
    paint.mirror[q], paint.gloss[q], paint.sharpness[q], paint.edge[q] = 1.25, 1.6, 70.0, 0.6


def _glass(tone: Tensor, q: Tensor, place: Place, hits: Hits, s: Shading, paint: Paint) -> None:
    """Dark where the lamp meets it, glowing where its light leaves, clear in the middle and bright at the edge."""
    leaving = (-s.facing[q] * 0.75 + 0.35).clamp(0, 1)
    through = mixed(tone, vector(1.0, 1.0, 1.0), 0.3)
    paint.albedo[q] = (tone * 0.22 + 0.03).expand(len(q), 3)
    paint.glow[q] = through * (0.16 + 0.75 * leaving * s.seen[q]).unsqueeze(-1)
    paint.gloss[q], paint.sharpness[q], paint.mirror[q], paint.edge[q] = 1.8, 110.0, 0.5, 1.1


def _wood(tone: Tensor, q: Tensor, place: Place, hits: Hits, s: Shading, paint: Paint) -> None:
    """Stained wood with rings of grain."""
    x, y, z = place
    rings = torch.sin((x * 1.1 + 0.25 * z) * 9 + 3.2 * value_noise(y * 1.3 + 5, z * 2.2 + x) + y * 1.5) * 0.5 + 0.5
    fine = value_noise(x * 26 + z * 7, y * 4 + z * 3)
    stained = mixed(tone, colour((150, 98, 56)), 0.38)
    paint.albedo[q] = blend(stained * 1.05, stained * 0.42, smoothstep(0.25, 0.95, rings * 0.75 + fine * 0.35))
    paint.gloss[q], paint.sharpness[q], paint.mirror[q] = 0.14, 14.0, 0.02


MADE_OF: Mapping[str, Callable[[Tensor, Tensor, Place, Hits, Shading, Paint], None]] = {
    "plain": _plain,
    "metal": _metal,
    "glass": _glass,
    "wood": _wood,
}


def _apple(tone: Tensor, place: Place) -> Tensor:
    x, y, z = place
    streaks = value_noise(torch.atan2(x, z) * 9, y * 1.2) * smoothstep(0.2, 1.3, y)
    c = blend(tone.expand(len(x), 3), mixed(tone, colour((250, 224, 120)), 0.6), streaks * 0.45)
    pit = smoothstep(0.3, 0.12, torch.sqrt(x * x + z * z)) * smoothstep(1.1, 1.25, y)
    return blend(c, colour((120, 130, 50)), pit * 0.7)


def _book(tone: Tensor, place: Place) -> Tensor:
    x, y, z = place
    edges = torch.maximum((x > 0.9) * 1.0, (z.abs() > 0.65) * (x > -0.9) * 1.0)
    paper = smoothstep(0.16, 0.14, (y - 0.22).abs()) * edges
    leaves = vector(0.86, 0.82, 0.70) * (0.85 + 0.15 * torch.sin(y * 120)).unsqueeze(-1)
    band = smoothstep(0.02, 0.01, (z.abs() - 0.5).abs() - 0.02) * (y > 0.4) + ((x + 0.78).abs() < 0.02) * (y > 0.4)
    c = blend(tone.expand(len(x), 3), colour((240, 214, 140)), band.clamp(0, 1) * 0.8)
    return blend(c, leaves, paper)


def _cat(tone: Tensor, place: Place) -> Tensor:
    """Fur with stripes on all but black cats, a pale chest and muzzle, pink ears and nose."""
    x, y, z = place
    side = x.abs()
    fur = tone * (0.82 + 0.3 * value_noise(x * 30 + z * 9, y * 22)).unsqueeze(-1)
    dark = float(tone.mean()) < 0.06
    stripes = smoothstep(0.55, 0.85, torch.sin(y * 13 + 1.2 * torch.sin(side * 5) + z * 3)) * (z < 0.42)
    crown = smoothstep(0.5, 0.8, torch.sin(x * 26)) * (y > 1.93) * (z > 0.2) * (side < 0.34)
    c = fur if dark else blend(fur, tone * 0.45, torch.maximum(stripes, crown * 1.0) * 0.65)
    pale = mixed(tone, vector(1.0, 0.97, 0.92), 0.15 if dark else 0.78)
    muzzle = smoothstep(0.32, 0.2, torch.sqrt((side * 0.9) ** 2 + ((y - 1.53) * 1.25) ** 2)) * (z > 0.3)
    chest = smoothstep(0.34, 0.16, torch.sqrt(x * x + ((y - 0.98) * 0.6) ** 2)) * (z > 0.3)
    paws = smoothstep(0.24, 0.18, y) * (z > 0.35) * (side < 0.42)
    c = blend(c, pale.expand_as(c), torch.maximum(torch.maximum(muzzle, chest), paws * 1.0) * 0.9)
    inner = smoothstep(0.16, 0.08, torch.sqrt((side - 0.40) ** 2 + ((y - 2.13) * 0.62) ** 2)) * (z > 0.06)
    c = blend(c, colour((226, 150, 150)), inner * 0.85)
    nose = smoothstep(0.075, 0.05, torch.sqrt((x * 0.8) ** 2 + ((y - 1.635) * 1.3) ** 2)) * (z > 0.45)
    c = blend(c, colour((214, 110, 118)), nose)
    mouth = torch.exp(-(((y - 1.53 - 0.6 * (side - 0.09) ** 2 * 8) / 0.016) ** 2)) * (side < 0.17) * (z > 0.45)
    return blend(c, vector(0.10, 0.05, 0.05), mouth * 0.8)


def _cat_eyes(place: Place) -> Tensor:
    x, y, _ = place
    across, up = (x.abs() - 0.235) / 0.125, (y - 1.76) / 0.125
    iris = colour(CAT_EYES) * (1.5 - 0.8 * up.clamp(-1, 1)).unsqueeze(-1)
    pupil = smoothstep(0.5, 0.4, torch.sqrt((across * 1.7) ** 2 + (up * 0.75) ** 2))
    c = blend(iris, vector(0.01, 0.01, 0.012), pupil)
    glint = smoothstep(0.26, 0.16, torch.sqrt((across + 0.28) ** 2 + (up - 0.34) ** 2))
    return blend(c, vector(1.6, 1.6, 1.6), glint)


def _unicorn(tone: Tensor, place: Place) -> Tensor:
    """A soft coat, golden hooves, a pale muzzle."""
    x, y, z = place
    c = mixed(tone, vector(1.0, 1.0, 1.0), 0.16) * (0.94 + 0.08 * value_noise(x * 8, y * 8 + z * 5)).unsqueeze(-1)
    hooves = smoothstep(0.17, 0.14, y) * 1.0
    c = blend(c, vector(0.85, 0.6, 0.22), hooves)
    muzzle = smoothstep(0.22, 0.12, torch.sqrt((x - 1.3) ** 2 + (y - 1.72) ** 2))
    return blend(c, colour((240, 196, 196)), muzzle * 0.7)


def _mane(place: Place) -> Tensor:
    x, y, z = place
    along = (0.9 * y - 0.5 * x + 0.05 * torch.sin(z * 9)) * 5.2 + torch.sin(x * 4) * 0.5
    bands = torch.stack([colour(rgb) for rgb in SPECTRUM])
    step = torch.frac(along / len(SPECTRUM) + 10) * len(SPECTRUM)
    low = torch.floor(step).long() % len(SPECTRUM)
    return blend(bands[low], bands[(low + 1) % len(SPECTRUM)], smoothstep(0.3, 0.7, torch.frac(step))) * 1.1


def _rainbow(tone: Tensor, place: Place) -> Tensor:
    x, y, _ = place
    step = ((1.09 - torch.sqrt(x * x + y * y)) / 0.54 * len(SPECTRUM)).clamp(0, len(SPECTRUM) - 0.01)
    return torch.stack([colour(rgb) for rgb in SPECTRUM])[torch.floor(step).long()]


SKINS: Mapping[str, Callable[[Tensor, Place], Tensor]] = {
    "apple": _apple,
    "book": _book,
    "cat": _cat,
    "unicorn": _unicorn,
    "rainbow": _rainbow,
}
"""Things with a skin of their own."""


def _ground(things: Things, hits: Hits, paint: Paint) -> None:
    q = hits.of(Material.TABLE)
    if not len(q):
        return
    scene, x, z = things.scene, hits.x[q], hits.z[q]
    paint.gloss[q], paint.mirror[q], paint.edge[q] = 0.12, 0.06, 0.0
    if scene.still is not None and scene.still.ground == "place" and scene.place in GROUNDS:
        light, dark = (colour(rgb) for rgb in GROUNDS[scene.place])
        grain = 0.5 * value_noise(x * 9, z * 9 + 3) + 0.5 * fractal_noise(x * 2.3 + 1, z * 2.3)
        paint.albedo[q] = blend(light, dark, smoothstep(0.2, 0.85, grain))
        paint.gloss[q], paint.mirror[q] = 0.0, 0.0
    elif scene.place in ("café", "library", "office") or (scene.still is not None and scene.seed % 3 == 0):
        paint.albedo[q] = _planks(x, z, (190, 132, 84) if scene.place != "office" else (206, 170, 126))
    elif scene.place == "kitchen":
        paint.albedo[q] = _marble(x, z)
        paint.mirror[q], paint.gloss[q] = 0.14, 0.3
    else:
        cloth = random.Random(scene.seed).choice(("beige", "mint", "grey", "white", "pink"))
        paint.albedo[q] = (colour(COLOURS[cloth]) * 0.8).expand(len(q), 3)


def _planks(x: Tensor, z: Tensor, rgb: Rgb) -> Tensor:
    grain = 0.82 + 0.3 * fractal_noise(x * 1.2 + 3, z * 9 + 1)
    return colour(rgb) * grain.unsqueeze(-1)


def _marble(x: Tensor, z: Tensor) -> Tensor:
    vein = (fractal_noise(x * 1.1 + 5, z * 1.1 + 2) - 0.47).abs()
    return blend(vector(0.50, 0.52, 0.56), vector(0.80, 0.79, 0.77), smoothstep(0.0, 0.07, vein))
