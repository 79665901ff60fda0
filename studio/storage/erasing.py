"""Removes a persona with everything that was made of it: files first, then rows, the persona's own folder last."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from studio.files import disk_trouble
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
    May be repeated: what a crash left is removed the next time, since the persona's own file goes last. Copies that
    `backup` or a migration made are not touched. Raises `DiskTrouble` when a file cannot be removed.
    """
    with reading(db) as connection:
        mine = sa.select(JOB.c.id, JOB.c.kind, JOB.c.spec).where(JOB.c.persona == slug)
        jobs = connection.execute(mine).all()
        shown = dict(connection.execute(sa.select(PICTURE.c.id, PICTURE.c.path).where(PICTURE.c.persona == slug)).all())
        exports = connection.execute(sa.select(JOB.c.id, JOB.c.spec).where(JOB.c.kind == "export")).all()
    numbers = [job.id for job in jobs]
    packed = [number for number, spec in exports if _holds(spec, frozenset(shown))]
    for number in {*packed, *numbers}:
        for path in (workspace.run_dir(number), workspace.comparison_dir(number), workspace.job_log(number)):
            _remove(path)
    for job in jobs:
        _remove_upload(workspace, job.spec)
    for path in shown.values():
        _remove(workspace.absolute(path))
    for path in workspace.cache.iterdir():
        _remove(path)
    with db.begin() as connection:
        if db.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what was deleted is overwritten in the file
        connection.execute(sa.delete(PICTURE).where(PICTURE.c.persona == slug))
        connection.execute(sa.delete(COMPARISON).where(COMPARISON.c.persona == slug))
        connection.execute(sa.delete(EVENT).where(EVENT.c.job.in_(numbers)))
        connection.execute(sa.delete(JOB).where(JOB.c.id.in_(numbers)))
    _remove(workspace.dataset_dir(slug))
    _remove(workspace.persona_dir(slug))
    return Erased(pictures=len(shown), trainings=sum(job.kind == "train" for job in jobs))


def _holds(spec: str, pictures: frozenset[str]) -> bool:
    """Whether a download has one of these pictures in it."""
    return not pictures.isdisjoint(json.loads(spec).get("pictures") or ())


def _remove_upload(workspace: Workspace, spec: str) -> None:
    """An upload that its import left in the inbox; folders the creator named are the creator's."""
    found = json.loads(spec)
    if found.get("kind") == "import" and found.get("uploaded"):
        path = workspace.absolute(found["source"])
        if path.parent == workspace.inbox:
            _remove(path)


def _remove(path: Path) -> None:
    """A file or folder, if it is there."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return  # somebody else took it away in the same moment
    except OSError as error:
        raise disk_trouble(error, path) from error
