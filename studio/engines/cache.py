"""Tensors that are dear to compute, kept on disk under the hash of everything they depend on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from studio.files import sha256_of, write_atomic


@dataclass(frozen=True, slots=True)
class TensorCache:
    """A folder of tensors; may be deleted at any time."""

    folder: Path

    def get(self, what: str, key: object, make: Callable[[], Tensor]) -> Tensor:
        """The tensor kept under `key` (anything JSON can hold), or the one `make` computes, which is then kept.

        `what` names the kind, such as "latents". A damaged file counts as absent.
        """
        text = json.dumps([what, key], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()
        path = self.folder / what / name[:2] / f"{name}.safetensors"
        if path.is_file():
            try:
                found: Tensor = safetensors.torch.load_file(path)["tensor"]
                return found
            except (SafetensorError, KeyError, OSError):
                path.unlink(missing_ok=True)
        tensor = make().detach().cpu().contiguous()
        write_atomic(path, safetensors.torch.save({"tensor": tensor}), durable=False)
        return tensor


def component_digest(folder: Path) -> str:
    """SHA-256 over names and contents of a component's files: another weight, another digest."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".txt", ".bin"):
            digest.update(f"{path.name}:{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def base_digest(folder: Path) -> str:
    """SHA-256 over the parts an adapter belongs to: denoiser, text encoder, tokenizer, autoencoder."""
    parts = ("unet", "text_encoder", "tokenizer", "vae")
    digests = [f"{part}:{component_digest(folder / part)}" for part in parts if (folder / part).is_dir()]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
