"""What a person can do with training: see what it takes, start it, and let it go on longer."""

from dataclasses import dataclass

from studio.actions.triggers import text_room, token_spans
from studio.catalog import find_base
from studio.domain.errors import BadInput, Conflict
from studio.domain.presets import PRESETS, preset_spec, seconds
from studio.domain.prompts import in_full
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, ProbeSpec, TrainSpec
from studio.storage import datasets, gate, personas, queue, runs
from studio.storage.opened import Studio
from studio.storage.probes import newest_times
from studio.storage.runs import Checkpoint

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class PresetCard:
    """A preset as the page shows it; `seconds` None: not measured on this machine yet."""

    name: str
    title: str
    about: str
    spec: TrainSpec
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A training with its checkpoints, earliest first."""

    job: Job
    spec: TrainSpec
    checkpoints: tuple[Checkpoint, ...]


def preset_cards(studio: Studio, slug: str) -> list[PresetCard]:
    """Quick, Good and Best for this persona, with the times that were measured last on its base."""
    base = personas.load(studio.workspace, slug).base
    times = newest_times(studio.db, base)
    cards = []
    for preset in PRESETS:
        spec = preset_spec(preset, slug, find_base(base).resolution)
        took = seconds(spec, times) if times else None
        cards.append(PresetCard(preset.name, preset.title, preset.about, spec, took))
    return cards


def long_captions(studio: Studio, slug: str) -> tuple[str, str] | None:
    """What happens and what to do, when captions with the description in them are longer than the base reads."""
    persona = personas.load(studio.workspace, slug)
    base = find_base(persona.base)
    learned = [one for one in datasets.examples(studio.workspace, slug) if one.kept and not one.held_out and one.caption]
    said = sorted(in_full(one.caption, persona.trigger, persona.description) for one in learned)
    room = text_room(base)
    long = [(text, spans) for text, spans in zip(said, token_spans(base, said), strict=True) if len(spans) > room]
    if not long:
        return None
    text, spans = long[0]
    lost = text[spans[room][0] :].strip()[:80]
    together, shorten = (" together with the description", "the description, or ") if persona.description.strip() else ("", "")
    return (
        f"{len(long)} of {len(said)} captions are too long for this base{together}.",
        f"What does not fit is not learned, in one of them “{lost}”. Shorten {shorten}the captions.",
    )


def start_probe(studio: Studio, slug: str) -> int:
    """Submits three real steps of the Good preset; returns the job, or the one that is waiting already.

    Raises `Refused` and `BadInput` as a training would.
    """
    persona = personas.load(studio.workspace, slug)
    good = next(card.spec for card in preset_cards(studio, slug) if card.name == "good")
    gate.check_training(studio, good)
    for job in queue.jobs(studio.db, statuses=OPEN, kinds=["probe"], persona=slug, limit=1):
        return job.id
    spec = ProbeSpec(persona=slug, base=persona.base, train=good)
    return queue.submit(studio.db, spec, title=f"Measure times for {persona.name}", persona=slug, priority=1)


def start_training(studio: Studio, spec: TrainSpec) -> int:
    """Submits a training. Raises `Refused` by the policy, `BadInput` while the dataset is not ready or the
    resolution does not suit the base, `Conflict` while this persona is in training."""
    if spec.resume_from is None:
        words = personas.load(studio.workspace, spec.persona).description.strip(" .") if spec.say_description else ""
        spec = spec.model_copy(update={"description": words})
    persona, _ = gate.check_training(studio, spec)
    base = find_base(persona.base)
    if spec.resolution > 2 * base.resolution:
        raise BadInput(
            f"A resolution of {spec.resolution} is far beyond the {base.resolution} pixels this base draws.",
            f"Use at most {2 * base.resolution}.",
        )
    running = queue.jobs(studio.db, statuses=OPEN, kinds=["train"], persona=spec.persona, limit=1)
    if running:
        raise Conflict(
            f"{persona.name} is in training already: “{running[0].title}”.",
            "Wait until it has ended, or stop it.",
        )
    names: dict[str, str] = {preset.name: preset.title for preset in PRESETS}
    kind = "on" if spec.resume_from is not None else names.get(spec.preset, "own settings")
    return queue.submit(studio.db, spec, title=f"Train {persona.name}: {kind}", persona=spec.persona)


def continue_longer(studio: Studio, run_id: int, extra_steps: int) -> int:
    """Submits a training that goes on from the end of a finished one, with its settings, pictures and state.

    The learning-rate schedule starts again for the extra steps, with its warm-up (see `domain.learning_rate`).
    Raises `Conflict` when the run has not ended well, `BadInput` for fewer than one step.
    """
    if extra_steps < 1:
        raise BadInput(f"{extra_steps} more steps were asked for.", "Ask for at least one.")
    job = queue.get(studio.db, run_id)
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, TrainSpec) or job.status is not JobStatus.DONE:
        raise Conflict(
            f"“{job.title}” is not a finished training.", "Choose one that has ended, or press Go on."
        )
    steps = max(
        (checkpoint.step for checkpoint in runs.checkpoints(studio.workspace, run_id)), default=spec.steps
    )
    longer = spec.model_copy(
        update={"steps": steps + extra_steps, "epochs": None, "resume_from": run_id, "preset": "custom"}
    )
    return start_training(studio, longer)


def trainings(studio: Studio, slug: str, limit: int = 20) -> list[RunView]:
    """The persona's trainings, newest first."""
    found = []
    for job in queue.jobs(studio.db, kinds=["train"], persona=slug, limit=limit):
        spec = SPEC.validate_json(job.spec)
        if isinstance(spec, TrainSpec):
            found.append(RunView(job, spec, tuple(runs.checkpoints(studio.workspace, job.id))))
    return found
