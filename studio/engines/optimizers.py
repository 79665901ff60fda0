"""The rules that turn gradients into changes, and their whole state as tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.domain.specs import TrainSpec
from studio.engines.muon import Muon


def make_optimizer(spec: TrainSpec, weights: Sequence[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """The optimizer a spec names; every weight of an adapter is a matrix or a convolution."""
    rate, decay = spec.learning_rate, spec.weight_decay
    if spec.optimizer == "adamw":
        return torch.optim.AdamW(weights, rate, weight_decay=decay, fused=True)
    if spec.optimizer == "adam":
        return torch.optim.Adam(weights, rate, weight_decay=decay, fused=True)
    if spec.optimizer == "sgd":
        return torch.optim.SGD(weights, rate, momentum=0.9, nesterov=True, weight_decay=decay)
    return Muon(weights, lr=rate, weight_decay=decay)


def optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """All tensors of the state by name, and all other values by name."""
    tensors: dict[str, Tensor] = {}
    values: dict[str, Any] = {}
    for number, entry in optimizer.state_dict()["state"].items():
        for key, value in entry.items():
            name = f"{number}.{key}"
            if isinstance(value, Tensor):
                tensors[name] = value.detach().cpu().contiguous()
            else:
                values[name] = value
    return tensors, values


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], values: Mapping[str, Any]
) -> None:
    """Puts back what `optimizer_state` gave."""
    state: dict[int, dict[str, Any]] = {}
    for name, value in (*tensors.items(), *values.items()):
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
