"""Runs jobs in this process: the only way a job is ever executed, alone or in the warm loop."""

import contextlib
import errno
import faulthandler
import importlib
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from pydantic import ValidationError

from studio.domain.errors import BadInput, Cancelled, NotFound, OutOfMemory, Refused, StudioError, Unsupported
from studio.domain.events import Phase
from studio.domain.lanes import GUEST, HOST, LIGHT, MACHINE, WARM
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, GenerateSpec
from studio.files import disk_trouble
from studio.jobs.desk import Desk, Loaded, nobody, pipeline_key
from studio.jobs.handlers import HANDLERS
from studio.jobs.reporting import Reporter
from studio.storage import queue
from studio.storage.opened import Studio
from studio.storage.presence import hold, self_started

__all__ = ["HANDLERS", "Desk", "Loaded", "run_job", "work"]

NICENESS = 5
DISK_ERRORS = {errno.ENOSPC, errno.EROFS, errno.EDQUOT}
IDLE_SECONDS = 300.0


def run_job(studio: Studio, job_id: int, *, handlers: Mapping[str, str] = HANDLERS) -> int:
    """Claims job `job_id` and runs it to its end; does nothing when it is taken or over. Returns the exit code.

    Raises `NotFound` for an unknown id.
    """
    kind = queue.get(studio.db, job_id).kind
    job = queue.claim(
        studio.db,
        kinds={kind},
        lane=None if kind in LIGHT else MACHINE,
        job_id=job_id,
        pid=os.getpid(),
        pid_started=self_started(),
    )
    if job is None:
        return 0
    return 1 if perform(studio, job, handlers=handlers, loaded={}) is JobStatus.FAILED else 0


def work(
    studio: Studio,
    kinds: Collection[str] = WARM,
    *,
    idle_seconds: float = IDLE_SECONDS,
    handlers: Mapping[str, str] = HANDLERS,
    poll_seconds: float = 0.02,
) -> int:
    """Runs jobs of `kinds` one after the other and keeps what they loaded; ends after `idle_seconds` without one.

    One such loop per workspace: a second one ends at once.
    """
    loaded: Loaded = {}
    with hold(studio.workspace, "work") as held:
        if not held:
            return 0
        last = time.monotonic()
        changed = queue.Watch(studio.db)
        while time.monotonic() - last < idle_seconds:
            job = (
                queue.claim(studio.db, kinds=kinds, lane=MACHINE, pid=os.getpid(), pid_started=self_started())
                if changed()
                else None
            )
            if job is None:
                time.sleep(poll_seconds)
                continue
            with printing_to(studio.workspace.job_log(job.id)):
                guests = partial(let_in, studio, job.id, handlers, loaded) if job.kind == HOST else nobody
                perform(studio, job, handlers=handlers, loaded=loaded, let_guests_in=guests)
            changed.forget()
            last = time.monotonic()
    return 0


def let_in(studio: Studio, host: int, handlers: Mapping[str, str], loaded: Loaded) -> None:
    """Runs the guests that wait, on the base that is loaded, until there are none or the job `host` is to stop."""
    while (job := next_guest(studio, host, loaded)) is not None:
        try:
            with printing_to(studio.workspace.job_log(job.id)):
                perform(studio, job, handlers=handlers, loaded=loaded)
        except Exception as error:  # noqa: BLE001 - its row says that it runs, and only the end of this process mends that
            traceback.print_exception(error)
            raise SystemExit(1) from error
        queue.beat(studio.db, host)


def next_guest(studio: Studio, host: int, loaded: Loaded) -> Job | None:
    """The first that waits and needs no other base than the one that is loaded, claimed; None for any trouble."""
    try:
        if queue.stop_asked(studio.db, host):
            return None
        for waiting in queue.upcoming(studio.db, {GUEST}, limit=50):
            spec = SPEC.validate_json(waiting.spec)
            if isinstance(spec, GenerateSpec) and pipeline_key(spec.base) in loaded:
                return queue.claim(
                    studio.db, kinds={GUEST}, job_id=waiting.id, pid=os.getpid(), pid_started=self_started()
                )
    except (StudioError, ValidationError) as error:
        print(f"Nobody was let in: {error}", file=sys.stderr, flush=True)
    return None


def perform(
    studio: Studio,
    job: Job,
    *,
    handlers: Mapping[str, str] = HANDLERS,
    loaded: Loaded,
    let_guests_in: Callable[[], None] = nobody,
) -> JobStatus:
    """Runs a claimed job and writes down how it ended: the one place where a job's failures are caught."""
    report = Reporter(studio.db, job.id)
    result: str | None = None
    message = hint = ""
    try:
        report(Phase(title=queue.FIRST_PHASE))  # loading the libraries of a handler takes seconds
        spec = SPEC.validate_json(job.spec)
        answer = handler(handlers, job.kind)(spec, Desk(studio, job, report, loaded, let_guests_in))
        status, result = JobStatus.DONE, None if answer is None else answer.model_dump_json()
    except Cancelled:
        status, message = JobStatus.CANCELLED, "Stopped."
    except Exception as error:  # noqa: BLE001 - the edge: whatever a job raises becomes its sentence
        if not isinstance(error, BadInput | Refused | NotFound | Unsupported):
            loaded.clear()  # what a failed job leaves behind cannot be trusted, and memory may be short
        status = JobStatus.FAILED
        failure = sentence_for(error, studio, job)
        message, hint = failure.message, failure.hint
    report.flush()
    queue.finish(studio.db, job.id, status, message=message, hint=hint, result=result)
    return status


def handler(handlers: Mapping[str, str], kind: str) -> Callable[[Any, Desk], Any]:
    """The function that does jobs of `kind`."""
    module, _, name = handlers[kind].partition(":")
    function: Callable[[Any, Desk], Any] = getattr(importlib.import_module(module), name)
    return function


def sentence_for(error: Exception, studio: Studio, job: Job) -> StudioError:
    """What a person reads about `error`; the traceback goes to the job's log."""
    if isinstance(error, StudioError):
        print(f"job {job.id}: {error.sentence()}", file=sys.stderr, flush=True)
        return error
    entry = uuid.uuid4().hex[:8]
    print(f"--- entry {entry}, job {job.id} ({job.kind}) ---", file=sys.stderr)
    traceback.print_exception(error)
    sys.stderr.flush()
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return disk_trouble(error, Path(error.filename or studio.workspace.root))
    if is_out_of_memory(error):
        return OutOfMemory(
            "There was not enough memory for this job.",
            "Close other programs, or choose a smaller picture, fewer at once, or a smaller batch.",
        )
    return StudioError(
        f"This is our mistake: the job ended with an error nobody expected ({type(error).__name__}: "
        f"{' '.join(str(error).split())[:200]}).",
        f"Try again; if it happens again, report it with the entry {entry} of "
        f"{studio.workspace.relative(studio.workspace.job_log(job.id))} in the workspace.",
    )


def is_out_of_memory(error: Exception) -> bool:
    """Knows torch's errors by name, since torch may not be loaded here."""
    named = any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__)
    return named or isinstance(error, MemoryError) or "not enough memory" in str(error)


def yield_to_the_page() -> None:
    """Lowers this process's priority, so that the page stays quick, and lets crashes leave a trace in the log."""
    faulthandler.enable()
    if os.name == "nt":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(max(0, NICENESS - os.nice(0)))


@contextmanager
def printing_to(path: Path) -> Iterator[None]:
    """Sends this process's standard output and error to the end of `path`, native code's too.

    Nothing printed, no file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    before = os.dup(1), os.dup(2)
    with path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, saved in zip((1, 2), before, strict=True):
            os.dup2(saved, target)
            os.close(saved)
        with contextlib.suppress(FileNotFoundError):  # its persona was deleted just after it had ended
            if path.stat().st_size == 0:
                path.unlink()
