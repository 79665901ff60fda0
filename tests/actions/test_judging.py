"""Planning, asking for and using a comparison, as the page does."""

from datetime import UTC, datetime

import pytest

from studio.actions import judging
from studio.catalog import EMBEDDED
from studio.domain.comparisons import Comparison, Controls, Verdict
from studio.domain.errors import BadInput, Conflict, NotFound, Refused
from studio.domain.ranking import Recommendation
from studio.domain.records import Charter, Persona
from studio.domain.specs import SPEC, Arm, CompareSpec, ExportSpec, TrainSpec
from studio.domain.statistics import Estimate
from studio.domain.suites import EMBEDDED as PROMPTS
from studio.storage import comparisons, personas, queue
from studio.storage.opened import open_studio


@pytest.fixture
def studio(tmp_path):
    opened = open_studio(tmp_path)
    persona = Persona(
        slug="zia",
        name="Zia",
        trigger="zia",
        description="a woman with long auburn hair",
        charter=Charter(confirmed_adult=True),
        base=EMBEDDED,
        created=datetime.now(UTC),
    )
    personas.create(opened.workspace, persona)
    yield opened
    opened.db.dispose()


def add_checkpoints(studio, *steps, run=7, persona="zia"):
    while queue.submit(studio.db, TrainSpec(persona=persona), title="Train", persona=persona) < run:
        pass
    folder = studio.workspace.run_dir(run) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    for step in steps:
        (folder / f"step-{step:06d}.safetensors").write_bytes(b"weights")


def test_the_default_plan_has_baselines_a_control_and_three_checkpoints(studio):
    add_checkpoints(studio, 50, 100, 150, 200, 250, 300)
    plan = judging.default_plan(studio, "zia", 7)
    assert [arm.name for arm in plan.arms] == [
        "base", "described in words", "strength 0",
        "step 100 at strength 0.8", "step 100 at strength 1", "step 200 at strength 0.8", "step 200 at strength 1", "step 300 at strength 0.8", "step 300 at strength 1",
    ]  # fmt: skip
    zero = plan.arms[2]
    assert zero.checkpoint.endswith("step-000300.safetensors") and zero.adapter_scale == 0
    assert plan.prompts == PROMPTS
    assert len(plan.seeds) == len(plan.fresh_seeds) == 2
    assert (plan.width, plan.height) == (256, 256), "as large as the base draws"


@pytest.mark.parametrize(("steps", "looked_at"), [((40,), [40]), ((40, 80), [40, 80]), ((1, 2, 3, 4), [1, 2, 4])])
def test_the_last_checkpoint_is_always_in_the_plan(studio, steps, looked_at):
    add_checkpoints(studio, *steps)
    arms = judging.default_plan(studio, "zia", 7).arms
    assert [arm.name for arm in arms if arm.name.endswith("at strength 1")] == [f"step {step} at strength 1" for step in looked_at]


def test_without_a_description_there_is_no_described_arm(studio):
    persona = personas.load(studio.workspace, "zia")
    personas.save(studio.workspace, persona.model_copy(update={"description": " "}))
    add_checkpoints(studio, 50)
    assert not any(arm.described for arm in judging.default_plan(studio, "zia", 7).arms)


def test_nothing_to_compare_is_said(studio):
    with pytest.raises(BadInput, match="Run 7 has no checkpoint"):
        judging.default_plan(studio, "zia", 7)
    with pytest.raises(NotFound):
        judging.default_plan(studio, "nobody", 7)


def test_a_plan_becomes_a_job(studio):
    add_checkpoints(studio, 50)
    plan = judging.default_plan(studio, "zia", 7)
    job = queue.get(studio.db, judging.compare(studio, plan))
    assert (job.kind, job.persona, job.title) == ("compare", "zia", "Compare Zia")
    assert SPEC.validate_json(job.spec) == plan
    look = queue.get(studio.db, judging.compare(studio, judging.quick(plan)))
    assert look.title == "Quick look at Zia"
    add_checkpoints(studio, 100)
    several = judging.default_plan(studio, "zia", 7).model_copy(update={"fresh_seeds": ()})
    assert queue.get(studio.db, judging.compare(studio, several)).title == "Compare Zia"


def test_a_plan_that_cannot_be_made_is_refused(studio):
    add_checkpoints(studio, 50)
    plan = judging.default_plan(studio, "zia", 7)
    missing = Arm(name="gone", checkpoint="runs/7/checkpoints/step-000999.safetensors")
    with pytest.raises(NotFound, match="step-000999.safetensors is gone"):
        judging.compare(studio, plan.model_copy(update={"arms": (*plan.arms, missing)}))
    outside = Arm(name="outside", checkpoint="../../etc/passwd")
    with pytest.raises(BadInput, match="not a checkpoint of this workspace"):
        judging.compare(studio, plan.model_copy(update={"arms": (outside,)}))
    add_checkpoints(studio, 50, run=20, persona="other")
    foreign = Arm(name="hers", checkpoint="runs/20/checkpoints/step-000050.safetensors")
    with pytest.raises(BadInput, match="belongs to the persona “other”"):
        judging.compare(studio, plan.model_copy(update={"arms": (foreign,)}))
    with pytest.raises(BadInput, match="This plan makes 6,000 pictures"):
        arms = tuple(Arm(name=f"arm {index}") for index in range(10))
        judging.compare(studio, plan.model_copy(update={"arms": arms, "seeds": tuple(range(50))}))
    with pytest.raises(Refused):
        judging.compare(studio, plan.model_copy(update={"prompts": ("{who} undressed",)}))
    assert queue.jobs(studio.db, kinds=["compare"]) == []


def store(studio, recommendation, job=3):
    spec = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=PROMPTS, seeds=(1,))
    comparisons.begin(studio.db, job, spec)
    found = Comparison(
        job=job,
        persona="zia",
        created=1.0,
        spec=spec,
        who="zia woman",
        prompts=PROMPTS,
        arms=(),
        shots=(),
        yardstick=None,
        recommendation=recommendation,
        verdict=None,
        controls=Controls(strength_zero=None, other_identity=None),
    )
    comparisons.finish(studio.db, found)
    return found


def test_a_comparison_is_read_back_as_it_was_found(studio):
    advice = Recommendation(arm=None, checkpoint=None, adapter_scale=None, why="Nothing was measured.")
    found = store(studio, advice)
    assert judging.comparison(studio, 3) == found
    store(studio, advice, job=4)
    assert judging.finished(studio, "zia") == [4, 3]
    assert judging.finished(studio, "other") == []


def test_an_unfinished_comparison_is_not_there_yet(studio):
    comparisons.begin(studio.db, 5, CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=PROMPTS, seeds=(1,)))
    with pytest.raises(NotFound, match="no finished comparison 5"):
        judging.comparison(studio, 5)
    assert judging.finished(studio, "zia") == []


def test_the_recommendation_becomes_the_personas_choice(studio):
    add_checkpoints(studio, 50)
    path = "runs/7/checkpoints/step-000050.safetensors"
    store(studio, Recommendation(arm="step 50", checkpoint=path, adapter_scale=0.8, why="It is the earliest."))
    assert judging.use_recommended(studio, 3).choice.adapter_scale == 0.8
    chosen = personas.load(studio.workspace, "zia").choice
    assert (chosen.checkpoint, chosen.why) == (path, "It is the earliest.")


def test_no_recommendation_changes_nothing(studio):
    store(studio, Recommendation(arm=None, checkpoint=None, adapter_scale=None, why="No checkpoint stays in bounds."))
    with pytest.raises(Conflict, match="No checkpoint stays in bounds"):
        judging.use_recommended(studio, 3)
    assert personas.load(studio.workspace, "zia").choice is None


def test_the_best_one_can_be_used_though_it_is_not_recommended(studio):
    add_checkpoints(studio, 50)
    path = "runs/7/checkpoints/step-000050.safetensors"
    advice = Recommendation(arm=None, checkpoint=None, adapter_scale=None, why="Each one copies.", excluded={"step 50": "copies"})
    found = store(studio, advice)
    with pytest.raises(Conflict, match="which checkpoint is best"):
        judging.use_finalist(studio, 3)
    none = Estimate(mean=None, low=None, high=None, n=0)
    verdict = Verdict(
        arm="step 50", fresh=False, likeness_base=none, likeness_described=None, likeness_persona=none, difference_base=none,
        difference_described=None, prompt_match_base=None, prompt_match_persona=None, copies=None, unmeasured=0, total=0,
        sentence="s",
    )  # fmt: skip
    spec = found.spec.model_copy(update={"arms": (Arm(name="base"), Arm(name="step 50", checkpoint=path, adapter_scale=0.8))})
    comparisons.finish(studio.db, found.model_copy(update={"verdict": verdict, "spec": spec}))
    chosen = judging.use_finalist(studio, 3).choice
    assert (chosen.checkpoint, chosen.adapter_scale) == (path, 0.8) and "did not recommend it: Each one copies." in chosen.why


def test_a_report_is_an_export(studio):
    with pytest.raises(NotFound):
        judging.report(studio, 3)
    store(studio, Recommendation(arm=None, checkpoint=None, adapter_scale=None, why="x"))
    job = queue.get(studio.db, judging.report(studio, 3))
    assert SPEC.validate_json(job.spec) == ExportSpec(what="report", persona="zia", comparison=3)
    persona = personas.load(studio.workspace, "zia")
    charter = persona.charter.model_copy(update={"revoked_at": datetime.now(UTC)})
    personas.save(studio.workspace, persona.model_copy(update={"charter": charter}))
    with pytest.raises(Refused, match="revoked"):
        judging.report(studio, 3)
