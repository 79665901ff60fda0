"""The queue: jobs and their events as rows; every change is one transaction, and the first writer of an end wins."""

import sys
import time
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from studio.domain.errors import NotFound, StudioError
from studio.domain.events import EVENT, Event, Phase, Progress
from studio.domain.records import Job, JobStatus
from studio.domain.specs import AnySpec
from studio.storage.database import reading
from studio.storage.tables import EVENT as EVENTS
from studio.storage.tables import JOB

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
FIRST_PHASE = "Getting ready"
"""With which every attempt at a job begins."""
GOES_ON = frozenset({"train", "pretrain"})
"""Kinds that keep their number when they are tried again, and go on from their last checkpoint."""


class Watch:
    """Tells cheaply (microseconds, no transaction) whether anybody changed the database since the last look."""

    def __init__(self, db: sa.Engine) -> None:
        self._connection = db.raw_connection()
        self._seen: int | None = None

    def __call__(self) -> bool:
        """True at the first call."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("PRAGMA data_version")
            version = int((cursor.fetchone() or (0,))[0])
        finally:
            cursor.close()
        changed, self._seen = version != self._seen, version
        return changed

    def close(self) -> None:
        """Gives the connection back."""
        self._connection.close()

    def forget(self) -> None:
        """Makes the next look say True."""
        self._seen = None


def submit(db: sa.Engine, spec: AnySpec, *, title: str, persona: str | None = None, priority: int = 0) -> int:
    """Puts a job into the queue; `title` is what the page calls it. Returns its id."""
    with db.begin() as connection:
        added = connection.execute(
            sa.insert(JOB)
            .values(
                kind=spec.kind,
                persona=persona,
                title=title,
                spec=spec.model_dump_json(),
                status=JobStatus.QUEUED,
                priority=priority,
                created=time.time(),
            )
            .returning(JOB.c.id)
        )
        return int(added.scalar_one())


def get(db: sa.Engine, job_id: int) -> Job:
    """Raises `NotFound`."""
    with reading(db) as connection:
        return _fetch(connection, job_id)


def specs(db: sa.Engine, job_ids: Collection[int]) -> dict[int, str]:
    """What those of these jobs that are known were asked to do, as JSON."""
    with reading(db) as connection:
        found = connection.execute(sa.select(JOB.c.id, JOB.c.spec).where(JOB.c.id.in_(job_ids)))
        return {number: spec for number, spec in found}


def jobs(
    db: sa.Engine,
    *,
    statuses: Collection[JobStatus] | None = None,
    kinds: Collection[str] | None = None,
    persona: str | None = None,
    limit: int = 50,
) -> list[Job]:
    """Newest first."""
    query = sa.select(JOB).order_by(JOB.c.id.desc()).limit(limit)
    if statuses is not None:
        query = query.where(JOB.c.status.in_(list(statuses)))
    if kinds is not None:
        query = query.where(JOB.c.kind.in_(list(kinds)))
    if persona is not None:
        query = query.where(JOB.c.persona == persona)
    with reading(db) as connection:
        return [_job(row) for row in connection.execute(query)]


def upcoming(db: sa.Engine, kinds: Collection[str], limit: int = 1) -> list[Job]:
    """Queued jobs of these kinds in the order in which they will run."""
    with reading(db) as connection:
        return [_job(row) for row in connection.execute(_waiting(kinds).limit(limit))]


def claim(
    db: sa.Engine,
    *,
    kinds: Collection[str],
    pid: int,
    pid_started: float,
    lane: Collection[str] | None = None,
    job_id: int | None = None,
) -> Job | None:
    """Takes the next queued job of `kinds` for the process `pid` (created at `pid_started`), or nothing.

    `lane`: kinds that share one machine. Then nothing is taken while one of them runs, nor when the first in
    their common line is of a kind that is not among `kinds`. `job_id`: this job or nothing.
    """
    with db.begin() as connection:
        if lane is not None and connection.execute(_running(lane).limit(1)).first() is not None:
            return None
        line = _waiting(kinds if lane is None else lane)
        if job_id is not None:
            line = line.where(JOB.c.id == job_id)
        first = connection.execute(line.limit(1)).first()
        if first is None or first.kind not in kinds:
            return None
        now = time.time()
        connection.execute(
            sa.update(JOB)
            .where(JOB.c.id == first.id)
            .values(
                status=JobStatus.RUNNING,
                started=now,
                heartbeat=now,
                pid=pid,
                pid_started=pid_started,
                phase="",
                step=0,
                total=0,
                attempt=JOB.c.attempt + 1,
            )
        )
        return _fetch(connection, first.id)


def request_stop(db: sa.Engine, job_id: int) -> Job:
    """Stop was pressed: a waiting job is cancelled at once, a running one asked (1), the second time killed (2).

    Raises `NotFound`. A job that has ended stays as it is.
    """
    with db.begin() as connection:
        job = _fetch(connection, job_id)
        chosen = sa.update(JOB).where(JOB.c.id == job_id)
        if job.status is JobStatus.QUEUED:
            connection.execute(chosen.values(status=JobStatus.CANCELLED, finished=time.time()))
        elif job.status is JobStatus.RUNNING:
            connection.execute(chosen.values(stop=min(2, job.stop + 1)))
        return _fetch(connection, job_id)


def stop_asked(db: sa.Engine, job_id: int) -> int:
    """0: go on; 1: stop was pressed; 2: pressed again. One read by primary key."""
    with reading(db) as connection:
        return int(connection.execute(sa.select(JOB.c.stop).where(JOB.c.id == job_id)).scalar() or 0)


def record(db: sa.Engine, job_id: int, *happened: Event) -> None:
    """Adds events and brings the job's row (heartbeat, longest silence, phase, step) up to them.

    Of `Progress` only the newest is kept. Raises nothing: a training must not die because a line about it could
    not be written; the failure goes to the job's log.
    """
    now = time.time()
    silence = now - sa.func.coalesce(JOB.c.heartbeat, now)
    row: dict[str, Any] = {
        "heartbeat": now,
        "longest_phase": sa.case((silence > JOB.c.longest_phase, silence), else_=JOB.c.longest_phase),
    }
    for event in happened:
        if isinstance(event, Progress):
            row |= {"step": event.step, "total": event.total, "note": event.note}
        elif isinstance(event, Phase):
            row |= {"phase": event.title, "note": ""}
    newest = next((event for event in reversed(happened) if isinstance(event, Progress)), None)
    lines = [
        {"job": job_id, "time": now, "kind": event.kind, "body": EVENT.dump_json(event).decode()}
        for event in happened
        if not isinstance(event, Progress) or event is newest
    ]
    try:
        with db.begin() as connection:
            if newest is not None:
                connection.execute(
                    sa.delete(EVENTS).where(EVENTS.c.job == job_id, EVENTS.c.kind == "progress")
                )
            connection.execute(sa.insert(EVENTS), lines)
            connection.execute(sa.update(JOB).where(JOB.c.id == job_id).values(**row))
    except (StudioError, sa.exc.SQLAlchemyError) as error:
        bodies = " ".join(str(line["body"]) for line in lines)
        print(f"Not written down for job {job_id}: {bodies} ({error})", file=sys.stderr, flush=True)


def beat(db: sa.Engine, job_id: int) -> None:
    """Says that a job's process lives, without counting its silence before: it did something else."""
    with db.begin() as connection:
        connection.execute(sa.update(JOB).where(JOB.c.id == job_id).values(heartbeat=time.time()))


def events(
    db: sa.Engine,
    job_id: int,
    *,
    after: int = 0,
    kinds: Collection[str] | None = None,
    limit: int = 10_000,
) -> list[tuple[int, float, Event]]:
    """(id, time in seconds since the epoch, event), oldest first, with ids above `after`."""
    query = (
        sa.select(EVENTS.c.id, EVENTS.c.time, EVENTS.c.body)
        .where(EVENTS.c.job == job_id, EVENTS.c.id > after)
        .order_by(EVENTS.c.id)
        .limit(limit)
    )
    if kinds is not None:
        query = query.where(EVENTS.c.kind.in_(list(kinds)))
    with reading(db) as connection:
        return [(row.id, row.time, EVENT.validate_json(row.body)) for row in connection.execute(query)]


def seconds_run(db: sa.Engine, job: Job) -> float:
    """How long it has run, all attempts together; an attempt that was cut off counts to the last that was heard of it."""
    if job.started is None:
        return 0.0
    before = sa.select(EVENTS.c.time, EVENTS.c.body).where(EVENTS.c.job == job.id, EVENTS.c.time < job.started)
    with reading(db) as connection:
        told = [(row.time, EVENT.validate_json(row.body)) for row in connection.execute(before.order_by(EVENTS.c.id))]
    earlier: list[tuple[float, float]] = []
    for when, event in told:
        begins = isinstance(event, Phase) and event.title == FIRST_PHASE
        earlier = [*earlier, (when, when)] if begins or not earlier else [*earlier[:-1], (earlier[-1][0], when)]
    return sum(last - first for first, last in earlier) + (job.finished or time.time()) - job.started


def finish(
    db: sa.Engine,
    job_id: int,
    status: JobStatus,
    *,
    message: str = "",
    hint: str = "",
    result: str | None = None,
) -> bool:
    """Ends a job that has not ended yet. Returns whether this call did it."""
    with db.begin() as connection:
        ended = connection.execute(
            sa.update(JOB)
            .where(JOB.c.id == job_id, JOB.c.status.in_(OPEN))
            .values(status=status, finished=time.time(), message=message, hint=hint, result=result)
            .returning(JOB.c.id)
        )
        return ended.first() is not None


def requeue(db: sa.Engine, job_id: int, note: str) -> bool:
    """Puts a running job whose process is gone back into the line; `note` says why. Returns whether it ran."""
    with db.begin() as connection:
        back = connection.execute(
            sa.update(JOB)
            .where(JOB.c.id == job_id, JOB.c.status == JobStatus.RUNNING)
            .values(status=JobStatus.QUEUED, pid=None, pid_started=None, stop=0, note=note)
            .returning(JOB.c.id)
        )
        return back.first() is not None


def reopen(db: sa.Engine, job_id: int) -> bool:
    """Puts a failed or cancelled job back into the line as it was first asked for. Returns whether it had ended so."""
    with db.begin() as connection:
        back = connection.execute(
            sa.update(JOB)
            .where(JOB.c.id == job_id, JOB.c.status.in_([JobStatus.FAILED, JobStatus.CANCELLED]))
            .values(
                status=JobStatus.QUEUED,
                stop=0,
                attempt=0,
                pid=None,
                pid_started=None,
                started=None,
                finished=None,
                message="",
                hint="",
                note="",
                result=None,
            )
            .returning(JOB.c.id)
        )
        return back.first() is not None


def _waiting(kinds: Collection[str]) -> sa.Select[Any]:
    return (
        sa.select(JOB)
        .where(JOB.c.status == JobStatus.QUEUED, JOB.c.kind.in_(list(kinds)))
        .order_by(JOB.c.priority.desc(), JOB.c.id)
    )


def _running(kinds: Collection[str]) -> sa.Select[Any]:
    return sa.select(JOB.c.id).where(JOB.c.status == JobStatus.RUNNING, JOB.c.kind.in_(list(kinds)))


def _fetch(connection: sa.Connection, job_id: int) -> Job:
    row = connection.execute(sa.select(JOB).where(JOB.c.id == job_id)).first()
    if row is None:
        raise NotFound(f"There is no job {job_id}.", "Look at the list of jobs for its number.")
    return _job(row)


def _job(row: sa.Row[Any]) -> Job:
    return Job.model_validate(dict(row._mapping))
