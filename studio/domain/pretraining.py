"""What can be asked of a training from scratch, one stage at a time."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.domain.specs import SEED_LIMIT

StageName = Literal["autoencoder", "text", "denoiser"]


class PretrainSpec(BaseModel):
    """Train one network of a base on a folder of captioned pictures; the three stages follow each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    stage: StageName = Field(description="Which network learns: the picture codec, the reader, or the painter.")
    steps: int = Field(2000, ge=1, le=10_000_000, description="How many times the weights change.")
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
    max_grad_norm: float = Field(1.0, gt=0, le=100, description="Longest gradient that is let through.")
    ema: float = Field(0.998, ge=0, lt=1, description="Averaging of the weights over steps; 0 is off.")
    caption_dropout: float = Field(0.1, ge=0, le=1, description="Share of pictures shown with an empty caption.")
    focus_weight: float = Field(
        1.6, ge=0, le=10, description="Extra weight of the error inside each picture's marked focus, such as a face."
    )
    resolution: int = Field(128, ge=32, le=1024, multiple_of=32, description="Side of the square pictures.")
    held_out: float = Field(0.05, ge=0, le=0.5, description="Share of the pictures kept back to measure with.")
    precision: Literal["fp32", "bf16"] = Field("bf16", description="Number format of the arithmetic.")
    seed: int = Field(0, ge=0, le=SEED_LIMIT, description="Start of every random choice.")
    checkpoint_every: int = Field(200, ge=1, description="Steps between checkpoints and measurements.")


MAY_CHANGE = frozenset({"steps", "checkpoint_every", "precision", "lr_schedule"})
"""Fields a continued run may have otherwise than the run it continues."""
