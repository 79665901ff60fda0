"""What a person can do with a job: stop it, try it again, wait for it."""

import time
from collections.abc import Callable
from contextlib import closing

from studio.domain.errors import Conflict
from studio.domain.events import Event
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC
from studio.storage import gate, queue
from studio.storage.opened import Studio

POLL_SECONDS = 0.05


def stop(studio: Studio, job_id: int) -> Job:
    """Stop was pressed: a waiting job is cancelled, a running one ends at its next step; again: killed.

    Raises `NotFound`.
    """
    return queue.request_stop(studio.db, job_id)


def end(studio: Studio, job_id: int) -> Job:
    """Ends a job that has nothing to keep at once, as two presses of Stop do. Raises `NotFound`."""
    queue.request_stop(studio.db, job_id)
    return queue.request_stop(studio.db, job_id)


def retry(studio: Studio, job_id: int) -> int:
    """Puts a failed or stopped job into the queue again and returns its id.

    A training keeps its id and goes on from its last checkpoint; anything else becomes a new job of the same
    spec, if it may still be done. Raises `NotFound`, `Conflict` when the job has not ended or is done, and `Refused`
    or `BadInput` as when it was first asked for; a training asks that itself before it goes on.
    """
    job = queue.get(studio.db, job_id)
    if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        raise Conflict(
            f"“{job.title}” is {job.status.value}.",
            "Only a job that failed or was stopped can be tried again.",
        )
    if job.kind in queue.GOES_ON:
        queue.reopen(studio.db, job_id)
        return job_id
    spec = SPEC.validate_json(job.spec)
    gate.check(studio, spec)
    return queue.submit(studio.db, spec, title=job.title, persona=job.persona, priority=job.priority)


def wait(
    studio: Studio,
    job_id: int,
    *,
    on_event: Callable[[Event], None] | None = None,
    timeout: float | None = None,
) -> Job:
    """Waits until the job has ended, at most `timeout` seconds, and returns it as it then is.

    `on_event` is called with everything the job reports, in order; of its progress only the newest.
    Raises `NotFound`.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    after = 0
    with closing(queue.Watch(studio.db)) as changed:
        while True:
            if changed():
                job = queue.get(studio.db, job_id)
                if on_event is not None:
                    for seen, _, event in queue.events(studio.db, job_id, after=after):
                        after = seen
                        on_event(event)
                if job.status not in queue.OPEN:
                    return job
            if deadline is not None and time.monotonic() >= deadline:
                return queue.get(studio.db, job_id)
            time.sleep(POLL_SECONDS)
