"""Our own routes: uploads stream into the inbox within bounds, pictures go out by id, nothing else does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from studio.domain.errors import StudioError
from studio.domain.records import JobStatus
from studio.domain.specs import ExportSpec
from studio.storage import queue
from studio.storage.opened import Studio, open_studio
from studio.ui import routes

BATCH = "0123456789abcdef01234567"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "workspace")


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


def test_a_result_is_only_what_its_job_named(site: TestClient, studio: Studio) -> None:
    path = studio.workspace.root / "exports" / "x.zip"
    path.parent.mkdir()
    path.write_bytes(b"zip")
    job = queue.submit(studio.db, ExportSpec(what="pictures"), title="Export")
    queue.finish(
        studio.db,
        job,
        JobStatus.DONE,
        result='{"path": "exports/x.zip", "other": 3, "away": "../../etc/passwd"}',
    )
    answer = site.get(f"/-/result/{job}")
    assert answer.content == b"zip" and "attachment" in answer.headers["content-disposition"]
    assert [site.get(f"/-/result/{job}?key={key}").status_code for key in ("other", "nothing", "away")] == [
        404,
        404,
        404,
    ]
