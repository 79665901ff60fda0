"""A cast: invented people taught alike and measured, on the real base with a training that is far too short."""

from pathlib import Path

import pytest

from studio.catalog import ASSETS
from studio.domain.cast_report import DESCRIBED, CastReport, Count, Member, Part, table
from studio.domain.errors import BadInput
from studio.domain.events import Event, Phase
from studio.domain.specs import PriorSpec, TrainSpec
from studio.domain.suites import claims
from studio.domain.vocabulary import PLACES
from studio.jobs.cast import HELD_OUT, SEEN, TRAINED, Plan, run_cast, sitter

pytestmark = pytest.mark.slow
PROMPTS = ("{who} on a beach, wearing a red t-shirt", "{who} skiing, wearing a red ski jacket")


def plan(out: Path, **changes: object) -> Plan:
    spec = TrainSpec(persona="zia", rank=2, steps=2, checkpoint_every=2, batch_size=1, prior=PriorSpec(count=0))
    given: dict[str, object] = {
        "base": ASSETS / "base", "judge": ASSETS / "judges" / "reporter", "people": 2, "first_identity": 960_000,
        "spec": spec, "adapter_scale": 0.8, "prompts": PROMPTS,
    }  # fmt: skip
    return Plan(out, **(given | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CastReport]:
    out = tmp_path_factory.mktemp("cast")
    return out, run_cast(plan(out), lambda event: None)


def test_everybody_is_taught_and_measured(found: tuple[Path, CastReport]) -> None:
    out, report = found
    assert [one.identity for one in report.members] == [960_000, 960_001]
    for one in report.members:
        assert [part.name for part in one.parts] == ["base", DESCRIBED, "step 2"]
        assert one.floor is not None and one.floor < 0.5 < one.ceiling <= 1
        described = one.part(DESCRIBED)
        assert described.seen is not None and described.seen > (one.part("base").seen or 0), "her looks in words"
        assert all(part.place.of == 2 and part.copies == Count(hits=0, of=2) for part in one.parts)
    assert CastReport.model_validate_json((out / "report.json").read_bytes()) == report
    assert (out / "report.txt").read_text("utf-8") == table(report) + "\n"


def test_who_is_done_is_not_taught_again(found: tuple[Path, CastReport]) -> None:
    out, report = found
    said: list[Event] = []
    assert run_cast(plan(out), said.append) == report
    assert not any(isinstance(event, Phase) for event in said)


def test_a_sitter_is_always_seen_and_in_places_to_learn_from(tmp_path: Path) -> None:
    me = sitter(960_002, tmp_path / "one" / "pictures", 32)
    assert len(me.pictures) == TRAINED + HELD_OUT == len({path for path, _ in me.pictures})
    assert all(path.is_file() and f"zia {me.gender}" in caption for path, caption in me.pictures)
    assert not any("skiing" in caption or "swim" in caption for _, caption in me.pictures)


def test_the_cast_learns_in_the_places_of_the_example_persona() -> None:
    captions = [path.read_text("utf-8") for path in (ASSETS / "example").glob("zia-*.txt")]
    assert {atom.value for caption in captions for atom in claims(caption, {"place": PLACES})} == set(SEEN)


def test_people_of_two_plans_are_not_mixed(found: tuple[Path, CastReport]) -> None:
    with pytest.raises(BadInput, match="another plan"):
        run_cast(plan(found[0], adapter_scale=1.0), lambda event: None)


def test_the_table_has_intervals_over_people() -> None:
    def member(identity: int, cosine: float) -> Member:
        parts = tuple(
            Part(name=name, seen=cosine * share, unseen=None, place=Count(hits=12, of=12), copies=Count(hits=0, of=12))
            for name, share in (("base", 0.0), (DESCRIBED, 0.5), ("step 2", 1.0))
        )
        return Member(identity=identity, description="a woman", floor=0.0, ceiling=0.8, own_copies=Count(hits=0, of=6), seconds=9, parts=parts)

    report = CastReport(base="b", judge="j", preset="good", adapter_scale=1, members=tuple(member(n, 0.6 + n / 20) for n in range(1, 6)))
    text = table(report)
    assert "94 % (" in text and "not measured" in text, text
    assert "+0.375 (" in text
    assert "0.85 / –" in text
    assert "0 % (0 to 52)" in text, "five people without a copy do not settle that the next has none"
