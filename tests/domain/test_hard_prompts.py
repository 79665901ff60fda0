"""The suite of hard prompts: large and varied, every word of the tables in it claimed, unknown words named."""

from collections import Counter

import pytest

from studio.domain import vocabulary
from studio.domain.claims import WHO, Atom, atoms, lexicon, words
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
def test_every_word_of_the_tables_is_claimed_once(prompt: HardPrompt):
    """Round trip: the words that the atoms stand for are the words of the prompt, no more and no fewer."""
    for reading in prompt.readings or (prompt.text,):
        found = atoms(reading)
        assert found, reading
        assert len(set(found)) == len(found)
        said = Counter(word.value for word in words(reading) if word.kind in CLAIMED)
        claimed: Counter[str] = Counter()
        for atom in found:
            if atom.attribute == "kind" or (atom.subject == "" and atom.attribute == "person"):
                continue
            claimed[atom.attribute if atom.value == "yes" else atom.value] += 1
        missing = {value: count for value, count in said.items() if claimed[value] < count}
        assert not missing, (reading, missing)
        colours = Counter(word.value for word in words(reading) if word.kind == "colour")
        assert Counter(
            atom.value for atom in found if atom.attribute.endswith("colour") or atom.attribute == "eyes"
        ) >= colours


def test_what_the_founding_examples_claim():
    assert atoms("ten apples") == (Atom("things", "10"), Atom("shape", "apple", "thing"))
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
    found = atoms(f"{WHO} wearing a beanie and a man with grey hair wearing a blue shirt and a red cap")
    assert set(found) == {
        Atom("person", "yes"), Atom("hat", "beanie"), Atom("gender", "man", "second"),
        Atom("hair colour", "grey", "second"), Atom("garment", "shirt", "second"),
        Atom("garment colour", "blue", "second"), Atom("hat", "cap", "second"), Atom("hat colour", "red", "second"),
    }  # fmt: skip


def test_ambiguous_prompts_have_readings_that_differ():
    ambiguous = [prompt for prompt in SUITE if prompt.kind == "ambiguous"]
    for prompt in ambiguous:
        assert len(set(map(frozenset, prompt.meanings))) == len(prompt.readings) >= 2, prompt.text
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
