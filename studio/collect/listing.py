"""What lies in a source: the files of a folder or an archive under one face, each readable within a limit."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from studio.domain.importing import Skipped

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp"})
CAPTIONS = (".txt", ".caption")
"""Endings of caption files, in order of precedence."""
ARCHIVES = frozenset({".zip"})
FOREIGN_ARCHIVES = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"})
BYSTANDERS = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
"""Files that systems leave in folders; nobody wants a sentence about them."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a source: its path inside, with `/`, and a way to read at most so many bytes.

    `read(limit)` raises `BadInput` with a sentence when the file is larger or cannot be read.
    """

    path: str
    read: Callable[[int], bytes]

    @property
    def suffix(self) -> str:
        """The ending in lower case, with its dot."""
        return PurePosixPath(self.path).suffix.lower()


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a source in a fixed order, and those that were left out already."""

    members: tuple[Member, ...]
    skipped: tuple[Skipped, ...] = ()


def is_bystander(path: str) -> bool:
    """Whether a file is a system's litter: hidden, or one of the known names."""
    parts = PurePosixPath(path).parts
    return any(_hidden(part) or part == "__MACOSX" for part in parts) or parts[-1].lower() in BYSTANDERS


def _hidden(part: str) -> bool:
    return part.startswith(".") and part not in (".", "..")


def shown_name(path: str) -> str:
    """A file's name for the screen: no control or direction characters, at most 120 characters."""
    visible = "".join(c for c in path if not unicodedata.category(c).startswith("C")) or "?"
    return visible if len(visible) <= 120 else visible[:80] + "…" + visible[-35:]
