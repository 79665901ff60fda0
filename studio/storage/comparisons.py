"""Comparisons as rows: the plan when one begins, everything it found when it is done."""

import time

import sqlalchemy as sa
from pydantic import ValidationError

from studio.domain.comparisons import Comparison
from studio.domain.errors import BadInput, NotFound
from studio.domain.specs import CompareSpec
from studio.storage.database import reading
from studio.storage.tables import COMPARISON


def begin(db: sa.Engine, job_id: int, spec: CompareSpec) -> None:
    """Remember the plan; a comparison that begins again forgets what it had found."""
    with db.begin() as connection:
        connection.execute(sa.delete(COMPARISON).where(COMPARISON.c.job == job_id))
        connection.execute(
            sa.insert(COMPARISON).values(
                job=job_id, persona=spec.persona, created=time.time(), plan=spec.model_dump_json()
            )
        )


def finish(db: sa.Engine, found: Comparison) -> None:
    """Store what the comparison found."""
    with db.begin() as connection:
        connection.execute(
            sa.update(COMPARISON).where(COMPARISON.c.job == found.job).values(results=found.model_dump_json())
        )


def get(db: sa.Engine, job_id: int) -> Comparison:
    """What a finished comparison found. Raises `NotFound`, or `BadInput` for one of a newer studio."""
    with reading(db) as connection:
        results = connection.execute(
            sa.select(COMPARISON.c.results).where(COMPARISON.c.job == job_id)
        ).scalar_one_or_none()
    if results is None:
        raise NotFound(f"There is no finished comparison {job_id}.", "Wait until it is done, or compare again.")
    try:
        return Comparison.model_validate_json(results)
    except ValidationError as error:
        raise BadInput(
            f"Comparison {job_id} cannot be read: {error.errors()[0]['msg']}.",
            "It was written by another version of the studio; compare again.",
        ) from error


def finished(db: sa.Engine, persona: str | None = None, limit: int = 20) -> list[int]:
    """Job ids of finished comparisons, newest first."""
    query = (
        sa.select(COMPARISON.c.job)
        .where(COMPARISON.c.results.is_not(None))
        .order_by(COMPARISON.c.created.desc(), COMPARISON.c.job.desc())
        .limit(limit)
    )
    if persona is not None:
        query = query.where(COMPARISON.c.persona == persona)
    with reading(db) as connection:
        return list(connection.execute(query).scalars())
