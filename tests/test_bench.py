"""The bench measures side by side, and says what it found."""

import json
import time
from pathlib import Path

import pytest

from studio.actions import personas
from studio.bench import Measured, loop_rows, main, page_rows, ratio, side_by_side
from studio.bench_loop import LoopTimes, PageCost, example_loop, page_cost
from studio.domain.errors import StudioError
from studio.domain.records import Charter
from studio.storage.opened import open_studio
from studio.storage.presence import holder
from tests.tiny_base import make_tiny_base
from tests.ui.conftest import missing_browser


def test_side_by_side_takes_turns_and_leaves_the_first_out() -> None:
    turns: list[str] = []

    def slow() -> None:
        turns.append("slow")
        time.sleep(0.02 if len(turns) > 2 else 0.2)

    found = side_by_side(3, lambda: turns.append("quick"), slow)
    assert turns == ["quick", "slow"] * 4
    assert [len(times) for times in found] == [3, 3] and max(found[1]) < 0.15
    assert ratio(found[0], found[1]) < 0.5


def test_a_broken_limit_is_seen() -> None:
    assert "TOO SLOW" in Measured("x", 1.2, "×", 1.0).line() and not Measured("x", 1.2, "×", 1.0).kept
    assert "ok" in Measured("x", 0.9, "×", 1.0).line()
    assert Measured("x", 9.0, "s", None).kept


@pytest.mark.parametrize(("excess", "kept"), [(-0.1, True), (0.1, False)])
def test_the_loop_is_held_to_what_was_promised(excess: float, *, kept: bool) -> None:
    rows = [*loop_rows(LoopTimes(90 + excess, 180 + excess)), *page_rows(PageCost(2 + excess, 200 + excess))]
    assert [row.kept for row in rows] == [kept] * 4


def test_a_demo_that_fails_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StudioError, match="The demo failed: .*file"):
        example_loop(tmp_path / "file")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(missing_browser() is not None, reason=str(missing_browser()))
def test_the_page_is_looked_at_by_new_visitors_and_nothing_is_left_running(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    studio = open_studio(workspace)
    personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True))
    found = page_cost(workspace)
    assert 0 < found.usable < 60 and 50 < found.megabytes < 1000
    assert [holder(studio.workspace, role) for role in ("web", "supervisor", "work")] == [None] * 3


def test_the_whole_bench_runs_on_any_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = make_tiny_base(tmp_path / "base")
    code = main(["--base", str(base), "--rounds", "1", "--json", str(tmp_path / "found.json")])
    rows = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert code == (0 if all(row["kept"] for row in rows) else 1)
    assert {row["name"].split(":")[0] for row in rows} >= {"picture", "training step", "training step and text", "200 pictures"}
    assert all(row["value"] > 0 for row in rows)
    assert len(capsys.readouterr().out.splitlines()) >= len(rows)
