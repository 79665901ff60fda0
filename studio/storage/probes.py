"""What trainings cost on this machine, as the newest probe or training measured it, also one that runs or was stopped."""

import sqlalchemy as sa

from studio.domain.events import EVENT, Timed
from studio.storage.database import reading
from studio.storage.tables import EVENT as EVENTS
from studio.storage.tables import JOB


def newest_times(db: sa.Engine, base: str) -> Timed | None:
    """The last measurement on this base, whichever persona it was made for; None: there is none.

    Trainings with other settings than the presets' report none (`domain.presets.costs_as_a_preset`).
    """
    recent = sa.select(JOB.c.id).where(JOB.c.kind.in_(["probe", "train"])).order_by(JOB.c.id.desc()).limit(40)
    query = sa.select(EVENTS.c.body).where(EVENTS.c.job.in_(recent), EVENTS.c.kind == "timed").order_by(EVENTS.c.id.desc())
    with reading(db) as connection:
        found = [EVENT.validate_json(body) for body in connection.execute(query).scalars()]
    return next((one for one in found if isinstance(one, Timed) and one.base == base), None)
