"""The Persona tab without a browser: deleting somebody for good."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from studio.actions import personas
from studio.domain.records import Charter
from studio.domain.statistics import Estimate
from studio.storage.opened import Studio
from studio.ui.page import Page, Screen, View, scene
from studio.ui.tabs import persona
from tests.ui.test_comparison import VERDICT, estimate, found
from tests.ui.test_comparison import studio as zias

__all__ = ["zias"]

@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True))
    with gr.Blocks():
        made = Page(studio)
        persona.build(made)
        yield made


def press(page: Page, screen: Screen | None = None, **data: Any) -> dict[Any, Any]:
    return page._from_board(gr.EventData(None, {"act": "erase", **data}), screen or Screen(View.of({"persona": "anna"})))


def test_the_drawer_says_what_goes_and_asks_for_the_name(page: Page) -> None:
    shown = page.perform(lambda scene, data: None, Screen(View.of({"persona": "anna"})))
    board = next(text for text in shown.values() if isinstance(text, str) and "persona-deletion" in text)
    assert "Nobody can bring them back" in board and "Type <b>Anna</b> to delete it" in board


def test_another_name_is_a_sentence_and_the_right_one_leaves_nobody_selected(page: Page, studio: Studio) -> None:
    refused = press(page, typed="Ann")
    assert "nothing was deleted" in refused[page.notice] and (studio.workspace.personas / "anna").is_dir()
    deleted = press(page, screen := Screen(View.of({"persona": "anna"})), typed="Anna")
    assert "Anna is deleted, with 0 pictures made and 0 trainings." in deleted[page.notice]
    assert screen.view.persona == "" and not (studio.workspace.personas / "anna").exists()


@pytest.mark.parametrize(
    ("gain", "chip"),
    [
        (estimate(0.2), '<span class="chip good num">likeness 0.75, +0.20 over words alone</span>'),
        (estimate(0.02), '<span class="chip num" title="measured +0.02 over words alone, and lies between -0.08 and +0.12">'
                         "likeness 0.75, over words alone: not settled</span>"),
        (estimate(0.02).model_copy(update={"low": None, "high": None}),
         '<span class="chip num" title="measured +0.02 over words alone">likeness 0.75, over words alone: not settled</span>'),
        (estimate(-0.2), '<span class="chip num">likeness 0.75, -0.20 over words alone</span>'),
        (estimate(None), '<span class="chip num">likeness 0.75</span>'),
        (None, '<span class="chip good num">likeness 0.75, +0.65 over the base</span>'),
    ],
)  # fmt: skip
def test_only_a_settled_gain_is_told_as_a_fact(zias: Studio, gain: Estimate | None, chip: str) -> None:
    found(zias, VERDICT.model_copy(update={"difference_described": gain}))
    shown = scene(zias, View.of({"persona": "zia", "tab": "persona"}))
    assert shown.persona is not None
    assert str(persona.measured(shown, shown.persona)) == chip
