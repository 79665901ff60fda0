"""Whatever ends a process, its job says so within a second and the queue goes on."""

import subprocess
import time
from collections.abc import Callable

import pytest

from studio.domain.records import JobStatus
from studio.files import write_atomic
from studio.jobs import supervisor as module
from studio.jobs.launchers import Ended, Handle, LocalLauncher
from studio.jobs.supervisor import Supervisor
from studio.storage import queue
from studio.storage.opened import Studio
from tests.jobs.child import COMMAND
from tests.jobs.conftest import ask, ended, kill, phase
from tests.timing import allowed

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.mark.parametrize("kind", ["train", "generate"])
def test_a_signal_is_reported_within_a_second(studio: Studio, start_supervisor: Start, kind: str) -> None:
    start_supervisor()
    for name, says in (("SIGKILL", "killed"), ("SIGSEGV", "segmentation"), ("SIGABRT", "gave up")):
        job = ask(studio, f"die {name}", kind)
        phase(studio, job, "Dying")
        died = time.time()
        row = ended(studio, job)
        assert row.finished is not None
        assert row.finished - died < allowed(1.0)
        assert row.status is JobStatus.FAILED
        assert says in row.message
    assert ended(studio, ask(studio, "say after", kind)).status is JobStatus.DONE


@pytest.mark.parametrize("kind", ["train", "generate"])
def test_a_kill_from_outside(studio: Studio, start_supervisor: Start, kind: str) -> None:
    start_supervisor()
    job, following = ask(studio, "hang", kind), ask(studio, "say after", kind)
    row = phase(studio, job, "Hanging")
    assert row.pid is not None
    kill(row.pid)
    killed = time.time()
    over = ended(studio, job)
    assert over.finished is not None
    assert over.finished - killed < allowed(1.0)
    assert "killed from outside" in over.message
    assert ended(studio, following).status is JobStatus.DONE


def test_an_exit_without_a_word(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    row = ended(studio, ask(studio, "leave 3", "train"))
    assert (row.status, "exit status 3" in row.message) == (JobStatus.FAILED, True)


def test_a_training_with_a_checkpoint_is_told_that_it_goes_on(
    studio: Studio, start_supervisor: Start
) -> None:
    start_supervisor()
    job = ask(studio, "hang", "train")
    row = phase(studio, job, "Hanging")
    write_atomic(studio.workspace.run_dir(job) / "checkpoints" / "step-000050.safetensors", b"x")
    assert row.pid is not None
    kill(row.pid)
    assert ended(studio, job).hint.startswith("Try again: it goes on from its last checkpoint.")


def test_out_of_memory_is_told_by_the_kernels_counter(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Supervisor(studio, LocalLauncher(COMMAND), memory_kills=4)
    monkeypatch.setattr(module, "memory_is_short", lambda: False)
    for counted, says in ((5, "memory ran out"), (4, "killed from outside")):
        job = ask(studio, "hang")
        watch.children[job] = module.Watched("import", Handle(2**22 + 1, 0.0))
        monkeypatch.setattr(module, "memory_kills", lambda counted=counted: counted)
        watch.bury(job, Handle(2**22 + 1, 0.0), Ended(-9))
        assert says in queue.get(studio.db, job).message


def test_a_process_that_cannot_even_start_fails_its_job_and_the_queue_goes_on(studio: Studio) -> None:
    class Full(LocalLauncher):
        def launch(self, arguments: object, log: object) -> Handle:
            raise OSError(11, "Resource temporarily unavailable")

    jobs = [ask(studio, "say hi", kind) for kind in ("import", "train", "generate")]
    watch = Supervisor(studio, Full(COMMAND))
    for _ in range(3):
        watch.look()
    for job in jobs:
        row = queue.get(studio.db, job)
        assert row.status is JobStatus.FAILED
        assert "Resource temporarily unavailable" in row.message


def test_a_broken_installation_fails_the_job_instead_of_starting_for_ever(studio: Studio) -> None:
    watch = Supervisor(studio, LocalLauncher((*COMMAND[:2], "no_such_module")))
    jobs = [ask(studio, "say hi", kind) for kind in ("import", "train", "generate")]
    deadline = time.monotonic() + 60
    while any(queue.get(studio.db, job).status in queue.OPEN for job in jobs) and time.monotonic() < deadline:
        watch.look(watch.gone())
        time.sleep(0.02)
    for job in jobs:
        row = queue.get(studio.db, job)
        assert (row.status, "exit status 1" in row.message) == (JobStatus.FAILED, True), row
        log = studio.workspace.absolute(next(word for word in row.hint.split() if word.startswith("logs/")))
        assert "no_such_module" in log.read_text()
