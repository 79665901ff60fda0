import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.actions import datasets as actions
from studio.actions.personas import create_persona, load_example, revoke
from studio.domain.events import Progress
from studio.domain.importing import ImportReport
from studio.domain.records import Charter, Job, JobStatus, Rights
from studio.domain.specs import ImportSpec
from studio.jobs import importing
from studio.jobs.launchers import CODE_FOLDER
from studio.jobs.runner import run_job
from studio.storage import datasets, queue
from studio.storage.opened import Studio, open_studio
from tests.pictures import blurred, encoded, png_of, scene

Import = Callable[..., ImportReport]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    opened = open_studio(tmp_path / "Arbeit ü")
    create_persona(opened, name="Zia", trigger="zia", charter=Charter(confirmed_adult=True))
    return opened


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "my pictures ü"
    folder.mkdir()
    return folder


def ended(studio: Studio, *sources: Path, uploaded: bool = False, rights: Rights = Rights.OWN) -> Job:
    job = actions.import_pictures(studio, "zia", sources, uploaded=uploaded, rights=rights)
    run_job(studio, job)
    return queue.get(studio.db, job)


def report(studio: Studio, *sources: Path, **options: bool) -> ImportReport:
    job = ended(studio, *sources, **options)
    assert job.status is JobStatus.DONE, job.message
    assert job.result is not None
    return ImportReport.model_validate_json(job.result)


def captions(studio: Studio) -> dict[str, str]:
    return {item.source_name: item.caption for item in datasets.examples(studio.workspace, "zia")}


def test_pictures_come_in_canonical_with_thumbnail_caption_and_rights(studio: Studio, source: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = scene(1, 300, 200)
    (source / "a.jpg").write_bytes(
        encoded(picture.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
    )
    (source / "a.txt").write_text("zia, laughing", encoding="utf-16")
    done = report(studio, source)
    assert (done.added, done.skipped, done.duplicates) == (1, (), ())
    assert any("UTF-16" in remark.sentence for remark in done.remarks)
    assert any("upright" in remark.sentence for remark in done.remarks)
    (item,) = datasets.examples(studio.workspace, "zia")
    assert (item.caption, item.caption_author, item.rights) == ("zia, laughing", "import", Rights.OWN)
    assert (item.checks.width, item.checks.height) == (300, 200)
    with Image.open(datasets.picture_path(studio.workspace, "zia", item.id)) as stored:
        assert not stored.info
        assert np.abs(np.asarray(stored).astype(int) - np.asarray(picture)).mean() < 6
    with Image.open(studio.workspace.thumb(item.sha256)) as small:
        assert (small.format, small.size) == ("WEBP", (256, 171))


def test_one_bad_file_never_stops_the_others(studio: Studio, source: Path) -> None:
    good = {f"good {n}.png": encoded(scene(n)) for n in range(3)}
    bad = {
        "truncated.png": encoded(scene(7))[:900],
        "text.jpg": b"hello",
        "wide.png": png_of(20_000, 40),
        "bomb.png": png_of(9_000, 9_000),
        "moving.gif": encoded(scene(8), "GIF", save_all=True, append_images=[scene(9)]),
        "tiny.png": encoded(Image.new("RGB", (8, 8))),
        "notes.doc": b"hello",
        "empty.png": b"",
    }
    for name, payload in (good | bad).items():
        (source / name).write_bytes(payload)
    for name, picture in {
        "cmyk.jpg": encoded(scene(20).convert("CMYK"), "JPEG"),
        "deep.png": encoded(Image.fromarray(np.asarray(scene(21).convert("L")).astype(np.uint16) * 257)),
        "alpha.png": encoded(scene(22).convert("RGBA")),
    }.items():
        (source / name).write_bytes(picture)
    done = report(studio, source)
    assert done.added == 6
    assert {skip.name for skip in done.skipped} == set(bad)
    assert all(skip.sentence.endswith(".") and len(skip.sentence) < 250 for skip in done.skipped)


def test_nothing_of_the_source_is_touched(studio: Studio, source: Path) -> None:
    (source / "a.png").write_bytes(encoded(scene(1)))
    (source / "broken.png").write_bytes(b"x")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in source.iterdir()}
    report(studio, source)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in source.iterdir()} == before


def test_an_upload_leaves_the_inbox_when_it_is_done(studio: Studio, source: Path) -> None:
    (source / "a.png").write_bytes(encoded(scene(1)))
    assert report(studio, source / "a.png", uploaded=True).added == 1
    assert list(studio.workspace.inbox.iterdir()) == []
    assert (source / "a.png").exists()


@pytest.mark.parametrize(
    "forged", ["personas/zia", "inbox", ".", "inbox/../personas", "../elsewhere", "inbox/gone"]
)
def test_a_forged_upload_removes_nothing(studio: Studio, source: Path, forged: str) -> None:
    spec = ImportSpec(persona="zia", source=forged, uploaded=True)
    job = queue.submit(studio.db, spec, title="Forged", persona="zia")
    before = sorted(studio.workspace.personas.rglob("*"))
    run_job(studio, job)
    assert queue.get(studio.db, job).status is JobStatus.FAILED
    assert sorted(studio.workspace.personas.rglob("*")) == before
    assert studio.workspace.inbox.is_dir()


def test_pictures_from_elsewhere_are_told_where_there_is_a_judge(
    studio: Studio, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (source / f"{number}.png").write_bytes(encoded(scene(number)))

    def bright(pictures: list[Image.Image]) -> list[bool]:
        return [picture.getpixel((0, 0)) == scene(1).getpixel((0, 0)) for picture in pictures]

    monkeypatch.setattr(importing, "_world_check", lambda *_: bright)
    assert report(studio, source).out_of_world == 2
    answers = {item.source_name: item.checks.in_world for item in datasets.examples(studio.workspace, "zia")}
    assert answers == {"0.png": False, "1.png": True, "2.png": False}
    codes = [[reason.code for reason in row.reasons] for row in actions.page(studio, "zia").examples]
    assert ["out-of-world" in row for row in codes] == [True, False, True]


def test_a_zip_with_every_trick_gives_its_good_pictures(studio: Studio, source: Path) -> None:
    with zipfile.ZipFile(source / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mila/1.png", encoded(scene(1)))
        file.writestr("mila/1.txt", "zia <b>smiling</b>")
        file.writestr("../../escaped.png", encoded(scene(2)))
        file.writestr("bomb.png", bytes(60_000_000))
        link = zipfile.ZipInfo("link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        file.writestr(link, "/etc/passwd")
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as nested:
            nested.writestr("x.png", b"x")
        file.writestr("nested.zip", inner.getvalue())
    done = report(studio, source / "a.zip", uploaded=True)
    assert done.added == 1
    assert captions(studio) == {"mila/1.png": "zia smiling"}
    assert {skip.name for skip in done.skipped} == {"../../escaped.png", "bomb.png", "link.png", "nested.zip"}
    assert not [path for path in source.parent.rglob("escaped*")]


def test_a_zip_of_ten_thousand_entries_is_one_sentence(studio: Studio, source: Path) -> None:
    with zipfile.ZipFile(source / "a.zip", "w") as file:
        for number in range(10_000):
            file.writestr(f"{number}.png", b"")
    job = ended(studio, source / "a.zip")
    assert job.status is JobStatus.FAILED
    assert "10,000 entries; at most 2,000" in job.message
    assert job.hint


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "no picture in it"), ({"a.png": b"x", "b.txt": b"hello"}, None), ({"b.doc": b"x"}, "b.doc")],
)
def test_a_source_without_pictures(
    studio: Studio, source: Path, files: dict[str, bytes], said: str | None
) -> None:
    for name, payload in files.items():
        (source / name).write_bytes(payload)
    job = ended(studio, source)
    if said is None:
        assert job.status is JobStatus.DONE, "it had a picture, which was damaged"
        assert ImportReport.model_validate_json(job.result or "").added == 0
    else:
        assert job.status is JobStatus.FAILED
        assert said in job.message


def test_the_same_picture_is_stored_once(studio: Studio, source: Path) -> None:
    for name, form in (("a.png", "PNG"), ("b.bmp", "BMP")):
        (source / name).write_bytes(encoded(scene(1), form))
    first = report(studio, source)
    assert (first.added, [skip.name for skip in first.duplicates]) == (1, ["b.bmp"])
    assert "a.png" in first.duplicates[0].sentence
    again = report(studio, source)
    assert (again.added, len(again.duplicates)) == (0, 2)
    assert len(datasets.examples(studio.workspace, "zia")) == 1


def test_near_duplicates_are_shown_also_across_imports(studio: Studio, source: Path, tmp_path: Path) -> None:
    original = scene(5, 240, 200)
    (source / "original.png").write_bytes(encoded(original))
    (source / "other.png").write_bytes(encoded(scene(6, 240, 200)))
    report(studio, source)
    later = tmp_path / "later"
    later.mkdir()
    mirrored = original.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    (later / "mirrored.jpg").write_bytes(encoded(mirrored, "JPEG", quality=70))
    (later / "cropped.jpg").write_bytes(encoded(original.crop((20, 15, 225, 185)), "JPEG", quality=80))
    report(studio, later)
    found = {
        row.example.source_name: [reason.detail for reason in row.reasons if reason.code == "duplicate"]
        for row in actions.page(studio, "zia").examples
    }
    assert found["other.png"] == []
    assert "original.png mirrored" in found["mirrored.jpg"][0]
    assert "cropped" in found["cropped.jpg"][0]
    assert len(found["original.png"]) == 2


def test_small_and_blurred_pictures_are_told(studio: Studio, source: Path) -> None:
    for number in range(5):
        (source / f"{number}.png").write_bytes(encoded(scene(number, 320, 320)))
    (source / "small.png").write_bytes(encoded(scene(8, 200, 200)))
    (source / "soft.png").write_bytes(encoded(blurred(scene(9, 320, 320), 8)))
    report(studio, source)
    codes = {
        row.example.source_name: {reason.code for reason in row.reasons} - {"no-caption", "out-of-world"}
        for row in actions.page(studio, "zia").examples
    }
    assert codes["small.png"] >= {"small"}
    assert codes["soft.png"] == {"blurred"}
    assert codes["0.png"] == set()


def test_a_refused_caption_keeps_its_picture_out(studio: Studio, source: Path) -> None:
    (source / "a.png").write_bytes(encoded(scene(1)))
    (source / "a.txt").write_text("zia nude")
    (source / "b.png").write_bytes(encoded(scene(2)))
    done = report(studio, source)
    assert (done.added, [skip.name for skip in done.skipped]) == (1, ["a.png"])
    assert "caption" in done.skipped[0].sentence


def test_a_persona_revoked_while_the_job_waited_gets_nothing(studio: Studio, source: Path) -> None:
    (source / "a.png").write_bytes(encoded(scene(1)))
    job = actions.import_pictures(studio, "zia", [source], uploaded=False)
    revoke(studio, "zia")
    with studio.db.begin() as connection:  # as if the queue had not heard of it
        connection.exec_driver_sql("UPDATE job SET status = 'queued', stop = 0, finished = NULL")
    run_job(studio, job)
    ended_job = queue.get(studio.db, job)
    assert ended_job.status is JobStatus.FAILED
    assert "revoked" in ended_job.message
    assert datasets.examples(studio.workspace, "zia") == []


def test_stop_keeps_what_came_in_and_ends_at_the_next_picture(
    studio: Studio, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        (source / f"{number:02d}.png").write_bytes(encoded(scene(number, 64, 64)))
    job = actions.import_pictures(studio, "zia", [source], uploaded=False)
    taken = importing._take
    count = 0

    def take(*arguments: object) -> None:
        nonlocal count
        count += 1
        if count == 15:
            queue.request_stop(studio.db, job)
        taken(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "_take", take)
    run_job(studio, job)
    assert queue.get(studio.db, job).status is JobStatus.CANCELLED
    kept = datasets.examples(studio.workspace, "zia")
    assert 15 <= len(kept) < 40
    assert sum(item.held_out for item in kept) == 5
    monkeypatch.undo()
    assert report(studio, source).added == 40 - len(kept)


def test_a_full_disk_ends_the_job_with_its_sentence(
    studio: Studio, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source / "a.png").write_bytes(encoded(scene(1)))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.files.os.fsync", full)
    job = ended(studio, source)
    monkeypatch.undo()
    assert job.status is JobStatus.FAILED
    assert "disk is full" in job.message
    assert datasets.examples(studio.workspace, "zia") == []
    assert report(studio, source).added == 1


def test_the_example_persona_is_ready_to_train(studio: Studio) -> None:
    persona, job = load_example(studio)
    run_job(studio, job)
    done = ImportReport.model_validate_json(queue.get(studio.db, job).result or "")
    seen = [event for _, _, event in queue.events(studio.db, job)]
    assert (done.added, done.skipped, done.duplicates, done.held_out) == (24, (), (), 6)
    view = actions.page(studio, persona.slug)
    assert (view.kept, view.held_out, view.readiness.ok) == (24, 6, True)
    assert all(row.reasons == () for row in view.examples)
    assert any(isinstance(event, Progress) and event.step == event.total == 24 for event in seen)
    assert load_example(studio) == (persona, job)


def test_the_job_runs_as_a_process_of_its_own(studio: Studio, source: Path) -> None:
    rows = []
    for number in range(16):
        (source / f"{number}.png").write_bytes(encoded(scene(number, 96, 96)))
        rows.append(
            {
                "file_name": f"{number}.png",
                "text": f"zia {number}",
                "split": "test" if number > 9 else "train",
            }
        )
    (source / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    job = actions.import_pictures(studio, "zia", [source], uploaded=False, rights=Rights.OWN)
    subprocess.run(
        [sys.executable, "-m", "studio", "job", str(job), "--workspace", str(studio.workspace.root)],
        cwd=CODE_FOLDER,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=120,
    )
    assert queue.get(studio.db, job).status is JobStatus.DONE
    held_out = {item.caption for item in datasets.examples(studio.workspace, "zia") if item.held_out}
    assert held_out == {f"zia {number}" for number in range(10, 16)}
