"""The whole loop without a screen: example persona, import, training, comparison, report, by the page's own actions."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from studio.actions import jobs, judging, personas, training
from studio.domain.comparisons import Comparison
from studio.domain.errors import StudioError
from studio.domain.records import Job, JobStatus
from studio.domain.specs import CompareSpec, PriorSpec, TrainSpec
from studio.domain.statistics import Estimate
from studio.files import read_bounded, write_atomic
from studio.jobs.supervisor import ensure_supervisor
from studio.settings import Settings, add_options, settings_of
from studio.storage.opened import Studio, open_studio
from studio.terminal import ProgressLine, ending_like_ctrl_c

DEFAULT_FOLDER = "demo-workspace"
LARGEST_REPORT = 512 << 20
MATCH_LOST = 0.05
SHORT_PROMPTS = (2, 3, 4)
"""Of the suite: skiing, swimming, and the city at night, none of which she was seen in."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One job of the loop in the terminal."""

    studio: Studio
    out: TextIO

    def follow(self, title: str, job_id: int, done: str) -> Job:
        """Waits for the job and shows how far it is. Raises `StudioError` with the job's own sentence if it fails.

        Whatever ends this early stops the job, so that nothing goes on working unseen: Ctrl+C, or a terminal that is
        gone when a line is written to it.
        """
        line = ProgressLine(title, self.out)
        try:
            ensure_supervisor(self.studio)
            job = jobs.wait(self.studio, job_id, on_event=line)
        except BaseException:
            jobs.stop(self.studio, job_id)
            raise
        if job.status is not JobStatus.DONE:
            line.close(job.status.value)
            raise StudioError(job.message or f"“{job.title}” was {job.status.value}.", job.hint)
        line.close(done)
        return job


@dataclass(slots=True)
class Table:
    """Rows of name and value, aligned."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        self.rows.append((name, value))

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.rows)
        return "\n".join(f"  {name:<{width}}  {value}" for name, value in self.rows)


def main(arguments: list[str]) -> int:
    """The verb `demo`."""
    parser = argparse.ArgumentParser(prog="studio demo", description="The whole loop, with a report at the end.")
    add_options(parser, "workspace", "device", "threads")
    parser.add_argument("--seed", type=int, default=0, help="start of every random choice of the training")
    parser.add_argument("--short", action="store_true", help="a few steps and pictures, to see that all works")
    parsed = parser.parse_args(arguments)
    settings = settings_of(parsed)
    if settings.origin("workspace") == "default":
        settings = settings.model_copy(update={"workspace": Path.cwd() / DEFAULT_FOLDER})
    with ending_like_ctrl_c():
        return run_demo(Path(settings.workspace), seed=parsed.seed, short=parsed.short, settings=settings)


def run_demo(
    workspace: Path,
    *,
    seed: int = 0,
    short: bool = False,
    settings: Settings | None = None,
    out: TextIO | None = None,
) -> int:
    """Goes through the loop in `workspace` and leaves `report.html` and `report.json` there. Returns the exit code.

    `short`: a dozen training steps and three prompts, to prove the way and not the persona. The whole demo fails when
    the numbers do not show what it is there to show (`not_shown`).
    """
    out = out or sys.stdout
    try:
        studio = open_studio(workspace, settings)
        found, report = walk(studio, seed, out, short=short)
    except StudioError as error:
        print(error.sentence(), file=sys.stderr)
        return 1
    told: dict[str, Any] = json.loads((report / "report.json").read_text("utf-8"))
    print(f"\n{found.verdict.sentence if found.verdict else found.recommendation.why}\n", file=out)
    print(summary(found, told), file=out)
    print(f"\n  {report / 'report.html'}", file=out, flush=True)
    studio.db.dispose()
    missing = [] if short else not_shown(told)
    for sentence in missing:
        print(f"  Not shown: {sentence}", file=sys.stderr)
    return 1 if missing else 0


def not_shown(told: dict[str, Any]) -> list[str]:
    """What the loop is there to show and the numbers of `report.json` do not; what was not measured is not shown."""
    gains, controls = told["likeness"]["difference"], told["controls"]
    others, copies, match = controls["other_identity"], told["copies"], told["prompt_match"]
    claims = {
        "she is more herself than the base's pictures.": settled(gains["base"]),
        "she is more herself than her description in words.": settled(gains["described"]),
        "an adapter at strength 0 changes nothing.": controls["strength_zero"]["mean"] == 0,
        "her pictures come no closer to other people.": others["mean"] is not None and not settled(others),
        "copies of training pictures are no more frequent than among pictures held out.": None
        not in (copies["rate"], copies["held_out_rate"])
        and copies["rate"] <= copies["held_out_rate"],
        f"prompts are followed as by the base, within {MATCH_LOST}.": None not in (match["persona"], match["base"])
        and match["persona"] >= match["base"] - MATCH_LOST,
    }
    return [sentence for sentence, shown in claims.items() if not shown]


def settled(estimate: dict[str, float | None]) -> bool:
    """Whether the whole interval lies above 0."""
    return estimate["low"] is not None and estimate["low"] > 0


def walk(studio: Studio, seed: int, out: TextIO, *, short: bool) -> tuple[Comparison, Path]:
    """The loop itself; returns what the comparison found and the folder with the report."""
    stage = Stage(studio, out)
    persona, importing = personas.load_example(studio)
    stage.follow("Import", importing, f"{persona.name}'s pictures are there")
    run_id = training.start_training(studio, train_spec(studio, persona.slug, seed, short=short))
    stage.follow("Train", run_id, f"{persona.name} was trained")
    plan = judging.default_plan(studio, persona.slug, run_id)
    comparing = judging.compare(studio, shortened(plan) if short else plan)
    stage.follow("Compare", comparing, "the same prompts and seeds with each checkpoint")
    found = judging.comparison(studio, comparing)
    if found.recommendation.checkpoint is not None:
        judging.use_recommended(studio, comparing)
    job = stage.follow("Report", judging.report(studio, comparing), "written")
    return found, bring_report(studio, job)


def train_spec(studio: Studio, slug: str, seed: int, *, short: bool) -> TrainSpec:
    """The Good preset."""
    good = next(card.spec for card in training.preset_cards(studio, slug) if card.name == "good")
    few: dict[str, Any] = {
        "preset": "custom",
        "steps": 12,
        "checkpoint_every": 12,
        "prior": PriorSpec(count=2),
        "preview_prompts": ("zia woman skiing",),
    }
    return TrainSpec.model_validate({**good.model_dump(), **(few if short else {}), "seed": seed})


def shortened(plan: CompareSpec) -> CompareSpec:
    """Three prompts, one seed, the baselines and the last checkpoint."""
    checkpoint = plan.arms[-1].checkpoint
    arms = [arm for arm in plan.arms if arm.checkpoint is None or arm.adapter_scale == 0]
    arms += [arm for arm in plan.arms if arm.checkpoint == checkpoint and arm.adapter_scale == 1]
    changes = {
        "arms": tuple(arms),
        "prompts": tuple(plan.prompts[index] for index in SHORT_PROMPTS),
        "seeds": plan.seeds[:1],
        "fresh_seeds": plan.fresh_seeds[:1],
        "num_inference_steps": 6,
    }
    return CompareSpec.model_validate({**plan.model_dump(), **changes})


def bring_report(studio: Studio, job: Job) -> Path:
    """Copies the report from the export's folder to the top of the workspace."""
    result: dict[str, str] = json.loads(job.result or "{}")
    root = studio.workspace.root
    for name, key in (("report.html", "path"), ("report.json", "json_path")):
        write_atomic(root / name, read_bounded(studio.workspace.absolute(result[key]), LARGEST_REPORT))
    return root


def summary(found: Comparison, told: dict[str, Any]) -> str:
    """The short table at the end."""
    table = Table()
    final = found.verdict
    if final is not None:
        table.add("likeness of the base", said(final.likeness_base))
        table.add("of her description in words", said(final.likeness_described))
        table.add(f"of {final.arm}", said(final.likeness_persona))
        table.add("more than the base", said(final.difference_base, sign=True))
        table.add("more than the description", said(final.difference_described, sign=True))
    table.add("control: strength 0", said(found.controls.strength_zero, sign=True))
    table.add("control: other people", said(found.controls.other_identity, sign=True))
    match, copies = told["prompt_match"], told["copies"]
    table.add("prompt match", f"{percent(match['persona'])}, the base {percent(match['base'])}")
    table.add("copies", f"{percent(copies['rate'])}, her held-out pictures {percent(copies['held_out_rate'])}")
    table.add("recommended", found.recommendation.arm or "none")
    table.add("seconds", seconds_of(told["seconds"], ("import", "train", "compare")))
    return str(table)


def said(estimate: Estimate | None, *, sign: bool = False) -> str:
    """A number with its interval and how many pictures it rests on."""
    if estimate is None or estimate.mean is None:
        return "not measured"
    form = "+.3f" if sign else ".3f"
    interval = (
        f"  ({estimate.low:{form}} to {estimate.high:{form}})"
        if estimate.low is not None and estimate.high is not None
        else ""
    )
    return f"{estimate.mean:{form}}{interval}  n={estimate.n}"


def percent(share: float | None) -> str:
    """A share of one as a whole percentage."""
    return "not measured" if share is None else f"{100 * share:.0f} %"


def seconds_of(seconds: dict[str, float], stages: Sequence[str]) -> str:
    """The stages' seconds in one line."""
    return ", ".join(f"{stage} {seconds[stage]:.0f}" for stage in stages if stage in seconds)
