"""Putting trained networks together as one base that any diffusers tool loads."""

import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a missing file must be an error here, not a download

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from studio.domain.errors import MissingWeights
from studio.engines.families.sd import quiet
from studio.engines.pretrain import writing_networks
from studio.engines.pretrain_denoiser import SHARD
from studio.engines.pretrain_samples import assemble


def export_base(
    out: Path, *, autoencoder: Path, text: Path, tokenizer: Path, denoiser: Path, flow_shift: float
) -> None:
    """Write the base in half precision, readable by all, with no file above 15 MB.

    Raises `MissingWeights` when one of the folders is no network of its kind, `DiskTrouble` on a full disk.
    """
    try:
        with quiet():
            pipeline = assemble(
                AutoencoderKL.from_pretrained(autoencoder, torch_dtype=torch.float32, use_safetensors=True),
                CLIPTextModel.from_pretrained(text, dtype=torch.float32, use_safetensors=True),
                CLIPTokenizer.from_pretrained(tokenizer),
                UNet2DConditionModel.from_pretrained(denoiser, torch_dtype=torch.float32, use_safetensors=True),
                flow_shift,
            )
    except (OSError, ValueError, TypeError) as error:
        raise MissingWeights(
            f"These folders do not make a base ({str(error).splitlines()[0][:200]}).",
            "Name the folders that `base train` wrote.",
        ) from error
    with writing_networks(out), quiet():
        pipeline.to(torch.float16).save_pretrained(out, safe_serialization=True, max_shard_size=SHARD)
    for path in out.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if path.name == "config.json":
            settings = json.loads(path.read_text("utf-8"))
            settings.pop("_name_or_path", None)  # the path the network was loaded from
            if "dtype" in settings:  # else who asks for no precision gets this part in half and the others in full
                settings["dtype"] = "float32"
            path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", "utf-8")
