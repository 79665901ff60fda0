"""Measures a base's networks on pictures they never saw, and lets a base draw captions in rows."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.catalog import find_base
from studio.domain.pretraining import PretrainSpec
from studio.domain.specs import GenerateSpec
from studio.engines.captioned import Captioned
from studio.engines.generate import GenerationPipeline, Request, load_pipeline, make
from studio.engines.pretrain_autoencoder import psnr
from studio.engines.pretrain_denoiser import DenoiserStage

Pixels = NDArray[np.uint8]
AT_ONCE = 16
MEASURED = 96
"""Pictures, spread evenly over the folder, on which the losses are measured."""


def losses(pipeline: GenerationPipeline, data: Captioned, most: int = MEASURED) -> dict[str, float]:
    """PSNR of the autoencoder in dB ("psnr") and the denoiser's flow loss, whole and inside the focus."""
    data = data.part(np.linspace(0, len(data) - 1, min(most, len(data))).astype(np.int64))
    parts: Any = pipeline.parts.pipeline
    spec = PretrainSpec(stage="denoiser", resolution=pipeline.parts.side)
    stage = DenoiserStage(spec, parts.unet, parts.vae, parts.text_encoder, parts.tokenizer, data, data)
    with torch.no_grad():
        return {"psnr": psnr(parts.vae, data), **stage.measure()}


def round_trip(pipeline: GenerationPipeline, pixels: Pixels) -> Pixels:
    """Pictures (N, S, S, 3) after the base's autoencoder: as soft as a drawn one is at best."""
    found = []
    for start in range(0, len(pixels), AT_ONCE):
        part = torch.from_numpy(pixels[start : start + AT_ONCE]).permute(0, 3, 1, 2).float().div(127.5).sub(1)
        decoded = pipeline.family.decode(pipeline.parts, pipeline.family.encode_pictures(pipeline.parts, part))
        found.append(decoded.mul(255).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(found)


def draw_rows(base: Path, rows: list[list[str]], seed: int) -> Pixels:
    """One picture (H, W, 3) with a row of drawings per list of captions."""
    pipeline = load_pipeline(base)
    side = pipeline.parts.side
    steps = find_base(str(base)).num_inference_steps
    settings = GenerateSpec(
        base=str(base), prompt=rows[0][0], width=side, height=side, num_inference_steps=steps, guidance_scale=3.0
    )
    drawn = []
    for number, captions in enumerate(rows):
        requests = [Request(caption, seed + 100 * number + column) for column, caption in enumerate(captions)]
        drawn.append(np.concatenate(make(settings, requests, pipeline, None, lambda _: None), axis=1))
    return np.concatenate(drawn, axis=0)
