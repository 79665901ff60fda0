"""What a training is given and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PREVIEW_SEED = 1000
"""Of the first preview picture; the next ones count up. Fixed, so that only the adapter changes between looks."""


@dataclass(frozen=True, slots=True)
class TrainExample:
    """One picture to train on or to hold out; `sha256` is of the file."""

    path: Path
    caption: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PreviewPicture:
    """A picture made on the way; `pixels` (H, W, 3) uint8."""

    step: int
    index: int
    prompt: str
    seed: int
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class TrainInputs:
    """Files and callables of one training. The engine writes only below `run_dir` and `cache_dir`.

    `earlier_run` is the folder of a run to continue when `run_dir` holds no state yet. `score` takes the preview
    pictures (N, H, W, 3) uint8 and gives the mean likeness to the held-out pictures, or None: not measured.
    """

    base: Path
    base_name: str
    title: str
    trigger: str
    examples: tuple[TrainExample, ...]
    held_out: tuple[TrainExample, ...]
    run_dir: Path
    cache_dir: Path
    preview_prompts: tuple[str, ...] = ()
    earlier_run: Path | None = None
    score: Callable[[np.ndarray], float | None] | None = None
    on_preview: Callable[[PreviewPicture], None] | None = None


@dataclass(frozen=True, slots=True)
class TrainResult:
    """How a training ended; `checkpoint` is the last one, relative to `run_dir`."""

    steps: int
    loss: float
    checkpoint: str
    device: str
