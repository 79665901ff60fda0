"""What the files know and a replaced database forgot: no number is given twice, and trainings keep their owner."""

import re
import time
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from studio.domain.records import JobStatus
from studio.storage import runs
from studio.storage.database import reading
from studio.storage.tables import JOB
from studio.storage.workspace import Workspace

PICTURE = re.compile(r"^(\d{1,12})-\d+-\d+\.png$")


def bring_back(workspace: Workspace, db: sa.Engine) -> None:
    """Adds a row for every training that only its folder knows, and lets numbers go on above the highest one used.

    A new or older database, set in place of another, would begin at numbers that runs, comparisons and pictures
    have already: the next training would find somebody else's state in its folder. Writes only when there is need.
    """
    highest = max(numbers(workspace), default=0)
    with reading(db) as connection:
        known = set(connection.execute(sa.select(JOB.c.id)).scalars())
        given = _given(connection)
    lost = [row for run in _folders(workspace.runs) if run not in known and (row := _training(workspace, run))]
    if not lost and given >= highest:
        return
    with db.begin() as connection:
        for row in lost:
            connection.execute(sa.insert(JOB).prefix_with("OR IGNORE").values(row))
        if _given(connection) < highest:
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'job'")
            connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('job', ?)", (highest,))


def numbers(workspace: Workspace) -> Iterable[int]:
    """Numbers of jobs that files of the workspace are named after."""
    yield from _folders(workspace.runs)
    yield from _folders(workspace.comparison_dir(0).parent)
    for path in workspace.images.glob("*/*.png"):
        if match := PICTURE.match(path.name):
            yield int(match[1])


def _folders(parent: Path) -> list[int]:
    return [int(path.name) for path in parent.glob("*") if path.name.isdecimal() and len(path.name) <= 12]


def _given(connection: sa.Connection) -> int:
    """The highest number the queue ever gave."""
    return int(connection.exec_driver_sql("SELECT max(seq) FROM sqlite_sequence WHERE name = 'job'").scalar() or 0)


def _training(workspace: Workspace, run: int) -> dict[str, object] | None:
    """The row of a training by its folder; one that did not reach its end counts as stopped, so it can go on."""
    spec = runs.spec_of(workspace, run)
    if spec is None:
        return None
    found = runs.checkpoints(workspace, run)
    step = found[-1].step if found else 0
    whole = spec.epochs is None and step >= spec.steps
    return {
        "id": run,
        "kind": spec.kind,
        "persona": spec.persona,
        "title": "A training found again",
        "spec": spec.model_dump_json(),
        "status": JobStatus.DONE if whole else JobStatus.CANCELLED,
        "created": (workspace.run_dir(run) / runs.SPEC).stat().st_mtime,
        "finished": time.time(),
        "step": step,
        "total": spec.steps,
        "message": "" if whole else "The database was replaced; what was learned so far is here.",
    }
