"""Rates corrected for a judge's errors: right on average, and their intervals hold the truth as often as they say."""

import numpy as np
import pytest

from studio.domain.judged_rates import Count, Errors, corrected, errors_of
from studio.domain.statistics import rate

SURE = Errors(Count(10**9, 10**9), Count(0, 10**9))


def errors(hits: int, alarms: int, pictures: int) -> Errors:
    return Errors(Count(hits, pictures), Count(alarms, pictures))


def test_the_formula_of_rogan_and_gladen():
    found = corrected(50, [(("a",),)] * 100, {"a": errors(90, 20, 100)})
    assert found.mean == pytest.approx((0.5 - 0.2) / (0.9 - 0.2))
    assert found.n == 100


@pytest.mark.parametrize("yes", [0, 7, 40])
def test_a_judge_that_never_errs_gives_clopper_and_pearson(yes):
    found, exact = corrected(yes, [(("a",),)] * 40, {"a": SURE}), rate(yes, 40)
    assert found.mean == exact.mean
    assert found.low == pytest.approx(exact.low, abs=0.02)
    assert found.high == pytest.approx(exact.high, abs=0.02)


def test_an_interval_is_wider_when_the_judge_is_less_known():
    widths = []
    for pictures in (100, 1000, 10_000):
        found = corrected(60, [(("a",),)] * 100, {"a": errors(int(0.95 * pictures), int(0.04 * pictures), pictures)})
        widths.append(found.high - found.low)
    assert widths[0] > widths[1] > widths[2] > rate(60, 100).high - rate(60, 100).low


@pytest.mark.parametrize(
    ("truth", "pictures", "asked"), [(0.0, 60, 40), (0.1, 60, 40), (0.5, 400, 120), (0.9, 60, 40), (1.0, 400, 120)]
)
def test_intervals_hold_the_truth_as_often_as_they_say(truth, pictures, asked):
    chance = np.random.default_rng(int(10 * truth) + pictures)
    hit, alarm, runs, held = 0.97, 0.03, 160, 0
    for _ in range(runs):
        judge = errors(chance.binomial(pictures, hit), chance.binomial(pictures, alarm), pictures)
        yes = chance.binomial(asked, truth * hit + (1 - truth) * alarm)
        found = corrected(int(yes), [(("a",),)] * asked, {"a": judge})
        held += found.low <= truth <= found.high
    assert held / runs >= 0.93, "95 % less what 160 runs may miss by chance"


def test_intervals_of_several_claims_hold_the_truth_too():
    chance = np.random.default_rng(5)
    truth, hit, alarm, runs, held = 0.7, 0.98, 0.02, 160, 0
    question = (("a", "b"),)
    for _ in range(runs):
        judge = {name: errors(chance.binomial(300, hit), chance.binomial(300, alarm), 300) for name in "ab"}
        yes = 0
        for _ in range(80):
            right = chance.random() < truth
            # A wrong picture shows b and lacks a.
            seen = chance.random() < (hit if right else alarm) and chance.random() < hit
            yes += seen
        found = corrected(yes, [question] * 80, judge)
        held += found.low <= truth <= found.high
    assert held / runs >= 0.93


ABC = ("a", "b", "c")


def coverage(truth, of_the_true, of_the_false, hits, alarms, *, pictures=300, asked=300, runs=160):
    """How often the interval for three claims holds the truth; `of_...`: how often all three are seen."""
    chance = np.random.default_rng(8)
    held = 0
    for _ in range(runs):
        judge = {
            name: errors(chance.binomial(pictures, hit), chance.binomial(pictures, alarm), pictures)
            for name, hit, alarm in zip(ABC, hits, alarms, strict=True)
        }
        yes = chance.binomial(asked, truth * of_the_true + (1 - truth) * of_the_false)
        found = corrected(int(yes), [(ABC,)] * asked, judge)
        held += found.low <= truth <= found.high
    return held / runs


@pytest.mark.parametrize("truth", [0.2, 0.6, 0.9])
def test_intervals_hold_the_truth_where_wrong_pictures_fail_in_every_claim(truth):
    assert coverage(truth, 0.97**3, 0.1**3, [0.97] * 3, [0.1] * 3) >= 0.95


@pytest.mark.parametrize("truth", [0.2, 0.6, 0.9])
def test_intervals_hold_the_truth_where_wrong_pictures_fail_in_what_is_easily_believed(truth):
    assert coverage(truth, 0.97**3, 0.1 * 0.97**2, [0.97] * 3, [0.1, 0.01, 0.01]) >= 0.95


@pytest.mark.parametrize("truth", [0.2, 0.6, 0.9])
def test_intervals_hold_the_truth_where_one_rejection_hides_all_claims(truth):
    inside = 0.96
    assert coverage(truth, inside * 0.98**3, inside * 0.02 * 0.98**2, [inside * 0.98] * 3, [inside * 0.02] * 3) >= 0.95


def test_without_the_correction_the_interval_would_miss():
    """What the simulation above would find for the plain interval: the reason for all this."""
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        plain = rate(int(chance.binomial(400, 0.05 * 0.97 + 0.95 * 0.05)), 400)
        held += plain.low <= 0.05 <= plain.high
    assert held / 200 < 0.3


def test_readings_any_of_which_counts_add_their_false_alarms():
    judge = {name: errors(95, 5, 100) for name in "ab"}
    one, either = (corrected(50, [question] * 100, judge).mean for question in ((("a",),), (("a",), ("b",))))
    assert one == pytest.approx((0.5 - 0.05) / 0.9)
    assert either == pytest.approx((0.5 - 0.1) / 0.85)


def test_a_judge_that_knows_no_better_is_not_corrected_for():
    found = corrected(50, [(("a",),)] * 100, {"a": errors(50, 45, 100)})
    assert found.mean is None
    assert "too close" in found.note
    assert corrected(0, [], {}).mean is None


def test_errors_are_counted_per_value_and_pooled_where_pictures_are_few():
    truth = ["red"] * 40 + ["blue"] * 40 + ["teal"] * 5 + [None]
    read = ["red"] * 38 + ["blue"] * 2 + ["blue"] * 40 + ["red"] * 5 + ["red"]
    found = errors_of(read, truth, ("red", "blue", "teal"))
    assert found["red"] == Errors(Count(38, 40), Count(5, 45))
    assert found["blue"] == Errors(Count(40, 40), Count(2, 45))
    assert found["teal"] == Errors(Count(78, 85), Count(7, 170)), "five pictures are too few for errors of its own"
    assert errors_of(["yes"] * 4, ["yes"] * 4, ("no", "yes")) == {}
