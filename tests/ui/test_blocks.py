"""An event costs what it changes: outputs that an answer leaves alone are not made anew."""

import asyncio
from collections.abc import Callable
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from studio.storage.opened import Studio
from studio.ui import app
from studio.ui.blocks import Blocks
from studio.ui.page import Screen, View


def page(made: gr.Blocks, act: Callable[..., Any]) -> tuple[gr.Blocks, Any, list[Any]]:
    with made:
        kept = gr.State(0)
        parts = [gr.HTML("before"), gr.Textbox("before"), gr.Radio(["a", "b"], value="a")]
        button = gr.Button()
        button.click(lambda: act(kept, *parts), None, [kept, *parts])
    return made, next(iter(made.fns.values())), [kept, *parts]


def answered(made: gr.Blocks, act: Callable[..., Any]) -> tuple[list[Any], SessionState, list[Any]]:
    blocks, fn, outputs = page(made, act)
    state = SessionState(blocks)
    told = asyncio.run(blocks.process_api(fn, [], state=state))
    return told["data"], state, outputs


@pytest.mark.parametrize(
    "act",
    [
        lambda kept, html, text, radio: {html: "after"},
        lambda kept, html, text, radio: {kept: 7, text: gr.Textbox(placeholder="else"), html: "after"},
        lambda kept, html, text, radio: {radio: gr.Radio(choices=["b", "c"], value="c"), kept: 1},
        lambda kept, html, text, radio: [5, "after", "after", "b"],
        lambda kept, html, text, radio: {kept: 9},
    ],
)
def test_what_is_changed_is_told_as_gradio_tells_it(act: Callable[..., Any]) -> None:
    ours, mine, outputs = answered(Blocks(), act)
    theirs, state, others = answered(gr.Blocks(), act)
    for told, expected in zip(ours, theirs, strict=True):
        if told != gr.skip():
            assert told == expected
        else:
            assert not isinstance(expected, dict) or "value" not in expected
    assert mine[outputs[0]._id] == state[others[0]._id]


def test_an_answer_that_names_no_output_of_the_event_is_still_an_error() -> None:
    with pytest.raises(ValueError, match="component"):
        answered(Blocks(), lambda kept, *parts: {kept.parent.children[-1]: "the button"})


def test_a_look_at_the_page_makes_no_component(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = app.build(studio)
    fn = next(fn for fn in blocks.fns.values() if fn.targets and fn.targets[0][1] == "tick")
    state = SessionState(blocks)
    screen = next(output for output in fn.outputs if output.stateful)
    state[screen._id] = Screen(View.of({"tab": "create"}))
    look = lambda: asyncio.run(blocks.process_api(fn, [None] * len(fn.inputs), state=state))["data"]  # noqa: E731
    assert sum(told not in (None, gr.skip()) for told in look()) > 3, "at first all is drawn"
    made: list[str] = []
    for kind in {type(output) for output in fn.outputs if not output.stateful}:
        monkeypatch.setattr(kind, "__init__", lambda self, *given, **named: made.append(type(self).__name__))
    assert [told for told in look() if told not in (None, gr.skip())] == []
    assert made == []


def test_an_event_tells_no_board_that_it_is_busy(studio: Studio) -> None:
    """The browser would set that for every output of every look, twice: more than half of what an idle page cost it."""
    blocks = app.build(studio)
    unseen = [block._id for block in blocks.blocks.values() if isinstance(block, gr.State)]
    assert [told["show_progress_on"] for told in blocks.get_config_file()["dependencies"]] == [unseen] * len(blocks.fns)


def test_the_queue_in_which_nothing_waits_is_hardly_looked_at(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio looks a thousand times a second: 7 % of a core, with or without a page."""
    blocks, sleep, looks = app.build(studio), asyncio.sleep, []
    assert not any(fn.queue for fn in blocks.fns.values())
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: (looks.append(seconds), sleep(seconds))[1])

    async def some_time() -> None:
        blocks.run_startup_events()
        await sleep(0.3)
        blocks._queue.close()

    asyncio.run(some_time())
    assert 0 < len(looks) < 5
