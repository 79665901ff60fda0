"""A zip archive, listed and read in memory within bounds; nothing is ever extracted to the disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from studio.collect.listing import ARCHIVES, FOREIGN_ARCHIVES, Listing, Member, is_bystander, shown_name
from studio.domain.errors import BadInput
from studio.domain.importing import Skipped

MOST_ENTRIES = 2_000
MOST_BYTES = 4_000_000_000
"""Unpacked bytes of one archive, counted while they are read: what its header claims is not believed."""
HIGHEST_RATIO = 200
"""Unpacked to packed size; pictures hardly shrink, bombs shrink a thousandfold."""
RATIO_COUNTS_FROM = 1_000_000
"""Unpacked bytes below which the ratio does not matter."""
CHUNK = 1 << 18

_TAIL = 65_557
"""The closing record with the longest comment."""
_LARGEST_DIRECTORY = MOST_ENTRIES * 1_024


@contextmanager
def open_archive(path: Path) -> Iterator[Listing]:
    """The plain files of a zip; members are readable while the context is open.

    Entries that are links, encrypted, archives themselves, packed in an unusual way or named so that
    they lead out of the archive are left out with a sentence. Raises `BadInput` when the archive is
    damaged or holds more than `MOST_ENTRIES` entries.
    """
    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, ValueError, struct.error) as error:
        raise BadInput(
            f"{shown_name(path.name)} is damaged or no zip archive.", "Pack it again as .zip."
        ) from error
    with archive:
        yield _list(archive)


def _check_directory(path: Path) -> None:
    """Read the closing record by hand: `zipfile` would load a directory of any length into memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise BadInput(f"{shown_name(path.name)} is damaged or no zip archive.", "Pack it again as .zip.")
    entries, directory = struct.unpack("<HL", tail[place + 10 : place + 16])
    large = tail[max(0, place - 20) : place].startswith(b"PK\x06\x07")
    if large or entries > MOST_ENTRIES or directory > _LARGEST_DIRECTORY:
        count = "more" if large or entries == 0xFFFF else f"{entries:,}"
        raise BadInput(
            f"{shown_name(path.name)} holds {count} entries; at most {MOST_ENTRIES:,} are opened.",
            "Pack only the persona's pictures, or name the unpacked folder.",
        )


def _list(archive: zipfile.ZipFile) -> Listing:
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise BadInput(
            f"The archive holds {len(infos):,} entries; at most {MOST_ENTRIES:,} are opened.",
            "Pack only the persona's pictures, or name the unpacked folder.",
        )
    budget = _Budget(MOST_BYTES)
    members: list[Member] = []
    skipped: list[Skipped] = []
    names: set[str] = set()
    for info in infos:
        path = info.filename.replace("\\", "/")
        if info.is_dir() or is_bystander(PurePosixPath(path).as_posix() or "?"):
            continue
        problem = "Another entry has the same name." if path in names else _problem(info, path)
        names.add(path)
        if problem:
            skipped.append(Skipped(name=shown_name(path), sentence=problem))
        else:
            members.append(Member(path, _reader(archive, info, budget)))
    members.sort(key=lambda member: member.path)
    return Listing(tuple(members), tuple(skipped))


def _problem(info: zipfile.ZipInfo, path: str) -> str:
    parts = PurePosixPath(path).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    if ".." in parts or path.startswith("/") or ":" in parts[0]:
        return "Its name leads out of the archive."
    if kind not in (0, stat.S_IFREG):
        return "It is a link or no plain file."
    if info.flag_bits & 0x1:
        return "It is encrypted. Pack it without a password."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "It is packed in an unusual way. Pack it again as an ordinary .zip."
    if PurePosixPath(path).suffix.lower() in ARCHIVES | FOREIGN_ARCHIVES:
        return "It is an archive inside the archive. Unpack it first."
    return ""


class _Budget:
    """Unpacked bytes that an archive may still deliver."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise BadInput(
                f"The archive unpacks to more than {MOST_BYTES / 1e9:g} GB.", "Pack fewer pictures."
            )


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            with archive.open(info) as file:
                while chunk := file.read(CHUNK):
                    budget.spend(len(chunk))
                    size += len(chunk)
                    if size > RATIO_COUNTS_FROM and size > HIGHEST_RATIO * max(info.compress_size, 1):
                        raise BadInput(
                            f"It unpacks to more than {HIGHEST_RATIO} times its size.", "Leave it out."
                        )
                    if size > limit:
                        raise BadInput(f"It is larger than {limit / 1e6:g} MB.", "Save it smaller.")
                    parts.append(chunk)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
        ) as error:
            raise BadInput("It is damaged inside the archive.", "Pack the archive again.") from error
        return b"".join(parts)

    return read
