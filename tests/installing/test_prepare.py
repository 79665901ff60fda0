"""A real environment, made by the real pip from small wheels: filled, stamped, repaired, refused."""

import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from studio.domain.errors import DiskTrouble, StudioError
from studio.installing import prepare as preparing
from studio.installing import space
from studio.installing.environment import Environment, Wanted
from studio.installing.installers import InstallError, remedy_for
from studio.installing.prepare import make_afresh, prepare
from studio.installing.torch_build import Machine
from tests.installing.wheels import make_project, make_wheel, use_only

DEPENDENCIES = ["torch>=2.10,<2.14", "painter>=1,<3"]
TESTED = ["torch==2.13.0", "painter==1.4"]


class Launcher:
    """A checkout, the environment beside it, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self.root = make_project(folder / "checkout", DEPENDENCIES, TESTED)
        self.environment = Environment(folder / "env with ü")
        self.said: list[str] = []

    def wanted(self, *extras: str, **variables: str) -> Wanted:
        return Wanted.read(self.root, variables, extras)

    def prepare(self, *extras: str, **variables: str) -> None:
        prepare(self.environment, self.wanted(*extras, **variables), self.said.append)

    def versions(self) -> dict[str, str]:
        listed = self.environment.output_of("-m", "pip", "list", "--format=freeze") or ""
        return dict(line.split("==") for line in listed.split() if "==" in line)


@pytest.fixture
def nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """Before the first start."""
    launcher = Launcher(tmp_path)
    use_only(launcher.wheels, monkeypatch)
    for version in ("2.9.0", "2.13.0+cpu", "2.15.0"):
        make_wheel(launcher.wheels, "torch", version)
    for version in ("1.4", "2.0"):
        make_wheel(launcher.wheels, "painter", version, ["torch"])
    make_wheel(launcher.wheels, "checker", "1.0")
    return launcher


@pytest.fixture(scope="session")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    environment = Environment(tmp_path_factory.mktemp("once") / "env")
    make_afresh(environment, lambda _: None)
    return environment.folder


@pytest.fixture
def launcher(nothing_yet: Launcher, empty_environment: Path) -> Launcher:
    """After a first start that got as far as an environment without packages."""
    shutil.copytree(empty_environment, nothing_yet.environment.folder, symlinks=True)
    return nothing_yet


def test_the_first_start_installs_and_the_second_finds_it_done(nothing_yet: Launcher) -> None:
    launcher = nothing_yet
    assert not launcher.environment.is_ready(launcher.wanted())
    launcher.prepare()
    found = launcher.versions()
    assert (found["torch"], found["painter"]) == ("2.13.0+cpu", "1.4")
    assert "checker" not in found
    assert "torch 2.13.0+cpu computes" in launcher.said
    assert launcher.environment.is_ready(launcher.wanted())

    assert not launcher.environment.is_ready(launcher.wanted("test"))
    launcher.prepare("test")
    assert launcher.versions()["checker"] == "1.0"
    assert launcher.environment.is_ready(launcher.wanted("test"))
    assert launcher.environment.is_ready(launcher.wanted())

    make_project(launcher.root, DEPENDENCIES, ["torch==2.13.0", "painter==2.0"])
    assert not launcher.environment.is_ready(launcher.wanted("test"))
    launcher.prepare()
    assert launcher.versions()["painter"] == "2.0"
    assert launcher.environment.is_ready(launcher.wanted("test")), "the test extra was forgotten"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no `false`, which stands in for a Python that cannot make an environment")
def test_an_environment_that_cannot_be_made_is_a_sentence(
    nothing_yet: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without_venv:
        without_venv.setattr(sys, "executable", shutil.which("false"))
        with pytest.raises(StudioError, match="Making the virtual environment failed") as told:
            nothing_yet.prepare()
    assert "python3-venv" in (told.value.hint or "")
    assert not nothing_yet.environment.is_ready(nothing_yet.wanted())
    nothing_yet.prepare()
    assert nothing_yet.environment.is_ready(nothing_yet.wanted())


def test_an_install_that_was_cut_short_is_begun_again(launcher: Launcher) -> None:
    half = next(launcher.environment.folder.rglob("site-packages")) / "painter-1.4.dist-info"
    half.mkdir()  # what a kill in the middle of unpacking leaves: pip believes the package is installed
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: painter\nVersion: 1.4\n")
    launcher.environment.unfinished.touch()
    launcher.prepare()
    assert any("afresh" in line for line in launcher.said)
    assert launcher.environment.output_of("-c", "import painter; print(painter.__version__)") == "1.4\n"


def test_another_choice_of_torch_replaces_it(launcher: Launcher) -> None:
    launcher.environment.write_stamp(torch=launcher.wanted().torch_key, extras=[])
    by_hand = {"STUDIO_TORCH_ARGS": "torch==2.15.0"}
    launcher.prepare(**by_hand)
    assert any("another choice" in line for line in launcher.said)
    assert launcher.versions()["torch"] == "2.15.0"
    assert launcher.environment.is_ready(launcher.wanted(**by_hand))


def test_a_build_nobody_offers_fails_when_asked_for_and_is_forgone_when_not(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudioError) as caught:
        launcher.prepare(STUDIO_TORCH="rocm7.2")
    assert "STUDIO_TORCH_ARGS" in caught.value.hint
    monkeypatch.setattr("studio.installing.torch_build.this_machine", lambda: Machine("amd"))
    monkeypatch.setattr("studio.installing.torch_build.require_space", lambda *_: None)
    launcher.prepare()
    assert launcher.versions()["torch"] == "2.13.0+cpu"
    assert any("here is an AMD card; pip offers torch 2.13.0+cpu" in line for line in launcher.said)
    assert any("fits less well" in line for line in launcher.said)


def test_skip_expects_a_torch_that_is_there(launcher: Launcher) -> None:
    with pytest.raises(StudioError, match="torch is not installed"):
        launcher.prepare(STUDIO_TORCH="skip")


def test_untested_versions_are_taken_when_the_tested_are_not_on_offer(launcher: Launcher) -> None:
    make_project(launcher.root, DEPENDENCIES, ["torch==2.12.0", "painter==1.3"])
    launcher.prepare()
    found = launcher.versions()
    assert (found["torch"], found["painter"]) == ("2.13.0+cpu", "2.0")
    assert any("not every tested version" in line for line in launcher.said)


def test_a_missing_package_is_a_sentence_and_the_next_start_goes_on(
    launcher: Launcher, capfd: pytest.CaptureFixture[str]
) -> None:
    make_project(launcher.root, [*DEPENDENCIES, "brush"], TESTED)
    with pytest.raises(InstallError, match="Installing the packages did not work"):
        launcher.prepare()
    assert "brush" in capfd.readouterr().err, "pip's own words were kept back"
    assert not launcher.environment.is_ready(launcher.wanted())
    make_wheel(launcher.wheels, "brush", "1.0")
    launcher.said.clear()
    launcher.prepare()
    assert launcher.versions()["brush"] == "1.0"
    assert not any("afresh" in line or "first start" in line for line in launcher.said)


def test_a_torch_that_does_not_compute_is_not_called_ready(launcher: Launcher) -> None:
    (launcher.root / "studio" / "engines" / "probe.py").write_text("raise RuntimeError('no kernel')\n")
    with pytest.raises(StudioError, match="cannot multiply"):
        launcher.prepare()
    assert not launcher.environment.is_ready(launcher.wanted())


def test_a_folder_the_launcher_did_not_make_is_left_alone(nothing_yet: Launcher) -> None:
    launcher = nothing_yet
    launcher.environment.folder.mkdir()
    (launcher.environment.folder / "thesis.txt").write_text("mine")
    with pytest.raises(StudioError, match="not an environment that this launcher made"):
        launcher.prepare()
    assert (launcher.environment.folder / "thesis.txt").read_text() == "mine"


def test_too_little_room_is_said_before_anything_is_made(
    nothing_yet: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = nothing_yet
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _path: usage(0, 0, 1.2e9))
    with pytest.raises(DiskTrouble, match=r"Only 1\.2 GB are free .* needs about 3 GB"):
        launcher.prepare()
    assert not launcher.environment.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="the other holder is played with flock, which Windows has not")
def test_two_starts_do_not_build_one_environment_together(tmp_path: Path) -> None:
    lock = tmp_path / "env.lock"
    holder = f"import fcntl,time; f=open({str(lock)!r},'a'); fcntl.flock(f,2); print('held',flush=True); time.sleep(1)"
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        said: list[str] = []
        with preparing.only_one(lock, said.append):
            assert other.wait(timeout=5) == 0, "entered while the other still held it"
    assert said == ["another start is making the environment; waiting for it"]


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "Free some",
        ),
        ("WARNING: Retrying ... NewConnectionError(...)\nERROR: No matching distribution found", "network"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...", "PIP_CERT"),
        ("ERROR: No matching distribution found for torch>=2.10", "does not offer"),
        ("error: something never seen before", "Start again"),
    ],
)
def test_an_installers_complaint_becomes_a_remedy(words: str, remedy: str) -> None:
    assert remedy.lower() in remedy_for(words).lower()
