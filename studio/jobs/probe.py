"""The probe job: three real training steps on the persona's own pictures, so that times are measured, not guessed."""

import shutil
from dataclasses import replace

from pydantic import BaseModel

from studio.domain.events import Event, Phase, Preview, Progress
from studio.domain.specs import ProbeSpec
from studio.engines.train import train
from studio.jobs.desk import Desk
from studio.jobs.train import prepare, with_precision

STEPS = 4
"""The first one compiles kernels and is not counted."""


class Probed(BaseModel):
    """Seconds on this machine: to load, of a step, of a look; with what they were measured."""

    load: float
    step: float
    look: float
    device: str
    base: str
    batch_size: int
    targets: str


def run(spec: ProbeSpec, desk: Desk) -> Probed:
    """Measures; fills the caches of the training that will follow; leaves no run behind."""
    short = spec.train.model_copy(
        update={"steps": STEPS, "epochs": None, "checkpoint_every": 100_000, "resume_from": None}
    )
    inputs = prepare(short, desk)

    def quietly(event: Event) -> None:
        if not isinstance(event, Preview | Progress):
            desk.report(Phase(title="Timing three steps") if event.kind in ("scalar", "saved") else event)

    try:
        result = train(with_precision(short, desk), replace(inputs, on_preview=None), quietly)
    finally:
        shutil.rmtree(inputs.run_dir, ignore_errors=True)
    return Probed(
        load=result.timing.load,
        step=result.timing.step,
        look=result.timing.look,
        device=result.device,
        base=spec.base,
        batch_size=short.batch_size,
        targets=short.targets,
    )
