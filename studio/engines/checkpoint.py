"""Where a training stands, on disk: the adapter to use, and beside it everything needed to go on bit by bit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from studio.domain.errors import BadInput
from studio.domain.specs import TrainSpec
from studio.engines.adapters import pack
from studio.files import write_atomic

KEPT_STATES = 2
"""States are as large as three adapters; the one before the last is kept against a damaged disk."""

MAY_CHANGE = frozenset(
    {
        "persona",
        "preset",
        "resume_from",
        "steps",
        "epochs",
        "checkpoint_every",
        "preview_prompts",
        "precision",
    }
)
"""Fields of a spec that do not shape the state, so a continuation may change them."""


@dataclass(frozen=True, slots=True)
class TrainState:
    """Everything a run carries from step to step. All random choices follow from the seed and the step.

    `ends`: steps at which the run and its continuations were meant to end (see `domain.learning_rate`).
    `average`: the averaged adapter (EMA), empty when averaging is off. `scaler`: of fp16 gradients.
    """

    step: int
    ends: tuple[int, ...]
    settings: Mapping[str, Any]
    dataset: str
    weights: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    values: Mapping[str, Any]
    scaler: Mapping[str, Any]


def settings_of(spec: TrainSpec) -> dict[str, Any]:
    """The settings that shape a state."""
    return spec.model_dump(mode="json", exclude=set(MAY_CHANGE))


def checkpoint_path(run_dir: Path, step: int) -> Path:
    """The adapter at a step."""
    return run_dir / "checkpoints" / f"step-{step:06d}.safetensors"


def save_state(run_dir: Path, state: TrainState) -> None:
    """Writes the state whole or not at all, then removes older ones. The adapter must already lie on disk."""
    groups = {"weights": state.weights, "average": state.average, "optimizer": state.optimizer}
    tensors = {
        f"{group}/{name}": tensor for group, content in groups.items() for name, tensor in content.items()
    }
    note = {
        "version": 1,
        "step": state.step,
        "ends": state.ends,
        "settings": state.settings,
        "dataset": state.dataset,
        "values": state.values,
        "scaler": state.scaler,
    }
    folder = run_dir / "state"
    write_atomic(folder / f"step-{state.step:06d}.safetensors", pack(tensors, {"state": json.dumps(note)}))
    for old in sorted(folder.glob("step-*.safetensors"))[:-KEPT_STATES]:
        old.unlink(missing_ok=True)


def newest_state(run_dir: Path) -> TrainState | None:
    """The last state that can be read, or None when there is none."""
    for path in sorted((run_dir / "state").glob("step-*.safetensors"), reverse=True):
        try:
            return _load(path)
        except (SafetensorError, ValueError, KeyError, OSError):
            continue
    return None


def _load(path: Path) -> TrainState:
    tensors = safetensors.torch.load_file(path)
    with safetensors.safe_open(path, "pt") as file:
        note = json.loads(file.metadata()["state"])

    def group(name: str) -> dict[str, Tensor]:
        return {
            key.removeprefix(f"{name}/"): value
            for key, value in tensors.items()
            if key.startswith(f"{name}/")
        }

    return TrainState(
        step=int(note["step"]),
        ends=tuple(note["ends"]),
        settings=note["settings"],
        dataset=note["dataset"],
        weights=group("weights"),
        average=group("average"),
        optimizer=group("optimizer"),
        values=note["values"],
        scaler=note["scaler"],
    )


def check_continues(state: TrainState, spec: TrainSpec) -> None:
    """Raises `BadInput` when `spec` has other settings than the run it continues, naming the first."""
    wanted = settings_of(spec)
    for name, before in state.settings.items():
        if wanted.get(name) != before:
            raise BadInput(
                f"The earlier run was made with {name} = {before}, this one asks for {wanted.get(name)}.",
                "Continue with the earlier settings, or start a new training.",
            )
