"""One page, one supervisor per workspace; the lock dies with its process."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.domain.errors import Conflict
from studio.jobs.launchers import CODE_FOLDER
from studio.storage.presence import created, hold, hold_web_lock, holder, is_alive, self_started
from studio.storage.workspace import Workspace, open_workspace

OTHER = """
import sys, time
from collections.abc import Iterator
from pathlib import Path
from studio.storage.presence import hold_web_lock
from studio.storage.workspace import open_workspace
with hold_web_lock(open_workspace(Path(sys.argv[1])), "http://127.0.0.1:7861"):
    print("open", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "w w")


@pytest.fixture
def other(workspace: Workspace) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(workspace.root)], stdout=subprocess.PIPE, cwd=CODE_FOLDER
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_page_is_told_where_the_first_is(
    workspace: Workspace, other: subprocess.Popen[bytes]
) -> None:
    with (
        pytest.raises(Conflict, match=r"already open at http://127\.0\.0\.1:7861"),
        hold_web_lock(workspace, "http://127.0.0.1:7862"),
    ):
        pass
    card = holder(workspace, "web")
    assert card is not None
    assert card.pid == other.pid


def test_a_killed_page_leaves_no_lock(workspace: Workspace, other: subprocess.Popen[bytes]) -> None:
    other.kill()
    other.wait()
    assert holder(workspace, "web") is None
    with hold_web_lock(workspace, "http://127.0.0.1:7863"):
        card = holder(workspace, "web")
        assert card is not None
        assert (card.pid, card.url) == (os.getpid(), "http://127.0.0.1:7863")
    assert holder(workspace, "web") is None


def test_roles_do_not_stand_in_each_others_way(workspace: Workspace) -> None:
    with hold(workspace, "web") as web, hold(workspace, "supervisor") as supervisor:
        assert web
        assert supervisor


def test_a_reused_number_is_somebody_else() -> None:
    assert is_alive(os.getpid(), self_started())
    assert not is_alive(os.getpid(), self_started() - 100)
    short = subprocess.Popen([sys.executable, "-c", ""])
    time.sleep(0.3)
    assert not is_alive(short.pid, created(short.pid)), "ended, though not yet waited for"
    short.wait()


def test_a_role_is_given_back_when_its_work_fails(workspace: Workspace) -> None:
    with pytest.raises(KeyError), hold(workspace, "web"):
        raise KeyError
    assert holder(workspace, "web") is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the wall clock tells")
def test_setting_the_clock_makes_nobody_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    before = self_started()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: 1e9, raising=False)
    assert self_started() == before


def test_a_card_of_nonsense_is_nobody(workspace: Workspace) -> None:
    (workspace.root / "locks").mkdir()
    for text in ("", "[]", "{}", '{"pid": "x"}', "\xff"):
        (workspace.root / "locks" / "web.json").write_text(text)
        assert holder(workspace, "web") is None
