"""A tiny training on real files: pictures of two shapes, all of accumulation, buckets, dropout, averaging, prior."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.domain.events import Event
from studio.domain.specs import PriorSpec, TrainSpec
from studio.engines.training_inputs import TrainExample, TrainInputs

TRIGGER = "zyx"


def picture(folder: Path, number: int, size: tuple[int, int]) -> TrainExample:
    """A PNG of a disc on a plain ground, coloured by `number`."""
    chance = np.random.default_rng(number)
    ground, disc = chance.integers(0, 255, (2, 3))
    rows, columns = np.mgrid[: size[1], : size[0]]
    inside = (rows - size[1] / 2) ** 2 + (columns - size[0] / 2) ** 2 < (min(size) / 3) ** 2
    pixels = np.where(inside[..., None], disc, ground).astype(np.uint8)
    path = folder / f"{number}.png"
    Image.fromarray(pixels).save(path)
    return TrainExample(path, f"{TRIGGER} woman {number}", hashlib.sha256(path.read_bytes()).hexdigest())


def inputs(base: Path, folder: Path, run: str = "run", **changes: Any) -> TrainInputs:
    """Five square and two wide pictures to train on, two held out."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    train = [picture(pictures, number, (40, 40)) for number in range(5)]
    train += [picture(pictures, number, (64, 36)) for number in (5, 6)]
    held_out = [picture(pictures, 7, (40, 40)), picture(pictures, 8, (64, 36))]
    given: dict[str, Any] = {
        "base": base,
        "base_name": base.name,
        "title": "Zyx",
        "trigger": TRIGGER,
        "examples": tuple(train),
        "held_out": tuple(held_out),
        "run_dir": folder / run,
        "cache_dir": folder / "cache",
    }
    return TrainInputs(**(given | changes))


def spec(**changes: Any) -> TrainSpec:
    """Twelve steps with everything random switched on, in fp32."""
    given: dict[str, Any] = {
        "persona": "zyx",
        "rank": 4,
        "steps": 12,
        "batch_size": 2,
        "accumulation": 2,
        "resolution": 32,
        "caption_dropout": 0.3,
        "flip": True,
        "prior": PriorSpec(count=3, weight=0.5),
        "ema": 0.9,
        "checkpoint_every": 3,
        "warmup_steps": 2,
        "seed": 7,
        "precision": "fp32",
    }
    return TrainSpec(**(given | changes))


def final(run_dir: Path, step: int = 12) -> bytes:
    """The bytes of a checkpoint."""
    return (run_dir / "checkpoints" / f"step-{step:06d}.safetensors").read_bytes()


def ignore(_event: Event) -> None:
    """A report nobody reads."""
