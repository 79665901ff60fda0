"""A folder or a single file somebody named, listed without following links and read without changing anything."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from studio.collect.listing import Listing, Member, is_bystander, shown_name
from studio.domain.errors import BadInput, NotFound
from studio.domain.importing import Skipped

MOST_FILES = 10_000


def list_folder(source: Path, most: int = MOST_FILES) -> Listing:
    """Every plain file below `source` (or `source` itself), sorted by path.

    Links and special files are left out with a sentence. Raises `NotFound` when there is nothing
    at `source`, `BadInput` when it holds more than `most` files.
    """
    if not source.exists():
        raise NotFound(
            f"There is no folder or file at {source}.", "Check the path; on Windows without quotes."
        )
    if source.is_file():
        return Listing((Member(source.name, _reader(source.resolve())),))
    members: list[Member] = []
    skipped: list[Skipped] = []
    for path in _files(source, skipped, most):
        name = path.relative_to(source).as_posix()
        if is_bystander(name):
            continue
        if not stat.S_ISREG(path.lstat().st_mode):
            skipped.append(
                Skipped(name=shown_name(name), sentence="It is a link or no plain file. Copy the file.")
            )
            continue
        members.append(Member(name, _reader(path)))
        if len(members) > most:
            raise BadInput(
                f"{source} holds more than {most:,} files.", "Name the folder that holds just the pictures."
            )
    members.sort(key=lambda member: member.path)
    return Listing(tuple(members), tuple(skipped))


def _files(source: Path, skipped: list[Skipped], most: int) -> list[Path]:
    def unreadable(error: OSError) -> None:
        name = shown_name(Path(error.filename or source).name)
        skipped.append(Skipped(name=name, sentence=f"The folder cannot be read ({error.strerror})."))

    found: list[Path] = []
    for directory, folders, files in os.walk(source, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        linked = [name for name in folders if (Path(directory) / name).is_symlink()]
        found.extend(Path(directory) / name for name in [*files, *linked])
        if len(found) > 2 * most:
            break
    return found


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            # A plain file may have become a link or a pipe since it was listed.
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise BadInput("It is no plain file.", "Copy the file.")
                payload = file.read(limit + 1)
        except OSError as error:
            raise BadInput(f"It cannot be read ({error.strerror or error}).", "Check its rights.") from error
        if len(payload) > limit:
            raise BadInput(f"It is larger than {limit / 1e6:g} MB.", "Save it smaller.")
        return payload

    return read
