"""The Create tab without a browser: the slider stands at the strength she is drawn with."""

import json
import re
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from studio.actions import personas
from studio.domain.events import Progress
from studio.domain.records import Charter, Choice, JobStatus
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, TrainSpec
from studio.storage import queue
from studio.storage.opened import Studio
from studio.ui.page import Page, Screen, View, scene
from studio.ui.tabs import create, create_settings, training_run


@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    with gr.Blocks():
        made = Page(studio)
        create.build(made)
        yield made


def trained(studio: Studio, name: str, trigger: str) -> Choice:
    """A persona with one checkpoint, drawn with it at 0.8."""
    made = personas.create_persona(studio, name=name, trigger=trigger, charter=Charter(confirmed_adult=True))
    run = queue.submit(studio.db, TrainSpec(persona=made.slug), title="Train", persona=made.slug)
    folder = studio.workspace.run_dir(run) / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "step-000050.safetensors").write_bytes(b"weights")
    return Choice(checkpoint=f"runs/{run}/checkpoints/step-000050.safetensors", adapter_scale=0.8)


def slider(page: Page) -> Any:
    return next(one for one in page.fields if getattr(one, "elem_id", None) == "strength")


def look(page: Page, screen: Screen) -> dict[Any, Any]:
    return page.perform(lambda scene, data: None, screen)


def send(page: Page, screen: Screen, **data: str) -> dict[Any, Any]:
    return page._from_board(gr.EventData(None, data), screen)


def test_the_slider_stands_at_the_strength_the_first_entry_names(page: Page, studio: Studio) -> None:
    personas.choose(studio, "anna", trained(studio, "Anna", "annvok"))
    for tab in ("judge", "create"):
        assert look(page, Screen(View.of({"persona": "anna", "tab": tab})))[slider(page)] == 0.8


def test_a_new_choice_moves_the_slider_and_a_hand_that_moved_it_is_left_alone(page: Page, studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    view = View.of({"persona": "anna", "tab": "judge"})
    first = look(page, screen := Screen(view))
    assert first[slider(page)] == 1.0
    personas.choose(studio, "anna", choice)
    second = look(page, screen)
    assert second[slider(page)] == 0.8
    screen.view = view.at(tab="create")
    back = look(page, screen)
    assert slider(page) not in back, "coming back to the tab moves nothing"


def test_another_persona_and_another_checkpoint_bring_their_own_strength(page: Page, studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    personas.choose(studio, "anna", choice)
    trained(studio, "Bea", "beavok")
    view = View.of({"persona": "anna", "tab": "create"})
    look(page, screen := Screen(view))
    other = look(page, Screen(view.at(persona="bea"), screen.seen))
    assert other[slider(page)] == 1.0
    later = choice.checkpoint.replace("50", "60")
    studio.workspace.absolute(later).write_bytes(b"weights")
    by_hand = send(page, screen, act="pick-checkpoint", value=later)
    assert by_hand[slider(page)] == 1.0
    own = send(page, screen, act="pick-checkpoint", value="")
    assert own[slider(page)] == 0.8


def test_steps_and_guidance_are_what_the_base_draws_well_with(page: Page, studio: Studio) -> None:
    trained(studio, "Anna", "annvok")
    opened = look(page, screen := Screen(View.of({"persona": "anna", "tab": "create"})))
    steps, guidance = (next(one for one in page.fields if getattr(one, "label", "") == name) for name in ("Steps", "Guidance"))
    assert (opened[steps], opened[guidance]) == (12, 4.0)
    shape = next(one for one in page.fields if getattr(one, "elem_id", "") == "shape")
    assert [name for _, name in opened[shape].choices] == ["Square", "Portrait"], "it saw squares alone"
    again = look(page, screen)
    assert steps not in again, "a hand that moved them is left alone"


def test_settings_that_come_back_keep_their_own_strength(page: Page, studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    personas.choose(studio, "anna", choice)
    view = View.of({"persona": "anna", "tab": "create"})
    look(page, screen := Screen(view))
    spec = GenerateSpec(persona="anna", base="embedded", checkpoint=choice.checkpoint, adapter_scale=0.55,
                        prompt="annvok on a beach")  # fmt: skip
    controls = page.fields[1:11]
    found = page.perform(lambda scene, data: create.restored(scene, spec, create_settings.Fields(*controls), page.fields[0]), screen)
    assert found[slider(page)] == 0.55
    assert found[page.fields[0]] == "", "what was said of another prompt"
    wide = spec.model_copy(update={"width": 176, "height": 96})
    found = page.perform(lambda scene, data: create.restored(scene, wide, create_settings.Fields(*controls), page.fields[0]), Screen(view, screen.seen))
    shape = found[next(one for one in page.fields if getattr(one, "elem_id", "") == "shape")]
    assert (shape.value, [name for _, name in shape.choices]) == ("176 × 96", ["Square", "Portrait", "176 × 96"])


def test_while_somebody_is_trained_the_tab_says_how_far_it_is(page: Page, studio: Studio) -> None:
    made = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True))
    view = View.of({"persona": made.slug, "tab": "create"})
    board = page.regions["create-who"].board
    assert "not trained yet" in look(page, Screen(view))[board]
    run = queue.submit(studio.db, TrainSpec(persona=made.slug), title="Train", persona=made.slug)
    queue.claim(studio.db, kinds={"train"}, pid=1, pid_started=0.0)
    queue.record(studio.db, run, Progress(step=30, total=160))
    told = look(page, Screen(view))[board]
    assert "Anna is being trained, 30 of 160 steps, " in told and "not trained" not in told


def options(page: Page, view: View) -> list[str]:
    drawn = look(page, Screen(view))[page.regions["create-who"].board]
    return re.findall(r"<option[^>]*>([^<]*)</option>", drawn)


def test_each_checkpoint_is_listed_once_and_says_what_it_is(page: Page, studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    early, late = choice.checkpoint, choice.checkpoint.replace("50", "60")
    studio.workspace.absolute(late).write_bytes(b"weights")
    queue.finish(studio.db, int(early.split("/")[1]), JobStatus.DONE)
    view = View.of({"persona": "anna", "tab": "create"})
    alone = "The base alone, without the persona"
    assert options(page, view) == ["Step 60 at strength 1 (in use)", alone, "Step 50"]
    arms = (Arm(name="base"), Arm(name="early", checkpoint=early, adapter_scale=0.8), Arm(name="late", checkpoint=late))
    spec = CompareSpec(persona="anna", arms=arms, prompts=("{who}",), seeds=(1,))
    job = queue.submit(studio.db, spec, title="Compare", persona="anna")
    queue.finish(studio.db, job, JobStatus.DONE, result='{"sentence": "s", "recommended": "early"}')
    assert options(page, view)[1:] == [alone, "Step 50 (recommended at 0.8)"]
    assert look(page, Screen(view.at(checkpoint=early)))[slider(page)] == 0.8, "the recommended strength comes with it"
    personas.choose(studio, "anna", choice)
    assert options(page, view) == ["Step 50 at strength 0.8 (in use, recommended)", alone, "Step 60"]
    queue.submit(studio.db, TrainSpec(persona="anna"), title="Train", persona="anna")
    assert all("Training" in option for option in options(page, view) if option != alone), "two trainings are told apart"
    assert "selected" not in look(page, Screen(view.at(checkpoint=early)))[page.regions["create-who"].board].split(alone)[1]


def test_the_checkpoints_of_a_training_say_which_is_in_use_and_which_is_recommended(studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    early, late = choice.checkpoint, choice.checkpoint.replace("50", "60")
    studio.workspace.absolute(late).write_bytes(b"weights")
    queue.finish(studio.db, int(early.split("/")[1]), JobStatus.DONE)
    run = queue.get(studio.db, int(early.split("/")[1]))

    def told() -> list[str]:
        drawn = str(training_run.checkpoints(scene(studio, View(persona="anna", tab="train")), run))
        rows = drawn.split('class="row"')[1:]
        return [re.sub(r"<[^>]*>|>", " ", row).split("Download")[0] for row in rows]

    assert ["in use at strength 1" in row for row in told()] == [True, False], "the newest one, until one is chosen"
    arms = (Arm(name="base"), Arm(name="early", checkpoint=early, adapter_scale=0.8), Arm(name="late", checkpoint=late))
    spec = CompareSpec(persona="anna", arms=arms, prompts=("{who}",), seeds=(1,))
    job = queue.submit(studio.db, spec, title="Compare", persona="anna")
    queue.finish(studio.db, job, JobStatus.DONE, result='{"sentence": "s", "recommended": "early"}')
    assert ["recommended at strength 0.8" in row for row in told()] == [False, True]
    look = queue.submit(studio.db, spec.model_copy(update={"arms": (arms[0], arms[2])}), title="Quick look", persona="anna")
    queue.finish(studio.db, look, JobStatus.DONE, result='{"sentence": "s", "recommended": "late"}')
    assert ["recommended" in row for row in told()] == [False, True], "one checkpoint alone is no advice"
    assert ["Use this" in row for row in told()] == [False, True]
    personas.choose(studio, "anna", choice)
    assert ["in use at strength 0.8" in row for row in told()] == [False, True]


def test_a_strength_set_by_hand_survives_a_reload_and_belongs_to_its_checkpoint(page: Page, studio: Studio) -> None:
    choice = trained(studio, "Anna", "annvok")
    late = choice.checkpoint.replace("50", "60")
    studio.workspace.absolute(late).write_bytes(b"weights")
    personas.choose(studio, "anna", choice)
    view = View.of({"persona": "anna", "tab": "create", "checkpoint": late})
    look(page, screen := Screen(view))
    moved = page.perform(lambda scene, data: create.keep_strength(scene, 0.55), screen)
    assert slider(page) not in moved, "the hand that moves it is left alone"
    reloaded = View.of(json.loads(screen.view.query()))
    assert look(page, Screen(reloaded))[slider(page)] == 0.55
    assert look(page, Screen(reloaded.at(checkpoint="")))[slider(page)] == 0.8, "another checkpoint has its own"
    for forged in ("9", "nan", "-1", "<b>", "1e9"):
        assert look(page, Screen(view.at(strength=f"{forged}@{late}")))[slider(page)] == 1.0


def test_a_missing_trigger_word_comes_with_the_button_that_adds_it(page: Page, studio: Studio) -> None:
    personas.choose(studio, "anna", trained(studio, "Anna", "annvok"))
    controls, says = create_settings.Fields(*page.fields[1:11]), page.fields[0]
    now = scene(studio, View(persona="anna", tab="create"))

    def told(prompt: str) -> str:
        values = (prompt, "", 0.8, "Square", 4, 0, False, 12, 4.0, "default")
        return str(create.look(now, controls, says, values).fields[says])

    bare = told("a woman with a violin")
    assert "does not know: violin." in bare and "does not contain “annvok”" in bare
    assert 'data-front="annvok"' in bare and 'data-into="prompt"' in bare and ">Add annvok</button>" in bare
    assert "<button" not in told("annvok with a violin") and "violin" in told("annvok with a violin")
    assert told("annvok on a beach") == told("") == ""
