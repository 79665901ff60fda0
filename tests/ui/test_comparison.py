"""A finished comparison as the Judge tab shows it, without a browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.actions import judging
from studio.catalog import EMBEDDED
from studio.domain import verdicts
from studio.domain.comparisons import ArmResult, Comparison, Controls, Copies, Shot, Verdict
from studio.domain.events import Timed
from studio.domain.ranking import Recommendation
from studio.domain.records import Charter, Choice, JobStatus, Persona, Yardstick
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, TrainSpec
from studio.domain.statistics import Estimate
from studio.storage import comparisons, personas, queue
from studio.storage.opened import Studio, open_studio
from studio.ui.pace import pace
from studio.ui.page import Scene, View, scene
from studio.ui.tabs import comparison, judge


def estimate(mean: float | None, spread: float = 0.1) -> Estimate:
    if mean is None:
        return Estimate(mean=None, low=None, high=None, n=0)
    return Estimate(mean=mean, low=mean - spread, high=mean + spread, n=24, prompts=12)


VERDICT = Verdict(
    arm="step 50 at 1", fresh=True, likeness_base=estimate(0.1), likeness_described=estimate(0.4),
    likeness_persona=estimate(0.75), difference_base=estimate(0.65), difference_described=estimate(0.354, 0.05),
    prompt_match_base=estimate(0.8), prompt_match_persona=estimate(0.707, 0.05),
    copies=Copies(rate=estimate(0.125, 0.1), held_out_rate=estimate(0.0)), unmeasured=0, total=24, sentence="It is her.",
)  # fmt: skip
SPEC = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=("{who} on a beach",), seeds=(1,))
NOTHING = Recommendation(arm=None, checkpoint=None, adapter_scale=None, why="Nothing is better.")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(tmp_path / "workspace")
    personas.create(opened.workspace, Persona(slug="zia", name="Zia", trigger="zia", charter=Charter(confirmed_adult=True),
                                              base=EMBEDDED, created=datetime.now(UTC)))  # fmt: skip
    yield opened
    opened.db.dispose()


def found(studio: Studio, verdict: Verdict | None = VERDICT, spec: CompareSpec = SPEC) -> Comparison:
    job = queue.submit(studio.db, spec, title="Compare", persona="zia")
    comparisons.begin(studio.db, job, spec)
    arm = ArmResult(name="step 50 at 1", checkpoint=None, step=50, adapter_scale=1, described=False,
                    scores={"likeness": estimate(0.75), "prompt_match": estimate(0.707, 0.05)})  # fmt: skip
    made = Comparison(
        job=job, persona="zia", created=1.0, spec=spec, who="zia woman", prompts=("zia woman on a beach",), arms=(arm,),
        shots=(), yardstick=None, recommendation=NOTHING, verdict=verdict,
        controls=Controls(strength_zero=None, other_identity=None),
    )  # fmt: skip
    comparisons.finish(studio.db, made)
    return made


def now(studio: Studio) -> Scene:
    return scene(studio, View.of({"persona": "zia", "tab": "judge"}))


def read(html: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(html)).split())


def test_both_differences_are_numbers_with_their_intervals(studio: Studio) -> None:
    told = read(comparison.verdict(now(studio), found(studio)))
    assert "more than the base: +0.650 (+0.550 to +0.750)" in told
    assert "more than the description: +0.354 (+0.304 to +0.404)" in told


def test_shares_are_percentages_as_in_the_report(studio: Studio) -> None:
    shown = found(studio)
    told = read(comparison.verdict(now(studio), shown))
    assert "prompt match: 71 % (66 % to 76 %)" in told and "copies: 12 % (2 % to 22 %)" in told
    assert read(comparison.table(shown)).count("step 50 at 1 0.750 (0.650 to 0.850) 71 % (66 % to 76 %)") == 1


def test_without_a_description_there_is_no_difference_from_it(studio: Studio) -> None:
    bare = VERDICT.model_copy(update={"likeness_described": None, "difference_described": None})
    assert "description" not in read(comparison.verdict(now(studio), found(studio, bare)))


@pytest.mark.parametrize("ended", [JobStatus.CANCELLED, JobStatus.FAILED])
def test_a_report_that_was_not_written_can_be_asked_for_again(studio: Studio, ended: JobStatus) -> None:
    shown = found(studio)
    job = judging.report(studio, shown.job)
    assert "being written" in read(comparison.report_button(now(studio), shown))
    queue.claim(studio.db, kinds=["export"], pid=1, pid_started=0.0, job_id=job)
    queue.finish(studio.db, job, ended)
    again = str(comparison.report_button(now(studio), shown))
    assert "make-report" in again and "disabled" not in again


def test_the_headline_needs_no_statistics_and_is_absent_where_nothing_is_settled(studio: Studio) -> None:
    made = found(studio)
    assert made.headline("Zia") == ""
    scale = Yardstick(floor=0.05, ceiling=0.85)
    advice = Recommendation(arm="step 50 at 1", checkpoint="c", adapter_scale=1, why="It is the best.")
    measured = made.model_copy(update={"yardstick": scale, "recommendation": advice})
    assert measured.headline("Zia") == "Keep step 50 at 1: 88 of 100 on the way from a stranger (0) to Zia's own pictures (100)."
    for change in ({"difference_base": estimate(0.05)}, {"difference_described": estimate(-0.2)}):
        assert measured.model_copy(update={"verdict": VERDICT.model_copy(update=change)}).headline("Zia") == "", change
    assert measured.model_copy(update={"recommendation": NOTHING}).headline("Zia") == "", "it copies, or misses prompts"
    closer = measured.model_copy(update={"verdict": VERDICT.model_copy(update={"likeness_persona": estimate(0.9)})})
    assert "100 of 100" in closer.headline("Zia")


def test_one_checkpoint_alone_is_not_called_the_one_to_keep(studio: Studio) -> None:
    advice = Recommendation(arm="step 50 at 1", checkpoint=BEST, adapter_scale=1, why="It is the best.")
    several = compared(studio, advice).model_copy(update={"yardstick": Yardstick(floor=0.05, ceiling=0.85)})
    drawn_with(studio, OTHER)
    told = str(comparison.draw(now(studio), several))
    assert "Keep step 50 at 1: 88 of 100" in told and "primary" in told and "chip good" in told and "Only one" not in told
    assert "Why step 50 at 1 and not another" in told
    look = several.model_copy(update={"spec": several.spec.model_copy(update={"arms": several.spec.arms[:2]})})
    assert look.headline("Zia") == "Step 50 at 1: 88 of 100 on the way from a stranger (0) to Zia's own pictures (100)."
    told = str(comparison.draw(now(studio), look))
    assert "A whole comparison, of several, tells which one to keep." in told and "Why strength 1<" in told
    assert 'id="use-recommended"' in told and "primary" not in told and "chip good" not in told and "Keep" not in told


def test_it_is_told_what_0_and_100_are_and_why_the_charts_differ_from_the_numbers_above(studio: Studio) -> None:
    made = found(studio).model_copy(update={"yardstick": Yardstick(floor=0.05, ceiling=0.85, strangers=48, held_out=5)})
    told = read(comparison.draw(now(studio), made))
    assert "0 is what pictures of 48 other people reach on average (a likeness of 0.05); 100 is what the 5 held-out" in told
    assert "These are of the first round" in told and "that second round" in told
    once = made.model_copy(update={"verdict": VERDICT.model_copy(update={"fresh": False})})
    assert "first round" not in read(comparison.draw(now(studio), once))
    assert "0 is what" not in read(comparison.draw(now(studio), found(studio))), "there is no scale"


def test_the_names_of_what_draws_are_explained(studio: Studio) -> None:
    told = read(comparison.draw(now(studio), compared(studio, NOTHING)))
    assert "“base” draws without any training on Zia, so “zia woman” says little to it; “step 50 at 1” is the training after 50 steps, at 1 of its full strength." in told


def shots(*scores: float | None) -> tuple[Shot, ...]:
    """Pictures by the base with these likenesses."""
    return tuple(
        Shot(arm="base", prompt=0, seed=seed, fresh=False, path="p", sha256="0" * 64, scores={"likeness": score})
        for seed, score in enumerate(scores)
    )


def test_pictures_that_were_not_counted_are_told_where_the_likeness_stands(studio: Studio) -> None:
    made = found(studio)
    scale = Yardstick(floor=0.05, ceiling=0.85, held_out=5, unknown=1)
    partly = made.model_copy(update={"yardstick": scale, "shots": shots(0.1, None, None)})
    told = read(comparison.verdict(now(studio), partly))
    assert "2 of 3 drawn with base, 1 of 6 held-out pictures" in told and "do not look like" in told
    whole = made.model_copy(update={"yardstick": scale.model_copy(update={"unknown": 0}), "shots": shots(0.1, 0.2)})
    assert "Not counted" not in read(comparison.verdict(now(studio), whole))
    blind = partly.model_copy(update={"yardstick": None})
    assert "Not counted" not in read(comparison.verdict(now(studio), blind)), "nothing was measured, which is said once"


def lasted(studio: Studio, spec: CompareSpec | GenerateSpec, seconds: float) -> None:
    """A job of this spec that is done and took so long."""
    job = queue.submit(studio.db, spec, title="t", persona="zia")
    queue.finish(studio.db, job, JobStatus.DONE)
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"UPDATE job SET started = 1000, finished = {1000 + seconds} WHERE id = {job}")


def test_how_long_a_comparison_takes_is_told_by_what_drew_many_pictures(studio: Studio) -> None:
    def told() -> float | None:
        return pace(studio, EMBEDDED)

    assert told() is None
    run = queue.submit(studio.db, TrainSpec(persona="zia"), title="Train", persona="zia")
    queue.record(studio.db, run, Timed(base=EMBEDDED, load=5, step=1, look=12))
    assert told() == 3.0, "before the first comparison the previews of the training tell"
    lasted(studio, GenerateSpec(base=EMBEDDED, prompt="a woman", count=1), 9)
    assert told() == 3.0, "most of the time of a picture alone is not drawing"
    lasted(studio, GenerateSpec(base=EMBEDDED, prompt="a woman", count=4), 8)
    lasted(studio, GenerateSpec(base=EMBEDDED, prompt="a woman", count=4), 40)
    assert told() == 2.0, "the first batch waits for the base to be loaded, the quickest counts"
    lasted(studio, SPEC, verdicts.pictures_in(SPEC) * 0.5)
    assert told() == 0.5, "a comparison knows best"
    assert pace(studio, "/other/base") is None, "another base takes its own time"


def test_the_verdict_says_how_varied_her_pictures_are_beside_the_bases(studio: Studio) -> None:
    plan = {"base": Arm(name="base"), "hers": Arm(name=VERDICT.arm, checkpoint=BEST)}
    spec = SPEC.model_copy(update={"arms": tuple(plan.values())})

    def told(**by_arm: float | None) -> str:
        arms = tuple(
            ArmResult(name=arm.name, checkpoint=arm.checkpoint, step=50, adapter_scale=1, described=False,
                      scores={"variety": estimate(by_arm[key])} if key in by_arm else {})
            for key, arm in plan.items()
        )  # fmt: skip
        shown = found(studio).model_copy(update={"spec": spec, "verdict": VERDICT, "arms": arms})
        return read(comparison.verdict(now(studio), shown))

    whole = told(base=0.9, hers=0.5)
    assert "variety: 0.500 (0.400 to 0.600)" in whole
    assert "differ from each other; the base, which draws somebody else each time, 0.90." in whole
    assert "differ from each other." in told(hers=0.5)
    assert "ariety" not in told(base=0.9) + told(hers=None), "one picture a prompt shows none"


def test_a_verdict_without_a_recommendation_says_so_first_and_is_not_called_sure(studio: Studio) -> None:
    shown = found(studio).model_copy(update={"verdict": VERDICT, "recommendation": NOTHING})
    drawn = str(comparison.verdict(now(studio), shown))
    assert "Nothing is recommended." in drawn and NOTHING.why in drawn and VERDICT.sentence in drawn
    assert drawn.index(NOTHING.why) < drawn.index(VERDICT.sentence) and "verdict sure" not in drawn
    advice = Recommendation(arm="step 50 at 1", checkpoint="c", adapter_scale=1, why="It is the best.")
    drawn = str(comparison.verdict(now(studio), shown.model_copy(update={"recommendation": advice})))
    assert "Nothing is recommended." not in drawn and "It is the best." in drawn and "verdict sure" in drawn


BEST = "runs/1/checkpoints/step-000050.safetensors"
OTHER = "runs/1/checkpoints/step-000100.safetensors"


def compared(studio: Studio, advice: Recommendation) -> Comparison:
    """With two checkpoints, of which the first is the finalist."""
    arms = (Arm(name="base"), Arm(name="step 50 at 1", checkpoint=BEST), Arm(name="step 100 at 1", checkpoint=OTHER))
    results = tuple(
        ArmResult(name=arm.name, checkpoint=arm.checkpoint, step=50, adapter_scale=1, described=False) for arm in arms
    )
    spec = SPEC.model_copy(update={"arms": arms})
    return found(studio).model_copy(update={"spec": spec, "arms": results, "recommendation": advice})


def test_the_menu_of_comparisons_says_which_was_a_quick_look(studio: Studio) -> None:
    one = SPEC.model_copy(update={"arms": (Arm(name="base"), Arm(name="step 50 at 1", checkpoint=BEST))})
    twice = one.model_copy(update={"fresh_seeds": (2,)})
    jobs = [found(studio, spec=spec).job for spec in (SPEC, twice, one)]
    menu = re.findall(r"<option[^>]*>([^<]*)</option>", judge.result(now(studio)))
    assert menu == [f"Quick look {jobs[2]}", f"Comparison {jobs[1]}", f"Comparison {jobs[0]}"]


def drawn_with(studio: Studio, checkpoint: str) -> None:
    with personas.changing(studio.workspace, "zia") as zia:
        personas.save(studio.workspace, zia.model_copy(update={"choice": Choice(checkpoint=checkpoint, adapter_scale=1)}))


def test_what_is_in_use_and_what_is_recommended_are_marked(studio: Studio) -> None:
    advice = Recommendation(arm="step 50 at 1", checkpoint=BEST, adapter_scale=1, why="It is the best.")
    shown = compared(studio, advice)
    drawn_with(studio, OTHER)
    told = str(comparison.draw(now(studio), shown))
    assert 'id="use-recommended"' in told and "In use now: step 100 at 1." in told
    assert "step 50 at 1 recommended" in read(told) and "step 100 at 1 in use" in read(told)
    drawn_with(studio, BEST)
    told = str(comparison.draw(now(studio), shown))
    assert 'id="use-recommended"' not in told and "step 50 at 1: in use" in read(told)
    assert "step 50 at 1 recommended in use" in read(told) and "step 100 at 1 in use" not in read(told)


def test_the_best_one_is_offered_in_spite_of_the_reason_beside_it(studio: Studio) -> None:
    advice = NOTHING.model_copy(update={"excluded": {"step 50 at 1": "copies its training pictures"}})
    drawn_with(studio, OTHER)
    told = str(comparison.verdict(now(studio), compared(studio, advice)))
    assert 'id="use-finalist"' in told and "primary" not in told and "Use step 50 at 1 anyway" in told
    assert "It is the most like the persona, but it copies its training pictures." in told
    drawn_with(studio, BEST)
    assert "use-finalist" not in str(comparison.verdict(now(studio), compared(studio, advice)))


def test_without_a_recommendation_the_way_from_a_stranger_to_herself_is_told_too(studio: Studio) -> None:
    made = found(studio).model_copy(update={"yardstick": Yardstick(floor=0.05, ceiling=0.85)})
    told = read(comparison.verdict(now(studio), made))
    assert "step 50 at 1 is at 88 of 100 on the way from a stranger (0) to Zia&#x27;s own pictures (100); the base is at 6, words alone at 44." in told
    advice = Recommendation(arm="step 50 at 1", checkpoint=BEST, adapter_scale=1, why="It is the best.")
    recommended = made.model_copy(update={"recommendation": advice})
    assert read(comparison.verdict(now(studio), recommended)).count("of 100 on the way") == 1, "the headline says it"
    assert "On the same way the base is at 6, words alone at 44." in read(comparison.verdict(now(studio), recommended))
    bare = VERDICT.model_copy(update={"likeness_described": None, "difference_described": None})
    assert recommended.model_copy(update={"verdict": bare}).beside() == "the base is at 6", "words were not compared"
    no_base = recommended.model_copy(update={"verdict": VERDICT.model_copy(update={"likeness_base": estimate(None)})})
    assert no_base.beside() == "words alone are at 44"


def test_words_that_only_statisticians_know_stay_in_the_drawer(studio: Studio) -> None:
    drawn = str(comparison.draw(now(studio), found(studio)))
    sight, drawer = drawn.split("<details", 1)
    assert not re.search(r"cosine|seeds that", sight, re.IGNORECASE)
    assert "a cosine" in drawer and "by the judge that reports" in read(f"<p {drawer}")


def test_the_slider_begins_with_the_best_one_also_where_it_is_not_recommended(studio: Studio) -> None:
    shown = compared(studio, NOTHING)
    cells = {(arm.name, 0): shots(0.5)[0].model_copy(update={"arm": arm.name}) for arm in shown.arms}
    assert "step 50 at 1" in str(comparison.slider(shown, cells, None)) and "step 100" not in str(comparison.slider(shown, cells, None))
