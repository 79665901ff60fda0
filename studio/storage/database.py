"""The database: opened with the right pragmas, brought up to date, and refused with a sentence when it cannot be."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock

from studio.domain.errors import Conflict, DiskTrouble, StudioError, Unsupported
from studio.files import disk_trouble
from studio.storage.workspace import Workspace, network_disk

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30.0
BACKUPS_KEPT = 5


def open_database(workspace: Workspace, *, thorough: bool = True) -> sa.Engine:
    """The workspace's database at the newest revision.

    `thorough` also reads every page once (a job's child skips that). Raises `DiskTrouble` when it is
    damaged (the file is then kept aside) or cannot be written, `Unsupported` when a newer studio wrote it.
    """
    try:
        if thorough:
            _inspect(workspace)
        engine = connect(workspace.database, shared_memory=network_disk(workspace.root) is None)
        if _revision(engine) != newest_revision():
            _bring_up_to_date(workspace, engine)
    except sqlite3.Error as error:
        if _damaged(error):
            raise _set_aside(workspace, error) from error
        raise sentence_for(error, workspace.database) from error
    return engine


def connect(path: Path, *, shared_memory: bool = True) -> sa.Engine:
    """An engine on the SQLite file `path`; `shared_memory` off: the slower journal that network disks bear.

    Every transaction begins IMMEDIATE, so that two writers wait for each other instead of failing half-way;
    `reading` is the exception. A full or broken disk raises `DiskTrouble`, a lock that stays `Conflict`.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _settle(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # or the driver would begin its own deferred transactions
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        connection.execute(f"PRAGMA journal_mode={'WAL' if shared_memory else 'DELETE'}")
        connection.execute(f"PRAGMA synchronous={'NORMAL' if shared_memory else 'FULL'}")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        deferred = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "handle_error")
    def _say(context: sa.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, sqlite3.DatabaseError) and not isinstance(
            context.original_exception, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError
        ):
            raise sentence_for(context.original_exception, path) from context.original_exception

    return engine


@contextmanager
def reading(db: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for queries only: sees one moment, and neither waits for a writer nor makes one wait."""
    with db.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


def newest_revision() -> str:
    """The revision this studio's tables have: the last file in `migrations/versions`, without loading Alembic."""
    return max(file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy while others write. Raises `DiskTrouble`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except OSError as error:
        raise disk_trouble(error, target) from error
    except sqlite3.Error as error:
        raise DiskTrouble(
            f"The database could not be copied to {target} ({error}).", "Free some space and try again."
        ) from error


def _revision(engine: sa.Engine) -> str | None:
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _bring_up_to_date(workspace: Workspace, engine: sa.Engine) -> None:
    """Applies what is missing, one process at a time, after a copy. Raises `Unsupported` for a newer one."""
    with FileLock(workspace.root / "migration.lock", timeout=BUSY_SECONDS * 2):
        present = _revision(engine)  # again: another process may have done it while we waited
        if present == newest_revision():
            return
        known = {file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}
        if present is not None and present not in known:
            raise Unsupported(
                f"The workspace {workspace.root} was written by a newer Persona Studio (its tables are at "
                f"“{present}”, this one knows up to “{newest_revision()}”).",
                "Update the studio, or choose another workspace with --workspace. Nothing was changed.",
            )
        if present is not None:
            copy_database(workspace.database, workspace.backups / f"studio-{present}-{_stamp()}.db")
            for old in sorted(workspace.backups.glob("studio-*.db"), key=_age)[:-BACKUPS_KEPT]:
                old.unlink(missing_ok=True)
        migrate(engine)


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Runs Alembic up to `revision` in one transaction."""
    # Imported only when there is something to do: a third of a second that every child would pay.
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def _inspect(workspace: Workspace) -> None:
    """Raises `sqlite3.DatabaseError` when the file is not a sound database."""
    if not workspace.database.exists() or workspace.database.stat().st_size == 0:
        return
    with closing(sqlite3.connect(workspace.database, timeout=BUSY_SECONDS)) as connection:
        verdict: Any = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict is None or verdict[0] != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict[0] if verdict else 'no answer'}")


def sentence_for(error: BaseException, path: Path) -> StudioError:
    """What a person reads when SQLite refuses to work on `path`."""
    reason = _reason(error)
    if "locked" in reason or "busy" in reason:
        return Conflict(
            f"The database {path} is in use and did not become free within {BUSY_SECONDS:.0f} s.",
            "Close other programs that have it open, then try again.",
        )
    if "full" in reason:
        return DiskTrouble(
            f"The disk is full: {path}.",
            "Free some space and try again; nothing that was already saved is lost.",
        )
    if _damaged(error):
        return DiskTrouble(
            f"The studio's database is damaged ({reason}): {path}.",
            "Stop the studio and start it again: it sets the damaged file aside and says how to go on.",
        )
    return DiskTrouble(
        f"The database {path} cannot be used ({reason}).",
        "See that the folder is writable and on a healthy disk, or choose another with --workspace.",
    )


def _set_aside(workspace: Workspace, error: BaseException) -> DiskTrouble:
    """Renames a damaged database, so that the next start makes a new one, and says what to do."""
    aside = workspace.database.with_name(f"studio.db.damaged-{_stamp()}")
    for suffix in ("", "-wal", "-shm"):
        part = workspace.database.with_name(f"studio.db{suffix}")
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    copies = sorted(workspace.backups.glob("studio-*.db"), key=_age)
    return DiskTrouble(
        f"The studio's database was damaged ({_reason(error)}); it is kept as {aside.name}.",
        (f"Copy backups/{copies[-1].name} to studio.db to go back to it, or s" if copies else "S")
        + "tart the studio again: personas, datasets and trainings are files and are all still there; pictures "
        "made so far stay in images/, but their list, the queue and comparisons begin empty.",
    )


def _reason(error: BaseException) -> str:
    return " ".join(str(getattr(error, "orig", error)).split())[:160]


def _damaged(error: BaseException) -> bool:
    return any(word in _reason(error) for word in ("malformed", "not a database", "corrupt"))


def _stamp() -> str:
    return time.strftime("%Y%m%d-%H%M%S")


def _age(path: Path) -> float:
    return path.stat().st_mtime
