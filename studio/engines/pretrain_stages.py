"""Sets up a stage of training from scratch: which networks it starts from, on which pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from studio.catalog import ASSETS
from studio.domain.errors import MissingWeights
from studio.domain.events import Note, Report
from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import Captioned, Pixels, read_captioned, split
from studio.engines.families.sd import quiet
from studio.engines.judge_training import soften
from studio.engines.pretrain import Stage, pretrain
from studio.engines.pretrain_autoencoder import AutoencoderStage, new_autoencoder
from studio.engines.pretrain_denoiser import DenoiserStage, new_denoiser
from studio.engines.pretrain_text import TextStage, learn_tokenizer, new_text_encoder

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "autoencoder": ("autoencoder", "vae"),
    "text": ("text", "text_encoder"),
    "tokenizer": ("tokenizer",),
    "denoiser": ("denoiser", "unet"),
}
"""Where a part may lie: in a folder of runs, or in a finished base."""


def train_stage(
    spec: PretrainSpec, folders: Sequence[Path], out: Path, report: Report, *,
    start: Path | None = None, held_out_folder: Path | None = None, decoder_only: bool = False,
) -> Mapping[str, float]:  # fmt: skip
    """One stage on the pictures of all folders; returns the last held-out numbers.

    Raises `BadInput` for folders without enough captioned pictures, `MissingWeights` where a stage needs an
    earlier one that is not there.
    """
    torch.manual_seed(spec.seed)
    data = joined([read_captioned(folder, spec.resolution) for folder in folders])
    if held_out_folder is None:
        train, held_out = split(data, spec.held_out, spec.seed)
    else:
        train, held_out = data, read_captioned(held_out_folder, spec.resolution)
    report(Note(text=f"{len(train)} pictures to learn from, {len(held_out)} to measure on."))
    with quiet():
        stage = _stage(spec, train, held_out, start, decoder_only)
    return pretrain(spec, stage, out, report)


def _stage(
    spec: PretrainSpec, train: Captioned, held_out: Captioned, start: Path | None, decoder_only: bool
) -> Stage:
    if spec.stage == "autoencoder":
        if decoder_only and find_part(start, "autoencoder") is None:
            raise MissingWeights("Only the way back is to be trained, but there is no autoencoder.", "Name it with --start.")
        return AutoencoderStage(
            spec, _autoencoder(start) or new_autoencoder(spec.resolution), train, held_out, decoder_only=decoder_only
        )
    if spec.stage == "text":
        captions = [wording for wordings in train.captions for wording in wordings]
        tokenizer = _tokenizer(start) or learn_tokenizer(captions)
        return TextStage(spec, tokenizer, _text(start) or new_text_encoder(tokenizer), train, held_out)
    autoencoder, encoder, tokenizer_ = _autoencoder(start), _text(start), _tokenizer(start)
    if autoencoder is None or encoder is None or tokenizer_ is None:
        raise MissingWeights(
            "A denoiser needs a trained autoencoder, text encoder and tokenizer.",
            "Train them first, then name their folder with --start.",
        )
    autoencoder.requires_grad_(False)
    encoder.requires_grad_(False)
    shrink = 2 ** (len(autoencoder.config.block_out_channels) - 1)
    fresh = new_denoiser(spec.resolution // shrink, autoencoder.config.latent_channels, encoder.config.hidden_size)
    return DenoiserStage(spec, _denoiser(start) or fresh, autoencoder, encoder, tokenizer_, train, held_out)


def find_part(start: Path | None, part: str) -> Path | None:
    """The folder of a part in `start`, if it is there."""
    if start is None:
        return None
    return next((start / name for name in FOLDERS[part] if (start / name).is_dir()), None)


def _autoencoder(start: Path | None) -> Any:
    folder = find_part(start, "autoencoder")
    return folder and AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32, local_files_only=True)


def _text(start: Path | None) -> Any:
    folder = find_part(start, "text")
    return folder and CLIPTextModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)


def _tokenizer(start: Path | None) -> Any:
    folder = find_part(start, "tokenizer")
    return folder and CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def _denoiser(start: Path | None) -> Any:
    folder = find_part(start, "denoiser")
    return folder and UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32, local_files_only=True)


def joined(parts: Sequence[Captioned]) -> Captioned:
    """Several folders as one."""
    return Captioned(
        np.concatenate([part.pixels for part in parts]),
        tuple(wordings for part in parts for wordings in part.captions),
        tuple(place for part in parts for place in part.focus),
        tuple(known for part in parts for known in part.attributes),
    )


def softened(pixels: Pixels, start: Path | None) -> Pixels:
    """Pictures after the round trip through the autoencoder in `start`, or the embedded base's."""
    if not len(pixels):
        return pixels
    with quiet():
        autoencoder = _autoencoder(start or ASSETS / "base")
    return soften(pixels, autoencoder.eval())
