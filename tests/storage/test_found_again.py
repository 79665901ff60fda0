"""A database that was replaced: trainings stay whose they were, and no number is given twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.actions import creating, training
from studio.catalog import EMBEDDED
from studio.domain.errors import DiskTrouble, Refused
from studio.domain.records import Charter, JobStatus, Persona
from studio.domain.specs import GenerateSpec, ImportSpec, TrainSpec
from studio.files import write_atomic
from studio.storage import gate, personas, queue
from studio.storage.opened import Studio, open_studio


def person(studio: Studio, slug: str, **charter: object) -> None:
    made = Persona(
        slug=slug, name=slug.title(), trigger=f"{slug}vok", base=EMBEDDED, created=datetime.now(UTC),
        charter=Charter.model_validate({"confirmed_adult": True} | charter),
    )  # fmt: skip
    personas.create(studio.workspace, made)


def trained(studio: Studio, slug: str, *, steps: int = 300) -> int:
    """A training that got to step 300, as its job leaves it."""
    spec = TrainSpec(persona=slug, steps=steps)
    job = queue.submit(studio.db, spec, title="Train", persona=slug)
    folder = studio.workspace.run_dir(job)
    write_atomic(folder / "spec.json", spec.model_dump_json().encode())
    write_atomic(folder / "checkpoints" / "step-000300.safetensors", b"weights")
    return job


def without_database(studio: Studio, *, damaged: bool = False) -> Studio:
    """The studio as it starts after its database was lost."""
    studio.db.dispose()
    for path in studio.workspace.root.glob("studio.db*"):
        path.unlink()
    if damaged:
        studio.workspace.database.write_bytes(b"rubbish" * 4000)
        with pytest.raises(DiskTrouble, match="damaged"):
            open_studio(studio.workspace.root)
    return open_studio(studio.workspace.root)


def test_a_revoked_persona_keeps_her_trainings_when_the_database_was_damaged(tmp_path: Path) -> None:
    studio = open_studio(tmp_path)
    person(studio, "anna", revoked_at=datetime.now(UTC))
    person(studio, "bea")
    run = trained(studio, "anna")
    studio = without_database(studio, damaged=True)
    [view] = training.trainings(studio, "anna")
    assert view.job.id == run and view.job.status is JobStatus.DONE and [one.step for one in view.checkpoints] == [300]
    assert queue.submit(studio.db, TrainSpec(persona="bea"), title="Train", persona="bea") > run
    path = view.checkpoints[0].path
    assert gate.checkpoint_owner(studio, path) == "anna"
    with pytest.raises(Refused, match="revoked"):
        creating.generate(studio, GenerateSpec(base=EMBEDDED, prompt="a woman on a beach", checkpoint=path))


def test_a_checkpoint_belongs_to_whom_its_folder_says(tmp_path: Path) -> None:
    studio = open_studio(tmp_path)
    run = trained(studio, "anna")
    with studio.db.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET persona = 'bea'")
    path = f"runs/{run}/checkpoints/step-000300.safetensors"
    assert gate.checkpoint_owner(studio, path) == "anna"
    (studio.workspace.run_dir(run) / "spec.json").write_bytes(b"{")
    assert gate.checkpoint_owner(studio, path) == "bea", "without a readable spec the queue says it"


def test_a_training_that_was_cut_short_may_go_on(tmp_path: Path) -> None:
    studio = open_studio(tmp_path)
    run = trained(studio, "anna", steps=400)
    studio = without_database(studio)
    job = queue.get(studio.db, run)
    assert (job.status, job.step, job.total) == (JobStatus.CANCELLED, 300, 400)
    assert queue.reopen(studio.db, run)


@pytest.mark.parametrize("name", ["runs/41/x.zip", "comparisons/41/a.png", "images/2026-01/41-0-7.png"])
def test_no_number_is_given_twice(tmp_path: Path, name: str) -> None:
    studio = open_studio(tmp_path)
    write_atomic(tmp_path / name, b"x")
    write_atomic(tmp_path / "images" / "2026-01" / "holiday-99-1.png", b"x")
    spec = ImportSpec(persona="anna", source="x")
    assert queue.submit(studio.db, spec, title="t") == 1
    for expected in (42, 43):
        studio = open_studio(tmp_path)
        assert queue.submit(studio.db, spec, title="t") == expected
    assert {job.id for job in queue.jobs(studio.db)} == {1, 42, 43}, "a folder without a spec is no training"


def test_a_new_workspace_begins_at_one_also_after_it_was_opened_twice(tmp_path: Path) -> None:
    open_studio(tmp_path)
    assert queue.submit(open_studio(tmp_path).db, ImportSpec(persona="anna", source="x"), title="t") == 1
