"""`report`: what a job says on its way to the database, gathered so that a fast loop does not wait for the disk."""

import time
from dataclasses import dataclass, field

import sqlalchemy as sa

from studio.domain.errors import Cancelled
from studio.domain.events import Event, Progress, Scalar
from studio.storage import queue

WRITE_SECONDS = 0.2
ASK_SECONDS = 0.05


@dataclass(slots=True)
class Reporter:
    """Writes curves and progress at most five times a second, everything else at once and in order.

    Heartbeats come only from here, never from a thread: a job that hangs in native code must be seen to hang.
    """

    db: sa.Engine
    job_id: int
    pending: list[Event] = field(default_factory=list)
    written_at: float = 0.0
    asked_at: float = 0.0
    told: bool = False

    def __call__(self, event: Event) -> None:
        """Raises `Cancelled`, once, when Stop was pressed."""
        self.pending.append(event)
        now = time.monotonic()
        patient = isinstance(event, Scalar) or (isinstance(event, Progress) and event.step != event.total)
        if not patient or now - self.written_at >= WRITE_SECONDS:
            self.flush()
        if not self.told and now - self.asked_at >= ASK_SECONDS:
            self.asked_at = now
            if queue.stop_asked(self.db, self.job_id):
                self.told = True
                self.flush()
                raise Cancelled

    def flush(self) -> None:
        """Writes what is still held back."""
        if self.pending:
            queue.record(self.db, self.job_id, *self.pending)
            self.pending.clear()
            self.written_at = time.monotonic()
