"""Likeness knows her from strangers, measures nothing it does not know, and says when pictures are too few."""

from dataclasses import replace

import numpy as np
import pytest

from studio.domain.errors import Unsupported
from studio.domain.records import Yardstick
from studio.engines.features import FeatureCache, Pictures, Reading
from studio.engines.likeness import NOBODY, Template, gains_towards, likeness, template, yardstick
from tests.engines.stand_in import StandInJudge, open_stand_in

HER, OTHER = (200, 60, 60), (60, 60, 200)


def painted(colour, count, seed=0):
    """Noisy pictures around one colour: one person to the stand-in judge."""
    rng = np.random.default_rng(seed)
    return [
        np.clip(np.array(colour) + rng.normal(0, 25, (8, 8, 3)) + rng.normal(0, 12, 3), 0, 255).astype(
            np.uint8
        )
        for _ in range(count)
    ]


@pytest.fixture
def reader(tmp_path):
    return open_stand_in(StandInJudge(), FeatureCache(tmp_path))


def reading(vectors, known=None):
    vectors = np.asarray(vectors, np.float32)
    return Reading(vectors, np.array(known if known is not None else [True] * len(vectors)), {})


def test_tells_her_from_somebody_else(reader):
    her = template(reader.read(Pictures.of(painted(HER, 6))))
    mine = likeness(her, reader.read(Pictures.of(painted(HER, 5, seed=1))))
    others = likeness(her, reader.read(Pictures.of(painted(OTHER, 5, seed=2))))
    assert min(mine) > 0.9 > 0 > max(others)


def test_her_ceiling_leaves_each_picture_out_of_its_own_template():
    east, north, up = np.eye(3)
    found = template(reading([east, north, up]))
    # Each is orthogonal to the rest: with itself included the cosine would be 0.58.
    assert found.own == pytest.approx((0.0, 0.0, 0.0))
    assert found.direction == pytest.approx(np.ones(3) / np.sqrt(3))
    assert found.count == 3


def test_pictures_from_outside_the_world_have_no_number():
    her = template(reading(np.eye(3)))
    found = likeness(her, reading(np.eye(3), [True, False, True]))
    assert found[1] is None
    assert found[0] == found[2] == pytest.approx(0.577, abs=1e-3)


def test_a_picture_with_nobody_in_it_is_not_hers():
    """A base that does not know the trigger word drew coloured blocks, of which one had a likeness of 0.5."""
    her = Template(np.array([1.0, 0.0], np.float32), (0.9, 0.9, 0.9))
    seen = replace(reading(np.array([[1.0, 0.0]] * 3), [True, True, False]), attributes={"person": ("yes", "no", "no")})
    assert likeness(her, seen) == [1.0, NOBODY, None]


def test_held_out_pictures_from_outside_do_not_count():
    with pytest.raises(Unsupported, match="there are 2, and 1 from outside"):
        template(reading(np.eye(3), [True, False, True]))
    her = template(reading(np.eye(4), [True, False, True, True]))
    assert her.count == 3
    scale = yardstick(her, reading(np.eye(4)))
    assert (scale.held_out, scale.unknown) == (3, 1), "and how many were left out is told"


def test_too_few_held_out_pictures():
    with pytest.raises(Unsupported, match="Likeness needs 3 held-out pictures"):
        template(reading(np.eye(2)))


def test_yardstick_places_strangers_at_0_and_herself_at_100(reader):
    her = template(reader.read(Pictures.of(painted(HER, 6))))
    strangers = reader.read(Pictures.of(painted(OTHER, 4, seed=3)))
    scale = yardstick(her, strangers)
    assert (scale.strangers, scale.held_out) == (4, 6)
    assert scale.shown(scale.floor) == pytest.approx(0)
    assert scale.shown(scale.ceiling) == pytest.approx(100)
    assert scale.shown(None) is None


def test_yardstick_marks_what_most_of_hers_reach_and_few_strangers_do(reader):
    her = template(reader.read(Pictures.of(painted(HER, 12))))
    strangers = reader.read(Pictures.of(painted(OTHER, 40, seed=3)))
    scale = yardstick(her, strangers)
    cosines = likeness(her, strangers)
    assert 0.85 <= np.mean(np.array(her.own) >= scale.hers) < 1
    assert 0 < np.mean(np.array(cosines) >= scale.stranger) <= 0.1
    fresh = likeness(her, reader.read(Pictures.of(painted(HER, 40, seed=5))))
    assert np.mean([scale.place(cosine) == "herself" for cosine in fresh]) >= 0.7
    assert scale.place(scale.floor) == "stranger"
    assert scale.place((scale.hers + scale.stranger) / 2) == "between"


@pytest.mark.parametrize("marks", [{}, {"hers": 0.7}, {"hers": 0.4, "stranger": 0.4}, {"hers": 0.3, "stranger": 0.5}])
def test_a_scale_on_which_she_and_strangers_overlap_places_nobody(marks):
    assert Yardstick(floor=0.0, ceiling=0.8, **marks).place(0.75) is None


def test_yardstick_refuses_where_the_judge_cannot_tell_her_from_strangers():
    assert Yardstick(floor=0.5, ceiling=0.6).shown(0.55) is None
    assert Yardstick(floor=None, ceiling=0.6).shown(0.55) is None


def test_answers_are_kept_per_picture(tmp_path):
    judge = StandInJudge(attributes={"place": ("beach", "skiing")}, answers={"place": ["skiing", "beach"]})
    first = open_stand_in(judge, FeatureCache(tmp_path)).read(Pictures.of(painted(HER, 2)))
    judge.see = None  # a second look must not need the judge
    again = open_stand_in(judge, FeatureCache(tmp_path)).read(Pictures.of(painted(HER, 2)))
    assert np.array_equal(first.embeddings, again.embeddings)
    assert again.attributes == {"place": ("skiing", "beach")}
    assert again.in_world.tolist() == [True, True]


def test_the_same_picture_twice_is_read_once(reader):
    one = painted(HER, 1)[0]
    found = reader.read(Pictures((one, one), ("a" * 64, "a" * 64)))
    assert np.array_equal(found.embeddings[0], found.embeddings[1])


def test_gains_towards_others_are_one_per_person_over_known_pairs():
    people = np.eye(3, dtype=np.float32)
    before = reading([[1, 0, 0], [1, 0, 0], [0, 0, 1]])
    after = reading([[0, 1, 0], [1, 0, 0], [1, 0, 0]], [True, True, False])
    assert gains_towards(people, after, before) == pytest.approx([-0.5, 0.5, 0.0])
    assert gains_towards(people, before, before) == [0.0, 0.0, 0.0]
    assert gains_towards(people, reading(np.eye(3), [False] * 3), before) == []
