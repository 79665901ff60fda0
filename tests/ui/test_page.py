"""How the page works, without a browser: deeds, redrawing, the address, and failures as sentences."""

import hashlib
import json
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import StateHolder

from studio.actions import personas
from studio.domain.errors import BadInput
from studio.domain.records import Charter, Checks, Example, Rights
from studio.domain.specs import GenerateSpec
from studio.storage import datasets
from studio.storage.opened import Studio
from studio.ui import app, guard
from studio.ui.page import KEPT, Page, Reply, Scene, View
from studio.ui.tabs import dataset
from studio.ui.theme import LOOK
from tests.timing import allowed


@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    with gr.Blocks():
        made = Page(studio)
        dataset.build(made)
        yield made


def example(number: int) -> Example:
    chance = random.Random(number)
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    hashes = tuple(f"{chance.getrandbits(64):016x}" for _ in range(4))
    return Example(
        id=digest[:16], sha256=digest, caption=f"picture {number}", rights=Rights.OWN, imported=datetime.now(UTC),
        checks=Checks(width=128, height=128, sharpness=100, brightness=0.5, phash=hashes),
    )  # fmt: skip


def persona_with(studio: Studio, count: int) -> str:
    made = personas.create_persona(
        studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)
    )
    for number in range(count):
        datasets.add(studio.workspace, made.slug, example(number), b"never decoded here")
    return made.slug


def look(page: Page, view: View, seen: dict[str, Any] | None = None) -> dict[Any, Any]:
    return page.perform(lambda scene, data: None, view, seen or {})


def test_an_address_becomes_a_view_and_nonsense_becomes_the_default() -> None:
    view = View.of({"persona": "anna", "tab": "judge", "job": "7", "hushed": "-1-", "opened": "x"})
    assert (view.persona, view.tab, view.job, view.hushed, view.opened) == ("anna", "judge", "7", "", True)
    assert View.of({"tab": "<script>"}).tab == "persona"


def test_the_browser_keeps_in_the_address_what_the_page_reads_from_it() -> None:
    kept = re.search(r"const KEPT = (\[.*\]);", (LOOK / "studio.js").read_text("utf-8"))
    assert kept and tuple(json.loads(kept[1])) == KEPT


def test_before_the_address_was_read_nothing_is_decided(page: Page) -> None:
    assert look(page, View()) == {page.seen: {}}


def test_only_what_changed_is_sent_again(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 3)
    view = View.of({"persona": slug, "tab": "dataset"})
    first = look(page, view)
    board = page.regions["dataset-state"].board
    assert "picture 2" in first[board]
    assert board not in look(page, view, first[page.seen])
    datasets.edit(studio.workspace, slug, {example(0).id: {"caption": "another"}}, "human")
    assert "another" in look(page, view, first[page.seen])[board]


def test_tabs_out_of_sight_are_not_drawn(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 1)
    assert page.regions["dataset-state"].board not in look(page, View.of({"persona": slug, "tab": "judge"}))


def test_a_look_does_not_move_the_selection(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 1)
    assert page.view not in look(page, View.of({"persona": slug, "tab": "dataset"}))
    assert look(page, View.of({"persona": "gone", "tab": "dataset"}))[page.view].persona == slug


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (BadInput("The prompt is <b>empty</b>.", "Type one."), "The prompt is &lt;b&gt;empty"),
        (RuntimeError("secret /path"), "under number"),
    ],
)
def test_failures_become_sentences(page: Page, failure: Exception, words: str) -> None:
    def deed(scene: Scene, data: dict[str, Any]) -> Reply:
        raise failure

    shown = page.perform(deed, View.of({}), {})[page.notice]
    assert words in shown and 'role="alert"' in shown
    assert "secret" not in shown and "Traceback" not in shown


def test_a_wrong_setting_is_named_with_its_value() -> None:
    with pytest.raises(ValueError) as caught:
        GenerateSpec(base="embedded", prompt="x", num_inference_steps=900)
    said = guard.sentence(caught.value)
    assert said.message.startswith("Num inference steps (it is 900)") and said.hint


@pytest.mark.parametrize(
    "data",
    [{}, {"act": 7}, {"act": "no-such-deed"}, {"act": "caption"}, {"act": "caption", "example": ["x"], "value": None, "version": "0"},
     {"act": "keep", "example": "../../x", "value": "yes", "version": "0"}, {"act": "rights-all", "value": "mine", "version": "0"},
     {"act": "uploaded", "batch": "../../..", "rights": "own"}, {"act": "import-folder", "folder": "", "rights": "own"},
     {"act": "bulk-apply", "version": "0"}],
)  # fmt: skip
def test_forged_messages_become_sentences(page: Page, studio: Studio, data: dict[str, Any]) -> None:
    slug = persona_with(studio, 1)
    before = datasets.examples(studio.workspace, slug)
    event = gr.EventData(None, data)
    shown = page._from_board(event, View.of({"persona": slug, "tab": "dataset"}), {})[page.notice]
    assert 'role="alert"' in shown
    assert datasets.examples(studio.workspace, slug) == before


def test_an_edit_among_200_pictures_is_answered_within_a_fifth_of_a_second(
    page: Page, studio: Studio
) -> None:
    slug = persona_with(studio, 200)
    view = View.of({"persona": slug, "tab": "dataset"})
    seen = look(page, view)[page.seen]
    took = []
    for turn in range(5):
        version = datasets.version(studio.workspace, slug)
        data = {
            "act": "caption",
            "example": example(turn).id,
            "value": f"new words {turn}",
            "version": version,
        }
        start = time.perf_counter()
        changes = page._from_board(gr.EventData(None, data), view, seen)
        took.append(time.perf_counter() - start)
        seen = changes[page.seen]
        assert f"new words {turn}" in changes[page.regions["dataset-state"].board]
    assert min(took) <= allowed(0.2), took


def test_pages_that_were_closed_are_forgotten(studio: Studio) -> None:
    """Every reload is a session of its own to Gradio, which kept them all: 2 MB each."""
    holder = StateHolder()
    holder.set_blocks(app.build(studio))
    for number in range(3 * app.SESSIONS):
        holder[str(number)]
        holder["a page that is open"]
    assert len(holder.session_data) == app.SESSIONS and "a page that is open" in holder
