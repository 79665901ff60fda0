"""Buckets keep a picture's shape; the order of pictures is a function of seed and index."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.buckets import (
    WIDEST,
    Bucket,
    batch_at,
    batches_per_epoch,
    bucket_sizes,
    cover,
    nearest_bucket,
)

SIDES = st.integers(1, 5000)


@given(resolution=st.integers(8, 2048), multiple=st.sampled_from([8, 16, 32, 64]))
def test_sizes_fit_the_area_and_the_multiple(resolution: int, multiple: int) -> None:
    sizes = bucket_sizes(resolution, multiple)
    side = max(multiple, resolution // multiple * multiple)
    assert sizes[0] == Bucket(side, side) and len(set(sizes)) == len(sizes)
    for width, height in sizes:
        assert width % multiple == height % multiple == 0
        assert width * height <= side * side and max(width, height) <= WIDEST * min(width, height)
        assert Bucket(height, width) in sizes


def test_the_embedded_sizes() -> None:
    assert set(bucket_sizes(128, 32)) == {(128, 128), (96, 160), (160, 96)}


@pytest.mark.parametrize(
    ("size", "bucket"),
    [((100, 100), (128, 128)), ((1000, 700), (160, 96)), ((700, 1000), (96, 160)), ((9000, 10), (160, 96))],
)
def test_the_nearest_shape(size: tuple[int, int], bucket: tuple[int, int]) -> None:
    assert nearest_bucket(*size, bucket_sizes(128, 32)) == bucket


@given(width=SIDES, height=SIDES, bucket=st.sampled_from(bucket_sizes(128, 32)))
def test_a_crop_lies_inside_and_touches_two_sides(width: int, height: int, bucket: Bucket) -> None:
    crop = cover(width, height, bucket)
    assert 0 <= crop.left <= crop.width - bucket.width and 0 <= crop.top <= crop.height - bucket.height
    assert crop.width == bucket.width or crop.height == bucket.height


@given(
    buckets=st.lists(st.sampled_from(bucket_sizes(128, 32)), min_size=1, max_size=20),
    batch_size=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
    epoch=st.integers(0, 3),
)
def test_every_picture_comes_in_every_epoch(
    buckets: list[Bucket], batch_size: int, seed: int, epoch: int
) -> None:
    count = batches_per_epoch(buckets, batch_size)
    batches = [batch_at(buckets, batch_size, seed, epoch * count + index) for index in range(count)]
    seen = Counter(member for batch in batches for member in batch.members)
    assert set(seen) == set(range(len(buckets)))
    assert all(len(batch.members) == batch_size for batch in batches)
    assert all(buckets[member] == batch.bucket for batch in batches for member in batch.members)
    assert batches == [batch_at(buckets, batch_size, seed, epoch * count + index) for index in range(count)]


def test_epochs_and_seeds_differ() -> None:
    buckets = [Bucket(128, 128)] * 12
    orders = {tuple(batch_at(buckets, 12, seed, epoch).members) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9
