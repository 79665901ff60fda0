"""What the Judge tab offers before there is a verdict: the whole comparison, a quick look, and the way on after a stop."""

import re

from studio.domain.comparisons import verdict_sentence
from studio.domain.records import JobStatus
from studio.domain.specs import SPEC, CompareSpec
from studio.domain.statistics import FEWEST_PROMPTS, Estimate, mean
from studio.storage import queue
from studio.storage.opened import Studio
from studio.ui.page import View, scene
from studio.ui.tabs import judge
from tests.ui.test_create import trained


def drawn(studio: Studio, **view: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", judge.plan(scene(studio, View.of({"persona": "anna", "tab": "judge"} | view)))).split())


def test_a_quick_look_is_offered_beside_the_whole_comparison_and_is_what_it_says(studio: Studio) -> None:
    run = trained(studio, "Anna", "annvok").checkpoint.split("/")[1]
    told = drawn(studio)
    assert 'title="“strength 0” is the training turned off' in judge.plan(scene(studio, View.of({"persona": "anna", "tab": "judge"})))
    counts = [int(found) for found in re.findall(r"(\d+) pictures", told)]
    judge.quick_look(scene(studio, View.of({"persona": "anna", "tab": "judge"})), {"run": run})
    job = queue.jobs(studio.db, kinds={"compare"})[0]
    spec = SPEC.validate_json(job.spec)
    assert isinstance(spec, CompareSpec)
    assert [arm.name for arm in spec.arms] == ["base", "step 50 at strength 0.8", "step 50 at strength 1"]
    assert (len(spec.seeds), spec.fresh_seeds) == (1, ())
    assert counts[1] == 3 * len(spec.prompts) < counts[0] / 3
    assert "Quick look at Anna" in drawn(studio) and "which to keep" in told
    assert "which to keep" not in drawn(studio), "while it runs"


def test_a_stopped_comparison_says_what_is_kept_and_goes_on(studio: Studio) -> None:
    run = trained(studio, "Anna", "annvok").checkpoint.split("/")[1]
    judge.quick_look(scene(studio, View.of({"persona": "anna", "tab": "judge"})), {"run": run})
    job = queue.jobs(studio.db, kinds={"compare"})[0]
    queue.request_stop(studio.db, job.id)
    assert queue.get(studio.db, job.id).status is JobStatus.CANCELLED
    assert "stopped, nothing yet done. Every picture that was drawn is kept. Go on Dismiss" in drawn(studio)
    hushed = View.of({"persona": "anna", "tab": "judge"}).hush(job.id)
    assert "Go on" not in judge.plan(scene(studio, hushed))
    assert queue.reopen(studio.db, job.id)
    assert "Go on" not in drawn(studio)


def test_what_a_verdict_needs_is_said_before_the_start(studio: Studio) -> None:
    trained(studio, "Anna", "annvok")
    drawn_plan = judge.plan(scene(studio, View.of({"persona": "anna", "tab": "judge"})))
    [warning] = re.findall(r'<p [^>]*id="too-few"[^>]*>[^<]*</p>', drawn_plan)
    assert f'data-fewest="{FEWEST_PROMPTS}" hidden>With fewer than {FEWEST_PROMPTS} prompts there is no verdict' in warning
    assert f"at least {FEWEST_PROMPTS} for a verdict" in drawn_plan
    enough = {(prompt, 0): float(prompt) for prompt in range(FEWEST_PROMPTS)}
    assert mean(enough).low is not None and mean({cell: enough[cell] for cell in [*enough][1:]}).low is None


def test_a_verdict_that_cannot_be_says_why() -> None:
    nothing = Estimate(mean=None, low=None, high=None, n=0, note="the base alone was not compared")
    told = verdict_sentence("step 50", "Anna", nothing, None, fresh=False)
    assert told == "Whether step 50 looks more like Anna than the base does was not measured: the base alone was not compared."
