"""The kernel distance between two sets of pictures (KID): unbiased, so that equal worlds give about zero at any size.

Bińkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs" (ICLR 2018, arXiv 1801.01401): the squared maximum
mean discrepancy of pooled features under the kernel (x·y / d + 1)³, without the diagonal terms that would bias it.
"""

import numpy as np
from numpy.typing import NDArray

from studio.domain.statistics import FEWEST_PROMPTS, Array, Estimate, cluster_interval

SUBSETS = 10
FEWEST = 8
"""Pictures in a subset below which its distance is mostly noise."""

Features = NDArray[np.float32] | Array


def squared_mmd(first: Features, second: Features) -> float:
    """Unbiased MMD² of features (N, d) and (M, d), N and M at least 2; may be below zero."""
    x, y = first.astype(np.float64), second.astype(np.float64)
    within, across = [], _kernel(x, y)
    for one in (x, y):
        gram = _kernel(one, one)
        within.append((gram.sum() - np.trace(gram)) / (len(one) * (len(one) - 1)))
    return float(within[0] + within[1] - 2 * across.mean())


def kid(first: Features, second: Features, seed: int = 0) -> Estimate:
    """Mean MMD² over disjoint random subsets of both sets, with a Student t interval over the subsets.

    Subsets share no picture, so they are independent and the interval is one; the spread over overlapping subsets,
    as usually printed, is not. `n` is the number of pictures of the smaller set that were used.
    """
    count = min(len(first), len(second))
    subsets = min(SUBSETS, count // FEWEST)
    if subsets < FEWEST_PROMPTS:
        note = f"too few pictures: {count}, at least {FEWEST * FEWEST_PROMPTS} of each kind are needed"
        return Estimate(mean=None, low=None, high=None, n=count, note=note)
    size = count // subsets
    chance = np.random.default_rng(seed)
    x, y = (chance.permutation(len(one))[: subsets * size].reshape(subsets, size) for one in (first, second))
    distances = np.array([squared_mmd(first[rows], second[others]) for rows, others in zip(x, y, strict=True)])
    low, high = cluster_interval(distances)
    note = f"{subsets} disjoint subsets of {size}"
    return Estimate(mean=float(distances.mean()), low=float(low), high=float(high), n=subsets * size, note=note)


def _kernel(x: Array, y: Array) -> Array:
    gram: Array = (x @ y.T / x.shape[1] + 1) ** 3
    return gram
