"""Which checkpoint and strength to use: the earliest and lightest that is not settled to be below the best."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from pydantic import Field

from studio.domain.records import Record
from studio.domain.statistics import Estimate, Scores, difference, holm, p_value
from studio.domain.statistics import mean as average

ALPHA = 0.05
MATCH_MARGIN = 0.05
"""How far prompt match may fall below the base's before a checkpoint is out of bounds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One checkpoint at one strength, with what was measured on its pictures."""

    name: str
    checkpoint: str
    step: int
    adapter_scale: float
    likeness: Scores
    """By the judge that chooses, never the one that reports."""
    prompt_match: float | None
    copy_rate: float | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a candidate must keep; None where it could not be measured and therefore cannot exclude."""

    base_match: float | None
    held_out_copy_rate: float | None

    def broken_by(self, candidate: Candidate) -> str:
        """Why the candidate is out of bounds, or an empty text."""
        if (
            candidate.copy_rate is not None
            and self.held_out_copy_rate is not None
            and candidate.copy_rate > self.held_out_copy_rate
        ):
            return "copies its training pictures"
        if (
            candidate.prompt_match is not None
            and self.base_match is not None
            and candidate.prompt_match < self.base_match - MATCH_MARGIN
        ):
            return "follows prompts worse than the base"
        return ""


class Recommendation(Record):
    """What to use, in one sentence a person can act on."""

    arm: str | None = Field(description="Name of the arm; empty: nothing can be recommended.")
    checkpoint: str | None
    adapter_scale: float | None
    why: str
    tied: tuple[str, ...] = Field(default=(), description="Arms that no measurement here tells from the best.")
    excluded: dict[str, str] = Field(default_factory=dict, description="Arms out of bounds, and why.")


def recommend(candidates: Sequence[Candidate], bounds: Bounds) -> Recommendation:
    """The earliest checkpoint, at its lowest strength, whose likeness is not settled to be below the best.

    All pairs of candidates in bounds are compared by paired differences and Holm's adjustment, because the best
    was picked from the same scores: the chance that any candidate is called worse by accident stays below 5 %.
    """
    measured = [one for one in candidates if average(one.likeness).mean is not None]
    if not measured:
        return _nothing("Likeness could not be measured on any checkpoint, so none is recommended.")
    excluded = {one.name: reason for one in measured if (reason := bounds.broken_by(one))}
    allowed = sorted(
        (one for one in measured if one.name not in excluded), key=lambda one: (one.step, one.adapter_scale)
    )
    if not allowed:
        reasons = sorted(set(excluded.values()))
        return _nothing(
            f"No checkpoint stays in bounds: each one {' or '.join(reasons)}. Train for fewer steps, "
            "with more varied pictures, or with captions that name clothes and places.",
            excluded,
        )
    best = max(allowed, key=_likeness)
    tied = _not_settled_below(best, allowed)
    chosen = tied[0]
    return Recommendation(
        arm=chosen.name,
        checkpoint=chosen.checkpoint,
        adapter_scale=chosen.adapter_scale,
        why=_why(chosen, best, allowed),
        tied=tuple(one.name for one in tied),
        excluded=excluded,
    )


def _likeness(candidate: Candidate) -> float:
    return average(candidate.likeness).mean or 0.0


def _not_settled_below(best: Candidate, allowed: Sequence[Candidate]) -> list[Candidate]:
    """The best and all that are not shown to be less like her, in the order of `allowed`."""
    pairs = list(combinations(allowed, 2))
    adjusted = holm([p_value(one.likeness, other.likeness) for one, other in pairs])
    settled = {
        frozenset((one.name, other.name))
        for (one, other), p in zip(pairs, adjusted, strict=True)
        if p < ALPHA
    }
    return [one for one in allowed if frozenset((one.name, best.name)) not in settled]


def _why(chosen: Candidate, best: Candidate, allowed: Sequence[Candidate]) -> str:
    """One sentence; the interval in it allows for the search among so many candidates, as the decision does."""
    if len(allowed) == 1:
        return f"{chosen.name} is the only one compared that keeps to the prompts and copies nothing."
    if chosen is best:
        before = allowed[: allowed.index(best)]
        if not before:
            return f"{chosen.name} is most like the persona; no earlier one, and no lighter one of its step, is in bounds."
        nearest = max(before, key=_likeness)
        gap = difference(best.likeness, nearest.likeness).mean
        return (
            f"{chosen.name} is most like the persona, and every earlier one, and every lighter one of its step, is measurably "
            f"less so; the nearest of these, {nearest.name}, by {gap:.3f} on average."
        )
    pairs = math.comb(len(allowed), 2)
    lead = difference(best.likeness, chosen.likeness, among=pairs)
    return (
        f"{chosen.name} is the earliest and lightest that may be as much like the persona as the best, "
        f"{best.name}, {_behind(lead, pairs)}."
    )


def _behind(lead: Estimate, pairs: int) -> str:
    """What is known of the best one's lead."""
    if lead.mean is None:
        return "with which it shares no picture that was measured"
    if lead.low is None or lead.high is None:
        return f"whose lead of {lead.mean:.3f} rests on too few prompts to be sure"
    searched = f", made wider because {pairs} pairs were compared" if pairs > 1 else ""
    return f"whose lead of {lead.mean:.3f} may be chance (95 % interval {lead.low:+.3f} to {lead.high:+.3f}{searched})"


def _nothing(why: str, excluded: dict[str, str] | None = None) -> Recommendation:
    return Recommendation(arm=None, checkpoint=None, adapter_scale=None, why=why, excluded=excluded or {})
