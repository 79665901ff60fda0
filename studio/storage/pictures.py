"""The library of generated pictures: the index; the pictures' truth is in their files."""

import time
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from studio.domain.errors import NotFound
from studio.domain.records import Picture
from studio.files import disk_trouble
from studio.storage.database import reading
from studio.storage.tables import PICTURE
from studio.storage.workspace import Workspace

BIN_DAYS = 30
"""How long a deleted picture can be brought back."""
DAY_SECONDS = 86_400


def add(db: sa.Engine, picture: Picture) -> None:
    """Puts a stored picture into the library; one of the same id is replaced."""
    with db.begin() as connection:
        connection.execute(sa.delete(PICTURE).where(PICTURE.c.id == picture.id))
        connection.execute(sa.insert(PICTURE).values(picture.model_dump()))


def get(db: sa.Engine, picture_id: str) -> Picture:
    """Raises `NotFound`."""
    with reading(db) as connection:
        row = connection.execute(sa.select(PICTURE).where(PICTURE.c.id == picture_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no picture “{picture_id[:40]}”.", "Reload the page.")
    return _picture(row)


def pictures(
    db: sa.Engine,
    *,
    persona: str | None = None,
    favourites: bool = False,
    job: int | None = None,
    deleted: bool = False,
    limit: int = 60,
    after: str | None = None,
) -> list[Picture]:
    """Newest first; `after` is the id of the last picture already seen, `deleted` shows the bin instead."""
    query = sa.select(PICTURE).where(PICTURE.c.deleted_at.is_not(None) == deleted)
    if persona is not None:
        query = query.where(PICTURE.c.persona == persona)
    if favourites:
        query = query.where(PICTURE.c.favourite)
    if job is not None:
        query = query.where(PICTURE.c.job == job)
    if after is not None:
        last = get(db, after)
        query = query.where(sa.tuple_(PICTURE.c.created, PICTURE.c.id) < sa.tuple_(last.created, last.id))
    query = query.order_by(PICTURE.c.created.desc(), PICTURE.c.id.desc()).limit(limit)
    with reading(db) as connection:
        return [_picture(row) for row in connection.execute(query).mappings()]


def mark(db: sa.Engine) -> tuple[Any, ...]:
    """Changes whenever anything in the library does."""
    columns = PICTURE.c
    query = sa.select(
        sa.func.count(),
        sa.func.max(columns.created),
        sa.func.sum(sa.cast(columns.favourite, sa.Integer)),
        sa.func.count(columns.deleted_at),
        sa.func.max(columns.deleted_at),
        sa.func.count(columns.likeness),
    )
    with reading(db) as connection:
        return tuple(connection.execute(query).one())


def set_favourite(db: sa.Engine, picture_ids: Collection[str], favourite: bool) -> None:
    """All of them or, with `NotFound`, none, as all that follow."""
    _change(db, picture_ids, favourite=favourite)


def delete(db: sa.Engine, picture_ids: Collection[str]) -> None:
    """Into the bin: the files stay for `BIN_DAYS`, the library no longer shows them."""
    _change(db, picture_ids, deleted_at=time.time())


def undelete(db: sa.Engine, picture_ids: Collection[str]) -> None:
    """Back from the bin."""
    _change(db, picture_ids, deleted_at=None)


def binned(db: sa.Engine, persona: str | None = None) -> int:
    """How many pictures lie in the bin."""
    query = sa.select(sa.func.count()).select_from(PICTURE).where(*_in_bin(persona))
    with reading(db) as connection:
        return int(connection.execute(query).scalar_one())


def purge(db: sa.Engine, workspace: Workspace, *, before: float, persona: str | None = None) -> int:
    """Removes what went into the bin up to `before` (seconds since the epoch) for good; returns how many.

    Files go before their rows, under the lock: a crash in between leaves rows that the next purge completes, and
    nobody brings a picture back while its file goes. Raises `DiskTrouble` when a file cannot be removed.
    """
    old = sa.and_(*_in_bin(persona), PICTURE.c.deleted_at <= before)
    with db.begin() as connection:
        for path, sha256 in connection.execute(sa.select(PICTURE.c.path, PICTURE.c.sha256).where(old)).all():
            for file in (workspace.absolute(path), workspace.thumb(sha256)):
                try:
                    file.unlink(missing_ok=True)
                except OSError as error:
                    raise disk_trouble(error, file) from error
        return connection.execute(sa.delete(PICTURE).where(old)).rowcount


def _in_bin(persona: str | None) -> list[sa.ColumnElement[bool]]:
    mine = [PICTURE.c.persona == persona] if persona is not None else []
    return [PICTURE.c.deleted_at.is_not(None), *mine]


def _change(db: sa.Engine, picture_ids: Collection[str], **values: Any) -> None:
    wanted = set(picture_ids)
    with db.begin() as connection:
        changed = connection.execute(sa.update(PICTURE).where(PICTURE.c.id.in_(wanted)).values(**values))
        if changed.rowcount == len(wanted):
            return
        there = set(connection.execute(sa.select(PICTURE.c.id).where(PICTURE.c.id.in_(wanted))).scalars())
        raise NotFound(f"There is no picture “{min(wanted - there)[:40]}”.", "Reload the page.")


def _picture(row: sa.RowMapping) -> Picture:
    return Picture.model_validate(dict(row))
