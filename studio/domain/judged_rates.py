"""Rates read by a judge that errs, corrected for its errors, with intervals that know how well those are known.

The share of pictures a judge says "yes" to mixes true and false yeses: apparent = true x hit + (1 - true) x false
alarm. Rogan and Gladen (Am J Epidemiol 107, 1978) solve this for the true share. The interval melds the confidence
distributions of all three shares (Fay, Proschan and Brittain, Biometrics 71, 2015; Bayer, Fay and Graubard, Statistics in
Medicine 42, 2023): each end is a quantile of the corrected share with every part drawn from the Clopper-Pearson
distribution on the side that makes it worse. With an errorless, well known judge it is Clopper and Pearson's interval.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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


def corrected(yes: int, questions: Sequence[Question], errors: Mapping[str, Errors]) -> Estimate:
    """The true share of yeses behind `yes` apparent ones, one answer per question.

    A reading of several claims is seen rightly when each is (their errors taken as independent), and a false yes is
    taken to need one false alarm among hits, for a picture that fails mostly fails in one thing; false yeses of several
    readings add up. The true share is taken to be the same for all questions. Every claim needs its `errors`.
    """
    if not questions:
        return Estimate(mean=None, low=None, high=None, n=0, note="nothing was asked that the judge may answer")
    apparent = Count(yes, len(questions))
    keys = sorted({claim for question in questions for reading in question for claim in reading})
    hit, alarm = _mixed(questions, {key: (errors[key].hits.share, errors[key].false_alarms.share) for key in keys})
    if hit - alarm < LEAST_SKILL:
        note = f"the judge says yes to {hit:.0%} of what is so and to {alarm:.0%} of what is not: too close to correct for"
        return Estimate(mean=None, low=None, high=None, n=apparent.asked, note=note)
    mean = float(np.clip((apparent.share - alarm) / (hit - alarm), 0, 1))
    chance = np.random.default_rng(SEED)
    # More hits and more false alarms both lower the rate that explains the yeses; each end takes the worse side of all.
    most = {key: (errors[key].hits.high(chance), errors[key].false_alarms.high(chance)) for key in keys}
    lows = _solved(apparent.low(chance), *_mixed(questions, most))
    least = {key: (errors[key].hits.low(chance), errors[key].false_alarms.low(chance)) for key in keys}
    highs = _solved(apparent.high(chance), *_mixed(questions, least))
    tail = (1 - LEVEL) / 2
    low, high = float(np.quantile(lows, tail)), float(np.quantile(highs, 1 - tail))
    return Estimate(mean=mean, low=min(mean, low), high=max(mean, high), n=apparent.asked, prompts=apparent.asked)


def errors_of(read: Sequence[str], truth: Sequence[str | None], labels: Sequence[str]) -> dict[str, Errors]:
    """The judge's errors for every value of one attribute, from pictures whose truth is known (None: not there).

    A value with fewer than `FEWEST` pictures takes the errors pooled over all values, a guess told from nothing better.
    Values are left out when even those rest on too few pictures.
    """
    known = [(seen, true) for seen, true in zip(read, truth, strict=True) if true is not None]
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
    questions: Sequence[Question], shares: Mapping[str, tuple[float | Array, float | Array]]
) -> tuple[Array, Array]:
    """Hit rate and false-alarm rate, averaged over the questions; each a number or (DRAWS,)."""
    hit, alarm = np.zeros(()), np.zeros(())
    for question, times in Counter(questions).items():
        false_yes = np.zeros(())
        for reading in question:
            for one in range(len(reading)):
                factors = [shares[claim][int(place == one)] for place, claim in enumerate(reading)]
                false_yes = false_yes + math.prod(factors) / len(reading)
            hit = hit + times * math.prod(shares[claim][0] for claim in reading) / len(question)
        alarm = alarm + times * np.minimum(false_yes, 1.0)
    return hit / len(questions), alarm / len(questions)


def _solved(apparent: Array, hit: Array, alarm: Array) -> Array:
    """The corrected share (DRAWS,), between 0 and 1."""
    shares: Array = np.clip((apparent - alarm) / np.maximum(hit - alarm, 1e-9), 0.0, 1.0)
    return shares
