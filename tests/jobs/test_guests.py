"""Somebody who wants a picture does not wait for a comparison: it lets pictures in between two of its batches."""

import json
import subprocess
from collections.abc import Callable

from studio.actions import jobs as actions
from studio.domain.records import Job, JobStatus
from studio.jobs.launchers import LocalLauncher
from studio.jobs.runner import work
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
    assert said(queue.get(studio.db, host)) == "done failed queued", "a failure empties what is loaded: no more guests"
    rows = [queue.get(studio.db, guest) for guest in guests]
    assert [row.status for row in rows] == [JobStatus.DONE, JobStatus.FAILED, JobStatus.DONE]
    [first, last] = [row for row in rows if row.status is JobStatus.DONE]
    ends = queue.get(studio.db, host).finished
    assert first.finished and last.finished and ends
    assert first.finished < ends < last.finished


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
    watch.stopping = {host.id: 1000.0}
    assert not watch.must_die(host, [host, guest, other])
    assert watch.must_die(host, [host, other])
