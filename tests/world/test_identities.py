"""Invented people: fixed by their seed, adults, and spread over skin, age, gender and hair."""

from collections import Counter

from studio.world.captions import caption, description
from studio.world.head import eye_share, shoulder_share
from studio.world.identity import LOOK_ALIKES, TRAIT_NAMES, sample_identity, traits
from studio.world.scene import sample_scene

PEOPLE = [sample_identity(seed) for seed in range(3000)]


def test_a_seed_is_a_person() -> None:
    assert sample_identity(950001) == sample_identity(950001)
    assert len({traits(person) for person in PEOPLE}) == len(PEOPLE)


def test_the_example_persona_is_who_she_was_trained_to_be() -> None:
    zia = sample_identity(950001)
    assert (zia.gender, zia.age, zia.skin, zia.hair, zia.hair_style, zia.eyes) == (
        "woman", "adult", "brown", "auburn", "wavy", "brown",
    )  # fmt: skip


def test_everyone_has_adult_proportions() -> None:
    assert max(eye_share(person) for person in PEOPLE) < 0.15
    assert min(shoulder_share(person) for person in PEOPLE) > 1.9


def test_nobody_wears_pigtails() -> None:
    assert "pigtails" not in {person.hair_style for person in PEOPLE}


def test_the_spread_is_balanced() -> None:
    skin = Counter(person.skin for person in PEOPLE)
    assert len(skin) == 6
    assert min(skin.values()) > 0.12 * len(PEOPLE)
    assert 0.45 < Counter(person.gender for person in PEOPLE)["woman"] / len(PEOPLE) < 0.55
    assert 0.10 < Counter(person.age for person in PEOPLE)["older"] / len(PEOPLE) < 0.20
    assert len({person.hair for person in PEOPLE}) == 12


def test_traits_are_scaled() -> None:
    values = [value for person in PEOPLE[:300] for value in traits(person)]
    assert len(traits(PEOPLE[0])) == len(TRAIT_NAMES)
    assert min(values) >= -1.001
    assert max(values) <= 1.001


def test_words_cannot_tell_look_alikes_apart() -> None:
    for person in PEOPLE[:300]:
        twins = [person, *(sample_identity(number * LOOK_ALIKES + person.seed) for number in (1, 2))]
        assert len({traits(twin) for twin in twins}) == len({twin.seed for twin in twins}) == 3
        assert len({description(twin) for twin in twins}) == 1
        scene = sample_scene(person.seed, "studio")
        assert len({caption(twin, scene, 5) for twin in twins}) == 1
