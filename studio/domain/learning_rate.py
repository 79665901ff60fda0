"""Learning rate over the steps of a run, and what happens to it when a run is continued."""

import math
from collections.abc import Sequence
from typing import Literal


def learning_rate_factor(
    schedule: Literal["constant", "linear", "cosine"], step: int, ends: Sequence[int], warmup: int
) -> float:
    """Factor of the learning rate for the step that leads from `step` to `step` + 1.

    `ends` are the steps at which the run, and each continuation of it, was meant to end: (300,) for a plain run,
    (300, 400) when it was continued by 100. Each stretch goes through the schedule once, with its own warm-up: a
    warm restart (Loshchilov and Hutter, 2017). Warm-up takes at most a tenth of a stretch, unless that is one step.
    """
    start = max((end for end in ends if end <= step), default=0)
    end = min((end for end in ends if end > step), default=step + 1)
    length, position = end - start, step - start
    warm = min(warmup, max(1, length // 10))
    if position < warm:
        return (position + 1) / (warm + 1)
    share = (position - warm) / max(1, length - warm)
    if schedule == "linear":
        return 1 - share
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * share))
    return 1.0
