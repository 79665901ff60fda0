"""Putting trained networks together as one base that any diffusers tool loads."""

import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a missing file must be an error here, not a download

import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer

from studio.domain.errors import MissingWeights
from studio.engines.families.sd import quiet
from studio.engines.pretrain_denoiser import SHARD


def flow_scheduler(flow_shift: float) -> DPMSolverMultistepScheduler:
    """The stock multistep solver, set for flow prediction."""
    return DPMSolverMultistepScheduler(
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=flow_shift,
        num_train_timesteps=1000,
        steps_offset=1,
    )


def export_base(
    out: Path, *, autoencoder: Path, text: Path, tokenizer: Path, denoiser: Path, flow_shift: float
) -> None:
    """Write the base in half precision, readable by all, with no file above 15 MB.

    Raises `MissingWeights` when one of the folders is no network of its kind.
    """
    try:
        with quiet():
            pipeline = StableDiffusionPipeline(
                vae=AutoencoderKL.from_pretrained(autoencoder, torch_dtype=torch.float32),
                text_encoder=CLIPTextModel.from_pretrained(text, dtype=torch.float32),
                tokenizer=CLIPTokenizer.from_pretrained(tokenizer),
                unet=UNet2DConditionModel.from_pretrained(denoiser, torch_dtype=torch.float32),
                scheduler=flow_scheduler(flow_shift),
                safety_checker=None,
                feature_extractor=None,
                requires_safety_checker=False,
            )
            pipeline.to(torch.float16).save_pretrained(out, safe_serialization=True, max_shard_size=SHARD)
    except (OSError, ValueError, TypeError) as error:
        raise MissingWeights(
            f"These folders do not make a base ({str(error).splitlines()[0][:200]}).",
            "Name the folders that `base train` wrote.",
        ) from error
    for path in out.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.name == "config.json":  # drop the path the network was loaded from
            settings = json.loads(path.read_text("utf-8"))
            settings.pop("_name_or_path", None)
            path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf-8")
