"""Putting trained networks together as one base that any diffusers tool loads."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a missing file must be an error here, not a download

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTokenizer

from studio.domain.errors import MissingWeights
from studio.engines.families.sd import quiet
from studio.engines.pretrain import writing_networks
from studio.engines.pretrain_denoiser import SHARD
from studio.engines.pretrain_samples import assemble


def export_base(
    out: Path, *, autoencoder: Path, text: Sequence[Path], tokenizer: Path, denoiser: Sequence[Path], flow_shift: float
) -> None:
    """Write the base in half precision, readable by all, with no file above 15 MB.

    Of several text encoders or denoisers, lessons that began at the same weights, it takes the mean of the weights, often
    with a lower held-out loss than any of them (Wortsman et al. 2022, "Model soups"); one that is named twice counts twice.

    Raises `MissingWeights` when one of the folders is no network of its kind, `DiskTrouble` on a full disk.
    """
    try:
        with quiet():
            pipeline = assemble(
                AutoencoderKL.from_pretrained(autoencoder, torch_dtype=torch.float32, use_safetensors=True),
                mean([CLIPTextModel.from_pretrained(one, dtype=torch.float32, use_safetensors=True) for one in text]),
                CLIPTokenizer.from_pretrained(tokenizer),
                mean([
                    UNet2DConditionModel.from_pretrained(one, torch_dtype=torch.float32, use_safetensors=True)
                    for one in denoiser
                ]),
                flow_shift,
            )
    except (OSError, ValueError, TypeError, SafetensorError) as error:
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


@torch.no_grad()
def mean(networks: Sequence[Any]) -> Any:
    """The first of some networks of one shape, with the mean of all their weights. Raises `ValueError` for others."""
    states = [network.state_dict() for network in networks]
    shapes = [{name: weight.shape for name, weight in state.items()} for state in states]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError("there is no mean of networks of different shapes")
    networks[0].load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in shapes[0]})
    return networks[0]
