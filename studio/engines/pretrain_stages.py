"""Sets up the stages of a training from scratch: on which pictures, and which networks they start from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTokenizer

from studio.catalog import ASSETS, WORDS, words_beside
from studio.domain.errors import MissingWeights
from studio.domain.events import Note, Report
from studio.domain.pretraining import PretrainSpec, StageName
from studio.domain.vocabulary import taught_words
from studio.engines.cache import TensorCache
from studio.engines.captioned import Captioned, Pixels, joined, read_captioned, split, with_mirrored
from studio.engines.device import generation_device
from studio.engines.families.sd import quiet
from studio.engines.judge_measures import soften
from studio.engines.pretrain import Stage, finished, pretrain
from studio.engines.pretrain_autoencoder import CHANNELS, AutoencoderStage, new_autoencoder
from studio.engines.pretrain_denoiser import DenoiserStage, new_denoiser
from studio.engines.pretrain_export import export_base
from studio.engines.pretrain_samples import FLOW_SHIFT, Sample
from studio.engines.pretrain_text import TextStage, learn_tokenizer, new_text_encoder
from studio.files import write_atomic

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "autoencoder": ("autoencoder", "vae"),
    "text": ("text", "text_encoder"),
    "tokenizer": ("tokenizer",),
    "denoiser": ("denoiser", "unet"),
}
"""Where a part may lie: in a folder of runs, or in a finished base."""


@dataclass(frozen=True, slots=True)
class Size:
    """Channels of autoencoder, latents and denoiser, width and layers of the text encoder."""

    autoencoder: tuple[int, ...]
    text: tuple[int, int]
    denoiser: tuple[int, ...]
    latents: int = CHANNELS


SIZES: Mapping[str, Size] = {
    "tiny": Size((16, 32, 32), (64, 2), (32, 64)),
    "small": Size((32, 64, 96, 128), (256, 4), (96, 160, 208)),
    "medium": Size((32, 64, 96, 128, 128), (256, 4), (96, 160, 192), latents=16),
}


@dataclass(frozen=True, slots=True)
class Material:
    """What is learned from, and what is measured on."""

    train: Captioned
    held_out: Captioned


Watch = Callable[[StageName, int, Sequence[Sample]], None]
"""Takes the stage, the step, and the pictures drawn there."""


def read_material(spec: PretrainSpec, report: Report, held_out_folders: Sequence[Path] = ()) -> Material:
    """The pictures of all folders. Raises `NotFound`, and `BadInput` where too few are captioned."""
    data = joined([read_captioned(Path(folder), spec.resolution, report) for folder in spec.folders])
    if not held_out_folders:
        material = Material(*split(data, spec.held_out, spec.seed))
    else:
        held_out = joined([read_captioned(folder, spec.resolution, report) for folder in held_out_folders])
        material = Material(data, held_out)
    if spec.mirrored:
        material = replace(material, train=with_mirrored(material.train))
    report(Note(text=f"{len(material.train)} pictures to learn from, {len(material.held_out)} to measure on."))
    return material


def train_from_scratch(
    spec: PretrainSpec, material: Material, out: Path, report: Callable[[StageName], Report], watch: Watch, *,
    decoder_only: bool = False,
) -> Mapping[str, Mapping[str, float]]:  # fmt: skip
    """The stages of `spec` one after the other; returns the last held-out numbers of each that was trained here.

    A stage that lies in `out` as a whole is passed over, one that was interrupted goes on. When the denoiser is
    done, `out/base` holds the whole base. Raises `BadInput` when `out` holds another run, `MissingWeights` where a
    stage needs an earlier one that is not there, and `DiskTrouble`.
    """
    numbers: dict[str, Mapping[str, float]] = {}
    stages = spec.stages()
    for name in stages:
        one = spec.alone(name, len(material.train))
        if name != stages[-1] and finished(one, out, material.train.digest):
            continue
        torch.manual_seed(spec.seed)
        with quiet():
            stage = _stage(one, material, out, report(name), decoder_only)
        numbers[name] = pretrain(one, stage, out, report(name), partial(watch, name))
    if "denoiser" in stages:
        found = {part: place for part in FOLDERS if (place := _place(spec, out, part))}
        export_base(
            out / "base", autoencoder=found["autoencoder"], text=[found["text"]], tokenizer=found["tokenizer"],
            denoiser=[found["denoiser"]], flow_shift=FLOW_SHIFT,
        )  # fmt: skip
        words = words_taught(spec, material.train, out)
        if words is not None:
            write_atomic(out / "base" / WORDS, ("\n".join(words) + "\n").encode())
    return numbers


def words_taught(spec: PretrainSpec, train: Captioned, out: Path) -> list[str] | None:
    """Every word of the captions, and those of the base that was started from; None where that base does not say."""
    before: frozenset[str] | None = frozenset()
    start = Path(spec.start) if spec.start else None
    if start is not None and start.resolve() != out.resolve() and find_part(start, "denoiser") is not None:
        before = words_beside(start) or words_beside(start / "base")  # a base, or the folder of a run
    if before is None:
        return None
    return sorted(before.union(taught_words((text for texts in train.captions for text in texts), least=1)))


def _stage(spec: PretrainSpec, material: Material, out: Path, report: Report, decoder_only: bool) -> Stage:
    train, held_out, size = material.train, material.held_out, SIZES[spec.size]
    start = Path(spec.start) if spec.start else None
    device = generation_device()
    if spec.stage == "autoencoder":
        if decoder_only and find_part(start, "autoencoder") is None:
            raise MissingWeights("Only the way back is to be trained, but there is no autoencoder.", "Name it with --start.")
        coder = _autoencoder(find_part(start, "autoencoder")) or new_autoencoder(spec.resolution, size.autoencoder, size.latents)
        return AutoencoderStage(spec, coder.to(device), train, held_out, decoder_only=decoder_only)
    if spec.stage == "text":
        captions = [wording for wordings in train.captions for wording in wordings]
        tokenizer = _tokenizer(find_part(start, "tokenizer")) or learn_tokenizer(captions)
        reader = _text(find_part(start, "text")) or new_text_encoder(tokenizer, *size.text)
        return TextStage(spec, tokenizer, reader.to(device), train, held_out)
    places = {part: _place(spec, out, part) for part in FOLDERS if part != "denoiser"}
    if missing := [part for part, place in places.items() if place is None]:
        raise MissingWeights(
            f"A denoiser needs a trained autoencoder, text encoder and tokenizer; there is no {missing[0]}.",
            "Train them first in the same folder, or name their folder with --start.",
        )
    autoencoder, encoder = _autoencoder(places["autoencoder"]), _text(places["text"])
    for network in (autoencoder, encoder):
        network.requires_grad_(False).to(device)
    shrink = 2 ** (len(autoencoder.config.block_out_channels) - 1)
    denoiser = _denoiser(find_part(start, "denoiser")) or new_denoiser(
        spec.resolution // shrink, autoencoder.config.latent_channels, encoder.config.hidden_size, size.denoiser
    )
    return DenoiserStage(
        spec, denoiser.to(device), autoencoder, encoder, _tokenizer(places["tokenizer"]), train, held_out,
        cache=TensorCache(out / "cache"), report=report,
    )  # fmt: skip


def _place(spec: PretrainSpec, out: Path, part: str) -> Path | None:
    """Where a part lies that this run builds on: its own, or the one it was told to start from."""
    return find_part(out, part) or find_part(Path(spec.start) if spec.start else None, part)


def find_part(start: Path | None, part: str) -> Path | None:
    """The folder of a part in `start`, if it is there."""
    if start is None:
        return None
    return next((start / name for name in FOLDERS[part] if (start / name).is_dir()), None)


def _autoencoder(folder: Path | None) -> Any:
    return _loaded(AutoencoderKL, folder, torch_dtype=torch.float32, use_safetensors=True)


def _text(folder: Path | None) -> Any:
    return _loaded(CLIPTextModel, folder, dtype=torch.float32, use_safetensors=True)


def _tokenizer(folder: Path | None) -> Any:
    return _loaded(CLIPTokenizer, folder)


def _denoiser(folder: Path | None) -> Any:
    return _loaded(UNet2DConditionModel, folder, torch_dtype=torch.float32, use_safetensors=True)


def _loaded(kind: Any, folder: Path | None, **given: Any) -> Any:
    """What lies in `folder`; None where there is none. Raises `MissingWeights`."""
    if folder is None:
        return None
    try:
        return kind.from_pretrained(folder, local_files_only=True, **given)
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise MissingWeights(
            f"{folder} cannot be loaded ({str(error)[:200]}).",
            "Name a folder that holds the network in the diffusers layout; only .safetensors is read.",
        ) from error


def softened(pictures: Sequence[Pixels], start: Path | None) -> list[Pixels]:
    """Pictures (S, S, 3), of any sizes, after the round trip through the autoencoder in `start`, or the embedded base's."""
    if not pictures:
        return []
    with quiet():
        autoencoder = _autoencoder(find_part(start or ASSETS / "base", "autoencoder")).eval()
    return [soften(picture[None], autoencoder)[0] for picture in pictures]
