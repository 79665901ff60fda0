"""The parameters text: ours is read by ours, by the web UI's rules and by Civitai's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.errors import BadInput
from studio.provenance.infotext import (
    SAMPLERS,
    Lora,
    infotext,
    read_infotext,
    recipe_from_infotext,
    safe_lora_name,
    shown_prompt,
)
from studio.provenance.recipe import AdapterUsed, BaseUsed, Batch, Recipe
from tests.provenance.test_recipe import recipes

FOREIGN = (
    "masterpiece, (portrait:1.2) of mila <lora:mila_v1:0.8:0.6> <lora:film:te=0.1:unet=0.4>\n"
    "second line, [cat|dog]\n"
    "Negative prompt: blurry,\n"
    "bad hands\n"
    "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234, Size: 512x768, "
    'Model hash: 45dee52b10, Model: realistic, Lora hashes: "mila_v1: aabbccddeeff, film: 001122334455", '
    "Version: v1.10.1"
)


def example(**changes: object) -> Recipe:
    found: dict[str, object] = {
        "studio": "0.1.0",
        "prompt": "mila, skiing",
        "seed": 7,
        "num_inference_steps": 20,
        "guidance_scale": 4.5,
        "scheduler": "DDIMScheduler",
        "width": 128,
        "height": 160,
        "base": BaseUsed(name="embedded", sha256="ab" * 32),
    }
    return Recipe.model_validate(found | changes)


@given(recipes)
@settings(max_examples=200, deadline=None)
def test_every_recipe_comes_back(recipe: Recipe) -> None:
    """Prompts as shown, numbers as written; the exact words travel in the JSON beside it."""
    read = read_infotext(infotext(recipe))
    tagless = re.sub(r"<lora:([^:<>]{1,200}):([^<>]{1,80})>", "", recipe.prompt)
    assert read.prompt == shown_prompt(tagless)
    assert read.negative_prompt == shown_prompt(recipe.negative_prompt)
    assert read.settings["Steps"] == str(recipe.num_inference_steps)
    assert read.settings["Size"] == f"{recipe.width}x{recipe.height}"
    again = recipe_from_infotext(infotext(recipe))
    assert (again.seed, again.width, again.height) == (recipe.seed, recipe.width, recipe.height)
    assert again.scheduler == recipe.scheduler
    assert again.num_inference_steps == recipe.num_inference_steps
    assert again.guidance_scale == pytest.approx(recipe.guidance_scale, rel=1e-5)
    assert again.base.name == recipe.base.name
    if recipe.adapter is not None:
        assert read.loras == (
            Lora(safe_lora_name(recipe.adapter.name), pytest.approx(recipe.adapter.adapter_scale, rel=1e-5)),
        )


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_the_reader_never_fails(text: str) -> None:
    info = read_infotext(text)
    assert len(info.prompt) <= len(text)


def test_a_long_hostile_line_is_read_in_time() -> None:
    for text in ("a: " * 40_000, '"' * 60_000, "a b " * 20_000, 'k: "' + "\\" * 60_000):
        read_infotext(text)


@given(recipes)
@settings(max_examples=100, deadline=None)
def test_civitai_finds_one_settings_line_and_balanced_quotes(recipe: Recipe) -> None:
    """Its reader takes the first line starting with `Steps: `, and toggles at every double quote."""
    text = infotext(recipe)
    lines = text.split("\n")
    assert [index for index, line in enumerate(lines) if line.startswith("Steps: ")] == [len(lines) - 1]
    assert text.count("Negative prompt:") == (1 if shown_prompt(recipe.negative_prompt) else 0)
    for value in re.findall(r'"[^"]*"', lines[-1]):
        assert "\\" not in value
    assert lines[-1].count('"') % 2 == 0
    for tag in re.findall(r"<lora:[^>]*>", lines[0] if recipe.adapter is None else text):
        if recipe.adapter is not None and safe_lora_name(recipe.adapter.name) in tag:
            assert re.fullmatch(r"<lora:[a-zA-Z0-9_.-]+:[0-9.e-]+>", tag)


def test_the_text_itself() -> None:
    adapter = AdapterUsed(name="mila 300.safetensors", adapter_scale=0.8, body_sha256="cd" * 32)
    text = infotext(
        example(
            negative_prompt="blurry",
            adapter=adapter,
            persona="mila",
            batch=Batch(index=1, size=4, first_seed=6),
        )
    )
    assert text == (
        "mila, skiing <lora:mila_300:0.8>\n"
        "Negative prompt: blurry\n"
        "Steps: 20, Sampler: DDIM, CFG scale: 4.5, Seed: 7, Size: 128x160, Model hash: ababababab, "
        'Model: embedded, Batch size: 4, Batch pos: 1, RNG: CPU, Lora hashes: "mila_300: cdcdcdcdcdcd", '
        "Persona: mila, Version: Persona Studio 0.1.0"
    )


def test_a_foreign_text_is_understood() -> None:
    info = read_infotext(FOREIGN)
    assert info.prompt == "masterpiece, (portrait:1.2) of mila\nsecond line, [cat|dog]"
    assert info.negative_prompt == "blurry,\nbad hands"
    assert info.loras == (Lora("mila_v1", 0.6), Lora("film", 0.4))
    assert info.settings["Lora hashes"] == "mila_v1: aabbccddeeff, film: 001122334455"
    recipe = recipe_from_infotext(FOREIGN)
    assert recipe.scheduler == "DPMSolverMultistepScheduler"
    assert (recipe.seed, recipe.width, recipe.height, recipe.num_inference_steps) == (1234, 512, 768, 20)
    assert recipe.base.name == "realistic"


def test_without_settings_there_is_only_a_prompt() -> None:
    assert read_infotext("a castle, Steps: 3").prompt == "a castle, Steps: 3"
    with pytest.raises(BadInput):
        recipe_from_infotext("a castle")


def test_wild_numbers_are_brought_into_bounds() -> None:
    recipe = recipe_from_infotext(
        "x\nSteps: 999999999, CFG scale: nan, Seed: -5, Size: 0x9999999, Batch size: 0"
    )
    assert (recipe.num_inference_steps, recipe.guidance_scale, recipe.seed) == (100_000, 7.0, 0)
    assert (recipe.width, recipe.height, recipe.batch.size) == (1, 1_000_000, 1)


def test_sampler_names_are_one_to_one() -> None:
    assert len(set(SAMPLERS.values())) == len(SAMPLERS)
