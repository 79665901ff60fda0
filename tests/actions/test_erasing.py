"""A persona is deleted for good: nothing of it is left anywhere in the workspace, and nothing of others is gone."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.actions import personas as actions
from studio.catalog import EMBEDDED
from studio.domain.errors import BadInput, Conflict, DiskTrouble, NotFound
from studio.domain.records import Charter, JobStatus, Persona, Picture
from studio.domain.specs import (
    AnySpec,
    Arm,
    CompareSpec,
    ExportSpec,
    GenerateSpec,
    ImportSpec,
    TrainSpec,
    VerifySpec,
)
from studio.storage import erasing, personas, pictures, queue
from studio.storage.comparisons import begin
from studio.storage.database import reading
from studio.storage.opened import Studio, open_studio
from studio.storage.tables import METADATA

SECRET = "nobodyelse"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "workspace")


def done(studio: Studio, spec: AnySpec, persona: str | None) -> int:
    job = queue.submit(studio.db, spec, title=f"A job of {persona}", persona=persona)
    queue.finish(studio.db, job, JobStatus.DONE)
    return job


def full(studio: Studio, name: str, number: int) -> Persona:
    """A persona with a dataset, a training, a comparison, two pictures (one in the bin), downloads, and traces."""
    made = actions.create_persona(studio, name=name, trigger=f"{name.lower()}vok", charter=Charter(confirmed_adult=True))
    slug, ws = made.slug, studio.workspace
    source = ws.inbox / f"{number}"
    put(source / "a.png")
    put(ws.dataset_dir(slug) / "a.png")
    done(studio, ImportSpec(persona=slug, source=ws.relative(source), uploaded=True), slug)
    train = done(studio, TrainSpec(persona=slug), slug)
    put(ws.run_dir(train) / "checkpoints" / "step-000001.safetensors")
    plan = CompareSpec(persona=slug, prompts=(f"{name} {SECRET}",), seeds=(1,), arms=(Arm(name="base"),))
    compare = done(studio, plan, slug)
    begin(studio.db, compare, plan)
    put(ws.comparison_dir(compare) / "grid.png")
    make = done(studio, GenerateSpec(persona=slug, base=EMBEDDED, prompt=f"{name} {SECRET}"), slug)
    put(ws.job_log(make))
    for place in range(2):
        path = ws.images / name / f"{place}.png"
        put(path)
        shown = Picture(
            id=f"{number}-{place}", path=ws.relative(path), sha256=f"{number}" * 64, created=1.0, job=make, persona=slug,
            prompt=f"{name} {SECRET}", seed=1, width=8, height=8, deleted_at=5.0 if place else None,
        )  # fmt: skip
        pictures.add(studio.db, shown)
    zipped = done(studio, ExportSpec(what="pictures", pictures=(f"{number}-0",)), None)
    put(ws.run_dir(zipped) / "pictures.zip")
    put(ws.thumb(f"{number}" * 64))
    put(ws.cache / "latents" / f"{name}.safetensors")
    return made


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SECRET.encode())


def rows(studio: Studio) -> list[str]:
    with reading(studio.db) as connection:
        return [str(row) for table in METADATA.sorted_tables for row in connection.execute(sa.select(table))]


def files(studio: Studio) -> set[Path]:
    return {path for path in studio.workspace.root.rglob("*") if path.is_file() and ".db" not in path.name}


def test_nothing_of_the_persona_is_left_and_nothing_of_the_other_is_gone(studio: Studio) -> None:
    full(studio, "Anna", 1)
    rows_before, files_before = rows(studio), files(studio)
    full(studio, "Berta", 2)
    gone = actions.erase(studio, "berta", " berta ")
    assert gone == erasing.Erased(pictures=2, trainings=1)
    left = {path for path in files(studio) if "cache" not in path.parts}
    assert left == {path for path in files_before if "cache" not in path.parts}
    assert not any(studio.workspace.cache.iterdir()), "the cache does not say whose it is"
    packed = [row for row in rows(studio) if "Berta" in row or "berta" in row]
    assert packed == [] and set(rows_before) <= set(rows(studio))
    with pytest.raises(NotFound):
        personas.load(studio.workspace, "berta")


def test_what_was_deleted_is_overwritten_in_the_database_file(studio: Studio) -> None:
    full(studio, "Berta", 2)
    other = open_studio(studio.workspace.root)
    assert rows(other), "another process has the database open, as a supervisor has"
    actions.erase(studio, "berta", "Berta")
    assert len(list(studio.workspace.root.glob("studio.db*"))) == 3
    assert not any(SECRET.encode() in path.read_bytes() for path in studio.workspace.root.glob("studio.db*"))


def test_the_name_is_free_again(studio: Studio) -> None:
    full(studio, "Berta", 2)
    highest = done(studio, TrainSpec(persona="berta"), "berta")
    actions.erase(studio, "berta", "Berta")
    again = actions.create_persona(studio, name="Berta", trigger="bertavok", charter=Charter(confirmed_adult=True))
    assert again.slug == "berta" and again.charter.revoked_at is None
    assert done(studio, TrainSpec(persona="berta"), "berta") > highest, "no number is given twice"


@pytest.mark.parametrize("typed", ["", "Bert", "anna"])
def test_another_name_deletes_nothing(studio: Studio, typed: str) -> None:
    full(studio, "Berta", 2)
    before = files(studio), rows(studio)
    with pytest.raises(BadInput, match="nothing was deleted"):
        actions.erase(studio, "berta", typed)
    assert (files(studio), rows(studio)) == before


def test_while_a_job_uses_it_nothing_is_deleted_nor_revoked(studio: Studio) -> None:
    full(studio, "Berta", 2)
    queue.submit(studio.db, TrainSpec(persona="berta"), title="Train Berta", persona="berta")
    before = files(studio)
    with pytest.raises(Conflict, match="Train Berta"):
        actions.erase(studio, "berta", "Berta")
    assert files(studio) == before
    assert personas.load(studio.workspace, "berta").charter.revoked_at is None


def test_after_a_failure_the_rest_is_deleted_by_asking_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    full(studio, "Berta", 2)
    real = shutil.rmtree

    def fails_at_the_cache(path: Path, **more: object) -> None:
        if path.parent.name == "cache":
            raise PermissionError(13, "in use", str(path))
        real(path, **more)

    monkeypatch.setattr(erasing.shutil, "rmtree", fails_at_the_cache)
    with pytest.raises(DiskTrouble):
        actions.erase(studio, "berta", "Berta")
    assert personas.load(studio.workspace, "berta").charter.revoked_at < datetime.now(UTC)
    monkeypatch.undo()
    assert actions.erase(studio, "berta", "Berta").pictures == 2
    assert not any("Berta" in row for row in rows(studio))


def test_what_the_rows_do_not_name_goes_too(studio: Studio) -> None:
    """A picture that a crash kept from the library, what a dropped picture of hers told, and weights behind a link."""
    full(studio, "Berta", 2)
    train, make = (queue.jobs(studio.db, kinds={kind}, limit=1)[0].id for kind in ("train", "generate"))
    put(studio.workspace.images / "2026-11" / f"{make}-7-123.png")
    read = queue.submit(studio.db, VerifySpec(source="inbox/x.png"), title="Read x.png")
    queue.finish(studio.db, read, JobStatus.DONE, result='{"recipe": {"persona": "berta"}}')
    elsewhere = studio.workspace.root.parent / "big disk"
    shutil.move(studio.workspace.run_dir(train), elsewhere)
    studio.workspace.run_dir(train).symlink_to(elsewhere, target_is_directory=True)
    actions.erase(studio, "berta", "Berta")
    assert not elsewhere.exists() and not studio.workspace.run_dir(train).is_symlink()
    assert not any("berta" in row for row in rows(studio))
    assert not any(SECRET.encode() in path.read_bytes() for path in files(studio))


def test_while_anybody_works_nothing_is_deleted(studio: Studio) -> None:
    full(studio, "Anna", 1)
    full(studio, "Berta", 2)
    queue.submit(studio.db, TrainSpec(persona="anna"), title="Train Anna", persona="anna")
    queue.claim(studio.db, kinds={"train"}, pid=1, pid_started=0.0)
    before = files(studio)
    with pytest.raises(Conflict, match="while “Train Anna” is running"):
        actions.erase(studio, "berta", "Berta")
    assert files(studio) == before and personas.load(studio.workspace, "berta").charter.revoked_at is None


def test_a_file_that_vanishes_meanwhile_keeps_nothing_else_from_going(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    full(studio, "Berta", 2)
    thumbs = [studio.workspace.thumb(f"{number:064x}") for number in range(5)]
    for thumb in thumbs:
        put(thumb)
    real = os.unlink

    def taken(path: str, **more: object) -> None:
        real(path, **more)
        if str(path).endswith(".webp"):
            raise FileNotFoundError(2, "gone", str(path))

    monkeypatch.setattr(os, "unlink", taken)
    actions.erase(studio, "berta", "Berta")
    assert not any(thumb.exists() for thumb in thumbs)
