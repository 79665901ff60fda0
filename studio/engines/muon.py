"""Muon for convolutions and matrices of any rank: the optimizer that made the small base affordable on two cores."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import cast

import torch
from torch import Tensor, nn

from studio.engines.device import DTYPES, best_precision

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(stack: Tensor, steps: int = 5) -> Tensor:
    """Nearest (semi-)orthogonal matrices of `stack` (k, m, n), approximately; float32.

    Quintic Newton-Schulz iteration (Jordan et al. 2024, "Muon", coefficients above), in bfloat16 where that is fast.
    """
    a, b, c = NEWTON_SCHULZ
    tall = stack.shape[1] > stack.shape[2]
    x = stack.transpose(1, 2) if tall else stack
    x = (x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-7)).to(DTYPES[best_precision(stack.device)])
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    found: Tensor = x.float()
    return found.transpose(1, 2) if tall else found


def split_parameters(module: nn.Module, plain: Iterable[str] = ()) -> tuple[list[Tensor], list[Tensor]]:
    """Trainable parameters as (matrices for Muon, the rest).

    Parameters whose name contains one of `plain` (first and last layers, embeddings) go to the rest.
    """
    names = tuple(plain)
    matrices: list[Tensor] = []
    rest: list[Tensor] = []
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            is_matrix = parameter.ndim >= 2 and not any(part in name for part in names)
            (matrices if is_matrix else rest).append(parameter)
    return matrices, rest


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, for weights of two or more dimensions; Adam for all others.

    `torch.optim.Muon` takes two-dimensional weights only; here a convolution (o, i, h, w) counts as the
    matrix (o, i*h*w) and equal shapes share one batched iteration. Updates are scaled by
    0.2 * sqrt(max(m, n)), which gives them the size of Adam's (Liu et al. 2025, "Muon is scalable").
    """

    def __init__(
        self,
        matrices: Iterable[Tensor],
        rest: Iterable[Tensor] = (),
        *,
        lr: float = 2e-3,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.98),
        rest_scale: float = 0.6,
    ) -> None:
        groups = [{"params": list(matrices), "muon": True}, {"params": list(rest), "muon": False}]
        super().__init__(
            [group for group in groups if group["params"]],
            {
                "lr": lr,
                "momentum": momentum,
                "weight_decay": weight_decay,
                "betas": betas,
                "rest_scale": rest_scale,
            },
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One update of all parameters that have a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            (self._matrix_step if group["muon"] else self._adam_step)(group)
        return loss

    def _matrix_step(self, group: dict[str, object]) -> None:
        lr, momentum, decay = float(group["lr"]), float(group["momentum"]), float(group["weight_decay"])  # type: ignore[arg-type]
        by_shape: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for parameter in group["params"]:  # type: ignore[attr-defined]
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            state["momentum"].lerp_(parameter.grad, 1 - momentum)
            update = parameter.grad.lerp(state["momentum"], momentum).reshape(parameter.shape[0], -1)
            by_shape[(update.shape[0], update.shape[1])].append((parameter, update))
        for shape, pairs in by_shape.items():
            updates = orthogonalise(torch.stack([update for _, update in pairs])) * (0.2 * max(shape) ** 0.5)
            for (parameter, _), update in zip(pairs, updates, strict=True):
                parameter.mul_(1 - lr * decay)
                parameter.add_(update.reshape(parameter.shape), alpha=-lr)

    def _adam_step(self, group: dict[str, object]) -> None:
        first, second = cast(tuple[float, float], group["betas"])
        rate = float(group["lr"]) * float(group["rest_scale"])  # type: ignore[arg-type]
        for parameter in group["params"]:  # type: ignore[attr-defined]
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state["mean"] = torch.zeros_like(parameter)
                state["square"] = torch.zeros_like(parameter)
                state["steps"] = 0
            state["steps"] += 1
            state["mean"].lerp_(parameter.grad, 1 - first)
            state["square"].lerp_(parameter.grad.square(), 1 - second)
            mean = state["mean"] / (1 - first ** state["steps"])
            root = (state["square"] / (1 - second ** state["steps"])).sqrt().add_(1e-8)
            parameter.addcdiv_(mean, root, value=-rate)
