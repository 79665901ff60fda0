"""The head of a person as signed distances: skull, face, hair, hats, glasses."""

import math
from dataclasses import dataclass, field

import torch

from studio.world.hats import modern_hat
from studio.world.identity import Identity
from studio.world.materials import Material
from studio.world.scene import Scene
from studio.world.shapes import (
    Field,
    Point,
    Tilted,
    capsule,
    cut,
    ellipsoid,
    join,
    rolled_ellipsoid,
    rotation,
    rounded_box,
    sphere,
    torus,
)

Part = tuple[int, Field]
PIVOT: Point = (0.0, -0.85, -0.1)
"""Where the neck carries the head: yaw, pitch and roll turn about it."""
BROAD = 1.2
"""How much larger neck and body are than those first drawn: an adult's shoulders are two to three heads wide."""
COVERING = ("beanie", "helmet", "cap", "cowboy", "beret")
"""Hats under which no hair stands up."""
CLOSE_CROPPED = ("short", "quiff", "buzz")
HANGING = ("bob", "long", "wavy", "ponytail", "bun")


@dataclass(frozen=True, slots=True)
class Hair:
    """A cap with a face opening, plus masses on both sides (`paired`) and on one (`single`)."""

    cap_centre: Point
    cap_radii: Point
    opening: Tilted
    paired: tuple[Tilted, ...]
    single: tuple[Tilted, ...]
    strands: float
    curls: float
    ears_free: bool


@dataclass(slots=True)
class _Sketch:
    """Hair while it is being put together."""

    cap_centre: Point
    cap_radii: Point
    opening: Tilted
    paired: list[Tilted] = field(default_factory=list)
    single: list[Tilted] = field(default_factory=list)
    strands: float = 0.011
    curls: float = 0.0
    ears_free: bool = False


class Head:
    """Geometry of one head; distances are asked for in scene coordinates."""

    def __init__(self, identity: Identity, scene: Scene) -> None:
        self.identity = identity
        self.scene = scene
        self.turn = rotation(scene.yaw, scene.pitch, scene.roll)
        self.covered = scene.hat in COVERING
        i = identity
        brows = self._brows()
        lids, self.nose_z, self.bridge_z, self.mouth_z, *depths = self._surface(
            (i.eye_spacing, i.eye_y), (0, i.nose_y), (0, 0.12), (0, i.mouth_y), *brows
        )
        self.eye: Point = (i.eye_spacing, i.eye_y, lids - i.eye_radius * 0.72)
        self.brow: list[Point] = [(x, y, z) for (x, y), z in zip(brows, depths, strict=True)]
        self.hair = hair_of(identity, self.covered)

    def to_head(self, x: Field, y: Field, z: Field) -> tuple[Field, Field, Field]:
        """Scene coordinates to the head's own, in which the face looks along +z."""
        m = self.turn
        x, y, z = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
        return (
            m[0][0] * x + m[1][0] * y + m[2][0] * z + PIVOT[0],
            m[0][1] * x + m[1][1] * y + m[2][1] * z + PIVOT[1],
            m[0][2] * x + m[1][2] * y + m[2][2] * z + PIVOT[2],
        )

    def parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of every part of the head at scene points."""
        x, y, z = self.to_head(x, y, z)
        side = x.abs()
        found: list[Part] = [(Material.SKIN, self._skin(x, y, z, side))]
        found += self._eyes(x, y, z, side)
        hair = self._hair(x, y, z, side)
        if self.covered:
            hair = cut(hair, y - 0.5, 0.08)
        elif self.scene.hat == "sunhat":
            hair = cut(hair, y - 0.62, 0.08)
        found.append((Material.HAIR, hair))
        if self.identity.beard == "full":
            found.append((Material.BEARD, self._beard(x, y, z, side)))
        if self.identity.earring:
            ear = (self.identity.head_width, -0.15 - self.identity.ear - 0.04, -0.01)
            found.append((Material.METAL, sphere(side, y, z, ear, 0.05)))
        found += self._hat(x, y, z, side)
        if self.scene.goggles:
            found += self._goggles(x, y, z)
        if self.scene.sunglasses or self.identity.glasses:
            found += self._glasses(x, y, z, side)
        return found

    def lid_edge(self, y: Field, z: Field, side: Field) -> Field:
        """Height above the edge of the upper lid, relative to the eye."""
        i, s = self.identity, self.scene
        edge = i.eye_radius * (0.45 - 0.34 * s.blink - 0.05 * s.smile)
        slope = i.eye_tilt * (self.eye[0] - side)
        return (y - self.eye[1]) + slope - edge + 0.25 * (z - self.eye[2] - i.eye_radius)

    def _skull(self, x: Field, y: Field, z: Field, side: Field) -> Field:
        i = self.identity
        cranium = ellipsoid(x, y, z, (0, 0.14, -0.06), (i.head_width, 1.0, 0.94))
        jaw = ellipsoid(x, y, z, (0, i.jaw_y, 0.15), (i.jaw_width, i.chin, 0.60))
        # Corners of the jaw, a chin and high cheekbones: without them a face is a ball, and a ball is a child's face.
        d = join(join(cranium, jaw, 0.32), sphere(side, y, z, (i.jaw_width * 0.86, i.jaw_y - 0.02, 0.10), 0.13), 0.2)
        d = join(d, sphere(side, y, z, (0.09, i.jaw_y - i.chin + 0.15, 0.52), 0.13), 0.16)
        return join(d, sphere(side, y, z, (0.46, -0.16, 0.45), i.cheek), 0.2)

    def _surface(self, *places: tuple[float, float]) -> list[float]:
        """Depth of the skull's front at each (x, y), by marching in from the camera: a few numbers, not worth a card's while."""
        x, y = torch.tensor(places, dtype=torch.float32, device="cpu").unbind(1)
        z = torch.full((len(places),), 2.0, dtype=torch.float64, device="cpu")
        for _ in range(14):
            z = z - self._skull(x, y, z.float(), x.abs()).double() * 0.95
        return z.tolist()

    def _brows(self) -> tuple[tuple[float, float], ...]:
        """Where the brow begins, is highest, and ends."""
        i = self.identity
        height = i.eye_y + i.brow_y + (i.eye_radius - 0.165) * 0.8
        return (
            (i.eye_spacing - 0.15, height + 0.022 - i.brow_tilt * 0.3),
            (i.eye_spacing + 0.05, height + 0.030 + i.brow_arch * 0.8),
            (i.eye_spacing + 0.215, height - 0.030 + i.brow_tilt * 0.6),
        )

    def _skin(self, x: Field, y: Field, z: Field, side: Field) -> Field:
        i = self.identity
        d = self._skull(x, y, z, side)
        tip = (0, i.nose_y + 0.03, self.nose_z + i.nose_length * 0.45)
        d = join(d, capsule(x, y, z, (0, 0.12, self.bridge_z - 0.07), tip, 0.05, i.nose_width * 0.7), 0.11)
        ball = (0, i.nose_y, self.nose_z + i.nose_length * 0.55)
        d = join(d, ellipsoid(x, y, z, ball, (i.nose_width, i.nose_height, i.nose_length * 0.75)), 0.05)
        wing = (i.nose_width * 0.8, i.nose_y - 0.02, self.nose_z + i.nose_length * 0.15)
        d = join(d, sphere(side, y, z, wing, i.nose_width * 0.42), 0.04)
        shell = ellipsoid(side, y, z, (i.head_width - 0.03, -0.12, -0.04), (0.075, i.ear * 1.15, i.ear * 0.72))
        cup = sphere(side, y, z, (i.head_width + 0.07, -0.10, 0.04), i.ear * 0.5)
        d = join(d, cut(shell, -cup, 0.05), 0.05)
        socket = (self.eye[0], self.eye[1] + 0.012, self.eye[2] + 0.10)
        hollow = ellipsoid(side, y, z, socket, (i.eye_radius * 1.22, i.eye_radius * 0.92, i.eye_radius))
        d = cut(d, -hollow, 0.09)
        lips = torch.exp(-((x / (i.mouth_width * 0.8)) ** 2 + ((y - i.mouth_y + 0.02) / 0.07) ** 2))
        d = d - 0.022 * lips * (z > 0)
        neck = i.neck * BROAD
        return join(d, capsule(x, y, z, (0, -0.5, -0.14), (0, -1.85, -0.2), neck * 0.96, neck * 1.13), 0.12)

    def _eyes(self, x: Field, y: Field, z: Field, side: Field) -> list[Part]:
        i, s = self.identity, self.scene
        radius = i.eye_radius
        upper = cut(sphere(side, y, z, self.eye, radius + 0.024), -self.lid_edge(y, z, side), 0.012)
        below = (y - self.eye[1]) + radius * (0.64 - 0.08 * s.smile) + 0.10 * (z - self.eye[2] - radius)
        lower = cut(sphere(side, y, z, self.eye, radius + 0.012), below, 0.010)
        thick = i.brow_thickness
        inner, middle, outer = self.brow
        brow = join(
            capsule(side, y, z, inner, middle, thick * 0.9, thick * 1.0),
            capsule(side, y, z, middle, outer, thick * 1.0, thick * 0.4),
            0.05,
        )
        return [
            (Material.EYE, sphere(side, y, z, self.eye, radius)),
            (Material.LID, torch.minimum(upper, lower)),
            (Material.BROW, brow + 0.004 * torch.sin(side * 90 + y * 60)),
        ]

    def _hair(self, x: Field, y: Field, z: Field, side: Field) -> Field:
        h, style = self.hair, self.identity.hair_style
        d = cut(ellipsoid(x, y, z, h.cap_centre, h.cap_radii), -rolled_ellipsoid(x, y, z, h.opening), 0.07)
        if style == "buzz":
            d = cut(d, -(y + 0.6 * z), 0.1)
        else:
            d = cut(d, -(y + (0.34 if style in CLOSE_CROPPED else 0.62)), 0.15)
        for shape in h.paired:
            d = join(d, rolled_ellipsoid(side, y, z, shape), 0.14)
        if h.ears_free:
            ear = (self.identity.head_width + 0.06, -0.20, -0.02)
            d = cut(d, -ellipsoid(side, y, z, ear, (0.3, 0.30, 0.22)), 0.06)
        for shape in h.single:
            d = join(d, rolled_ellipsoid(x, y, z, shape), 0.22)
        if h.curls:
            coarse = torch.sin(8.5 * x) * torch.sin(8.5 * y + 1) * torch.sin(8.5 * z)
            fine = torch.sin(17 * x + 1) * torch.sin(16 * y) * torch.sin(17 * z + 2)
            return d + h.curls * coarse + 0.5 * h.curls * fine
        if h.strands:
            calm = h.strands < 0.02
            phase = torch.atan2(x, z.abs() * 0.6 + 0.4) * 9 + y * (0.8 if calm else 0)
            phase = phase + 1.5 * torch.sin(y * (1.7 if calm else 5.5) + 0.5)
            d = d + h.strands * torch.sin(phase) * 0.8
            d = d + h.strands * 0.5 * torch.sin(phase * 2.3 + 2)
            d = d + h.strands * 0.3 * torch.sin(phase * 4.7 + y * 2)
        return d

    def _beard(self, x: Field, y: Field, z: Field, side: Field) -> Field:
        i, grow = self.identity, 0.075
        chin = (0, i.jaw_y - 0.02 - grow * 0.5, 0.14)
        d = ellipsoid(x, y, z, chin, (i.jaw_width + grow * 0.75, i.chin + grow, 0.64 + grow))
        d = join(d, sphere(side, y, z, (0.4, -0.34, 0.42), i.cheek + grow * 0.5), 0.25)
        d = cut(d, -ellipsoid(x, y, z, (0, -0.10, 1.0), (0.60, 0.50, 0.8)), 0.06)
        mouth = ellipsoid(x, y, z, (0, i.mouth_y, self.mouth_z), (i.mouth_width * 1.02, 0.060, 0.3))
        d = cut(d, -mouth, 0.035)
        d = cut(cut(d, y + 0.20, 0.1), -(z + 0.15), 0.1)
        d = d + 0.012 * torch.sin(side * 26 + y * 6) * torch.sin(y * 16)
        middle = (0.03, i.mouth_y + 0.105, self.mouth_z + 0.02)
        corner = (i.mouth_width * 1.0, i.mouth_y + 0.03, self.mouth_z - 0.08)
        return join(d, capsule(side, y, z, middle, corner, 0.042, 0.03), 0.05)

    def _hat(self, x: Field, y: Field, z: Field, side: Field) -> list[Part]:
        width = self.identity.head_width
        if self.scene.hat == "beanie":
            crown = ellipsoid(x, y, z, (0, 0.24, -0.12), (width + 0.14, 1.10, 1.12))
            crown = cut(crown, -(y - 0.42 + 0.1 * z), 0.06)
            around = torch.atan2(x, z + 0.1)
            crown = crown + 0.012 * torch.sin(around * 34)
            rim = torus(x, y + 0.1 * z, z, (0, 0.5, -0.12), width + 0.02, 0.12, 1.35, 1.06)
            rim = rim + 0.014 * torch.sin(around * 34)
            wool = 0.03 * torch.sin(x * 22) * torch.sin(y * 22) * torch.sin(z * 22)
            pompom = sphere(x, y, z, (0, 1.46, -0.15), 0.23) + wool
            return [(Material.HAT, join(crown, rim, 0.04)), (Material.POMPOM, pompom)]
        if self.scene.hat == "helmet":
            shell = ellipsoid(x, y, z, (0, 0.2, -0.12), (width + 0.14, 1.03, 1.10))
            shell = cut(shell, -(y - 0.58 + 0.35 * z), 0.05)
            pad = ellipsoid(side, y, z, (width, -0.1, -0.1), (0.15, 0.42, 0.38))
            return [(Material.HAT, join(shell, cut(pad, -(y + 0.5), 0.05), 0.1))]
        if self.scene.hat == "sunhat":
            crown = cut(ellipsoid(x, y, z, (0, 0.42, -0.15), (width + 0.14, 1.0, 1.08)), -(y - 0.55), 0.05)
            sagging = y + 0.06 * (x * x) * 0.9 - 0.02 * z
            radius = torch.sqrt(x * x + (z + 0.12) ** 2 + 1e-9) - 1.75
            return [(Material.HAT, join(crown, cut(radius, (sagging - 0.58).abs() - 0.035, 0.03), 0.08))]
        return modern_hat(self.scene.hat, width, x, y, z)

    def _goggles(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Before the eyes, or pushed up on a beanie or helmet."""
        height, depth = (0.70, 1.05) if self.covered else (0.04, 1.02)
        leaning, curved = y + 0.12 * (z - 1), z + x * x * 0.55
        frame = rounded_box(x, leaning, curved, (0, height, depth), (0.8, 0.31, 0.16), 0.15)
        lens = rounded_box(x, leaning, curved, (0, height, depth + 0.06), (0.7, 0.22, 0.14), 0.12)
        return [(Material.GOGGLES_FRAME, frame), (Material.GOGGLES_LENS, lens)]

    def _glasses(self, x: Field, y: Field, z: Field, side: Field) -> list[Part]:
        i, dark = self.identity, self.scene.sunglasses
        curved = z + side * side * 0.22
        depth = self.eye[2] + i.eye_radius + 0.10
        height = self.eye[1] - 0.01
        radius = i.eye_radius * (1.55 if dark else 1.42)
        across = torch.sqrt((side - self.eye[0]) ** 2 + ((y - height) * (1.18 if dark else 1.05)) ** 2 + 1e-9)
        rim = torch.sqrt((across - radius) ** 2 + (curved - depth) ** 2 + 1e-9) - 0.022
        inner = (self.eye[0] - radius, height + 0.04, depth + 0.02)
        bridge = capsule(side, y, curved, (0, height + 0.05, depth + 0.03), inner, 0.02)
        hinge = (self.eye[0] + radius, height + 0.05, depth - 0.28 * 0.55)
        temple = capsule(side, y, z, hinge, (i.head_width + 0.02, height + 0.02, -0.1), 0.02)
        found: list[Part] = [(Material.FRAME, torch.minimum(join(rim, bridge, 0.02), temple))]
        if dark:
            lens = torch.maximum(across - radius, (curved - depth).abs() - 0.02)
            found.append((Material.LENS, lens))
        return found


def hair_of(identity: Identity, covered: bool) -> Hair:
    """The masses that make a hair style; a beanie or helmet leaves away what would stick through it."""
    width, volume, side = identity.head_width, identity.hair_volume, identity.parting
    woman, style = identity.gender == "woman", identity.hair_style
    openings: dict[str, Tilted] = {
        "middle": ((0, -0.16, 1.02), (0.66, 0.98, 0.95), 0.0),
        "side": ((side * 0.16, -0.17, 1.02), (0.70, 0.94, 0.95), -side * 0.28),
        "bangs": ((0, -0.36, 1.05), (0.74, 0.76, 0.95), 0.0),
        "back": ((0, -0.2, 1.04), (0.78, 1.02, 1.0), 0.0),
    }
    sketch = _Sketch((0, 0.19, -0.12), (width + 0.10 * volume, 1.05 + 0.06 * volume, 1.05), openings[identity.fringe])
    if style in HANGING and not covered:
        fringe: dict[str, Tilted] = {
            "side": ((-side * 0.34, 0.84, 0.34), (0.50, 0.26, 0.46), -side * 0.42),
            "back": ((0, 1.04, 0.20), (0.52, 0.18, 0.5), 0),
        }
        if identity.fringe == "middle":
            sketch.paired.append(((0.36, 0.84, 0.30), (0.44, 0.24, 0.48), -0.45))
        elif identity.fringe in fringe:
            sketch.single.append(fringe[identity.fringe])
    if style in CLOSE_CROPPED:
        _crop(sketch, style, width, volume, side, woman, covered)
    elif style == "curly":
        _curl(sketch, width, volume, woman)
    else:
        _hang(sketch, style, width, covered)
    return Hair(
        sketch.cap_centre, sketch.cap_radii, sketch.opening, tuple(sketch.paired), tuple(sketch.single),
        sketch.strands, sketch.curls, sketch.ears_free,
    )  # fmt: skip


def _hang(sketch: _Sketch, style: str, width: float, covered: bool) -> None:
    if style == "bob":
        sketch.paired.append(((width - 0.04, -0.3, -0.05), (0.22, 0.86, 0.48), 0.05))
        sketch.single.append(((0, -0.3, -0.55), (0.85, 0.9, 0.48), 0))
    elif style == "long":
        sketch.paired.append(((width - 0.03, -0.6, -0.06), (0.21, 1.2, 0.38), 0.04))
        sketch.single.append(((0, -0.8, -0.6), (0.88, 1.5, 0.4), 0))
        sketch.paired.append(((0.66, -1.55, 0.2), (0.19, 0.55, 0.2), -0.08))
    elif style == "wavy":
        sketch.paired.append(((width, -0.4, -0.04), (0.23, 0.84, 0.4), 0.06))
        sketch.paired.append(((width + 0.02, -1.05, 0.04), (0.23, 0.42, 0.3), 0.0))
        sketch.single.append(((0, -0.5, -0.6), (0.92, 1.2, 0.43), 0))
        sketch.strands = 0.021
    elif style == "bun" and not covered:
        sketch.single.append(((0, 1.34, -0.42), (0.36, 0.33, 0.36), 0))
    elif style == "ponytail":
        sketch.single.append(((0, 0.1 if covered else 0.55, -1.2), (0.27, 0.27, 0.36), 0))
        sketch.single.append(((0.5, -0.6, -1.0), (0.3, 1.0, 0.27), 0.2))


def _curl(sketch: _Sketch, width: float, volume: float, woman: bool) -> None:
    sketch.curls = 0.05
    sketch.cap_centre, sketch.opening = (0, 0.24, -0.16), ((0, -0.26, 1.1), (0.72, 0.92, 0.92), 0.0)
    if woman:
        sketch.cap_radii = (width + 0.19 * volume, 1.10 + 0.06 * volume, 1.12)
        sketch.paired.append(((width - 0.02, -0.1, -0.1), (0.3, 0.55, 0.48), 0))
        sketch.paired.append(((width + 0.03, -0.5, -0.12), (0.33, 0.52, 0.43), 0))
    else:
        sketch.cap_radii = (width + 0.11 * volume, 1.04 + 0.06 * volume, 1.06)


def _crop(
    sketch: _Sketch, style: str, width: float, volume: float, side: int, woman: bool, covered: bool
) -> None:
    if style == "short":
        sketch.opening = ((side * 0.08, -0.24, 1.06), (0.80, 0.98, 0.95), -side * 0.16)
        if not woman:
            sketch.cap_radii, sketch.ears_free = (width + 0.055, 1.05 + 0.05 * volume, 1.03), True
        if not covered:
            sketch.single.append(((-side * 0.16, 0.98, 0.42), (0.56, 0.2, 0.44), -side * 0.22))
        sketch.paired.append(((width - 0.035, 0.04, 0.0), (0.1, 0.3, 0.22), 0))
        if woman:
            sketch.paired.append(((width - 0.02, -0.06, -0.05), (0.13, 0.42, 0.34), 0.04))
    elif style == "quiff":
        sketch.opening = ((0, -0.22, 1.06), (0.80, 1.0, 0.95), 0.0)
        sketch.cap_radii, sketch.ears_free = (width + 0.05, 1.05 + 0.05 * volume, 1.03), True
        if not covered:
            sketch.single.append(((-side * 0.1, 1.04, 0.5), (0.52, 0.22, 0.34), -side * 0.12))
            sketch.single.append(((0, 1.08, 0.2), (0.54, 0.2, 0.5), 0))
        sketch.paired.append(((width - 0.05, 0.06, 0.02), (0.09, 0.3, 0.2), 0))
    else:
        sketch.cap_centre, sketch.cap_radii = (0, 0.15, -0.07), (width + 0.022, 1.02, 0.965)
        sketch.opening, sketch.strands = ((0, -0.2, 1.1), (0.80, 0.98, 0.95), 0.0), 0.0


def eye_share(identity: Identity) -> float:
    """Diameter of an eye as a share of the head's height: adults stay below about a sixth; here nobody reaches 0.15."""
    skull_top, chin = 1.14, identity.jaw_y - identity.chin
    return 2 * identity.eye_radius / (skull_top - chin)


def shoulder_share(identity: Identity) -> float:
    """Width of the shoulders over the width of the head: adults lie near two and a half; here nobody is below 1.9."""
    return math.fsum((identity.shoulders, 0.19)) * BROAD / identity.head_width
