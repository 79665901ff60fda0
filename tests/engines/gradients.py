"""What a training does to the weights at every step, read from its checkpoints alone.

With momentum and a rate so small that the weights all but stand still, the change of every step is a sum of gradients
at one and the same place, so that runs can be compared step by step.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from studio.domain.specs import PriorSpec, TrainSpec
from studio.engines.train import train
from studio.engines.training_inputs import TrainExample
from tests.engines.training_kit import ignore, inputs, spec

RATE = 1e-6
MOMENTUM = 0.9
"""Of `sgd`, with Nesterov's look ahead: a change is the gradient and once more the momentum it has become part of."""


def bare(**changes: Any) -> TrainSpec:
    """One step after the other without anything that a test switches on, and a checkpoint of each."""
    given: dict[str, Any] = {
        "targets": "attention",
        "steps": 1,
        "batch_size": 1,
        "accumulation": 1,
        "caption_dropout": 0.0,
        "flip": False,
        "prior": PriorSpec(count=0),
        "ema": 0.0,
        "checkpoint_every": 1,
        "warmup_steps": 0,
        "lr_schedule": "constant",
        "optimizer": "sgd",
        "weight_decay": 0.0,
        "learning_rate": RATE,
        "max_grad_norm": 100.0,
    }
    return spec(**(given | changes))


def weights_of_steps(
    wanted: TrainSpec, base: Path, folder: Path, examples: Sequence[TrainExample] | None = None
) -> list[Mapping[str, Tensor]]:
    """The adapter as it is saved after every step of a training."""
    number = len(list(folder.glob("run-*")))
    given = inputs(base, folder, f"run-{number}", held_out=())
    chosen = given.examples if examples is None else tuple(examples)
    given = inputs(base, folder, f"run-{number}", held_out=(), examples=chosen)
    train(wanted, given, ignore)
    files = sorted((given.run_dir / "checkpoints").iterdir())
    assert len(files) == wanted.steps
    return [safetensors.torch.load_file(path) for path in files]


def ups(weights: Mapping[str, Tensor]) -> Tensor:
    """All of `lora_B`, which begins at zero, in one row; `lora_A` gets no gradient until it has moved."""
    return torch.cat([weight.double().flatten() for name, weight in sorted(weights.items()) if "lora_B" in name])


def changes_of(steps: Sequence[Mapping[str, Tensor]]) -> list[Tensor]:
    """By how much every step moved `lora_B`."""
    rows = [ups(weights) for weights in steps]
    return [after - before for before, after in zip([torch.zeros_like(rows[0]), *rows], rows, strict=False)]


def gradients(
    base: Path, folder: Path, examples: Sequence[TrainExample] | None = None, **changes: Any
) -> list[Tensor]:
    """The gradient that was applied at every step of a training of these settings, beside `bare`."""
    found: list[Tensor] = []
    for change in changes_of(weights_of_steps(bare(**changes), base, folder, examples)):
        momentum = torch.zeros_like(change)
        for before in found:
            momentum = MOMENTUM * momentum + before
        found.append((change / -RATE - MOMENTUM**2 * momentum) / (1 + MOMENTUM))
    return found


def apart(one: Tensor, other: Tensor) -> float:
    """Distance as a share of the length."""
    return float((one - other).norm() / other.norm())
