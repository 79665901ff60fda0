"""From scores to a verdict: choosing and reporting are kept apart, and controls say when to distrust it all."""

import random

import pytest

from studio.domain import verdicts
from studio.domain.comparisons import Shot, figures, verdict_sentence
from studio.domain.specs import Arm, CompareSpec
from studio.domain.statistics import Estimate, rate

PROMPTS = tuple(f"{{who}} number {index}" for index in range(6))
EARLY, LATE = "runs/1/checkpoints/step-000100.safetensors", "runs/1/checkpoints/step-000200.safetensors"
SPEC = CompareSpec(
    persona="zia",
    arms=(
        Arm(name="base"),
        Arm(name="described", described=True),
        Arm(name="zero", checkpoint=LATE, adapter_scale=0),
        Arm(name="early", checkpoint=EARLY),
        Arm(name="late", checkpoint=LATE),
    ),
    prompts=PROMPTS,
    seeds=(1, 2),
    fresh_seeds=(3, 4),
)
STEPS = {EARLY: 100, LATE: 200}
CHOOSING = {"base": 0.0, "described": 0.1, "zero": 0.0, "early": 0.3, "late": 0.6}
LIKENESS = {"base": 0.05, "described": 0.2, "zero": 0.05, "early": 0.4, "late": 0.5}
NO_COPIES = rate(0, 6)


def shots(*, fresh=False, arms=None, copies=None, likeness=None):
    made = []
    for arm in SPEC.arms:
        if arms and arm.name not in arms:
            continue
        for prompt in range(len(PROMPTS)):
            for seed in SPEC.fresh_seeds if fresh else SPEC.seeds:
                wobble = 0.02 * random.Random(f"{prompt}-{seed}").random()
                own = 0.0 if arm.name in ("base", "zero") else 0.02 * random.Random(f"{arm.name}{prompt}{seed}").random()
                level = (likeness or LIKENESS)[arm.name]
                made.append(
                    Shot(
                        arm=arm.name,
                        prompt=prompt,
                        seed=seed,
                        fresh=fresh,
                        path=f"comparisons/1/{arm.name}-{prompt}-{seed}.png",
                        sha256="0" * 64,
                        scores={
                            "likeness": None if level is None else level + wobble + own,
                            "choosing": CHOOSING[arm.name] + wobble + own,
                            "prompt_match": 1.0 if prompt % 2 else 0.5,
                            "copies": float(arm.name in (copies or ())),
                        },
                    )
                )
    return made


def test_the_choosing_judge_chooses():
    assert verdicts.choose(SPEC, shots(), STEPS, NO_COPIES).arm == "late"
    flipped = {**LIKENESS, "early": 0.9, "late": 0.1}
    assert verdicts.choose(SPEC, shots(likeness=flipped), STEPS, NO_COPIES).arm == "late"


def test_the_reporting_judge_reports_on_fresh_seeds():
    better = {**LIKENESS, "late": 0.45}
    all_shots = shots() + shots(fresh=True, arms=("base", "described", "late"), likeness=better)
    final = SPEC.arms[4]
    found = verdicts.judge(SPEC, all_shots, final, NO_COPIES, "Zia", fresh=True)
    assert found.likeness_persona.mean == pytest.approx(0.47, abs=0.02)
    assert found.difference_base.mean == pytest.approx(0.41, abs=0.02)
    assert found.difference_described.mean == pytest.approx(0.25, abs=0.02)
    assert found.difference_base.n == 12
    assert "looks more like Zia than the base does" in found.sentence
    assert "measured again on new pictures" in found.sentence and "seed" not in found.sentence
    on_same = verdicts.judge(SPEC, all_shots, final, NO_COPIES, "Zia", fresh=False)
    assert on_same.likeness_persona.mean > found.likeness_persona.mean
    assert "measured on the same pictures it was picked by, not on new ones)" in on_same.sentence and "seed" not in on_same.sentence


def test_a_verdict_that_is_not_settled_says_so():
    level = {**LIKENESS, "late": 0.045}
    found = verdicts.judge(SPEC, shots(likeness=level), SPEC.arms[4], NO_COPIES, "Zia", fresh=False)
    assert found.difference_base.low < 0 or found.difference_base.mean < 0.02
    settled_less = {**LIKENESS, "late": -0.2}
    found = verdicts.judge(SPEC, shots(likeness=settled_less), SPEC.arms[4], NO_COPIES, "Zia", fresh=False)
    assert "not settled" in found.sentence


def test_what_copies_is_not_chosen():
    found = verdicts.choose(SPEC, shots(copies=("late",)), STEPS, NO_COPIES)
    assert found.arm == "early"
    assert found.excluded == {"late": "copies its training pictures"}


def test_a_verdict_is_given_even_when_nothing_is_recommended():
    scored = shots(copies=("late", "early"))
    advice = verdicts.choose(SPEC, scored, STEPS, NO_COPIES)
    assert advice.arm is None
    assert verdicts.finalist(SPEC, scored, advice).name == "late"


def test_no_finalist_where_nothing_was_measured():
    blind = [shot.model_copy(update={"scores": {"likeness": None}}) for shot in shots()]
    advice = verdicts.choose(SPEC, blind, STEPS, rate(0, 0))
    assert verdicts.finalist(SPEC, blind, advice) is None


def test_strength_0_must_be_the_base():
    assert figures(verdicts.strength_zero(SPEC, shots())) == {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 12}
    assert verdicts.strength_zero(SPEC, shots(likeness={**LIKENESS, "zero": 0.3})).low > 0.2
    without = SPEC.model_copy(update={"arms": SPEC.arms[1:]})
    assert verdicts.strength_zero(without, shots()) is None


def test_arms_have_estimates_and_gains_over_the_base():
    found = {arm.name: arm for arm in verdicts.arm_results(SPEC, shots(), STEPS, {"likeness": 3}, {"copies": "rate"})}
    assert found["late"].step == 200 and found["base"].step is None
    assert found["base"].gains == {}
    assert found["late"].gains["likeness"].low > 0.4
    assert found["early"].scores["copies"].mean == 0.0 and found["early"].scores["copies"].high < 0.3
    assert found["late"].scores["prompt_match"].mean == pytest.approx(0.75)


def test_too_few_pictures_for_a_metric_are_no_number():
    found = verdicts.arm_results(SPEC, shots(), STEPS, {"likeness": 100}, {"copies": "rate"})[4].scores["likeness"]
    assert found.mean is None and "12 pictures, at least 100" in found.note


def test_a_plan_counts_the_second_look_at_whoever_will_be_the_finalist():
    made = shots() + shots(fresh=True, arms=("base", "described", "late"))
    assert verdicts.pictures_in(SPEC) == len(made)
    assert verdicts.pictures_in(SPEC.model_copy(update={"arms": SPEC.arms[:2]})) == 2 * 6 * 2, "nobody can be the finalist"


def test_unmeasured_pictures_are_counted():
    some = [
        shot.model_copy(update={"scores": {**shot.scores, "likeness": None}}) if shot.prompt == 0 else shot
        for shot in shots()
    ]
    found = verdicts.judge(SPEC, some, SPEC.arms[4], NO_COPIES, "Zia", fresh=False)
    assert (found.unmeasured, found.total, found.likeness_persona.n) == (2, 12, 10)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.3, "and more than the description"),
        (-0.1, 0.1, "is not settled"),
        (-0.3, -0.1, "but less than the description"),
    ],
)
def test_the_sentence_never_hides_that_words_do_better(low: float, high: float, words: str) -> None:
    gain = Estimate(mean=0.5, low=0.4, high=0.6, n=24)
    difference = Estimate(mean=(low + high) / 2, low=low, high=high, n=24)
    assert words in verdict_sentence("step 80", "Zia", gain, difference, fresh=True)


def test_every_metric_of_zeros_and_ones_gets_the_exact_interval_whatever_its_name() -> None:
    named = [shot.model_copy(update={"scores": {"smiles": float(shot.seed == 1)}}) for shot in shots()]
    base = verdicts.arm_results(SPEC, named, STEPS, {}, {"smiles": "rate"})[0].scores["smiles"]
    assert (base.mean, base.low, base.high) == pytest.approx((rate(6, 12).mean, rate(6, 12).low, rate(6, 12).high))
    averaged = verdicts.arm_results(SPEC, named, STEPS, {}, {})[0].scores["smiles"]
    assert averaged.low == averaged.high == 0.5, "over prompts every average is the same"


def test_the_interval_of_a_share_ends_where_shares_do() -> None:
    seen = [shot.model_copy(update={"scores": {"prompt_match": float(shot.prompt > 0)}}) for shot in shots()]
    verdict = verdicts.judge(SPEC, seen, SPEC.arms[4], NO_COPIES, "Zia", fresh=False)
    arm = verdicts.arm_results(SPEC, seen, STEPS, {}, {"prompt_match": "share"})[4].scores["prompt_match"]
    assert verdict.prompt_match_persona == arm
    plain = verdicts.arm_results(SPEC, seen, STEPS, {}, {})[4].scores["prompt_match"]
    assert (arm.mean, arm.low, arm.high) == (plain.mean, plain.low, 1.0) and plain.high > 1
