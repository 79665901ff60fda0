"""From scored pictures to intervals per arm, the recommendation, the controls and the verdict."""

from collections.abc import Iterable, Mapping, Sequence

from studio.domain.comparisons import (
    ArmResult,
    Comparison,
    Copies,
    Shot,
    Verdict,
    scores_of,
    verdict_sentence,
)
from studio.domain.ranking import Bounds, Candidate, Recommendation, recommend
from studio.domain.specs import Arm, CompareSpec
from studio.domain.statistics import Estimate, Unit, averaged, difference, gained, mean, mean_share, share

LIKENESS, CHOOSING, MATCH, COPIES = "likeness", "choosing", "prompt_match", "copies"
"""Metrics with a part in the verdict; all others are shown beside them."""


def base_arm(spec: CompareSpec) -> Arm | None:
    """The base alone, with her trigger word in the prompt."""
    return next((arm for arm in spec.arms if arm.checkpoint is None and not arm.described), None)


def described_arm(spec: CompareSpec) -> Arm | None:
    """The base with her written description in the prompt."""
    return next((arm for arm in spec.arms if arm.checkpoint is None and arm.described), None)


def zero_arm(spec: CompareSpec) -> Arm | None:
    """A checkpoint at strength 0, which must give the base's own pictures."""
    return next((arm for arm in spec.arms if arm.checkpoint is not None and arm.adapter_scale == 0), None)


def turned_off(spec: CompareSpec) -> str:
    """What the arm of `zero_arm` is there for, for who sees its name; empty without it."""
    zero = zero_arm(spec)
    return f"“{zero.name}” is the training turned off: it must equal the base, as a check." if zero else ""


def contenders(spec: CompareSpec) -> tuple[Arm, ...]:
    """The arms that can be recommended: checkpoints at a strength."""
    return tuple(arm for arm in spec.arms if arm.checkpoint is not None and arm.adapter_scale > 0)


def looked_at_again(spec: CompareSpec, final: Arm) -> tuple[Arm, ...]:
    """The arms of the second look: the finalist, and what it has to beat."""
    return tuple(arm for arm in (base_arm(spec), described_arm(spec), final) if arm)


def pictures_in(spec: CompareSpec) -> int:
    """How many pictures a plan makes, the second look at a finalist included: the most there can be."""
    again = looked_at_again(spec, contenders(spec)[0]) if contenders(spec) else ()
    return len(spec.prompts) * (len(spec.arms) * len(spec.seeds) + len(again) * len(spec.fresh_seeds))


def arms_in_words(found: Comparison, name: str) -> str:
    """What the names of the arms stand for, for who has seen none of them before."""
    spec, final = found.spec, found.finalist
    base, described, zero = base_arm(spec), described_arm(spec), zero_arm(spec)
    step = next((arm.step for arm in found.arms if final and arm.name == final.name), None)
    told = [
        f"“{base.name}” draws without any training on {name}, so “{found.who}” says little to it" if base else "",
        f"“{described.name}” is the base, told in words what {name} looks like" if described else "",
        f"“{zero.name}” is the training turned off, as a check" if zero else "",
        f"“{final.name}” is the training after {step} steps, at {final.adapter_scale:g} of its full strength" if final and step else "",
    ]
    words = "; ".join(part for part in told if part)
    return f"{words}." if words else ""


def arm_results(
    spec: CompareSpec,
    shots: Sequence[Shot],
    steps: Mapping[str, int],
    minimum: Mapping[str, int],
    units: Mapping[str, Unit],
) -> tuple[ArmResult, ...]:
    """Every arm's estimates on the seeds that all arms share.

    `steps` tells a checkpoint's training steps by its path; `minimum` the fewest pictures a metric's number needs;
    `units` what it counts in, by which its interval is made.
    """
    base = base_arm(spec)
    metrics = sorted({name for shot in shots for name in shot.scores})
    results = []
    for arm in spec.arms:
        scores = {name: scores_of(shots, arm.name, name) for name in metrics}
        against = {name: scores_of(shots, base.name, name) for name in metrics} if base else {}
        results.append(
            ArmResult(
                name=arm.name,
                checkpoint=arm.checkpoint,
                step=steps.get(arm.checkpoint or ""),
                adapter_scale=arm.adapter_scale,
                described=arm.described,
                scores={
                    name: enough(averaged(values, units.get(name, "number")), minimum.get(name, 1))
                    for name, values in scores.items()
                },
                gains={
                    name: enough(gained(scores[name], against[name], units.get(name, "number")), minimum.get(name, 1))
                    for name in against
                    if base is not None and arm.name != base.name
                },
            )
        )
    return tuple(results)


def enough(estimate: Estimate, minimum: int) -> Estimate:
    """The estimate, or one without numbers that says how many pictures are missing."""
    if estimate.n >= minimum or estimate.mean is None:
        return estimate
    note = f"not measured: {estimate.n} pictures, at least {minimum} are needed"
    return Estimate(mean=None, low=None, high=None, n=estimate.n, prompts=estimate.prompts, note=note)


def choose(
    spec: CompareSpec, shots: Sequence[Shot], steps: Mapping[str, int], held_out_copies: Estimate
) -> Recommendation:
    """What the choosing judge recommends, within the bounds set by the base and by her held-out pictures."""
    base = base_arm(spec)
    bounds = Bounds(
        base_match=mean(scores_of(shots, base.name, MATCH)).mean if base else None,
        held_out_copy_rate=held_out_copies.mean,
    )
    return recommend([_candidate(arm, shots, steps) for arm in contenders(spec)], bounds)


def finalist(spec: CompareSpec, shots: Sequence[Shot], recommendation: Recommendation) -> Arm | None:
    """The recommended arm; else, since a verdict is wanted all the same, the one most like her; None: unmeasured."""
    measured = [
        (found, arm)
        for arm in contenders(spec)
        if (found := mean(scores_of(shots, arm.name, CHOOSING)).mean) is not None
    ]
    recommended = [arm for _, arm in measured if arm.name == recommendation.arm]
    best = [max(measured, key=lambda pair: pair[0])[1]] if measured else []
    return next(iter(recommended + best), None)


def strength_zero(spec: CompareSpec, shots: Sequence[Shot]) -> Estimate | None:
    """The likeness at strength 0 minus the base's: exactly 0; None without these two arms."""
    return _gap(shots, zero_arm(spec), base_arm(spec), LIKENESS, fresh=False)


def judge(
    spec: CompareSpec,
    shots: Sequence[Shot],
    final: Arm,
    held_out_copies: Estimate,
    name: str,
    *,
    fresh: bool,
) -> Verdict:
    """The finalist against the base and the description, by the judge that reports."""
    base, described = base_arm(spec), described_arm(spec)
    mine = scores_of(shots, final.name, LIKENESS, fresh=fresh)
    gain = _gap(shots, final, base, LIKENESS, fresh=fresh) or _unknown("the base alone was not compared")
    beside = _gap(shots, final, described, LIKENESS, fresh=fresh)
    return Verdict(
        arm=final.name,
        fresh=fresh,
        likeness_base=_mean(shots, base, LIKENESS, fresh=fresh) or _unknown("the base alone was not compared"),
        likeness_described=_mean(shots, described, LIKENESS, fresh=fresh),
        likeness_persona=mean(mine),
        difference_base=gain,
        difference_described=beside,
        prompt_match_base=None if base is None else mean_share(scores_of(shots, base.name, MATCH, fresh=fresh)),
        prompt_match_persona=mean_share(scores_of(shots, final.name, MATCH, fresh=fresh)),
        copies=Copies(
            rate=share(scores_of(shots, final.name, COPIES, fresh=fresh)), held_out_rate=held_out_copies
        ),
        unmeasured=sum(value is None for value in mine.values()),
        total=len(mine),
        sentence=verdict_sentence(final.name, name, gain, beside, fresh=fresh),
    )


def _candidate(arm: Arm, shots: Iterable[Shot], steps: Mapping[str, int]) -> Candidate:
    kept = [shot for shot in shots if shot.arm == arm.name and not shot.fresh]
    return Candidate(
        name=arm.name,
        checkpoint=arm.checkpoint or "",
        step=steps.get(arm.checkpoint or "", 0),
        adapter_scale=arm.adapter_scale,
        likeness=scores_of(kept, arm.name, CHOOSING),
        prompt_match=mean(scores_of(kept, arm.name, MATCH)).mean,
        copy_rate=share(scores_of(kept, arm.name, COPIES)).mean,
    )


def _mean(shots: Iterable[Shot], arm: Arm | None, metric: str, *, fresh: bool) -> Estimate | None:
    return None if arm is None else mean(scores_of(shots, arm.name, metric, fresh=fresh))


def _gap(
    shots: Sequence[Shot], arm: Arm | None, other: Arm | None, metric: str, *, fresh: bool
) -> Estimate | None:
    if arm is None or other is None:
        return None
    return difference(
        scores_of(shots, arm.name, metric, fresh=fresh), scores_of(shots, other.name, metric, fresh=fresh)
    )


def _unknown(note: str) -> Estimate:
    return Estimate(mean=None, low=None, high=None, n=0, note=note)
