"""A studio in a temporary folder, and a real supervisor process on it that is gone after the test."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from studio.domain.records import Job, JobStatus
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, ImportSpec, TrainSpec
from studio.jobs.launchers import CODE_FOLDER
from studio.storage import queue
from studio.storage.opened import Studio, open_studio
from studio.storage.presence import holder
from tests.jobs.child import COMMAND

PATIENCE = 90.0
"""Seconds. Generous: beside other workers a process alone may take a quarter of a minute to start."""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Its processes, whoever started them, are ended with it."""
    opened = open_studio(tmp_path / "Würk space")
    yield opened
    root = str(opened.workspace.root)
    for process in psutil.process_iter(["cmdline"]):
        if root in (process.info["cmdline"] or []):
            process.kill()
    opened.db.dispose()


@pytest.fixture
def start_supervisor(studio: Studio) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts one and waits until it has its place."""

    def start(*options: str) -> subprocess.Popen[bytes]:
        log = studio.workspace.logs / "supervisor.txt"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*COMMAND, "supervise", "--workspace", str(studio.workspace.root), *options],
                cwd=CODE_FOLDER,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        until(lambda: (card := holder(studio.workspace, "supervisor")) and card.pid == process.pid)
        return process

    return start


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits for something that must become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def ask(studio: Studio, line: str, kind: str = "import") -> int:
    """Puts a deed into the queue (see `tests/jobs/deeds.py`)."""
    if kind == "import":
        return queue.submit(studio.db, ImportSpec(persona="mira", source=line), title=line, persona="mira")
    if kind == "train":
        spec = TrainSpec(persona="mira", preview_prompts=(line,))
        return queue.submit(studio.db, spec, title=line, persona="mira")
    if kind == "compare":
        plan = CompareSpec(persona="mira", arms=(Arm(name="base"),), prompts=(line,), seeds=(1,))
        return queue.submit(studio.db, plan, title=line, persona="mira")
    return queue.submit(studio.db, GenerateSpec(base="embedded", prompt=line), title=line)


def status(studio: Studio, job_id: int) -> JobStatus:
    return queue.get(studio.db, job_id).status


def ended(studio: Studio, job_id: int, seconds: float = PATIENCE) -> Job:
    """The job once it is over."""
    until(lambda: status(studio, job_id) not in queue.OPEN, seconds)
    return queue.get(studio.db, job_id)


def stepping(studio: Studio, job_id: int) -> Job:
    """The job once it has made a few steps."""
    until(lambda: queue.get(studio.db, job_id).step > 2 or status(studio, job_id) not in queue.OPEN)
    return queue.get(studio.db, job_id)


def phase(studio: Studio, job_id: int, title: str) -> Job:
    until(lambda: queue.get(studio.db, job_id).phase == title)
    return queue.get(studio.db, job_id)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
