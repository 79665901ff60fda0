"""Files written whole or not at all, and read within bounds."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.domain.errors import BadInput, DiskTrouble

CHUNK = 1 << 20


def write_atomic(path: Path, payload: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Write `payload` beside `path`, flush it to the disk, then rename it into place.

    A crash at any point leaves the old file or the new one, never a part. Raises `DiskTrouble`
    when the disk is full or read-only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(payload)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            partial.chmod(mode)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        if durable:
            sync_directory(path.parent)
    except OSError as error:
        raise disk_trouble(error, path) from error


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder `<name>.partial` to write into, which takes the place of `folder` when the block ends well.

    So `folder` is never there in part. What a failed block leaves is removed by the next one. Raises `OSError`.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    yield partial
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)


def sync_directory(directory: Path) -> None:
    """Make a rename inside `directory` survive a power cut, where the platform allows it."""
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_trouble(error: OSError, path: Path) -> DiskTrouble:
    """The sentence for a failed write to `path`."""
    reasons = {
        28: ("The disk is full", "Free some space and try again; nothing that was already saved is lost."),
        30: ("The disk is read-only", "Choose another workspace with --workspace, or make this one writable."),
        13: ("The studio may not write there", "Give your user the right to write to this folder."),
        122: ("Your disk quota is used up", "Free some space and try again."),
    }
    what, hint = reasons.get(error.errno or 0, (f"Writing failed ({error.strerror or error})", "Try again."))
    return DiskTrouble(f"{what}: {path}.", hint)


def read_bounded(path: Path, limit: int) -> bytes:
    """The file's bytes. Raises `BadInput` when it holds more than `limit` bytes."""
    with path.open("rb") as file:
        payload = file.read(limit + 1)
    if len(payload) > limit:
        raise BadInput(
            f"{path.name} is larger than {limit / 1e6:.0f} MB.",
            "Use a smaller file.",
        )
    return payload


def sha256_of(path: Path) -> str:
    """Hex digest of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
