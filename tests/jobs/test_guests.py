"""Somebody who wants a picture does not wait for a comparison: it lets pictures in between two of its batches."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from studio.actions import jobs as actions
from studio.domain.errors import DiskTrouble
from studio.domain.records import Job, JobStatus
from studio.jobs.desk import pipeline_key
from studio.jobs.launchers import LocalLauncher
from studio.jobs.runner import let_in, work
from studio.jobs.supervisor import Supervisor
from studio.storage import queue
from studio.storage.opened import Studio
from tests.jobs import deeds
from tests.jobs.child import COMMAND
from tests.jobs.conftest import ask, ended, phase, status

Start = Callable[..., "subprocess.Popen[bytes]"]


def said(job: Job) -> str:
    return str(json.loads(job.result or "{}")["said"])


def test_pictures_on_its_own_base_come_in_between(studio: Studio) -> None:
    host = ask(studio, "host embedded", "compare")
    guests = [ask(studio, line, "generate") for line in ("say a", "refuse", "say b")]
    work(studio, idle_seconds=0.3, handlers=deeds.HANDLERS)
    assert said(queue.get(studio.db, host)) == "done failed done", "a refusal spoils nothing for the next one"
    rows = [queue.get(studio.db, guest) for guest in guests]
    ends = queue.get(studio.db, host).finished
    assert ends and all(row.finished and row.finished < ends for row in rows)


def test_after_a_guest_that_failed_unexpectedly_the_next_wait(studio: Studio) -> None:
    host = ask(studio, "host embedded", "compare")
    guests = [ask(studio, line, "generate") for line in ("stumble", "say b")]
    work(studio, idle_seconds=0.3, handlers=deeds.HANDLERS)
    assert said(queue.get(studio.db, host)) == "failed queued", "what is loaded cannot be trusted"
    assert [status(studio, guest) for guest in guests] == [JobStatus.FAILED, JobStatus.DONE]


def test_a_row_nobody_can_read_keeps_no_host_from_its_work(studio: Studio) -> None:
    host, guest = ask(studio, "host embedded", "compare"), ask(studio, "say a", "generate")
    with studio.db.begin() as connection:
        connection.exec_driver_sql('UPDATE job SET spec = \'{"kind": "unknown"}\' WHERE kind = \'generate\'')
    work(studio, idle_seconds=0.3, handlers=deeds.HANDLERS)
    assert said(queue.get(studio.db, host)) == "queued"
    assert status(studio, guest) is JobStatus.FAILED


def test_a_guest_whose_end_cannot_be_written_ends_the_process(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row says that it runs; a living process would keep everything else waiting."""
    host, guest = ask(studio, "host embedded", "compare"), ask(studio, "say a", "generate")
    finish = queue.finish

    def full(db: Engine, job_id: int, *rest: Any, **more: Any) -> bool:
        if job_id == guest:
            raise DiskTrouble("The disk is full.", "Free some space.")
        return finish(db, job_id, *rest, **more)

    monkeypatch.setattr(queue, "finish", full)
    with pytest.raises(SystemExit):
        work(studio, idle_seconds=0.3, handlers=deeds.HANDLERS)
    assert {status(studio, host), status(studio, guest)} == {JobStatus.RUNNING}, "the supervisor closes both"


def test_a_host_that_is_to_stop_lets_nobody_in(studio: Studio) -> None:
    host, guest = ask(studio, "host embedded 3", "compare"), ask(studio, "say a", "generate")
    queue.claim(studio.db, kinds={"compare"}, pid=1, pid_started=1.0)
    queue.request_stop(studio.db, host)
    let_in(studio, host, deeds.HANDLERS, {pipeline_key("embedded"): 1})
    assert status(studio, guest) is JobStatus.QUEUED


def test_pictures_on_another_base_wait(studio: Studio) -> None:
    host, guest = ask(studio, "host other", "compare"), ask(studio, "say a", "generate")
    work(studio, idle_seconds=0.3, handlers=deeds.HANDLERS)
    assert said(queue.get(studio.db, host)) == "queued"
    assert status(studio, guest) is JobStatus.DONE


def test_a_guest_that_is_ended_by_force_takes_nothing_from_its_host(studio: Studio, start_supervisor: Start) -> None:
    host, guest = ask(studio, "host embedded 3", "compare"), ask(studio, "hang", "generate")
    start_supervisor()
    phase(studio, guest, "Hanging")
    assert status(studio, host) is JobStatus.RUNNING
    actions.stop(studio, guest)
    actions.stop(studio, guest)
    assert ended(studio, guest).status is JobStatus.CANCELLED
    row = ended(studio, host)
    assert (row.status, row.attempt) == (JobStatus.DONE, 2), row.message


def test_a_host_that_was_stopped_too_does_not_come_back(studio: Studio, start_supervisor: Start) -> None:
    host, guest = ask(studio, "host embedded 3", "compare"), ask(studio, "hang", "generate")
    start_supervisor()
    phase(studio, guest, "Hanging")
    for job in (host, guest, guest):
        actions.stop(studio, job)
    assert ended(studio, guest).status is JobStatus.CANCELLED
    row = ended(studio, host)
    assert (row.status, row.attempt) == (JobStatus.CANCELLED, 1), row.message


def test_a_guest_that_crashes_the_process_takes_nothing_from_its_host(studio: Studio, start_supervisor: Start) -> None:
    host, guest = ask(studio, "host embedded 3", "compare"), ask(studio, "segv", "generate")
    start_supervisor()
    assert ended(studio, guest).status is JobStatus.FAILED
    row = ended(studio, host)
    assert (row.status, row.attempt) == (JobStatus.DONE, 2), row.message


def test_a_host_that_waits_for_its_guest_does_not_hang(studio: Studio) -> None:
    watch = Supervisor(studio, LocalLauncher(COMMAND))
    host, guest, other = (
        queue.get(studio.db, ask(studio, "hang", kind)).model_copy(update=news)
        for kind, news in (
            ("compare", {"pid": 7, "stop": 1, "heartbeat": 1000.0}),
            ("generate", {"pid": 7, "heartbeat": 9e9}),
            ("train", {"pid": 8, "heartbeat": 9e9}),
        )
    )
    watch.stopping = {host.id: 1000.0}  # after a guest `queue.beat` brings the host's own news up to date
    assert not watch.must_die(host, [host, guest, other])
    assert watch.must_die(host, [host, other])
