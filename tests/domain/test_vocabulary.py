"""Words: what a base was taught, and which words of a prompt it was not."""

from pathlib import Path

import pytest

from studio import catalog
from studio.catalog import EMBEDDED, WORDS, find_base
from studio.domain.errors import MissingWeights
from studio.domain.vocabulary import taught_words, unknown_words, words_for_a_person, words_of


def test_words_are_taught_by_captions_that_say_them_often() -> None:
    captions = ["a red apple", "two red, red apples"] * 10 + ["a violin"]
    assert taught_words(captions) == ["a", "apple", "apples", "red", "two"]
    assert taught_words(captions[:2], least=1) == ["a", "apple", "apples", "red", "two"]


def test_only_words_that_say_something_and_were_never_taught_are_named() -> None:
    known = {"skiing", "sweater"}
    assert [found.word for found in unknown_words("She is skiing with a violin and a violin", known)] == ["violin"]
    (found,) = unknown_words("a jumper", known)
    assert found.instead == "sweater"
    (found,) = unknown_words("a jumper", {"skiing"})
    assert found.instead == ""


def test_the_shipped_base_says_what_it_knows_and_others_need_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = find_base(EMBEDDED).words
    assert words is not None
    assert {"skiing", "beanie", "café", "four", "library", "ten", "unicorn"} <= words
    assert not {"violin", "eleven", "dragon"} & words
    lines = (catalog.ASSETS / "base" / WORDS).read_text("utf-8").split()
    assert words == {word for line in lines for word in words_of(line)}
    for part in ("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / part).write_bytes((catalog.ASSETS / "base" / part).read_bytes())
    assert find_base(str(tmp_path)).words is None
    (tmp_path / WORDS).write_text("violin\n", "utf-8")
    assert find_base(str(tmp_path)).words == frozenset({"violin"})
    (tmp_path / WORDS).write_bytes(b"\xff\xfe\xff")
    with pytest.raises(MissingWeights, match="cannot be read"):
        find_base(str(tmp_path))


def test_only_words_that_a_base_knows_are_offered_for_a_person() -> None:
    known = {"woman", "short", "dark", "brown", "glasses"}
    assert words_for_a_person(known) == {
        "Who": ("woman",), "Hair": ("short",), "Hair colour": ("dark brown", "brown"), "Eyes": ("brown",), "And": ("glasses",),
    }  # fmt: skip
