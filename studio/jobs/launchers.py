"""Starting, watching and ending the processes that run jobs; a cluster would be another launcher of the same line."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

import studio
from studio.settings import Settings
from studio.storage.presence import created, is_alive

STUDIO_COMMAND = (sys.executable, "-m", "studio")
CODE_FOLDER = Path(studio.__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Handle:
    """A process somebody started: its number and creation time; `child` when it was this process."""

    pid: int
    started: float
    child: subprocess.Popen[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A process is gone; `code` is its exit status (negative: the signal), None when only its parent could know."""

    code: int | None


class Launcher(Protocol):
    """Four small methods; `arguments` follow the studio's own command, such as `job 7 --workspace DIR`."""

    def launch(self, arguments: Sequence[str], log: Path) -> Handle: ...

    def poll(self, handle: Handle) -> Ended | None: ...

    def kill(self, handle: Handle) -> None: ...

    def adopt(self, pid: int, started: float) -> Handle | None: ...


@dataclass(frozen=True, slots=True)
class LocalLauncher:
    """Processes on this machine, each the head of its own group, so that they outlive whoever started them."""

    command: tuple[str, ...] = STUDIO_COMMAND
    choices: Mapping[str, str] = field(default_factory=dict)
    """Variables that are set for the process beside those of this one."""

    def launch(self, arguments: Sequence[str], log: Path) -> Handle:
        """Starts the line with its output at the end of `log`. Raises `OSError`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                [*self.command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=CODE_FOLDER,
                env={**os.environ, **self.choices},
                start_new_session=os.name != "nt",
                creationflags=_windows_flags(),
            )
        try:
            started = created(child.pid)
        except psutil.Error:  # gone already; `poll` will tell
            started = 0.0
        return Handle(child.pid, started, child)

    def poll(self, handle: Handle) -> Ended | None:
        """None while it runs."""
        if handle.child is not None:
            code = handle.child.poll()
            return None if code is None else Ended(code)
        return None if is_alive(handle.pid, handle.started) else Ended(None)

    def kill(self, handle: Handle) -> None:
        """Ends the process and everything it started, at once and without asking."""
        if os.name != "nt":
            try:
                os.killpg(handle.pid, signal.SIGKILL)
                return
            except (ProcessLookupError, PermissionError):
                pass  # nobody is left, or it was started by hand and heads no group
        if is_alive(handle.pid, handle.started):  # a number may be another's by now
            _kill_tree(handle.pid)

    def adopt(self, pid: int, started: float) -> Handle | None:
        """A handle on a living process that another supervisor, or a person, started."""
        return Handle(pid, started) if is_alive(pid, started) else None


def choices_of(settings: Settings) -> dict[str, str]:
    """What was chosen on this process's command line about computing, as variables for those it starts."""
    return {
        f"STUDIO_{name.upper()}": str(getattr(settings, name))
        for name in ("device", "precision", "threads")
        if settings.origin(name).startswith("--")
    }


def _kill_tree(pid: int) -> None:
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _windows_flags() -> int:
    """DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP, whose names exist on Windows only."""
    return 0x00000008 | 0x00000200 if os.name == "nt" else 0
