"""A job's handler gets its spec and a desk; however it ends, the row says so in a sentence."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.domain.errors import Cancelled, NotFound
from studio.domain.events import Note, Progress, Scalar
from studio.domain.lanes import LIGHT, MACHINE, WARM
from studio.domain.records import Job, JobStatus
from studio.jobs.handlers import HANDLERS
from studio.jobs.launchers import CODE_FOLDER, Ended, LocalLauncher, choices_of
from studio.jobs.obituary import cause_of_death
from studio.jobs.reporting import Reporter
from studio.jobs.runner import run_job
from studio.settings import load_settings
from studio.storage import queue
from studio.storage.opened import Studio
from tests.jobs import deeds
from tests.jobs.child import COMMAND
from tests.jobs.conftest import ask, ended, phase, until
from tests.timing import allowed

Start = Callable[..., "subprocess.Popen[bytes]"]


def perform(studio: Studio, line: str) -> Job:
    """Runs one deed in a child of its own, as the supervisor would."""
    job = ask(studio, line)
    subprocess.run(
        [*COMMAND, "job", str(job), "--workspace", str(studio.workspace.root)],
        cwd=CODE_FOLDER,
        check=False,
        timeout=120,
        stderr=subprocess.DEVNULL,
    )
    return queue.get(studio.db, job)


def test_every_kind_has_a_handler_and_one_lane() -> None:
    assert frozenset(HANDLERS) == MACHINE | LIGHT
    assert not MACHINE & LIGHT
    assert WARM < MACHINE


def test_a_result_is_kept_as_json(studio: Studio) -> None:
    job = perform(studio, "say good day")
    assert job.status is JobStatus.DONE
    assert json.loads(job.result or "")["said"] == "good day"
    assert perform(studio, "nothing").result is None


@pytest.mark.parametrize(
    ("deed", "message", "hint"),
    [
        ("refuse", "“cat.txt” is not a picture.", "Choose a PNG, JPEG or WebP."),
        ("fill", "The disk is full: ", "Free some space"),
        ("swell", "There was not enough memory for this job.", "Close other programs"),
    ],
)
def test_failures_become_their_sentence(studio: Studio, deed: str, message: str, hint: str) -> None:
    job = perform(studio, deed)
    assert job.status is JobStatus.FAILED
    assert job.message.startswith(message)
    assert job.hint.startswith(hint)


def test_our_own_mistakes_say_so_and_name_their_entry(
    studio: Studio, capfd: pytest.CaptureFixture[str]
) -> None:
    job = ask(studio, "stumble")
    assert run_job(studio, job, handlers=deeds.HANDLERS) == 1
    row = queue.get(studio.db, job)
    assert row.message.startswith("This is our mistake")
    assert "KeyError" in row.message
    assert f"logs/job-{job}.txt" in row.hint
    entry = row.hint.split("entry ")[1].split()[0]
    printed = capfd.readouterr().err
    assert entry in printed
    assert "no such thing" in printed


def test_a_spec_of_another_version_is_a_failure_not_a_crash(studio: Studio) -> None:
    job = ask(studio, "say hi")
    with studio.db.begin() as connection:
        connection.exec_driver_sql('UPDATE job SET spec = \'{"kind": "unknown"}\'')
    assert run_job(studio, job, handlers=deeds.HANDLERS) == 1
    assert queue.get(studio.db, job).status is JobStatus.FAILED


def test_a_job_that_is_taken_or_over_is_left_alone(studio: Studio) -> None:
    job = ask(studio, "say hi")
    assert queue.claim(studio.db, kinds={"import"}, pid=1, pid_started=1.0) is not None
    assert run_job(studio, job, handlers=deeds.HANDLERS) == 0
    assert queue.get(studio.db, job).pid == 1
    with pytest.raises(NotFound):
        run_job(studio, 999)


def test_a_job_yields_to_the_page(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    for kind in ("train", "generate"):
        job = ask(studio, "hang", kind)
        pid = phase(studio, job, "Hanging").pid
        assert psutil.Process(pid).nice() >= 5
        queue.request_stop(studio.db, job)
        queue.request_stop(studio.db, job)
        ended(studio, job)


def test_the_warm_loop_keeps_what_it_loaded_and_survives_failures(studio: Studio) -> None:
    asked = [ask(studio, line, "generate") for line in ("say a", "refuse", "say b", "stumble", "say c", "print word")]
    root = str(studio.workspace.root)
    loop = subprocess.Popen([*COMMAND, "work", "--kinds", "generate", "--workspace", root], cwd=CODE_FOLDER)
    jobs = [ended(studio, job) for job in asked]
    loop.kill()
    loop.wait()
    told = [json.loads(job.result) if job.result else None for job in jobs]
    assert [each and each["loads"] for each in told] == [1, None, 2, None, 1, None], "an unexpected failure empties the cache"
    assert {each["pid"] for each in told if each} == {loop.pid}
    log = studio.workspace.job_log(asked[-1]).read_text()
    assert "word" in log
    assert "native-word" in log
    assert not studio.workspace.job_log(asked[0]).exists()


def test_only_one_warm_loop(studio: Studio) -> None:
    root = str(studio.workspace.root)
    line = [*COMMAND, "work", "--kinds", "generate", "--workspace", root]
    first = subprocess.Popen(line, cwd=CODE_FOLDER)
    ended(studio, ask(studio, "say a", "generate"))
    assert subprocess.run(line, cwd=CODE_FOLDER, timeout=120, check=False).returncode == 0
    assert first.poll() is None
    first.kill()
    first.wait()


def test_reports_are_gathered_and_the_last_is_never_lost(studio: Studio) -> None:
    job = ask(studio, "say hi")
    queue.claim(studio.db, kinds={"import"}, pid=1, pid_started=1.0)
    report = Reporter(studio.db, job)
    began = time.perf_counter()
    for step in range(1, 2001):
        report(Scalar(name="loss", step=step, value=1 / step))
        report(Progress(step=step, total=3000))
    seconds = time.perf_counter() - began
    report.flush()
    assert queue.get(studio.db, job).step == 2000
    assert len(queue.events(studio.db, job, kinds={"scalar"})) == 2000
    assert seconds < allowed(2.0), "a millisecond a step would slow a training down"
    report(Progress(step=2500, total=3000))
    report(Note(text="now"))
    assert [event.kind for _, _, event in queue.events(studio.db, job)][-2:] == ["progress", "note"]


def test_stop_is_told_once_so_that_saving_can_be_reported(studio: Studio) -> None:
    job = ask(studio, "say hi")
    queue.claim(studio.db, kinds={"import"}, pid=1, pid_started=1.0)
    report = Reporter(studio.db, job)
    report(Progress(step=1, total=3))
    queue.request_stop(studio.db, job)
    time.sleep(0.06)
    with pytest.raises(Cancelled):
        report(Progress(step=2, total=3))
    assert queue.get(studio.db, job).step == 2
    time.sleep(0.06)
    report(Note(text="saved"))


@pytest.mark.parametrize(
    ("code", "short", "says"),
    [
        (-9, True, "memory ran out"),
        (-9, False, "killed from outside"),
        (-11, False, "segmentation fault"),
        (-6, False, "gave up"),
        (-15, True, "by the system"),
        (3, False, "exit status 3"),
        (None, False, "without saying why."),
    ],
)
def test_the_cause_of_death_is_a_sentence(code: int | None, short: bool, says: str) -> None:
    cause = cause_of_death(Ended(code), out_of_memory=short, log="logs/job-1.txt")
    assert says in cause.message
    assert cause.hint


def test_children_print_into_their_log(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    job = ask(studio, "print kilroy")
    assert ended(studio, job).status is JobStatus.DONE
    log: Path = studio.workspace.job_log(job)
    assert log.read_text().split() == ["kilroy", "native-kilroy"]


def test_a_library_that_crashes_leaves_its_trace_in_the_log(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    job = ask(studio, "segv", "generate")
    assert "segmentation fault" in ended(studio, job).message
    until(lambda: "do_segv" in studio.workspace.job_log(job).read_text())


def test_choices_of_the_command_line_reach_the_children(tmp_path: Path) -> None:
    settings = load_settings({"workspace": tmp_path, "device": "cpu", "threads": 1})
    assert choices_of(settings) == {"STUDIO_DEVICE": "cpu", "STUDIO_THREADS": "1"}
    line = (sys.executable, "-c", "import os; print(os.environ['STUDIO_DEVICE'])")
    launcher = LocalLauncher(line, choices_of(settings))
    handle = launcher.launch([], tmp_path / "log.txt")
    until(lambda: launcher.poll(handle))
    assert (tmp_path / "log.txt").read_text() == "cpu\n"
