"""Rates read by a judge that errs, corrected for its errors, with intervals that know how well those are known.

The share of pictures a judge says "yes" to mixes true and false yeses: apparent = true x hit + (1 - true) x false
alarm. Rogan and Gladen (Am J Epidemiol 107, 1978) solve this for the true share. The interval melds the confidence
distributions of all three shares (Fay, Proschan and Brittain, Biometrics 71, 2015; Bayer, Fay and Graubard,
Statistics in Medicine 42, 2023): each end is a quantile of the corrected share with every part drawn from the
Clopper-Pearson distribution on the side that makes it worse. With an errorless, well known judge it is Clopper and
Pearson's interval.
"""

import functools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.domain.statistics import LEVEL, Array, Estimate

DRAWS = 4_000
SEED = 1978
"""The draws are the same at every call, so that a report repeats to the last digit."""

FEWEST = 20
"""Pictures with a known truth from which a value's own errors are counted."""

LEAST_SKILL = 0.2
"""Hit rate less false alarms below which a judge's answers say too little to be corrected."""


@dataclass(frozen=True, slots=True)
class Count:
    """`yes` of `asked` answers were yes."""

    yes: int
    asked: int

    @property
    def share(self) -> float:
        """Raises `ZeroDivisionError` when nothing was asked."""
        return self.yes / self.asked

    def low(self, chance: np.random.Generator) -> Array:
        """Draws (DRAWS,) from the lower Clopper-Pearson distribution of the share."""
        if self.yes == 0:
            return np.zeros(DRAWS)
        return chance.beta(self.yes, self.asked - self.yes + 1, DRAWS)

    def high(self, chance: np.random.Generator) -> Array:
        """Draws (DRAWS,) from the upper one."""
        if self.yes == self.asked:
            return np.ones(DRAWS)
        return chance.beta(self.yes + 1, self.asked - self.yes, DRAWS)


@dataclass(frozen=True, slots=True)
class Errors:
    """How a judge answered one question on pictures whose truth is known.

    `hits`: its yeses where yes is true; `false_alarms`: its yeses where no is true.
    """

    hits: Count
    false_alarms: Count


Question = tuple[tuple[str, ...], ...]
"""The readings of what is asked, any of which counts; each is the claims that must all be seen, as keys of errors."""

Shares = tuple[float | Array, float | Array]
"""Hit rate and false-alarm rate, each a number or (DRAWS,)."""


def corrected(yes: int, questions: Sequence[Question], errors: Mapping[str, Errors]) -> Estimate:
    """The true share of yeses behind `yes` apparent ones, one answer per question.

    A reading of several claims is seen rightly when each is. For the mean their errors are taken as independent and a
    false yes as one false alarm among hits, for a picture that fails mostly fails in one thing. Neither is known, so
    each end of the interval takes the worse case: see `_most` and `_least`. False yeses of several readings add up. The
    true share is taken to be the same for all questions. Every claim needs its `errors`.
    """
    if not questions:
        return Estimate(mean=None, low=None, high=None, n=0, note="nothing was asked that the judge may answer")
    apparent = Count(yes, len(questions))
    keys = sorted({claim for question in questions for reading in question for claim in reading})
    likely = {key: (errors[key].hits.share, errors[key].false_alarms.share) for key in keys}
    hit, alarm = _mixed(questions, likely, _likely)
    if hit - alarm < LEAST_SKILL:
        note = (
            f"the judge says yes to {hit:.0%} of what is so and to {alarm:.0%} of what is not: too close to correct for"
        )
        return Estimate(mean=None, low=None, high=None, n=apparent.asked, note=note)
    mean = float(np.clip((apparent.share - alarm) / (hit - alarm), 0, 1))
    chance = np.random.default_rng(SEED)
    # More hits and more false alarms both lower the rate that explains the yeses; each end takes the worse side of all.
    most = {key: (errors[key].hits.high(chance), errors[key].false_alarms.high(chance)) for key in keys}
    lows = _solved(apparent.low(chance), *_mixed(questions, most, _most))
    least = {key: (errors[key].hits.low(chance), errors[key].false_alarms.low(chance)) for key in keys}
    highs = _solved(apparent.high(chance), *_mixed(questions, least, _least))
    tail = (1 - LEVEL) / 2
    low, high = float(np.quantile(lows, tail)), float(np.quantile(highs, 1 - tail))
    return Estimate(mean=mean, low=min(mean, low), high=max(mean, high), n=apparent.asked, prompts=apparent.asked)


def errors_of(read: Sequence[str], truth: Sequence[str | None], labels: Sequence[str]) -> dict[str, Errors]:
    """The judge's errors for every value of one attribute, from pictures whose truth is known (None: not there).

    A value with fewer than `FEWEST` pictures takes the errors pooled over all values, a guess told from nothing better.
    Values are left out when even those rest on too few pictures, and labels that are never true.
    """
    known = [(seen, true) for seen, true in zip(read, truth, strict=True) if true is not None]
    labels = [value for value in labels if any(true == value for _, true in known)]
    own = {
        value: Errors(
            Count(sum(seen == value for seen, true in known if true == value), sum(true == value for _, true in known)),
            Count(sum(seen == value for seen, true in known if true != value), sum(true != value for _, true in known)),
        )
        for value in labels
    }
    pooled = Errors(
        Count(sum(one.hits.yes for one in own.values()), sum(one.hits.asked for one in own.values())),
        Count(sum(one.false_alarms.yes for one in own.values()), sum(one.false_alarms.asked for one in own.values())),
    )
    if min(pooled.hits.asked, pooled.false_alarms.asked) < FEWEST:
        return {}
    enough = {value: min(one.hits.asked, one.false_alarms.asked) >= FEWEST for value, one in own.items()}
    return {value: one if enough[value] else pooled for value, one in own.items()}


def _mixed(
    questions: Sequence[Question], shares: Mapping[str, Shares], of_a_reading: Callable[[Sequence[Shares]], Shares]
) -> tuple[Array, Array]:
    """Hit rate and false-alarm rate, averaged over the questions; each a number or (DRAWS,)."""
    hit, alarm = np.zeros(()), np.zeros(())
    for question, times in Counter(questions).items():
        readings = [of_a_reading([shares[claim] for claim in reading]) for reading in question]
        hit = hit + times * sum(hits for hits, _ in readings) / len(readings)
        alarm = alarm + times * np.minimum(sum(alarms for _, alarms in readings), 1.0)
    return hit / len(questions), alarm / len(questions)


def _likely(claims: Sequence[Shares]) -> Shares:
    """Independent errors, and one false alarm among hits: the claim that fails is any of them."""
    hits = [hit for hit, _ in claims]
    false_yes = [
        alarm * math.prod(hits[:place] + hits[place + 1 :]) for place, (_, alarm) in enumerate(claims)
    ]
    return math.prod(hits), sum(false_yes) / len(claims)


def _most(claims: Sequence[Shares]) -> Shares:
    """No more often are all claims seen than the rarest, nor a false one than the one most easily believed."""
    return (
        functools.reduce(np.minimum, (hit for hit, _ in claims)),
        functools.reduce(np.maximum, (alarm for _, alarm in claims)),
    )


def _least(claims: Sequence[Shares]) -> Shares:
    """Independent errors, and pictures that fail in every claim, so that each must be a false alarm."""
    return math.prod(hit for hit, _ in claims), math.prod(alarm for _, alarm in claims)


def _solved(apparent: Array, hit: Array, alarm: Array) -> Array:
    """The corrected share (DRAWS,), between 0 and 1."""
    shares: Array = np.clip((apparent - alarm) / np.maximum(hit - alarm, 1e-9), 0.0, 1.0)
    return shares
