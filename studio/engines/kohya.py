"""An adapter under the names that kohya's tools, A1111, Forge and ComfyUI read."""

import safetensors.torch
import torch
from torch import Tensor

from studio.domain.adapters import AdapterHeader
from studio.engines.adapters import pack

PREFIXES = {"unet": "lora_unet", "text_encoder": "lora_te"}


def kohya_file(header: AdapterHeader) -> bytes:
    """The adapter as a kohya file: `lora_unet_….lora_down.weight`, `.lora_up.weight` and an `.alpha` for every layer.

    Alpha is always written: without it ComfyUI takes alpha for the rank, and any other alpha would be lost.
    """
    tensors = safetensors.torch.load_file(header.path)
    found: dict[str, Tensor] = {}
    for layer in header.layers:
        component, _, name = layer.partition(".")
        key = f"{PREFIXES[component]}_{name.replace('.', '_')}"
        found[f"{key}.lora_down.weight"] = tensors[f"{layer}.lora_A.weight"]
        found[f"{key}.lora_up.weight"] = tensors[f"{layer}.lora_B.weight"]
        found[f"{key}.alpha"] = torch.tensor(header.scaling(layer) * header.ranks[layer])
    metadata = {name: text for name, text in header.metadata.items() if name != "lora_adapter_metadata"}
    return pack(found, metadata)
