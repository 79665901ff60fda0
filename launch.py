#!/usr/bin/env python3
"""Start Persona Studio: make its environment once, then run it.

    python launch.py                  start the studio and open the page
    python launch.py test             lint, types and the whole test suite
    python launch.py demo             the whole loop without a screen, with a report at the end
    python launch.py doctor           what is installed, what is missing, what to do about it
    python launch.py VERB --help      any other verb of `python -m studio`

Options of the page: --no-browser --host HOST --port PORT --workspace DIR

Environment:
    STUDIO_VENV        where the virtual environment lives (default: .venv beside this file)
    STUDIO_TORCH       auto | default | skip | a build: cpu, cu126, cu130, rocm7.2, xpu ...
    STUDIO_TORCH_ARGS  arguments for `pip install` that bring torch, instead of any choice made here

Only Python's standard library is used before the environment exists. This file must parse on Python 3.7,
so that an old interpreter can still say which one to use; `studio.installing` is read by a new one only.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)
WINDOWS = os.name == "nt"
WORKERS = ("-n", "logical", "--maxprocesses", "4", "--dist", "loadfile")
"""Tests of one file stay together: those of the page follow one visitor. A later `-n 0` has them all in one process."""


def say(sentence: str) -> None:
    """One line of the launcher's own, apart from what the studio prints."""
    print(f"[studio] {sentence}", file=sys.stderr, flush=True)


def fitting_interpreter() -> list[str] | None:
    """The command of a Python that can make the environment: this one if it will do, [] meaning itself."""
    if OLDEST <= sys.version_info[:2] <= NEWEST and importlib.util.find_spec("ensurepip") is not None:
        return []
    for minor in (12, 11, 13):
        command = ["py", f"-3.{minor}"] if WINDOWS else [f"python3.{minor}"]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            probe = [*command, "-c", "import ensurepip, venv"]
            if subprocess.run(probe, stderr=subprocess.DEVNULL, timeout=30).returncode == 0:
                return command
    return None


def advice_on_python() -> str:
    """What to do when no interpreter fits."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return (
            "This Python cannot make virtual environments: its module ensurepip is missing. "
            "On Debian or Ubuntu: sudo apt install python3-venv, then start again."
        )
    return (
        f"Persona Studio needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is {sys.version.split()[0]} and no "
        "other was found. Install Python 3.12 from your system's packages and start again, "
        "or, with uv: uv run --python 3.12 launch.py"
    )


def become(command: list[str]) -> int:
    """Turn into the command; where the system has no exec, wait for it and return its exit code."""
    sys.stdout.flush()
    if not WINDOWS:
        os.execvp(command[0], command)
    child = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the child gets Ctrl+C too and ends in its own time
            return child.wait()


def main(arguments: list[str]) -> int:
    """Bring the environment up to date, then become the studio or its tests. Returns the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    interpreter = fitting_interpreter()
    if interpreter is None:
        say(advice_on_python())
        return 1
    if interpreter:
        say(f"this is Python {sys.version.split()[0]}; going on with {' '.join(interpreter)}")
        return become([*interpreter, str(ROOT / "launch.py"), *arguments])

    from studio.domain.errors import StudioError
    from studio.installing.environment import Environment, Wanted

    testing = arguments[:1] == ["test"]
    wanted = Wanted.read(ROOT, os.environ, extras=["test"] if testing else [])
    environment = Environment(Path(os.environ.get("STUDIO_VENV") or ROOT / ".venv").expanduser().absolute())
    if not environment.is_ready(wanted):
        from studio.installing.prepare import prepare

        try:
            prepare(environment, wanted, say)
        except StudioError as trouble:
            say(trouble.sentence())
            return 1
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    if testing:
        os.chdir(ROOT)
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers share the cores; more threads would only wait
        return become([str(environment.python), "-m", "pytest", "-rs", *WORKERS, *arguments[1:]])
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "--version"):
        arguments = ["ui", *arguments]
    return become([str(environment.python), "-P", "-m", "studio", *arguments])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("stopped; the next start goes on from here")
        sys.exit(130)
