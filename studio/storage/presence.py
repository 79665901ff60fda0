"""Who is at work in a workspace: one page, one supervisor, one warm loop, each with a lock and a card.

A supervisor that was started and is not there yet has a card alone.
"""

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil
from filelock import FileLock, Timeout

from studio.domain.errors import Conflict
from studio.files import write_atomic
from studio.storage.workspace import Workspace

Role = Literal["web", "supervisor", "starting", "work"]
"""The page; who runs jobs; who was started to run them and has not begun; the loop that keeps a base loaded."""

SAME_SECONDS = 0.005 if sys.platform == "linux" else 2.0
"""How far two readings of one process's creation may differ: none where it is not taken from the wall clock."""


@dataclass(frozen=True, slots=True)
class Card:
    """A process that lives: its number, when it was created (see `created`), and where it listens."""

    pid: int
    started: float
    url: str = ""


def created(pid: int) -> float:
    """When the process was created: seconds since boot on Linux, since the epoch elsewhere.

    Only good for comparing. Readings of the wall clock would differ once that is set, and a living process be
    taken for dead. Raises `psutil.NoSuchProcess`.
    """
    if sys.platform != "linux":
        return float(psutil.Process(pid).create_time())
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # starttime, the 22nd field; 2 come before the ")"


def is_alive(pid: int, started: float) -> bool:
    """Whether the process `pid` that was created at `started` still runs; a reused number does not count."""
    try:
        same = abs(created(pid) - started) <= SAME_SECONDS
        return bool(same and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def self_started() -> float:
    """When this process was created, as `created` says it."""
    return created(os.getpid())


def holder(workspace: Workspace, role: Role, *, within: float = math.inf) -> Card | None:
    """The living process that has this role, if any; takes no lock, so it disturbs nobody.

    A card that was written more than `within` seconds ago does not count.
    """
    try:
        if time.time() - _card(workspace, role).stat().st_mtime > within:
            return None
        found = json.loads(_card(workspace, role).read_bytes())
        card = Card(int(found["pid"]), float(found["started"]), str(found["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return card if is_alive(card.pid, card.started) else None


def put_card(workspace: Workspace, role: Role, card: Card) -> None:
    """Says that the process of `card` has this role, as long as it lives (see `holder`)."""
    path = _card(workspace, role)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(asdict(card)).encode(), durable=False)


@contextmanager
def hold(workspace: Workspace, role: Role, url: str = "", *, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Has the role while the block runs, or yields False when another process has it.

    The lock is the operating system's: it is gone the moment its process is, however that ended.
    """
    card = _card(workspace, role)
    card.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(card.with_suffix(".lock"))
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        yield False
        return
    try:
        put_card(workspace, role, Card(os.getpid(), self_started(), url))
        yield True
    finally:
        card.unlink(missing_ok=True)
        lock.release()


@contextmanager
def hold_web_lock(workspace: Workspace, url: str) -> Iterator[None]:
    """Makes this process the workspace's page at `url` while the block runs.

    Raises `Conflict`, naming the other's address, when one is open already.
    """
    with hold(workspace, "web", url) as held:
        if not held:
            other = _wait_for_card(workspace, "web")
            where = f" at {other.url}" if other and other.url else ""
            raise Conflict(
                f"The workspace {workspace.root} is already open{where}.",
                "Use that one, stop it first, or choose another folder with --workspace.",
            )
        yield


def _wait_for_card(workspace: Workspace, role: Role) -> Card | None:
    """The other's card; it has the lock a moment before its card is written."""
    deadline = time.monotonic() + 1.0
    while (card := holder(workspace, role)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return card


def _card(workspace: Workspace, role: Role) -> Path:
    return workspace.root / "locks" / f"{role}.json"
