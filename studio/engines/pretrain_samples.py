"""Pictures drawn on the way, always from the same captions and seeds, so that only the weights differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from numpy.typing import NDArray
from transformers import CLIPTextModel, CLIPTokenizer

from studio.engines.families.sd import quiet

FIRST_SEED = 1000
STEPS, GUIDANCE, FLOW_SHIFT = 12, 3.0, 3.0
GAP = 2
"""Pixels between two pictures of a grid."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture (H, W, 3) uint8 with the caption it was drawn from."""

    label: str
    pixels: NDArray[np.uint8]


def flow_scheduler(flow_shift: float) -> DPMSolverMultistepScheduler:
    """The stock multistep solver, set for flow prediction."""
    return DPMSolverMultistepScheduler(
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=flow_shift,
        num_train_timesteps=1000,
        steps_offset=1,
    )


def assemble(
    autoencoder: AutoencoderKL, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, denoiser: UNet2DConditionModel,
    flow_shift: float,
) -> StableDiffusionPipeline:  # fmt: skip
    """The standard pipeline of these networks."""
    with quiet():
        pipeline = StableDiffusionPipeline(
            vae=autoencoder, text_encoder=encoder, tokenizer=tokenizer, unet=denoiser,
            scheduler=flow_scheduler(flow_shift), safety_checker=None, feature_extractor=None,
            requires_safety_checker=False,
        )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@torch.no_grad()
def draw_samples(pipeline: StableDiffusionPipeline, captions: Sequence[str]) -> list[Sample]:
    """One picture per caption, each with a seed of its own."""
    if not captions:
        return []
    seeds = [torch.Generator().manual_seed(FIRST_SEED + number) for number in range(len(captions))]
    drawn = pipeline(
        list(captions), num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=seeds, output_type="np"
    ).images
    pixels = (np.nan_to_num(drawn) * 255).round().astype(np.uint8)
    return [Sample(caption, picture) for caption, picture in zip(captions, pixels, strict=True)]


def grid(samples: Sequence[Sample]) -> NDArray[np.uint8]:
    """Samples of one size side by side, at most six in a row, on white."""
    height, width, _ = samples[0].pixels.shape
    across = min(6, len(samples))
    down = -(-len(samples) // across)
    sheet = np.full((down * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), 255, np.uint8)
    for number, sample in enumerate(samples):
        top, left = number // across * (height + GAP), number % across * (width + GAP)
        sheet[top : top + height, left : left + width] = sample.pixels
    return sheet
