"""Killed with SIGKILL at any point, also inside a checkpoint: the resumed adapter is bit-identical."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import pytest

from studio.domain.events import Event, Phase, Progress
from studio.engines.checkpoint import newest_state
from tests.engines.training_kit import final, inputs, spec

TAKES_LONG = 300.0
TRIES = 5


def child(base: Path, folder: Path, run: str, progress: "Synchronized[int]", dies_at_write: int) -> None:
    """One training in a process of its own. `dies_at_write`: SIGKILL in the middle of that file operation."""
    import torch

    from studio import files
    from studio.engines.train import train

    torch.set_num_threads(1)  # the network is tiny; a second thread would only wait for a core that others use
    operations = 0

    def deadly() -> None:
        nonlocal operations
        operations += 1
        if operations == dies_at_write:
            os.kill(os.getpid(), signal.SIGKILL)

    fsync, replace = os.fsync, Path.replace

    def dying_fsync(handle: int) -> None:
        deadly()  # the temporary file is written but not flushed
        fsync(handle)

    def dying_replace(self: Path, target: Path) -> Path:
        deadly()  # flushed, but not in its place
        result = replace(self, target)
        deadly()  # in its place, but what belongs to it is not written yet
        return result

    def report(event: Event) -> None:
        if isinstance(event, Progress):
            progress.value = event.step
        elif isinstance(event, Phase) and event.title == "Starting" and dies_at_write:
            files.os.fsync = dying_fsync  # type: ignore[assignment]
            Path.replace = dying_replace  # type: ignore[method-assign, assignment]

    train(spec(), inputs(base, folder, run), report)


class Trainings:
    """Starts trainings from a server that has imported everything but computed nothing."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.base, self.folder = base, folder
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["studio.engines.train", "studio.engines.families.sd"])

    def kill(self, run: str, point: tuple[int, float]) -> None:
        """Kills the training at that point, or a little earlier if it was quicker and had learnt all it should.

        A machine that looks away for a moment may let so small a training end before the signal is sent; such a run
        says nothing, so it is undone and does not count.
        """
        folder, before = self.folder / run, self.folder / f"{run}-before"
        step, delay = point
        folder.mkdir(exist_ok=True)
        shutil.copytree(folder, before)
        for attempt in range(TRIES):
            exitcode = self.run(run, (max(0, step - 2 * attempt), delay / 2**attempt))
            state = newest_state(folder)
            if exitcode == -signal.SIGKILL and (state is None or state.step < spec().steps):
                shutil.rmtree(before)
                return
            shutil.rmtree(folder)
            shutil.copytree(before, folder)
        raise AssertionError(f"the training ended {TRIES} times before it could be killed at {point}")

    def run(
        self, run: str, kill_after: tuple[int, float] | None = None, dies_at_write: int = 0
    ) -> int | None:
        """Exit code; `kill_after`: (step, seconds after it) at which SIGKILL is sent."""
        progress = self.context.Value("i", -1)
        process = self.context.Process(
            target=child, args=(self.base, self.folder, run, progress, dies_at_write), daemon=True
        )
        process.start()
        if kill_after is not None:
            step, delay = kill_after
            deadline = time.monotonic() + TAKES_LONG
            while progress.value < step and process.is_alive() and time.monotonic() < deadline:
                time.sleep(0.0005)
            time.sleep(delay)
            process.kill()
        process.join(TAKES_LONG)
        return process.exitcode


@pytest.fixture(scope="module")
def trainings(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Trainings:
    made = Trainings(tiny_base, tmp_path_factory.mktemp("resume"))
    assert made.run("straight") == 0
    return made


def check(trainings: Trainings, run: str) -> None:
    assert trainings.run(run) == 0
    assert final(trainings.folder / run) == final(trainings.folder / "straight")
    state = newest_state(trainings.folder / run)
    assert state is not None and state.step == spec().steps
    # Or the hard part was not there: half gathered batches, shapes in turn, captions left out, an average, others.
    settings = state.settings
    assert settings["accumulation"] > 1 and settings["buckets"] and 0 < settings["caption_dropout"] < 1
    assert 0 < settings["ema"] < 1 and state.average and settings["flip"] and settings["prior"]["count"] > 0
    left = [path for path in (trainings.folder / run / "state").iterdir() if path.suffix == ".safetensors"]
    assert len(left) == 2  # older states are gone


def points(seed: int, count: int) -> list[tuple[int, float]]:
    chance = random.Random(seed)
    return [(chance.randrange(0, 12), chance.random() * 0.05) for _ in range(count)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL, and the kill is what is tested")
def test_killed_at_random_points(trainings: Trainings) -> None:
    """Three kills of one run, then it ends."""
    for point in points(int(time.time()), 3):
        print("killed at", point)
        trainings.kill("random", point)
    check(trainings, "random")


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL, and the kill is what is tested")
@pytest.mark.parametrize("operation", [1, 3, 5])
def test_killed_while_a_checkpoint_is_written(trainings: Trainings, operation: int) -> None:
    """Operations of the first checkpoint: 1 adapter half written, 3 adapter placed and no state, 5 state unplaced."""
    run = f"write-{operation}"
    assert trainings.run(run, dies_at_write=operation) == -signal.SIGKILL
    check(trainings, run)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL, and the kill is what is tested")
@pytest.mark.parametrize("number", range(20))
def test_killed_at_twenty_points(trainings: Trainings, number: int) -> None:
    """Even numbers: at a random moment; odd ones: inside a random checkpoint, at a random operation."""
    run = f"twenty-{number}"
    if number % 2:
        # Eight operations a checkpoint (four fsyncs, two renames seen from both sides), four checkpoints.
        operation = random.Random(number).randrange(1, 33)
        assert trainings.run(run, dies_at_write=operation) == -signal.SIGKILL
    else:
        [point] = points(number, 1)
        trainings.kill(run, point)
    check(trainings, run)
