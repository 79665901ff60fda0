"""What an adapter file says about itself, and whether it belongs to a base."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.domain.errors import Unsupported


@dataclass(frozen=True, slots=True)
class AdapterHeader:
    """What an adapter file says about itself, proved against its size and its numbers."""

    path: Path
    sha256: str
    layers: tuple[str, ...]
    """Names of the changed layers, such as `unet.mid_block.attentions.0.proj_in`, sorted."""
    ranks: dict[str, int]
    alphas: dict[str, float]
    """Per component, where the file states one."""
    metadata: dict[str, str]
    own: dict[str, Any]
    """Our own recipe; empty for an adapter from elsewhere."""

    def scaling(self, layer: str) -> float:
        """Alpha over rank, 1 when the file states no alpha (as diffusers and ComfyUI read it)."""
        alpha = self.alphas.get(layer.partition(".")[0])
        return 1.0 if alpha is None else alpha / self.ranks[layer]

    @property
    def base_sha256(self) -> str | None:
        """Digest of the base it was trained on, where known."""
        found = self.own.get("base_sha256")
        return found if isinstance(found, str) else None


def check_base(header: AdapterHeader, base_sha256: str, base: str) -> None:
    """Raises `Unsupported` when the adapter says that it was trained on another base."""
    if header.base_sha256 is not None and header.base_sha256 != base_sha256:
        if header.own.get("base") == base:
            raise Unsupported(f"The base “{base}” has changed since this checkpoint was trained on it.", "Train again: the new one fits it.")
        raise Unsupported(
            f"This adapter was trained on another base ({header.own.get('base', 'unknown')}), not on {base} "
            f"as it is now.",
            "Choose the base it was trained on, or train again.",
        )
