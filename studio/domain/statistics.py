"""Means, paired differences and rates, each with an interval that respects how the pictures were made.

Pictures of one prompt resemble each other more than pictures of different prompts, so prompts, not pictures,
are the independent units (Miller 2024, arXiv 2411.00640). Scores are averaged within each prompt, and a
Student t interval is taken over these averages, with one degree of freedom less than there are prompts.
SciPy is imported where it is used: the web process reads estimates and never makes them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from studio.domain.records import Record

LEVEL = 0.95
FEWEST_PROMPTS = 3

Cell = tuple[int, int]
"""Index of the prompt, and the seed: what two pictures must share to be compared."""

Scores = Mapping[Cell, float | None]
"""One arm's scores; None where the picture could not be measured."""

Unit = Literal["number", "cosine", "distance", "share", "rate"]
"""What a metric counts in: a share is a part of 1 per picture, a rate 0 or 1 per picture."""

Array = NDArray[np.float64]


class Estimate(Record):
    """A number with its 95 % interval and what it rests on."""

    mean: float | None = Field(description="Average of the prompts' averages; empty: nothing was measured.")
    low: float | None = Field(description="Lower end of the interval; empty: too few prompts for one.")
    high: float | None
    n: int = Field(description="Pictures, or pairs of pictures, that were measured.")
    prompts: int = Field(default=0, description="Prompts they come from.")
    note: str = ""


def said(estimate: Estimate | None, *, sign: bool = False, share: bool = False) -> str:
    """A number with its interval for a person to read, as a percentage where it is a share of 1."""
    if estimate is None or estimate.mean is None:
        return "not measured"
    if estimate.low is None or estimate.high is None:
        return _digits(estimate.mean, sign, share)
    low, high = _digits(estimate.low, sign, share), _digits(estimate.high, sign, share)
    return f"{_digits(estimate.mean, sign, share)} ({low} to {high})"


def _digits(value: float, sign: bool, share: bool) -> str:
    plus = "+" if sign else ""
    return f"{100 * value:{plus}.0f} %" if share else f"{value:{plus}.{3 if abs(value) < 10 else 1}f}"


def mean(scores: Scores) -> Estimate:
    """Average score with an interval clustered by prompt; unmeasured pictures are left out, and `n` says so."""
    return _estimate(_by_prompt(scores), sum(value is not None for value in scores.values()))


def mean_share(scores: Scores) -> Estimate:
    """`mean` of scores that are shares of 1: the interval ends where shares do.

    Where every picture has all or nothing, the prompts do not vary and say nothing of their spread; then the interval
    is the exact one over prompts, as in `rate`.
    """
    found = mean(scores)
    if found.low is None or found.high is None:
        return found
    if found.mean in (0.0, 1.0):
        prompts = _by_prompt(scores).size
        exact = rate(int(found.mean) * prompts, prompts)
        return found.model_copy(update={"low": exact.low, "high": exact.high})
    return found.model_copy(update={"low": max(0.0, found.low), "high": min(1.0, found.high)})


def difference(scores: Scores, other: Scores, *, among: int = 1) -> Estimate:
    """`scores` minus `other`, paired by prompt and seed; pairs with one side unmeasured are left out.

    For one of `among` differences that are looked at together, the interval is Bonferroni's: all of them hold at once
    with 95 %. It never leaves out 0 where `holm`, over as many p values, does not settle the difference.
    """
    pairs = paired(scores, other)
    return _estimate(_by_prompt(pairs), len(pairs), among)


def share(scores: Scores) -> Estimate:
    """The share of ones among zeros and ones, with the exact interval."""
    known = [value for value in scores.values() if value is not None]
    return rate(int(sum(known)), len(known))


def averaged(scores: Scores, unit: Unit) -> Estimate:
    """The average of scores in this unit, with the interval that belongs to it."""
    if unit == "rate":
        return share(scores)
    return mean_share(scores) if unit == "share" else mean(scores)


def gained(scores: Scores, other: Scores, unit: Unit) -> Estimate:
    """`difference` of scores in this unit.

    Zeros and ones may not differ in a single pair, which does not settle that they never do. So the interval of two rates
    is squared and added (Newcombe 1998) from the exact one of each, or `difference`'s where that is wider: the former takes
    pictures of one prompt for independent, as `rate` does, and the latter does not.
    """
    if unit != "rate":
        return difference(scores, other)
    cells = paired(scores, other).keys()
    mine, theirs = (share({cell: side[cell] for cell in cells}) for side in (scores, other))
    if mine.mean is None or theirs.mean is None:
        return mine
    by_prompt = difference(scores, other)
    gap = mine.mean - theirs.mean
    below = math.hypot(mine.mean - (mine.low or 0.0), (theirs.high or 0.0) - theirs.mean)
    above = math.hypot((mine.high or 0.0) - mine.mean, theirs.mean - (theirs.low or 0.0))
    low, high = (gap if end is None else end for end in (by_prompt.low, by_prompt.high))
    return Estimate(mean=gap, low=min(gap - below, low), high=max(gap + above, high), n=mine.n, prompts=by_prompt.prompts)


def paired(scores: Scores, other: Scores) -> dict[Cell, float]:
    """`scores` minus `other` wherever both were measured."""
    return {
        cell: value - opposite
        for cell, value in scores.items()
        if value is not None and (opposite := other.get(cell)) is not None
    }


def p_value(scores: Scores, other: Scores) -> float:
    """Two-sided p of the paired t test over prompt averages; 1.0 where there are too few prompts to tell."""
    averages = _by_prompt(paired(scores, other))
    if averages.size < FEWEST_PROMPTS:
        return 1.0
    from scipy.special import stdtr

    centre, error = averages.mean(), _standard_error(averages)
    if error == 0:
        return 1.0 if centre == 0 else 0.0
    return float(2 * stdtr(averages.size - 1, -abs(centre / error)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment: rejecting below alpha keeps the chance of any false rejection below alpha."""
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def rate(count: int, total: int) -> Estimate:
    """A share with the exact interval of Clopper and Pearson (1934): never narrower than it should be."""
    if total == 0:
        return Estimate(mean=None, low=None, high=None, n=0, note="nothing was counted")
    from scipy.special import betaincinv

    tail = (1 - LEVEL) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, total - count + 1, tail))
    high = 1.0 if count == total else float(betaincinv(count + 1, total - count, 1 - tail))
    return Estimate(mean=count / total, low=low, high=high, n=total)


def cluster_interval(averages: Array, among: int = 1) -> tuple[Array, Array]:
    """Lower and upper ends over the last axis of (..., prompts) averages, one interval per leading index.

    Each is one of `among` intervals that shall all hold at once with 95 %.
    """
    from scipy.special import stdtrit

    size = averages.shape[-1]
    reach = stdtrit(size - 1, 1 - (1 - LEVEL) / (2 * among)) * _standard_error(averages)
    centre: Array = averages.mean(-1)
    return centre - reach, centre + reach


def _standard_error(averages: Array) -> Array:
    """Of the mean over the last axis; exactly 0 where all averages are equal."""
    spread: Array = averages.std(-1, ddof=1)
    equal = averages.max(-1) == averages.min(-1)
    error: Array = np.where(equal, 0.0, spread) / np.sqrt(averages.shape[-1])
    return error


def _by_prompt(scores: Scores) -> Array:
    """The average of each prompt that has a measured picture."""
    groups: dict[int, list[float]] = {}
    for (prompt, _), value in scores.items():
        if value is not None:
            groups.setdefault(prompt, []).append(value)
    return np.array([_mean(values) for _, values in sorted(groups.items())], dtype=np.float64)


def _mean(values: Iterable[float]) -> float:
    gathered = list(values)
    return sum(gathered) / len(gathered)


def _estimate(averages: Array, n: int, among: int = 1) -> Estimate:
    if averages.size == 0:
        return Estimate(mean=None, low=None, high=None, n=0, note="not measured")
    centre = float(averages.mean())
    if averages.size < FEWEST_PROMPTS:
        note = f"too few prompts for an interval: {averages.size}, at least {FEWEST_PROMPTS} are needed"
        return Estimate(mean=centre, low=None, high=None, n=n, prompts=averages.size, note=note)
    low, high = cluster_interval(averages, among)
    return Estimate(mean=centre, low=float(low), high=float(high), n=n, prompts=averages.size)
