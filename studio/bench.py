"""`python -m studio bench`: how fast the studio is, as ratios measured side by side in one run."""

import argparse
import hashlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from studio.actions import datasets as acting
from studio.actions import personas as people
from studio.bench_loop import LoopTimes, PageCost, end_workers, example_loop, page_cost
from studio.catalog import EMBEDDED, find_base
from studio.collect.adapter_file import read_adapter
from studio.domain.captions import BulkEdit
from studio.domain.records import Charter, Checks, Example, Rights
from studio.storage import datasets
from studio.storage.opened import open_studio

if TYPE_CHECKING:
    from studio.engines.family import Targets

Step = Callable[[], object]

PICTURES = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table. `limit` None: told for information; `value` must not be above it otherwise."""

    name: str
    value: float
    unit: str
    limit: float | None
    detail: str = ""

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value <= self.limit

    def line(self) -> str:
        bound = "" if self.limit is None else f"  ≤ {self.limit:g}  {'ok' if self.kept else 'TOO SLOW'}"
        return f"{self.name:<52} {self.value:8.3f} {self.unit:<8}{bound}  {self.detail}".rstrip()


def side_by_side(rounds: int, *steps: Step) -> list[list[float]]:
    """Seconds of each step, taken in turn so that a busy machine is unfair to all alike; the first turn only warms."""
    times: list[list[float]] = [[] for _ in steps]
    for turn in range(rounds + 1):
        for place, step in enumerate(steps):
            start = time.perf_counter()
            step()
            if turn:
                times[place].append(time.perf_counter() - start)
    return times


def ratio(ours: list[float], other: list[float]) -> float:
    """Median over the turns of ours / other: each turn is its own comparison."""
    return statistics.median(one / two for one, two in zip(ours, other, strict=True))


def bench_pictures(base: Path, rounds: int) -> list[Measured]:
    """A picture by the warm studio against plain diffusers calling the same pipeline."""
    from studio.engines.bench import picture_steps

    with tempfile.TemporaryDirectory() as folder:
        plain, ours, plain_adapter, ours_adapter = side_by_side(
            rounds, *picture_steps(base, Path(folder), read_adapter)
        )
    seconds = statistics.median(ours)
    return [
        Measured("picture: studio / plain diffusers", ratio(ours, plain), "×", 1.0, f"{seconds:.2f} s"),
        Measured("picture at the default settings", seconds, "s", 1.0),
        Measured(
            "picture of a persona: studio / plain diffusers", ratio(ours_adapter, plain_adapter), "×", 1.0
        ),
    ]


def bench_training(base: Path, rounds: int) -> list[Measured]:
    """A training step against a plain loop with the same caches, and against one without.

    First of the denoiser alone, whose captions are encoded once; then as the presets have it, with the text encoder.
    """
    from studio.engines.bench import training_steps

    found = []
    learners: dict[str, Targets] = {"": "attention+conv", " and text": "attention+conv+text"}
    for learner, targets in learners.items():
        with tempfile.TemporaryDirectory() as folder:
            ours, plain, bare = side_by_side(rounds, *training_steps(base, Path(folder), targets))
        detail = f"{1000 * statistics.median(ours):.0f} ms"
        name = f"training step{learner}: studio / plain loop"
        found.append(Measured(f"{name}, same caches", ratio(ours, plain), "×", 1.0, detail))
        found.append(Measured(f"{name}, no caches", ratio(ours, bare), "×", 0.6))
    return found


def bench_actions(rounds: int) -> list[Measured]:
    """What a person waits for on a dataset of 200 pictures."""
    with tempfile.TemporaryDirectory() as folder:
        named = dataset_steps(Path(folder))
        times = side_by_side(rounds, *named.values())
    return [
        Measured(f"200 pictures: {name}", statistics.median(found), "s", 0.2)
        for name, found in zip(named, times, strict=True)
    ]


def dataset_steps(folder: Path) -> dict[str, Callable[[], object]]:
    """Named actions on a dataset of `PICTURES` pictures in a new workspace at `folder`."""
    studio = open_studio(folder)
    trigger = people.suggest_trigger("Bench")
    persona = people.create_persona(
        studio, name="Bench", trigger=trigger, charter=Charter(confirmed_adult=True)
    )
    slug = persona.slug
    for number in range(PICTURES):
        target = io.BytesIO()
        pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(target, "PNG")
        digest = hashlib.sha256(target.getvalue()).hexdigest()
        example = Example(
            id=digest[:16],
            sha256=digest,
            caption=f"{trigger} in a forest, picture {number}",
            rights=Rights.OWN,
            source_name=f"{number}.png",
            imported=datetime.now(UTC),
            checks=Checks(width=16, height=16, sharpness=100.0, brightness=0.5, phash=()),
        )
        datasets.add(studio.workspace, slug, example, target.getvalue())
    first = datasets.examples(studio.workspace, slug)[0].id
    turn = iter(range(10_000))

    def caption() -> object:
        version = datasets.version(studio.workspace, slug)
        return acting.set_caption(studio, slug, first, f"{trigger} by the sea {next(turn)}", version)

    def preview() -> object:
        return acting.preview_bulk(studio, slug, BulkEdit(action="append", text="at sunset"))

    return {
        "show the dataset": lambda: acting.page(studio, slug),
        "change a caption": caption,
        "preview a bulk edit": preview,
        "keep or reject": lambda: acting.set_kept(studio, slug, [first], next(turn) % 2 == 0),
    }


def bench_loop() -> Iterator[list[Measured]]:
    """What the example persona costs from her pictures to her verdict, and what the page costs once she is there."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        workspace = Path(folder) / "workspace"
        try:
            yield loop_rows(example_loop(workspace))
        finally:
            end_workers(workspace)
        yield page_rows(page_cost(workspace))


def loop_rows(found: LoopTimes) -> list[Measured]:
    """Against a minute and a half, and three."""
    return [
        Measured("example persona trained", found.training, "s", 90.0),
        Measured("her verdict", found.verdict, "s", 180.0),
    ]


def page_rows(found: PageCost) -> list[Measured]:
    """Against two seconds, and 200 MB."""
    return [
        Measured("page usable", found.usable, "s", 2.0),
        Measured("web process after every tab", found.megabytes, "MB", 200.0),
    ]


def main(arguments: list[str]) -> int:
    """Prints the table; the exit code is 1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m studio bench", description=__doc__)
    parser.add_argument("--base", default=EMBEDDED, help="name or folder of a base (default: %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=9, help="turns of each measurement (default: %(default)s)"
    )
    parser.add_argument(
        "--loop",
        action="store_true",
        help="also the example persona's whole training, her verdict, and the page: some 6 minutes more on two cores",
    )
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    options = parser.parse_args(arguments)
    base = find_base(options.base).folder
    found: list[Measured] = []
    for part in (bench_pictures, bench_training):
        found += show(part(base, options.rounds))
    found += show(bench_actions(options.rounds))
    if options.loop:
        for part_of_it in bench_loop():
            found += show(part_of_it)
    if options.json:
        rows = [asdict(row) | {"kept": row.kept} for row in found]
        options.json.write_text(json.dumps(rows, indent=2), "utf-8")
    return 0 if all(row.kept for row in found) else 1


def show(rows: list[Measured]) -> list[Measured]:
    """Prints rows as soon as they are known."""
    for row in rows:
        print(row.line(), flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
