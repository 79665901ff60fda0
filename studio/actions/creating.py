"""What a person can do with pictures: make them, keep them, bin them, and get their settings back."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from pydantic import ValidationError

from studio.actions.triggers import text_room, token_spans
from studio.catalog import Base, find_base
from studio.domain.errors import BadInput, MissingWeights, NotFound
from studio.domain.prompts import cut_sentence, in_full, in_short, mentions
from studio.domain.records import JobStatus, Persona
from studio.domain.schedulers import scheduler_choices, scheduler_row
from studio.domain.specs import LONGEST_PROMPT, SPEC, GenerateSpec, VerifySpec
from studio.domain.vocabulary import Unknown, unknown_words
from studio.storage import gate, personas, pictures, queue, runs
from studio.storage.opened import Studio

LARGE = 2.5
"""Times the base's own area from which pictures usually fall apart."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What to know before making pictures: unknown words, all remarks as sentences, which of them says that nobody is
    called (or empty), and the prompt where it was completed."""

    unknown: tuple[Unknown, ...]
    sentences: tuple[str, ...]
    uncalled: str
    completed: str


def prepare(studio: Studio, spec: GenerateSpec) -> Preparation:
    """Remarks on a prompt: words the base does not know, what is cut, a missing trigger, a size too large.

    Raises `NotFound`, `MissingWeights` or `Unsupported` when the base cannot be read, `BadInput` as `as_taught` does.
    """
    base = find_base(spec.base)
    persona = personas.load(studio.workspace, spec.persona) if spec.persona is not None else None
    asked, spec = spec.prompt, as_taught(studio, spec, persona)
    unknown: tuple[Unknown, ...] = ()
    if base.words is not None:
        unknown = unknown_words(spec.prompt, base.words, also=[persona.trigger] if persona is not None else [])
    uncalled = _trigger(spec, persona)
    remarks = [
        unknown_sentence(unknown),
        _cut(base, spec.prompt, "prompt"),
        _cut(base, spec.negative_prompt, "negative prompt"),
        uncalled,
        _size(spec, base),
    ]
    said = tuple(remark for remark in remarks if remark)
    return Preparation(unknown, said, uncalled, spec.prompt if spec.prompt != asked else "")


def unknown_sentence(unknown: tuple[Unknown, ...]) -> str:
    """“This small base does not know: violin.”, with nearer words where there are any."""
    if not unknown:
        return ""
    words = ", ".join(found.word for found in unknown)
    nearer = ", ".join(f"“{found.instead}” for “{found.word}”" for found in unknown if found.instead)
    return f"This small base does not know: {words}." + (f" Try {nearer}." if nearer else "")


def generate(studio: Studio, spec: GenerateSpec) -> int:
    """Submits the pictures; returns the job. Raises `Refused` by the policy, `BadInput`, `NotFound`, `Unsupported`."""
    persona = gate.check_generation(studio, spec)
    asked, spec = spec.prompt, as_taught(studio, spec, persona)
    gate.check_generation(studio, spec)
    if not spec.prompt.strip():
        raise BadInput("The prompt is empty.", "Describe the picture in a few words.")
    base = find_base(spec.base)
    scheduler_row(spec.scheduler, scheduler_settings(base))
    who = f" of {persona.name}" if persona is not None else ""
    title = f"{spec.count} picture{'' if spec.count == 1 else 's'}{who}: {shorten(asked, 60, placeholder=' …')}"
    return queue.submit(studio.db, spec, title=title, persona=persona.slug if persona is not None else None)


def as_taught(studio: Studio, spec: GenerateSpec, persona: Persona | None) -> GenerateSpec:
    """The same with her description beside her trigger, where the checkpoint learned them together.

    Raises `BadInput` when that makes the prompt too long.
    """
    said = runs.said_with(studio.workspace, spec.checkpoint, spec.adapter_scale)
    if persona is None or not said:
        return spec
    prompt = in_full(spec.prompt, persona.trigger, said)
    if len(prompt) > LONGEST_PROMPT:
        raise BadInput(
            f"With the description the prompt has {len(prompt)} characters; at most {LONGEST_PROMPT} are possible.",
            "Shorten it.",
        )
    return spec.model_copy(update={"prompt": prompt})


def as_typed(studio: Studio, spec: GenerateSpec, persona: Persona | None) -> GenerateSpec:
    """The same as it was before `as_taught`; making it again gives the same pictures."""
    said = runs.said_with(studio.workspace, spec.checkpoint, spec.adapter_scale)
    if persona is None or not said:
        return spec
    return spec.model_copy(update={"prompt": in_short(spec.prompt, persona.trigger, said)})


def schedulers(base: str) -> list[tuple[str, str]]:
    """(name, title) of the noise schedulers a base can use, its own first."""
    return list(scheduler_choices(scheduler_settings(find_base(base))))


def scheduler_settings(base: Base) -> dict[str, Any]:
    """The text of the base's scheduler config. Raises `MissingWeights`."""
    path = base.folder / "scheduler" / "scheduler_config.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MissingWeights(
            f"The base in {base.folder} has no readable scheduler config.", "Copy or download it again."
        ) from error
    return found


# ---------------------------------------------------------------- the library


def favourite(studio: Studio, *picture_ids: str, value: bool = True) -> None:
    """Raises `NotFound` and then changes nothing, as the next two."""
    pictures.set_favourite(studio.db, picture_ids, value)


def delete(studio: Studio, *picture_ids: str) -> None:
    """Into the bin, from which `undo_delete` brings them back for `pictures.BIN_DAYS`."""
    pictures.delete(studio.db, picture_ids)


def undo_delete(studio: Studio, *picture_ids: str) -> None:
    pictures.undelete(studio.db, picture_ids)


def empty_bin(studio: Studio, persona: str | None) -> int:
    """Removes what lies in the bin of one persona, or in the whole bin, for good; returns how many pictures.

    Raises `DiskTrouble`.
    """
    return pictures.purge(studio.db, studio.workspace, before=time.time(), persona=persona)


# ---------------------------------------------------------------- settings back


def recipe(studio: Studio, picture_id: str) -> GenerateSpec:
    """The settings of one picture in the library, with its own seed. Raises `NotFound`."""
    picture = pictures.get(studio.db, picture_id)
    job = queue.get(studio.db, picture.job) if picture.job is not None else None
    spec = SPEC.validate_json(job.spec) if job is not None else None
    if not isinstance(spec, GenerateSpec):
        raise NotFound(
            "The settings of this picture are not in the queue any more.", "Drop its file here instead."
        )
    persona = next((one for one in personas.personas(studio.workspace) if one.slug == spec.persona), None)
    return as_typed(studio, spec, persona).model_copy(update={"seed": picture.seed, "count": 1})


def verify(studio: Studio, upload: Path) -> int:
    """Submits the reading of one uploaded file; returns the job, whose result `restore` takes."""
    spec = VerifySpec(source=studio.workspace.relative(upload))
    return queue.submit(studio.db, spec, title="Read a dropped file", priority=2)


def restore(studio: Studio, verify_job: int) -> GenerateSpec:
    """The settings a dropped picture carried, with its own seed. Raises `BadInput` when it carried none.

    They are the picture's: its persona, base and checkpoint need not be here.
    """
    job = queue.get(studio.db, verify_job)
    if job.kind != "verify" or job.status is not JobStatus.DONE:
        raise BadInput("The dropped file has not been read.", "Drop it again.")
    found = json.loads(job.result or "{}").get("recipe")
    if not found:
        raise BadInput(
            "This file carries no recipe of this studio.", "Drop a picture as the studio saved it."
        )
    try:
        return GenerateSpec(
            persona=found.get("persona"),
            base=found["base"]["name"],
            checkpoint=_checkpoint_of(studio, found.get("adapter")),
            adapter_scale=found["adapter"]["adapter_scale"] if found.get("adapter") else 1.0,
            prompt=found["prompt"],
            negative_prompt=found["negative_prompt"],
            width=found["width"],
            height=found["height"],
            count=1,
            seed=found["seed"],
            num_inference_steps=found["num_inference_steps"],
            guidance_scale=found["guidance_scale"],
            scheduler=found["scheduler"],
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise BadInput(
            "The recipe in this file cannot be used here.", "It may come from a newer studio."
        ) from error


def _checkpoint_of(studio: Studio, adapter: Mapping[str, Any] | None) -> str | None:
    """The checkpoint with the recipe's fingerprint, wherever it lies in this workspace.

    One that is not here goes by its fingerprint: under its path another one may lie.
    """
    if not adapter:
        return None
    named = runs.OF_RUN.match(str(adapter["name"]))
    trainings = [int(named[1])] if named else []
    trainings += [job.id for job in queue.jobs(studio.db, kinds=["train"], limit=1000)]
    for run in dict.fromkeys(trainings):
        for checkpoint in runs.checkpoints(studio.workspace, run):
            if checkpoint.sha256 == adapter.get("sha256"):
                return checkpoint.path
    return f"sha256-{adapter.get('sha256')}"


# ---------------------------------------------------------------- remarks


def _cut(base: Base, text: str, what: str) -> str:
    """What a long text loses; empty when all of it fits."""
    if not text:
        return ""
    [spans] = token_spans(base, [text])
    sentence = cut_sentence(text, spans, text_room(base)) or ""
    return sentence.replace("The prompt", f"The {what}", 1)


def _trigger(spec: GenerateSpec, persona: Persona | None) -> str:
    if persona is None or spec.checkpoint is None or mentions(spec.prompt, persona.trigger):
        return ""
    return f"The prompt does not contain “{persona.trigger}”, the word that calls {persona.name}."


def _size(spec: GenerateSpec, base: Base) -> str:
    if spec.width * spec.height <= LARGE * base.resolution**2:
        return ""
    return (
        f"This base learned to draw {base.resolution}×{base.resolution}; at {spec.width}×{spec.height} it may repeat "
        "things."
    )
