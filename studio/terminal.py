"""A job followed in the terminal: one line that updates itself, or plain lines where there is none, and what ends it."""

import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from studio.domain.events import Event, Note, Phase, Progress

QUIET_SECONDS = 10.0
"""Shortest time between two plain lines of one phase."""

REDRAW_SECONDS = 0.1
BAR = 24


@contextmanager
def ending_like_ctrl_c() -> Iterator[None]:
    """A terminal that is closed and a process that is told to end are a `KeyboardInterrupt` too; in the main thread alone.

    Once: a shell hands its hang-up on and the system sends another, which must not interrupt what the first one began.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    there = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    heard = [each for each in there if signal.getsignal(each) not in (signal.SIG_IGN, None)]  # nohup means it
    before = {each: signal.signal(each, interrupt) for each in heard}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@dataclass(slots=True)
class ProgressLine:
    """Give it every event of one stage of work; `close` leaves one finished line behind."""

    stage: str
    out: TextIO = field(default_factory=lambda: sys.stdout)
    began: float = field(default_factory=lambda: time.monotonic())
    phase: str = ""
    phase_began: float = 0.0
    first_step: int | None = None
    seen: set[str] = field(default_factory=set)
    """Titles without their numbers: plain lines say each kind of phase once."""

    drawn_at: float = float("-inf")

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        if isinstance(event, Phase):
            self.phase, self.phase_began, self.first_step = event.title, now, None
            kind = re.sub(r"\d+", "", event.title)
            self._say(event.title, now, at_once=self.out.isatty() or kind not in self.seen)
            self.seen.add(kind)
        elif isinstance(event, Progress):
            if self.first_step is None or event.step < self.first_step:
                self.first_step, self.phase_began = event.step, now
            self._say(self._progress(event, now), now, at_once=False)
        elif isinstance(event, Note):
            self._clear()
            print(f"  {event.text}", file=self.out, flush=True)

    def close(self, words: str) -> None:
        """The stage has ended: one line with how long it took."""
        self._clear()
        print(f"{self.stage:<9} {words} ({clock(time.monotonic() - self.began)})", file=self.out, flush=True)

    def _progress(self, event: Progress, now: float) -> str:
        if event.total <= 0:
            return f"{self.phase} {event.step}"
        share = min(1.0, event.step / event.total)
        bar = "█" * round(BAR * share) + "░" * (BAR - round(BAR * share))
        left = remaining(event.step - (self.first_step or 0), event.total - event.step, now - self.phase_began)
        beside = f", about {clock(left)} left" if left is not None else ""
        return f"{bar} {event.step}/{event.total}{beside}  {event.note or self.phase}"

    def _say(self, text: str, now: float, *, at_once: bool) -> None:
        if self.out.isatty():
            if at_once or now - self.drawn_at >= REDRAW_SECONDS:
                width = shutil.get_terminal_size().columns - 1
                self.out.write("\r\x1b[2K" + f"{self.stage:<9} {text}"[:width])
                self.out.flush()
                self.drawn_at = now
        elif at_once or now - self.drawn_at >= QUIET_SECONDS:
            print(f"{self.stage:<9} {text}", file=self.out, flush=True)
            self.drawn_at = now

    def _clear(self) -> None:
        if self.out.isatty():
            self.out.write("\r\x1b[2K")


def remaining(done: int, left: int, seconds: float) -> float | None:
    """Seconds for `left` more steps at the pace of the `done` ones; None before there is a pace."""
    return seconds / done * left if done > 0 and seconds > 0.5 else None


def clock(seconds: float) -> str:
    """Such as 7 s, or 2:05 min."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"
