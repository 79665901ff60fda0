"""One rule for many captions: chosen, looked at, and only then done."""

from typing import Any

from studio.actions import datasets
from studio.domain.captions import BulkEdit
from studio.ui import guard
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene

ACTIONS = {"prepend": "Put in front", "append": "Add at the end", "replace": "Replace", "remove": "Remove"}
SHOWN = 200
"""Captions a preview spells out; the rule changes the others too."""


def deeds(page: Page) -> None:
    """Look, do, leave."""
    page.deeds |= {
        "bulk-look": lambda scene, data: Reply(view=scene.view.at(bulk=edit_from(data).model_dump_json())),
        "bulk-apply": bulk_apply,
        "bulk-forget": lambda scene, data: Reply(view=scene.view.at(bulk="")),
    }


def form() -> Html:
    """One rule for many captions; shown before it is done."""
    fields = tag(
        "div",
        tag("select", [tag("option", title, value=name) for name, title in ACTIONS.items()], name="action", id="bulk-action", aria_label="What to do"),
        tag("input", type="text", name="text", id="bulk-text", placeholder="these words", aria_label="Words", class_="grow"),
        tag("input", type="text", name="replacement", id="bulk-replacement", placeholder="by these (only for Replace)",
            aria_label="Replacement", class_="grow"),
        button("Show what would change", "bulk-look", id="bulk-look"),
        class_="line", data_form=True,
    )  # fmt: skip
    return tag("details", tag("summary", "Edit all captions at once"), fields, id="bulk")


def preview(scene: Scene) -> Html | None:
    """Every caption that the rule would change, before and after."""
    if not scene.view.bulk:
        return None
    edit = BulkEdit.model_validate_json(scene.view.bulk)
    found = datasets.preview_bulk(scene.studio, scene.slug, edit)
    count = len(found.changes)
    rows = [
        tag("tr", tag("td", before), tag("td", tag("b", after))) for _, before, after in found.changes[:SHOWN]
    ]
    if count > SHOWN:
        rows.append(tag("tr", tag("td", f"and {count - SHOWN} more", colspan=2)))
    table = tag("table", tag("tr", tag("th", "Now"), tag("th", "Then")), rows, class_="plain")
    do = button(f"Change {count} caption{'' if count == 1 else 's'}", "bulk-apply", "primary", id="bulk-apply", data_version=found.version)
    return tag(
        "div", tag("b", edit.title(), ". ", found.sentence()),
        tag("div", table, class_="scroll", style="max-height:320px", tabindex=0, role="region", aria_label="Changes") if rows else None,
        tag("div", do if rows else None, button("Leave them", "bulk-forget", id="bulk-forget"), class_="line"),
        class_="card stack", id="bulk-preview", data_reveal=edit.model_dump_json(),
    )  # fmt: skip


def edit_from(data: dict[str, Any]) -> BulkEdit:
    """The rule in the form. Raises `ValidationError`."""
    action = guard.text(data, "action", 20)
    replacement = guard.text(data, "replacement", 200) if action == "replace" else ""
    return BulkEdit.model_validate(
        {"action": action, "text": guard.text(data, "text", 200), "replacement": replacement}
    )


def bulk_apply(scene: Scene, data: dict[str, Any]) -> Reply:
    edit = BulkEdit.model_validate_json(scene.view.bulk)
    count = datasets.apply_bulk(scene.studio, scene.slug, edit, expected=guard.text(data, "version", 20))
    return Reply(
        view=scene.view.at(bulk=""), notice=guard.good_news(f"{count} captions changed.", undo="undo-dataset")
    )
