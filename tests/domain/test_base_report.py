"""What an evaluation says: rows per attribute and kind, what could not be measured and why, and what is unknown."""

from studio.domain.base_report import BaseReport, PersonaRow, percent, table
from studio.domain.caption_rows import attribute_rows
from studio.domain.claims import WHO, Atom, atoms
from studio.domain.hard_prompts import HardPrompt
from studio.domain.judged_rates import Count, Errors
from studio.domain.statistics import Estimate, rate
from studio.domain.suite_rows import Drawn, arm_row, readings_seen, unknown_prompts
from studio.domain.witness import Witness, key

SURE = Errors(Count(1000, 1000), Count(0, 1000))


def read_as(labels: dict[str, list[str]], in_world: list[bool] | None = None) -> Witness:
    count = len(next(iter(labels.values())))
    errors = {key(Atom(name, value)): SURE for name, seen in labels.items() for value in {*seen, "beach", "yes", "cap"}}
    return Witness(labels, in_world or [True] * count, errors)


def row(rows, name):
    return next(one.found for one in rows if one.name == name)


def test_a_caption_row_counts_pictures_that_show_what_their_caption_says():
    captions = [atoms(f"a woman {place}") for place in ("on a beach", "skiing", "on a beach", "in a forest")]
    rows = attribute_rows(captions, read_as({"place": ["beach", "skiing", "city", "forest"]}), {"place": 0.99})
    assert row(rows, "place").mean == 0.75
    assert row(rows, "place").n == 4


def test_what_the_judge_is_not_sure_of_is_not_measured_and_the_row_says_why():
    captions = [atoms("a woman with red hair on a beach, wearing a blue shirt")]
    rows = attribute_rows(captions, read_as({"place": ["beach"]}), {"place": 0.99, "hair colour": 0.853})
    assert row(rows, "hair colour").mean is None
    assert "hair colour 0.853" in row(rows, "hair colour").note
    assert "garment colour (not learned)" in row(rows, "two colours bound").note
    assert "no caption" in row(rows, "counts 5 to 10").note


def test_two_colours_are_bound_only_when_both_are_where_they_belong():
    captions = [atoms("a red ball to the left of a blue cube")] * 2
    seen = read_as(
        {"left colour": ["red", "blue"], "right colour": ["blue", "red"], "left shape": ["ball"] * 2,
         "right shape": ["cube"] * 2}
    )  # fmt: skip
    rows = attribute_rows(captions, seen, {})
    assert row(rows, "two colours bound").mean == 0.5
    assert row(rows, "left and right").mean == 0.5


PROMPTS = (
    HardPrompt("one attribute", f"{WHO} on a beach"),
    HardPrompt("one attribute", f"{WHO} skiing"),
    HardPrompt("unusual", f"{WHO} on a beach, wearing a beret"),
    HardPrompt("ambiguous", f"{WHO} on a beach or skiing", (f"{WHO} on a beach", f"{WHO} skiing")),
    HardPrompt("two people", "a woman and a man on a beach"),
)
SEEN = read_as(
    {"place": ["beach", "beach", "beach", "skiing", "beach"], "person": ["yes"] * 5}, [True, True, True, True, False]
)
SEEN.errors[key(Atom("place", "skiing"))] = SURE


def kinds(arm):
    return {one.kind: one for one in arm.kinds}


def test_a_kind_counts_prompts_with_all_claims_checked_and_with_some():
    suite = (*PROMPTS, HardPrompt("counts", "ten apples"))
    found = kinds(arm_row("The base", "a woman", Drawn(PROMPTS, SEEN), suite))
    assert found["one attribute"].whole.mean == 0.5
    assert found["unusual"].whole.n == 0, "no judge knows a beret"
    assert found["unusual"].part.mean == 1.0
    assert found["ambiguous"].whole.mean == 1.0, "either reading is right"
    assert found["two people"].part.mean == 0.0, "a picture out of the world shows nothing"
    assert (found["counts"].prompts, found["counts"].unknown) == (1, 1)
    assert found["counts"].kept is None


def test_the_reading_that_was_seen_is_told():
    assert readings_seen(Drawn(PROMPTS, SEEN)) == {f"{WHO} on a beach or skiing": {f"{WHO} skiing": 1}}


def test_the_persona_is_kept_or_lost_per_kind_and_turns_up_uninvited():
    arm = arm_row("Base and persona", "zia woman", Drawn(PROMPTS, SEEN, [True, False, True, True, True]), PROMPTS)
    assert kinds(arm)["one attribute"].kept.mean == 0.5
    assert kinds(arm)["two people"].kept.n == 0, "that prompt has no place for her"
    assert arm.kept.mean == 0.75
    assert arm.uninvited.mean == 1.0


def test_unknown_words_are_named():
    assert unknown_prompts(PROMPTS, {"beach", "skiing", "wearing", "man", "woman"}, "zia") == {
        f"{WHO} on a beach, wearing a beret": ("beret",)
    }
    assert unknown_prompts(PROMPTS, None, "zia") == {}


def test_the_table_is_readable():
    nothing = Estimate(mean=None, low=None, high=None, n=0, note="it finds one head")
    arm = arm_row("Base and persona", "zia woman", Drawn(PROMPTS, SEEN, [True] * 5), PROMPTS)
    report = BaseReport(
        base="embedded", judge="reporter", offered={"place": 0.999}, held_back={"eyes": 0.457}, renders=960, psnr=29.7,
        losses={"held_out_loss": 0.735}, seconds_per_picture=1.2,
        attributes=attribute_rows([atoms("a woman on a beach")], read_as({"place": ["beach"]}), {}),
        kid={"two halves of the renders": Estimate(mean=-0.0001, low=-0.0003, high=0.0001, n=100, note="10 disjoint")},
        arms=(arm,), readings={}, unknown={"ten apples": ("ten", "apples")},
        persona=PersonaRow(bound=0.31, impostors=80, own=rate(6, 7), second_face=nothing),
    )  # fmt: skip
    text = table(report)
    assert "Unknown to this base (1 prompts" in text
    assert "“ten apples”: ten, apples" in text
    assert "place 0.999" in text and "eyes 0.457" in text
    assert "two halves of the renders" in text
    assert "not measured (it finds one head)" in text
    assert "zia woman" in text
    assert BaseReport.model_validate_json(report.model_dump_json()) == report


def test_a_rate_is_shown_with_its_interval_or_with_the_reason():
    assert percent(rate(1, 2)) == "50 % (1 to 99)"
    assert percent(None) == "–"
    assert percent(Estimate(mean=None, low=None, high=None, n=0)) == "not measured"
