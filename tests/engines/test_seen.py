"""What a training sees: captions or none, pictures as they are or mirrored, every shape in its own batches, in turn."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from studio.engines.families.sd import StableDiffusion
from studio.engines.family import Parts
from studio.engines.train import train
from studio.engines.training_inputs import TrainExample
from tests.engines.gradients import apart, bare, gradients
from tests.engines.training_kit import ignore, inputs

STEPS = 12
RED, BLUE, GREEN, GOLD = (255, 0, 0), (0, 0, 255), (0, 160, 0), (255, 200, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For runs of their own number and one cache."""
    return tmp_path_factory.mktemp("seen")


def stored(folder: Path, name: str, pixels: np.ndarray, caption: str) -> TrainExample:
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return TrainExample(path, caption, hashlib.sha256(path.read_bytes()).hexdigest())


def edged(width: int, height: int) -> np.ndarray:
    """Every edge in a colour of its own: red left, blue right, green above, gold below."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    pixels[:8, 8:-8], pixels[-8:, 8:-8] = GREEN, GOLD
    pixels[:, :8], pixels[:, -8:] = RED, BLUE
    return pixels


def same(one: Tensor, other: Tensor) -> bool:
    return apart(one, other) < 1e-3


def test_a_share_of_steps_sees_no_caption(tiny_base: Path, folder: Path) -> None:
    def seen(caption: str, share: float) -> list[Tensor]:
        one = stored(folder, "captioned", edged(32, 32), caption)
        return gradients(tiny_base, folder, [one], steps=STEPS, caption_dropout=share)

    with_words, without = seen("zyx in a red hat", 0.0), seen("", 0.0)
    assert not any(same(one, other) for one, other in zip(with_words, without, strict=True))
    assert all(same(one, other) for one, other in zip(seen("zyx in a red hat", 1.0), without, strict=True))
    half = seen("zyx in a red hat", 0.5)
    empty = [same(one, other) for one, other in zip(half, without, strict=True)]
    told = [same(one, other) for one, other in zip(half, with_words, strict=True)]
    assert all(one != other for one, other in zip(empty, told, strict=True))
    assert STEPS // 4 <= sum(empty) <= STEPS - STEPS // 4


def test_pictures_are_seen_mirrored_too_where_it_is_asked(tiny_base: Path, folder: Path) -> None:
    pixels = edged(32, 32)
    plain = stored(folder, "plain", pixels, "zyx")
    mirrored = stored(folder, "mirrored", pixels[:, ::-1].copy(), "zyx")

    def seen(one: TrainExample, flip: bool) -> list[Tensor]:
        return gradients(tiny_base, folder, [one], steps=STEPS, flip=flip)

    as_it_is, turned, either = seen(plain, False), seen(mirrored, False), seen(plain, True)
    assert not any(same(one, other) for one, other in zip(as_it_is, turned, strict=True))
    kept = [same(one, other) for one, other in zip(either, as_it_is, strict=True)]
    flipped = [same(one, other) for one, other in zip(either, turned, strict=True)]
    assert all(one != other for one, other in zip(kept, flipped, strict=True))
    assert STEPS // 4 <= sum(flipped) <= STEPS - STEPS // 4


SHAPES = {(64, 64): 4, (80, 48): 4, (48, 80): 2}
"""Width and height to how many; at 32 pixels they are 32×32, 40×24 and 24×40, with latents of a quarter."""
PER_EPOCH = 5
"""Batches of two."""


class Watched:
    """What the autoencoder and the denoiser are shown."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.encoded: list[Tensor] = []
        self.batches: list[tuple[tuple[int, int], Tensor]] = []
        encode, predict = StableDiffusion.encode_pictures, StableDiffusion.predict

        def watched_encode(family: StableDiffusion, parts: Parts, pixels: Tensor) -> Tensor:
            self.encoded.extend(pixels)
            return encode(family, parts, pixels)

        def watched_predict(family: StableDiffusion, parts: Parts, noisy: Tensor, timesteps: Tensor, text: Tensor) -> Tensor:
            self.batches.append(((noisy.shape[3] * 4, noisy.shape[2] * 4), text.detach()))
            return predict(family, parts, noisy, timesteps, text)

        monkeypatch.setattr(StableDiffusion, "encode_pictures", watched_encode)
        monkeypatch.setattr(StableDiffusion, "predict", watched_predict)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def members(base: Path, examples: Sequence[TrainExample], batches: Sequence[tuple[Any, Tensor]]) -> list[list[int]]:
    """Which pictures stood in each batch, by their captions."""
    family = StableDiffusion()
    parts = family.load(base, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        said = family.encode_text(parts, family.tokens(parts, [one.caption for one in examples]))
    return [torch.cdist(text.flatten(1), said.flatten(1)).argmin(1).tolist() for _, text in batches]


def test_every_picture_comes_in_its_shape_once_an_epoch_in_an_order_of_its_own(
    watched: Watched, tiny_base: Path, folder: Path
) -> None:
    sizes = [size for size, count in SHAPES.items() for _ in range(count)]
    examples = [stored(folder, f"shape-{number}", edged(*size), f"zyx {number}") for number, size in enumerate(sizes)]
    orders = []
    for seed in (1, 2):
        watched.batches.clear()
        wanted = bare(steps=PER_EPOCH, batch_size=2, accumulation=2, checkpoint_every=100, seed=seed)
        given = inputs(tiny_base, folder, f"order-{seed}", held_out=(), examples=tuple(examples))
        train(wanted, given, ignore)
        seen = members(tiny_base, examples, watched.batches)
        assert len(seen) == 2 * PER_EPOCH
        for (size, _), batch in zip(watched.batches, seen, strict=True):
            for number in batch:
                with Image.open(examples[number].path) as own:
                    assert size == (own.width // 2, own.height // 2)
        for epoch in (seen[:PER_EPOCH], seen[PER_EPOCH:]):
            assert Counter(number for batch in epoch for number in batch) == Counter(range(len(examples)))
            orders.append(tuple(map(tuple, epoch)))
    assert len(set(orders)) == 4, "every epoch and every seed in another order"


@pytest.mark.parametrize("buckets", [True, False])
def test_nothing_is_cut_off_a_picture_whose_shape_has_a_bucket(
    buckets: bool, watched: Watched, tiny_base: Path, tmp_path: Path
) -> None:
    examples = [stored(tmp_path, f"{size}", edged(*size), "zyx") for size in SHAPES]
    given = inputs(tiny_base, tmp_path, held_out=(), examples=tuple(examples))
    train(bare(buckets=buckets), given, ignore)
    assert len(watched.encoded) == len(examples)
    for one, pixels in zip(examples, watched.encoded, strict=True):
        with Image.open(one.path) as picture:
            width, height = picture.size
        shown = ((pixels + 1) * 127.5).round().permute(1, 2, 0).numpy()
        middle = shown.shape[0] // 2, shown.shape[1] // 2
        sides = [np.allclose(shown[middle[0], edge], colour, atol=8) for edge, colour in ((0, RED), (-1, BLUE))]
        ends = [np.allclose(shown[edge, middle[1]], colour, atol=8) for edge, colour in ((0, GREEN), (-1, GOLD))]
        if buckets:
            assert shown.shape == (height // 2, width // 2, 3) and all(sides) and all(ends)
        else:  # everything square, from the middle
            assert shown.shape == (32, 32, 3)
            assert all(sides) == (width <= height) and all(ends) == (height <= width)
