"""The Dataset tab without a browser: what the file picker offers, and what a rule for many captions says of itself."""

import re

import pytest

from studio.actions import personas
from studio.collect.listing import ARCHIVES, CAPTIONS, PICTURES
from studio.domain.captions import BulkEdit
from studio.domain.records import Charter, JobStatus
from studio.domain.specs import ImportSpec, TrainSpec
from studio.storage import datasets, queue
from studio.storage.opened import Studio
from studio.ui.page import View, scene
from studio.ui.tabs import dataset, dataset_bulk, persona, train
from studio.ui.tabs.dataset import FILES
from tests.pictures import example


def test_the_file_picker_offers_what_is_taken_and_nothing_else() -> None:
    assert set(FILES) == PICTURES | ARCHIVES | set(CAPTIONS) | {".jsonl"}


@pytest.mark.parametrize(("count", "rest"), [(3, ""), (203, "and 3 more")])
def test_the_button_says_how_many_captions_it_changes(studio: Studio, count: int, rest: str) -> None:
    slug = personas.create_persona(
        studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)
    ).slug
    for number in range(count):
        datasets.add(studio.workspace, slug, example(number), b"never decoded here")
    edit = BulkEdit(action="append", text="at sunset")
    view = View.of({"persona": slug, "tab": "dataset"}).at(bulk=edit.model_dump_json())
    shown = str(dataset_bulk.preview(scene(studio, view)))
    assert f">Change {count} captions<" in shown
    assert len(re.findall("<td><b>", shown)) == min(count, 200)
    assert rest in shown and (rest or "more" not in shown)


def test_the_button_beside_missing_captions_says_how_many_it_will_change(studio: Studio) -> None:
    slug = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)).slug
    for number in range(20):
        bare = example(number).model_copy(update={"caption": "", "held_out": number < 5})
        datasets.add(studio.workspace, slug, bare, b"never decoded here")
    here = scene(studio, View.of({"persona": slug, "tab": "dataset"}))
    shown = dataset.state(here)
    assert "20 pictures have no caption" in shown and "Write “annvok” into 20 captions …" in shown
    seen = here.view.at(bulk=BulkEdit(action="prepend", text="annvok").model_dump_json())
    assert ">Change 20 captions<" in str(dataset_bulk.preview(scene(studio, seen)))


def test_captions_without_the_trigger_word_and_none_at_all_offer_one_button(studio: Studio) -> None:
    slug = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)).slug
    for number in range(20):
        given = {"caption": "a park" if number % 2 else ""}
        datasets.add(studio.workspace, slug, example(number).model_copy(update=given), b"never decoded here")
    shown = dataset.state(scene(studio, View.of({"persona": slug, "tab": "dataset"})))
    assert "No caption contains the trigger word" in shown and "10 pictures have no caption" in shown
    assert shown.count('data-act="bulk-look"') == 2, "the one beside the sentence, and the form's own"


def test_while_pictures_come_in_nothing_is_said_to_be_missing_or_ready(studio: Studio) -> None:
    slug = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)).slug

    def shown() -> str:
        return dataset.state(scene(studio, View.of({"persona": slug, "tab": "dataset"})))

    assert "No pictures yet" in shown()
    job = queue.submit(studio.db, ImportSpec(persona=slug, source="x"), title="Import", persona=slug)
    assert "The pictures are coming in" in shown() and "No pictures yet" not in shown()
    for number in range(12):
        datasets.add(studio.workspace, slug, example(number, caption="annvok"), b"never decoded here")
    assert "Ready to train" not in shown() and "The pictures are coming in" in train.presets(scene(studio, View(persona=slug)))
    queue.finish(studio.db, job, JobStatus.DONE)
    assert "Ready to train" in shown()
    queue.submit(studio.db, TrainSpec(persona=slug), title="Train", persona=slug)
    assert "A training is under way" in shown() and "Ready to train" not in shown()
    assert "in training now" in persona.draw(scene(studio, View(persona=slug)))
