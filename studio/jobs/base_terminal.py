"""What `python -m studio base …` says while it works, and how Ctrl-C ends it without losing anything."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from studio.domain.errors import Cancelled
from studio.domain.events import Event, Note, Phase, Progress, Scalar
from studio.files import disk_trouble

STOPPED = 130
"""Exit code of a command that was interrupted."""
SHOWN_EVERY = 2.0
"""Seconds between two lines of progress in the terminal."""


@dataclass(slots=True)
class Interrupt:
    """Whether somebody asked to stop; answered once, so that what is saved afterwards is not interrupted again."""

    asked: bool = False
    told: bool = False

    def check(self) -> None:
        """Raises `Cancelled` at the first look after it was asked."""
        if self.asked and not self.told:
            self.told = True
            raise Cancelled


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Ctrl-C (and an end asked for by the system) stops at the next step; a second Ctrl-C ends at once."""
    interrupt = Interrupt()

    def ask(number: int, frame: FrameType | None) -> None:
        if interrupt.asked:
            raise KeyboardInterrupt
        interrupt.asked = True
        print("Stopping at the next step …", flush=True)

    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@dataclass(slots=True)
class Terminal:
    """Prints events, the fast ones at most every two seconds, and appends every curve point to a log.

    `stage` is written beside every point, since stages of one run share a log.
    """

    log: Path | None = None
    stage: str = ""
    interrupt: Interrupt = field(default_factory=Interrupt)
    shown: float = 0.0
    began: float = field(default_factory=time.monotonic)
    start: int = -1

    def __call__(self, event: Event) -> None:
        """Raises `Cancelled` once after an interrupt, and `DiskTrouble` where the log cannot be written."""
        if isinstance(event, Scalar):
            self._scalar(event)
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Phase):
            self.began, self.start = time.monotonic(), -1
            print(event.title, flush=True)
        elif isinstance(event, Note):
            print(event.text, flush=True)
        self.interrupt.check()

    def _progress(self, event: Progress) -> None:
        now = time.monotonic()
        self.start = event.step - 1 if self.start < 0 else self.start
        if now - self.shown >= SHOWN_EVERY or event.step == event.total:
            self.shown = now
            pace = (now - self.began) / max(1, event.step - self.start)
            left = pace * (event.total - event.step)
            print(f"{event.step}/{event.total}  {event.note}  {left / 60:.1f} min left", flush=True)

    def _scalar(self, event: Scalar) -> None:
        if self.log is not None:
            point = {"stage": self.stage} if self.stage else {}
            line = json.dumps({**point, "step": event.step, "name": event.name, "value": event.value}) + "\n"
            try:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(line)
            except OSError as error:
                raise disk_trouble(error, self.log) from error
        if event.name != "loss":
            print(f"step {event.step}: {event.name} {event.value:.4f}", flush=True)
