"""Zips and reports carry the mark too, and a change in them is noticed."""

import io
import zipfile
from pathlib import Path

import pytest

from studio.domain.errors import BadInput
from studio.provenance.keys import Keys, ensure_keys
from studio.provenance.packages import SIDECAR, mark_html, mark_zip
from studio.provenance.verify import verify
from studio.provenance.xmp import AI_SOURCE


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return ensure_keys(tmp_path_factory.mktemp("keys"))


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files.items():
            made.writestr(name, body)
    return target.getvalue()


def test_a_zip_is_marked_and_signed(keys: Keys, tmp_path: Path) -> None:
    payload = mark_zip(archive({"a.png": b"one", "b/ü.txt": b"two"}), keys)
    verdict = verify(payload, keys)
    assert (verdict.kind, verdict.ai_mark, verdict.signature, verdict.altered) == (
        "zip",
        True,
        "trusted",
        False,
    )
    assert verify(payload).signature == "valid"
    assert verify(payload, ensure_keys(tmp_path)).signature == "valid"
    with pytest.raises(BadInput, match=SIDECAR):
        mark_zip(payload, keys)
    assert verify(mark_zip(archive({"a": b"1"}), None)).signature == "none"


@pytest.mark.parametrize("what", ["changed", "added", "removed"])
def test_a_changed_zip_is_noticed(what: str, keys: Keys) -> None:
    payload = mark_zip(archive({"a.png": b"one", "b.txt": b"two"}), keys)
    with zipfile.ZipFile(io.BytesIO(payload)) as made:
        files = {name: made.read(name) for name in made.namelist()}
    if what == "changed":
        files["a.png"] = b"ONE"
    elif what == "added":
        files["c"] = b""
    else:
        del files["b.txt"]
    verdict = verify(archive(files), keys)
    assert (verdict.signature, verdict.altered) == ("invalid", True)
    assert verdict.problems[0].startswith("changed: ")


def test_a_zip_without_mark_or_with_a_broken_one(keys: Keys) -> None:
    assert not verify(archive({"a": b"1"}), keys).marked
    for body in (
        b"",
        b"[]",
        b'{"claim": 3}',
        b'{"claim": {"sha256": [1]}}',
        b'{"claim": {"sha256": {}}, "signature": "AA=="}',
    ):
        assert verify(archive({SIDECAR: body}), keys).signature in ("invalid", "none")
    with pytest.raises(BadInput):
        mark_zip(b"not a zip", keys)


def test_a_report_is_marked_and_signed(keys: Keys) -> None:
    page = "<!doctype html>\n<html><head><title>ü</title></head><body>hello</body></html>"
    marked = mark_html(page, keys)
    assert AI_SOURCE in marked
    assert '<script type="application/ld+json">' in marked
    assert marked.startswith("<!doctype html>")
    verdict = verify(marked.encode(), keys)
    assert (verdict.kind, verdict.ai_mark, verdict.signature) == ("HTML", True, "trusted")
    changed = verify(marked.replace("hello", "hullo").encode(), keys)
    assert (changed.signature, changed.altered) == ("invalid", True)
    assert verify(mark_html(page, None).encode(), keys).signature == "none"
    assert not verify(page.encode(), keys).marked


def test_a_page_without_head_is_marked_too(keys: Keys) -> None:
    assert verify(mark_html("<p>hello</p>", keys).encode(), keys).signature == "trusted"
