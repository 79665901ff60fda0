"""Random numbers that are a function of a seed and a place, so that resuming needs no hidden state."""

import hashlib

import torch


def generator(seed: int, *place: str | int, device: torch.device | str = "cpu") -> torch.Generator:
    """A fresh generator for one random choice, such as `generator(spec.seed, "noise", step)`.

    On the CPU, unless there is so much to draw that it must not be copied: there the numbers are the same on every
    device.
    """
    text = ":".join(str(part) for part in (seed, *place))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
    return torch.Generator(device).manual_seed(number)
