"""The verify job and the verb `verify`: tell what a file carries, without trusting it."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from studio.domain.errors import BadInput
from studio.domain.events import Phase
from studio.domain.specs import VerifySpec
from studio.files import read_bounded
from studio.jobs.desk import Desk
from studio.provenance.keys import BUNDLE, ensure_keys, load_keys
from studio.provenance.verify import LARGEST, verdict_lines, verify
from studio.settings import add_options, settings_of
from studio.storage.workspace import Workspace


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


def main(arguments: list[str]) -> int:
    """`studio verify FILE…`: one paragraph per file. The exit code is 1 when one of them carries no AI mark."""
    parser = argparse.ArgumentParser("studio verify", description="Tell what a file says about how it was made.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a picture, a zip or a report")
    add_options(parser, "workspace")
    parsed = parser.parse_args(arguments)
    folder = Workspace(settings_of(parsed).workspace.resolve()).keys
    # Reading a file makes no keys: without this studio's own, a signature is told as somebody's.
    keys = load_keys(folder) if (folder / BUNDLE).is_file() else None
    verdicts = [verify(path, keys) for path in parsed.files]
    for path, verdict in zip(parsed.files, verdicts, strict=True):
        print("\n  ".join([f"{path}:", *verdict_lines(verdict)]))
    return 0 if all(verdict.marked for verdict in verdicts) else 1
