"""Aspect-ratio buckets, and the order in which a run sees its pictures: pure functions of seed and step."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

WIDEST = 2.0
"""Longest side over shortest side of a bucket; wider pictures are cropped to it."""


class Bucket(NamedTuple):
    """Width and height in pixels that pictures of a batch share."""

    width: int
    height: int


class Crop(NamedTuple):
    """Scale the picture to `width` × `height`, then take the bucket's size from (`left`, `top`)."""

    width: int
    height: int
    left: int
    top: int


class Batch(NamedTuple):
    """One micro-batch: positions of its pictures in the list of examples, all of one bucket."""

    bucket: Bucket
    members: tuple[int, ...]


def bucket_sizes(resolution: int, multiple: int) -> tuple[Bucket, ...]:
    """All sizes with sides divisible by `multiple` and at most `resolution`² pixels, the square first.

    For every width the tallest height that still fits is taken, and the same lying down, as in the aspect-ratio bucketing of NovelAI
    (2022). `resolution` is rounded down to the multiple, but never below it.
    """
    side = max(multiple, resolution // multiple * multiple)
    found = {Bucket(side, side)}
    width = multiple
    while width <= side * WIDEST:
        height = side * side // width // multiple * multiple
        if height >= multiple and max(width, height) <= WIDEST * min(width, height):
            found |= {Bucket(width, height), Bucket(height, width)}
        width += multiple
    return tuple(sorted(found, key=lambda size: (abs(math.log(size.width / size.height)), size)))


def nearest_bucket(width: int, height: int, buckets: Sequence[Bucket]) -> Bucket:
    """The bucket whose shape is nearest to the picture's, measured as the logarithm of the ratio."""
    shape = math.log(width / height)
    return min(buckets, key=lambda size: (abs(math.log(size.width / size.height) - shape), size))


def cover(width: int, height: int, bucket: Bucket) -> Crop:
    """How to scale a picture so that it just covers the bucket, and where to cut it: in the middle."""
    scale = max(bucket.width / width, bucket.height / height)
    scaled = max(bucket.width, round(width * scale)), max(bucket.height, round(height * scale))
    return Crop(*scaled, (scaled[0] - bucket.width) // 2, (scaled[1] - bucket.height) // 2)


def batches_per_epoch(buckets: Sequence[Bucket], batch_size: int) -> int:
    """How many micro-batches show every picture at least once; `buckets` holds one entry per picture."""
    return sum(math.ceil(buckets.count(bucket) / batch_size) for bucket in set(buckets))


def batch_at(buckets: Sequence[Bucket], batch_size: int, seed: int, index: int) -> Batch:
    """The micro-batch number `index` (from 0, over all epochs) of a run with this seed.

    A function of its arguments alone, so a resumed run needs to remember nothing but `index`. Within an epoch
    every picture comes once; a bucket's last batch is filled up with pictures from the front of its own order,
    because a batch of another size would cost a new compilation of every kernel.
    """
    epoch, position = divmod(index, batches_per_epoch(buckets, batch_size))
    return _epoch(tuple(buckets), batch_size, seed, epoch)[position]


def _epoch(buckets: tuple[Bucket, ...], batch_size: int, seed: int, epoch: int) -> list[Batch]:
    """All micro-batches of an epoch, in order."""
    chance = random.Random(f"order:{seed}:{epoch}")
    found: list[Batch] = []
    for bucket in sorted(set(buckets)):
        members = [index for index, size in enumerate(buckets) if size == bucket]
        chance.shuffle(members)
        for start in range(0, len(members), batch_size):
            batch = [members[(start + offset) % len(members)] for offset in range(batch_size)]
            found.append(Batch(bucket, tuple(batch)))
    chance.shuffle(found)
    return found
