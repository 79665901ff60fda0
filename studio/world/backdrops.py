"""Backdrops: what lies behind the person, painted flat and blurred like the depth of field of a lens."""

import random
from collections.abc import Callable

import torch
from torch import Tensor

from studio.world import indoors, landscapes, outdoors
from studio.world.canvas import SKIES, Canvas
from studio.world.noise import blend, colour
from studio.world.scene import Scene
from studio.world.shapes import smoothstep

PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "beach": outdoors.beach,
    "skiing": outdoors.skiing,
    "city": outdoors.city,
    "forest": outdoors.forest,
    "studio": indoors.sweep,
    "café": indoors.café,
    "swimming": outdoors.swimming,
    "table": indoors.sweep,
    "library": indoors.library,
    "kitchen": indoors.kitchen,
    "garden": landscapes.garden,
    "desert": landscapes.desert,
    "mountains": landscapes.mountains,
    "concert": indoors.concert,
    "train": indoors.train,
    "office": indoors.office,
    "sky": landscapes.sky,
}


def backdrop(scene: Scene, size: int) -> Tensor:
    """The backdrop as linear light (size, size, 3); the same for a scene at every size but for its grain."""
    r = random.Random(scene.seed * 31 + 7)
    up, right = torch.meshgrid(torch.linspace(1, -1, size), torch.linspace(-1, 1, size), indexing="ij")
    high, low = (colour(rgb) for rgb in SKIES[scene.light])
    horizon = r.uniform(-0.02, 0.2)
    offset = r.uniform(0, 50)
    image = blend(low, high, smoothstep(horizon, 1.1, up))
    sun_x = r.uniform(-0.8, 0.8)
    sun_y = horizon + r.uniform(0.1, 0.5)
    canvas = Canvas(scene, r, size, up, right, horizon, offset, high, low, image, sun_x, sun_y)
    PAINTERS[scene.place](canvas)
    return canvas.image
