"""What a metric is given: the pictures of one arm, and everything they may be compared with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from studio.domain.statistics import Cell
from studio.engines.features import FeatureCache, Pictures, Reader
from studio.engines.likeness import Template

Column: TypeAlias = list[float | None]  # noqa: UP040 - `type` needs Python 3.12
"""One score per picture of the evidence; None where it cannot be measured."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge that may be asked, with its template of the persona."""

    reader: Reader
    persona: Template


@dataclass(frozen=True, slots=True)
class Evidence:
    """`pictures`, `prompts` and `cells` go together, one per picture; `prompts` still hold {who}.

    `reporter` and `chooser` are two judges that were trained on different people: one for what is shown, one for
    choosing checkpoints. Both are None for a base whose pictures no judge knows.
    """

    pictures: Pictures
    prompts: tuple[str, ...]
    cells: tuple[Cell, ...]
    training: Pictures
    held_out: Pictures
    reporter: Judged | None
    chooser: Judged | None
    cache: FeatureCache


Metric: TypeAlias = Callable[[Evidence], Column]  # noqa: UP040 - `type` needs Python 3.12
