"""Which checkpoint draws: the persona's own choice, the newest one, the base alone, or any other by name."""

import contextlib
import json
import re

from pydantic import ValidationError

from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, CompareSpec
from studio.storage import queue, runs
from studio.ui import job_card
from studio.ui.markup import Html, choices, tag
from studio.ui.page import Scene

BASE = "base"
STRENGTH = re.compile(r"[01](\.\d{1,3})?")


def known(scene: Scene) -> list[tuple[str, str]]:
    """(path, title) of all checkpoints of the persona, newest training first, latest step first."""
    if scene.persona is None:
        return []
    return [
        (one.path, f"Training {number}, step {one.step}")
        for job, number in numbered(scene)[:20]
        if job.status is not JobStatus.QUEUED
        for one in reversed(runs.checkpoints(scene.studio.workspace, job.id))
    ]


def trainings(scene: Scene) -> list[Job]:
    """All trainings of the persona, newest first."""
    slug = scene.persona.slug if scene.persona else ""
    return queue.jobs(scene.studio.db, kinds={"train"}, persona=slug, limit=1000)


def numbered(scene: Scene) -> list[tuple[Job, int]]:
    """All trainings of the persona, newest first, each with its number, counted from the first one on."""
    mine = trainings(scene)
    return [(job, len(mine) - place) for place, job in enumerate(mine)]


def training_numbers(scene: Scene) -> dict[int, int]:
    """The persona's trainings by job, counted from the first one on."""
    return {job.id: number for job, number in numbered(scene)}


def in_use(scene: Scene) -> tuple[str, float] | None:
    """(checkpoint, strength) that draws the persona unless another is picked: the choice, else the newest one."""
    if scene.persona and scene.persona.choice:
        return scene.persona.choice.checkpoint, scene.persona.choice.adapter_scale
    newest = known(scene)
    return (newest[0][0], 1.0) if newest else None


def recommended(scene: Scene) -> tuple[str, float] | None:
    """(checkpoint, strength) that the newest comparison of several checkpoints recommends, if it does."""
    slug = scene.persona.slug if scene.persona else ""
    for job in queue.jobs(scene.studio.db, kinds={"compare"}, statuses={JobStatus.DONE}, persona=slug, limit=20):
        with contextlib.suppress(ValidationError):  # of another version of the studio
            spec, name = SPEC.validate_json(job.spec), json.loads(job.result or "{}").get("recommended")
            if not isinstance(spec, CompareSpec) or spec.one_checkpoint:  # which cannot tell what to keep
                continue
            return next(((arm.checkpoint, arm.adapter_scale) for arm in spec.arms if arm.checkpoint and arm.name == name), None)
    return None


def choice_of(scene: Scene) -> tuple[str | None, float]:
    """(checkpoint or None for the base alone, strength) that the selection means now."""
    if scene.persona is None or scene.view.checkpoint == BASE:
        return None, 1.0
    offered = [own for own in (in_use(scene), recommended(scene)) if own]
    checkpoint = scene.view.checkpoint or (offered[0][0] if offered else None)
    own = next((scale for path, scale in offered if path == checkpoint), 1.0)
    kept, _, whose = scene.view.strength.partition("@")
    return checkpoint, float(kept) if whose == checkpoint and STRENGTH.fullmatch(kept) else own


def at_strength(checkpoint: str, scale: float) -> str:
    """How the address keeps a strength that was set by hand: it belongs to its checkpoint."""
    return f"{scale:g}@{checkpoint}"


def picker(scene: Scene) -> Html:
    """A list to choose from, with a sentence where there is nothing to choose."""
    found = known(scene)
    if len(trainings(scene)) == 1:  # then nobody asks which one, and the list is narrow
        found = [(path, title.partition(", ")[2].capitalize()) for path, title in found]
    name = scene.persona.name if scene.persona else ""
    if not found:
        words = f"{name} is not trained yet, so a stranger is drawn. Open the Train tab; it takes one button."
        if training := job_card.under_way(scene, "train"):
            words = f"{name} is being trained, {training}. Until the first checkpoint is there, a stranger is drawn."
        return tag("div", tag("span", words, class_="soft small"), class_="say")
    own, scale = in_use(scene) or (found[0][0], 1.0)
    advised = recommended(scene)

    def marked(title: str, path: str, at: float | None = None) -> str:
        """A checkpoint's line in the list: its title, and what there is to know of it."""
        marks = ["in use"] if at is not None else []
        if advised and advised[0] == path:
            marks.append("recommended" if advised[1] == at else f"recommended at {advised[1]:g}")
        strength = f" at strength {at:g}" if at is not None else ""
        return title + strength + (f" ({', '.join(marks)})" if marks else "")

    title = dict(found).get(own, "chosen checkpoint")
    others = [(path, marked(title, path)) for path, title in found if path != own]
    options = [("", marked(title, own, scale)), (BASE, "The base alone, without the persona"), *others]
    chosen = scene.view.checkpoint if scene.view.checkpoint in dict(options) else ""
    return tag(
        "label", tag("span", "Drawn with", class_="soft small"),
        choices(options, chosen, id_="pick-checkpoint", label="Drawn with", change="pick-checkpoint"), class_="stack tight",
    )  # fmt: skip
