"""Who and what stands where in a picture: what a judge that points at things is taught."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from studio.domain.pointed import PERSON, SKY
from studio.domain.vocabulary import CREATURES
from studio.world.identity import Identity, sample_identity
from studio.world.people import stands
from studio.world.render import Camera, camera
from studio.world.scene import Scene
from studio.world.still_life import TALL, Thing
from studio.world.things import Things
from studio.world.truth import YES, of_a_person

HEAD_HEIGHT, HEAD_RADIUS = -0.16, 0.82
"""Where the middle of a head is above the origin, and how far round it hair reaches; see `render.focus`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody or something in a picture. `kind`: "person", or what it is called.

    `x`, `y`: the middle (of a person: of the head) in -1..1, right and down; `radius` on the same scale. `attributes`
    are named as in `truth.attributes`, without a side; `identity`: a person's seed.
    """

    kind: str
    x: float
    y: float
    radius: float
    attributes: dict[str, str]
    identity: int | None = None

    def record(self) -> dict[str, Any]:
        """As it stands in a folder's `metadata.jsonl`."""
        return {**asdict(self), "x": round(self.x, 4), "y": round(self.y, 4), "radius": round(self.radius, 4)}


SKY_RAINBOW = Shown(SKY, 0.0, -0.65, 1.1, {})
"""Where the top of `Canvas.rainbow` is, give or take the height of the horizon."""


def objects(identity: Identity, scene: Scene) -> list[Shown]:
    """Everybody and everything in the picture."""
    lens = camera(scene)
    return [*_people(identity, scene, lens), *_things(scene, lens), *([SKY_RAINBOW] if scene.rainbow else [])]


def seen_at(lens: Camera, at: tuple[float, float, float], radius: float) -> tuple[float, float, float]:
    """Where a ball round a point of the scene is seen: x, y (right, down) and radius in -1..1 of the picture."""
    away = np.array(at) - np.array(lens.at)
    scale = lens.reach / float(away @ lens.forward)
    across = (float(away @ lens.right) * scale + lens.shift) / lens.half
    up = (float(away @ lens.up) * scale + lens.rise) / lens.half
    return across, -up, radius * scale / lens.half


def _people(identity: Identity, scene: Scene, lens: Camera) -> Iterator[Shown]:
    shown = [(identity, scene)]
    if scene.companion is not None:
        shown.append((sample_identity(scene.companion.identity), scene.companion.scene))
    for (who, look), (x, z) in zip(shown, stands(scene), strict=False):  # nobody stands in a picture of things
        yield Shown(PERSON, *seen_at(lens, (x, HEAD_HEIGHT, z), HEAD_RADIUS), of_a_person(who, look), who.seed)


def _things(scene: Scene, lens: Camera) -> Iterator[Shown]:
    shown = scene.still.things if scene.still is not None else scene.things
    for thing, placed in zip(shown, Things(scene).placed, strict=True):
        half = placed.radius * TALL[thing.shape] / 2
        where = seen_at(lens, (placed.x, placed.y + half, placed.z), max(placed.radius, half))
        yield Shown(thing.shape, *where, _of_a_thing(thing))


def _of_a_thing(thing: Thing) -> dict[str, str]:
    told = {"colour": thing.colour} if thing.colour else {}
    if thing.shape == "cat":
        return told | {"glasses": YES[thing.glasses]}
    return told if thing.shape in CREATURES else told | {"material": thing.material}
