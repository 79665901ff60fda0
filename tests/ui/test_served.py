"""The served page from outside: nothing leaks, nothing foreign gets in, a second page says who is first."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from studio.shots import address, page_command
from tests.ui.conftest import Site, until

pytestmark = pytest.mark.slow


def test_foreign_hosts_and_pages_are_turned_away(site: Site) -> None:
    assert httpx.get(site.url, headers={"host": "evil.example"}).status_code == 400
    forged = httpx.post(
        f"{site.url}/gradio_api/queue/join", headers={"origin": "http://evil.example"}, json={}
    )
    assert forged.status_code == 403
    assert (
        "access-control-allow-origin"
        not in httpx.get(site.url, headers={"origin": "http://evil.example"}).headers
    )


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "{workspace}/studio.db", "{workspace}/locks/web.json", "http://127.0.0.1:1/"]
)
def test_gradio_serves_no_files(site: Site, path: str) -> None:
    address = path.format(workspace=site.workspace)
    assert httpx.get(f"{site.url}/gradio_api/file={address}").status_code in (403, 404)


def test_gradio_takes_no_uploads_and_keeps_no_history(site: Site) -> None:
    assert httpx.post(f"{site.url}/gradio_api/upload", files={"files": b"x"}).status_code == 403
    assert httpx.get(f"{site.url}/gradio_api/runs").status_code == 404


def test_no_handler_is_an_endpoint(site: Site) -> None:
    assert httpx.get(f"{site.url}/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_a_forged_call_of_a_private_handler_gives_a_sentence_not_a_traceback(site: Site) -> None:
    config = httpx.get(f"{site.url}/config").json()
    for number in range(len(config["dependencies"])):
        answer = httpx.post(
            f"{site.url}/gradio_api/run/predict",
            json={"fn_index": number, "data": [None] * 30, "session_hash": "x"},
        )
        assert "Traceback" not in answer.text and str(site.workspace) not in answer.text
    assert httpx.get(f"{site.url}/healthz").json() == {"ok": True}


def test_a_second_page_on_the_workspace_says_where_the_first_is(site: Site) -> None:
    run = subprocess.run(page_command(site.workspace), capture_output=True, text=True, timeout=60)
    assert run.returncode != 0
    assert site.url in run.stderr and "Traceback" not in run.stderr


def test_a_taken_port_is_a_sentence(site: Site) -> None:
    run = subprocess.run(page_command(site.workspace, site.port), capture_output=True, text=True, timeout=60)
    assert run.returncode != 0
    assert "--port" in run.stderr and "Traceback" not in run.stderr


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_the_browser_opens_on_the_page(tmp_path: Path) -> None:
    """`BROWSER` is what Python's `webbrowser` asks first: here a script that notes the address."""
    note = tmp_path / "opened.txt"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{note}"\n')
    browser.chmod(0o755)
    command = [word for word in page_command(tmp_path / "workspace") if word != "--no-browser"]
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, text=True, env={**os.environ, "BROWSER": str(browser)})
    try:
        url = address(process, tmp_path / "log.txt")
        until(lambda: note.is_file() and note.read_text().strip(), 20)
        assert note.read_text().strip() == url
    finally:
        process.terminate()
        process.wait()
