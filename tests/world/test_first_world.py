"""The first world stays as it was: the shipped base, its judges and every persona made on it were taught by it."""

import hashlib
from dataclasses import astuple
from typing import Any

import pytest

from studio.catalog import EMBEDDED, find_base
from studio.domain.vocabulary import FIRST_PLACES, unknown_words
from studio.world.captions import caption
from studio.world.identity import sample_identity
from studio.world.scene import Scene, sample_scene
from studio.world.things import Things

FIELDS = (
    "seed", "place", "yaw", "pitch", "roll", "body_yaw", "zoom", "shift", "gaze_x", "gaze_y", "smile", "mouth_open",
    "blink", "light", "garment", "colour", "second_colour", "pattern", "hat", "hat_colour", "sunglasses", "scarf",
    "goggles", "arrangement", "person", "poles",
)  # fmt: skip
SCENES = {
    "beach": "8d2d98d35cee46ad", "skiing": "27930b82f1f23f60", "city": "55a33c624f6f5c32", "forest": "4f1b4ba4f3660ec9",
    "studio": "76c3594e19c82d61", "café": "e798f4032d20b2fe", "swimming": "34bb0e3b3bfac53a", "table": "e803973ee9811872",
}  # fmt: skip


def shown(scene: Scene) -> tuple[Any, ...]:
    things = [(thing.shape, thing.colour) for thing in scene.things]
    placed = [(spot.shape, spot.x, spot.y, spot.z, spot.radius, spot.angle) for spot in Things(scene).placed]
    return [getattr(scene, name) for name in FIELDS], things, placed


def digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


@pytest.mark.parametrize("place", list(FIRST_PLACES))
def test_a_place_of_the_first_world_is_drawn_as_ever(place: str) -> None:
    assert digest([shown(sample_scene(seed, place)) for seed in range(40)]) == SCENES[place]


def test_scenes_people_and_captions_are_drawn_as_ever() -> None:
    assert digest([shown(sample_scene(seed)) for seed in range(400)]) == "acecd26e082d6ba9"
    people = [astuple(sample_identity(seed)) for seed in (*range(200), 950_008, 100_000_005)]
    assert digest(people) == "76f33f6ec3836058"
    texts = [caption(sample_identity(seed), sample_scene(seed * 7), seed) for seed in range(300)]
    assert digest(texts) == "c467e1a72e39dfd7"


def test_the_shipped_base_knows_every_word_of_its_world() -> None:
    known = find_base(EMBEDDED).words
    assert known is not None
    for seed in range(1500):
        scene = sample_scene(seed * 7)
        assert not unknown_words(caption(sample_identity(seed), scene, scene.seed), known)
    assert [found.word for found in unknown_words("a cat in a library", known)] == ["cat", "library"]
