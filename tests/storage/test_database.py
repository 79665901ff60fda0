"""The database is made, brought up to date after a copy, and refused with a sentence when it is not fit."""

import os
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from studio.domain.errors import Conflict, DiskTrouble, Unsupported
from studio.domain.specs import ImportSpec
from studio.storage import database, queue
from studio.storage.database import MIGRATIONS, connect, copy_database, newest_revision, open_database
from studio.storage.tables import METADATA
from studio.storage.workspace import Workspace, open_workspace
from tests.timing import allowed


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "w")


def test_migrations_make_exactly_the_declared_tables(workspace: Workspace) -> None:
    with open_database(workspace).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_file_names_are_the_revisions_alembic_knows() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert scripts.get_heads() == [newest_revision()]
    for script in scripts.walk_revisions():
        assert Path(script.path).stem == script.revision


def test_opening_again_changes_nothing(workspace: Workspace) -> None:
    job = queue.submit(open_database(workspace), ImportSpec(persona="a", source="x"), title="t")
    assert queue.get(open_database(workspace), job).title == "t"
    assert not workspace.backups.exists()


def test_many_processes_may_open_a_new_workspace_at_once(workspace: Workspace) -> None:
    with ProcessPoolExecutor(4) as pool:
        assert list(pool.map(open_and_submit, [workspace] * 8)) != []
    assert len(queue.jobs(open_database(workspace))) == 8


def open_and_submit(workspace: Workspace) -> int:
    return queue.submit(open_database(workspace), ImportSpec(persona="a", source="x"), title="t")


def test_an_older_database_is_copied_then_migrated(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = open_database(workspace)
    job = queue.submit(old, ImportSpec(persona="a", source="x"), title="kept")
    newer, before = tmp_path / "migrations", newest_revision()
    grow(newer, "0999_more")
    monkeypatch.setattr(database, "MIGRATIONS", newer)
    db = open_database(workspace)
    with db.connect() as connection:
        assert {"colour"} <= {each["name"] for each in sa.inspect(connection).get_columns("job")}
    assert queue.get(old, job).title == "kept"
    [backup] = workspace.backups.iterdir()
    assert before in backup.name
    assert queue.get(connect(backup), job).title == "kept"


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = queue.submit(open_database(workspace), ImportSpec(persona="a", source="x"), title="kept")
    newer = tmp_path / "migrations"
    grow(newer, "0999_more", then="    raise RuntimeError('half-way')")
    with monkeypatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", newer)
        with pytest.raises(RuntimeError, match="half-way"):
            open_database(workspace)
    db = open_database(workspace)
    assert queue.get(db, job).title == "kept"
    with db.connect() as connection:
        assert "colour" not in {each["name"] for each in sa.inspect(connection).get_columns("job")}


def test_pictures_deleted_before_there_was_a_bin_begin_their_time_in_it(workspace: Workspace) -> None:
    old = connect(workspace.database)
    database.migrate(old, "0001_first")
    with old.begin() as connection:
        for number in range(2):
            connection.exec_driver_sql(
                "INSERT INTO picture (id, path, sha256, created, prompt, seed, width, height, favourite, deleted, likeness) "
                f"VALUES ('1-{number}', 'images/{number}.png', '{number}', 5.5, 'a prompt', 7, 8, 9, 1, {number}, 0.5)"
            )
    old.dispose()
    began = time.time()
    db = open_database(workspace)
    with db.connect() as connection:
        rows = connection.execute(sa.select(METADATA.tables["picture"]).order_by(sa.text("id"))).mappings().all()
    assert [row["deleted_at"] is None for row in rows] == [True, False]
    assert began <= rows[1]["deleted_at"] <= time.time()
    assert all(row["favourite"] is True and row["likeness"] == 0.5 and row["prompt"] == "a prompt" for row in rows)
    with db.connect() as connection:
        found = {index["name"] for index in sa.inspect(connection).get_indexes("picture")}
    assert found == {"ix_picture_persona_created", "ix_picture_created", "ix_picture_sha256"}


def grow(folder: Path, revision: str, then: str = "") -> None:
    """A later studio's migrations: ours and one more."""
    versions = folder / "versions"
    versions.mkdir(parents=True)
    (folder / "env.py").write_bytes((MIGRATIONS / "env.py").read_bytes())
    for ours in (MIGRATIONS / "versions").glob("[0-9]*.py"):
        (versions / ours.name).write_bytes(ours.read_bytes())
    (versions / f"{revision}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {revision!r}\ndown_revision = {newest_revision()!r}\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('job') as table:\n"
        "        table.add_column(sa.Column('colour', sa.Text))\n" + then + "\n"
    )


def test_a_newer_workspace_is_left_alone(workspace: Workspace) -> None:
    db = open_database(workspace)
    with db.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999_future'")
    with pytest.raises(Unsupported, match="newer Persona Studio.*0999_future") as failure:
        open_database(workspace)
    assert "Update the studio" in failure.value.hint
    assert not workspace.backups.exists()


@pytest.mark.parametrize("damage", ["garbage", "torn"])
def test_a_damaged_database_is_kept_aside(workspace: Workspace, damage: str) -> None:
    db = open_database(workspace)
    for number in range(300):
        queue.submit(db, ImportSpec(persona="a", source="x" * 200), title=str(number))
    db.dispose()
    with closing(sqlite3.connect(workspace.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if damage == "garbage":
        workspace.database.write_bytes(os.urandom(20_000))
    else:
        with workspace.database.open("r+b") as file:
            file.seek(8192)
            file.write(os.urandom(40_000))
    spoilt = workspace.database.read_bytes()
    with pytest.raises(DiskTrouble, match="was damaged.*kept as studio.db.damaged-") as failure:
        open_database(workspace)
    assert "start the studio again" in failure.value.hint.lower()
    [aside] = workspace.root.glob("studio.db.damaged-*[0-9]")
    assert aside.read_bytes() == spoilt
    assert queue.jobs(open_database(workspace)) == []


def test_a_locked_database_is_a_sentence(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(workspace).dispose()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(workspace.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Conflict, match="in use"):
            open_database(workspace)


def test_a_folder_in_place_of_the_file_is_a_sentence(workspace: Workspace) -> None:
    workspace.database.mkdir()
    with pytest.raises(DiskTrouble, match="cannot be used"):
        open_database(workspace)


def test_a_copy_while_others_write_is_whole(workspace: Workspace, tmp_path: Path) -> None:
    db = open_database(workspace)
    job = queue.submit(db, ImportSpec(persona="a", source="x"), title="t")
    copy_database(workspace.database, tmp_path / "copy" / "studio.db")
    assert queue.get(connect(tmp_path / "copy" / "studio.db"), job).title == "t"
    with pytest.raises(DiskTrouble):
        copy_database(workspace.database, workspace.database / "below")


def test_opening_is_quick_once_made(workspace: Workspace) -> None:
    open_database(workspace).dispose()
    began = time.perf_counter()
    open_database(workspace, thorough=False).dispose()
    assert time.perf_counter() - began < allowed(0.1)


@pytest.mark.parametrize(
    ("pragma", "said"), [("max_page_count=1", "The disk is full"), ("query_only=ON", "cannot be used")]
)
def test_a_disk_that_fails_later_is_a_sentence_and_loses_nothing(
    workspace: Workspace, pragma: str, said: str
) -> None:
    db = open_database(workspace)
    job = queue.submit(db, ImportSpec(persona="a", source="x"), title="kept")

    @sa.event.listens_for(db, "connect")
    def spoil(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    db.dispose()
    with pytest.raises(DiskTrouble, match=said):
        for _ in range(50):
            queue.submit(db, ImportSpec(persona="a", source="x" * 4000), title="t")
    assert queue.get(open_database(workspace), job).title == "kept"


def test_our_own_wrong_queries_are_not_blamed_on_the_disk(workspace: Workspace) -> None:
    db = open_database(workspace)
    with pytest.raises(sa.exc.IntegrityError), db.begin() as connection:
        connection.exec_driver_sql("INSERT INTO event (job, time, kind, body) VALUES (99, 0, 'note', '')")
