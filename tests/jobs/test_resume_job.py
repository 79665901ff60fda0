"""A training's own process is killed with SIGKILL; tried again, it ends in the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.actions import training
from studio.domain.records import JobStatus
from studio.storage import queue, runs
from studio.storage.opened import Studio
from tests.jobs.test_train import base, done, spec, studio

__all__ = ["base", "studio"]


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_child_goes_on(studio: Studio) -> None:
    wanted = spec(steps=40, checkpoint_every=10, prior={"count": 0}, ema=0.9, accumulation=2)
    straight = done(studio, training.start_training(studio, wanted))
    job = training.start_training(studio, wanted)
    child = subprocess.Popen(
        [sys.executable, "-m", "studio", "job", str(job), "--workspace", str(studio.workspace.root)],
        cwd=Path(__file__).parents[2],
    )
    deadline = time.monotonic() + 120
    while queue.get(studio.db, job).step < 13 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert 13 <= queue.get(studio.db, job).step < 40
    queue.finish(studio.db, job, JobStatus.FAILED, message="killed")
    queue.reopen(studio.db, job)
    done(studio, job)
    last = [runs.checkpoints(studio.workspace, one)[-1] for one in (straight.id, job)]
    assert last[0].step == last[1].step == 40 and last[0].sha256 == last[1].sha256
