"""The verify job: tell what a dropped file carries, without trusting it."""

import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from studio.domain.errors import BadInput
from studio.domain.events import Phase
from studio.domain.specs import VerifySpec
from studio.files import read_bounded
from studio.jobs.desk import Desk
from studio.provenance.keys import ensure_keys
from studio.provenance.verify import LARGEST, verdict_lines, verify


class Verified(BaseModel):
    """What was found: lines to show, the first a sentence, and the recipe where there is one."""

    lines: tuple[str, ...]
    recipe: dict[str, Any] | None


def run(spec: VerifySpec, desk: Desk) -> Verified:
    """Reads one uploaded file and removes it. Raises `BadInput` when there is not exactly one."""
    workspace = desk.studio.workspace
    source = workspace.absolute(spec.source)
    if not source.is_relative_to(workspace.inbox):
        raise BadInput("Only an upload is verified here.", "Drop the file onto the page.")
    desk.report(Phase(title="Reading the file"))
    try:
        verdict = verify(read_bounded(only_file(source), LARGEST), ensure_keys(workspace.keys))
    finally:
        if source.is_dir():
            shutil.rmtree(source, ignore_errors=True)
        else:
            source.unlink(missing_ok=True)
    recipe = verdict.recipe.model_dump(mode="json") if verdict.recipe is not None else None
    return Verified(lines=tuple(verdict_lines(verdict)), recipe=recipe)


def only_file(source: Path) -> Path:
    """The one file of an upload."""
    files = [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]
    if len(files) != 1 or not files[0].is_file():
        raise BadInput(f"{len(files)} files were dropped; one at a time is read.", "Drop a single picture.")
    return files[0]
