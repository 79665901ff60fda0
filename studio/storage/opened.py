"""An opened studio: workspace, database and settings in one value, given first to every action and job."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from studio.settings import Settings, load_settings
from studio.storage.database import open_database
from studio.storage.found_again import bring_back
from studio.storage.workspace import Workspace, network_disk, open_workspace


@dataclass(frozen=True, slots=True)
class Studio:
    """`notes`: sentences about the workspace that a person should know (shown once, not failures)."""

    workspace: Workspace
    db: sa.Engine
    settings: Settings
    notes: tuple[str, ...] = ()


def open_studio(root: Path, settings: Settings | None = None, *, thorough: bool = True) -> Studio:
    """Opens or creates the workspace at `root` and brings its database up to date.

    Without `settings` they are gathered from the environment and the workspace's file. `thorough` also checks the
    database's every page, and brings back trainings that a replaced database forgot; a job's child skips that.
    Raises `BadInput`, `DiskTrouble`, `Conflict` or `Unsupported`, each with a way out.
    """
    workspace = open_workspace(root)
    disk = network_disk(workspace.root)
    notes = (
        (
            f"The workspace {workspace.root} lies on a network disk ({disk}): the studio works more slowly "
            "there, and only one computer may use it at a time. A folder on a local disk is better.",
        )
        if disk
        else ()
    )
    if settings is None:
        settings = load_settings({"workspace": workspace.root})
    db = open_database(workspace, thorough=thorough)
    if thorough:
        bring_back(workspace, db)
    return Studio(workspace, db, settings, notes)
