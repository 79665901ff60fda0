"""Our own routes: uploads stream into the inbox within bounds, pictures go out by id, nothing else does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from studio.actions import personas as acting
from studio.domain.errors import StudioError
from studio.domain.records import Charter, JobStatus, Persona, Picture
from studio.domain.specs import AnySpec, ExportSpec, GenerateSpec, VerifySpec
from studio.files import write_atomic
from studio.jobs.runner import run_job
from studio.storage import inbox, personas, pictures, queue
from studio.storage.opened import Studio
from studio.ui import job_card, routes

BATCH = "0123456789abcdef01234567"


@pytest.fixture
def site(studio: Studio) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(routes.router(studio))
    app.add_exception_handler(StudioError, lambda request, error: PlainTextResponse(error.sentence(), 404))
    with TestClient(app) as client:
        yield client


def test_an_upload_lands_unread_in_the_inbox(site: TestClient, studio: Studio) -> None:
    answer = site.post(f"/-/inbox/{BATCH}/10_anna/01.png", content=b"anything at all")
    assert answer.json() == {"bytes": 15}
    assert (studio.workspace.inbox / BATCH / "10_anna" / "01.png").read_bytes() == b"anything at all"


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fstudio.db", "a/..%2F..%2Fx", "%2Fetc%2Fpasswd", "..\\..\\x", ".%2F.hidden", "c:%5Cx"]
)
def test_no_name_leaves_the_inbox(site: TestClient, studio: Studio, name: str) -> None:
    site.post(f"/-/inbox/{BATCH}/{name}", content=b"x")
    outside = [
        path for path in studio.workspace.root.rglob("*") if path.is_file() and path.read_bytes() == b"x"
    ]
    assert all(path.is_relative_to(studio.workspace.inbox / BATCH) for path in outside)


@pytest.mark.parametrize("batch", ["short", "x" * 24, "..%2F..%2F000000000000000000", BATCH + "0"])
def test_a_batch_is_a_number_of_ours(site: TestClient, studio: Studio, batch: str) -> None:
    assert site.post(f"/-/inbox/{batch}/a.png", content=b"x").status_code >= 400
    assert not list(studio.workspace.inbox.iterdir())


def test_too_large_leaves_nothing_behind(
    site: TestClient, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "LARGEST_BATCH", 100)
    assert site.post(f"/-/inbox/{BATCH}/a.png", content=b"x" * 60).status_code == 200
    answer = site.post(f"/-/inbox/{BATCH}/b.png", content=b"x" * 60)
    assert answer.status_code == 413 and "Name its folder" in answer.text
    assert [path.name for path in (studio.workspace.inbox / BATCH).iterdir()] == ["a.png"]


def test_too_many_files_are_refused(site: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "BATCH_FILES", 2)
    codes = [site.post(f"/-/inbox/{BATCH}/{number}.png", content=b"x").status_code for number in range(3)]
    assert codes == [200, 200, 413]


@pytest.mark.parametrize(
    "path",
    ["/-/asset/..%2F..%2Fpyproject.toml", "/-/asset/nothing.css", "/-/example/anna/0123456789abcdef", "/-/example/..%2Fx/0123456789abcdef",
     "/-/picture/unknown", "/-/preview/1/1", "/-/comparison/1/..%2F..%2Fstudio.db", "/-/comparison/1/x.png", "/-/result/1",
     "/-/example-picture/99"],
)  # fmt: skip
def test_what_is_not_there_is_a_sentence(site: TestClient, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert answer.text.endswith(".") or "%2F" in path


def test_the_look_is_served_and_may_be_kept(site: TestClient) -> None:
    answer = site.get("/-/asset/studio.css")
    assert (
        answer.headers["content-type"].startswith("text/css")
        and "immutable" in answer.headers["cache-control"]
    )
    assert site.get("/-/asset/logo.svg").headers["content-type"].startswith("image/svg+xml")
    assert site.get("/healthz").json() == {"ok": True}


@pytest.mark.slow
def test_a_look_at_a_picture_is_still_there_for_a_page_drawn_before_the_job_ended(
    site: TestClient, studio: Studio
) -> None:
    """The browser asks for it after the page was drawn, and the job may have ended in between."""
    spec = GenerateSpec(base="embedded", prompt="a woman", count=1, width=64, height=64, num_inference_steps=4)
    job = queue.submit(studio.db, spec, title="1 picture")
    run_job(studio, job)
    assert queue.get(studio.db, job).status is JobStatus.DONE
    looks = [f"/-/preview/{job}/{number}" for number, _, _ in queue.events(studio.db, job, kinds={"preview"})]
    assert looks
    for address in looks:
        answer = site.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), address


def finished(studio: Studio, spec: AnySpec, result: dict[str, Any]) -> int:
    """A job that is done, with its folder."""
    job = queue.submit(studio.db, spec, title="t")
    queue.finish(studio.db, job, JobStatus.DONE, result=json.dumps(result))
    return job


def test_a_result_is_only_what_an_export_made(site: TestClient, studio: Studio) -> None:
    job = queue.submit(studio.db, ExportSpec(what="pictures"), title="Export")
    folder = studio.workspace.run_dir(job)
    write_atomic(folder / "x.zip", b"zip")
    write_atomic(folder / "state" / "x.json", b"{}")
    write_atomic(studio.workspace.keys / "signing.pem", b"secret")
    key = "keys/signing.pem"
    told = {"path": f"runs/{job}/x.zip", "json_path": key, "recipe": {"prompt": key}}
    queue.finish(studio.db, job, JobStatus.DONE, result=json.dumps(told))
    answer = site.get(f"/-/result/{job}")
    assert answer.content == b"zip" and "attachment" in answer.headers["content-disposition"]
    assert site.get(f"/-/result/{job}?key=json_path").status_code == 404
    assert site.get(f"/-/result/{job}?key=recipe.prompt").status_code == 422
    for other in (key, "../../etc/passwd", f"runs/{job}/state/x.json", f"runs/{job}", f"runs/{job + 9}/x.zip", 3):
        made = finished(studio, ExportSpec(what="pictures"), {"path": other})
        assert site.get(f"/-/result/{made}").status_code == 404
    dropped = finished(studio, VerifySpec(source="inbox/x"), {"recipe": {"prompt": key}, "path": key})
    write_atomic(studio.workspace.run_dir(dropped) / "x.zip", b"zip")
    for asked in ("path", "json_path", "recipe.prompt"):
        assert b"secret" not in site.get(f"/-/result/{dropped}?key={asked}").content


def test_what_was_exported_stays_here_once_she_is_revoked(site: TestClient, studio: Studio) -> None:
    anna = Persona(
        slug="anna", name="Anna", trigger="annavok", charter=Charter(confirmed_adult=True), base="embedded",
        created=datetime.now(UTC),
    )  # fmt: skip
    personas.create(studio.workspace, anna)
    picture = Picture(
        id="1-0", path="images/1-0-1.png", sha256="0" * 64, created=1.0, job=None, persona="anna", prompt="p", seed=1,
        width=8, height=8,
    )  # fmt: skip
    pictures.add(studio.db, picture)
    specs = (ExportSpec(what="adapter", persona="anna"), ExportSpec(what="pictures", pictures=("1-0",)))
    jobs = [queue.submit(studio.db, spec, title="Export") for spec in specs]
    for job in jobs:
        path = studio.workspace.run_dir(job) / "x.zip"
        write_atomic(path, b"zip")
        told = json.dumps({"path": studio.workspace.relative(path)})
        queue.finish(studio.db, job, JobStatus.DONE, result=told)
        assert site.get(f"/-/result/{job}").content == b"zip"
    acting.revoke(studio, "anna")
    for job in jobs:
        answer = site.get(f"/-/result/{job}")
        assert answer.status_code == 404 and "revoked" in answer.text


def test_two_names_that_are_made_safe_never_become_one(site: TestClient, studio: Studio) -> None:
    for name in ("anna😊.png", "anna😍.png", "anna😍.txt"):
        assert site.post(f"/-/inbox/{BATCH}/10/{name}", content=name.encode()).status_code == 200
    found = {path: path.read_bytes().decode() for path in (studio.workspace.inbox / BATCH / "10").iterdir()}
    assert sorted(found.values()) == ["anna😊.png", "anna😍.png", "anna😍.txt"]
    stems = {content: path.stem for path, content in found.items()}
    assert stems["anna😍.png"] == stems["anna😍.txt"] != stems["anna😊.png"]
    assert all(path.stem.startswith("anna_") for path in found)


def test_a_second_upload_of_one_name_replaces_nothing(site: TestClient, studio: Studio) -> None:
    for content in (b"first", b"second"):
        assert site.post(f"/-/inbox/{BATCH}/a.png", content=content).json() == {"bytes": len(content)}
    folder = studio.workspace.inbox / BATCH
    assert (folder / "a.png").read_bytes() == b"first"
    assert (folder / "2" / "a.png").read_bytes() == b"second"


def test_an_upload_that_would_fill_the_disk_is_refused(
    site: TestClient, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SPARE_DISK", 10**18)
    answer = site.post(f"/-/inbox/{BATCH}/a.png", content=b"x")
    assert answer.status_code == 404 and "stay free" in answer.text
    assert not list(studio.workspace.inbox.iterdir())


def test_how_long_something_takes_is_said_in_the_words_of_the_page(site: TestClient) -> None:
    for seconds in (0, 82, 95, 4000, 10_000):
        assert site.get(f"/-/lasting/{seconds}").text == job_card.seconds(seconds)
    assert [site.get(f"/-/lasting/{bad}").status_code for bad in ("-1", "nan", "9" * 30)] == [422] * 3
