"""Step times that were measured on this machine: by probe jobs, and by trainings that cost as much a step."""

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

    Trainings with other settings than the presets' name no base (`domain.presets.costs_as_a_preset`).
    """
    for job in queue.jobs(db, kinds=["probe", "train"], statuses=[JobStatus.DONE], limit=40):
        found = json.loads(job.result or "{}")
        if found.get("base") == base and found["step"] > 0 and found["look"] > 0:  # a resumed one may have had none left
            return Probe(float(found["load"]), float(found["step"]), float(found["look"]))
    return None
