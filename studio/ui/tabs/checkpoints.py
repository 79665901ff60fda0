"""Which checkpoint draws: the persona's own choice, the newest one, the base alone, or any other by name."""

from studio.domain.records import Job, JobStatus
from studio.storage import queue, runs
from studio.ui import job_card
from studio.ui.markup import Html, choices, tag
from studio.ui.page import Scene

BASE = "base"


def known(scene: Scene) -> list[tuple[str, str]]:
    """(path, title) of all checkpoints of the persona, newest training first, latest step first."""
    if scene.persona is None:
        return []
    mine = trainings(scene)
    return [
        (one.path, f"Training {len(mine) - place}, step {one.step}")
        for place, job in enumerate(mine[:20])
        if job.status is not JobStatus.QUEUED
        for one in reversed(runs.checkpoints(scene.studio.workspace, job.id))
    ]


def trainings(scene: Scene) -> list[Job]:
    """All trainings of the persona, newest first."""
    slug = scene.persona.slug if scene.persona else ""
    return queue.jobs(scene.studio.db, kinds={"train"}, persona=slug, limit=1000)


def training_numbers(scene: Scene) -> dict[int, int]:
    """The persona's trainings by job, counted from the first one on."""
    return {job.id: number for number, job in enumerate(reversed(trainings(scene)), start=1)}


def choice_of(scene: Scene) -> tuple[str | None, float]:
    """(checkpoint or None for the base alone, strength) that the selection means now."""
    persona = scene.persona
    if persona is None or scene.view.checkpoint == BASE:
        return None, 1.0
    if scene.view.checkpoint:
        return scene.view.checkpoint, 1.0
    if persona.choice:
        return persona.choice.checkpoint, persona.choice.adapter_scale
    newest = known(scene)
    return (newest[0][0], 1.0) if newest else (None, 1.0)


def picker(scene: Scene) -> Html:
    """A list to choose from, with a sentence where there is nothing to choose."""
    found = known(scene)
    name = scene.persona.name if scene.persona else ""
    if not found:
        words = f"{name} is not trained yet, so this is the base alone. Open the Train tab; it takes one button."
        if training := job_card.under_way(scene, "train"):
            words = f"{name} is being trained, {training}. Until the first checkpoint is there, this is the base alone."
        return tag("div", tag("span", words, class_="soft small"), class_="say")
    titles = dict(found)
    own, scale = choice_of_own(scene, found)
    first = [("", f"{name} · {titles.get(own, 'chosen checkpoint')} at {scale:g}")]
    options = [*first, (BASE, "The base alone, without the persona"), *found]
    chosen = scene.view.checkpoint if scene.view.checkpoint in dict(options) else ""
    return tag(
        "label", tag("span", "Drawn with", class_="soft small"),
        choices(options, chosen, id_="pick-checkpoint", label="Drawn with", change="pick-checkpoint"), class_="stack tight",
    )  # fmt: skip


def choice_of_own(scene: Scene, found: list[tuple[str, str]]) -> tuple[str, float]:
    """What the first entry of the list stands for."""
    if scene.persona and scene.persona.choice:
        return scene.persona.choice.checkpoint, scene.persona.choice.adapter_scale
    return found[0][0], 1.0
