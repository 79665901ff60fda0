import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.dataset_rules import groups, held_out_count, readiness, reasons, split
from studio.domain.records import Checks, Example, Rights, Twin
from tests.pictures import example


def codes(found: dict[str, tuple], item: Example) -> list[str]:
    return [reason.code for reason in found[item.id]]


def with_checks(item: Example, **changes: object) -> Example:
    return item.model_copy(update={"checks": item.checks.model_copy(update=changes)})


def twin(item: Example, other: Example, how: str = "same") -> Example:
    return with_checks(item, twins=(Twin(other=other.id, how=how),))


# ---------------------------------------------------------------- held out


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [(0, 0), (1, 0), (14, 0), (15, 5), (19, 5), (20, 5), (24, 5), (25, 5), (30, 6), (50, 10), (200, 40)],
)
def test_how_many_are_held_out(kept: int, wanted: int) -> None:
    assert held_out_count(kept) == wanted
    assert len(split([example(n) for n in range(kept)], seed=0)) == wanted


def test_the_split_depends_on_content_and_seed_only() -> None:
    items = [example(n) for n in range(40)]
    shuffled = random.Random(1).sample(items, len(items))
    assert split(items, 0) == split(shuffled, 0)
    assert split(items, 0) != split(items, 1)


def test_held_out_pictures_stay_so_when_others_come() -> None:
    items = [example(n) for n in range(20)]
    first = split(items, 0)
    marked = [item.model_copy(update={"held_out": item.id in first}) for item in items]
    later = split(marked + [example(n) for n in range(20, 60)], 0)
    assert first < later
    assert len(later) == 12


def test_marks_of_the_source_are_honoured() -> None:
    items = [example(n, held_out=n >= 18) for n in range(24)]
    assert split(items, 0) == {item.id for item in items[18:]}


def test_below_fifteen_even_marked_pictures_are_trained_on() -> None:
    assert split([example(n, held_out=n < 3) for n in range(14)], 0) == frozenset()


def test_marks_never_take_more_than_half() -> None:
    assert len(split([example(n, held_out=n > 0) for n in range(30)], 0)) == 15


def test_rejected_pictures_are_not_held_out() -> None:
    items = [example(n, kept=n % 2 == 0) for n in range(40)]
    chosen = split(items, 0)
    assert len(chosen) == 5
    assert all(item.kept for item in items if item.id in chosen)


def test_a_group_that_lies_on_both_sides_is_held_out_whole() -> None:
    items = [example(n) for n in range(20)]
    first = split(items, 0)
    marked = [item.model_copy(update={"held_out": item.id in first}) for item in items]
    held = next(item for item in marked if item.held_out)
    late = twin(example(99), held)
    assert late.id in split([*marked, late], 0)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(15, 60),
    links=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=40),
    seed=st.integers(0, 5),
)
def test_near_duplicates_never_straddle(count: int, links: list[tuple[int, int]], seed: int) -> None:
    items = [example(n) for n in range(count)]
    for later, earlier in links:
        if earlier < later < count:
            items[later] = twin(items[later], items[earlier])
    chosen = split(items, seed)
    for group in groups(items):
        inside = {item.id for item in group} & chosen
        assert inside in (set(), {item.id for item in group})
    assert len(chosen) <= max(held_out_count(count), count // 2)
    assert len(items) - len(chosen) >= count // 2


# ---------------------------------------------------------------- reasons


def test_a_good_picture_has_no_reasons() -> None:
    item = example(1)
    assert reasons([item], trigger="mila", resolution=128) == {item.id: ()}


@pytest.mark.parametrize(
    ("changes", "code", "blocking"),
    [
        ({"rights": Rights.UNKNOWN}, "rights", True),
        ({"caption": ""}, "no-caption", True),
        ({"caption": "a park"}, "no-trigger", False),
        ({"caption": "milano in a park"}, "no-trigger", False),
    ],
)
def test_decisions_that_are_missing(changes: dict[str, object], code: str, blocking: bool) -> None:
    item = example(1, **changes)
    (reason,) = reasons([item], trigger="mila", resolution=128)[item.id]
    assert (reason.code, reason.blocking) == (code, blocking)
    assert reason.detail.endswith(".")


def test_the_trigger_is_found_in_any_case_and_beside_commas() -> None:
    items = [example(1, caption="Mila, laughing"), example(2, caption="a photo of (mila)")]
    assert all(found == () for found in reasons(items, trigger="mila", resolution=128).values())


def test_size_is_judged_by_the_base() -> None:
    item = example(1)
    assert codes(reasons([item], trigger="mila", resolution=161), item) == ["small"]
    assert codes(reasons([item], trigger="mila", resolution=160), item) == []


def test_blur_is_judged_by_the_set() -> None:
    items = [with_checks(example(n), sharpness=100.0 + n) for n in range(6)]
    soft = with_checks(example(9), sharpness=15.0)
    assert codes(reasons([*items, soft], trigger="mila", resolution=128), soft) == ["blurred"]
    all_soft = [with_checks(example(n), sharpness=15.0) for n in range(6)]
    assert all(found == () for found in reasons(all_soft, trigger="mila", resolution=128).values())
    assert codes(reasons([items[0], soft], trigger="mila", resolution=128), soft) == []


def test_duplicates_are_told_from_both_sides_until_one_is_rejected() -> None:
    first = example(1)
    second = twin(example(2), first, "mirrored")
    found = reasons([first, second], trigger="mila", resolution=128)
    assert codes(found, first) == codes(found, second) == ["duplicate"]
    assert "0001.png mirrored" in found[second.id][0].detail
    settled = [first, second.model_copy(update={"kept": False})]
    assert all(found == () for found in reasons(settled, trigger="mila", resolution=128).values())
    assert reasons([second], trigger="mila", resolution=128)[second.id] == (), "its twin was deleted"


def test_pictures_from_elsewhere_are_told_for_a_small_world_only() -> None:
    item = with_checks(example(1), in_world=False)
    assert codes(reasons([item], trigger="mila", resolution=128, world_only=True), item) == ["out-of-world"]
    assert codes(reasons([item], trigger="mila", resolution=128), item) == []
    unmeasured = with_checks(example(1), in_world=None)
    assert codes(reasons([unmeasured], trigger="mila", resolution=128, world_only=True), unmeasured) == []


def test_blocking_reasons_come_first() -> None:
    item = example(1, caption="a park", rights=Rights.UNKNOWN)
    assert codes(reasons([item], trigger="mila", resolution=512), item) == ["rights", "no-trigger", "small"]


# ---------------------------------------------------------------- readiness


def test_a_good_set_is_ready() -> None:
    ready = readiness([example(n) for n in range(20)], "mila")
    assert (ready.ok, ready.sentences, ready.advice) == (True, (), ())


def test_missing_rights_are_named() -> None:
    items = [example(n, rights=Rights.UNKNOWN if n < 6 else Rights.OWN) for n in range(20)]
    ready = readiness(items, "mila")
    assert not ready.ok
    assert (
        "6 pictures have no rights basis: 0000.png, 0001.png, 0002.png, 0003.png and 2 more"
        in ready.sentences[0]
    )
    rejected = [item.model_copy(update={"kept": item.rights is not Rights.UNKNOWN}) for item in items]
    assert readiness(rejected, "mila").ok


def test_a_held_out_picture_needs_rights_too() -> None:
    items = [example(n, held_out=n < 5, rights=Rights.UNKNOWN if n == 0 else Rights.OWN) for n in range(20)]
    assert "1 picture has no rights basis: 0000.png" in readiness(items, "mila").sentences[0]
    assert readiness(items, "mila").remedies == ("rights",)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "There are no pictures yet"),
        ([example(1, kept=False)], "All pictures are rejected"),
        ([example(1)], "1 picture to train on is too few"),
        ([example(n) for n in range(3)], "3 pictures to train on are too few"),
        (
            [example(n, caption="" if n == 7 else "mila") for n in range(9)],
            "1 picture has no caption: 0007.png",
        ),
        ([example(n, caption="a park") for n in range(9)], "No caption contains the trigger word “mila”"),
    ],
)
def test_what_stands_in_the_way_is_one_sentence(items: list[Example], said: str) -> None:
    ready = readiness(items, "mila")
    assert not ready.ok
    assert len(ready.sentences) == 1
    assert said in ready.sentences[0]


def test_a_missing_trigger_is_mended_before_missing_captions() -> None:
    ready = readiness([example(n, caption="a park" if n else "") for n in range(9)], "mila")
    assert (len(ready.sentences), ready.remedies) == (2, ("trigger", "")), "both would write the same word"
    ready = readiness([example(n, caption="mila in a park" if n else "") for n in range(9)], "mila")
    assert ready.remedies == ("caption",)


def test_names_are_told_only_where_they_tell_some_from_others() -> None:
    assert "0000.png" not in readiness([example(n, caption="") for n in range(9)], "mila").sentences[0]


def test_captions_of_the_trigger_word_alone_are_advised_against() -> None:
    bare = readiness([example(n, caption="Mila" if n < 16 else "mila in a park") for n in range(20)], "mila")
    assert bare.ok and "16 captions say only “mila”" in bare.advice[0]
    apart = [example(n, caption="Mila" if n < 16 else "mila in a park", held_out=n < 4) for n in range(20)]
    assert "12 captions say only “mila”" in readiness(apart, "mila").advice[0], "those that are learned from"
    assert readiness([example(n, caption="Mila" if n < 5 else "mila in a park") for n in range(20)], "mila").advice == ()


def test_advice_does_not_block() -> None:
    ready = readiness([example(n, caption="a park" if n == 2 else "mila at home") for n in range(9)], "mila")
    assert ready.ok
    assert "0002.png" in ready.advice[0]
    assert "too few to hold any out" in ready.advice[1]


def test_checks_can_still_be_read_from_before_there_were_twins() -> None:
    old = '{"width": 1, "height": 1, "sharpness": 0, "brightness": 0, "phash": []}'
    assert Checks.model_validate_json(old).twins == ()
