"""Removes a persona with everything that was made of it: files first, then rows, the persona's own file last."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from studio.domain.errors import Conflict
from studio.files import disk_trouble
from studio.storage import personas
from studio.storage.database import reading
from studio.storage.tables import COMPARISON, EVENT, JOB, PICTURE
from studio.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was removed."""

    pictures: int
    trainings: int


def erase(workspace: Workspace, db: sa.Engine, slug: str) -> Erased:
    """Removes dataset, trainings, pictures (the bin's too), comparisons, downloads, logs and rows of the persona.

    The whole cache goes as well: thumbnails, latents and features do not say whose they are, and can be made again.
    May be repeated: what a crash left is removed the next time, since `persona.json` goes last. Stays: what `backup` or
    a migration copied, a damaged database that was set aside, and what its successor no longer lists.

    No job may run meanwhile. Raises `NotFound`, `Conflict` while somebody else changes the persona or the database,
    `DiskTrouble` when a file cannot be removed.
    """
    with personas.changing(workspace, slug):
        with reading(db) as connection:
            jobs = connection.execute(sa.select(JOB.c.id, JOB.c.kind, JOB.c.spec).where(JOB.c.persona == slug)).all()
            columns = sa.select(PICTURE.c.id, PICTURE.c.path).where(PICTURE.c.persona == slug)
            shown = dict(connection.execute(columns).all())
            exports = connection.execute(sa.select(JOB.c.id, JOB.c.spec).where(JOB.c.kind == "export")).all()
        numbers = [job.id for job in jobs]
        packed = [number for number, spec in exports if _holds(spec, frozenset(shown), frozenset(map(str, numbers)))]
        for number in {*packed, *numbers}:
            for path in (workspace.run_dir(number), workspace.comparison_dir(number), workspace.job_log(number)):
                _remove(path)
        for number in numbers:  # also those that a crash kept from the library
            for path in workspace.images.glob(f"*/{number}-*.png"):
                _remove(path)
        for path in (workspace.absolute(relative) for relative in shown.values()):
            _remove(path)
        for job in jobs:
            _remove_upload(workspace, job.spec)
        for path in workspace.cache.iterdir():
            _remove(path)
        _remove_rows(db, slug, numbers)
        folder = workspace.persona_dir(slug)
        for path in folder.iterdir():
            if path.name not in (personas.FILE, personas.LOCK):
                _remove(path)
        _remove(folder / personas.FILE)
    _remove(folder)
    return Erased(pictures=len(shown), trainings=sum(job.kind == "train" for job in jobs))


def _holds(spec: str, pictures: frozenset[str], makers: frozenset[str]) -> bool:
    """Whether a download has one of these pictures in it, or another that one of these jobs made."""
    return any(one in pictures or one.partition("-")[0] in makers for one in json.loads(spec).get("pictures") or ())


def _remove_upload(workspace: Workspace, spec: str) -> None:
    """An upload that its import left in the inbox; folders the creator named are the creator's."""
    found = json.loads(spec)
    if found.get("kind") == "import" and found.get("uploaded"):
        path = workspace.absolute(found["source"])
        if path.parent == workspace.inbox:
            _remove(path)


def _remove_rows(db: sa.Engine, slug: str, numbers: list[int]) -> None:
    """Takes the rows out, and what the file of a SQLite database and its log still hold of them."""
    told = sa.and_(JOB.c.kind == "verify", JOB.c.result.contains(f'"{slug}"', autoescape=True))
    with db.begin() as connection:
        numbers = [*numbers, *connection.execute(sa.select(JOB.c.id).where(told)).scalars()]
        connection.execute(sa.delete(PICTURE).where(PICTURE.c.persona == slug))
        connection.execute(sa.delete(COMPARISON).where(COMPARISON.c.persona == slug))
        connection.execute(sa.delete(EVENT).where(EVENT.c.job.in_(numbers)))
        connection.execute(sa.delete(JOB).where(JOB.c.id.in_(numbers)))
    if db.dialect.name != "sqlite":
        return
    try:
        with closing(db.raw_connection()) as raw, closing(raw.cursor()) as cursor:
            cursor.execute("VACUUM")  # free pages keep what was deleted
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone() or (0,)
    except sqlite3.OperationalError:
        busy = 1
    if busy:
        raise Conflict("The database is in use, so what was deleted is still readable in its file.", "Try again.")


def _remove(path: Path) -> None:
    """A file or folder, if it is there; behind a link, what it leads to as well."""
    try:
        if path.is_dir():
            shutil.rmtree(path.resolve(), onerror=_pass_over_what_is_gone)
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_trouble(error, path) from error


def _pass_over_what_is_gone(remove: Callable[..., Any], path: str, error: Any) -> None:
    """Somebody else may take a file of the cache away in the same moment; that is no reason to leave the others."""
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]
