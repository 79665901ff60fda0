"""The probe job: three real training steps on the persona's own pictures, so that times are measured, not guessed."""

import shutil
from dataclasses import replace

from studio.domain.events import Event, Phase, Preview, Progress
from studio.domain.specs import ProbeSpec
from studio.engines.train import train
from studio.jobs.desk import Desk
from studio.jobs.train import prepare, timed_whole, with_precision

STEPS = 4
"""The first one compiles kernels and is not counted."""


def run(spec: ProbeSpec, desk: Desk) -> None:
    """Measures; fills the caches of the training that will follow; leaves no run behind."""
    short = spec.train.model_copy(
        update={"steps": STEPS, "epochs": None, "checkpoint_every": 100_000, "resume_from": None}
    )
    inputs = prepare(short, desk)

    def quietly(event: Event) -> None:
        if not isinstance(event, Preview | Progress):
            desk.report(Phase(title="Timing three steps") if event.kind in ("scalar", "saved") else event)

    try:
        train(with_precision(short, desk), replace(inputs, on_preview=None), timed_whole(desk, quietly))
    finally:
        shutil.rmtree(inputs.run_dir, ignore_errors=True)
