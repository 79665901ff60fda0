"""A spec's fields become controls and come back as the same spec."""

import gradio as gr
import pytest
from pydantic import ValidationError

from studio.domain.specs import TrainSpec
from studio.ui.forms import form
from studio.ui.tabs.train import GROUPS

NAMES = [name for group in GROUPS.values() for name in group]


@pytest.fixture
def controls():
    with gr.Blocks():
        yield form(TrainSpec, NAMES)


def test_every_setting_of_a_training_has_a_control_with_its_help(controls):
    flat = {name.split(".")[0] for name in NAMES}
    elsewhere = {"kind", "persona", "preset", "resume_from", "description"}  # the last is the persona's
    assert flat == set(TrainSpec.model_fields) - elsewhere
    assert all(control.info for control in controls.inputs)


def test_the_defaults_come_back_as_the_default_spec(controls):
    values = [control.value for control in controls.inputs]
    assert TrainSpec.model_validate(controls.read(values) | {"persona": "anna"}) == TrainSpec(persona="anna")


def test_showing_a_spec_and_reading_it_gives_that_spec(controls):
    spec = TrainSpec.model_validate(
        {"persona": "anna", "rank": 5, "lora_alpha": 9, "epochs": 3, "prior": {"count": 7, "weight": 0.25}, "buckets": False,
         "preview_prompts": ["a", "b c"], "optimizer": "muon"}
    )  # fmt: skip
    shown = controls.show(spec)
    read = controls.read([shown[control] for control in controls.inputs])
    assert TrainSpec.model_validate(read | {"persona": "anna"}) == spec


def test_bounds_are_those_of_the_spec(controls):
    assert (controls.controls["rank"].minimum, controls.controls["rank"].maximum) == (1, 256)
    values = [control.value for control in controls.inputs]
    values[NAMES.index("rank")] = 0
    with pytest.raises(ValidationError, match="rank"):
        TrainSpec.model_validate(controls.read(values) | {"persona": "anna"})
