"""One picture of a dataset as a tile: what is wrong with it, its caption, its rights, keep or reject."""

from functools import lru_cache

from studio.actions.datasets import ExampleView
from studio.domain.records import RIGHTS_TITLES, Example
from studio.ui.markup import Html, button, choices, tag

RIGHTS = [(kind.value, title) for kind, title in RIGHTS_TITLES.items()]


def address(slug: str, example: Example) -> str:
    """Of the thumbnail."""
    return f"/-/example/{slug}/{example.id}/{example.sha256}"


@lru_cache(maxsize=2048)
def tile(slug: str, one: ExampleView) -> Html:
    """Picture, reasons, caption, rights, keep or reject."""
    example = one.example
    name = example.source_name or example.id
    held = tag("span", "held out", class_="chip accent") if example.held_out and example.kept else None
    gone = None if example.kept else tag("span", "rejected", class_="chip")
    look = tag(
        "button", tag("img", src=address(slug, example), alt=example.caption or name, loading="lazy", width=256, height=256),
        type="button", data_big=f"/-/example/{slug}/{example.id}", data_alt=example.caption, aria_label=f"Look at {name}",
    )  # fmt: skip
    reasons = [
        tag("span", reason.title, class_=f"chip {'bad' if reason.blocking else 'warn'}", title=reason.detail)
        for reason in one.reasons
    ]
    area = tag(
        "textarea", example.caption, id=f"caption-{example.id}", rows=4, data_change="caption", data_example=example.id,
        data_saved=example.caption, aria_label=f"Caption of {name}", placeholder="what the picture shows",
    )  # fmt: skip
    save = button(
        "Save my text", "caption", data_example=example.id, data_from=f"caption-{example.id}", hidden=True
    )
    verb = button("Reject", "keep", data_value="no", data_example=example.id, aria_label=f"Reject {name}")
    if not example.kept:
        verb = button("Keep", "keep", data_value="yes", data_example=example.id, aria_label=f"Keep {name}")
    basis = choices(
        RIGHTS, example.rights.value, id_=f"rights-{example.id}", label=f"Rights of {name}", change="rights",
        data_example=example.id, class_="grow",
    )  # fmt: skip
    return tag(
        "div",
        tag("div", look, tag("div", held, gone, class_="over"), class_="frame"),
        tag("div", tag("div", reasons, class_="reasons") if reasons else None, area, save,
            tag("div", basis, verb, class_="feet"), class_="body"),
        facts(one),
        class_="tile" if example.kept else "tile rejected", data_example=example.id,
    )  # fmt: skip


def facts(one: ExampleView) -> Html:
    """What the large view tells beside the picture; no `template`, whose content Gradio leaves as it was first drawn."""
    example, checks = one.example, one.example.checks
    rows = [("Name", example.source_name), ("Size", f"{checks.width} × {checks.height}"), ("Caption", example.caption),
            ("Caption by", example.caption_author), ("Rights", RIGHTS_TITLES[example.rights])]  # fmt: skip
    listed = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in rows], class_="facts")
    return tag(
        "div", listed, [tag("p", tag("b", reason.title), ": ", reason.detail) for reason in one.reasons],
        hidden=True, data_about=True,
    )  # fmt: skip
