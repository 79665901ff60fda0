"""Bases in the Stable Diffusion layout: AutoencoderKL, CLIP text encoder, UNet2DConditionModel."""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a missing file must be an error here, not a download
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")

import diffusers
import torch
import transformers
from diffusers import StableDiffusionPipeline
from torch import Tensor

from studio.domain.errors import MissingWeights
from studio.domain.schedulers import scheduler_row
from studio.engines.cache import base_digest
from studio.engines.family import Parts, Targets
from studio.engines.objectives import objective_of

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
CONVOLUTION = ("conv1", "conv2", "conv_shortcut", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2")
TEXT = ("q_proj", "k_proj", "v_proj", "out_proj")


class StableDiffusion:
    """`studio.engines.family.Family` for any sizes and any of epsilon, v, sample and flow prediction."""

    def load(self, folder: Path, device: torch.device, dtype: torch.dtype) -> Parts:
        try:
            with quiet():
                pipeline = StableDiffusionPipeline.from_pretrained(
                    str(folder), dtype=dtype, local_files_only=True, safety_checker=None, use_safetensors=True
                )
        except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
            raise MissingWeights(
                f"The base in {folder} could not be loaded: {str(error).splitlines()[0][:200]}",
                "Copy or download the base again, as .safetensors (no other weights are read); every folder named in "
                "model_index.json must be complete.",
            ) from error
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(device)
        for network in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
            network.requires_grad_(False).eval()
        if device.type == "cpu":  # decoding takes 0.5 to 0.9 of the time so with AVX-512 (log.md)
            pipeline.vae.to(memory_format=torch.channels_last)
        sample = pipeline.unet.config.sample_size or 64
        return Parts(
            folder=folder,
            pipeline=pipeline,
            denoiser=pipeline.unet,
            text_encoder=pipeline.text_encoder,
            objective=objective_of(pipeline.scheduler),
            side=(max(sample) if isinstance(sample, list) else sample) * pipeline.vae_scale_factor,
            multiple=pipeline.vae_scale_factor
            * 2,  # the denoiser halves once without remainder; further down it pads
            digest=base_digest(folder),
        )

    @torch.no_grad()
    def encode_pictures(self, parts: Parts, pixels: Tensor) -> Tensor:
        vae = parts.pipeline.vae
        hidden = vae.encode(pixels.to(vae.device, vae.dtype)).latent_dist.mode()
        return (hidden * vae.config.scaling_factor).float()  # type: ignore[no-any-return]

    @torch.no_grad()
    def decode(self, parts: Parts, latents: Tensor) -> Tensor:
        vae = parts.pipeline.vae
        pixels = vae.decode(latents.to(vae.device, vae.dtype) / vae.config.scaling_factor).sample
        return (pixels / 2 + 0.5).clamp(0, 1).float().cpu()  # type: ignore[no-any-return]

    def tokens(self, parts: Parts, captions: Sequence[str]) -> Tensor:
        tokenizer = parts.pipeline.tokenizer
        found = tokenizer(
            list(captions),
            padding="max_length",
            max_length=tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        return found.input_ids  # type: ignore[no-any-return]

    def encode_text(self, parts: Parts, tokens: Tensor) -> Tensor:
        return parts.text_encoder(tokens.to(parts.text_encoder.device)).last_hidden_state  # type: ignore[no-any-return, arg-type]

    def predict(self, parts: Parts, noisy: Tensor, timesteps: Tensor, text: Tensor) -> Tensor:
        return parts.denoiser(noisy, timesteps, text, return_dict=False)[0]  # type: ignore[no-any-return]

    def lora_targets(self, targets: Targets) -> Mapping[str, tuple[str, ...]]:
        found = {"unet": ATTENTION if targets == "attention" else ATTENTION + CONVOLUTION}
        if targets == "attention+conv+text":
            found["text_encoder"] = TEXT
        return found

    def scheduler(self, parts: Parts, name: str) -> Any:
        config = dict(parts.pipeline.scheduler.config)
        config["_class_name"] = type(parts.pipeline.scheduler).__name__
        row = scheduler_row(name, config)
        if row is None:
            return type(parts.pipeline.scheduler).from_config(config)
        with quiet():
            return getattr(diffusers, row.target).from_config(config, **row.settings)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the libraries' loading chatter out of a job's log; their errors still raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.disable_progress_bar()
        yield
