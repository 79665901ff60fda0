"""Stop: at the next step with what there is; a second press, or silence after the first, ends the process."""

import json
import subprocess
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from studio.actions import jobs as actions
from studio.actions import personas
from studio.domain.errors import Conflict, NotFound, Refused
from studio.domain.events import Event, Note, Saved
from studio.domain.records import Charter, JobStatus
from studio.jobs.launchers import LocalLauncher
from studio.jobs.supervisor import Supervisor, silence_allowed
from studio.storage import queue
from studio.storage.opened import Studio
from tests.jobs.child import COMMAND
from tests.jobs.conftest import ask, ended, phase, stepping, until
from tests.timing import allowed

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.mark.parametrize("kind", ["train", "generate", "import"])
def test_stop_ends_at_the_next_step_and_keeps_what_there_is(
    studio: Studio, start_supervisor: Start, kind: str
) -> None:
    start_supervisor()
    job = ask(studio, "steps 1000 0.02", kind)
    stepping(studio, job)
    pressed = time.monotonic()
    assert actions.stop(studio, job).stop == 1
    assert time.monotonic() - pressed < allowed(0.3)
    row = ended(studio, job)
    assert time.monotonic() - pressed < allowed(1.0)
    assert (row.status, row.message) == (JobStatus.CANCELLED, "Stopped.")
    assert any(isinstance(event, Saved) for _, _, event in queue.events(studio.db, job))


def test_a_stopped_training_goes_on_where_it_was(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    job = ask(studio, "steps 40 0.03", "train")
    stepping(studio, job)
    actions.stop(studio, job)
    ended(studio, job)
    assert actions.retry(studio, job) == job
    said = json.loads(ended(studio, job).result or "")["said"]
    assert said.endswith("to 40")
    assert not said.startswith("from 0 ")


@pytest.mark.parametrize("kind", ["train", "generate"])
def test_a_second_press_ends_the_process_and_all_it_started(
    studio: Studio, start_supervisor: Start, kind: str
) -> None:
    start_supervisor()
    job = ask(studio, "family", kind)
    until(lambda: queue.events(studio.db, job, kinds={"note"}))
    [(_, _, note)] = queue.events(studio.db, job, kinds={"note"})
    assert isinstance(note, Note)
    grandchild = psutil.Process(int(note.text))
    next_one = ask(studio, "say after", kind)
    actions.stop(studio, job)
    time.sleep(0.3)
    assert queue.get(studio.db, job).status is JobStatus.RUNNING
    pressed = time.monotonic()
    actions.stop(studio, job)
    row = ended(studio, job)
    assert time.monotonic() - pressed < allowed(1.0)
    assert (row.status, row.message) == (JobStatus.CANCELLED, "Stopped at once.")
    until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)
    assert ended(studio, next_one).status is JobStatus.DONE


def test_a_waiting_job_is_cancelled_without_a_supervisor(studio: Studio) -> None:
    job = ask(studio, "say never")
    assert actions.stop(studio, job).status is JobStatus.CANCELLED


def test_silence_is_measured_from_the_last_news_and_from_stop(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule itself, without waiting ten seconds for it."""
    watch = Supervisor(studio, LocalLauncher(COMMAND))
    job = queue.get(studio.db, ask(studio, "hang")).model_copy(update={"stop": 1, "heartbeat": 1000.0})
    for longest, most in ((0.0, 10.0), (2.0, 10.0), (5.0, 15.0)):
        slow = job.model_copy(update={"longest_phase": longest})
        assert silence_allowed(slow) == most
        watch.stopping = {job.id: 1000.0}
        for now, dead in ((1000 + most - 0.1, False), (1000 + most + 0.1, True)):
            monkeypatch.setattr("studio.jobs.supervisor.time.time", lambda now=now: now)
            assert watch.must_die(slow) is dead
    watch.stopping = {job.id: 1500.0}  # silent for long, and Stop was pressed only now
    monkeypatch.setattr("studio.jobs.supervisor.time.time", lambda: 1505.0)
    assert not watch.must_die(job)
    assert watch.must_die(job.model_copy(update={"stop": 2}))


@pytest.mark.slow
def test_a_job_that_hangs_after_stop_is_ended(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    job = ask(studio, "hang 60", "train")
    phase(studio, job, "Hanging")
    pressed = time.monotonic()
    actions.stop(studio, job)
    row = ended(studio, job)
    assert 9.5 < time.monotonic() - pressed < 10 + allowed(1.0)
    assert row.status is JobStatus.CANCELLED
    assert "did not end by itself" in row.message


def test_retry_makes_a_new_job_of_anything_else(studio: Studio, start_supervisor: Start) -> None:
    personas.create_persona(studio, name="Mira", trigger="mirvok", charter=Charter(confirmed_adult=True))
    start_supervisor()
    job = ask(studio, "refuse")
    ended(studio, job)
    again = actions.retry(studio, job)
    assert again != job
    assert queue.get(studio.db, again).spec == queue.get(studio.db, job).spec
    assert ended(studio, again).status is JobStatus.FAILED
    done = ask(studio, "say done")
    ended(studio, done)
    with pytest.raises(Conflict, match="is done"):
        actions.retry(studio, done)
    with pytest.raises(NotFound):
        actions.retry(studio, 999)
    personas.revoke(studio, "mira")
    for refused in (job, again):
        with pytest.raises(Refused, match="revoked"):
            actions.retry(studio, refused)


def test_wait_tells_everything_in_order(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    job = ask(studio, "steps 30 0.02")
    seen: list[Event] = []
    assert actions.wait(studio, job, on_event=seen.append, timeout=60).status is JobStatus.DONE
    losses = [event.step for event in seen if event.kind == "scalar"]
    assert losses == list(range(1, 31))
    assert seen[0].kind == "phase"
    hanging = ask(studio, "hang 30")
    assert actions.wait(studio, hanging, timeout=0.3).status in (JobStatus.QUEUED, JobStatus.RUNNING)


def test_wait_returns_when_another_thread_stops(studio: Studio) -> None:
    job = ask(studio, "say never")
    threading.Timer(0.2, actions.stop, (studio, job)).start()
    assert actions.wait(studio, job, timeout=60).status is JobStatus.CANCELLED
