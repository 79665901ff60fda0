"""Triggers are found as words, others take her place, and what is cut is said."""

import pytest

from studio.domain.prompts import (
    cut_sentence,
    in_full,
    in_short,
    mentions,
    preview_prompts,
    prior_prompts,
    replace_trigger,
    ways_to_say,
)


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("zia on a beach", True),
        ("a portrait of Zia, smiling", True),
        ("zia's dog", True),
        ("brazia nut", False),
        ("ziana", False),
        ("", False),
    ],
)
def test_mentions(prompt: str, found: bool) -> None:
    assert mentions(prompt, "zia") is found
    assert not mentions(prompt, "")


def test_a_trigger_of_two_words_and_of_signs() -> None:
    assert mentions("an  ohwx   woman", "ohwx woman") and not mentions("ohwx", "ohwx woman")
    assert mentions("a [v] here", "[v]")


def test_others_take_her_place() -> None:
    assert replace_trigger("zia woman on a beach", "zia", "a man") == "a man on a beach"
    assert replace_trigger("a photo of Zia", "zia", r"\1 odd") == r"a photo of \1 odd"


def test_prior_prompts_show_others_in_her_places() -> None:
    captions = ["zia woman on a beach", "a portrait of zia in a forest", "a table"]
    found = prior_prompts(captions, "zia", 30, seed=1)
    assert len(found) == 30 and found == prior_prompts(captions[::-1], "zia", 30, seed=1)
    assert not any(mentions(prompt, "zia") for prompt in found)
    assert any("beach" in prompt for prompt in found) and any(", a table" in prompt for prompt in found)
    assert len(set(found)) > 10


def test_a_caption_is_also_said_with_the_trigger_alone() -> None:
    assert ways_to_say("a photo of zia woman, smiling", "zia") == (
        "a photo of zia woman, smiling", "a photo of zia, smiling",
    )  # fmt: skip
    assert ways_to_say("zia skiing", "zia") == ("zia skiing",)
    assert ways_to_say("a womanly zia", "zia") == ("a womanly zia",)


def test_previews_hold_the_trigger() -> None:
    assert all(mentions(prompt, "zyx") for prompt in preview_prompts("zyx"))


def test_what_is_cut_is_named() -> None:
    prompt = "one two three four"
    spans = [(0, 3), (4, 7), (8, 13), (14, 18)]
    assert cut_sentence(prompt, spans, 4) is None
    sentence = cut_sentence(prompt, spans, 2)
    assert sentence is not None and "“three four”" in sentence and "4 tokens, 2 fit" in sentence
    long = cut_sentence("a " * 400, [(2 * index, 2 * index + 1) for index in range(400)], 10)
    assert long is not None and len(long) < 250 and "…" in long


def test_her_description_stands_beside_her_trigger_once():
    words = "a tall woman with red hair."
    said = in_full("a photo of Zia woman skiing", "zia", words)
    assert said == "a photo of zia tall woman with red hair skiing"
    assert in_full(said, "zia", words) == said
    assert in_full("zia skiing", "zia", " ") == "zia skiing"
    assert in_full("a woman skiing", "zia", words) == "a woman skiing"
    bare = in_full("a photo of Zia woman skiing", "zia", "red hair, green eyes")
    assert bare == "a photo of Zia woman, red hair, green eyes, skiing"
    assert in_full(bare, "zia", "red hair, green eyes") == bare
    assert in_full("zia", "zia", "red hair") == "zia, red hair"


@pytest.mark.parametrize(
    ("typed", "description"),
    [("a photo of zia skiing", "a tall woman with red hair."), ("zia woman skiing", "red hair, green eyes"), ("zia", "red hair"),
     ("zia skiing", " "), ("a woman skiing", "red hair"), ("zia on a beach, red hair", "red hair"), ("zia, with red hair", "red hair")],
)  # fmt: skip
def test_what_was_typed_comes_back_from_the_prompt_in_full(typed: str, description: str) -> None:
    assert in_short(in_full(typed, "zia", description), "zia", description) == typed
