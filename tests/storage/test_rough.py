"""Looks at pictures that were being made stay a little longer than their job, and not for ever."""

from pathlib import Path

import pytest

from studio.domain.records import JobStatus
from studio.domain.specs import GenerateSpec
from studio.storage import queue, rough
from studio.storage.opened import Studio, open_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "Arbeit ü")


def look(studio: Studio, job: int) -> None:
    folder = studio.workspace.rough / str(job)
    folder.mkdir(parents=True)
    (folder / "0000.png").write_bytes(b"x")


def left(studio: Studio, before: float) -> set[str]:
    rough.sweep(studio.workspace, studio.db, before=before)
    return {path.name for path in studio.workspace.rough.iterdir()}


def test_looks_stay_for_a_while_after_the_end_of_their_job(studio: Studio) -> None:
    spec = GenerateSpec(base="embedded", prompt="p")
    made, waits = (queue.submit(studio.db, spec, title="p") for _ in range(2))
    queue.finish(studio.db, made, JobStatus.DONE)
    for job in (made, waits, 999):
        look(studio, job)
    end = queue.get(studio.db, made).finished
    assert end is not None
    assert left(studio, end) == {str(made), str(waits)}, "nobody knows job 999"
    assert left(studio, end + 1) == {str(waits)}, "an open job shows them, however old they are"


def test_where_none_was_made_and_beside_what_is_not_ours_nothing_happens(studio: Studio) -> None:
    assert rough.sweep(studio.workspace, studio.db, before=1.0) == 0
    studio.workspace.rough.mkdir()
    (studio.workspace.rough / ".DS_Store").write_bytes(b"x")
    assert left(studio, 1.0) == {".DS_Store"}
