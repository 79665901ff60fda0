"""Bringing the environment up to date: made, filled, proved, stamped."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from studio.domain.errors import StudioError
from studio.installing.environment import Environment, Wanted, output_of
from studio.installing.installers import InstallError, install, pip
from studio.installing.space import GB_CPU, require_space
from studio.installing.torch_build import install_torch

Say = Callable[[str], None]


def prepare(environment: Environment, wanted: Wanted, say: Say) -> None:
    """Make the environment hold what is wanted and prove that torch computes. Raises `StudioError`."""
    began = time.monotonic()
    with only_one(environment.folder.with_name(environment.folder.name + ".lock"), say):
        if environment.is_ready(wanted):  # another start made it while this one waited
            return
        extras = sorted({*wanted.extras, *environment.stamped_extras()})
        if not environment.is_usable(wanted):
            make_afresh(environment, say)
        if installed_torch(environment) is None:
            install_torch(environment, wanted, say)
        torch = installed_torch(environment)
        if torch is None:
            raise StudioError("torch is not installed.", "Install it yourself, or unset STUDIO_TORCH.")
        environment.write_stamp(torch=wanted.torch_key, extras=extras)
        say(f"torch {torch}; installing the other packages")
        install_packages(environment, wanted, extras, torch, say)
        say(proof_of_device(environment, wanted.root))
        environment.write_stamp(key=wanted.key, torch=wanted.torch_key, extras=extras)
    say(f"the environment is ready after {time.monotonic() - began:.0f} s")


def make_afresh(environment: Environment, say: Say) -> None:
    """An empty environment. One that the launcher did not make is never removed."""
    folder = environment.folder
    if folder.exists() and any(folder.iterdir()):
        if not environment.made_here.exists():
            raise StudioError(
                f"{folder} is not an environment that this launcher made, and cannot be used as it is.",
                "Remove it, or point STUDIO_VENV at another folder, and start again.",
            )
        say("the environment is unfinished or made for another choice; making it afresh")
        shutil.rmtree(folder)
    require_space(folder, GB_CPU)
    say(f"first start: making {folder} (about {GB_CPU:.0f} GB and some minutes)")
    folder.mkdir(parents=True, exist_ok=True)
    environment.made_here.touch()
    if subprocess.run([sys.executable, "-m", "venv", str(folder)], stdin=subprocess.DEVNULL).returncode:
        raise StudioError(
            "Making the virtual environment failed; the reason stands above.",
            "On Debian or Ubuntu: sudo apt install python3-venv, then start again.",
        )


def installed_torch(environment: Environment) -> str | None:
    """The version of torch in the environment, None without one."""
    found = environment.output_of("-c", "from importlib.metadata import version; print(version('torch'))")
    return found.strip() if found else None


def install_packages(
    environment: Environment, wanted: Wanted, extras: list[str], torch: str, say: Say
) -> None:
    """Everything but torch, in the tested versions where they are on offer; torch stays as it is."""
    packages = [*wanted.packages, *(each for extra in extras for each in wanted.extra_packages[extra])]
    pins = environment.folder / "studio-constraints.txt"
    kept = f"torch=={torch}\n"
    tested = [f"{line}\n" for line in wanted.constraints if not line.startswith("torch==")]
    pins.write_text("".join(tested) + kept, encoding="utf-8")
    try:
        install(environment, pip("-c", str(pins), *packages), "the packages")
    except InstallError as trouble:
        if not trouble.lacks_versions:
            raise
        say("not every tested version is on offer; trying the newest that pyproject.toml allows")
        pins.write_text(kept, encoding="utf-8")
        install(environment, pip("-c", str(pins), *packages), "the packages")


def proof_of_device(environment: Environment, root: Path) -> str:
    """One line about a matrix product on the best device. Raises `StudioError` when there is none."""
    command = (str(environment.python), "-P", "-m", "studio.engines.probe")
    proof = output_of(*command, timeout=300, variables={"PYTHONPATH": str(root)})
    if not proof:
        raise StudioError(
            "torch is installed but cannot multiply two matrices here.",
            "Choose another build, for example STUDIO_TORCH=cpu, and start again.",
        )
    return proof.strip()


@contextlib.contextmanager
def only_one(lock: Path, say: Say) -> Iterator[None]:
    """Hold a lock that dies with this program, so that two starts do not build one environment together."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("another start is making the environment; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
