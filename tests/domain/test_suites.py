"""The evaluation prompts: words the base knows, places she was not seen in, claims a judge can check."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio.catalog import ASSETS, find_base
from studio.domain.claims import Atom, atoms, in_words
from studio.domain.errors import BadInput, Refused
from studio.domain.records import Charter, Claim, Persona
from studio.domain.specs import Arm, CompareSpec
from studio.domain.suites import (
    EMBEDDED,
    FRESH_SEEDS,
    GENERIC,
    SEEDS,
    WHO,
    check,
    check_plan,
    checked,
    claims,
    filled,
    person,
    places_told,
    suite,
    unseen_places,
)
from studio.domain.vocabulary import FIRST_PLACES, unknown_words

EXAMPLE = ASSETS / "example"


def example_captions(folder: Path = EXAMPLE) -> list[str]:
    return [path.read_text("utf-8").strip() for path in sorted(folder.glob("zia-*.txt"))]


@pytest.mark.parametrize("prompts", [EMBEDDED, GENERIC])
def test_twelve_different_prompts_with_a_place_for_the_person(prompts):
    assert len(set(prompts)) == 12
    assert all(prompt.count(WHO) == 1 for prompt in prompts)


def test_the_finalist_is_seen_on_seeds_that_did_not_choose_it():
    assert not set(SEEDS) & set(FRESH_SEEDS)


@pytest.mark.parametrize("prompt", EMBEDDED)
def test_the_embedded_base_knows_every_word(prompt):
    assert unknown_words(filled(prompt, "zia woman"), find_base("embedded").words or (), also=["zia"]) == ()


def test_includes_skiing_swimming_and_another_place_she_was_not_seen_in():
    unseen = unseen_places(EMBEDDED, example_captions())
    assert {"skiing", "swimming"} < set(unseen)
    assert len(unseen) >= 3


def test_captions_that_name_no_places_do_not_say_where_she_was_not():
    assert unseen_places(EMBEDDED, ["zia"] * 15) == ()
    assert unseen_places(EMBEDDED, ["zia"] * 5 + ["zia on a beach"] * 5) != ()


def test_a_tag_names_a_place_too():
    tags = ["zia, straw hat, striped shirt, beach", "zia, red cap, flower garden", "zia, black beret, city at night", "zia, Forest"]
    assert [places_told(caption) for caption in tags] == [{"beach"}, {"garden"}, {"city"}, {"forest"}]
    assert places_told("zia, pink flower on a white table cloth, garden chair") == set() == places_told("forest green hat")
    assert {"beach", "city", "forest"}.isdisjoint(unseen_places(EMBEDDED, tags)) and "skiing" in unseen_places(EMBEDDED, tags)


def test_includes_places_she_was_seen_in():
    assert len(unseen_places(EMBEDDED, [])) - len(unseen_places(EMBEDDED, example_captions())) >= 4


def test_claims_leave_out_the_person_and_what_no_judge_measures():
    prompt = "a photo of {who} skiing in the snowy mountains, wearing a blue ski jacket and a beanie"
    labels = {"place": ("beach", "skiing"), "hat": ("none", "beanie"), "garment colour": ("blue",), "person": ("yes",)}
    assert set(claims(prompt, labels)) == {
        Atom("place", "skiing"),
        Atom("hat", "beanie"),
        Atom("garment colour", "blue"),
    }
    assert claims(prompt, {"place": ("skiing",)}) == (Atom("place", "skiing"),)
    assert claims(prompt, {}) == ()


def test_a_thing_is_called_by_its_name() -> None:
    assert in_words("thing shape", "apple") == "apple"
    assert [in_words(name, "red") for name in ("thing colour", "hair colour", "hat colour", "left colour")] == [
        "red things", "red hair", "red hat", "left colour: red",
    ]  # fmt: skip
    assert (in_words("things", "3"), in_words("people", "2")) == ("3 things", "2 people")


def test_what_a_judge_saw_of_a_prompt_is_told_in_words() -> None:
    labels = {"place": ("beach", "café"), "hat": ("none", "beanie"), "scarf": ("yes", "no"), "beard": ("yes", "no")}
    read = {"place": "beach", "hat": "none", "scarf": "no", "beard": "no"}
    told = check("zia woman on a beach, wearing a beanie and a scarf", labels, read)
    beach, hat, scarf = (Claim(name=name, value=value) for name, value in
                         (("place", "beach"), ("hat", "beanie"), ("scarf", "yes")))  # fmt: skip
    assert (told.seen, told.missed, told.share) == ((beach,), (hat, scarf), 1 / 3)
    assert check("zia on a pier", labels, read).share is None


@pytest.mark.parametrize(
    ("prompt", "claimed"),
    [
        ("zia without a scarf", {"scarf": "no"}), ("zia with no beard, wearing a scarf", {"beard": "no", "scarf": "yes"}),
        ("zia without glasses, without a beanie", {"glasses": "no"}), ("zia with glasses and no red sweater", {"glasses": "yes"}),
        ("zia without glasses or a scarf", {"glasses": "no", "scarf": "no"}), ("zia without a hat and with glasses", {"glasses": "yes"}),
        ("zia without glasses and a beard", {"glasses": "no"}), ("zia with no glasses, beard or scarf", {"glasses": "no"}),
        ("zia without a hat laughing", {}), ("no apples", {"things": "0", "thing shape": "apple"}), ("zia without two balls, with a scarf", {"scarf": "yes"}),
    ],
)  # fmt: skip
def test_what_somebody_goes_without_is_claimed_as_such(prompt: str, claimed: dict[str, str]) -> None:
    found = {atom.name: atom.value for atom in atoms(prompt)}
    assert found == claimed


def test_a_judge_is_not_asked_for_what_it_cannot_answer():
    labels = {"place": ("beach", "skiing"), "hat": ("none", "beanie")}
    assert claims("{who} in a kitchen, wearing a beanie", labels) == (Atom("hat", "beanie"),)
    assert claims("{who} in a kitchen", labels) == ()


def test_what_prompt_match_rests_on_is_counted():
    labels = {"place": ("beach", "skiing"), "hat": ("none", "beanie"), "glasses": ("yes", "no")}
    told = checked(["{who} skiing in a beanie", "{who} on a beach, wearing a red sweater", "{who} on the moon"], labels)
    assert "place (in 2 of 3 prompts), hat (in 1 of 3 prompts)." in told and "glasses" not in told
    assert checked(["{who} on the moon"], labels) == ""


@pytest.mark.parametrize("prompt", EMBEDDED)
def test_every_embedded_prompt_claims_a_place(prompt):
    assert len(claims(prompt, {"place": FIRST_PLACES})) == 1


def test_person_follows_the_captions():
    assert person("zia", example_captions()) == "zia woman"
    assert person("zia", ["zia on a beach", "zia woman in a city", "zia skiing"]) == "zia"
    assert person("zia", []) == "zia"
    assert person("Nova Lee", ["a photo of nova lee man, laughing", "nova lee man at a table"]) == "Nova Lee man"
    assert person("zia", ["zia"]) == "zia"


def test_example_says_the_same_places():
    told = json.loads((EXAMPLE / "persona.json").read_text("utf-8"))
    assert "skiing" in told["places_unseen"] and "swimming" in told["places_unseen"]


def test_filled():
    assert filled("{who} skiing", "zia woman") == "zia woman skiing"
    with pytest.raises(BadInput, match="where the person stands"):
        filled("somebody skiing", "zia woman")


def test_suite_suits_the_base():
    assert suite(world_only=True) == EMBEDDED
    assert suite(world_only=False) == GENERIC


TODAY = date(2026, 11, 21)
PERSONA = Persona(
    slug="zia",
    name="Zia",
    trigger="zia",
    charter=Charter(confirmed_adult=True),
    base="embedded",
    created=datetime.now(UTC),
)
PLAN = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=EMBEDDED, seeds=SEEDS)


@pytest.mark.parametrize("prompts", [EMBEDDED, GENERIC])
def test_our_own_prompts_pass(prompts):
    check_plan(PLAN.model_copy(update={"prompts": prompts}), PERSONA, TODAY)


def test_a_plan_must_fit_the_persona():
    with pytest.raises(BadInput, match="where the person stands"):
        check_plan(PLAN.model_copy(update={"prompts": ("a ball",)}), PERSONA, TODAY)
    with pytest.raises(BadInput, match="no written description"):
        check_plan(PLAN.model_copy(update={"arms": (Arm(name="words", described=True),)}), PERSONA, TODAY)


def test_the_policy_is_asked():
    revoked = Charter(confirmed_adult=True, revoked_at=datetime.now(UTC))
    with pytest.raises(Refused, match="revoked"):
        check_plan(PLAN, PERSONA.model_copy(update={"charter": revoked}), TODAY)
    with pytest.raises(Refused):
        check_plan(PLAN.model_copy(update={"prompts": ("{who} naked on a beach",)}), PERSONA, TODAY)
    words = PLAN.model_copy(update={"arms": (Arm(name="words", described=True),)})
    with pytest.raises(Refused):
        check_plan(words, PERSONA.model_copy(update={"description": "a naked woman"}), TODAY)
