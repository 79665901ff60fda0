"""An adapter file's header, checked without torch before anything trusts it."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from studio.domain.adapters import AdapterHeader
from studio.domain.errors import BadInput, NotFound, Unsupported
from studio.files import CHUNK, sha256_of

LONGEST_HEADER = 16 << 20
LARGEST = 4 << 30
SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
AGAIN = "Export or download it again; only .safetensors files are read."


def read_adapter(path: Path) -> AdapterHeader:
    """The header of the adapter in `path`, after checking names, shapes, offsets, sizes and that all is finite.

    Raises `NotFound`, `BadInput` or `Unsupported` with what is wrong.
    """
    if not path.is_file():
        raise NotFound(f"There is no adapter {path.name}.", "Choose another checkpoint.")
    if path.suffix != ".safetensors":
        raise BadInput(f"{path.name} is not a .safetensors file.", AGAIN)
    size = path.stat().st_size
    if size > LARGEST:
        raise BadInput(f"{path.name} holds {size / 1e9:.1f} GB; adapters have at most 4 GB.", AGAIN)
    entries, start = _entries(path, size)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BadInput(f"{path.name} lies about itself: its metadata is not text.", AGAIN)
    spans = _spans(path, entries, size - start)
    ranks = _ranks(path, {name: shape for name, (_, shape, _, _) in spans.items()})
    _all_finite(path, spans, start)
    return AdapterHeader(
        path=path,
        sha256=sha256_of(path),
        layers=tuple(sorted(ranks)),
        ranks=ranks,
        alphas=_alphas(metadata),
        metadata=dict(metadata),
        own=_own(metadata),
    )


def _entries(path: Path, size: int) -> tuple[dict[str, Any], int]:
    """The header's JSON and where the numbers begin."""
    with path.open("rb") as file:
        prefix = file.read(8)
        length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
        if not 2 <= length <= min(LONGEST_HEADER, size - 8):
            raise BadInput(f"{path.name} is cut off or is not a safetensors file.", AGAIN)
        text = file.read(length)
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} has a header that cannot be read.", AGAIN) from error
    if not isinstance(entries, dict):
        raise BadInput(f"{path.name} has a header that is not a table.", AGAIN)
    return entries, 8 + length


def _spans(path: Path, entries: dict[str, Any], room: int) -> dict[str, tuple[str, list[int], int, int]]:
    """(number format, shape, begin, end) per tensor; every byte must belong to exactly one."""
    spans: dict[str, tuple[str, list[int], int, int]] = {}
    for name, entry in entries.items():
        try:
            kind, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
            whole = all(isinstance(number, int) and number >= 0 for number in (*shape, begin, end))
            honest = whole and end - begin == math.prod(shape) * SIZES[kind]
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(
                f"{path.name} describes {str(name)[:80]} in a way that cannot be read.", AGAIN
            ) from error
        if not honest or end > room:
            raise BadInput(f"{path.name} lies about the size of {str(name)[:80]}.", AGAIN)
        spans[name] = (kind, list(shape), begin, end)
    position = 0
    for _, _, begin, end in sorted(spans.values(), key=lambda span: span[2:]):
        if begin != position:
            raise BadInput(f"{path.name} lies about where its numbers are.", AGAIN)
        position = end
    if position != room or not spans:
        raise BadInput(f"{path.name} is cut off, or holds more than it says.", AGAIN)
    return spans


def _ranks(path: Path, shapes: dict[str, list[int]]) -> dict[str, int]:
    """Rank per layer; both halves of every layer must be there and agree."""
    ranks: dict[str, int] = {}
    for name in shapes:
        layer, _, half = name.rpartition(".lora_")
        if half not in ("A.weight", "B.weight") or layer.partition(".")[0] not in ("unet", "text_encoder"):
            raise Unsupported(
                f"{path.name} holds {name[:80]}, which is not the layout this studio reads.",
                "Use a LoRA file as diffusers writes it, for a base in the Stable Diffusion layout.",
            )
        down, up = shapes.get(f"{layer}.lora_A.weight"), shapes.get(f"{layer}.lora_B.weight")
        fits = down and up and len(down) == len(up) and len(down) in (2, 4) and down[0] == up[1] > 0
        if not fits:
            raise BadInput(
                f"{path.name} does not fit together: {layer[:80]} has the halves {down} and {up}, whose ranks differ.",
                AGAIN,
            )
        ranks[layer] = down[0]  # type: ignore[index]
    return ranks


def _all_finite(path: Path, spans: dict[str, tuple[str, list[int], int, int]], start: int) -> None:
    """Raises `BadInput` when any number is infinite or not a number; reads the file once, in pieces."""
    with path.open("rb") as file:
        for name, (kind, _, begin, end) in spans.items():
            file.seek(start + begin)
            left = end - begin
            while left:
                piece = file.read(min(CHUNK, left))
                if not piece:
                    raise BadInput(f"{path.name} is cut off.", AGAIN)
                left -= len(piece)
                if not np.isfinite(_numbers(piece, kind)).all():
                    raise BadInput(
                        f"{path.name} is damaged: {name[:80]} holds values that are not numbers (NaN or infinite).",
                        "Use an earlier checkpoint, or train again with a lower learning rate.",
                    )


def _numbers(piece: bytes, kind: str) -> np.ndarray:
    """Raw little-endian bytes as numbers; bf16 is the upper half of an fp32."""
    if kind == "BF16":
        return (np.frombuffer(piece, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(piece, {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[kind])


def _alphas(metadata: dict[str, str]) -> dict[str, float]:
    """`lora_alpha` per component from the note diffusers writes."""
    try:
        stated = json.loads(metadata.get("lora_adapter_metadata", "{}"))
        return {
            str(key).partition(".")[0]: float(value)
            for key, value in stated.items()
            if str(key).endswith(".lora_alpha") and math.isfinite(float(value))
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _own(metadata: dict[str, str]) -> dict[str, Any]:
    """Our own recipe from the header."""
    try:
        found = json.loads(metadata.get("persona_studio", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
