"""The errors a judge is corrected for are those of the question that is asked: seen, and of its world."""

from pathlib import Path

import numpy as np

from studio.domain.claims import Atom
from studio.domain.judged_rates import Count
from studio.domain.witness import key
from studio.engines.captioned import Captioned
from studio.engines.features import FeatureCache
from studio.jobs.base_evaluation import judge_errors
from tests.engines.stand_in import StandInJudge, open_stand_in

MANY = 25


def test_a_true_picture_that_is_taken_for_another_world_is_a_miss(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2 * MANY, 128, 128, 3), np.uint8)
    places = ["beach"] * MANY + ["skiing"] * MANY
    count = len(places)
    data = Captioned(pixels, (("a place",),) * count, (None,) * count, tuple({"place": place} for place in places))
    rejected = [number in (0, 1, MANY) for number in range(count)]
    answers = ["beach"] * MANY + ["beach", "beach"] + ["skiing"] * (MANY - 2)
    judge = StandInJudge({"place": ("beach", "skiing")}, {"place": answers}, [not one for one in rejected])
    found = judge_errors(open_stand_in(judge, FeatureCache(tmp_path)), pixels, data)[key(Atom("place", "beach"))]
    assert found.hits == Count(MANY - 2, MANY), "two of its beaches it does not know as pictures of its world"
    assert found.false_alarms == Count(1, MANY), "one of its two false beaches as well"
