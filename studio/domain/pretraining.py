"""What can be asked of a training from scratch, and the settings that have a name."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, field_validator

from studio.domain.records import Rights
from studio.domain.spec import SEED_LIMIT, Spec

StageName = Literal["autoencoder", "text", "denoiser"]

WHY_NOT_CROSS_ENTROPY = (
    "A denoiser is not trained by cross-entropy, because it predicts a direction in a continuous space, and "
    "cross-entropy needs classes; the 256 levels of a pixel are classes, and so are the words of a caption."
)


class PretrainSpec(Spec):
    """Train a small text-to-image model of your own on folders of captioned pictures."""

    kind: Literal["pretrain"] = "pretrain"
    folders: tuple[str, ...] = Field((), max_length=100, description="Folders of captioned pictures on this machine.")
    rights: Rights = Field(Rights.UNKNOWN, description="On what basis these pictures may be used.")
    start: str = Field("", max_length=4000, description="A base whose networks to start from, or to build on.")
    stage: Literal["all", "text-to-image", "autoencoder", "text", "denoiser"] = Field(
        "all", description="What learns: the picture codec (autoencoder), the reader of captions (text), the painter "
        "(denoiser); text-to-image is the reader and then the painter."
    )  # fmt: skip
    size: Literal["tiny", "small", "medium"] = Field(
        "small", description="How large the networks are; tiny learns shapes and colours within minutes on any machine, "
        "medium shrinks pictures 16 times and wants 256 pixels and a graphics card."
    )  # fmt: skip
    steps: int = Field(2000, ge=1, le=10_000_000, description="How many times the weights change, at every stage.")
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="Passes over all pictures; when set, it decides the steps."
    )
    batch_size: int = Field(48, ge=1, le=4096, description="Pictures per step.")
    learning_rate: float = Field(1.5e-3, gt=0, le=0.1, description="How far one step moves the weights.")
    lr_schedule: Literal["constant", "linear", "cosine", "hold"] = Field(
        "hold", description="hold: full rate for the first half, then straight down to zero."
    )
    warmup_steps: int = Field(30, ge=0, le=100_000, description="Steps until the full learning rate is reached.")
    optimizer: Literal["muon", "adamw", "adam", "sgd"] = Field(
        "muon", description="The rule that changes the weights; Muon reached the same loss far sooner here."
    )
    weight_decay: float = Field(0.02, ge=0, le=1, description="Pull of the weights towards zero.")
    loss: Literal["mse", "l1", "huber"] = Field(
        "mse", description="How the denoiser's error is punished; it predicts a direction, not a class."
    )
    weighting: Literal["even", "min_snr"] = Field(
        "even", description="min_snr weighs the denoiser's noise levels by their signal, at most five-fold."
    )
    pixel_loss: Literal["mixed", "mse", "l1", "huber", "cross_entropy"] = Field(
        "mixed", description="How the autoencoder's error is punished; cross_entropy compares the 256 levels of a "
        "pixel, mixed adds up L1, squares and edges."
    )  # fmt: skip
    max_grad_norm: float = Field(1.0, gt=0, le=100, description="Longest gradient that is let through.")
    ema: float = Field(0.998, ge=0, lt=1, description="Averaging of the weights over steps; 0 is off.")
    caption_dropout: float = Field(0.1, ge=0, le=1, description="Share of pictures shown with an empty caption.")
    focus_weight: float = Field(
        1.6, ge=0, le=10, description="Extra weight of the error inside each picture's marked focus, such as a face."
    )
    resolution: int = Field(
        128, ge=32, le=1024, multiple_of=32, description="Side of the square pictures, a multiple of 32."
    )
    mirrored: bool = Field(
        False, description="Learn from mirror images too, where a caption says neither left nor right (in English)."
    )
    reframed: bool = Field(
        False, description="See half of the pictures through a slightly smaller window, a new one each time, so that "
        "fewer are learned by heart; the painter's lesson alone, and slow without a graphics card."
    )  # fmt: skip
    train_text_encoder: bool = Field(
        False, description="The reader of captions goes on learning with the painter, so that wordings it takes for the "
        "same can come to be drawn differently; the painter's lesson alone, and somewhat slower."
    )  # fmt: skip
    held_out: float = Field(0.05, ge=0, le=0.5, description="Share of the pictures kept back to measure with.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Number format of the arithmetic; auto takes what this machine is fast at."
    )
    compile: bool = Field(
        False, description="Compile the denoiser first, which pays off in long runs; on a CUDA card only."
    )
    seed: int = Field(0, ge=0, le=SEED_LIMIT, description="Start of every random choice.")
    checkpoint_every: int = Field(200, ge=1, description="Steps between checkpoints, measurements and samples.")
    samples: int = Field(
        6, ge=0, le=24, description="Pictures drawn at every checkpoint, always from the same captions and seeds."
    )

    @field_validator("loss", mode="before")
    @classmethod
    def _no_classes(cls, value: object) -> object:
        if value == "cross_entropy":
            raise ValueError(f"{WHY_NOT_CROSS_ENTROPY} Use pixel_loss for the autoencoder")
        return value

    def stages(self) -> tuple[StageName, ...]:
        """The networks that learn, in order."""
        if self.stage == "all":
            return ("autoencoder", "text", "denoiser")
        return ("text", "denoiser") if self.stage == "text-to-image" else (self.stage,)

    def alone(self, stage: StageName, pictures: int) -> "PretrainSpec":
        """One stage of it, with epochs turned into steps for so many pictures."""
        steps = self.steps if self.epochs is None else math.ceil(self.epochs * pictures / self.batch_size)
        return self.model_copy(update={"stage": stage, "steps": steps, "epochs": None})


MAY_CHANGE = frozenset(
    {"kind", "folders", "rights", "start", "steps", "epochs", "checkpoint_every", "samples", "precision", "lr_schedule"}
    | {"compile"}
)
"""Fields a continued run may have otherwise than the run it continues; pictures are compared by content."""


@dataclass(frozen=True, slots=True)
class PretrainPreset:
    """Settings with a name; `reasons` says why, one sentence per choice."""

    title: str
    settings: Mapping[str, Any]
    reasons: Mapping[str, str]


FOUNDING = PretrainPreset(
    "The founding document's values",
    {
        "pixel_loss": "cross_entropy",
        "loss": "mse",
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "batch_size": 64,
        "epochs": 10,
        "lr_schedule": "constant",
        "warmup_steps": 0,
        "weight_decay": 0.0,
        "ema": 0.0,
    },
    {
        "pixel_loss": "Cross-entropy compares predicted pixels with actual ones, over the 256 levels a pixel can have.",
        "loss": WHY_NOT_CROSS_ENTROPY,
        "optimizer": "Adam gives every weight a step of its own size, so one learning rate serves all layers.",
        "learning_rate": "0.001 is Adam's usual rate: larger ones tend to diverge, smaller ones need more epochs.",
        "batch_size": "64 pictures average out most of the noise of a single one and still fit into memory.",
        "epochs": "Ten times through all pictures is a start; go on for as long as the held-out numbers improve.",
        "lr_schedule": "The rate stays what it is, without a warm-up, since the document names neither.",
        "ema": "The weights are taken as they are, neither averaged nor pulled to zero; the document names neither.",
    },
)

PRESETS: Mapping[str, PretrainPreset] = MappingProxyType({"founding": FOUNDING})
