"""`python -m studio bench`: how fast the studio is, as ratios measured side by side in one run."""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from studio.catalog import EMBEDDED, find_base

Step = Callable[[], object]


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
    from studio.bench_engines import picture_steps

    with tempfile.TemporaryDirectory() as folder:
        plain, ours, plain_adapter, ours_adapter = side_by_side(rounds, *picture_steps(base, Path(folder)))
    seconds = statistics.median(ours)
    return [
        Measured("picture: studio / plain diffusers", ratio(ours, plain), "×", 1.0, f"{seconds:.2f} s"),
        Measured("picture at the default settings", seconds, "s", 1.0),
        Measured(
            "picture of a persona: studio / plain diffusers", ratio(ours_adapter, plain_adapter), "×", 1.0
        ),
    ]


def bench_training(base: Path, rounds: int) -> list[Measured]:
    """A training step against a plain loop with the same caches, and against one without."""
    from studio.bench_engines import training_steps

    with tempfile.TemporaryDirectory() as folder:
        ours, plain, bare = side_by_side(rounds, *training_steps(base, Path(folder)))
    detail = f"{1000 * statistics.median(ours):.0f} ms"
    return [
        Measured("training step: studio / plain loop, same caches", ratio(ours, plain), "×", 1.0, detail),
        Measured("training step: studio / plain loop, no caches", ratio(ours, bare), "×", 0.6),
    ]


def bench_actions(rounds: int) -> list[Measured]:
    """What a person waits for on a dataset of 200 pictures."""
    from studio.bench_actions import dataset_steps

    with tempfile.TemporaryDirectory() as folder:
        named = dataset_steps(Path(folder))
        times = side_by_side(rounds, *named.values())
    return [
        Measured(f"200 pictures: {name}", statistics.median(found), "s", 0.2)
        for name, found in zip(named, times, strict=True)
    ]


def main(arguments: list[str]) -> int:
    """Prints the table; the exit code is 1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m studio bench", description=__doc__)
    parser.add_argument("--base", default=EMBEDDED, help="name or folder of a base (default: %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=9, help="turns of each measurement (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    options = parser.parse_args(arguments)
    base = find_base(options.base).folder
    found: list[Measured] = []
    for part in (bench_pictures, bench_training):
        found += show(part(base, options.rounds))
    found += show(bench_actions(options.rounds))
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
