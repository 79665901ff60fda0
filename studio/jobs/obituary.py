"""Why did a process end? Its exit status and the kernel's counters, turned into sentences."""

import os
import signal
from pathlib import Path

import psutil

from studio.domain.errors import OutOfMemory, StudioError
from studio.jobs.launchers import Ended

COUNTERS = Path("/proc/vmstat")
LITTLE_BYTES = 200_000_000


def memory_kills() -> int:
    """How many processes the kernel has ended for want of memory since it started; 0 where it does not count."""
    try:
        for line in COUNTERS.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    except (OSError, ValueError):
        return 0
    return 0


def memory_is_short() -> bool:
    """Whether less than 200 MB are left on this machine."""
    return bool(psutil.virtual_memory().available < LITTLE_BYTES)


def cause_of_death(ended: Ended, *, out_of_memory: bool, log: str) -> StudioError:
    """The sentence for a process that ended without saying how its job went; `log`: where its output lies."""
    signals = {
        getattr(signal, name): what
        for name, what in (
            ("SIGSEGV", "crashed inside a library (segmentation fault)"),
            ("SIGBUS", "crashed inside a library (bus error)"),
            ("SIGILL", "crashed: this processor lacks an instruction that a library uses"),
            ("SIGFPE", "crashed inside a library (arithmetic error)"),
            ("SIGABRT", "crashed inside a library (it gave up)"),
            ("SIGTERM", "was ended by another program or by the system"),
        )
        if hasattr(signal, name)
    }
    if ended.code is not None and ended.code == -getattr(signal, "SIGKILL", 9) and os.name != "nt":
        if out_of_memory:
            return OutOfMemory(
                "The system ended this job because the memory ran out.",
                "Close other programs, or choose a smaller picture, fewer at once, or a smaller batch.",
            )
        return StudioError(
            "This job was killed from outside.",
            "If you did not do that, try again and watch the free memory.",
        )
    if ended.code is not None and -ended.code in signals:
        return StudioError(f"This job {signals[-ended.code]}.", f"Try again; {log} holds the details.")
    how = "" if ended.code is None else f" (exit status {ended.code})"
    return StudioError(f"This job ended without saying why{how}.", f"Try again; {log} may hold the reason.")
