"""Scores a comparison's pictures with every metric of the catalogue."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio.catalog import Entry
from studio.domain.comparisons import Shot
from studio.domain.statistics import Estimate, mean, rate
from studio.engines.features import FeatureCache, Pictures
from studio.engines.likeness import gains_towards
from studio.engines.metrics import copies
from studio.engines.metrics.evidence import Column, Evidence, Metric
from studio.jobs.judges import Bench, OwnPictures, load_files
from studio.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scorer:
    """The metrics (`rows` of the catalogue) with everything they may compare a picture with."""

    rows: Mapping[str, Entry]
    own: OwnPictures
    bench: Bench
    cache: FeatureCache
    workspace: Workspace

    def scored(self, shots: Sequence[Shot], prompts: Sequence[str]) -> list[Shot]:
        """The shots of one arm with their scores, and the training picture each resembles most.

        `prompts` still hold {who}. Pictures on fresh seeds are scored apart from the others.
        """
        found: list[Shot] = []
        for _, group in groupby(shots, key=lambda shot: shot.fresh):
            found.extend(self._scored(list(group), prompts))
        return found

    def held_out_copies(self) -> Estimate:
        """How many of her held-out pictures count as copies of training pictures: the yardstick for the others."""
        held_out = self.own.held_out
        if not len(held_out):
            return rate(0, 0)
        column = copies.measure(self._evidence(held_out, ("",) * len(held_out), ((0, 0),) * len(held_out)))
        known = [value for value in column if value is not None]
        return rate(int(sum(known)), len(known))

    def gain_towards_others(self, shots: Sequence[Shot], before: Sequence[Shot]) -> Estimate | None:
        """How much closer `shots` come to other people than the same cells of `before`; None: not measured.

        The interval is over people: a persona shares hair or skin with some and not with others.
        """
        judged, others = self.bench.reporter, self.bench.others
        cells = {(shot.prompt, shot.seed): shot for shot in before}
        pairs = [(shot, cells[shot.prompt, shot.seed]) for shot in shots if (shot.prompt, shot.seed) in cells]
        if judged is None or others is None or not pairs:
            return None
        now, then = (
            judged.reader.read(load_files(self.workspace.absolute(shot.path) for shot in side))
            for side in zip(*pairs, strict=True)
        )
        gains = gains_towards(others, now, then)
        return mean({(person, 0): gain for person, gain in enumerate(gains)})

    def _scored(self, shots: Sequence[Shot], prompts: Sequence[str]) -> list[Shot]:
        pictures = load_files(self.workspace.absolute(shot.path) for shot in shots)
        evidence = self._evidence(
            pictures,
            tuple(prompts[shot.prompt] for shot in shots),
            tuple((shot.prompt, shot.seed) for shot in shots),
        )
        columns = {name: self._column(row, evidence) for name, row in self.rows.items()}
        near = self._nearest(pictures)
        return [
            shot.model_copy(
                update={"scores": {name: column[i] for name, column in columns.items()}, "nearest": near[i]}
            )
            for i, shot in enumerate(shots)
        ]

    def _column(self, row: Entry, evidence: Evidence) -> Column:
        measure: Metric = row.load()
        return checked(row.name, measure(evidence), len(evidence.pictures))

    def _nearest(self, pictures: Pictures) -> list[str | None]:
        if not len(self.own.training):
            return [None] * len(pictures)
        found = copies.nearest(pictures, self.own.training, self.cache)
        return [self.own.examples[index].id for index in found.index]

    def _evidence(
        self, pictures: Pictures, prompts: tuple[str, ...], cells: tuple[tuple[int, int], ...]
    ) -> Evidence:
        return Evidence(
            pictures=pictures,
            prompts=prompts,
            cells=cells,
            training=self.own.training,
            held_out=self.own.held_out,
            reporter=self.bench.reporter,
            chooser=self.bench.chooser,
            cache=self.cache,
        )


def checked(name: str, column: Column, pictures: int) -> Column:
    """The scores a metric gave for so many pictures. Raises `ValueError` for another number, or one that is none."""
    if len(column) != pictures:
        raise ValueError(f"metric {name} gave {len(column)} scores for {pictures} pictures")
    if not all(score is None or math.isfinite(score) for score in column):
        raise ValueError(f"metric {name} gave a score that is no number; None says that nothing was measured")
    return column
