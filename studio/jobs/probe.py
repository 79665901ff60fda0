"""The probe job: three real training steps on the persona's own pictures, so that times are measured, not guessed."""

import shutil
from collections.abc import Callable
from dataclasses import replace

from studio.domain.events import STEPPING, Event, Phase, Preview, Progress, Report, Saved, Scalar
from studio.domain.specs import ProbeSpec
from studio.engines.material import PRIOR_TOGETHER
from studio.engines.train import train
from studio.engines.training_inputs import TrainInputs
from studio.jobs.desk import Desk
from studio.jobs.train import prepare, timed_whole, with_precision

STEPS = 4
"""The first one compiles kernels and is not counted."""
PARTS = {"Reading": 1, "Drawing other people": 8, "Drawing previews": 25}
"""What a phase whose title begins so takes, a picture that is read being 1; the rest takes next to nothing."""
STEP = 3


def run(spec: ProbeSpec, desk: Desk) -> None:
    """Measures; fills the caches of the training that will follow; leaves no run behind."""
    short = spec.train.model_copy(
        update={"steps": STEPS, "epochs": None, "checkpoint_every": 100_000, "resume_from": None}
    )
    inputs = prepare(short, desk)
    told = timed_whole(desk, as_one(desk.report, whole(inputs, short.prior.count)))
    try:
        train(with_precision(short, desk), replace(inputs, on_preview=None), told)
    finally:
        shutil.rmtree(inputs.run_dir, ignore_errors=True)


def whole(inputs: TrainInputs, others: int) -> int:
    """All that a probe does, in the measure of `PARTS`."""
    pictures = len(inputs.examples) + len(inputs.held_out)
    batches = -(-others // PRIOR_TOGETHER)
    return pictures * PARTS["Reading"] + batches * PARTS["Drawing other people"] + 2 * PARTS["Drawing previews"] + STEPS * STEP


def as_one(report: Report, total: int) -> Callable[[Event], None]:
    """Tells the phases of a short training as one way of so many parts, so that there is a time left for all of it."""
    done, now, note = 0, 0, ""

    def told(event: Event) -> None:
        nonlocal done, now, note
        if isinstance(event, Phase):
            if not note:
                report(Phase(title="Timing a training"))
            done, now = done + now, next((cost for words, cost in PARTS.items() if event.title.startswith(words)), 0)
            note = "Timing three steps" if event.title == STEPPING else event.title
        elif isinstance(event, Progress):
            done += STEP
        elif not isinstance(event, Preview | Scalar | Saved):
            report(event)
        if isinstance(event, Phase | Progress):
            report(Progress(step=min(done, total), total=total, note=note))

    return told
