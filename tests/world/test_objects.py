"""Where things are said to be is where they are drawn, and what is read off them is the truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.domain.pointed import PERSON, SKY, Found, told_of
from studio.engines.judge_objects import THING, Spot
from studio.world.identity import sample_identity
from studio.world.objects import objects
from studio.world.render import focus, render
from studio.world.sampling import sample_picture, sample_things
from studio.world.scene import Scene
from studio.world.still_life import StillLife
from studio.world.trace import Tracer, find_tracer
from studio.world.truth import attributes

SEEDS = range(4_000_000, 4_000_400)
SIDE = 96


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Tracer | None:
    return find_tracer(tmp_path_factory.mktemp("compiled"))


def test_what_is_read_of_the_objects_is_what_is_true_of_the_picture() -> None:
    kinds = set()
    for seed in SEEDS:
        who, scene = sample_identity(seed), sample_picture(seed)
        seen = objects(who, scene)
        told = told_of([Found(one.kind, one.x, one.y, one.radius, one.attributes) for one in seen])
        truth = {name: value for name, value in attributes(who, scene).items() if name not in ("place", "light", "arrangement")}
        assert {name: told.get(name) for name in truth} == truth, seed
        kinds |= {one.kind for one in seen}
    assert {PERSON, SKY, "cat", "unicorn", "rainbow", "apple", "vase"} <= kinds


def test_two_heads_are_where_two_people_are_drawn(tracer: Tracer | None) -> None:
    seed = next(seed for seed in SEEDS if sample_picture(seed).companion)
    who, scene = sample_identity(seed), sample_picture(seed)
    left, right = sorted(objects(who, scene), key=lambda one: one.x)
    picture = render(who, scene, SIDE, tracer).astype(float)
    companion = scene.companion
    assert companion is not None and {left.identity, right.identity} == {seed, companion.identity}
    for other in (replace(scene, companion=replace(companion, identity=companion.identity + 1)), scene):
        changed = np.abs(picture - render(sample_identity(seed + (other is scene)), other, SIDE, tracer)).max(axis=2)
        moved = left if (left.identity == seed) == (other is scene) else right
        columns = np.nonzero(changed > 25)[1]
        assert len(columns) > 50 and abs(np.median(columns) / SIDE * 2 - 1 - moved.x) < moved.radius / 3


def test_no_two_things_are_taken_for_one() -> None:
    for seed in range(30_000, 30_600):
        seen = objects(sample_identity(seed), sample_things(seed))
        spots = [Spot(THING, 1.0, (one.x, one.y, one.radius)) for one in seen if one.kind != SKY]
        assert not any(one.repeats(other) for number, one in enumerate(spots) for other in spots[:number]), seed


def test_a_lone_head_is_where_the_focus_is() -> None:
    for seed in SEEDS[:60]:
        who, scene = sample_identity(seed), sample_picture(seed)
        if scene.person and scene.companion is None:
            [head] = [one for one in objects(who, scene) if one.kind == PERSON]
            assert (head.x, head.y, head.radius) == pytest.approx(focus(scene), abs=0.03)


def without(scene: Scene, number: int) -> Scene:
    """The scene with one of its things far behind the camera; all others stay."""
    still = scene.still
    assert still is not None
    spots = tuple(replace(spot, z=50.0) if k == number else spot for k, spot in enumerate(still.spots))
    gone: StillLife = replace(still, spots=spots)
    return replace(scene, still=gone)


def test_a_thing_is_drawn_where_it_is_said_to_be(tracer: Tracer | None, tmp_path: Path) -> None:
    checked = 0
    for seed in range(12_345, 12_400):
        scene = sample_things(seed)
        assert scene.still is not None and not scene.person
        if scene.still.relation not in ("side", "depth") or scene.still.ground != "table":
            continue
        who = sample_identity(seed)
        whole = render(who, scene, SIDE, tracer).astype(float)
        for number, one in enumerate(objects(who, scene)[:2]):
            changed = np.abs(whole - render(who, without(scene, number), SIDE, tracer)).max(axis=2)
            if changed.max() < 40:
                continue
            rows, columns = np.nonzero(changed > 30)
            x, y = np.median(columns) / SIDE * 2 - 1, np.median(rows) / SIDE * 2 - 1
            assert abs(x - one.x) < one.radius and abs(y - one.y) < one.radius, (seed, one, x, y)
            checked += 1
        if checked >= 6:
            return
    pytest.fail(f"only {checked} things could be looked at")
