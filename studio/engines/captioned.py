"""A folder of captioned pictures, read into memory for training from scratch."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from studio.domain.errors import BadInput, NotFound
from studio.engines.chance import generator

SUFFIXES = frozenset({".png", ".webp", ".jpg", ".jpeg"})
LARGEST = 64_000_000
"""Pixels of the largest picture that is decoded."""
FEWEST = 2

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Captioned:
    """Pictures (N, S, S, 3), every wording of their captions, where to look, and what is known about them.

    `focus`: x and y of the middle of what matters (right, down, -1..1) and its radius; None: everywhere.
    `attributes`: attribute to value per picture, empty where a dataset has none.
    """

    pixels: Pixels
    captions: tuple[tuple[str, ...], ...]
    focus: tuple[tuple[float, float, float] | None, ...]
    attributes: tuple[Mapping[str, str], ...]

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, rows: NDArray[np.int64]) -> "Captioned":
        """The pictures of these rows."""
        return Captioned(
            self.pixels[rows],
            tuple(self.captions[row] for row in rows),
            tuple(self.focus[row] for row in rows),
            tuple(self.attributes[row] for row in rows),
        )


def read_captioned(folder: Path, side: int) -> Captioned:
    """Every picture of `folder` that has a caption, cut to its central square and resized to `side`.

    Captions come from `metadata.jsonl` (`file_name`, and `text` or several in `texts`; optional `focus` and
    `attributes`) or from `.txt` files beside the pictures. Raises `NotFound` for a missing folder and `BadInput`
    when nothing is captioned, fewer than two pictures are, or one cannot be decoded.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "Name a folder of pictures with captions.")
    pixels, captions, focus, attributes = [], [], [], []
    uncaptioned = 0
    for path, entry in _entries(folder):
        texts = tuple(text.strip() for text in entry.get("texts") or (entry.get("text", ""),) if str(text).strip())
        if not texts:
            uncaptioned += 1
            continue
        pixels.append(_square(path, side))
        captions.append(texts)
        place = entry.get("focus")
        focus.append((float(place[0]), float(place[1]), float(place[2])) if place else None)
        attributes.append({str(name): str(value) for name, value in (entry.get("attributes") or {}).items()})
    if len(pixels) < FEWEST:
        missing = f" {uncaptioned} had no caption." if uncaptioned else ""
        raise BadInput(
            f"{folder} holds {len(pixels)} captioned pictures; training from scratch needs at least {FEWEST}.{missing}",
            "Put a .txt file with the caption beside each picture, or list them in metadata.jsonl.",
        )
    return Captioned(np.stack(pixels), tuple(captions), tuple(focus), tuple(attributes))


def split(data: Captioned, share: float, seed: int) -> tuple[Captioned, Captioned]:
    """What is learned from and what is measured on (at least one picture each)."""
    import torch

    order = torch.randperm(len(data), generator=generator(seed, "held out")).numpy()
    count = min(len(data) - 1, max(1, round(share * len(data))))
    return data.part(np.sort(order[count:])), data.part(np.sort(order[:count]))


def _entries(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    listing = folder / "metadata.jsonl"
    if listing.is_file():
        for number, line in enumerate(listing.read_text("utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                path = folder / entry["file_name"]
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(
                    f"Line {number} of {listing} is no record of a picture ({error}).",
                    'Each line is JSON such as {"file_name": "a.png", "text": "a red ball"}.',
                ) from error
            if folder.resolve() not in path.resolve().parents:
                raise BadInput(f"Line {number} of {listing} names a file outside the folder.", "Move it inside.")
            yield path, entry
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            beside = path.with_suffix(".txt")
            yield path, {"text": beside.read_text("utf-8", "replace") if beside.is_file() else ""}


def _square(path: Path, side: int) -> Pixels:
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > LARGEST:
                raise BadInput(f"{path.name} has {opened.width}×{opened.height} pixels.", "Make it smaller.")
            picture = opened.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path.name} cannot be read as a picture ({error}).", "Remove or replace it.") from error
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    square = picture.crop((left, top, left + edge, top + edge))
    if edge != side:
        square = square.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(square)
