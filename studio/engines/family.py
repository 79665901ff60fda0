"""What the studio needs to know about a kind of base; one file in `families/` and one catalogue row add another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from studio.catalog import FAMILIES, find, find_base
from studio.engines.objectives import Objective

Targets = Literal["attention", "attention+conv", "attention+conv+text"]


@dataclass(frozen=True, slots=True)
class Parts:
    """A base in memory. `pipeline` is the plain diffusers pipeline and owns all networks."""

    folder: Path
    pipeline: Any
    denoiser: torch.nn.Module
    text_encoder: torch.nn.Module
    objective: Objective
    side: int
    """Of the square picture it was trained to make, in pixels."""
    multiple: int
    """Sides of a picture in pixels must be divisible by this."""
    digest: str
    """`studio.engines.cache.base_digest` of the folder."""

    @property
    def device(self) -> torch.device:
        return next(self.denoiser.parameters()).device


class Family(Protocol):
    """Everything that differs between kinds of bases."""

    def load(self, folder: Path, device: torch.device, dtype: torch.dtype) -> Parts:
        """The base in `folder`. Raises `MissingWeights` or `Unsupported`."""

    def encode_pictures(self, parts: Parts, pixels: Tensor) -> Tensor:
        """Pixels (N, 3, H, W) in -1..1 to scaled latents (N, C, h, w), fp32."""

    def decode(self, parts: Parts, latents: Tensor) -> Tensor:
        """Scaled latents to pixels (N, 3, H, W) in 0..1, fp32, on the CPU."""

    def tokens(self, parts: Parts, captions: Sequence[str]) -> Tensor:
        """Token numbers (N, T), cut at the base's limit."""

    def encode_text(self, parts: Parts, tokens: Tensor) -> Tensor:
        """What the denoiser reads, (N, T, D). With gradient, so the encoder can learn."""

    def predict(self, parts: Parts, noisy: Tensor, timesteps: Tensor, text: Tensor) -> Tensor:
        """The denoiser's answer, of the shape of `noisy`."""

    def lora_targets(self, targets: Targets) -> Mapping[str, tuple[str, ...]]:
        """Component ("unet", "text_encoder") to the names of layers that get an adapter."""

    def scheduler(self, parts: Parts, name: str) -> Any:
        """A fresh noise scheduler by its name in `studio.domain.schedulers`. Raises `Unsupported`."""


def family_of(folder: Path) -> Family:
    """The family of the base in `folder`. Raises what `studio.catalog.find_base` raises."""
    family: Family = find(FAMILIES, find_base(str(folder)).family, "family").load()()
    return family


def learns_text(family: Family, targets: Targets) -> bool:
    """Whether the text encoder gets an adapter: then captions are kept as tokens and encoded at every step."""
    return "text_encoder" in family.lora_targets(targets)
