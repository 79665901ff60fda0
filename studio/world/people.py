"""The people of a picture: where each stands, their geometry and their paint; a second one stands beside the first."""

import torch
from torch import Tensor

from studio.world.body import Body
from studio.world.face_paint import paint_head
from studio.world.head import Head, Part
from studio.world.identity import Identity, sample_identity
from studio.world.materials import Material
from studio.world.scene import Scene
from studio.world.scene_paint import paint_clothes
from studio.world.shapes import Field
from studio.world.surfaces import Hits, Paint, Shading
from studio.world.trace import Group

APART = 1.25
"""How far each of two people stands from the middle."""
NEARER, FURTHER = 0.1, -0.55
"""How far the first and the second of two stand towards the camera: shoulders pass behind shoulders instead of through them."""


class Person:
    """One person in a scene; `x` moves them to a side, `z` towards the camera, `materials` apart from others."""

    def __init__(self, identity: Identity, scene: Scene, x: float = 0.0, z: float = 0.0, materials: int = 0) -> None:
        self.head, self.body = Head(identity, scene), Body(identity, scene)
        self.x, self.z, self.materials = x, z, materials

    def head_parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of the head's parts at scene points."""
        return self._moved(self.head.parts, x, y, z)

    def body_parts(self, x: Field, y: Field, z: Field) -> list[Part]:
        """Material and distance of the body's parts at scene points."""
        return self._moved(self.body.parts, x, y, z)

    def head_bound(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        """A distance below that to anything of the head."""
        x, z = x - self.x, z - self.z
        return torch.sqrt(x * x + (y - 0.15) ** 2 + (z + 0.2) ** 2 + 1e-9) - 2.05

    def paint(self, hits: Hits, s: Shading, paint: Paint) -> None:
        """Fill in the paint of all points of this person."""
        mine = Hits(
            hits.x - self.x, hits.y, hits.z - self.z, hits.normal, hits.sight, hits.material - self.materials,
            hits.parts,
        )
        paint_head(self.head, mine, s, paint)
        paint_clothes(self.head, self.body, mine, paint)

    def _moved(self, parts: Group, x: Field, y: Field, z: Field) -> list[Part]:
        if not self.x and not self.z:
            return parts(x, y, z)
        return [(material + self.materials, d) for material, d in parts(x - self.x, y, z - self.z)]


def people(identity: Identity, scene: Scene) -> list[Person]:
    """Nobody, the one person, or two side by side."""
    if not scene.person:
        return []
    if scene.companion is None:
        return [Person(identity, scene)]
    other, ((x, z), (second_x, second_z)) = scene.companion, stands(scene)
    return [
        Person(identity, scene, x=x, z=z),
        Person(sample_identity(other.identity), other.scene, x=second_x, z=second_z, materials=Material.SECOND),
    ]


def stands(scene: Scene) -> list[tuple[float, float]]:
    """Where each person of a picture stands: to the right, and towards the camera."""
    if scene.companion is None:
        return [(0.0, 0.0)] if scene.person else []
    sign = 1 if scene.companion.side == "left" else -1
    return [(sign * APART, NEARER), (-sign * APART, FURTHER)]
