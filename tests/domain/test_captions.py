import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from studio.domain.captions import (
    LONGEST,
    BulkEdit,
    apply_edit,
    around_change,
    clean_caption,
    counted,
    has_word,
    with_trigger,
)
from studio.domain.errors import BadInput


@pytest.mark.parametrize(
    ("action", "text", "replacement", "before", "after"),
    [
        ("prepend", "mila", "", "in a park", "mila, in a park"),
        ("prepend", "mila", "", "", "mila"),
        ("prepend", "mila", "", "Mila in a park", "Mila in a park"),
        ("prepend", "mila", "", "milano", "mila, milano"),
        ("append", "smiling", "", "mila", "mila, smiling"),
        ("append", "smiling", "", "", "smiling"),
        ("replace", "park", "garden", "mila in a Park, park", "mila in a garden, garden"),
        ("replace", "park", "garden", "parking", "parking"),
        ("replace", "a.b", "c", "a.b axb", "c axb"),
        ("replace", "x", r"\1\g<0>", "x", r"\1\g<0>"),
        ("remove", "long hair", "", "mila, long hair, in a park", "mila, in a park"),
        ("remove", "mila", "", "mila, in a park", "in a park"),
        ("remove", "!!", "", "mila!! yes", "mila yes"),
        ("remove", "gone", "", "a ,, b", "a ,, b"),
        ("remove", "Café", "", "im café", "im"),
    ],
)
def test_bulk_edits(action: str, text: str, replacement: str, before: str, after: str) -> None:
    assert apply_edit(BulkEdit(action=action, text=text, replacement=replacement), before) == after


def test_an_edit_without_text_is_refused() -> None:
    with pytest.raises(ValidationError):
        BulkEdit(action="append", text="")
    with pytest.raises(BadInput, match="no text"):
        apply_edit(BulkEdit(action="append", text=" \u200b "), "mila")


@given(
    st.text(max_size=300), st.sampled_from(["prepend", "append", "remove"]), st.text("ab ,<>&;", min_size=1)
)
def test_captions_stay_plain_and_adding_twice_is_adding_once(caption: str, action: str, text: str) -> None:
    clean = clean_caption(caption).text
    assert clean_caption(clean).text == clean or "<" in clean
    try:
        once = apply_edit(BulkEdit(action=action, text=text), clean)
    except BadInput:
        return
    assert len(once) <= LONGEST
    assert once.isprintable()


@pytest.mark.parametrize(
    ("before", "after", "around"),
    [
        ("a b c d e f", "x a b c d e f", "x a b"),
        ("a b c d e f", "a b c d e f x", "e f x"),
        ("a b c d e f", "a b x d e f", "a b x d e"),
        ("a b c d e f", "a b e f", "a b e f"),
        ("a a a", "a a", "a a"),
        ("", "x", "x"),
        ("a b", "", ""),
    ],
)
def test_what_is_around_a_change(before: str, after: str, around: str) -> None:
    assert around_change(before, after, words=2) == around


@pytest.mark.parametrize(
    ("caption", "word", "there"),
    [
        ("mila", "mila", True),
        ("Mila!", "mila", True),
        ("xmila", "mila", False),
        ("mila2", "mila", False),
        ("", "", False),
    ],
)
def test_words_are_matched_whole(caption: str, word: str, there: bool) -> None:
    assert has_word(caption, word) is there


def test_the_trigger_takes_the_place_of_the_article() -> None:
    edit = with_trigger("mila", ["a woman on a beach", "a photo of a woman"])
    assert [apply_edit(edit, caption) for caption in ("a photo of a woman", "A woman skiing")] == [
        "a photo of mila woman", "mila woman skiing",
    ]  # fmt: skip
    assert with_trigger("mila", ["", "skiing", "a woman"]) == with_trigger("mila", []) == BulkEdit(action="prepend", text="mila")


def test_an_edit_says_how_many_captions_it_changes() -> None:
    captions = ["", "a cat", "Mila at home"]
    assert counted(BulkEdit(action="prepend", text="mila"), captions) == "Put “mila” in front of 2 captions"
    assert counted(BulkEdit(action="replace", text="cat", replacement="dog"), captions) == "Replace “cat” by “dog” in 1 caption"
