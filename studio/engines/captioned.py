"""Captioned pictures of any folder the studio can read, in memory, for training from scratch."""

import hashlib
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from studio.collect.candidates import Candidate
from studio.collect.decode import LARGEST_FILE, decode
from studio.collect.source import open_source
from studio.domain.captions import clean_caption
from studio.domain.errors import BadInput
from studio.domain.events import Note, Phase, Progress, Report
from studio.engines.chance import generator

FEWEST = 2
MOST_FILES = 2_000_000
LARGEST_METADATA = 4_000_000_000
"""Files and bytes of a folder somebody trains on: far more than a persona's pictures."""
AT_ONCE = 256
SIDES = re.compile(r"\b(left|right)", re.IGNORECASE)
NAMED = 3
"""Pictures that are left out are named up to this many."""

Pixels = NDArray[np.uint8]
Focus = tuple[float, float, float]


@dataclass(frozen=True)
class Captioned:
    """Pictures (N, S, S, 3), every wording of their captions, where to look, and what is known about them.

    `focus`: x and y of the middle of what matters (right, down, -1..1) and its radius; None: everywhere.
    `attributes`: attribute to value per picture, empty where a dataset has none.
    `held_out`: which pictures the folder itself keeps for testing; empty: none.
    """

    pixels: Pixels
    captions: tuple[tuple[str, ...], ...]
    focus: tuple[Focus | None, ...]
    attributes: tuple[Mapping[str, str], ...]
    held_out: tuple[bool, ...] = ()

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

    @cached_property
    def digest(self) -> str:
        """SHA-256 over pixels and words: another picture or caption, another digest."""
        digest = hashlib.sha256(np.ascontiguousarray(self.pixels).data)
        words = (self.pixels.shape, self.captions, self.focus, [sorted(known.items()) for known in self.attributes])
        digest.update(repr(words).encode())
        return digest.hexdigest()


def read_captioned(folder: Path, side: int, report: Report = lambda event: None) -> Captioned:
    """Every picture of `folder` (or a zip) that has a caption, cut to its central square and resized to `side`.

    Captions come from files beside the pictures, from `metadata.jsonl` (`file_name`, and `text` or several in `texts`;
    optional `focus` and `attributes`), or from a kohya folder's name. Pictures that cannot be read are left out and
    named. Raises `NotFound` for a missing folder and `BadInput` when fewer than two pictures remain.
    """
    report(Phase(title="Reading the pictures"))
    with open_source(folder, most_files=MOST_FILES, largest_metadata=LARGEST_METADATA) as found:
        wanted = [candidate for candidate in found.candidates if candidate.caption]
        uncaptioned = len(found.candidates) - len(wanted)
        read: list[tuple[Candidate, Pixels]] = []
        lost = [f"{remark.name}: {remark.sentence}" for remark in found.remarks]
        # Decoding changes which warnings are errors, and threads may put that back in any order.
        with warnings.catch_warnings(), ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for start in range(0, len(wanted), AT_ONCE):  # in parts, so that Stop need not wait for all
                some = wanted[start : start + AT_ONCE]
                for candidate, square in zip(some, pool.map(_reader(side), some), strict=True):
                    if isinstance(square, str):
                        lost.append(square)
                    else:
                        read.append((candidate, square))
                report(Progress(step=start + len(some), total=len(wanted)))
    _tell(lost, report)
    if len(read) < FEWEST:
        reasons = [f"{uncaptioned} had no caption." if uncaptioned else "", *lost[:1]]
        raise BadInput(
            " ".join([f"{folder} holds {len(read)} captioned pictures that can be read; training from scratch needs at "
                      f"least {FEWEST}.", *filter(None, reasons)]),
            "Put a .txt file with the caption beside each picture, or list them in metadata.jsonl.",
        )  # fmt: skip
    candidates = [candidate for candidate, _ in read]
    return Captioned(
        np.stack([square for _, square in read]),
        tuple(_wordings(candidate) for candidate in candidates),
        tuple(_focus(candidate.record.get("focus")) for candidate in candidates),
        tuple(_attributes(candidate.record.get("attributes")) for candidate in candidates),
        tuple(candidate.held_out for candidate in candidates),
    )


def joined(parts: Sequence[Captioned]) -> Captioned:
    """Several folders as one."""
    if len(parts) == 1:
        return parts[0]  # a large one must not lie in memory twice
    return Captioned(
        np.concatenate([part.pixels for part in parts]),
        tuple(wordings for part in parts for wordings in part.captions),
        tuple(place for part in parts for place in part.focus),
        tuple(known for part in parts for known in part.attributes),
        tuple(kept for part in parts for kept in part.held_out),
    )


def split(data: Captioned, share: float, seed: int) -> tuple[Captioned, Captioned]:
    """What is learned from and what is measured on, at least one picture each: as the folder has it, else by chance."""
    if any(data.held_out) and not all(data.held_out):
        marked = np.array(data.held_out)
        return data.part(np.flatnonzero(~marked)), data.part(np.flatnonzero(marked))
    order = torch.randperm(len(data), generator=generator(seed, "held out")).numpy()
    count = min(len(data) - 1, max(1, round(share * len(data))))
    return data.part(np.sort(order[count:])), data.part(np.sort(order[:count]))


def with_mirrored(data: Captioned) -> Captioned:
    """The pictures, and after them the mirror image of each, with those of its wordings that name no side (English)."""
    told = [tuple(text for text in wordings if not SIDES.search(text)) for wordings in data.captions]
    rows = np.array([row for row, wordings in enumerate(told) if wordings], np.int64)
    turned = replace(
        data.part(rows),
        pixels=data.pixels[rows][:, :, ::-1],
        captions=tuple(told[row] for row in rows),
        focus=tuple(found and (-found[0], *found[1:]) for found in (data.focus[row] for row in rows)),
    )
    return joined([replace(data, held_out=()), turned])


def rows_of_step(count: int, batch_size: int, seed: int, stage: str, step: int) -> Tensor:
    """Which of `count` pictures a step sees, shape (batch_size,): every picture once per pass, each pass shuffled anew.

    A batch may span passes, so it may be larger than the dataset.
    """
    first, last = step * batch_size, (step + 1) * batch_size
    parts = []
    for number in range(first // count, (last - 1) // count + 1):
        order = torch.randperm(count, generator=generator(seed, stage, "pass", number))
        parts.append(order[max(0, first - number * count) : last - number * count])
    return torch.cat(parts)


def focus_weights(
    data: Captioned, rows: Tensor, side: int, extra: float, device: torch.device | str = "cpu"
) -> Tensor:
    """Weights (n, 1, side, side): 1, and up to 1 + `extra` inside each picture's focus."""
    return weights_at(focus_places(data, rows).to(device), side, extra)


def focus_places(data: Captioned, rows: Tensor) -> Tensor:
    """Where to look in the pictures of these rows, (n, 3): x, y and radius; the radius is 0 where that is not known."""
    return torch.tensor([data.focus[row] or (0.0, 0.0, 0.0) for row in rows.tolist()]).view(-1, 3)


def weights_at(places: Tensor, side: int, extra: float) -> Tensor:
    """Weights (n, 1, side, side) for focuses (n, 3): see `focus_weights`."""
    x, y, radius = places.view(-1, 3, 1, 1).unbind(1)
    centres = (torch.arange(side, device=places.device) + 0.5) / side * 2 - 1
    away = ((centres - x) ** 2 + (centres.view(-1, 1) - y) ** 2) / radius.clamp(min=1e-6) ** 2
    return torch.where(radius > 0, 1 + extra * torch.exp(-(away**2)), 1.0).unsqueeze(1)


def _reader(side: int) -> Callable[[Candidate], Pixels | str]:
    def read(candidate: Candidate) -> Pixels | str:
        try:
            picture = decode(candidate.member.read(LARGEST_FILE)).picture
        except BadInput as error:
            return f"{candidate.name} cannot be read. {error.sentence()}"
        return np.asarray(ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS))

    return read


def _tell(lost: Sequence[str], report: Report) -> None:
    for sentence in lost[:NAMED]:
        report(Note(text=sentence))
    if len(lost) > NAMED:
        report(Note(text=f"{len(lost) - NAMED} more files were left out or changed."))


def _wordings(candidate: Candidate) -> tuple[str, ...]:
    """All wordings where the chosen caption is one of several, else that one."""
    for column in ("texts", "captions"):
        several = candidate.record.get(column)
        if isinstance(several, list):
            plain = [clean_caption(text).text for text in several if isinstance(text, str)]
            if candidate.caption in plain:
                return tuple(text for text in plain if text)
    return (candidate.caption,)


def _focus(value: object) -> Focus | None:
    if isinstance(value, list) and len(value) == 3 and all(isinstance(number, int | float) for number in value):
        return (float(value[0]), float(value[1]), max(1e-3, float(value[2])))
    return None


def _attributes(value: object) -> dict[str, str]:
    return {str(name): str(known) for name, known in value.items()} if isinstance(value, dict) else {}
