"""Recipes survive their JSON, and newer minor versions are read as far as they are known."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.errors import BadInput, Unsupported
from studio.provenance.recipe import LONGEST, AdapterUsed, BaseUsed, Batch, Recipe, recipe_from_json

words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=80)
sha = st.text("0123456789abcdef", min_size=64, max_size=64)
real = st.floats(0, 30, allow_nan=False)
adapters = st.builds(
    AdapterUsed,
    name=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=40),
    adapter_scale=st.floats(0, 2),
    sha256=st.none() | sha,
    body_sha256=st.none() | sha,
)
recipes = st.builds(
    Recipe,
    studio=st.just("0.1.0"),
    persona=st.none() | st.just("mila"),
    prompt=words,
    negative_prompt=words,
    seed=st.integers(0, 2**32 - 1),
    num_inference_steps=st.integers(1, 200),
    guidance_scale=real,
    scheduler=st.sampled_from(["default", "DDIMScheduler", "EulerDiscreteScheduler"]),
    width=st.integers(32, 4096),
    height=st.integers(32, 4096),
    base=st.builds(BaseUsed, name=st.just("embedded"), sha256=st.none() | sha),
    adapter=st.none() | adapters,
    batch=st.builds(
        Batch, index=st.integers(0, 63), size=st.integers(1, 64), first_seed=st.integers(0, 2**32 - 1)
    ),
)


@given(recipes)
@settings(max_examples=60, deadline=None)
def test_json_round_trip(recipe: Recipe) -> None:
    assert recipe_from_json(recipe.to_json()) == recipe


@given(recipes)
@settings(max_examples=20, deadline=None)
def test_newer_minor_version_is_read_without_what_is_unknown(recipe: Recipe) -> None:
    found = json.loads(recipe.to_json())
    found |= {"version": "1.7", "mood": "calm"}
    found["base"]["colour"] = "red"
    read = recipe_from_json(json.dumps(found))
    assert read == recipe.model_copy(update={"version": "1.7"})


def plain() -> dict[str, object]:
    recipe = Recipe(
        studio="0.1.0",
        prompt="a",
        seed=1,
        num_inference_steps=4,
        guidance_scale=4.0,
        width=64,
        height=64,
        base=BaseUsed(name="embedded"),
    )
    found: dict[str, object] = json.loads(recipe.to_json())
    return found


def test_another_major_version_is_refused_with_a_sentence() -> None:
    with pytest.raises(Unsupported, match="version 2.0"):
        recipe_from_json(json.dumps(plain() | {"version": "2.0"}))


def test_an_unknown_field_of_the_same_version_is_damage() -> None:
    with pytest.raises(BadInput, match="mood"):
        recipe_from_json(json.dumps(plain() | {"mood": "calm"}))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"version": 1}', '{"version": "1.0"}', "[" * 100_000, "x" * (LONGEST + 1)]
)
def test_what_is_no_recipe_is_said_so(text: str) -> None:
    with pytest.raises(BadInput):
        recipe_from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", -1), ("seed", 2**70), ("width", 0), ("guidance_scale", "NaN"), ("base", {"name": ""})],
)
def test_values_out_of_bounds_are_named(field: str, value: object) -> None:
    with pytest.raises(BadInput, match=field.split("_")[0]):
        recipe_from_json(json.dumps(plain() | {field: value}))
