"""A workspace opens anywhere it can work, and says why where it cannot."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.domain.errors import BadInput, DiskTrouble
from studio.storage import workspace as module
from studio.storage.opened import open_studio
from studio.storage.workspace import network_disk, open_workspace


def test_spaces_umlauts_and_missing_parents_are_fine(tmp_path: Path) -> None:
    opened = open_workspace(tmp_path / "Grüße an" / "Żółw %20 'x'")
    assert opened.root.is_dir()
    assert opened.run_dir(7) == opened.root / "runs" / "7"
    assert opened.thumb("ab" * 32) == opened.cache / "thumbs" / "ab" / f"{'ab' * 32}.webp"


def test_a_file_is_not_a_workspace(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for place in (file, file / "below"):
        with pytest.raises(BadInput, match=r"must be a folder.*notes\.txt") as failure:
            open_workspace(place)
        assert "--workspace" in failure.value.hint
    assert file.read_text() == "mine"


def test_read_only_by_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(DiskTrouble, match="read-only") as failure:
        open_workspace(tmp_path)
    assert "--workspace" in failure.value.hint


@pytest.mark.parametrize(("number", "said"), [(30, "read-only"), (28, "full"), (122, "quota"), (5, "failed")])
def test_read_only_or_full_found_by_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(**_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.tempfile, "NamedTemporaryFile", refuse)
    with pytest.raises(DiskTrouble, match=said):
        open_workspace(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that even root may not write to")
def test_a_folder_the_system_does_not_let_anyone_write_to() -> None:
    with pytest.raises(DiskTrouble):
        open_workspace(Path("/proc/self/studio"))


@pytest.mark.parametrize("slug", ["", "..", "a/b", "/etc", "Mira", "a" * 49, "-a", "a\n"])
def test_a_slug_is_never_a_path(tmp_path: Path, slug: str) -> None:
    with pytest.raises(BadInput):
        open_workspace(tmp_path).persona_dir(slug)


def test_stored_paths_stay_inside(tmp_path: Path) -> None:
    opened = open_workspace(tmp_path / "w")
    (tmp_path / "secret.txt").write_text("no")
    (opened.images / "way-out").symlink_to(tmp_path)
    for path in (
        "../secret.txt",
        "/etc/passwd",
        "images/way-out/secret.txt",
        "a\0b",
        "images/../../secret.txt",
    ):
        with pytest.raises(BadInput):
            opened.absolute(path)
    inside = opened.images / "2026" / "ä.png"
    assert opened.absolute(opened.relative(inside)) == inside
    assert opened.relative(inside) == "images/2026/ä.png"
    with pytest.raises(BadInput):
        opened.relative(tmp_path / "secret.txt")


def mounts(monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, str, str]) -> None:
    table = [SimpleNamespace(mountpoint=point, fstype=kind, opts=options) for point, kind, options in rows]
    monkeypatch.setattr(module.psutil, "disk_partitions", lambda all: table)  # noqa: A002


def test_network_disks_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path.resolve()
    mounts(monkeypatch, ("/", "ext4", "rw"), (str(here), "nfs4", "rw"), (str(here / "local"), "xfs", "rw"))
    assert network_disk(here / "w") == "nfs4"
    assert network_disk(here / "local" / "w") is None
    assert network_disk(here.parent) is None
    mounts(monkeypatch, (str(here.anchor), "NTFS", "rw,remote"))
    assert network_disk(here) == "NTFS"


def test_a_network_disk_gets_the_slower_journal_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path.resolve()
    mounts(monkeypatch, ("/", "ext4", "rw"), (str(here), "cifs", "rw"))
    studio = open_studio(here / "w")
    with studio.db.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert "network disk (cifs)" in studio.notes[0]


def test_a_local_disk_gets_the_write_ahead_log(tmp_path: Path) -> None:
    studio = open_studio(tmp_path / "w")
    with studio.db.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert studio.notes == ()
