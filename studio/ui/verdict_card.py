"""What a dropped file carries: a job reads it, this process never does."""

import json
from typing import Any

from studio.actions import creating
from studio.domain.records import JobStatus
from studio.ui import guard, job_card
from studio.ui.markup import Html, button, tag
from studio.ui.page import Scene
from studio.ui.routes import upload_folder


def drop_zone(act: str, id_: str, words: str, choose: str) -> Html:
    """A slim zone for one file; `act` is told where the upload lies."""
    picker = tag("input", type="file", id=f"{id_}-file")
    return tag(
        "div", tag("span", words), tag("label", choose, picker, class_="button", for_=f"{id_}-file", tabindex=0),
        tag("span", "", role="status", class_="small"), class_="drop slim", data_drop=act, id=id_,
    )  # fmt: skip


def read_dropped(scene: Scene, data: dict[str, Any]) -> int:
    """Submits the job that reads the upload; returns its id."""
    return creating.verify(scene.studio, upload_folder(scene.studio, guard.text(data, "batch", 40)))


def draw(scene: Scene, *, with_recipe: bool) -> Html | None:
    """The verdict on the file that was dropped last in this window."""
    job = next(
        (one for one in scene.jobs if one.kind == "verify" and str(one.id) == scene.view.dropped), None
    )
    if job is None:
        return None
    if job.status in job_card.OPEN:
        return tag("div", tag("p", "Reading the file …"), job_card.bar(job), class_="card stack")
    if job.status is not JobStatus.DONE:
        return job_card.failure(job)
    found = json.loads(job.result or "{}")
    lines = [str(line) for line in found.get("lines", [])]
    use = (
        button("Use its settings", "use-recipe", "primary", data_job=job.id, id="use-recipe")
        if with_recipe and found.get("recipe")
        else None
    )
    shown = [
        tag("h3", lines[0] if lines else "Nothing was found.", id="verdict-sentence"),
        tag("ul", [tag("li", line) for line in lines[1:]]),
    ]
    return tag(
        "div",
        shown,
        tag("div", use, button("Close", "forget-dropped", "plain"), class_="line"),
        class_="card stack",
    )
