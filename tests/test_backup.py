"""A backup holds the whole workspace at one moment and comes back whole, or not at all."""

import shutil
import sqlite3
import stat
import zipfile
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import pytest

from studio import backup
from studio.domain.errors import BadInput, Conflict, DiskTrouble, NotFound, StudioError, Unsupported
from studio.storage.opened import Studio, open_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A workspace with a persona, a picture, caches, keys, and rows that only SQLite's log holds yet."""
    studio = open_studio(tmp_path / "Atelier Müller")
    root = studio.workspace.root
    for name, payload in {
        "personas/ada/persona.json": b'{"name": "Ada"}',
        "images/ab/ab12.png": bytes(range(256)) * 40,
        "runs/7/checkpoints/20.safetensors": b"\0" * 5000,
        "cache/thumbs/ab/ab12.webp": b"made again",
        "keys/key.pem": b"secret",
        "locks/web.json": b"{}",
        "personas/ada/.persona.json.x.tmp": b"half a file",
        "studio.toml": b"port = 7861\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(payload)
    with studio.db.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (word TEXT)")
        connection.exec_driver_sql("INSERT INTO kept VALUES ('in the log')")
    return studio


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith("studio.db")
    }


KEPT = {"personas/ada/persona.json", "images/ab/ab12.png", "runs/7/checkpoints/20.safetensors", "studio.toml"}


def test_everything_but_caches_and_keys_comes_back(studio: Studio, tmp_path: Path) -> None:
    original = tree(studio.workspace.root)
    with closing(sqlite3.connect(studio.workspace.database)) as writer:  # somebody is at work meanwhile
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO kept VALUES ('not committed')")
        summary = backup.back_up(studio.workspace, tmp_path / "b.zip")
        writer.rollback()
    assert summary.files == len(KEPT) + 1
    restored = tmp_path / "Elsewhere ü"
    assert backup.restore(tmp_path / "b.zip", restored).files == summary.files
    assert tree(restored) == {name: original[name] for name in KEPT}
    again = open_studio(restored)
    with again.db.connect() as connection:
        assert connection.exec_driver_sql("SELECT word FROM kept").all() == [("in the log",)]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_keys_travel_only_when_asked_and_stay_private(studio: Studio, tmp_path: Path) -> None:
    backup.back_up(studio.workspace, tmp_path / "b.zip", with_keys=True)
    backup.restore(tmp_path / "b.zip", tmp_path / "new")
    key = tmp_path / "new" / "keys" / "key.pem"
    assert key.read_bytes() == b"secret"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_link_out_of_the_workspace_is_not_followed(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("somebody else's")
    (studio.workspace.root / "images" / "link.txt").symlink_to(tmp_path / "private.txt")
    backup.back_up(studio.workspace, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert not [name for name in archive.namelist() if "link" in name]


def test_nothing_is_replaced(studio: Studio, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(b"precious")
    with pytest.raises(Conflict, match="exists already"):
        backup.back_up(studio.workspace, target)
    assert target.read_bytes() == b"precious"
    with pytest.raises(BadInput, match="inside the workspace"):
        backup.back_up(studio.workspace, studio.workspace.root / "b.zip")
    backup.back_up(studio.workspace, tmp_path / "c.zip")
    with pytest.raises(Conflict, match="holds something"):
        backup.restore(tmp_path / "c.zip", studio.workspace.root)
    with pytest.raises(NotFound):
        backup.restore(tmp_path / "absent.zip", tmp_path / "new")


def damaged(archive: Path) -> None:
    payload = bytearray(archive.read_bytes())
    place = payload.index(bytes(range(256)))  # inside the stored picture
    payload[place + 9] ^= 0xFF
    archive.write_bytes(payload)


def foreign(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("holiday.jpg", b"x")


def newer(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(backup.MANIFEST, '{"format": 99}')


def escaping(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("../outside.txt", b"x")


def linking(archive: Path) -> None:
    member = zipfile.ZipInfo("images/link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(member, "/etc/hostname")


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:3000])


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (damaged, BadInput, "damaged"),
        (cut, BadInput, "damaged or no zip"),
        (foreign, BadInput, "not a backup"),
        (newer, Unsupported, "newer"),
        (escaping, BadInput, "outside.txt"),
        (linking, BadInput, "images/link"),
    ],
)
def test_a_spoilt_backup_is_refused_and_leaves_nothing(
    studio: Studio, tmp_path: Path, spoil: object, error: type[StudioError], words: str
) -> None:
    archive = tmp_path / "b.zip"
    backup.back_up(studio.workspace, archive)
    spoil(archive)  # type: ignore[operator]
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(error, match=words):
        backup.restore(archive, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_too_little_room_is_said_before_anything_is_written(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.back_up(studio.workspace, tmp_path / "b.zip")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 9, 1))
    with pytest.raises(DiskTrouble, match="only 0 MB are free"):
        backup.restore(tmp_path / "b.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_verb_does_both(studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "b.zip")
    assert backup.main([file, "--workspace", str(studio.workspace.root)]) == 0
    assert backup.main([file, "--restore", "--workspace", str(tmp_path / "new")]) == 0
    printed = capsys.readouterr().out
    assert "keys are not in it" in printed
    assert f"Restored {len(KEPT) + 1} files" in printed
