"""How the page works, without a browser: deeds, redrawing, the address, and failures as sentences."""

import asyncio
import copy
import hashlib
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState, StateHolder
from starlette.requests import Request

from studio.actions import personas
from studio.domain.errors import BadInput
from studio.domain.records import Charter, Checks, Example, Rights
from studio.domain.specs import GenerateSpec
from studio.storage import datasets
from studio.storage.opened import Studio
from studio.ui import app, guard
from studio.ui.page import KEPT, Page, Reply, Scene, Screen, View
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


def look(page: Page, screen: Screen) -> dict[Any, Any]:
    return page.perform(lambda scene, data: None, screen)


def test_an_address_becomes_a_view_and_nonsense_becomes_the_default() -> None:
    view = View.of({"persona": "anna", "tab": "judge", "job": "7", "run": "3", "hushed": "-1-", "opened": "x"})
    assert (view.persona, view.tab, view.job, view.run, view.hushed, view.opened) == ("anna", "judge", "7", "3", "", True)
    assert View.of({"tab": "<script>"}).tab == "persona"


def test_the_browser_keeps_in_the_address_what_the_page_reads_from_it() -> None:
    kept = re.search(r"const KEPT = (\[.*\]);", (LOOK / "studio.js").read_text("utf-8"))
    assert kept and tuple(json.loads(kept[1])) == KEPT


def test_before_the_address_was_read_nothing_is_decided(page: Page) -> None:
    done: list[Scene] = []
    answer = page.perform(lambda scene, data: done.append(scene), Screen())
    assert answer == {page.screen: gr.skip()}, "a slow look must not put back the screen of before"
    assert not done


class Held:
    """A lock that tells when somebody wants it, and lets go when told."""

    def __init__(self) -> None:
        self.wanted, self.free = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self.wanted.set()
        assert self.free.wait(10)

    def __exit__(self, *failure: object) -> None:
        pass


def test_a_look_that_outlasts_the_reading_of_the_address_does_not_undo_it(studio: Studio) -> None:
    """It began with the screen of before; were that put back, the page would never change again."""
    blocks = app.build(studio)
    events = {fn.targets[0][1]: fn for fn in blocks.fns.values()}
    state = SessionState(blocks)
    kept = next(output._id for output in events["tick"].outputs if output.stateful)
    state[kept].lock = held = Held()
    address = gr.Request(Request({"type": "http", "query_string": b"tab=persona", "headers": []}))

    async def happens(event: str) -> list[Any]:
        answer = await blocks.process_api(events[event], [None] * len(events[event].inputs), state, address)
        return [told for told in answer["data"] if told not in (None, gr.skip())]

    async def slowly() -> list[Any]:
        look = asyncio.create_task(happens("tick"))
        assert await asyncio.to_thread(held.wanted.wait, 10)
        assert await happens("load")
        held.free.set()
        assert await look == []
        assert await happens("tick") == []
        persona_with(studio, 0)
        return await happens("tick")

    assert any("Anna" in str(told) for told in asyncio.run(slowly()))
    assert state[kept].view.opened


def test_only_what_changed_is_sent_again(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 3)
    screen = Screen(View.of({"persona": slug, "tab": "dataset"}))
    first = look(page, screen)
    board = page.regions["dataset-state"].board
    assert "picture 2" in first[board]
    assert board not in look(page, screen)
    datasets.edit(studio.workspace, slug, {example(0).id: {"caption": "another"}}, "human")
    assert "another" in look(page, screen)[board]


def test_tabs_out_of_sight_are_not_drawn(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 1)
    assert page.regions["dataset-state"].board not in look(page, Screen(View.of({"persona": slug, "tab": "judge"})))


def test_a_look_does_not_move_the_selection(page: Page, studio: Studio) -> None:
    slug = persona_with(studio, 1)
    for chosen in (slug, "gone"):
        look(page, screen := Screen(View.of({"persona": chosen, "tab": "dataset"})))
        assert screen.view == View.of({"persona": slug, "tab": "dataset"})


def test_two_presses_at_once_both_count(page: Page) -> None:
    """The second begins while the first is at work, as a press and a change of tab do on a busy machine."""
    screen, begun = Screen(View.of({"tab": "persona"})), threading.Event()

    def slow(scene: Scene, data: dict[str, Any]) -> Reply:
        begun.set()
        time.sleep(0.2)
        return Reply(view=scene.view.at(job="7"))

    first = threading.Thread(target=page.perform, args=(slow, screen))
    first.start()
    assert begun.wait(10)
    shown = page.perform(lambda scene, data: Reply(view=scene.view.at(tab="dataset")), screen)
    first.join()
    assert (screen.view.tab, screen.view.job) == ("dataset", "7")
    assert page.regions["dataset-state"].board in shown


def test_every_visitor_has_a_screen_of_their_own(page: Page) -> None:
    one, other = copy.deepcopy(page.screen.value), copy.deepcopy(page.screen.value)
    one.view, one.seen["here"] = View.of({"tab": "judge"}), ("", "drawn")
    assert (other.view, other.seen) == (View(), {})
    assert one.lock is not other.lock


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

    shown = page.perform(deed, Screen(View.of({})))[page.notice]
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
    shown = page._from_board(event, Screen(View.of({"persona": slug, "tab": "dataset"})))[page.notice]
    assert 'role="alert"' in shown
    assert datasets.examples(studio.workspace, slug) == before


def test_an_edit_among_200_pictures_is_answered_within_a_fifth_of_a_second(
    page: Page, studio: Studio
) -> None:
    slug = persona_with(studio, 200)
    look(page, screen := Screen(View.of({"persona": slug, "tab": "dataset"})))
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
        changes = page._from_board(gr.EventData(None, data), screen)
        took.append(time.perf_counter() - start)
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
