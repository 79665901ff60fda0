"""Rough pictures: looks at what a generate job is making, of no use once it has ended and no page asks for them."""

import shutil

import sqlalchemy as sa

from studio.domain.errors import NotFound
from studio.storage import queue
from studio.storage.workspace import Workspace

KEPT_SECONDS = 300.0
"""How long they stay after the end of their job: a page that was drawn just before asks for them only now."""


def sweep(workspace: Workspace, db: sa.Engine, before: float) -> int:
    """Removes those of jobs that ended before `before` (seconds since the epoch) or are gone; returns of how many."""
    folders = workspace.rough.iterdir() if workspace.rough.is_dir() else ()
    old = [folder for folder in folders if folder.name.isdecimal() and _ended(db, int(folder.name)) < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _ended(db: sa.Engine, job_id: int) -> float:
    """When the job ended: for one that is still open never, for one that nobody knows long ago."""
    try:
        finished = queue.get(db, job_id).finished
    except NotFound:
        return 0.0
    return float("inf") if finished is None else finished
