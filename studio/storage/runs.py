"""Trainings on disk and their curves: `runs/<job>/checkpoints/step-000050.safetensors`, and scalars from the events."""

import re
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from pydantic import Field, ValidationError

from studio.domain.errors import BadInput
from studio.domain.events import Scalar
from studio.domain.records import Record, Sha256
from studio.domain.specs import TrainSpec
from studio.files import read_bounded, sha256_of
from studio.storage import queue
from studio.storage.workspace import Workspace

NAME = re.compile(r"^step-(\d+)\.safetensors$")
SPEC = "spec.json"
LARGEST_SPEC = 1_000_000
OF_RUN = re.compile(r"^runs/(\d{1,12})/checkpoints/step-\d{1,9}\.safetensors$")
"""A checkpoint's path in the workspace."""


class Checkpoint(Record):
    """An adapter as it was after `step` steps."""

    step: int = Field(ge=0)
    path: str = Field(description="Relative to the workspace.")
    sha256: Sha256


def spec_of(workspace: Workspace, job_id: int) -> TrainSpec | None:
    """What the training was asked for, by its folder; None: there is no such file, or another version wrote it."""
    try:
        return TrainSpec.model_validate_json(read_bounded(workspace.run_dir(job_id) / SPEC, LARGEST_SPEC))
    except (OSError, ValidationError, BadInput):
        return None


def said_with(workspace: Workspace, checkpoint: str | None, adapter_scale: float = 1.0) -> str:
    """The description that a checkpoint learned together with her trigger; empty: none, or unknown.

    At strength 0 nothing of a checkpoint is there, so it is asked like the base.
    """
    match = OF_RUN.match(checkpoint or "") if adapter_scale else None
    spec = spec_of(workspace, int(match[1])) if match else None
    return spec.description if spec else ""


def checkpoints(workspace: Workspace, job_id: int) -> list[Checkpoint]:
    """The training's complete checkpoints, earliest first; empty when there is none."""
    folder = workspace.run_dir(job_id) / "checkpoints"
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if match := NAME.match(path.name):
            stat = path.stat()
            digest = _digest(path, stat.st_mtime_ns, stat.st_size)
            found.append(Checkpoint(step=int(match[1]), path=workspace.relative(path), sha256=digest))
    return sorted(found, key=lambda checkpoint: checkpoint.step)


def scalars(db: sa.Engine, job_id: int) -> dict[str, list[tuple[int, float]]]:
    """Curves by name as (step, value), by step; what a resumed training measured again replaces the old value."""
    curves: dict[str, dict[int, float]] = {}
    after = 0
    while page := queue.events(db, job_id, after=after, kinds={"scalar"}):
        after = page[-1][0]
        for _, _, event in page:
            if isinstance(event, Scalar):
                curves.setdefault(event.name, {})[event.step] = event.value
    return {name: sorted(curve.items()) for name, curve in curves.items()}


@lru_cache(maxsize=1024)
def _digest(path: Path, _changed_ns: int, _size: int) -> str:
    """Hashed once per content: the page asks for the list often."""
    return sha256_of(path)
