"""What is painted on everything but heads and things: clothes, hats, gear, water."""

import torch
from torch import Tensor

from studio.world.body import Body
from studio.world.face_paint import SKIN_WRAP, skin_tone
from studio.world.head import Head
from studio.world.materials import Material
from studio.world.noise import blend, colour, mixed, value_noise, vector
from studio.world.palette import COLOURS
from studio.world.scene import Scene
from studio.world.shapes import smoothstep
from studio.world.surfaces import Hits, Paint

KNITTED = ("tee", "sweater", "shirt")


def paint_clothes(head: Head, body: Body, hits: Hits, paint: Paint) -> None:
    """Fill in garments, collars, hats, scarves, glasses and ski gear."""
    _garment(body, hits, paint)
    place = head.to_head(hits.x, hits.y, hits.z)
    _hat(body.scene, hits, place, paint)
    _scarf_and_collar(body.scene, hits, place, paint)
    _gear(head, hits, place, paint)


def _garment(body: Body, hits: Hits, paint: Paint) -> None:
    q = hits.of(Material.CLOTH)
    if not len(q):
        return
    scene, garment = body.scene, body.scene.garment
    x, y, z = body.to_body(hits.x[q], hits.y[q], hits.z[q])
    first, second = colour(COLOURS[scene.colour]), colour(COLOURS[scene.second_colour])
    c = first.expand(len(q), 3)
    if garment in KNITTED:
        c = _pattern(scene, c, first, second, x, y)
    if garment in ("sweater", "hoodie"):
        c = c * (0.9 + 0.12 * value_noise(x * 60, y * 26)).unsqueeze(-1)
    elif garment == "puffer":
        c = blend(c, second, smoothstep(0.02, -0.02, (y + 2.15).abs() - 0.16))
        paint.gloss[q], paint.sharpness[q] = 0.25, 18.0
    elif garment == "shirt":
        c = blend(c, c * 0.55, smoothstep(0.02, 0.01, (x - 0.03).abs()) * (z > 0))
        button = torch.sqrt(x**2 + (torch.frac(y * 2.6 + 10) / 2.6 - 0.19) ** 2)
        c = blend(c, vector(0.9, 0.9, 0.88), smoothstep(0.04, 0.03, button) * (z > 0))
    elif garment == "blazer":
        c = _blazer(c, first, second, x, y, z)
    elif garment == "apron":
        c = _apron(first, second, x, y, z)
    elif garment == "turtleneck":
        c = c * (0.9 + 0.12 * torch.sin(x * 90)).unsqueeze(-1)
    elif garment == "wetsuit":
        c = blend(first * 0.55 + 0.01, vector(0.012, 0.014, 0.022), smoothstep(0.03, 0.02, x.abs()) * (z > 0))
        c = blend(c, vector(0.015, 0.018, 0.028), smoothstep(0.80, 0.86, x.abs()))
        paint.gloss[q], paint.sharpness[q] = 0.30, 22.0
    bare = _bare(garment, body.identity.shoulders, x, y, z)
    if bare is not None:
        c = blend(c, skin_tone(body.identity).expand_as(c), bare)
        if garment == "tee":
            hem = torch.exp(-(((_neckline(x, y, z, 1.30) - 0.47) / 0.025) ** 2))
            c = blend(c, first * 0.6, hem * 0.8)
        paint.wrap[q] = blend(vector(0.15, 0.15, 0.15), vector(*SKIN_WRAP), bare)
        paint.gloss[q] = paint.gloss[q] + 0.1 * bare
    paint.albedo[q], paint.edge[q] = c, 0.35


def _blazer(c: Tensor, first: Tensor, second: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Lapels on both sides of a plain shirt in the second colour."""
    opening = (0.46 - 0.40 * (-1.25 - y)) - x.abs()
    front = (z > 0) * 1.0
    lapel = smoothstep(-0.25, -0.23, opening) * front
    c = blend(c, first * 0.78, lapel)
    c = blend(c, first * 0.3, torch.exp(-(((opening + 0.24) / 0.018) ** 2)) * front)
    c = blend(c, second.expand_as(c), smoothstep(-0.01, 0.01, opening) * front)
    return blend(c, first * 0.3, torch.exp(-((opening / 0.02) ** 2)) * front * 0.8)


def _apron(first: Tensor, second: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """A bib with straps over a t-shirt in the second colour."""
    c = second.expand(len(x), 3)
    front = (z > 0) * 1.0
    bib = smoothstep(0.02, 0.0, (x.abs() - 0.60).clamp(min=0)) * smoothstep(-1.60, -1.62, y)
    straps = smoothstep(0.10, 0.085, (x.abs() - 0.50 - 0.12 * (y + 1.6)).abs()) * (y > -1.65)
    return blend(c, first.expand_as(c) * (1 - 0.3 * torch.exp(-(((y + 1.66) / 0.015) ** 2)).unsqueeze(-1)),
                 torch.maximum(bib, straps) * front)  # fmt: skip


def _pattern(scene: Scene, c: Tensor, first: Tensor, second: Tensor, x: Tensor, y: Tensor) -> Tensor:
    if scene.pattern == "stripes":
        if scene.garment == "shirt":
            return blend(first, second, smoothstep(0.5, 0.7, torch.sin(x * 26)))
        return blend(first, second, smoothstep(-0.15, 0.15, torch.sin(y * 19)))
    if scene.pattern == "dots":
        across, down = torch.frac(x * 3.4 + 10) - 0.5, torch.frac(y * 3.4 + 10) - 0.5
        return blend(c, second, smoothstep(0.26, 0.2, torch.sqrt(across * across + down * down)))
    return c


def _neckline(x: Tensor, y: Tensor, z: Tensor, height: float) -> Tensor:
    return torch.sqrt(x * x + (y + height) ** 2 + 0.5 * (z - 0.1) ** 2)


def _bare(garment: str, shoulders: float, x: Tensor, y: Tensor, z: Tensor) -> Tensor | None:
    """Where a garment leaves the skin free (n,), or None for garments that cover all."""
    free: Tensor | None = None
    if garment in ("tee", "apron"):
        free = smoothstep(-0.02, 0.02, 0.46 - _neckline(x, y, z, 1.30))
    elif garment == "blazer":
        free = smoothstep(-0.02, 0.02, 0.43 - _neckline(x, y, z, 1.28))
    elif garment == "wetsuit":
        free = smoothstep(-0.02, 0.02, 0.37 - _neckline(x, y, z, 1.26))
    elif garment == "shirt":
        opening = (0.36 - 0.55 * (-1.2 - y)) - x.abs()
        free = smoothstep(-0.015, 0.015, opening) * (z > 0) * (y > -1.85)
    elif garment == "tank":
        trunk = smoothstep(-1.66, -1.70, y - 0.42 * x * x) * (x.abs() < 0.86)
        straps = smoothstep(0.15, 0.135, (x.abs() - 0.54).abs()) * (y < -1.2)
        arms = smoothstep(0.02, -0.02, x.abs() - shoulders * 0.84 + 0.12 * smoothstep(-1.9, -1.6, y))
        free = 1 - torch.maximum(trunk, straps) * arms
    return free


def _woven(c: Tensor, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    return c * (0.9 + 0.14 * value_noise(x * 40 + z * 20, y * 50)).unsqueeze(-1)


def _hat(scene: Scene, hits: Hits, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    tone = colour(COLOURS[scene.hat_colour])
    q = hits.of(Material.HAT)
    if len(q):
        x, y, z = (axis[q] for axis in place)
        c = tone.expand(len(q), 3)
        if scene.hat == "sunhat":
            c = colour((232, 206, 150)) * (0.85 + 0.15 * torch.sin(y * 60)).unsqueeze(-1)
            band = smoothstep(0.03, 0.01, (y - 0.74).abs() - 0.09) * (torch.sqrt(x**2 + z**2) < 1.25)
            c = blend(c, tone.expand_as(c), band)
        elif scene.hat == "cowboy":
            band = smoothstep(0.03, 0.01, (y - 0.78).abs() - 0.07) * (torch.sqrt(x**2 + z**2) < 1.2)
            c = blend(c, tone * 0.3, band)
        paint.albedo[q] = c if scene.hat == "helmet" else _woven(c, x, y, z)
        if scene.hat == "helmet":
            paint.gloss[q], paint.sharpness[q], paint.mirror[q] = 0.9, 50.0, 0.25
    q = hits.of(Material.POMPOM)
    paint.albedo[q] = mixed(tone, vector(1.0, 1.0, 1.0), 0.6).expand(len(q), 3)


def _scarf_and_collar(scene: Scene, hits: Hits, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    q = hits.of(Material.COLLAR)
    x, y, z = (axis[q] for axis in place)
    paint.albedo[q] = _woven((colour(COLOURS[scene.colour]) * 0.92).expand(len(q), 3), x, y, z)
    q = hits.of(Material.SCARF)
    x, y, z = (axis[q] for axis in place)
    c = colour(COLOURS[scene.second_colour]).expand(len(q), 3)
    stripes = smoothstep(0.4, 0.6, torch.frac(hits.y[q] * 3.4 + hits.x[q] * 0.6 + 10)) * 0.6
    paint.albedo[q] = _woven(blend(c, colour(COLOURS[scene.colour]) * 0.8 + 0.1, stripes), x, y, z)


def _gear(head: Head, hits: Hits, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    """Gloves and poles, earrings, glasses and goggles: plain colours, some of them shiny."""
    gold = head.identity.earring == "gold"
    plain: dict[Material, tuple[Tensor, float]] = {
        Material.GLOVE: (vector(0.06, 0.06, 0.08), 0.0),
        Material.POLE: (vector(0.5, 0.52, 0.56), 0.25),
        Material.METAL: (vector(0.95, 0.7, 0.25) if gold else vector(0.8, 0.82, 0.86), 0.25),
        Material.FRAME: (vector(0.03, 0.03, 0.035), 0.25),
        Material.LENS: (vector(0.03, 0.03, 0.05), 0.45),
        Material.GOGGLES_FRAME: (vector(0.82, 0.82, 0.84), 0.0),
        Material.GOGGLES_LENS: (vector(0.15, 0.1, 0.5), 0.45),
    }
    for material, (tone, mirror) in plain.items():
        q = hits.of(material)
        paint.albedo[q] = tone.expand(len(q), 3)
        if mirror:
            paint.gloss[q], paint.sharpness[q], paint.mirror[q] = 0.9, 50.0, mirror
    q = hits.of(Material.GOGGLES_LENS)
    sweep = smoothstep(-0.3, 0.3, place[0][q] + place[1][q])
    paint.albedo[q] = blend(vector(0.9, 0.35, 0.1), vector(0.15, 0.1, 0.5), sweep)


def paint_water(scene: Scene, hits: Hits, paint: Paint) -> None:
    """Fill in the water, with rings of foam round the swimmer."""
    q = hits.of(Material.WATER)
    if not len(q):
        return
    x, z = hits.x[q], hits.z[q]
    deep, shallow = colour((16, 104, 150)), colour((60, 196, 206))
    if scene.light == "sunset":
        deep, shallow = colour((60, 66, 128)), colour((210, 130, 130))
    radius = torch.sqrt((x * 0.9) ** 2 + (z + 0.1) ** 2)
    ripples = value_noise(x * 3 + 1.5 * torch.sin(z * 2), z * 5)
    c = blend(deep, shallow, (0.35 + 0.5 * ripples + 0.25 * smoothstep(3.0, 0.5, radius)).clamp(0, 1))
    away = torch.stack([distance[q] for material, distance in hits.parts if material != Material.WATER])
    near = away.min(0).values
    rings = torch.exp(-(((near - 0.34 - 0.05 * torch.sin(x * 9)) / 0.035) ** 2))
    rings = rings + torch.exp(-(((near - 0.72 - 0.07 * torch.sin(x * 6 + 2)) / 0.03) ** 2)) * 0.7
    foam = torch.exp(-((near / 0.07) ** 2)) * 0.8 + rings * 0.5
    c = blend(c, vector(0.95, 0.98, 1.0), foam.clamp(0, 1))
    folds = 1 - (value_noise(x * 6 + ripples * 2, z * 6) * 2 - 1).abs()
    paint.albedo[q] = c + (0.22 * smoothstep(0.62, 0.9, folds)).unsqueeze(-1) * shallow
    paint.gloss[q], paint.sharpness[q], paint.mirror[q], paint.wrap[q] = 1.0, 90.0, 0.3, 0.6
