"""The policy gate: what must be refused is, what must pass does, and disguises do not help."""

import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.errors import BadInput, Refused
from studio.domain.policy import (
    Purpose,
    Where,
    check_charter,
    check_generation,
    check_persona,
    check_text,
    check_training,
    findings,
)
from studio.domain.policy_text import LONGEST, normalise
from studio.domain.records import Charter, Consent

TODAY = date(2026, 11, 21)


@cache
def prompts(name: str) -> list[str]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [
        re.sub(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})", lambda code: chr(int(code[1] or code[2], 16)), line)
        for line in lines
        if line and not line.startswith("#")
    ]


def charter(kind: Literal["fictional", "self", "consenting"] = "fictional", **changes: object) -> Charter:
    return Charter.model_validate({"kind": kind, "confirmed_adult": True} | changes)


def consent(**changes: object) -> Consent:
    found: dict[str, object] = {
        "person": "Jenny Miller",
        "scope": ("train", "generate"),
        "evidence_sha256": "a" * 64,
    }
    return Consent.model_validate(found | changes)


def test_the_lists_are_long_enough() -> None:
    for name in ("policy_refuse.txt", "policy_pass.txt"):
        assert len(set(prompts(name))) == len(prompts(name)) >= 500


@pytest.mark.parametrize("prompt", prompts("policy_refuse.txt"))
def test_must_be_refused(prompt: str) -> None:
    with pytest.raises(Refused) as caught:
        check_text(prompt, where="prompt")
    assert caught.value.message.startswith("The prompt ")
    assert caught.value.hint


@pytest.mark.parametrize("prompt", prompts("policy_pass.txt"))
def test_must_pass(prompt: str) -> None:
    assert findings(prompt, where="prompt") == ()


def test_years_of_birth_are_counted_from_today() -> None:
    year = date.today().year
    for born in (year - 17, year - 10, year):
        assert [row.rule for row in findings(f"a person born in {born}", where="prompt")] == ["minor"]
        assert findings(f"geboren am 3. Mai {born}", where="caption")
    for born in (year - 19, year - 40):
        assert findings(f"a person born in {born}", where="prompt") == ()


@pytest.mark.parametrize(
    ("refused", "passes"),
    [
        ("a sixth grade pupil", "a sixth grade teacher, 44"),
        ("ein zwölfjähriges Mädchen", "ein zwölfjähriger Whisky"),
        ("девочка, ей десять лет", "женщина сорока пяти лет"),
        ("ein blonder Junge am See", "ein junger Mann am See"),
        ("она снимает платье", "она снимает пальто"),
        ("si toglie la camicia", "si toglie il cappello"),
        ("completely bare, on the sofa", "the walls are completely bare in here"),
        ("President Macron on a bench", "the president of a chess club on a bench"),
        ("Adele singing", "Adele baking bread"),
        ("King Charles in a garden", "a King Charles spaniel in a garden"),
        ("spacer Donalda Tuska", "a trump card"),
    ],
)
def test_neighbours_decide(refused: str, passes: str) -> None:
    assert findings(refused, where="prompt")
    assert findings(passes, where="prompt") == ()


def test_a_title_does_not_open_another_persons_name() -> None:
    agreed = charter("consenting", consent=consent(person="Emmanuel Macron"))
    check_text("President Macron on a bench", where="prompt", charter=agreed)
    with pytest.raises(Refused):
        check_text("President Biden on a bench", where="prompt", charter=agreed)


TWINS = str.maketrans("aeopcyxis", "аеорсухіѕ")


@cache
def latin_refusals() -> list[str]:
    return [prompt for prompt in prompts("policy_refuse.txt") if prompt.isascii()]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_hidden_characters_and_twins_do_not_help(data: st.DataObject) -> None:
    """A refused prompt stays refused with invisible characters or Cyrillic twins put in at will."""
    prompt = data.draw(st.sampled_from(latin_refusals()))
    disguised = "".join(
        (letter.translate(TWINS) if data.draw(st.booleans()) else letter)
        + data.draw(st.sampled_from(["", "", "\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u0301"]))
        for letter in prompt
    )
    assert findings(disguised, where="prompt"), disguised


@given(st.sampled_from(latin_refusals()), st.sampled_from(["upper", "wide", "bold", "accents"]))
@settings(max_examples=150, deadline=None)
def test_letter_styles_do_not_help(prompt: str, style: str) -> None:
    def styled(letter: str) -> str:
        if not letter.isalnum():
            return letter
        if style == "wide":
            return chr(ord(letter) + 0xFEE0)
        if style == "bold" and letter.isalpha():
            return chr((0x1D41A if letter.islower() else 0x1D400) + ord(letter.lower()) - ord("a"))
        return letter + "\u0308" if style == "accents" and letter.isalpha() else letter

    disguised = prompt.upper() if style == "upper" else "".join(map(styled, prompt))
    assert findings(disguised, where="prompt"), disguised


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_normalise_is_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=300), st.sampled_from(["prompt", "negative prompt", "name", "caption"]))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged_without_failing(text: str, where: Where) -> None:
    for finding in findings(text, where=where):
        assert finding.words or finding.rule


def test_the_words_that_caused_it_are_shown_as_written() -> None:
    found = findings("A lovely N4ked woman, with Taylor Swift", where="prompt")
    assert [(row.rule, row.words) for row in found] == [("sexual", "N4ked"), ("person", "Taylor Swift")]
    found = findings("a nude 12 year old", where="prompt")
    assert found[0].rule == "minor and sexual"
    assert "nude" in found[0].words


def test_a_long_prompt_is_judged_quickly_and_a_longer_one_not_at_all() -> None:
    import time

    start = time.perf_counter()
    check_text("a woman walking with a dog, " * 140, where="prompt")
    for hostile in (
        "a " * 9000,
        "(" * 9000,
        "remove " * 2500,
        "looks like " * 1700,
        "with her " * 2000,
        "9" * 9000,
    ):
        findings(hostile, where="prompt")
    assert time.perf_counter() - start < 20
    with pytest.raises(BadInput):
        check_text("a" * (LONGEST + 1), where="prompt")


NEGATIVE_FINE = [
    "",
    "nsfw, nude, naked, child, loli, teen, porn",
    "nudity, underage, children, bad hands, extra fingers",
    "blurry, lowres, watermark, deformed",
    "adult content, topless, sexual",
    "old clothes, wrinkles",
    "clothes line, power lines",
]
NEGATIVE_REFUSED = [
    "naked little girl",
    "clothes",
    "blurry, clothing, watermark",
    "c l o t h e s",
    "fully clothed, blurry",
    "adult, old",
    "adult woman",
    "censored, sfw",
    "Taylor Swift",
]


@pytest.mark.parametrize("text", NEGATIVE_FINE)
def test_a_negative_prompt_may_name_what_is_unwanted(text: str) -> None:
    check_generation("mila in the snow", text, charter(), TODAY)


@pytest.mark.parametrize("text", NEGATIVE_REFUSED)
def test_a_negative_prompt_may_not_push_the_other_way(text: str) -> None:
    with pytest.raises(Refused, match="negative prompt"):
        check_generation("mila in the snow", text, charter(), TODAY)


def test_below_a_guidance_of_one_the_negative_prompt_is_a_prompt() -> None:
    check_generation("mila", "nude", charter(), TODAY, guidance_scale=4.0)
    with pytest.raises(Refused):
        check_generation("mila", "nude", charter(), TODAY, guidance_scale=0.5)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("trigger", "nakedmila"),
        ("trigger", "nudegirl"),
        ("trigger", "loli"),
        ("name", "Taylor Swift"),
        ("name", "Schoolgirl Mila"),
        ("name", "porn4you"),
        ("caption", "mila, naked, beach"),
        ("caption", "a mother with her child"),
        ("description", "a teenager with braces"),
    ],
)
def test_other_texts_are_judged_too(where: Where, text: str) -> None:
    with pytest.raises(Refused, match=where):
        check_text(text, where=where)


@pytest.mark.parametrize(
    "text", ["mila", "ohwx", "Anna Lindqvist", "Paris", "sks person", "Nina", "Rose Baker", "teena"]
)
def test_ordinary_names_and_triggers_pass(text: str) -> None:
    for where in ("trigger", "name"):
        check_text(text, where=where)  # type: ignore[arg-type]


def test_consent_opens_only_that_persons_name() -> None:
    agreed = charter("consenting", consent=consent())
    check_text("looks exactly like Jenny Miller", where="prompt", charter=agreed)
    famous = charter("consenting", consent=consent(person="Taylor Swift"))
    check_text("Taylor Swift skiing", where="prompt", charter=famous)
    for prompt in ("Emma Watson skiing", "looks exactly like Anna Schmidt", "naked Taylor Swift"):
        with pytest.raises(Refused):
            check_text(prompt, where="prompt", charter=famous)
    with pytest.raises(Refused):
        check_text("looks exactly like Jenny Miller", where="prompt", charter=charter())


@pytest.mark.parametrize(
    ("made", "purpose", "what"),
    [
        (charter("consenting"), "train", "no consent record"),
        (charter("consenting", consent=consent(expires=date(2026, 11, 20))), "train", "ended on 2026-11-20"),
        (charter("consenting", consent=consent()), "publish", "not to publish"),
        (charter("self", consent=consent(scope=("generate",))), "train", "not to train"),
        (charter(revoked_at=datetime(2026, 11, 1, tzinfo=UTC)), "generate", "revoked on 2026-11-01"),
        (Charter(kind="fictional"), "train", "adult"),
    ],
)
def test_a_charter_can_close_the_door(made: Charter, purpose: Purpose, what: str) -> None:
    with pytest.raises(Refused, match=what):
        check_charter(made, TODAY, purpose)


def test_charters_that_hold() -> None:
    for made in (charter(), charter("self"), charter("consenting", consent=consent(expires=TODAY))):
        check_charter(made, TODAY, "train")
        check_generation("mila in the snow", "blurry", made, TODAY)
    check_generation("a woman in the snow", "", None, TODAY)
    check_persona("Mila", "ohwxmila", "a woman with red hair", charter(), TODAY)


def test_training_names_the_picture_whose_caption_is_refused() -> None:
    fine = {"0001.png": "mila at the lake", "0002.png": "mila, red coat"}
    check_training(charter(), TODAY, trigger="mila", captions=fine)
    with pytest.raises(Refused, match="caption of 0003.png"):
        check_training(charter(), TODAY, trigger="mila", captions=fine | {"0003.png": "mila nude"})
    with pytest.raises(Refused, match="prompt"):
        check_training(charter(), TODAY, trigger="mila", captions=fine, prompts=("mila naked",))
    with pytest.raises(Refused, match="revoked"):
        check_training(
            charter(revoked_at=datetime(2026, 1, 1, tzinfo=UTC)), TODAY, trigger="mila", captions=fine
        )
