"""The train job: asks the policy and the dataset once more, then teaches the persona, watched."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from studio.catalog import Base, find_base
from studio.domain.errors import BadInput, MissingWeights
from studio.domain.events import Event, Note, Preview, Report, Saved, Timed
from studio.domain.presets import costs_as_a_preset
from studio.domain.prompts import in_full, preview_prompts
from studio.domain.records import Example, Persona
from studio.domain.specs import GenerateSpec, TrainSpec
from studio.domain.suites import person
from studio.engines.cache import base_digest
from studio.engines.checkpoint import checkpoint_path
from studio.engines.device import use_device
from studio.engines.train import train
from studio.engines.training_inputs import PreviewPicture, TrainExample, TrainInputs
from studio.engines.watch import preview_sampling
from studio.files import write_atomic
from studio.jobs.desk import Desk
from studio.jobs.judges import Bench, load_files, open_bench, score_by
from studio.jobs.recipes import recipe_of, write_marked
from studio.provenance.keys import ensure_keys
from studio.provenance.recipe import AdapterUsed
from studio.storage import datasets, gate
from studio.storage.workspace import Workspace


class Trained(BaseModel):
    """How a training ended; `checkpoint` is the last one, relative to the workspace."""

    steps: int
    loss: float
    checkpoint: str


def run(spec: TrainSpec, desk: Desk) -> Trained:
    """Trains, or goes on where an earlier attempt at the same job was.

    The pictures and captions are those of the first attempt (or of the run that is continued); every one of them
    must still be kept and have a rights basis. Raises `Refused`, `BadInput`, and what the engine raises.
    """
    inputs = prepare(spec, desk)
    run_dir = inputs.run_dir
    report = within(desk.studio.workspace, run_dir, desk.report)
    result = train(with_precision(spec, desk), inputs, timed_whole(desk, report if costs_as_a_preset(spec) else untimed(report)))
    return Trained(
        steps=result.steps,
        loss=result.loss,
        checkpoint=desk.studio.workspace.relative(run_dir / result.checkpoint),
    )


def with_precision(spec: TrainSpec, desk: Desk) -> TrainSpec:
    """A number format chosen in the settings stands behind a spec's "auto"."""
    chosen = desk.studio.settings.precision
    return spec.model_copy(update={"precision": chosen}) if spec.precision == "auto" else spec


def prepare(spec: TrainSpec, desk: Desk) -> TrainInputs:
    """Everything the engine needs, after the policy and the dataset were asked."""
    studio, workspace = desk.studio, desk.studio.workspace
    persona, _ = gate.check_training(studio, spec)
    use_device(studio.settings.device, studio.settings.threads)
    base = find_base(persona.base)
    run_dir = workspace.run_dir(desk.job.id)
    write_atomic(run_dir / "spec.json", spec.model_dump_json(indent=2).encode())
    earlier = workspace.run_dir(spec.resume_from) if spec.resume_from is not None else None
    taken = chosen_pictures(workspace, persona, run_dir, earlier)
    learnt = tuple(as_input(workspace, persona, example) for example in taken if not example.held_out)
    held_out = tuple(as_input(workspace, persona, example) for example in taken if example.held_out)
    who = person(persona.trigger, [row.caption for row in learnt])
    prompts = tuple(
        in_full(prompt, persona.trigger, spec.description) for prompt in spec.preview_prompts or preview_prompts(who)
    )
    inputs = TrainInputs(
        base=base.folder,
        base_name=persona.base,
        title=persona.slug,
        trigger=persona.trigger,
        examples=learnt,
        held_out=held_out,
        run_dir=run_dir,
        cache_dir=workspace.cache,
        preview_prompts=prompts,
        earlier_run=earlier,
        score=score_for(desk, persona, held_out),
    )
    return replace(inputs, on_preview=preview_keeper(desk, spec, persona, base, run_dir))


def chosen_pictures(
    workspace: Workspace, persona: Persona, run_dir: Path, earlier: Path | None
) -> list[Example]:
    """The kept pictures as they were when the run began, noted in `dataset.json`, so that a resumed run learns the
    same; raises `BadInput` when one of them may no longer be used."""
    note = run_dir / "dataset.json"
    source = note if note.is_file() else earlier / "dataset.json" if earlier is not None else None
    if source is None or not source.is_file():
        datasets.hold_out(workspace, persona.slug)
        chosen = [example for example in datasets.examples(workspace, persona.slug) if example.kept]
    else:
        chosen = [Example.model_validate(row) for row in json.loads(source.read_text("utf-8"))]
        now = {example.id: example for example in datasets.examples(workspace, persona.slug)}
        gone = [example for example in chosen if example.id not in now or not now[example.id].kept]
        if gone:
            names = ", ".join(example.source_name or example.id for example in gone[:4])
            raise BadInput(
                f"This training began with pictures that are no longer kept: {names}.",
                "Keep them again, or start a new training.",
            )
    rows = [example.model_dump(mode="json") for example in chosen]
    write_atomic(note, json.dumps(rows, indent=1, ensure_ascii=False).encode())
    return chosen


def as_input(workspace: Workspace, persona: Persona, example: Example) -> TrainExample:
    """An example as the engine reads it."""
    return TrainExample(
        datasets.picture_path(workspace, persona.slug, example.id), example.caption, example.sha256
    )


def within(workspace: Workspace, run_dir: Path, report: Report) -> Report:
    """Checkpoint paths of the engine are relative to the run; outside they are relative to the workspace."""

    def told(event: Event) -> None:
        if isinstance(event, Saved):
            event = event.model_copy(update={"path": workspace.relative(run_dir / event.path)})
        report(event)

    return told


def timed_whole(desk: Desk, report: Report) -> Report:
    """Adds to the seconds of loading those that have passed since the job began: libraries and judges take most of them."""
    before = time.time() - (desk.job.started or time.time())

    def told(event: Event) -> None:
        report(event.model_copy(update={"load": event.load + before}) if isinstance(event, Timed) else event)

    return told


def untimed(report: Report) -> Report:
    """For settings whose seconds say nothing of the presets."""
    return lambda event: None if isinstance(event, Timed) else report(event)


def score_for(
    desk: Desk, persona: Persona, held_out: tuple[TrainExample, ...]
) -> Callable[[np.ndarray], float | None] | None:
    """Mean likeness of preview pictures to those this run holds out, by the judge that may choose; None: not measured."""
    try:
        bench = open_bench(desk.studio.workspace, persona, load_files(example.path for example in held_out))
    except MissingWeights as error:
        bench = Bench(note=error.message)
    if bench.chooser is None:
        desk.report(Note(text=bench.note))
        return None
    score = score_by(bench.chooser)

    def mean(pixels: np.ndarray) -> float | None:
        found = [value for value in score(list(pixels)) if value is not None]
        return sum(found) / len(found) if found else None

    return mean


def preview_keeper(
    desk: Desk, spec: TrainSpec, persona: Persona, base: Base, run_dir: Path
) -> Callable[[PreviewPicture], None]:
    """Stores previews marked, under `previews/` of the run.

    Their recipe names the adapter as it was at that step; it has no fingerprint, since that step may never be saved.
    """
    keys = ensure_keys(desk.studio.workspace.keys)
    digest = base_digest(base.folder)
    steps, guidance = preview_sampling(base)

    def keep(picture: PreviewPicture) -> None:
        height, width = picture.pixels.shape[:2]
        shown = GenerateSpec(
            persona=persona.slug,
            base=persona.base,
            prompt=picture.prompt,
            width=width,
            height=height,
            count=1,
            seed=picture.seed,
            num_inference_steps=steps,
            guidance_scale=guidance,
        )
        made = recipe_of(shown, 0, base_sha256=digest, adapter=None, device="", precision="")
        name = desk.studio.workspace.relative(checkpoint_path(run_dir, picture.step))
        recipe = made.model_copy(update={"adapter": AdapterUsed(name=name)})
        path = run_dir / "previews" / f"step-{picture.step:06d}-{picture.index}.png"
        write_marked(path, picture.pixels, recipe, keys, durable=False)
        relative = desk.studio.workspace.relative(path)
        desk.report(Preview(step=picture.step, path=relative, label=picture.prompt))

    return keep
