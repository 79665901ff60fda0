"""Personas on disk: one folder each, with `persona.json` as the truth."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from pydantic import ValidationError

from studio.domain.errors import BadInput, Conflict, NotFound
from studio.domain.records import Persona
from studio.files import disk_trouble, read_bounded, write_atomic
from studio.storage.workspace import Workspace

FILE = "persona.json"
LOCK = ".lock"
LARGEST = 1_000_000
LOCK_SECONDS = 20.0


def create(ws: Workspace, persona: Persona) -> None:
    """Make the persona's folder. Raises `Conflict` when the slug is taken, also by a race."""
    folder = ws.persona_dir(persona.slug)
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise Conflict(
            f"There is a persona called “{persona.slug}” already.", "Choose another name."
        ) from error
    except OSError as error:
        raise disk_trouble(error, folder) from error
    save(ws, persona)


def load(ws: Workspace, slug: str) -> Persona:
    """Raises `NotFound`, or `BadInput` when the file is damaged or from a newer studio."""
    path = ws.persona_dir(slug) / FILE
    try:
        return Persona.model_validate_json(read_bounded(path, LARGEST))
    except FileNotFoundError as error:
        raise _unknown(slug) from error
    except ValidationError as error:
        raise BadInput(
            f"{path} cannot be read: {error.errors()[0]['msg']}.",
            "It is damaged, or was written by a newer version of the studio; restore it from a backup or update.",
        ) from error


def save(ws: Workspace, persona: Persona) -> None:
    """Write `persona.json` whole or not at all."""
    write_atomic(ws.persona_dir(persona.slug) / FILE, persona.model_dump_json(indent=2).encode())


@contextmanager
def changing(ws: Workspace, slug: str) -> Iterator[Persona]:
    """The persona as she stands, held against every other change while the block checks and saves a new state.

    Without it a revocation could be lost to an edit that was read just before. Raises `NotFound`, `BadInput`,
    `Conflict` when somebody else does not finish, `DiskTrouble`.
    """
    folder = ws.persona_dir(slug)
    if not folder.is_dir():
        raise _unknown(slug)
    lock = FileLock(folder / LOCK, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise Conflict(f"Somebody else is changing “{slug}” right now.", "Try again in a moment.") from error
    except OSError as error:
        raise disk_trouble(error, folder) from error
    try:
        yield load(ws, slug)
    finally:
        lock.release()


def personas(ws: Workspace) -> list[Persona]:
    """All readable personas, oldest first; a damaged one does not hide the others."""
    found = []
    for path in ws.personas.glob(f"*/{FILE}"):
        try:
            found.append(load(ws, path.parent.name))
        except (BadInput, NotFound):
            continue
    return sorted(found, key=lambda persona: (persona.created, persona.slug))


def taken(ws: Workspace, slug: str) -> bool:
    """Whether a folder of that name exists, readable or not."""
    return ws.persona_dir(slug).exists()


def _unknown(slug: str) -> NotFound:
    return NotFound(f"There is no persona called “{slug}”.", "Choose one from the list.")
