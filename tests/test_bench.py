"""The bench measures side by side, and says what it found."""

import json
import time
from pathlib import Path

import pytest

from studio.bench import Measured, main, ratio, side_by_side
from tests.tiny_base import make_tiny_base


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


def test_the_whole_bench_runs_on_any_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = make_tiny_base(tmp_path / "base")
    code = main(["--base", str(base), "--rounds", "1", "--json", str(tmp_path / "found.json")])
    rows = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert code == (0 if all(row["kept"] for row in rows) else 1)
    assert {row["name"].split(":")[0] for row in rows} >= {"picture", "training step", "200 pictures"}
    assert all(row["value"] > 0 for row in rows)
    assert len(capsys.readouterr().out.splitlines()) >= len(rows)
