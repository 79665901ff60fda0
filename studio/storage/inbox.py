"""The inbox: uploads that nobody has looked into yet, one folder each."""

import shutil
from pathlib import Path

import sqlalchemy as sa

from studio.domain.errors import DiskTrouble
from studio.domain.records import JobStatus
from studio.domain.specs import SPEC, ImportSpec, VerifySpec
from studio.storage import queue
from studio.storage.workspace import Workspace

SPARE_DISK = 500_000_000
"""Bytes of the disk that an upload leaves free."""
FORGOTTEN_SECONDS = 3600.0
"""How long an upload that no job names may lie."""
NAMED_BY = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED)
MOST_JOBS = 100_000


def require_space(workspace: Workspace, size: int) -> None:
    """Raises `DiskTrouble` when an upload of `size` bytes would fill the disk."""
    free = shutil.disk_usage(workspace.root).free
    if size + SPARE_DISK > free:
        raise DiskTrouble(
            f"The upload has {size / 1e6:.0f} MB, and the disk has {free / 1e6:.0f} MB left, of which "
            f"{SPARE_DISK / 1e6:.0f} MB stay free.",
            "Free some space, or choose another workspace.",
        )


def free_name(path: Path) -> Path:
    """`path`, or where it is taken the same name in a folder beside it, so that captions stay beside pictures."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.parent / str(number) / path.name
    return free


def sweep(workspace: Workspace, db: sa.Engine, before: float) -> int:
    """Removes uploads untouched since `before` (seconds since the epoch) that no job needs; returns how many.

    A waiting, running or failed job still needs its upload; one that was cancelled, or never submitted, does not.
    """
    needed = _needed(workspace, db)
    old = [
        path for path in workspace.inbox.iterdir() if path.name not in needed and _touched(path) < before
    ]
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _needed(workspace: Workspace, db: sa.Engine) -> set[str]:
    names = set()
    for job in queue.jobs(db, statuses=NAMED_BY, kinds=["import", "verify"], limit=MOST_JOBS):
        spec = SPEC.validate_json(job.spec)
        if isinstance(spec, ImportSpec | VerifySpec):
            source = workspace.root / spec.source
            if source.is_relative_to(workspace.inbox) and source != workspace.inbox:
                names.add(source.relative_to(workspace.inbox).parts[0])
    return names


def _touched(path: Path) -> float:
    """When anything of an upload last changed; an upload that is still arriving is new."""
    return max(found.lstat().st_mtime for found in (path, *path.rglob("*")))
