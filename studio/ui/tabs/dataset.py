"""The Dataset tab: bring pictures, see what is wrong with each, decide, and edit captions with undo."""

import time
from pathlib import Path
from typing import Any

from studio.actions import datasets
from studio.actions.datasets import DatasetView, ExampleView
from studio.domain.captions import BulkEdit, counted, with_trigger
from studio.domain.errors import BadInput, NotFound
from studio.domain.importing import ImportReport, Remark, Skipped
from studio.domain.records import JobStatus, Rights
from studio.ui import guard, job_card, markup
from studio.ui.markup import Html, button, choices, tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.routes import upload_folder
from studio.ui.tabs import dataset_bulk
from studio.ui.tabs.dataset_tile import RIGHTS, tile

LOOK_AGAIN_SECONDS = 10
"""How soon a caption that was edited outside the studio is seen."""
FILES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".zip", ".txt", ".caption", ".jsonl")
"""What the file picker offers: what an import can read."""
FILTERS = {
    "all": "All",
    "attention": "Needs attention",
    "kept": "Kept",
    "held": "Held out",
    "rejected": "Rejected",
}


def build(page: Page) -> None:
    """Boards and deeds of the tab."""
    page.region("dataset-intake", intake, tab="dataset")
    page.region("dataset-state", state, tab="dataset", key=key)
    page.deeds |= {
        "uploaded": uploaded,
        "import-folder": import_folder,
        "filter": lambda scene, data: Reply(view=scene.view.at(filter=guard.text(data, "value", 20))),
        "caption": set_caption,
        "keep": keep,
        "rights": rights,
        "rights-all": rights_all,
        "rights-missing": rights_missing,
        "undo-dataset": undo,
    }
    dataset_bulk.deeds(page)


# ---------------------------------------------------------------- what is shown


def mark(scene: Scene) -> object:
    """Changes whenever the dataset does; cheap enough to ask every second."""
    if scene.persona is None:
        return ""
    try:
        stat = (scene.studio.workspace.dataset_dir(scene.persona.slug) / "images.jsonl").stat()
    except OSError:
        return ""
    return stat.st_mtime_ns, stat.st_size


def key(scene: Scene) -> object:
    """Everything the boards show."""
    jobs = [(job.id, job.status, job.step, job.stop, job.phase) for job in scene.of_kind("import")]
    running = any(status is JobStatus.RUNNING for _, status, *_ in jobs)
    pace = 1 if running else LOOK_AGAIN_SECONDS
    view = scene.view
    return view.persona, view.filter, view.hushed, view.bulk, mark(scene), jobs, in_training(scene), int(time.time() / pace)


def in_training(scene: Scene) -> bool:
    """Whether this persona is being trained, or is about to be."""
    return any(job.status in job_card.OPEN for job in scene.of_kind("train"))


def intake(scene: Scene) -> str:
    """The drop zone, and a folder by name."""
    if scene.persona is None:
        return markup.nobody("There is no persona to bring pictures to.")
    files = tag(
        "input",
        type="file",
        multiple=True,
        id="pick-files",
        accept=",".join(FILES),
    )
    folder = tag("input", type="file", webkitdirectory=True, id="pick-folder")
    zone = tag(
        "div",
        tag("b", "Drop pictures, a folder or a zip here"),
        tag("span", "Captions in .txt files beside the pictures come along. Your own files stay as they are.", class_="soft small"),
        tag("div", button("Choose files", data_pick_for="pick-files"), files,
            button("Choose a folder", data_pick_for="pick-folder"), folder, class_="line"),
        tag("span", "", role="status", class_="small"),
        class_="drop slim" if mark(scene) else "drop", data_drop="uploaded", id="drop-pictures",
    )  # fmt: skip
    basis = tag(
        "div",
        tag("label", tag("b", "The pictures you bring are"), tag("select", [tag("option", title, value=kind) for kind, title in RIGHTS],
            id="import-rights", name="rights"), class_="line"),
        tag("span", "Training needs to know. It can also be said later, for each picture or for all.", class_="soft small"),
        class_="line",
    )  # fmt: skip
    path = tag(
        "div",
        tag("input", type="text", name="folder", id="import-folder-path", placeholder="or a folder on this computer: /home/me/pictures",
            aria_label="Folder on this computer", class_="grow"),
        button("Bring it in", "import-folder", id="import-folder"), class_="line",
    )  # fmt: skip
    return markup.studio(tag("div", basis, zone, path, class_="stack", data_form=True))


def state(scene: Scene) -> str:
    """How the import goes, whether training may start, counts, filters, edits of all captions, and the pictures."""
    if scene.persona is None:
        return ""
    view = datasets.page(scene.studio, scene.slug)
    if not view.examples:
        empty = markup.empty("No pictures yet", "Bring 15 or more: from 15 on, some are held out so that likeness can be measured.")
        if view.importing:
            empty = markup.empty("The pictures are coming in", "Each is looked at first; then they appear here, with what is good to know about them.")
        return markup.studio(
            tag("div", job_card.latest(scene, "import"), report(scene), empty, class_="stack")
        )
    training = view.kept - view.held_out
    counts = tag(
        "div",
        tag("span", tag("b", str(len(view.examples))), " pictures", class_="chip"),
        tag("span", tag("b", str(training)), " to train on", class_="chip brand"),
        tag("span", tag("b", str(view.held_out)), " held out, to measure likeness on", class_="chip accent"),
        tag("span", tag("b", str(len(view.examples) - view.kept)), " rejected", class_="chip"),
        class_="line num", id="dataset-counts",
    )  # fmt: skip
    ready = (
        None  # what is not all here yet cannot be judged
        if view.importing
        else markup.say("A training is under way.", hint="It goes by the pictures and captions as they were when it began.",
                   more=button("Look at it", data_tab="train"))
        if in_training(scene)
        else markup.say("Ready to train.", hint=" ".join(view.readiness.advice), tone="good",
                   more=button("Go to Train", class_="primary", data_tab="train"))
        if view.readiness.ok
        else [
            markup.say(sentence, tone="warn", more=remedy(scene, view, kind))
            for sentence, kind in zip(view.readiness.sentences, view.readiness.remedies, strict=True)
        ]
    )  # fmt: skip
    note = tag("p", view.note, class_="soft small") if view.note and unlike(view) else None
    return markup.studio(
        tag("div", markup.slot(job_card.latest(scene, "import")), markup.slot(report(scene)), tag("div", ready, note, class_="stack"),
            tag("div", counts, tools(scene, view), class_="line apart"), dataset_bulk.form(), markup.slot(dataset_bulk.preview(scene)), grid(scene, view),
            class_="stack"),
    )  # fmt: skip


def remedy(scene: Scene, view: DatasetView, kind: str) -> Html | None:
    """What helps at once: rights for those that have none, or a look at the captions with the trigger word in them."""
    if kind == "rights":
        return choices([("", "They are …"), *RIGHTS], "", id_="rights-missing", label="Rights for these pictures",
                       change="rights-missing", data_version=view.version)  # fmt: skip
    if not kind or scene.persona is None:
        return None
    trigger = scene.persona.trigger
    kept = [one.example.caption for one in view.examples if one.example.kept]
    edit = with_trigger(trigger, [caption for caption in kept if caption]) if kind == "trigger" else BulkEdit(action="prepend", text=trigger)
    bare = sum(not caption for caption in kept)
    label = f"Write “{trigger}” into {len(kept)} captions" if bare == len(kept) else counted(edit, [one.example.caption for one in view.examples])
    return button(
        f"{label} …", "bulk-look", data_action=edit.action, data_text=edit.text, data_replacement=edit.replacement,
        id=f"add-{kind}",
    )  # fmt: skip


def unlike(view: DatasetView) -> bool:
    """Whether some pictures come from outside the base's small world (or nobody looked)."""
    return any(one.example.checks.in_world is not True for one in view.examples)


def report(scene: Scene) -> Html | None:
    """What the newest import did, file by file where something was left out."""
    done = [job for job in scene.of_kind("import") if job.status is JobStatus.DONE and job.result]
    if not done or (done[0].finished or 0) < time.time() - 3600:
        return None
    told = ImportReport.model_validate_json(done[0].result or "{}")
    lines: list[Skipped | Remark] = [*told.skipped, *told.duplicates, *told.remarks]
    rows = [tag("li", tag("b", line.name), ": ", line.sentence) for line in lines[:100]]
    if len(lines) > 100:
        rows.append(tag("li", f"and {len(lines) - 100} more"))
    more = (
        tag("details", tag("summary", f"{len(lines)} remarks"), tag("ul", rows), id=f"import-{done[0].id}",
            open=bool(told.skipped) and not told.added)
        if rows
        else None
    )
    return tag(
        "div",
        tag("span", "Last import: ", told.sentence(), class_="chip warn" if told.skipped else "soft"),
        more,
        class_="small",
        id="import-report",
    )


def tools(scene: Scene, view: DatasetView) -> Html:
    """Filter, rights for all, undo."""
    chosen = scene.view.filter if scene.view.filter in FILTERS else "all"
    undo_button = (
        button(f"Undo: {view.undo_title}", "undo-dataset", id="undo-dataset") if view.undo_title else None
    )
    everyone = choices(
        [("", "Rights for all …"), *RIGHTS], "", id_="rights-all", label="Rights for all pictures", change="rights-all",
        data_version=view.version,
    )  # fmt: skip
    shown = choices(list(FILTERS.items()), chosen, id_="filter", label="Show", change="filter")
    return tag("div", undo_button, everyone, shown, class_="line")


def grid(scene: Scene, view: DatasetView) -> Html:
    """One tile per picture that passes the filter."""
    wanted = [one for one in view.examples if fits(one, scene.view.filter)]
    if not wanted:
        return tag("div", tag("p", "No picture here is like that."), class_="empty")
    seen = tag("input", type="hidden", name="version", value=view.version)
    return tag(
        "div", seen, tag("div", [tile(scene.slug, one) for one in wanted], class_="tiles"), data_form=True
    )


def fits(one: ExampleView, wanted: str) -> bool:
    """Whether a picture passes the filter."""
    example = one.example
    return {
        "attention": bool(one.reasons) and example.kept,
        "kept": example.kept,
        "held": example.held_out and example.kept,
        "rejected": not example.kept,
    }.get(wanted, True)


# ---------------------------------------------------------------- what is done


def uploaded(scene: Scene, data: dict[str, Any]) -> Reply:
    """A drop has arrived in the inbox, unread."""
    folder = upload_folder(scene.studio, guard.text(data, "batch", 40))
    datasets.import_pictures(scene.studio, scene.slug, [folder], uploaded=True, rights=basis(data, "rights"))
    return Reply()


def import_folder(scene: Scene, data: dict[str, Any]) -> Reply:
    named = guard.text(data, "folder").strip()
    if not named:
        raise BadInput(
            "No folder is named.", "Type its path, such as /home/me/pictures, or drop the pictures."
        )
    datasets.import_pictures(
        scene.studio, scene.slug, [Path(named)], uploaded=False, rights=basis(data, "rights")
    )
    return Reply()


def basis(data: dict[str, Any], name: str) -> Rights:
    """Raises `NotFound` for a right that is not in the list."""
    given = guard.text(data, name, 40)
    try:
        return Rights(given)
    except ValueError as error:
        raise NotFound(f"There is no rights basis “{given}”.", "Choose one from the list.") from error


def set_caption(scene: Scene, data: dict[str, Any]) -> Reply:
    datasets.set_caption(
        scene.studio,
        scene.slug,
        guard.text(data, "example", 40),
        guard.text(data, "value"),
        guard.text(data, "version", 20),
    )
    return Reply()


def keep(scene: Scene, data: dict[str, Any]) -> Reply:
    kept = guard.text(data, "value", 3) == "yes"
    datasets.set_kept(
        scene.studio, scene.slug, [guard.text(data, "example", 40)], kept, guard.text(data, "version", 20)
    )
    return Reply() if kept else Reply(notice=guard.good_news("Rejected: it is not trained on.", undo="undo-dataset"))


def rights(scene: Scene, data: dict[str, Any]) -> Reply:
    datasets.set_rights(
        scene.studio,
        scene.slug,
        [guard.text(data, "example", 40)],
        basis(data, "value"),
        guard.text(data, "version", 20),
    )
    return Reply()


def rights_missing(scene: Scene, data: dict[str, Any]) -> Reply:
    """For kept pictures without any; what was stated for others stays."""
    view = datasets.page(scene.studio, scene.slug)
    ids = [one.example.id for one in view.examples if one.example.kept and one.example.rights is Rights.UNKNOWN]
    count = datasets.set_rights(scene.studio, scene.slug, ids, basis(data, "value"), guard.text(data, "version", 20))
    return Reply(notice=guard.good_news(f"Rights stated for {count} pictures.", undo="undo-dataset"))


def rights_all(scene: Scene, data: dict[str, Any]) -> Reply:
    count = datasets.set_rights(
        scene.studio, scene.slug, None, basis(data, "value"), guard.text(data, "version", 20)
    )
    return Reply(notice=guard.good_news(f"Rights stated for {count} pictures.", undo="undo-dataset"))


def undo(scene: Scene, data: dict[str, Any]) -> Reply:
    title = datasets.undo(scene.studio, scene.slug)
    return Reply(
        notice=guard.good_news(f"Taken back: {title}." if title else "There is nothing to take back.")
    )
