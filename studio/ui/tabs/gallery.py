"""Pictures as they come, each with its likeness: favourite, use again, download alone or in a zip, delete with undo."""

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.actions import creating, exporting
from studio.domain.errors import BadInput
from studio.domain.events import Preview, Produced
from studio.domain.records import Job, JobStatus, Picture
from studio.domain.specs import SPEC, GenerateSpec
from studio.storage import pictures, queue
from studio.ui import guard, job_card, markup
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import checkpoints, deleted
from studio.ui.tabs.picture_facts import BASE_ALONE, UNKNOWN, Drawn, about, alone, badge, legend, missing

MOST = 60
"""Newest pictures in sight."""
FAVOURITES = "favourites"


def key(scene: Scene) -> object:
    """Everything the board shows."""
    mine = scene.of_kind("generate")
    jobs = [(job.id, job.status, job.stop) for job in mine[:3]]
    live = [(job.id, job.step, job.phase, job.heartbeat) for job in mine if job.status in job_card.OPEN]
    return (
        scene.view.persona,
        scene.view.filter,
        scene.view.hushed,
        jobs,
        live,
        job_card.clock(mine),
        pictures.mark(scene.studio.db),
    )


def draw(scene: Scene) -> str:
    """What is being made, then what was made, newest first."""
    if scene.view.filter == deleted.FILTER:
        return markup.studio(deleted.draw(scene, MOST))
    only = scene.view.filter == FAVOURITES
    found = pictures.pictures(scene.studio.db, persona=deleted.whose(scene), favourites=only, limit=MOST)
    open_jobs = [job for job in scene.of_kind("generate") if job.status in job_card.OPEN]
    top = markup.slot(None if open_jobs else job_card.latest(scene, "generate"))  # progress stands where the picture will be
    if not found and not open_jobs:
        return markup.studio(tag("div", top, empty(scene, only), class_="stack"))
    toggle = button("♥ Favourites only", "show-pictures", data_value="all" if only else FAVOURITES, aria_pressed=str(only).lower(),
                    id="favourites-only")  # fmt: skip
    everything = button("Choose all", data_choose="all", id="choose-all") if found else None
    head = tag("div", tag("h2", "Pictures"), tag("div", everything, toggle, deleted.way_in(scene), class_="line"), class_="line apart")
    waiting = [] if only else [one for job in open_jobs for one in coming(scene, job)]
    drawn = drawn_by(scene, found)
    tiles = [tile(picture, drawn.get(picture.job, UNKNOWN)) for picture in found]
    return markup.studio(
        tag("div", top, head, legend(found, expected=bool(waiting)), chosen_bar(), tag("div", waiting, tiles, class_="tiles"), class_="stack")
    )


def chosen_bar() -> Html:
    """What can be done with the pictures that are ticked; the browser shows it while there are any."""
    return tag(
        "div",
        tag("b", tag("span", "0", data_chosen_count=True), " chosen", class_="grow num", role="status"),
        button("Choose none", data_choose="none", class_="plain"),
        button("♥ Favourite", "favourite", data_value="yes", data_chosen=True),
        button("Delete", "delete-picture", "danger", data_chosen=True, id="delete-chosen"),
        button("Download as zip", "zip-pictures", "primary", data_chosen=True, id="zip-chosen"),
        class_="card chosen line", data_chosen_bar=True, hidden=True,
    )  # fmt: skip


def empty(scene: Scene, only: bool) -> Html:
    """Teaches what to do first."""
    if only:
        return markup.empty("No favourites yet", "Press ♡ under a picture to keep it here.",
                            go=button("Show all", "show-pictures", data_value="all"))  # fmt: skip
    name = scene.persona.name if scene.persona else "somebody"
    trigger = scene.persona.trigger if scene.persona else "a woman"
    first = markup.join("Write what the picture should show, with the word ", tag("b", trigger),
                        " where the person stands; or take one of the ideas.")  # fmt: skip
    return markup.empty(f"Put {name} anywhere", first, "Then press Generate, or Ctrl+Enter.", go=deleted.way_in(scene))


def coming(scene: Scene, job: Job) -> list[Html]:
    """One tile for each picture that is still to come, as large as it will be; the first one shows how far it is."""
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, GenerateSpec):
        return []
    shown = queue.events(scene.studio.db, job.id, kinds={"preview", "produced"})
    made = sum(isinstance(event, Produced) for _, _, event in shown)
    looks = [number for number, _, event in shown if isinstance(event, Preview)]
    look = f"/-/preview/{job.id}/{looks[-1]}" if looks and job.status is JobStatus.RUNNING else None
    ratio = f"aspect-ratio:{spec.width}/{spec.height}"
    far = ", ".join(part for part in (job_card.doing(job), job_card.time_left(scene.studio, job, time.time())) if part)
    first = tag(
        "div",
        tag("div", tag("img", src=look, alt="unfinished picture") if look else tag("span", "…"),
            tag("div", job_card.bar(job), class_="over foot"), class_="frame" if look else "frame spark", style=ratio),
        tag("div", tag("p", far, class_="asked num"), tag("div", job_card.stop_button(job), class_="feet"), class_="body"),
        class_="tile waiting", data_job_card=job.id, data_status=job.status.value,
    )  # fmt: skip
    asked = tag("p", typed(scene, spec), class_="asked")
    rest = tag("div", tag("div", tag("span", "waiting"), class_="frame spark", style=ratio),
               tag("div", asked, tag("div", class_="feet"), class_="body"), class_="tile waiting")  # fmt: skip
    left = max(0, spec.count - made)
    return [first, *[rest] * (left - 1)] if left else []


def typed(scene: Scene, spec: GenerateSpec) -> str:
    """The prompt as a person wrote it."""
    persona = next((one for one in scene.personas if one.slug == spec.persona), None)
    return creating.as_typed(scene.studio, spec, persona).prompt


def drawn_by(scene: Scene, found: Sequence[Picture]) -> dict[int | None, Drawn]:
    """What is known of the pictures by their jobs."""
    titles = dict(checkpoints.known(scene))
    drawn: dict[int | None, Drawn] = {}
    for number, given in queue.specs(scene.studio.db, {picture.job for picture in found if picture.job}).items():
        with contextlib.suppress(ValidationError):  # of another version of the studio
            spec = SPEC.validate_json(given)
            if isinstance(spec, GenerateSpec) and spec.checkpoint and spec.adapter_scale:
                named = titles.get(spec.checkpoint, Path(spec.checkpoint).stem)
                drawn[number] = Drawn(f"{named} at strength {spec.adapter_scale:g}", typed(scene, spec))
            elif isinstance(spec, GenerateSpec):
                drawn[number] = Drawn(BASE_ALONE, typed(scene, spec))
    return drawn


def tile(picture: Picture, drawn: Drawn = UNKNOWN) -> Html:
    """One picture, twice its size, with what was asked for and what can be done with it."""
    data: dict[str, Any] = {"data_picture": picture.id}
    small, large = f"/-/picture/{picture.id}/small", f"/-/picture/{picture.id}"
    look = tag("button", tag("img", src=small, alt=picture.prompt, loading="lazy", width=256, height=256), type="button",
               data_big=large, data_alt=picture.prompt, aria_label="Look at this picture")  # fmt: skip
    feet = tag(
        "div",
        button("♥" if picture.favourite else "♡", "favourite", "icon plain", aria_label="Favourite",
               aria_pressed=str(picture.favourite).lower(), title="Favourite", data_value="no" if picture.favourite else "yes", **data),
        button("↺ Reuse", "use-settings", "plain", aria_label="Reuse the prompt, the seed and all settings of this picture",
               title="Prompt, seed and all settings go back into the form", **data),
        tag("a", "⤓", href=f"{large}?download=true", class_="button icon plain", aria_label="Download", title="Download", download=True),
        tag("span", class_="grow"),
        button("✕", "delete-picture", "icon plain danger", aria_label="Delete", title="Delete", **data),
        class_="feet",
    )  # fmt: skip
    frame = tag(
        "div",
        look,
        tag("div", badge(picture), class_="over"),
        tag("div", alone(picture, drawn), missing(picture), class_="over foot"),
        tag("label", tag("input", type="checkbox", value=picture.id, data_choice=True, aria_label="Choose this picture"), class_="choose"),
        class_="frame",
        style=f"aspect-ratio:{picture.width}/{picture.height}",
    )
    asked = tag("p", drawn.asked or picture.prompt, class_="asked", title=picture.prompt)
    return tag("div", frame, tag("div", asked, feet, class_="body"), about(picture, drawn), class_="tile", data_picture=picture.id)


def named(data: dict[str, Any]) -> list[str]:
    """The pictures a button stands for: its own, or those that are ticked. Raises `BadInput` for none."""
    found = guard.text(data, "picture", 100 * MOST).split()
    if not found:
        raise BadInput("No picture is chosen.", "Tick at least one.")
    return found


def deeds(page: Page) -> None:
    """What the buttons of the tiles and of the bar for chosen pictures do."""

    def favourite(scene: Scene, data: dict[str, Any]) -> Reply:
        creating.favourite(scene.studio, *named(data), value=guard.text(data, "value", 3) == "yes")
        return Reply()

    def delete(scene: Scene, data: dict[str, Any]) -> Reply:
        gone = named(data)
        creating.delete(scene.studio, *gone)
        news = f"Moved {deleted.many(len(gone))} to the bin."
        return Reply(notice=guard.good_news(news, undo="undelete", picture=" ".join(gone)))

    def undelete(scene: Scene, data: dict[str, Any]) -> Reply:
        back = named(data)
        creating.undo_delete(scene.studio, *back)
        said = "The picture is back." if len(back) == 1 else f"{len(back)} pictures are back."
        return Reply(notice=guard.good_news(said))

    def pack(scene: Scene, data: dict[str, Any]) -> Reply:
        exporting.export_pictures(scene.studio, named(data))
        news = "The zip is being packed; its download appears at the foot of the page."
        return Reply(notice=guard.good_news(news))

    deleted.deeds(page)
    page.deeds |= {
        "favourite": favourite,
        "delete-picture": delete,
        "undelete": undelete,
        "zip-pictures": pack,
        "show-pictures": lambda scene, data: Reply(
            view=scene.view.at(filter=guard.text(data, "value", 20))
        ),
    }
