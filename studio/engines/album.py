"""Pictures that are made once: every finished batch is kept, so that a long evaluation may be interrupted."""

import functools
import hashlib
import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.domain.adapters import AdapterHeader
from studio.domain.events import Phase, Progress, Report
from studio.domain.specs import GenerateSpec
from studio.engines.generate import GenerationPipeline, Request, batch_size, make
from studio.files import write_atomic

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Album:
    """A folder of batches as `.npy`, each named after everything its pictures depend on; may be deleted at any time."""

    folder: Path
    pipeline: GenerationPipeline
    settings: GenerateSpec
    drawn: list[tuple[int, float]] = field(default_factory=list)
    """The batches that were not there and had to be drawn: pictures and seconds of each."""

    @property
    def seconds_per_picture(self) -> float | None:
        """How long drawing took; None as long as every picture was there already."""
        pictures = sum(count for count, _ in self.drawn)
        return sum(seconds for _, seconds in self.drawn) / pictures if pictures else None

    def pictures(
        self, requests: Sequence[Request], report: Report, *, adapter: AdapterHeader | None = None, title: str
    ) -> Pixels:
        """One picture (N, H, W, 3) per request, in order. Raises what `studio.engines.generate.make` raises."""
        report(Phase(title=title))
        together = batch_size(self.settings, self.pipeline.parts)
        found = []
        for start in range(0, len(requests), together):
            some = list(requests[start : start + together])
            found.append(self.kept(self._name(some, adapter), functools.partial(self._make, some, adapter)))
            report(Progress(step=min(start + together, len(requests)), total=len(requests), note="pictures"))
        return np.concatenate(found)

    def kept(self, name: str, compute: Callable[[], Pixels]) -> Pixels:
        """The pictures called `name`, computed if they are not there or damaged."""
        path = self.folder / f"{name}.npy"
        try:
            return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
        except (OSError, ValueError, EOFError):
            pixels = compute()
        buffer = io.BytesIO()
        np.save(buffer, pixels, allow_pickle=False)
        write_atomic(path, buffer.getvalue(), durable=False)
        return pixels

    def _make(self, requests: list[Request], adapter: AdapterHeader | None) -> Pixels:
        began = time.monotonic()
        made = np.stack(make(self.settings, requests, self.pipeline, adapter, lambda _: None))
        self.drawn.append((len(made), time.monotonic() - began))
        return made

    def _name(self, requests: list[Request], adapter: AdapterHeader | None) -> str:
        plan = [
            self.pipeline.parts.digest,
            str(self.pipeline.parts.device),
            self.settings.model_dump(exclude={"prompt", "seed", "count"}, mode="json"),
            None if adapter is None else adapter.sha256,
            [[request.prompt, request.seed] for request in requests],
        ]
        return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:20]
