"""Foreign hosts, foreign pages and strangers without the creator link stay outside."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.ui.doors import COOKIE, Doors, is_loopback

KEY = "k" * 43


def site(host: str, key: str | None) -> TestClient:
    app = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("in"), methods=["GET", "POST"])]
    )
    return TestClient(Doors(app, host, key), base_url=f"http://{host}:7860", follow_redirects=False)


def test_loopback_needs_no_key_and_sets_the_headers():
    answer = site("127.0.0.1", None).get("/")
    assert answer.text == "in"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.4"])
def test_another_host_name_is_refused_on_loopback(host: str):
    assert site("127.0.0.1", None).get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860"])
def test_the_names_of_this_computer_are_known(host: str):
    assert site("127.0.0.1", None).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_requests_from_other_pages_are_refused(headers: dict[str, str]):
    inside = site("127.0.0.1", None)
    assert inside.post("/-/inbox/x", headers=headers).status_code == 403
    assert inside.get("/", headers=headers).status_code == 200


def test_our_own_page_may_post():
    assert (
        site("127.0.0.1", None)
        .post("/", headers={"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"})
        .text
        == "in"
    )


def test_gradio_own_upload_is_closed():
    assert site("127.0.0.1", None).post("/gradio_api/upload").status_code == 403


def test_beyond_loopback_the_creator_link_is_needed():
    inside = site("192.0.2.7", KEY)
    assert inside.get("/").status_code == 401
    assert inside.get("/gradio_api/info").status_code == 401
    assert inside.get("/healthz").status_code == 200
    assert inside.get(f"/enter/{KEY[:-1]}x").status_code == 401
    welcome = inside.get(f"/enter/{KEY}")
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
    cookie = welcome.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert inside.get("/", headers={"cookie": f"{COOKIE}={KEY}"}).text == "in"
    assert inside.get("/", headers={"cookie": f"{COOKIE}=wrong"}).status_code == 401


def test_beyond_loopback_a_foreign_name_is_refused_even_with_the_key():
    answer = site("0.0.0.0", KEY).get("/", headers={"host": "evil.example", "cookie": f"{COOKIE}={KEY}"})
    assert answer.status_code == 400
    assert (
        site("0.0.0.0", KEY).get("/", headers={"host": "192.0.2.9:7860", "cookie": f"{COOKIE}={KEY}"}).text
        == "in"
    )


def test_what_counts_as_loopback():
    assert all(is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.0.1.1"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "192.0.2.7", "::"))
