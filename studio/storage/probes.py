"""Step times that were measured on this machine: the results of probe jobs."""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from studio.domain.records import JobStatus
from studio.storage import queue


@dataclass(frozen=True, slots=True)
class Probe:
    """Seconds to load, of a step, and of a look at the previews."""

    load: float
    step: float
    look: float


def newest_probe(db: sa.Engine, base: str) -> Probe | None:
    """The last measurement on this base, whichever persona it was made for; None: there is none."""
    for job in queue.jobs(db, kinds=["probe"], statuses=[JobStatus.DONE], limit=20):
        found = json.loads(job.result or "{}")
        if found.get("base") == base:
            return Probe(float(found["load"]), float(found["step"]), float(found["look"]))
    return None
