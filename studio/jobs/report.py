"""Writes a comparison down for people (`report.html`, one file with its pictures) and programs (`report.json`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import __version__
from studio.domain.comparisons import Comparison, figures
from studio.domain.errors import BadInput
from studio.domain.events import Phase
from studio.domain.records import Job, JobStatus, Record
from studio.domain.specs import ExportSpec
from studio.domain.statistics import Estimate
from studio.files import write_atomic
from studio.jobs.desk import Desk
from studio.jobs.report_page import page
from studio.provenance.keys import ensure_keys
from studio.provenance.packages import mark_html
from studio.provenance.xmp import AI_SOURCE
from studio.storage import comparisons, gate, queue
from studio.storage.opened import Studio

HTML, JSON = "report.html", "report.json"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the two files lie."""

    html: Path
    json: Path


class Reported(Record):
    """The two files, relative to the workspace; `path` is the page."""

    path: str
    json_path: str


def run(spec: ExportSpec, desk: Desk) -> Reported:
    """The export job of a comparison's report. Raises `BadInput`, and what `write_report` raises."""
    if spec.comparison is None:
        raise BadInput("No comparison was named.", "Choose one in the Judge tab.")
    desk.report(Phase(title="Writing the report"))
    workspace = desk.studio.workspace
    written = write_report(desk.studio, spec.comparison, workspace.run_dir(desk.job.id))
    return Reported(path=workspace.relative(written.html), json_path=workspace.relative(written.json))


def write_report(studio: Studio, comparison: int, folder: Path) -> Written:
    """Both files in `folder`, marked as made with AI and signed.

    Raises `NotFound` while the comparison is not done, `Refused` when the persona may not be published.
    """
    found = comparisons.get(studio.db, comparison)
    persona = gate.check_publishing(studio, found.persona)
    seconds = stage_seconds(studio, found)
    html = mark_html(page(studio.workspace, found, persona, seconds), ensure_keys(studio.workspace.keys))
    written = Written(folder / HTML, folder / JSON)
    write_atomic(written.html, html.encode("utf-8"))
    write_atomic(written.json, json.dumps(numbers(found, seconds), indent=2, ensure_ascii=False).encode("utf-8"))
    return written


def numbers(found: Comparison, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The content of `report.json`; `digital_source_type` says, by the IPTC's own word, that AI made what it is about."""
    final, advice = found.verdict, found.recommendation
    copies = final.copies if final else None
    return {
        "studio": __version__,
        "digital_source_type": AI_SOURCE,
        "persona": found.persona,
        "comparison": found.job,
        "verdict": final.sentence if final else advice.why,
        "likeness": {
            "base": figures(final.likeness_base if final else None),
            "described": figures(final.likeness_described if final else None),
            "persona": figures(final.likeness_persona if final else None),
            "difference": {
                "base": figures(final.difference_base if final else None),
                "described": figures(final.difference_described if final else None),
            },
            "stranger": found.yardstick.floor if found.yardstick else None,
            "herself": found.yardstick.ceiling if found.yardstick else None,
            "unmeasured": final.unmeasured if final else None,
            "fresh_seeds": final.fresh if final else None,
        },
        "controls": {
            "strength_zero": figures(found.controls.strength_zero),
            "other_identity": figures(found.controls.other_identity),
        },
        "copies": {
            "rate": copies.rate.mean if copies else None,
            "held_out_rate": copies.held_out_rate.mean if copies else None,
            "n": copies.rate.n if copies else 0,
        },
        "prompt_match": {
            "base": _mean(final.prompt_match_base if final else None),
            "persona": _mean(final.prompt_match_persona if final else None),
        },
        "recommended": {
            "checkpoint": advice.checkpoint,
            "strength": advice.adapter_scale,
            "why": advice.why,
        },
        "prompts": list(found.prompts),
        "unseen_places": list(found.unseen_places),
        "arms": {
            arm.name: {
                "scores": {name: figures(estimate) for name, estimate in arm.scores.items()},
                "gains": {name: figures(estimate) for name, estimate in arm.gains.items()},
            }
            for arm in found.arms
        },
        "notes": list(found.notes),
        "seconds": dict(seconds),
    }


def stage_seconds(studio: Studio, found: Comparison) -> dict[str, float]:
    """How long importing, training and comparing took, and the parts of the comparison."""
    stages: dict[str, float] = {}
    imports = queue.jobs(studio.db, kinds=["import"], persona=found.persona, statuses=[JobStatus.DONE])
    if imports:
        stages["import"] = sum(_lasted(job) for job in imports)
    runs = {arm.checkpoint.split("/")[1] for arm in found.spec.arms if arm.checkpoint}
    if runs:
        stages["train"] = sum(_lasted(queue.get(studio.db, int(run))) for run in runs)
    stages["compare"] = _lasted(queue.get(studio.db, found.job))
    stages |= {f"compare: {name}": seconds for name, seconds in found.seconds.items()}
    return {name: round(seconds, 2) for name, seconds in stages.items()}


def _lasted(job: Job) -> float:
    return (job.finished or 0.0) - (job.started or 0.0) if job.finished and job.started else 0.0


def _mean(estimate: Estimate | None) -> float | None:
    return estimate.mean if estimate else None
