"""Step times that were measured on this machine: by probe jobs, and by trainings with a preset's settings."""

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
    """The last measurement on this base, whichever persona it was made for; None: there is none.

    A training with settings of its own says nothing of the presets, which cost the same per step.
    """
    for job in queue.jobs(db, kinds=["probe", "train"], statuses=[JobStatus.DONE], limit=40):
        found = json.loads(job.result or "{}")
        if found.get("base") == base and found.get("preset") != "custom":
            return Probe(float(found["load"]), float(found["step"]), float(found["look"]))
    return None
