"""Captions say what the scene is, in words the vocabulary knows, and the truth beside them agrees."""

from dataclasses import replace

import pytest

from studio.catalog import EMBEDDED, find_base
from studio.domain.claims import atoms
from studio.domain.vocabulary import FIRST_PLACES, GARMENTS, unknown_words
from studio.world.captions import caption, description
from studio.world.identity import sample_identity
from studio.world.scene import at_a_table, sample_scene
from studio.world.truth import attributes

KNOWN = find_base(EMBEDDED).words or frozenset()
PAIRS = [(sample_identity(seed), sample_scene(seed * 7)) for seed in range(1500)]


def test_a_caption_is_fixed_by_its_seeds() -> None:
    person, scene = PAIRS[0]
    assert caption(person, scene, 5) == caption(person, scene, 5)
    assert len({caption(person, scene, wording) for wording in range(40)}) > 8


def test_what_a_caption_claims_is_true_of_the_scene() -> None:
    checked = 0
    for person, scene in PAIRS:
        truth = attributes(person, scene)
        for atom in atoms(caption(person, scene, scene.seed)):
            if atom.name in truth:
                assert truth[atom.name] == atom.value
                checked += 1
    assert checked > 3000


def test_stripes_of_the_garment_s_own_colour_are_not_spoken_of() -> None:
    person, scene = sample_identity(1), sample_scene(4, "beach", garment="tee", pattern="stripes", colour="teal")
    for other, seen in (("white", True), ("teal", False)):
        drawn = replace(scene, second_colour=other)
        said = [caption(person, drawn, wording) for wording in range(20)]
        assert any("teal striped t-shirt" in text for text in said) is seen
        assert any("teal t-shirt" in text for text in said) is not seen
        assert attributes(person, drawn)["pattern"] == ("stripes" if seen else "plain")


def test_things_are_counted_and_placed_as_they_lie() -> None:
    for person, scene in PAIRS:
        text = caption(person, scene, scene.seed)
        if scene.arrangement == "pair":
            left, right = (f"{thing.colour} {thing.shape}" for thing in scene.things)
            if " to the left of " in text:
                assert text.index(left) < text.index("to the left of") < text.rindex(right)
            if " to the right of " in text:
                assert text.index(right) < text.index("to the right of") < text.rindex(left)
        elif scene.things:
            word = ("", "one ", "two ", "three ", "four ")[len(scene.things)]
            assert word + scene.things[0].colour in text


def test_swimmers_wear_wetsuits_and_skiers_jackets() -> None:
    garments: dict[str, set[str]] = {}
    for _, scene in PAIRS:
        garments.setdefault(scene.place, set()).add(scene.garment)
    assert garments["swimming"] == {"wetsuit"}
    assert garments["skiing"] == {"puffer"}
    assert set(garments) == set(FIRST_PLACES)
    assert set().union(*garments.values()) <= set(GARMENTS)


def test_the_trigger_stands_where_the_description_would() -> None:
    scene = sample_scene(3, "skiing")
    text = caption(sample_identity(1), scene, 1, who="zia woman")
    assert "zia woman" in text
    assert "hair" not in text


def test_a_description_is_complete_and_in_known_words() -> None:
    for person, _ in PAIRS[:300]:
        text = description(person)
        assert person.hair in text
        assert f"{person.eyes} eyes" in text
        assert not unknown_words(text, KNOWN)


def test_a_person_can_always_be_put_behind_a_table() -> None:
    for seed in range(80):
        scene = at_a_table(seed)
        assert scene.person
        assert len(scene.things) == 2
        assert caption(sample_identity(seed), scene, seed)


@pytest.mark.parametrize(
    ("prompt", "word", "instead"),
    [
        ("a woman with a violin", "violin", ""),
        ("a woman in a red parka", "parka", "ski jacket"),
        ("a man in a forrest", "forrest", "forest"),
    ],
)
def test_a_word_the_base_does_not_know_is_named(prompt: str, word: str, instead: str) -> None:
    (unknown,) = unknown_words(prompt, KNOWN)
    assert (unknown.word, unknown.instead) == (word, instead)


def test_the_trigger_is_accepted() -> None:
    assert unknown_words("zia woman skiing", KNOWN)[0].word == "zia"
    assert not unknown_words("Zia woman skiing", KNOWN, also=("zia",))


def test_atoms_are_only_what_the_words_settle() -> None:
    found = {atom.attribute: atom.value for atom in atoms("zia woman skiing, wearing a red ski jacket and a blue beanie")}
    assert found == {
        "place": "skiing", "gender": "woman", "hat": "beanie", "garment": "puffer", "garment colour": "red",
        "hat colour": "blue", "person": "yes",
    }  # fmt: skip
    assert atoms("a violin") == ()
