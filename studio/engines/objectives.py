"""What a denoiser learns to predict: flow, noise, velocity or the clean picture, read from its scheduler."""

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from studio.domain.errors import Unsupported
from studio.domain.schedulers import prediction_of


class Objective(Protocol):
    """How noise is mixed into latents, and what the denoiser should answer.

    `moments` are numbers in (0, 1): the share of the way from the picture to pure noise.
    """

    def moments(self, count: int, chance: torch.Generator) -> Tensor:
        """`count` random moments to train on, shape (count,), fp32, on the CPU."""

    def timesteps(self, moments: Tensor) -> Tensor:
        """What the denoiser is told about the moment, shape (count,)."""

    def noisy(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        """Latents with noise mixed in."""

    def target(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        """What the denoiser should predict for `noisy`."""


def _spread(values: Tensor, like: Tensor) -> Tensor:
    """(N,) to (N, 1, 1, 1) on the device and in the format of `like`."""
    return values.to(like).view(-1, *(1,) * (like.ndim - 1))


@dataclass(frozen=True, slots=True)
class Flow:
    """Rectified flow (Liu et al., 2023): a straight line from picture to noise, and its constant speed.

    Moments are logit-normal (Esser et al., 2024), moved towards noise by the base's own `flow_shift`. Timesteps
    stay fractional: rounding them, as samplers do, would tie training to one list of steps.
    """

    steps: int
    shift: float
    location: float = 0.2
    scale: float = 1.0

    def moments(self, count: int, chance: torch.Generator) -> Tensor:
        plain = torch.sigmoid(torch.randn(count, generator=chance) * self.scale + self.location)
        return self.shift * plain / (1 + (self.shift - 1) * plain)

    def timesteps(self, moments: Tensor) -> Tensor:
        return moments * self.steps

    def noisy(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        share = _spread(moments, latents)
        return (1 - share) * latents + share * noise

    def target(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        return noise - latents


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Denoising diffusion (Ho et al., 2020) with noise, velocity (Salimans and Ho, 2022) or picture prediction."""

    alphas_cumprod: Tensor
    predicts: Literal["epsilon", "v_prediction", "sample"]

    def moments(self, count: int, chance: torch.Generator) -> Tensor:
        return torch.rand(count, generator=chance)

    def timesteps(self, moments: Tensor) -> Tensor:
        last = len(self.alphas_cumprod) - 1
        return (moments * len(self.alphas_cumprod)).long().clamp(0, last)

    def _mix(self, like: Tensor, moments: Tensor) -> tuple[Tensor, Tensor]:
        kept = self.alphas_cumprod[self.timesteps(moments.cpu())]
        return _spread(kept.sqrt(), like), _spread((1 - kept).sqrt(), like)

    def noisy(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        signal, dirt = self._mix(latents, moments)
        return signal * latents + dirt * noise

    def target(self, latents: Tensor, noise: Tensor, moments: Tensor) -> Tensor:
        if self.predicts == "epsilon":
            return noise
        if self.predicts == "sample":
            return latents
        signal, dirt = self._mix(latents, moments)
        return signal * noise - dirt * latents


def objective_of(scheduler: object) -> Objective:
    """The objective a diffusers scheduler was made for. Raises `Unsupported` for one the studio does not know."""
    config = dict(scheduler.config)  # type: ignore[attr-defined]
    steps = int(config.get("num_train_timesteps", 1000))
    predicts = prediction_of(config)
    if predicts == "flow_prediction":
        return Flow(steps, float(config.get("flow_shift") or config.get("shift") or 1.0))
    alphas = getattr(scheduler, "alphas_cumprod", None)
    if alphas is None or predicts not in ("epsilon", "v_prediction", "sample"):
        raise Unsupported(
            f"This base's scheduler {config.get('_class_name')} predicts {predicts}, which the studio cannot train.",
            "Choose a base that predicts noise, velocity or flow.",
        )
    return Diffusion(alphas.to(torch.float32).cpu(), predicts)  # type: ignore[arg-type]
