"""Measures a base on pictures it never saw, and lets it draw their captions."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.domain.events import Phase, Progress, Report
from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import read_captioned
from studio.engines.families.sd import StableDiffusion
from studio.engines.judge import Judge, load_judge
from studio.engines.pretrain_autoencoder import psnr
from studio.engines.pretrain_denoiser import DenoiserStage

Pixels = NDArray[np.uint8]
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Test:
    """What is measured: a base, by a judge, on a rendered folder."""

    base: Path
    judge: Path
    data: Path
    pictures: int
    guidance_scale: float
    num_inference_steps: int
    seed: int


def evaluate(test: Test, report: Report) -> dict[str, Any]:
    """PSNR, held-out flow loss, seconds per picture, and how often each offered attribute follows the caption.

    Rates come with 95 % Wilson intervals; attributes the judge is not sure enough of are left out.
    """
    parts = StableDiffusion().load(test.base, torch.device("cpu"), torch.float32)
    pipeline: Any = parts.pipeline
    data = read_captioned(test.data, parts.side)
    report(Phase(title="Measuring losses"))
    spec = PretrainSpec(stage="denoiser", resolution=parts.side)
    stage = DenoiserStage(spec, pipeline.unet, pipeline.vae, pipeline.text_encoder, pipeline.tokenizer, data, data)
    with torch.no_grad():
        numbers: dict[str, Any] = {"psnr": psnr(pipeline.vae, data), **stage.measure()}
    report(Phase(title="Drawing"))
    rows = np.linspace(0, len(data) - 1, min(test.pictures, len(data))).astype(int)
    captions = [data.captions[row][0] for row in rows]
    began = time.monotonic()
    drawn = draw(pipeline, captions, test, report)
    numbers["seconds_per_picture"] = (time.monotonic() - began) / len(drawn)
    judge = load_judge(test.judge)
    numbers["in_world"] = float(judge.in_world(drawn).mean())
    numbers["follows"] = follows(judge, drawn, [data.attributes[row] for row in rows])
    return numbers


def draw(pipeline: Any, captions: list[str], test: Test, report: Report) -> Pixels:
    """One picture (N, S, S, 3) per caption, each with a seed of its own."""
    found = []
    for start in range(0, len(captions), AT_ONCE):
        part = captions[start : start + AT_ONCE]
        seeds = [torch.Generator().manual_seed(test.seed + start + k) for k in range(len(part))]
        with torch.no_grad():
            pictures = pipeline(
                part, num_inference_steps=test.num_inference_steps, guidance_scale=test.guidance_scale,
                generator=seeds, output_type="np",
            ).images  # fmt: skip
        found.append((pictures * 255).round().astype(np.uint8))
        report(Progress(step=min(start + AT_ONCE, len(captions)), total=len(captions)))
    return np.concatenate(found)


def follows(judge: Judge, drawn: Pixels, truths: list[Any]) -> dict[str, dict[str, float]]:
    """Share of pictures whose attribute reads as the scene behind the caption had it, where the judge may speak."""
    table: dict[str, dict[str, float]] = {}
    for name, read in judge.attributes(drawn).items():
        asked = [(label, truth[name]) for (label, _), truth in zip(read, truths, strict=True) if name in truth]
        if asked:
            right = sum(label == value for label, value in asked)
            low, high = wilson(right, len(asked))
            table[name] = {"rate": right / len(asked), "low": low, "high": high, "n": len(asked)}
    return table


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion."""
    share, spread = right / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def draw_rows(base: Path, rows: list[list[str]], seed: int) -> Pixels:
    """One picture (H, W, 3) with a row of drawings per list of captions."""
    pipeline = StableDiffusion().load(base, torch.device("cpu"), torch.float32).pipeline
    drawn = []
    for number, captions in enumerate(rows):
        test = Test(base, base, base, len(captions), 3.0, 20, seed + 100 * number)
        drawn.append(np.concatenate(list(draw(pipeline, captions, test, lambda _: None)), axis=1))
    return np.concatenate(drawn, axis=0)
