"""Uploads that nothing needs any more do not lie in the inbox for ever."""

import os
import time
from pathlib import Path

import pytest

from studio.domain.records import JobStatus
from studio.domain.specs import ImportSpec, VerifySpec
from studio.storage import inbox, queue
from studio.storage.opened import Studio, open_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "Arbeit ü")


def upload(studio: Studio, name: str, *, hours: float) -> Path:
    folder = studio.workspace.inbox / name
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.png").write_bytes(b"x")
    for path in (folder / "deep" / "a.png", folder / "deep", folder):
        os.utime(path, (time.time() - 3600 * hours,) * 2)
    return folder


def left(studio: Studio) -> set[str]:
    inbox.sweep(studio.workspace, studio.db, before=time.time() - inbox.FORGOTTEN_SECONDS)
    return {path.name for path in studio.workspace.inbox.iterdir()}


@pytest.mark.parametrize(
    ("status", "stays"),
    [(None, True), (JobStatus.FAILED, True), (JobStatus.CANCELLED, False), (JobStatus.DONE, False)],
)
def test_an_upload_stays_while_its_job_may_still_run(studio: Studio, status: JobStatus | None, stays: bool) -> None:
    upload(studio, "one", hours=2)
    upload(studio, "two", hours=2)
    imported = ImportSpec(persona="anna", source="inbox/one", uploaded=True)
    for spec in (imported, VerifySpec(source="inbox/two/deep/a.png")):
        job = queue.submit(studio.db, spec, title="t")
        if status is not None:
            queue.finish(studio.db, job, status)
    assert left(studio) == ({"one", "two"} if stays else set())


def test_one_that_was_never_submitted_has_an_hour_from_its_last_file(studio: Studio) -> None:
    upload(studio, "old", hours=2)
    os.utime(upload(studio, "arriving", hours=2) / "deep" / "a.png")
    stray = studio.workspace.inbox / "stray.png"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    assert left(studio) == {"arriving"}
