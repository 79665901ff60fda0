"""The verb `doctor`: what is installed, what it runs on, the workspace and every setting; and what to mend."""

import argparse
import json
import os
import platform
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from packaging.requirements import Requirement

from studio import __version__
from studio.domain.errors import StudioError
from studio.installing.torch_build import Machine, this_machine
from studio.settings import Settings, add_options, names, settings_of, slips_in_environment
from studio.storage.database import newest_revision
from studio.storage.presence import holder
from studio.storage.workspace import Workspace, network_disk, prove_writable

ROOT = Path(__file__).resolve().parent.parent
GB_MEMORY, GB_DISK = 2.0, 1.0
"""Below these a training of the embedded base, or its checkpoints, may not find room."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. `remedy`: what to do about it; `mend`: it has to be done before the studio works."""

    name: str
    value: str
    remedy: str = ""
    mend: bool = False


def versions(project: Path = ROOT / "pyproject.toml") -> Iterator[Line]:
    """Python and every package that pyproject.toml asks for, held against its bounds."""
    again = "Start with `python launch.py`: it brings the packages up to date."
    yield Line("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for text in tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]:
        wanted = Requirement(text)
        try:
            found = version(wanted.name)
        except PackageNotFoundError:
            yield Line(wanted.name, "is missing", again, mend=True)
            continue
        fits = wanted.specifier.contains(found, prereleases=True)
        yield (
            Line(wanted.name, found)
            if fits
            else Line(wanted.name, f"{found}, not {wanted.specifier}", again, True)
        )


def devices(machine: Machine | None = None) -> Iterator[Line]:
    """What torch computes on, tried in a process of its own: a broken driver may end it, not the doctor."""
    proof = subprocess.run(
        [sys.executable, "-m", "studio.engines.probe", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
    )
    try:
        found: dict[str, Any] = json.loads(proof.stdout)
    except ValueError:
        last = (proof.stderr.strip().splitlines() or ["no reason given"])[-1]
        yield Line(
            "torch", f"does not start: {last}", "Try another build: STUDIO_TORCH=cpu python launch.py", True
        )
        return
    for device in found["devices"]:
        memory = f", {device['memory_gb']:.0f} GB" if device["memory_gb"] else ""
        title = (
            f"{device['name']}{memory}" if device["name"] != device["device"] else f"{os.cpu_count()} cores"
        )
        if device["problem"]:
            remedy = "Update its driver, or choose another build with STUDIO_TORCH."
            yield Line(
                device["device"], f"{title}: {device['problem']}", remedy, mend=device["device"] == "cpu"
            )
        else:
            yield Line(device["device"], f"{title}, a matrix product in {device['milliseconds']:.1f} ms")
    machine = machine or this_machine()
    accelerated = any(device["device"] != "cpu" and not device["problem"] for device in found["devices"])
    if machine.kind not in ("none", "apple") and not accelerated:
        remedy = (
            f"Remove {sys.prefix} and start again to choose the build anew, or name one with STUDIO_TORCH."
        )
        yield Line("unused", f"here is {machine}, but torch {found['torch']} does not use it", remedy)


def room(folder: Path) -> Iterator[Line]:
    """Memory of the machine, and space on the disk of the workspace."""
    memory = psutil.virtual_memory()
    total, free = memory.total / 1e9, memory.available / 1e9
    remedy = "" if free >= GB_MEMORY else "Close other programs: a training may run out of memory."
    yield Line("memory", f"{free:.1f} of {total:.1f} GB free", remedy)
    standing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    space = shutil.disk_usage(standing).free / 1e9
    remedy = (
        "" if space >= GB_DISK else "Free some space, or choose a folder on another disk with --workspace."
    )
    yield Line("disk", f"{space:.1f} GB free at {standing}", remedy, mend=bool(remedy))


def workspace_state(settings: Settings) -> Iterator[Line]:
    """The folder, its database and who is at work in it; nothing is made or changed."""
    workspace = Workspace(settings.workspace.resolve())
    if not workspace.root.exists():
        yield Line("folder", f"{workspace.root} (made at the first start)")
        return
    try:
        prove_writable(workspace.root)
    except StudioError as trouble:
        yield Line("folder", trouble.message, trouble.hint, mend=True)
        return
    disk = network_disk(workspace.root)
    remedy = (
        "It works, but more slowly, and for one computer at a time; a local disk is better." if disk else ""
    )
    yield Line("folder", f"{workspace.root}{f' on a network disk ({disk})' if disk else ''}", remedy)
    if workspace.database.exists():
        yield _database(workspace.database)
    held = {"page": holder(workspace, "web"), "supervisor": holder(workspace, "supervisor")}
    for title, card in held.items():
        yield Line(title, f"runs as process {card.pid} {card.url}".strip() if card else "does not run")


def _database(path: Path) -> Line:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.Error, TypeError) as error:
        return Line(
            "database", f"cannot be read: {error}", "Start the studio: it keeps a damaged file aside.", True
        )
    if verdict != "ok":
        return Line(
            "database", f"is damaged: {verdict}", "Start the studio: it keeps the damaged file aside.", True
        )
    if revision > newest_revision():
        return Line(
            "database", f"was written by a newer studio ({revision})", "Update the studio.", mend=True
        )
    older = "" if revision == newest_revision() else "; brought up to date at the next start"
    return Line("database", f"sound, {path.stat().st_size / 1e6:.1f} MB, revision {revision}{older}")


def port(settings: Settings) -> Line:
    """Whether the page could listen where it is told to."""
    where = f"{settings.host}:{settings.port}"
    page = holder(Workspace(settings.workspace.resolve()), "web")
    if page and page.url.endswith(f":{settings.port}"):
        return Line("address", f"{where} (this studio's page is open there)")
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            reason = error.strerror or str(error)
            return Line(
                "address", f"{where}: {reason}", "Choose another with --port, or STUDIO_PORT.", mend=True
            )
    return Line("address", f"{where} is free")


def browser_for_tests() -> Line:
    """Chromium, which the tests of the page and the screenshots drive; the studio itself does not need it."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        remedy = "Only the browser tests and `shots` need it: install the package chromium."
        return Line("Chromium", "is missing", remedy)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60).stdout
    number = re.search(r"[\d.]+", said)
    return Line("Chromium", f"{number[0] if number else 'of unknown version'} at {found}")


def setting_lines(settings: Settings) -> Iterator[Line]:
    """Every setting, with where its value comes from."""
    for name in names():
        value = getattr(settings, name)
        shown = os.pathsep.join(map(str, value)) or "none" if isinstance(value, tuple) else value
        yield Line(name, f"{shown}  ({settings.origin(name)})")
    for sentence in slips_in_environment():
        yield Line("variable", sentence, "Unset it, or correct its name.", mend=True)


def show(title: str, lines: list[Line]) -> list[Line]:
    """Print a part as it becomes known; returns its lines."""
    print(f"\n{title}")
    width = max(len(line.name) for line in lines)
    for line in lines:
        print(f"  {'!' if line.remedy else ' '} {line.name:<{width}}  {line.value}", flush=True)
    return lines


def main(arguments: list[str]) -> int:
    """Print everything, then one line per problem with its remedy. Exit code 1 when something must be mended."""
    parser = argparse.ArgumentParser(
        prog="studio doctor", description="What is installed, missing, and to be done."
    )
    add_options(parser, *names())
    parsed = parser.parse_args(arguments)
    print(f"Persona Studio {__version__}")
    lines = show("Versions", list(versions()))
    lines += show("Devices", list(devices()))
    try:
        settings = settings_of(parsed)
    except StudioError as trouble:
        lines += show("Settings", [Line("wrong", trouble.message, trouble.hint, mend=True)])
    else:
        lines += show("Machine", [*room(settings.workspace), port(settings), browser_for_tests()])
        lines += show("Workspace", list(workspace_state(settings)))
        lines += show("Settings", list(setting_lines(settings)))
    troubled = [line for line in lines if line.remedy]
    print("" if troubled else "\nNothing has to be mended.")
    for line in troubled:
        print(f"{'MEND' if line.mend else 'note'}: {line.name}: {line.value}. {line.remedy}")
    return 1 if any(line.mend for line in lines) else 0
