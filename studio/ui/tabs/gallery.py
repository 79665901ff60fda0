"""Pictures as they come, each with its likeness: favourite, use again, download, delete with undo."""

from typing import Any

from studio.actions import creating
from studio.domain.events import Preview, Produced
from studio.domain.records import Job, JobStatus, Picture
from studio.domain.specs import SPEC, GenerateSpec
from studio.storage import pictures, queue
from studio.ui import guard, job_card, markup
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene

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
        pictures.mark(scene.studio.db),
    )


def draw(scene: Scene) -> str:
    """What is being made, then what was made, newest first."""
    mine = scene.persona.slug if scene.persona else None
    only = scene.view.filter == FAVOURITES
    found = pictures.pictures(scene.studio.db, persona=mine, favourites=only, limit=MOST)
    open_jobs = [job for job in scene.of_kind("generate") if job.status in job_card.OPEN]
    top = markup.slot(job_card.latest(scene, "generate"))
    if not found and not open_jobs:
        return markup.studio(tag("div", top, empty(scene, only), class_="stack"))
    toggle = button("♥ Favourites only", "favourites-only", data_value="all" if only else FAVOURITES, aria_pressed=str(only).lower(),
                    id="favourites-only")  # fmt: skip
    head = tag("div", tag("h2", "Pictures"), toggle, class_="line apart")
    waiting = [] if only else [one for job in open_jobs for one in coming(scene, job)]
    tiles = [tile(picture) for picture in found]
    return markup.studio(tag("div", top, head, tag("div", waiting, tiles, class_="tiles"), class_="stack"))


def empty(scene: Scene, only: bool) -> Html:
    """Teaches what to do first."""
    if only:
        return tag("div", tag("h2", "No favourites yet"), tag("p", "Press ♡ under a picture to keep it here."),
                   button("Show all", "favourites-only", data_value="all"), class_="empty")  # fmt: skip
    name = scene.persona.name if scene.persona else "somebody"
    trigger = scene.persona.trigger if scene.persona else "a woman"
    return tag(
        "div", tag("h2", f"Put {name} anywhere"),
        tag("p", "Write what the picture should show, with the word ", tag("b", trigger), " where she stands; or take one of the ideas."),
        tag("p", "Then press Generate, or Ctrl+Enter.", class_="small"), class_="empty",
    )  # fmt: skip


def coming(scene: Scene, job: Job) -> list[Html]:
    """One tile for each picture that is still to come, with the newest look at it."""
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, GenerateSpec):
        return []
    shown = queue.events(scene.studio.db, job.id, kinds={"preview", "produced"})
    made = sum(isinstance(event, Produced) for _, _, event in shown)
    looks = [number for number, _, event in shown if isinstance(event, Preview)]
    look = f"/-/preview/{job.id}/{looks[-1]}" if looks and job.status is JobStatus.RUNNING else None
    tiles = []
    for place in range(max(0, spec.count - made)):
        frame = (
            tag("img", src=look, alt="unfinished picture")
            if look and place == 0
            else tag("span", "waiting" if place else "…")
        )
        ratio = f"aspect-ratio:{spec.width}/{spec.height}"
        tiles.append(tag("div", tag("div", frame, class_="frame spark" if not (look and place == 0) else "frame", style=ratio),
                         class_="tile waiting"))  # fmt: skip
    return tiles


def tile(picture: Picture) -> Html:
    """One picture, twice its size, with what can be done with it."""
    data: dict[str, Any] = {"data_picture": picture.id}
    small, large = f"/-/picture/{picture.id}/small", f"/-/picture/{picture.id}"
    look = tag("button", tag("img", src=small, alt=picture.prompt, loading="lazy", width=256, height=256), type="button",
               data_big=large, data_alt=picture.prompt, aria_label="Look at this picture")  # fmt: skip
    feet = tag(
        "div",
        button("♥" if picture.favourite else "♡", "favourite", "icon plain", aria_label="Favourite",
               aria_pressed=str(picture.favourite).lower(), title="Favourite", data_value="no" if picture.favourite else "yes", **data),
        button("↺", "use-settings", "icon plain", aria_label="Use these settings", title="Use these settings", **data),
        tag("a", "⤓", href=f"{large}?download=true", class_="button icon plain", aria_label="Download", title="Download", download=True),
        tag("span", class_="grow"),
        button("✕", "delete-picture", "icon plain danger", aria_label="Delete", title="Delete", **data),
        class_="feet",
    )  # fmt: skip
    frame = tag(
        "div",
        look,
        tag("div", badge(picture), class_="over"),
        class_="frame",
        style=f"aspect-ratio:{picture.width}/{picture.height}",
    )
    return tag(
        "div", frame, tag("div", feet, class_="body"), about(picture), class_="tile", data_picture=picture.id
    )


def badge(picture: Picture) -> Html | None:
    """How much it is her; never a number where none was measured."""
    if picture.likeness is not None:
        tone = "good" if picture.likeness >= 0.6 else "warn" if picture.likeness >= 0.35 else "bad"
        return tag(
            "span",
            f"likeness {picture.likeness:.2f}",
            class_=f"chip {tone}",
            title="Cosine to her held-out pictures",
        )
    if picture.likeness_note:
        return tag("span", "likeness not measured", class_="chip", title=picture.likeness_note)
    return None


def about(picture: Picture) -> Html:
    """Beside the large view."""
    likeness = (
        f"{picture.likeness:.3f}" if picture.likeness is not None else picture.likeness_note or "not measured"
    )
    rows = [
        ("Prompt", picture.prompt),
        ("Seed", str(picture.seed)),
        ("Size", f"{picture.width} × {picture.height}"),
        ("Likeness", likeness),
    ]
    listed = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in rows], class_="facts")
    note = tag("p", "The file carries its whole recipe, the AI mark and a signature.", class_="soft small")
    return tag(
        "template",
        listed,
        note,
        tag("a", "Download", href=f"/-/picture/{picture.id}?download=true", class_="button", download=True),
    )


def deeds(page: Page) -> None:
    """What the tiles' buttons do."""

    def favourite(scene: Scene, data: dict[str, Any]) -> Reply:
        creating.favourite(
            scene.studio, guard.text(data, "picture", 80), guard.text(data, "value", 3) == "yes"
        )
        return Reply()

    def delete(scene: Scene, data: dict[str, Any]) -> Reply:
        picture = guard.text(data, "picture", 80)
        creating.delete(scene.studio, picture)
        return Reply(notice=guard.good_news("One picture deleted.", undo="undelete", picture=picture))

    def undelete(scene: Scene, data: dict[str, Any]) -> Reply:
        creating.undo_delete(scene.studio, guard.text(data, "picture", 80))
        return Reply(notice=guard.good_news("The picture is back."))

    page.deeds |= {
        "favourite": favourite,
        "delete-picture": delete,
        "undelete": undelete,
        "favourites-only": lambda scene, data: Reply(
            view=scene.view.at(filter=guard.text(data, "value", 20))
        ),
    }
