"""The doctor tells what is there, and asks for mending only where something must be mended."""

import socket
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from studio import doctor
from studio.installing.torch_build import Machine
from studio.settings import load_settings
from studio.storage.opened import open_studio


def test_a_sound_studio_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "Atelier ü"
    open_studio(root).db.dispose()
    code = doctor.main(["--workspace", str(root), "--port", "0"])
    printed = capsys.readouterr().out
    assert (code, "MEND" in printed) == (0, False), printed
    for part in ("Python", "torch", "a matrix product in", "GB free", "sound,", f"{root}  (--workspace)"):
        assert part in printed


def test_looking_changes_nothing(tmp_path: Path) -> None:
    settings = load_settings({"workspace": str(tmp_path / "none")})
    assert [line.mend for line in doctor.workspace_state(settings)] == [False]
    list(doctor.room(settings.workspace))
    assert list(tmp_path.iterdir()) == []


def test_packages_missing_or_out_of_bounds_are_named(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[project]\ndependencies = ["pydantic>=1", "pydantic>=99", "no-such-package-anywhere"]\n'
    )
    _python, fits, newer, missing = doctor.versions(project)
    assert not fits.mend
    assert newer.mend
    assert newer.value.endswith("not >=99")
    assert missing.mend
    assert "launch.py" in missing.remedy


def test_an_idle_card_is_a_note_with_a_remedy() -> None:
    lines = list(doctor.devices(Machine("amd")))
    if any(line.name.startswith(("cuda", "xpu")) for line in lines):
        assert not any(line.name == "unused" for line in lines)
        return
    unused = lines[-1]
    assert unused.value.startswith("here is an AMD card, but torch")
    assert "STUDIO_TORCH" in unused.remedy
    assert not unused.mend
    assert not any(line.name == "unused" for line in doctor.devices(Machine("none")))


def test_a_torch_that_does_not_start_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'OSError: libtorch is torn' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    [line] = doctor.devices(Machine("none"))
    assert line.mend
    assert "libtorch is torn" in line.value


def test_a_damaged_or_newer_database_has_to_be_mended(tmp_path: Path) -> None:
    studio = open_studio(tmp_path)
    settings = load_settings({"workspace": str(tmp_path)})
    with studio.db.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    studio.db.dispose()
    newer = next(line for line in doctor.workspace_state(settings) if line.name == "database")
    assert (newer.mend, newer.remedy) == (True, "Update the studio.")
    for file in tmp_path.glob("studio.db*"):
        file.write_bytes(b"this is not a database, but it is long enough to look at" * 40)
    damaged = next(line for line in doctor.workspace_state(settings) if line.name == "database")
    assert damaged.mend
    assert "cannot be read" in damaged.value


def test_a_taken_port_is_seen(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = load_settings({"workspace": str(tmp_path), "port": other.getsockname()[1]})
        assert doctor.port(taken).mend
    assert not doctor.port(taken).mend


def test_little_room_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage(0, 0, 3e8))
    _memory, disk = doctor.room(tmp_path)
    assert disk.mend
    assert disk.value.startswith("0.3 GB free")


def test_wrong_settings_do_not_stop_the_doctor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_PRECISION", "fp8")
    assert doctor.main(["--workspace", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "Versions" in printed
    assert "MEND: wrong: STUDIO_PRECISION sets precision to 'fp8'" in printed
