"""A judge of known behaviour for tests: it reads a person's number from the picture's colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from studio.engines.features import Reader
from studio.engines.judge import Seen


@dataclass
class StandInJudge:
    """Answers as told, or embeds mean colours: pictures of nearly one colour are of one person."""

    attributes_offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: Sequence[bool] | None = None

    def __init__(self, attributes=None, answers=None, in_world=None):
        self.attributes_offered = attributes or {}
        self.answers = answers or {}
        self.known = in_world

    def see(self, pixels):
        return Seen(self.embed(pixels), self.in_world(pixels), self.attributes(pixels))

    def embed(self, pixels):
        colours = pixels.reshape(len(pixels), -1, 3).mean(axis=1) / 255 - 0.5
        return (colours / np.maximum(np.linalg.norm(colours, axis=1, keepdims=True), 1e-6)).astype(np.float32)

    def attributes(self, pixels):
        return {
            name: list(labels[: len(pixels)]) for name, labels in self.answers.items()
        }

    def in_world(self, pixels):
        known = [True] * len(pixels) if self.known is None else self.known[: len(pixels)]
        return np.array(known, dtype=bool)


def open_stand_in(judge, cache):
    return Reader(judge, "stand-in", cache, dict(judge.attributes_offered))
