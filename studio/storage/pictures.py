"""The library of generated pictures: the index; the pictures' truth is in their files."""

from typing import Any

import sqlalchemy as sa

from studio.domain.errors import NotFound
from studio.domain.records import Picture
from studio.storage.database import reading
from studio.storage.tables import PICTURE


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
    query = sa.select(PICTURE).where(PICTURE.c.deleted == deleted)
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
        sa.func.sum(sa.cast(columns.deleted, sa.Integer)),
        sa.func.count(columns.likeness),
    )
    with reading(db) as connection:
        return tuple(connection.execute(query).one())


def set_favourite(db: sa.Engine, picture_id: str, favourite: bool) -> None:
    """Raises `NotFound`, as all that follow."""
    _change(db, picture_id, favourite=favourite)


def delete(db: sa.Engine, picture_id: str) -> None:
    """Into the bin: the file stays, the library no longer shows it."""
    _change(db, picture_id, deleted=True)


def undelete(db: sa.Engine, picture_id: str) -> None:
    """Back from the bin."""
    _change(db, picture_id, deleted=False)


def set_likeness(db: sa.Engine, picture_id: str, likeness: float | None, note: str = "") -> None:
    """Cosine to the held-out pictures, or None with a sentence on why it was not measured."""
    _change(db, picture_id, likeness=likeness, likeness_note=note)


def _change(db: sa.Engine, picture_id: str, **values: Any) -> None:
    with db.begin() as connection:
        changed = connection.execute(sa.update(PICTURE).where(PICTURE.c.id == picture_id).values(**values))
    if changed.rowcount == 0:
        raise NotFound(f"There is no picture “{picture_id[:40]}”.", "Reload the page.")


def _picture(row: sa.RowMapping) -> Picture:
    return Picture.model_validate(dict(row))
