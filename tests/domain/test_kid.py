"""The kernel distance agrees with a slow direct formula, is about zero within one world and grows between two."""

import numpy as np
import pytest

from studio.domain.kid import kid, squared_mmd


def slowly(x: np.ndarray, y: np.ndarray) -> float:
    """The definition, pair by pair."""

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return (sum(float(p) * float(q) for p, q in zip(a, b, strict=True)) / len(a) + 1) ** 3

    within = [
        sum(kernel(one[i], one[j]) for i in range(len(one)) for j in range(len(one)) if i != j)
        / (len(one) * (len(one) - 1))
        for one in (x, y)
    ]
    across = sum(kernel(a, b) for a in x for b in y) / (len(x) * len(y))
    return within[0] + within[1] - 2 * across


def test_agrees_with_the_definition():
    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(9, 5)).astype(np.float32), chance.normal(0.4, 1.3, size=(7, 5)).astype(np.float32)
    assert squared_mmd(x, y) == pytest.approx(slowly(x, y), rel=1e-9)


def test_is_unbiased_within_one_world_and_its_interval_holds_zero():
    chance = np.random.default_rng(1)
    found = [kid(*chance.normal(size=(2, 80, 16)).astype(np.float32)) for _ in range(200)]
    means = np.array([one.mean for one in found])
    assert abs(means.mean()) < 3 * means.std() / np.sqrt(200)
    assert min(means) < 0, "an unbiased distance is below zero half of the time"
    assert np.mean([one.low <= 0 <= one.high for one in found]) >= 0.9


def test_grows_with_the_distance_between_worlds():
    chance = np.random.default_rng(2)
    one = chance.normal(size=(300, 16)).astype(np.float32)
    near, far = (one + np.float32(shift) for shift in (0.2, 0.8))
    assert kid(one, near).mean < kid(one, far).mean
    assert kid(one, far).low > 0


def test_uses_each_picture_once_and_says_how():
    chance = np.random.default_rng(3)
    found = kid(*chance.normal(size=(2, 105, 4)))
    assert found.n == 100
    assert found.note == "10 disjoint subsets of 10"


def test_refuses_too_few_pictures():
    found = kid(np.zeros((10, 4)), np.zeros((200, 4)))
    assert found.mean is None
    assert "at least 24" in found.note
