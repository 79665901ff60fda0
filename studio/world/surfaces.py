"""Where rays hit: the material, orientation, shadow and occlusion of every visible point."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from studio.world.head import Part
from studio.world.light import Lighting
from studio.world.shapes import smoothstep

Distance = Callable[[Tensor, Tensor, Tensor], Tensor]
Vector3 = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Hits:
    """Visible points (n,) in scene coordinates, with unit normals and the directions they are seen along."""

    x: Tensor
    y: Tensor
    z: Tensor
    normal: Vector3
    sight: Vector3
    material: Tensor
    parts: list[Part]

    def of(self, material: int) -> Tensor:
        """Indices of the points made of `material`, in order."""
        return self._places.get(material, self.material.new_empty(0))

    @cached_property
    def _places(self) -> dict[int, Tensor]:
        # Once for all materials: a card waits wherever it is asked how many points there are.
        order = torch.argsort(self.material, stable=True)
        kinds, counts = torch.unique_consecutive(self.material[order], return_counts=True)
        return dict(zip(kinds.tolist(), torch.split(order, counts.tolist()), strict=True))


@dataclass(slots=True)
class Paint:
    """What painters fill in per point: colour, softness of the shading, gloss, edge light, own light, mirror."""

    albedo: Tensor
    wrap: Tensor
    gloss: Tensor
    sharpness: Tensor
    edge: Tensor
    glow: Tensor
    mirror: Tensor
    shadow: Tensor
    tint: Tensor | None = None
    """Colour (n, 3) of what is mirrored, where metal is among the points."""

    @classmethod
    def blank(cls, count: int, shadow: Tensor) -> "Paint":
        """Dull grey everywhere."""
        return cls(
            albedo=torch.zeros(count, 3),
            wrap=torch.full((count, 3), 0.15),
            gloss=torch.zeros(count),
            sharpness=torch.full((count,), 20.0),
            edge=torch.full((count,), 0.25),
            glow=torch.zeros(count, 3),
            mirror=torch.zeros(count),
            shadow=shadow,
        )


def dot(a: Vector3, b: Vector3 | Tensor) -> Tensor:
    """Scalar product, point by point."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def unit(x: Tensor, y: Tensor, z: Tensor, floor: float) -> Vector3:
    """The vector at length 1."""
    scale = 1 / torch.sqrt(x * x + y * y + z * z + floor)
    return x * scale, y * scale, z * scale


def normals(distance: Distance, x: Tensor, y: Tensor, z: Tensor, reach: float) -> Vector3:
    """Unit gradients of the distance, by four samples on a tetrahedron (Quilez)."""
    total = [torch.zeros_like(x) for _ in range(3)]
    for sx, sy, sz in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        d = distance(x + sx * reach, y + sy * reach, z + sz * reach)
        total = [total[0] + sx * d, total[1] + sy * d, total[2] + sz * d]
    return unit(total[0], total[1], total[2], 1e-12)


def shadow(hits: Hits, light: Lighting, distance: Distance, facing: Tensor) -> Tensor:
    """Share of key light that reaches each point, with soft edges; nine steps towards the light."""
    key = light.key
    share = torch.ones(len(hits.x))
    lit = (facing > -0.25).nonzero()[:, 0]
    if not len(lit):
        return share
    nx, ny, nz = (n[lit] for n in hits.normal)
    x, y, z = hits.x[lit] + nx * 0.03, hits.y[lit] + ny * 0.03, hits.z[lit] + nz * 0.03
    travelled, free = torch.full((len(lit),), 0.04), torch.ones(len(lit))
    for _ in range(9):
        d = distance(x + key[0] * travelled, y + key[1] * travelled, z + key[2] * travelled)
        free = torch.minimum(free, (7 * d / travelled + 0.15).clamp(0, 1))
        travelled = travelled + d.clamp(0.06, 0.45)
    share[lit] = free * free * (3 - 2 * free)
    return share


def occlusion(hits: Hits, distance: Distance) -> Tensor:
    """How open each point lies to the sky, from three taps along its normal."""
    nx, ny, nz = hits.normal
    openness = torch.ones(len(hits.x))
    for reach, weight in ((0.1, 1.6), (0.28, 0.9), (0.6, 0.4)):
        d = distance(hits.x + nx * reach, hits.y + ny * reach, hits.z + nz * reach)
        openness = openness - weight * (reach - d).clamp(0) * 0.55
    return openness.clamp(0.25, 1)


@dataclass(frozen=True, slots=True)
class Shading:
    """Light on the visible points: what painters of shiny materials need besides their colour."""

    light: Lighting
    facing: Tensor
    seen: Tensor
    shadow: Tensor
    openness: Tensor
    half: Vector3
    half_scale: Tensor
    gleam: Tensor


def shading(hits: Hits, light: Lighting, distance: Distance) -> Shading:
    """Everything about the light that does not depend on the material."""
    facing = dot(hits.normal, light.key)
    seen = (-dot(hits.normal, hits.sight)).clamp(0, 1)
    half = (light.key[0] - hits.sight[0], light.key[1] - hits.sight[1], light.key[2] - hits.sight[2])
    scale = 1 / torch.sqrt(half[0] ** 2 + half[1] ** 2 + half[2] ** 2 + 1e-9)
    gleam = (dot(hits.normal, half) * scale).clamp(0, 1)
    return Shading(
        light, facing, seen, shadow(hits, light, distance, facing), occlusion(hits, distance), half, scale, gleam
    )


def lit(hits: Hits, s: Shading, paint: Paint) -> Tensor:
    """Linear light (n, 3) of painted points: wrapped diffuse, hemisphere fill, gloss, rim and mirror."""
    light, (nx, ny, nz) = s.light, hits.normal
    diffuse = ((s.facing.unsqueeze(-1) + paint.wrap) / (1 + paint.wrap)).clamp(0)
    unlit = paint.wrap * 0.45
    diffuse = diffuse * (unlit + (1 - unlit) * paint.shadow.unsqueeze(-1))
    ambient = (light.ground + (light.sky - light.ground) * (ny * 0.5 + 0.5).unsqueeze(-1)) * 1.05
    tinted = torch.stack([s.openness**0.75, s.openness**1.05, s.openness**1.12], -1)
    found: Tensor = paint.albedo * (light.key_colour * diffuse * 0.54 + ambient * 1.22 * tinted)
    gloss = (paint.gloss * s.gleam**paint.sharpness * paint.shadow).unsqueeze(-1)
    found = found + light.key_colour * gloss * 0.55 + paint.glow
    against = ny * 0.5 - nz * 0.2 + (-light.key[0] * nx).clamp(-1, 1) * 0.8
    rim = (1 - s.seen) ** 3 * (0.35 + 0.65 * smoothstep(-0.4, 0.6, against)) * s.openness
    found = found + (paint.albedo * 0.75 + 0.12) * light.rim * (rim * paint.edge * 1.9).unsqueeze(-1)
    if float(paint.mirror.max()) > 0:
        up = hits.sight[1] + 2 * s.seen * ny
        right = hits.sight[0] + 2 * s.seen * nx
        sky = light.ground * 0.9 + (light.sky * 2.2 - light.ground * 0.9) * smoothstep(-0.25, 0.6, up).unsqueeze(-1)
        lamp = smoothstep(0.75, 0.95, right * light.key[0] + up * light.key[1] + 0.4).unsqueeze(-1)
        share = paint.mirror * (0.35 + 0.65 * (1 - s.seen) ** 3)
        mirrored = (sky + light.key_colour * lamp * 0.25) * share.unsqueeze(-1)
        found = found + (mirrored if paint.tint is None else mirrored * paint.tint)
    return found
