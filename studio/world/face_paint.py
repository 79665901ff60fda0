"""What is painted on a head: skin and its marks, lips, irises, lids, brows, hair, beard."""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.world.head import Head
from studio.world.identity import EYES, HAIR, SKIN, Identity
from studio.world.materials import Material
from studio.world.noise import blend, colour, mixed, value_noise, vector
from studio.world.scene import Scene
from studio.world.shapes import smoothstep
from studio.world.surfaces import Hits, Paint, Shading

SKIN_WRAP = (0.5, 0.28, 0.2)
"""Light bleeds round skin, red furthest: a cheap stand-in for scattering below the surface. Numbers, for no device is chosen yet."""


def skin_tone(identity: Identity) -> Tensor:
    """The person's own skin colour, linear (3,)."""
    return (colour(SKIN[identity.skin]) * (1 + vector(*identity.skin_shift))).clamp(0, 1)


@dataclass(frozen=True, slots=True)
class Face:
    """Skin points in the head's coordinates, with the colour painted so far."""

    x: Tensor
    y: Tensor
    side: Tensor
    z: Tensor
    front: Tensor


def paint_head(head: Head, hits: Hits, s: Shading, paint: Paint) -> None:
    """Fill in the paint of every point of the head that skin, eyes or hair cover."""
    x, y, z = head.to_head(hits.x, hits.y, hits.z)
    _skin(head, hits.of(Material.SKIN), (x, y, z), paint)
    _eyes(head, hits.of(Material.EYE), (x, y, z), paint)
    _lids(head, hits.of(Material.LID), (x, y, z), paint)
    tone = colour(HAIR[head.identity.hair])
    for material, shade in ((Material.BROW, mixed(tone, vector(0.03, 0.02, 0.02), 0.35)), (Material.BEARD, tone * 0.85)):
        q = hits.of(material)
        if len(q):
            paint.albedo[q] = shade * (0.85 + 0.3 * value_noise(x[q] * 40, y[q] * 18)).unsqueeze(-1)
            paint.wrap[q], paint.edge[q] = 0.3, 0.3
    _hair(head, hits, (x, y, z), s, paint)


def _skin(head: Head, q: Tensor, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    if not len(q):
        return
    x, y, z = (axis[q] for axis in place)
    face = Face(x, y, x.abs(), z, smoothstep(0.2, 0.5, z))
    c = skin_tone(head.identity).expand(len(q), 3)
    c = c * (0.965 + 0.07 * value_noise(x * 5 + 3, y * 5 + z * 4)).unsqueeze(-1)
    c = _blush(head, face, c)
    c = _contour(head.identity, face, c)
    c = _lines(head.identity, head, face, c)
    c = _stubble(head.identity, face, c)
    c = _marks(head.identity, face, c)
    c, lips = _mouth(head.identity, head.scene, face, c)
    paint.albedo[q], paint.wrap[q] = c, vector(*SKIN_WRAP)
    paint.gloss[q], paint.sharpness[q], paint.edge[q] = 0.11 + 0.22 * lips, 20.0, 0.42


def _blush(head: Head, f: Face, c: Tensor) -> Tensor:
    i, eye = head.identity, head.eye
    cheeks = torch.exp(-(((f.side - 0.46) / 0.2) ** 2 + ((f.y + 0.30) / 0.16) ** 2)) * i.blush * 0.7
    nose = 0.22 * torch.exp(-((f.x / 0.14) ** 2 + ((f.y - i.nose_y) / 0.10) ** 2))
    c = blend(c, c * vector(1.05, 0.72, 0.68), f.front * (cheeks + nose))
    ears = smoothstep(i.head_width - 0.1, i.head_width + 0.02, f.side) * (f.y.abs() < 0.35) * 0.5
    c = blend(c, c * vector(0.95, 0.7, 0.68), ears)
    around = ((f.side - eye[0]) / (i.eye_radius * 1.35)) ** 2 + ((f.y - eye[1] - 0.03) / (i.eye_radius * 0.9)) ** 2
    depth = 0.30 if i.gender == "man" else 0.38
    return blend(c, c * vector(0.80, 0.72, 0.70), torch.exp(-around) * f.front * depth)


def _contour(i: Identity, f: Face, c: Tensor) -> Tensor:
    """The hollow under the cheekbones and the sides of the nose's bridge: round cheeks alone would be a child's."""
    along = f.side - 0.46 - 0.55 * (f.y + 0.34)
    hollow = torch.exp(-((along / 0.075) ** 2)) * smoothstep(-0.72, -0.52, f.y) * smoothstep(-0.20, -0.34, f.y)
    bridge = torch.exp(-(((f.side - i.nose_width * 0.95) / 0.035) ** 2))
    bridge = bridge * smoothstep(i.nose_y, i.nose_y + 0.12, f.y) * smoothstep(0.24, 0.06, f.y)
    return blend(c, c * vector(0.74, 0.64, 0.60), f.front * (0.55 * hollow + 0.30 * bridge).clamp(0, 1))


def _lines(i: Identity, head: Head, f: Face, c: Tensor) -> Tensor:
    """Nasolabial folds, philtrum, and lines of forehead and eyes: faint in everyone, plain with age."""
    age = i.wrinkles
    fold = f.side - (i.nose_width * 1.05 + 0.04 + (i.nose_y - f.y) * 0.36)
    length = smoothstep(i.mouth_y + 0.02, i.mouth_y + 0.14, f.y) * smoothstep(i.nose_y + 0.02, i.nose_y - 0.06, f.y)
    strength = 0.26 + 0.36 * age + 0.10 * head.scene.smile
    c = blend(c, c * vector(0.72, 0.60, 0.56), torch.exp(-((fold / 0.028) ** 2)) * length * f.front * strength)
    groove = smoothstep(i.mouth_y + 0.03, i.mouth_y + 0.08, f.y) * smoothstep(i.nose_y - 0.04, i.nose_y - 0.09, f.y)
    c = blend(c, c * vector(0.86, 0.76, 0.74), torch.exp(-((f.x / 0.022) ** 2)) * groove * f.front * 0.25)
    dark = vector(0.74, 0.64, 0.60)
    for number, height in enumerate((0.52, 0.60, 0.67)):
        line = torch.exp(-(((f.y - height - 0.02 * torch.sin(f.x * 5 + number)) / 0.010) ** 2))
        c = blend(c, c * dark, line * smoothstep(0.42, 0.2, f.side) * f.front * (0.08 + 0.5 * age))
    out, up = f.side - (head.eye[0] + i.eye_radius * 1.15), f.y - head.eye[1]
    for slope in (-0.45, 0.0, 0.45):
        line = torch.exp(-(((up - slope * out) / 0.010) ** 2))
        c = blend(c, c * dark, line * smoothstep(0.0, 0.03, out) * smoothstep(0.15, 0.06, out) * age * 0.5)
    radius = torch.sqrt((f.side - head.eye[0]) ** 2 + (f.y - head.eye[1]) ** 2)
    bag = torch.exp(-(((radius - i.eye_radius * 1.25) / 0.022) ** 2)) * smoothstep(-0.03, -0.10, up)
    return blend(c, c * vector(0.82, 0.72, 0.70), bag * f.front * (0.20 + 0.4 * age))


def _stubble(i: Identity, f: Face, c: Tensor) -> Tensor:
    if i.gender == "woman" or i.beard == "full":
        return c
    short = i.beard == "short"
    low = smoothstep(-0.30, -0.52, f.y + 0.10 * smoothstep(0.2, 0.6, f.side))
    low = low * smoothstep(-0.12, 0.25, f.z) * smoothstep(-1.25, -1.08, f.y)
    low = low * smoothstep(0.03, 0.06, torch.sqrt((f.x * 0.16) ** 2 + (f.y - i.mouth_y) ** 2))
    upper = torch.exp(-(((f.y - i.mouth_y - 0.10) / 0.05) ** 2)) * smoothstep(0.30, 0.16, f.side) * f.front
    hairs = 0.74 + 0.26 * value_noise(f.x * 60, f.y * 34) if short else 0.38 + 0.24 * value_noise(f.x * 60, f.y * 60)
    if i.beard == "none":
        return blend(c, c * vector(0.72, 0.74, 0.78), torch.maximum(low, upper) * 0.45)
    tone = colour(HAIR[i.hair]).expand_as(c) * (0.75 if short else 0.7)
    return blend(c, mixed(c * 0.55, tone, 0.85 if short else 0.35), torch.maximum(low, upper) * hairs)


def _marks(i: Identity, f: Face, c: Tensor) -> Tensor:
    if i.freckles:
        r = random.Random(i.seed)
        for _ in range(26):
            x, y, size = r.gauss(0, 0.30), r.gauss(-0.22, 0.07), r.uniform(0.010, 0.019)
            spot = smoothstep(size, size * 0.4, torch.sqrt((f.x - x) ** 2 + (f.y - y) ** 2))
            c = blend(c, c * vector(0.72, 0.52, 0.42), spot * f.front * i.freckles)
    if i.mole:
        spot = smoothstep(0.03, 0.018, torch.sqrt((f.x - i.mole[0]) ** 2 + (f.y - i.mole[1]) ** 2))
        c = blend(c, c * 0.25, spot * f.front)
    return c


def _mouth(i: Identity, scene: Scene, f: Face, c: Tensor) -> tuple[Tensor, Tensor]:
    """Colour with the mouth painted, and where the lips are (n,)."""
    across = f.x / i.mouth_width
    arch = (1 - across * across).clamp(0)
    upper = i.mouth_y + (across * across - 0.35) * 0.078 * scene.smile
    inside = smoothstep(1.04, 0.94, across.abs()) * f.front
    opened = scene.mouth_open * 0.115 * scene.smile
    lower = upper - opened * arch
    full = 0.012 + i.lip * 1.15
    upper_lip = full * (0.6 + 0.2 * torch.cos(across * 6.28 * 0.9))
    lower_lip = full * 1.15 * arch
    red = i.lip_red * (0.66 if i.gender == "woman" else 0.22)
    tone = mixed(skin_tone(i) * vector(0.80, 0.50, 0.47), vector(0.62, 0.11, 0.13), red)
    above = smoothstep(0.012, -0.012, f.y - (upper + upper_lip * arch**0.6))
    lips = above * smoothstep(-0.012, 0.012, f.y - (lower - lower_lip)) * inside
    c = blend(c, tone, lips * 0.92)
    if opened > 0.01:
        hole = smoothstep(0.006, -0.006, f.y - upper) * smoothstep(-0.006, 0.006, f.y - lower) * inside
        teeth = smoothstep(-0.01, 0.01, f.y - (upper - opened * 0.42 * arch))
        mouth = blend(vector(0.16, 0.02, 0.03), vector(0.9, 0.88, 0.84), teeth)
        tongue = smoothstep(0.02, -0.03, f.y - (i.mouth_y - opened * 0.85))
        tongue = tongue * smoothstep(0.0, 0.05, upper - opened * 0.5 - f.y)
        c = blend(c, blend(mouth, vector(0.75, 0.22, 0.24), tongue), hole)
    line = torch.exp(-(((f.y - upper) / 0.015) ** 2)) * inside
    c = blend(c, vector(0.2, 0.05, 0.05), line * 0.75)
    corner = ((f.side - i.mouth_width * 1.03) / 0.025) ** 2
    corner = corner + ((f.y - i.mouth_y - 0.075 * scene.smile * 0.62) / 0.03) ** 2
    c = blend(c, c * vector(0.7, 0.5, 0.48), torch.exp(-corner) * f.front * 0.7)
    if i.beard == "full":
        shade = smoothstep(0.02, -0.25, f.y) * smoothstep(-0.1, 0.3, f.z) * (f.y > -1.05) * 0.35
        shade = shade * smoothstep(0.12, 0.2, torch.sqrt((f.x * 0.75) ** 2 + (f.y - i.mouth_y) ** 2))
        c = blend(c, colour(HAIR[i.hair]) * 0.6, shade)
    return c, lips


def _eyes(head: Head, q: Tensor, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    if not len(q):
        return
    scene = head.scene
    x, y, z = (axis[q] for axis in place)
    ex, ey, ez = x - torch.where(x < 0, -1.0, 1.0) * head.eye[0], y - head.eye[1], z - head.eye[2]
    scale = 1 / torch.sqrt(ex * ex + ey * ey + ez * ez + 1e-9)
    ex, ey, ez = ex * scale, ey * scale, ez * scale
    gaze_x, gaze_y = scene.gaze_x - scene.yaw * 0.8, scene.gaze_y + scene.pitch * 0.8
    length = math.sqrt(gaze_x**2 + gaze_y**2 + 1)
    gaze_x, gaze_y = gaze_x / length, gaze_y / length
    gx, gy = ex - gaze_x, ey - gaze_y
    radius = torch.sqrt(gx * gx + gy * gy) + (ez < 0) * 9
    tone, outer, pupil = colour(EYES[head.identity.eyes]), 0.62, 0.27
    white = vector(0.84, 0.82, 0.81).expand(len(q), 3)
    white = white * (1 - 0.42 * smoothstep(0.15, 0.75, ey) - 0.18 * smoothstep(0.6, 1.0, ex.abs())).unsqueeze(-1)
    bright = smoothstep(0.25, -0.6, gy) * smoothstep(pupil, outer * 0.85, radius)
    iris = blend(tone * 0.55, tone * 1.7 + 0.02, bright)
    around = torch.atan2(gy, gx)
    iris = iris * (0.82 + 0.25 * torch.sin(around * 17) * torch.sin(around * 29 + 1)).unsqueeze(-1)
    iris = blend(iris, tone * 0.18, smoothstep(outer * 0.8, outer, radius))
    iris = blend(iris, vector(0.012, 0.01, 0.012), smoothstep(pupil + 0.03, pupil - 0.02, radius))
    window = torch.sqrt((ex - gaze_x + 0.18) ** 2 + (ey - gaze_y - 0.16) ** 2)
    lamp = torch.sqrt((ex - gaze_x - 0.18) ** 2 + (ey - gaze_y + 0.22) ** 2)
    glints = smoothstep(0.15, 0.10, window) + 0.45 * smoothstep(0.08, 0.04, lamp)
    paint.glow[q] = glints.clamp(0, 1).unsqueeze(-1) * 0.85
    paint.albedo[q] = blend(white, iris, smoothstep(outer + 0.02, outer - 0.03, radius))
    paint.wrap[q], paint.gloss[q], paint.sharpness[q], paint.edge[q] = 0.5, 0.25, 60.0, 0.0
    paint.shadow[q] = paint.shadow[q] * 0.5 + 0.5


def _lids(head: Head, q: Tensor, place: tuple[Tensor, Tensor, Tensor], paint: Paint) -> None:
    if not len(q):
        return
    x, y, z = (axis[q] for axis in place)
    lash = head.identity.lash
    c = (skin_tone(head.identity) * vector(0.93, 0.74, 0.7)).expand(len(q), 3)
    edge = head.lid_edge(y, z, x.abs())
    bare = smoothstep(0.012 + 0.035 * lash, 0.03 + 0.05 * lash, edge)
    bare = torch.maximum(bare, (y - head.eye[1] < 0) * 1.0)
    paint.albedo[q] = blend(vector(0.05, 0.03, 0.03), c, bare)
    paint.wrap[q], paint.gloss[q], paint.edge[q] = vector(*SKIN_WRAP), 0.1, 0.3


def _hair(head: Head, hits: Hits, place: tuple[Tensor, Tensor, Tensor], s: Shading, paint: Paint) -> None:
    q = hits.of(Material.HAIR)
    if not len(q):
        return
    x, y, z = (axis[q] for axis in place)
    curly, buzz = bool(head.hair.curls), head.identity.hair_style == "buzz"
    tone = colour(HAIR[head.identity.hair])
    around = torch.atan2(x, z.abs() * 0.6 + 0.4)
    if curly:
        coarse, fine = value_noise(x * 14, y * 14 + z * 9), value_noise(x * 30, y * 30 + z * 20)
    else:
        coarse = value_noise(around * 22 + 1.5 * torch.sin(y * 3), y * 1.3 + around * 2) * 0.6
        coarse = coarse + value_noise(around * 60, y * 2) * 0.4
        fine = value_noise(around * 110 + 3, y * 2.5 + 1)
    if buzz:
        coarse = value_noise(x * 70, y * 70 + z * 50)
    c = tone * (0.52 + 0.62 * coarse + 0.30 * fine).unsqueeze(-1)
    paint.glow[q] = _sheen(hits, q, s, coarse, curly or buzz, tone, paint)
    paint.albedo[q] = mixed(c * 0.8, skin_tone(head.identity).expand_as(c) * 0.6, 0.22) if buzz else c
    paint.wrap[q], paint.edge[q] = 0.3, 0.5


def _sheen(hits: Hits, q: Tensor, s: Shading, grain: Tensor, dull: bool, tone: Tensor, paint: Paint) -> Tensor:
    """Highlight along strands that run down the surface (Kajiya and Kay 1989)."""
    nx, ny, nz = (n[q] for n in hits.normal)
    tx, ty, tz = -ny * nx, 1 - ny * ny, -ny * nz
    scale = 1 / torch.sqrt(tx * tx + ty * ty + tz * tz + 1e-6)
    along = (tx * s.half[0][q] + ty * s.half[1][q] + tz * s.half[2][q]) * s.half_scale[q] * scale
    along = along + (grain - 0.5) * 0.25
    across = torch.sqrt((1 - along * along).clamp(0))
    if dull:
        across = across * 0.6
    strength = (across**60 * 0.5 + across**14 * 0.14) * paint.shadow[q] * (s.facing[q] > -0.1)
    return strength.unsqueeze(-1) * mixed(tone, vector(1.0, 1.0, 1.0), 0.35) * s.light.key_colour * 0.34
