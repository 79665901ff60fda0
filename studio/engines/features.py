"""Features of pictures, computed once per (picture, extractor) and kept in the cache."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.domain.errors import BadInput
from studio.engines.judge import CARD, OBJECTS, SIDE, WEIGHTS, Judge, Pixels, load_judge, resized
from studio.files import sha256_of, write_atomic

Floats = NDArray[np.float32]
Extract = Callable[[Sequence[Pixels]], Floats]
"""Pictures (H, W, 3) of any sizes to features (N, d)."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures in memory: pixels (H, W, 3) uint8 of any sizes, and the SHA-256 of each one's pixels.

    Of the pixels, not of the file: equal pictures have exactly equal scores however their files are signed.
    """

    pixels: tuple[Pixels, ...]
    sha256: tuple[str, ...]

    @classmethod
    def of(cls, pixels: Iterable[Pixels]) -> "Pictures":
        """Pictures with their fingerprints."""
        kept = tuple(pixels)
        return cls(kept, tuple(pixels_sha256(picture) for picture in kept))

    def __post_init__(self) -> None:
        if len(self.pixels) != len(self.sha256):
            raise ValueError(f"{len(self.pixels)} pictures with {len(self.sha256)} fingerprints")

    def __len__(self) -> int:
        return len(self.pixels)


def pixels_sha256(picture: Pixels) -> str:
    """Fingerprint of a picture (H, W, 3) that does not depend on how its file is written."""
    digest = hashlib.sha256(str(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class FeatureCache:
    """A folder of feature vectors; may be deleted at any time."""

    folder: Path

    def get(self, extractor: str, pictures: Pictures, extract: Extract) -> Floats:
        """Features (N, d); `extract` sees only pictures that were not seen before. A damaged file counts as absent.

        `extractor` names the code and weights: another version must have another name. Raises `BadInput` when there
        is no picture.
        """
        if not len(pictures):
            raise BadInput("There is no picture to measure.", "Ask for its number of pictures first.")
        found = {sha: self._read(extractor, sha) for sha in pictures.sha256}
        missing = {sha: pixels for sha, pixels in zip(pictures.sha256, pictures.pixels, strict=True) if found[sha] is None}
        if missing:
            for sha, features in zip(missing, extract(list(missing.values())), strict=True):
                found[sha] = fresh = features.astype(np.float32)
                write_atomic(self._path(extractor, sha), fresh.tobytes(), durable=False)
        return np.stack([features for sha in pictures.sha256 if (features := found[sha]) is not None])

    def _path(self, extractor: str, sha256: str) -> Path:
        return self.folder / extractor / sha256[:2] / f"{sha256}.f32"

    def _read(self, extractor: str, sha256: str) -> Floats | None:
        try:
            payload = self._path(extractor, sha256).read_bytes()
        except OSError:
            return None
        return np.frombuffer(payload, np.float32) if payload and len(payload) % 4 == 0 else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a judge saw in N pictures. Nothing counts where `in_world` is False."""

    embeddings: Floats
    in_world: NDArray[np.bool_]
    attributes: dict[str, tuple[str, ...]]
    """Per attribute the judge measures well: its label for each picture."""

    def of(self, index: int) -> dict[str, str]:
        """The labels of one picture."""
        return {name: column[index] for name, column in self.attributes.items()}


@dataclass(frozen=True, slots=True)
class Reader:
    """A judge whose answers are kept. `name` holds the fingerprints of its weights and of what it is asked for."""

    judge: Judge
    name: str
    cache: FeatureCache
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, pictures: Pictures) -> Reading:
        """Raises `BadInput` when there is no picture to read."""
        rows = self.cache.get(self.name, pictures, self._extract)
        count = len(self.labels)
        names = rows[:, -count:].astype(int) if count else np.zeros((len(rows), 0), int)
        size = rows.shape[1] - count - 1
        return Reading(
            embeddings=rows[:, :size],
            in_world=rows[:, size] > 0,
            attributes={
                attribute: tuple(labels[index] for index in names[:, column])
                for column, (attribute, labels) in enumerate(self.labels.items())
            },
        )

    def _extract(self, pixels: Sequence[Pixels]) -> Floats:
        """Embedding, whether it is of the world, and one label number per attribute, side by side."""
        stack = np.stack([one if one.shape[:2] == (SIDE, SIDE) else resized(one) for one in pixels])
        seen = self.judge.see(stack)
        columns = [
            [labels.index(label) for label in seen.attributes[attribute]]
            for attribute, labels in self.labels.items()
        ]
        return np.concatenate(
            [
                seen.embed,
                seen.in_world[:, None].astype(np.float32),
                np.array(columns, np.float32).reshape(len(columns), len(stack)).T,
            ],
            axis=1,
        )


def open_reader(folder: Path, cache: FeatureCache) -> Reader:
    """The judge in `folder` with its answers kept in `cache`. Raises `MissingWeights`."""
    judge = load_judge(folder)
    files = [folder / WEIGHTS, *([folder / OBJECTS] if judge.objects else [])]
    labels = judge.offered  # by the card, and by how this version of the code reads it
    asked = hashlib.sha256(repr(labels).encode()).hexdigest()[:8]
    name = "-".join([folder.name, *(sha256_of(file)[:12] for file in files), sha256_of(folder / CARD)[:8], asked])
    return Reader(judge, name, cache, labels)
