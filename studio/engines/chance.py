"""Random numbers that are a function of a seed and a place, so that resuming needs no hidden state."""

import hashlib

import torch


def generator(seed: int, *place: str | int) -> torch.Generator:
    """A fresh CPU generator for one random choice, such as `generator(spec.seed, "noise", step)`.

    Always on the CPU: the numbers are then the same on every device.
    """
    text = ":".join(str(part) for part in (seed, *place))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
    return torch.Generator("cpu").manual_seed(number)
