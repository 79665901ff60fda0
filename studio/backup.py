"""The verb `backup`: a whole workspace into one zip file while the studio may be running, and back again."""

import argparse
import json
import os
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studio import __version__
from studio.domain.errors import BadInput, Conflict, DiskTrouble, NotFound, Unsupported
from studio.files import disk_trouble, sync_directory
from studio.settings import add_options, settings_of
from studio.storage.database import copy_database, newest_revision
from studio.storage.workspace import Workspace

MANIFEST = "persona-studio-backup.json"
FORMAT = 1
LEFT_OUT = frozenset({"cache", "locks", "backups"})
"""Folders of the workspace that can be made again, or mean nothing elsewhere."""
PACKED = frozenset({".json", ".jsonl", ".txt", ".toml", ".csv", ".html", ".svg", ".db"})
"""What deflate makes smaller; pictures and weights are stored as they are."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What went into or came out of a backup."""

    file: Path
    files: int
    megabytes: float
    with_keys: bool


def back_up(workspace: Workspace, target: Path, *, with_keys: bool = False) -> Summary:
    """Write everything in `workspace` but caches to the new zip `target`; the signing keys only `with_keys`.

    Raises `NotFound` without a workspace, `BadInput` for a target inside it, `Conflict` when the target exists,
    `DiskTrouble` when it cannot be written.
    """
    if not workspace.root.is_dir():
        raise NotFound(f"There is no workspace at {workspace.root}.", "Name it with --workspace.")
    target = target.expanduser().absolute()
    if target.resolve().is_relative_to(workspace.root):
        raise BadInput(
            f"{target} lies inside the workspace, so the next backup would hold this one.",
            "Name a file outside, best on another disk.",
        )
    if target.exists():
        raise Conflict(f"{target} exists already.", "Name another file: a backup never replaces one.")
    manifest = {
        "format": FORMAT,
        "studio": __version__,
        "revision": newest_revision(),
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "keys": with_keys,
    }
    partial = target.with_name(f".{target.name}.part")
    count = size = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            with (
                zipfile.ZipFile(file, "w", strict_timestamps=False) as archive,
                tempfile.TemporaryDirectory(dir=target.parent) as folder,
            ):
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
                # The database first: a row is written after its files, so all that it names is found below.
                if workspace.database.exists():
                    copy = Path(folder) / workspace.database.name
                    copy_database(workspace.database, copy)
                    size += _add(archive, copy, workspace.database.name)
                    count += 1
                for path in _files(workspace, with_keys):
                    try:
                        size += _add(archive, path, workspace.relative(path))
                        count += 1
                    except FileNotFoundError:  # deleted since it was listed
                        continue
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        sync_directory(target.parent)
    except OSError as error:
        raise disk_trouble(error, target) from error
    finally:
        partial.unlink(missing_ok=True)
    return Summary(target, count, size / 1e6, with_keys)


def restore(source: Path, root: Path) -> Summary:
    """Unpack a backup into the folder `root`, which must be absent or empty. All of it arrives, or nothing.

    Raises `NotFound`, `BadInput` for a file that is no sound backup, `Unsupported` for a newer format,
    `Conflict` when something is at `root` already, `DiskTrouble` when there is no room.
    """
    source, root = source.expanduser().absolute(), root.expanduser().absolute()
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", "Name a backup that this studio has written.")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Conflict(f"{root} holds something already.", "Name an empty or new folder with --workspace.")
    partial = root.with_name(f".{root.name}.restoring")
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _read_manifest(archive, source)
            members = [each for each in archive.infolist() if each.filename != MANIFEST]
            for member in members:
                _refuse_strange(member, source)
            size = sum(member.file_size for member in members)
            _require_space(root, size)
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            for member in members:
                archive.extract(member, partial)  # also compares the checksum
        _lock_away(partial / "keys")
        if root.exists():
            root.rmdir()
        partial.rename(root)
        sync_directory(root.parent)
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError) as error:
        raise BadInput(
            f"{source} is damaged or no zip file ({error}).", "Use another backup. Nothing was changed."
        ) from error
    except OSError as error:
        raise disk_trouble(error, root) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Summary(root, len(members), size / 1e6, bool(manifest.get("keys")))


def _files(workspace: Workspace, with_keys: bool) -> Iterator[Path]:
    """Plain files worth keeping, sorted; never a link, which may lead out of the workspace."""
    left_out = LEFT_OUT if with_keys else LEFT_OUT | {workspace.keys.name}
    beside = workspace.database.name + "-"  # SQLite's log and shared memory: their content is in the copy
    for folder, folders, names in os.walk(workspace.root):
        here = Path(folder)
        if here == workspace.root:
            folders[:] = [name for name in folders if name not in left_out]
        folders.sort()
        for name in sorted(names):
            path = here / name
            temporary = name.startswith(".") or name.endswith((".lock", ".part"))
            database = here == workspace.root and (name == workspace.database.name or name.startswith(beside))
            if not temporary and not database and not path.is_symlink() and path.is_file():
                yield path


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> int:
    """Bytes added."""
    method = zipfile.ZIP_DEFLATED if path.suffix.lower() in PACKED else zipfile.ZIP_STORED
    archive.write(path, name, compress_type=method, compresslevel=1)
    return archive.getinfo(name).file_size


def _read_manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, object]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
        version = int(manifest["format"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadInput(
            f"{source} is a zip file, but not a backup of Persona Studio.",
            "To bring in pictures, drop the zip on the Dataset tab.",
        ) from error
    if version > FORMAT:
        raise Unsupported(
            f"{source} was written by a newer Persona Studio.", "Update the studio, then restore."
        )
    return dict(manifest)


def _refuse_strange(member: zipfile.ZipInfo, source: Path) -> None:
    path = PurePosixPath(member.filename)
    plain = not stat.S_ISLNK(member.external_attr >> 16) and "\\" not in member.filename
    if not plain or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise BadInput(
            f"{source} holds “{member.filename[:80]}”, which a backup of the studio never does.",
            "Do not use this file. Nothing was changed.",
        )


def _require_space(root: Path, size: int) -> None:
    standing = next(parent for parent in (root, *root.parents) if parent.exists())
    free = shutil.disk_usage(standing).free
    if free < size:
        raise DiskTrouble(
            f"The backup unpacks to {size / 1e6:.0f} MB, and only {free / 1e6:.0f} MB are free at {standing}.",
            "Free some space, or choose a folder on another disk with --workspace.",
        )


def _lock_away(keys: Path) -> None:
    """A zip does not keep who may read a file; keys are for their owner alone."""
    for path in (keys, *keys.rglob("*")):
        if path.exists():
            path.chmod(0o700 if path.is_dir() else 0o600)


def main(arguments: list[str]) -> int:
    """`backup [FILE] [--with-keys]` or `backup --restore FILE`."""
    parser = argparse.ArgumentParser(prog="studio backup", description="Put a whole workspace into one file.")
    parser.add_argument(
        "file", nargs="?", type=Path, help="the zip file (default: a new one with today's date)"
    )
    parser.add_argument("--restore", action="store_true", help="bring FILE back into an empty workspace")
    parser.add_argument(
        "--with-keys", action="store_true", help="include the signing keys: then keep FILE secret"
    )
    add_options(parser, "workspace")
    parsed = parser.parse_args(arguments)
    root = settings_of(parsed).workspace
    if parsed.restore:
        if parsed.file is None:
            parser.error("--restore needs the FILE to bring back")
        summary = restore(parsed.file, root)
        print(f"Restored {summary.files} files, {summary.megabytes:.1f} MB, to {summary.file}.")
        return 0
    file = parsed.file or Path(f"persona-studio-{time.strftime('%Y%m%d-%H%M%S')}.zip")
    summary = back_up(Workspace(root.resolve()), file, with_keys=parsed.with_keys)
    print(f"Backed up {summary.files} files, {summary.megabytes:.1f} MB, to {summary.file}.")
    print(
        "The signing keys are in it: keep it secret."
        if summary.with_keys
        else "The signing keys are not in it; --with-keys includes them."
    )
    return 0
