"""Intervals hold the true value about 95 times in 100, with prompt effects, gaps and few prompts."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from studio.domain.statistics import (
    cluster_interval,
    difference,
    gained,
    holm,
    mean,
    mean_share,
    p_value,
    rate,
)

SIMULATIONS, PROMPTS, SEEDS = 2000, 12, 2
NOISE = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "flat": lambda rng, shape: rng.uniform(-1.7, 1.7, size=shape),
    "heavy tails": lambda rng, shape: rng.standard_t(5, size=shape),
    "skewed": lambda rng, shape: rng.beta(4, 2, size=shape) * 5 - 5 * 4 / 6,
}


def simulated(rng, noise, prompt_effect, prompts=PROMPTS, seeds=SEEDS):
    """(simulations, prompts, seeds) scores around a true mean of 0.3."""
    effects = NOISE[noise](rng, (SIMULATIONS, prompts, 1)) * prompt_effect
    return 0.3 + effects + NOISE[noise](rng, (SIMULATIONS, prompts, seeds)) * 0.1


def coverage(averages, truth=0.3):
    low, high = cluster_interval(averages)
    return float(np.mean((low <= truth) & (truth <= high)))


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("prompt_effect", [0.0, 0.1, 0.3])
def test_coverage_at_12_prompts_and_2_seeds(noise, prompt_effect):
    rng = np.random.default_rng(20261121)
    share = coverage(simulated(rng, noise, prompt_effect).mean(-1))
    assert 0.93 <= share <= 0.97, f"{share:.3f}"


@pytest.mark.parametrize("prompts", [3, 4, 6, 30])
def test_coverage_with_other_numbers_of_prompts(prompts):
    rng = np.random.default_rng(7)
    share = coverage(simulated(rng, "normal", 0.2, prompts=prompts).mean(-1))
    assert 0.93 <= share <= 0.97, f"{share:.3f}"


def test_coverage_when_a_third_of_the_scores_is_missing():
    rng = np.random.default_rng(11)
    scores = simulated(rng, "normal", 0.1)
    scores[..., 1][rng.random((SIMULATIONS, PROMPTS)) < 0.66] = np.nan
    share = coverage(np.nanmean(scores, -1))
    assert 0.93 <= share <= 0.97, f"{share:.3f}"


def test_ignoring_the_prompts_would_be_wrong():
    """The reason for clusters: intervals over pictures miss the truth far too often."""
    rng = np.random.default_rng(5)
    scores = simulated(rng, "normal", 0.3)
    assert coverage(scores.reshape(SIMULATIONS, -1)) < 0.88


def test_the_public_functions_cover_too():
    rng = np.random.default_rng(3)
    scores = simulated(rng, "normal", 0.2)[:400]
    hits = 0
    for one in scores:
        found = mean({(prompt, seed): one[prompt, seed] for prompt in range(PROMPTS) for seed in range(SEEDS)})
        hits += found.low <= 0.3 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_several_intervals_at_once_all_hold_as_often_as_one_alone():
    """Uncorrected, one of six independent ones misses in 1 - 0.95 ** 6 = 26 % of all cases."""
    averages = simulated(np.random.default_rng(13), "normal", 0.1)[: SIMULATIONS // 6 * 6].mean(-1)
    families = averages.reshape(-1, 6, PROMPTS)

    def together(among):
        low, high = cluster_interval(families, among)
        return float(np.mean(np.all((low <= 0.3) & (high >= 0.3), axis=-1)))

    assert together(1) < 0.80
    assert 0.93 <= together(6) <= 0.98


@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0, 0.2))
def test_an_interval_among_several_holds_0_where_holm_settles_nothing(seed, arms, spread):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(arms, PROMPTS, SEEDS)) * 0.1 + np.linspace(0, spread, arms)[:, None, None]
    scores = [grid(lambda p, s, one=one: values[one, p, s]) for one in range(arms)]
    pairs = list(combinations(scores, 2))
    adjusted = holm([p_value(one, other) for one, other in pairs])
    for (one, other), p in zip(pairs, adjusted, strict=True):
        found = difference(one, other, among=len(pairs))
        assert p < 0.05 or found.low <= 0 <= found.high


def grid(function, prompts=PROMPTS, seeds=SEEDS):
    return {(prompt, seed): function(prompt, seed) for prompt in range(prompts) for seed in range(seeds)}


def test_mean_agrees_with_scipy():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(PROMPTS, SEEDS))
    found = mean(grid(lambda prompt, seed: values[prompt, seed]))
    low, high = stats.t.interval(0.95, PROMPTS - 1, values.mean(1).mean(), stats.sem(values.mean(1)))
    assert (found.n, found.prompts) == (24, 12)
    assert found.mean == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((low, high))


def test_prompt_effects_cancel_in_the_paired_difference():
    rng = np.random.default_rng(1)
    base = grid(lambda prompt, seed: prompt * 0.1 + rng.normal() * 0.01)
    better = {cell: value + 0.05 + rng.normal() * 0.01 for cell, value in base.items()}
    found = difference(better, base)
    assert found.low > 0.03 and found.high < 0.07
    assert mean(better).high - mean(better).low > 5 * (found.high - found.low)


def test_equal_pictures_differ_by_exactly_nothing():
    scores = grid(lambda prompt, seed: math.sin(prompt + 7.3 * seed))
    found = difference(scores, dict(scores))
    assert (found.mean, found.low, found.high, found.n) == (0.0, 0.0, 0.0, 24)
    assert p_value(scores, dict(scores)) == 1.0


def test_unmeasured_pictures_are_left_out_and_counted():
    scores = grid(lambda prompt, seed: 0.5 + 0.01 * prompt)
    gaps = {cell: None if cell[0] < 2 or cell == (3, 1) else value for cell, value in scores.items()}
    assert mean(gaps).n == 19
    assert mean(gaps).prompts == 10
    assert difference(gaps, scores).n == difference(scores, gaps).n == 19
    assert difference(gaps, scores).mean == 0.0


def test_a_prompt_counts_once_however_many_of_its_pictures_were_measured():
    scores = {(0, seed): 1.0 for seed in range(9)} | {(1, 0): 0.0, (2, 0): 0.0}
    assert mean(scores).mean == pytest.approx(1 / 3)


@pytest.mark.parametrize("prompts", [1, 2])
def test_too_few_prompts_are_said_to_be_too_few(prompts):
    found = mean(grid(lambda prompt, seed: prompt + seed, prompts=prompts))
    assert found.mean is not None
    assert found.low is None and found.high is None
    assert "too few prompts" in found.note and str(prompts) in found.note


def test_nothing_measured_is_no_number():
    found = mean({(0, 0): None, (1, 0): None})
    assert (found.mean, found.low, found.high, found.n, found.note) == (None, None, None, 0, "not measured")


def test_p_value_agrees_with_scipy():
    rng = np.random.default_rng(2)
    values, others = rng.normal(size=(2, PROMPTS, SEEDS))
    found = p_value(grid(lambda p, s: values[p, s]), grid(lambda p, s: others[p, s]))
    assert found == pytest.approx(stats.ttest_1samp((values - others).mean(1), 0).pvalue)


def test_a_constant_gain_is_certain():
    scores = grid(lambda prompt, seed: float(prompt))
    assert p_value({cell: value + 1 for cell, value in scores.items()}, scores) == 0.0


@pytest.mark.parametrize(("count", "total"), [(0, 24), (1, 24), (12, 24), (24, 24), (3, 5)])
def test_rate_agrees_with_scipy(count, total):
    found = rate(count, total)
    expected = stats.binomtest(count, total).proportion_ci(method="exact")
    assert found.mean == count / total
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_rate_of_nothing():
    assert rate(0, 0).mean is None


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=40), st.floats(-5, 5))
def test_the_interval_moves_with_the_scores(values, shift):
    scores = {(index // 2, index % 2): value for index, value in enumerate(values)}
    moved = mean({cell: value + shift for cell, value in scores.items()})
    found = mean(scores)
    assert found.low <= found.mean <= found.high
    assert moved.mean == pytest.approx(found.mean + shift, abs=1e-9)
    assert moved.high - moved.low == pytest.approx(found.high - found.low, abs=1e-9)


def test_shares_that_never_vary_may_still_be_chance() -> None:
    whole = {(prompt, seed): 1.0 for prompt in range(12) for seed in range(2)}
    found = mean_share(whole)
    assert found.mean == found.high == 1.0 and found.n == 24
    assert found.low == rate(12, 12).low and 0.7 < (found.low or 0) < 0.75, "twelve prompts, not twenty-four pictures"
    none = mean_share(dict.fromkeys(whole, 0.0))
    assert (none.low, none.mean) == (0.0, 0.0) and 0.25 < (none.high or 0) < 0.3
    varied = mean_share(whole | {(0, 0): 0.0})
    assert varied.high == 1.0 and (varied.low or 0) > 0.8


def test_rates_that_agree_in_every_pair_may_still_differ() -> None:
    never = {(prompt, seed): 0.0 for prompt in range(6) for seed in range(2)}
    found = gained(never, dict.fromkeys(never, 0.0), "rate")
    exact = rate(0, 12).high
    assert (found.mean, found.n) == (0.0, 12)
    assert (found.low, found.high) == pytest.approx((-exact, exact))
    assert gained(never, never, "number").high == 0.0, "numbers that are equal in every pair differ by nothing"


def test_the_gain_of_a_rate_counts_pairs_alone() -> None:
    mine = {(0, 0): 1.0, (1, 0): 1.0, (2, 0): None, (3, 0): 0.0}
    assert gained(mine, {(0, 0): 0.0, (1, 0): 1.0, (2, 0): 0.0}, "rate").mean == 0.5
    assert gained(mine, {(2, 0): 0.0}, "rate").mean is None


@pytest.mark.parametrize("alike", [0.0, 0.8])
def test_the_gain_of_a_rate_holds_the_truth_also_where_pictures_of_a_prompt_are_alike(alike: float) -> None:
    rng, held = np.random.default_rng(5), 0
    for _ in range(400):
        arms = []
        for chance in (0.35, 0.10):
            kind, own = rng.random(12) < chance, rng.random((12, 3)) < chance
            seen = np.where(rng.random((12, 3)) < alike, kind[:, None], own)
            arms.append({cell: float(seen[cell]) for cell in np.ndindex(12, 3)})
        found = gained(*arms, "rate")
        held += found.low <= 0.25 <= found.high
    assert held >= 0.93 * 400
