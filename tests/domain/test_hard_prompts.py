"""The suite of hard prompts: large and varied, every word of the tables in it claimed, unknown words named."""

from collections import Counter

import pytest

from studio.domain import vocabulary
from studio.domain.claims import WHO, Atom, atoms, lexicon, meanings, words
from studio.domain.hard_prompts import KINDS, HardPrompt, hard_prompts, some

SUITE = hard_prompts()
FOUNDING = (
    "a unicorn flying over a rainbow", "ten apples", "a red sphere to the left of a blue block", "a cat wearing glasses"
)  # fmt: skip
CLAIMED = {
    "place", "light", "hair style", "pattern", "material", "skin", "age", "garment", "hat", "worn", "thing", "creature",
    "count",
}  # fmt: skip
"""Kinds of words that always become the value (or, for what is worn, the name) of one atom."""


def test_three_hundred_prompts_of_eight_kinds():
    assert len(SUITE) >= 300
    assert len({prompt.text for prompt in SUITE}) == len(SUITE)
    counts = Counter(prompt.kind for prompt in SUITE)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 20


def test_the_suite_is_always_the_same():
    assert hard_prompts() == SUITE


@pytest.mark.parametrize("text", FOUNDING)
def test_the_founding_documents_examples_are_among_them(text):
    assert text in {prompt.text for prompt in SUITE}


def test_counts_reach_from_one_to_ten():
    counted = {atom.value for prompt in SUITE if prompt.kind == "counts" for atom in prompt.meanings[0]}
    assert {str(number) for number in range(1, 11)} <= counted


@pytest.mark.parametrize("prompt", SUITE, ids=lambda prompt: prompt.text)
def test_every_word_of_the_tables_is_claimed(prompt: HardPrompt):
    """Round trip: whatever the words of a prompt can stand for stands in the atoms of each of its readings."""
    for reading in prompt.readings or (prompt.text,):
        said = Counter(word.value for word in words(reading) if word.kind in CLAIMED)
        colours = Counter(word.value for word in words(reading) if word.kind == "colour")
        for found in meanings(reading):
            assert found and len(set(found)) == len(found)
            claimed = Counter(atom.attribute if atom.value == "yes" else atom.value for atom in found)
            assert said <= claimed, (reading, said - claimed)
            assert colours <= Counter(
                atom.value for atom in found if atom.attribute.endswith("colour") or atom.attribute == "eyes"
            )


def test_what_the_founding_examples_claim():
    assert set(atoms("ten apples")) == {Atom("things", "10"), Atom("shape", "apple", "thing")}
    assert set(atoms("a red sphere to the left of a blue block")) == {
        Atom("shape", "ball", "left"), Atom("colour", "red", "left"),
        Atom("shape", "cube", "right"), Atom("colour", "blue", "right"),
    }  # fmt: skip
    assert set(atoms("a cat wearing glasses")) == {Atom("cat", "yes"), Atom("glasses", "yes", "cat")}
    assert {Atom("kind", "unicorn", "upper"), Atom("kind", "rainbow", "lower")} < set(atoms(FOUNDING[0]))


def test_sides_follow_the_relation_not_the_order_of_words():
    left = atoms("a red ball to the left of a blue cube")
    assert set(atoms("a blue cube to the right of a red ball")) == set(left)
    assert set(atoms("a blue cup under a red book")) == set(atoms("a red book on top of a blue cup"))


def test_what_is_worn_belongs_to_who_was_named_last():
    text = f"{WHO} wearing a beanie to the left of a man with grey hair wearing a blue shirt and a red cap"
    assert set(atoms(text)) == {
        Atom("person", "yes"), Atom("people", "2"), Atom("hat", "beanie", "left"), Atom("gender", "man", "right"),
        Atom("hair colour", "grey", "right"), Atom("garment", "shirt", "right"),
        Atom("garment colour", "blue", "right"), Atom("hat", "cap", "right"), Atom("hat colour", "red", "right"),
    }  # fmt: skip


def test_two_of_whom_nothing_says_who_is_left_have_two_readings():
    first, second = meanings("a woman and a man with red hair")
    assert {Atom("gender", "woman", "left"), Atom("hair colour", "red", "right")} < set(first)
    assert {Atom("gender", "woman", "right"), Atom("hair colour", "red", "left")} < set(second)
    assert set(atoms("a woman and a man with red hair")) == {Atom("person", "yes"), Atom("people", "2")}
    assert len(meanings("a red ball next to a blue cube")) == 2
    assert len(meanings("a woman behind a table with two red cups")) == 1


def test_plurals_and_company_say_how_many_are_there():
    first, second = meanings("two older women in a café wearing red sweaters")
    common = {Atom("person", "yes"), Atom("people", "2"), Atom("place", "café")}
    alike = {"gender": "woman", "age": "older", "garment": "sweater", "garment colour": "red"}
    assert set(first) == set(second) == common | {Atom(*one, side) for side in ("left", "right") for one in alike.items()}
    for text in ("a couple on a beach", "two friends on a beach", "two people on a beach wearing sunglasses"):
        assert set(atoms(text)) == {Atom("person", "yes"), Atom("people", "2"), Atom("place", "beach")}, text
    assert set(atoms("two people: a woman and a man")) == {Atom("person", "yes"), Atom("people", "2")}
    assert set(atoms("five men")) == {Atom("person", "yes"), Atom("people", "5")}
    assert Atom("things", "2") in atoms("a couple of red apples")


@pytest.mark.parametrize(
    "text", [f"{WHO} with two friends", "a woman, a man and two friends", "two women and their two friends", "a couple and their two friends",
             "two older friends and a man", "older women and a man", "women"],
)  # fmt: skip
def test_of_company_beside_others_nobody_knows_how_many_there_are(text):
    assert all(set(found) == {Atom("person", "yes")} for found in meanings(text))


def test_company_that_is_denied_is_not_asked_for():
    for text in ("a beach without a couple", "on a beach, no friends", "on a beach without two women"):
        assert "people" not in {atom.attribute for atom in atoms(text)}, text
    assert Atom("people", "2") in atoms("two people on a beach, no friends")


def test_of_several_told_apart_nothing_is_claimed_but_what_all_share():
    for found in meanings("two women, one with red hair and one with black hair"):
        assert {atom.attribute for atom in found} == {"person", "people", "gender"}


def test_ambiguous_prompts_have_readings_that_differ():
    ambiguous = [prompt for prompt in SUITE if prompt.kind == "ambiguous"]
    for prompt in ambiguous:
        assert len(set(map(frozenset, prompt.meanings))) >= len(prompt.readings) >= 2, prompt.text
    assert all(not prompt.readings for prompt in SUITE if prompt.kind != "ambiguous")


def test_the_same_prompt_serves_any_person():
    prompt = HardPrompt("unusual", f"{WHO} skiing, wearing a sun hat")
    assert prompt.said("zia woman") == "zia woman skiing, wearing a sun hat"
    assert sum(WHO in prompt.text for prompt in SUITE) > 80


def test_words_a_base_was_never_shown_are_named_and_the_trigger_is_not():
    prompt = HardPrompt("unusual", f"{WHO} on a unicorn in a café")
    assert [one.word for one in prompt.unknown({"café"}, "zia woman")] == ["unicorn"]
    assert prompt.unknown(None, "zia") == ()


def test_all_words_of_the_suite_are_of_this_world():
    spoken = {word for phrase in lexicon() for word in vocabulary.words_of(phrase)}
    allowed = spoken | {"table", "flying", "ski", "close", "up", "wearing", "goggles", "photo", "a", "close-up"}
    unknown = {one.word for prompt in SUITE for one in prompt.unknown(allowed, "")}
    assert unknown == set()


def test_a_quick_look_takes_some_of_every_kind():
    few = some(SUITE, (), 40)
    assert len(few) == len(set(few)) == 40
    assert {prompt.kind for prompt in few} == set(KINDS)
    assert {prompt.kind for prompt in some(SUITE, ("long",), None)} == {"long"}
    assert some(SUITE, (), 10_000) == SUITE
