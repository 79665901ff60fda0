"""The card of a model from scratch: absent before the first one, then progress, curves, pictures and a way on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from studio.actions import pretraining
from studio.domain.events import Preview, Progress, Scalar
from studio.domain.pretraining import FOUNDING, PretrainSpec
from studio.domain.records import JobStatus, Rights
from studio.storage import queue
from studio.storage.opened import Studio
from studio.ui.forms import title
from studio.ui.page import Page, Screen, View
from studio.ui.tabs import from_scratch


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder beside the workspace."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    with gr.Blocks():
        made = Page(studio)
        from_scratch.build(made)
        yield made


def board(page: Page) -> str:
    changes = page.perform(lambda scene, data: None, Screen(View.of({"tab": "train"})))
    return str(changes.get(page.regions["scratch-run"].board, ""))


def press(page: Page, number: int, *values: Any) -> dict[Any, Any]:
    """The deed behind the button with this number: 0 shows the document's values, 1 starts."""
    return page.perform(page._wires[number][1], Screen(View.of({"tab": "train"})), *values)


def start(page: Page, folder: str) -> dict[Any, Any]:
    values = [control.value for control in page._wires[1][2][2:]]
    return press(page, 1, folder, Rights.OWN.value, *values)


def test_nothing_is_shown_before_the_first_one(page: Page) -> None:
    assert board(page) == ""


def test_the_drawer_starts_the_defaults_and_says_what_is_missing(page: Page, studio: Studio, pictures: Path) -> None:
    assert "No folder of pictures was named" in str(start(page, "")[page.notice])
    start(page, str(pictures))
    found = pretraining.newest_model(studio)
    assert found is not None and found.spec == PretrainSpec(folders=(str(pictures.resolve()),), rights=Rights.OWN)
    assert "data-job-card" in board(page) and "stop-job" in board(page)


def test_one_button_shows_the_documents_values(page: Page) -> None:
    assert set(FOUNDING.settings) <= set(from_scratch.SETTINGS)
    shown = {control.label: value for control, value in press(page, 0).items() if hasattr(control, "label")}
    assert (shown["Optimizer"], shown["Batch size"], shown["Epochs"], shown["Learning rate"]) == ("adam", 64, 10, 0.001)
    assert {title(name) for name in FOUNDING.settings} <= set(shown)
    left_open = {title(name) for name in PretrainSpec.model_fields if name not in FOUNDING.settings}
    assert not left_open & set(shown), "what the document leaves open stays as it was chosen"


def test_a_run_shows_curves_and_pictures_and_how_it_ended(page: Page, studio: Studio, pictures: Path) -> None:
    start(page, str(pictures))
    found = pretraining.newest_model(studio)
    assert found is not None
    job = queue.claim(studio.db, kinds={"pretrain"}, pid=1, pid_started=0.0)
    assert job is not None
    for step in (1, 2):
        queue.record(
            studio.db, job.id, Scalar(name="denoiser loss", step=step, value=1 / step),
            Scalar(name="denoiser held_out_loss", step=step, value=2 / step), Progress(step=step, total=4),
            Preview(step=step, path=f"runs/{job.id}/previews/{step}.png", label="denoiser: red dots"),
        )  # fmt: skip
    running = board(page)
    for words in ("Painter: average loss", "Painter: held-out loss", "Painter: what it draws", "red dots", "step 2"):
        assert words in running
    assert "denoiser: red dots" not in running and "Codec" not in running
    queue.finish(studio.db, job.id, JobStatus.CANCELLED)
    assert "Go on" in board(page) and "stopped at 2 of 4 steps" in board(page)
    queue.reopen(studio.db, job.id)
    queue.finish(studio.db, job.id, JobStatus.DONE, result='{"numbers": {}, "base": "/somewhere/base"}')
    assert "/somewhere/base" in board(page)
