"""Lint and types, as part of the suite: `python launch.py test` says it all in one summary."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["mypy", "launch.py", "studio"]], ids=["lint", "types"]
)
def test_nothing_is_found_by(command: list[str]) -> None:
    assert importlib.util.find_spec(command[0]) is not None, (
        f"{command[0]} comes with `python launch.py test`"
    )
    run = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
