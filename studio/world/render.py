"""Rendering: an identity in a scene becomes a picture, the same one for the same seeds."""

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.domain.errors import BadInput
from studio.world.backdrops import backdrop
from studio.world.head import Part
from studio.world.identity import Identity
from studio.world.light import Lighting, develop, lighting
from studio.world.materials import Material
from studio.world.noise import blend, vector
from studio.world.people import APART, people
from studio.world.scene import Scene
from studio.world.scene_paint import paint_water
from studio.world.shapes import smoothstep
from studio.world.still_life import TALL, StillLife
from studio.world.surfaces import Hits, Paint, lit, normals, shading
from studio.world.thing_paint import paint_things
from studio.world.things import TABLE_ALONE, TABLES, Things
from studio.world.trace import Group, Plain, Tracer

Device = Literal["cpu", "cuda"]
OVERSAMPLING = 2
STEPS = 44
LOOK_EVERY = 3
"""Steps of a ray between two looks at whether it has arrived."""
RAYS = 24_576
FINE = 200
"""From so many samples across the whole picture on, surfaces are felt at half the distance."""
CLOSE = 1.56
"""A close-up is so much wider than the focus: what a judge cuts out (1.3), and a fifth for turning and moving."""


class Stage:
    """All geometry of a picture: what a ray can hit, and how far away it is."""

    def __init__(self, identity: Identity, scene: Scene, tracer: Tracer | None) -> None:
        self.scene = scene
        self.people = people(identity, scene)
        self.things = Things(scene)
        groups: list[Group] = [group for person in self.people for group in (person.head_parts, person.body_parts)]
        if self.things.placed or self.things.table is not None or scene.place == "concert":
            groups.append(self.things.parts)
        if self.things.water is not None:
            groups.append(lambda x, y, z: [(Material.WATER, self.things.surface(x, y, z))])
        self.groups = [tracer.compiled(group) if tracer else Plain(group) for group in groups]

    def parts(self, x: Tensor, y: Tensor, z: Tensor) -> list[Part]:
        """Material and distance of everything, for points that were hit."""
        return [part for group in self.groups for part in group.parts(x, y, z)]

    def distance(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        """Distance to the nearest thing; far groups are replaced by their bounds, but not on a card, which would have to wait."""
        nearest = torch.full_like(x, 1e3)
        for number, group in enumerate(self.groups):
            who, body = divmod(number, 2)
            if who < len(self.people) and not x.is_cuda:
                bound = y + 1.05 if body else self.people[who].head_bound(x, y, z)
                far = float(y.min()) > -0.8 if body else float(bound.min()) > 0.35
                if far:
                    nearest = torch.minimum(nearest, bound)
                    continue
            group.lower(nearest, x, y, z)
        return nearest


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is seen from; `half` is half its width at the distance of the target.

    `shift` and `rise` move what is seen to the right and up; `window` is the share of the whole picture's width.
    """

    at: tuple[float, float, float]
    forward: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    reach: float
    half: float
    shift: float
    rise: float = 0.0
    window: float = 1.0

    def rays(self, across: Tensor, down: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Unit directions through picture places given in -1..1."""
        a, b = across * self.half - self.shift, down * self.half - self.rise
        axes = zip(self.forward.tolist(), self.right.tolist(), self.up.tolist(), strict=True)
        x, y, z = (ahead * self.reach + a * right + b * up for ahead, right, up in axes)
        scale = 1 / torch.sqrt(x * x + y * y + z * z)
        dx, dy, dz = ((axis * scale).float() for axis in (x, y, z))
        return dx, dy, dz


def camera(scene: Scene) -> Camera:
    """The lens for a scene: portraits from the front, tables from above, swimmers from a little above."""
    alone = not scene.person
    at = np.array([0.0, 1.75 if alone else -0.02, 9.5])
    target = np.array([0.0, -0.45 if alone else -0.54, 0.0])
    if scene.still is not None:
        at, target = _above(scene.still)
    elif scene.place in TABLES and not alone:
        at[1], target[1] = 0.5, -0.60
    elif scene.place == "swimming":
        at[1], target[1] = 0.65, -0.50
    forward = target - at
    reach = float(np.linalg.norm(forward))
    forward = forward / reach
    right = np.cross(forward, [0, 1, 0])
    right = right / np.linalg.norm(right)
    half = scene.still.half if scene.still else 1.75 if alone else 1.78 / scene.zoom
    shift = 0.0 if alone or scene.companion else scene.shift
    return Camera(
        (float(at[0]), float(at[1]), float(at[2])), forward, right, np.cross(right, forward), reach, half, shift
    )


def _above(still: StillLife) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a still life is seen from, and the middle of it that is looked at."""
    floor = 0.0 if still.ground == "air" else TABLE_ALONE
    pairs = zip(still.things, still.spots, strict=True)
    tops = [floor + spot.y + spot.radius * TALL[thing.shape] for thing, spot in pairs]
    middle = (min(floor + spot.y for spot in still.spots) + max(tops)) / 2
    target = np.array([0.0, middle, 0.0])
    return target + 9.8 * np.array([0.0, math.sin(still.pitch), math.cos(still.pitch)]), target


def focus(scene: Scene) -> tuple[float, float, float] | None:
    """Where faces are: x and y of the middle in -1..1 (right, down) and the radius; None without a person."""
    if not scene.person:
        return None
    half = 1.78 / scene.zoom
    aim = 0.60 if scene.place in TABLES else 0.50 if scene.place == "swimming" else 0.54
    if scene.companion:
        return 0.0, -(aim - 0.16) / half, (APART + 0.82) / half
    return scene.shift / half, -(aim - 0.16) / half, 0.82 / half


def close_up(lens: Camera, scene: Scene) -> Camera:
    """The same view through a window round the faces, `CLOSE` times as wide as their focus. For scenes with a person."""
    found = focus(scene)
    assert found is not None, "there is a person"
    x, y, radius = found
    window = radius * CLOSE
    return replace(
        lens, shift=lens.shift - x * lens.half, rise=y * lens.half, half=lens.half * window, window=window
    )


@torch.no_grad()
def render(
    identity: Identity, scene: Scene, size: int = 128, tracer: Tracer | None = None, *, close: bool = False
) -> NDArray[np.uint8]:
    """The picture (size, size, 3). `tracer` compiles the geometry where a compiler is; without one it is slower.

    `close`: only the head, as `close_up` sees it, before the whole picture's backdrop.
    Raises `BadInput` for a size that is no multiple of 32.
    """
    if size < 32 or size % 32:
        raise BadInput(f"The world renders squares of a multiple of 32 pixels, not {size}.", "Try 64, 128 or 256.")
    stage, light, lens = Stage(identity, scene, tracer), lighting(scene), camera(scene)
    lens = close_up(lens, scene) if close else lens
    fine = size * OVERSAMPLING
    colours, cover = torch.zeros(fine * fine, 3), torch.zeros(fine * fine)
    # Small tiles leave out what is far from them; in large pictures too small ones cost more calls than they save.
    side = fine if size < 128 or colours.is_cuda else 64 if size < 256 else 128
    for tile in _tiles(fine, side):
        _shoot(stage, identity, light, lens, tile, fine, colours, cover)
    front, opaque = _shrunk(colours, fine), _shrunk(cover.unsqueeze(-1), fine)
    picture = front + develop(backdrop(scene, size) * 1.05) * (1 - opaque)
    picture = _finish(scene, picture)
    found: NDArray[np.uint8] = (picture.clamp(0, 1) * 255).byte().cpu().numpy()
    return found


def _tiles(fine: int, side: int) -> list[Tensor]:
    places = torch.arange(fine * fine).view(fine // side, side, fine // side, side)
    chunk = side * side if side * side <= RAYS or places.is_cuda else RAYS // 2
    return list(torch.split(places.permute(0, 2, 1, 3).reshape(-1), chunk))


def _shrunk(fine: Tensor, side: int) -> Tensor:
    x = fine.view(1, side, side, -1).permute(0, 3, 1, 2)
    return torch.nn.functional.avg_pool2d(x, OVERSAMPLING)[0].permute(1, 2, 0)


def _shoot(
    stage: Stage, identity: Identity, light: Lighting, lens: Camera, tile: Tensor, fine: int,
    colours: Tensor, cover: Tensor,
) -> None:  # fmt: skip
    """March the rays of one tile and paint what they hit into `colours` and `cover`."""
    scene = stage.scene
    flat = (not scene.person and stage.things.table is not None) or stage.things.water is not None
    column, row = tile % fine, torch.div(tile, fine, rounding_mode="floor")
    sight = lens.rays((column + 0.5) / fine * 2 - 1, 1 - (row + 0.5) / fine * 2)
    march = _march_all if tile.is_cuda else _march
    travelled, hit = march(stage, lens, sight, 26.0 if flat else 13.0)
    q = hit.nonzero()[:, 0]
    if not len(q):
        return
    dx, dy, dz = (axis[q] for axis in sight)
    t = travelled[q]
    x, y, z = lens.at[0] + dx * t, lens.at[1] + dy * t, lens.at[2] + dz * t
    parts = stage.parts(x, y, z)
    nearest = torch.stack([d for _, d in parts]).argmin(0)
    material = torch.tensor([int(kind) for kind, _ in parts])[nearest]
    reach = 0.004 if fine >= FINE * lens.window else 0.008
    hits = Hits(x, y, z, normals(stage.distance, x, y, z, reach), (dx, dy, dz), material, parts)
    light_here = shading(hits, light, stage.distance)
    paint = Paint.blank(len(q), light_here.shadow)
    for person in stage.people:
        person.paint(hits, light_here, paint)
    paint_things(stage.things, hits, light_here, paint)
    paint_water(scene, hits, paint)
    share = torch.ones(len(q))
    if flat:
        ground = material == (Material.WATER if scene.person else Material.TABLE)
        near, far = (11.5, 15.5) if scene.still and scene.still.ground == "place" else (11.5, 24.0)
        share = torch.where(ground, smoothstep(far, 13.0 if scene.person else near, t), share)
    colours[tile[q]] = develop(lit(hits, light_here, paint)) * share.unsqueeze(-1)
    cover[tile[q]] = share


def _march(stage: Stage, lens: Camera, sight: tuple[Tensor, Tensor, Tensor], limit: float) -> tuple[Tensor, Tensor]:
    """Distance travelled along each ray, and whether it hit something (sphere tracing, Hart 1996)."""
    t = torch.full_like(sight[0], 6.2 if stage.scene.person else 4.0)
    travelled, hit = t.clone(), torch.zeros_like(t, dtype=torch.bool)
    active = torch.arange(len(t))
    for step in range(0, STEPS, LOOK_EVERY):
        t, arrived = _onward(stage, lens, sight, t, step)
        travelled[active], hit[active] = t, arrived
        going = ~(arrived | (t > limit))
        if not bool(going.any()):
            break
        active, t = active[going], t[going]
        sight = (sight[0][going], sight[1][going], sight[2][going])
    return travelled, hit


def _march_all(stage: Stage, lens: Camera, sight: tuple[Tensor, Tensor, Tensor], limit: float) -> tuple[Tensor, Tensor]:
    """The same for a card: no ray is left out when it is done, for it takes longer to look which than to go on."""
    t = torch.full_like(sight[0], 6.2 if stage.scene.person else 4.0)
    travelled, going = t.clone(), torch.ones_like(t, dtype=torch.bool)
    hit = torch.zeros_like(going)
    for step in range(0, STEPS, LOOK_EVERY):
        t, arrived = _onward(stage, lens, sight, t, step)
        travelled = torch.where(going, t, travelled)
        hit |= going & arrived
        going &= ~(arrived | (t > limit))
    return travelled, hit


def _onward(
    stage: Stage, lens: Camera, sight: tuple[Tensor, Tensor, Tensor], t: Tensor, step: int
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """How far the rays are after the steps from `step` to the next look, and which have arrived; the last look is less strict."""
    after = min(step + LOOK_EVERY, STEPS)
    d = t
    for _ in range(step, after):
        d = stage.distance(*(at + axis * t for at, axis in zip(lens.at, sight, strict=True)))
        t = t + d * 0.88
    return t, d < (0.05 if after == STEPS else 0.006)


def _finish(scene: Scene, picture: Tensor) -> Tensor:
    """Snowflakes before the lens on the piste, and the fall of light to the corners."""
    size = picture.shape[0]
    r = random.Random(scene.seed + 5)
    up, right = torch.meshgrid(torch.linspace(1, -1, size), torch.linspace(-1, 1, size), indexing="ij")
    if scene.place == "skiing":
        for _ in range(36):
            x, y, radius = r.uniform(-1, 1), r.uniform(-1, 1), r.uniform(0.008, 0.02)
            radius *= 2 if r.random() < 0.1 else 1
            away = torch.sqrt((right - x) ** 2 + (up - y) ** 2)
            picture = blend(picture, vector(1.0, 1.0, 1.0), smoothstep(radius, radius * 0.3, away) * r.uniform(0.4, 0.9))
    corner = smoothstep(0.7, math.sqrt(2.56), torch.sqrt(right * right + up * up))
    shaded: Tensor = picture * (1 - 0.2 * corner).unsqueeze(-1)
    return shaded


def prepare_worker(device: Device) -> None:
    """One thread for this process, so that workers side by side do not fight over the cores, and all its tensors on `device`."""
    torch.set_num_threads(1)
    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False  # ten bits would band the blurred backdrops
        torch.set_default_device("cuda:0")  # without a number torch makes a tensor each time somebody asks which device it is


@contextmanager
def on_one_thread() -> Iterator[None]:
    """One thread for a while, in a process that computes otherwise too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
