"""The generate job: pictures appear one by one, each stored with its recipe, marks and likeness."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import BaseModel

from studio.catalog import Base, find_base
from studio.collect.adapter_file import read_adapter
from studio.domain.adapters import AdapterHeader
from studio.domain.claims import atoms
from studio.domain.errors import MissingWeights
from studio.domain.events import Note, Phase, Preview, Produced
from studio.domain.records import Persona, Picture, PromptCheck, Yardstick
from studio.domain.specs import GenerateSpec
from studio.domain.suites import check
from studio.domain.vocabulary import unknown_words
from studio.engines.features import Pictures
from studio.engines.generate import GenerationPipeline, MadePicture, generate
from studio.engines.likeness import likeness
from studio.files import write_atomic
from studio.jobs.desk import Desk
from studio.jobs.judges import Bench, open_bench, open_reporter, unseen_pictures
from studio.jobs.recipes import recipe_of, write_marked
from studio.jobs.warm import warm_pipeline
from studio.provenance.keys import Keys, ensure_keys
from studio.provenance.marks import mark_picture
from studio.storage import gate, pictures, rough

ROUGH_SECONDS = 0.4
"""Shortest time between two rough pictures."""
ROUGH_SIDE = 256
THUMB_SIDE = 384

@dataclass(frozen=True, slots=True)
class Measured:
    """One picture's likeness with the scale it was read on, or why it has none; and what of its prompt is in it."""

    likeness: float | None = None
    yardstick: Yardstick | None = None
    note: str = ""
    prompt_check: PromptCheck | None = None


Measure = Callable[[np.ndarray], Measured]


class Generated(BaseModel):
    """Ids of the pictures that were made."""

    pictures: tuple[str, ...]


def run(spec: GenerateSpec, desk: Desk) -> Generated:
    """Makes the pictures. Raises `Refused` by the policy, and what the engine raises.

    Its rough pictures outlive it (see `storage.rough`); those of earlier jobs go here, so that they do not pile up.
    """
    rough.sweep(desk.studio.workspace, desk.studio.db, before=time.time() - rough.KEPT_SECONDS)
    persona = gate.check_generation(desk.studio, spec)
    find_base(spec.base)
    path = desk.studio.workspace.absolute(spec.checkpoint) if spec.checkpoint is not None else None
    adapter = read_adapter(path) if path is not None else None
    desk.report(Phase(title="Loading the base"))
    pipeline = warm_pipeline(desk, spec.base)
    keys = ensure_keys(desk.studio.workspace.keys)
    keeper = Keeper(desk, spec, persona, pipeline, adapter, keys, measure_for(desk, persona, spec), made=[])
    generate(spec, pipeline, adapter, desk.report, on_picture=keeper.keep, on_rough=keeper.rough)
    return Generated(pictures=tuple(keeper.made))


@dataclass(slots=True)
class Keeper:
    """Stores what the engine hands over."""

    desk: Desk
    spec: GenerateSpec
    persona: Persona | None
    pipeline: GenerationPipeline
    adapter: AdapterHeader | None
    keys: Keys
    measure: Measure
    made: list[str]
    looked_at: float = 0.0
    looks: int = 0

    def keep(self, picture: MadePicture) -> None:
        """A finished picture: file first, then the row, then the news."""
        workspace, job = self.desk.studio.workspace, self.desk.job.id
        recipe = recipe_of(
            self.spec,
            picture.index,
            base_sha256=self.pipeline.parts.digest,
            adapter=self.adapter,
            device=str(self.pipeline.parts.device),
            precision=str(self.pipeline.parts.denoiser.dtype).removeprefix("torch."),
        )
        name = f"{job}-{picture.index}"
        path = workspace.images / f"{datetime.now(UTC):%Y-%m}" / f"{name}-{picture.seed}.png"
        payload = write_marked(path, picture.pixels, recipe, self.keys)
        digest = hashlib.sha256(payload).hexdigest()
        if max(picture.pixels.shape[:2]) > THUMB_SIDE:
            write_thumb(workspace.thumb(digest), picture.pixels)
        measured = self.measure(picture.pixels)
        pictures.add(
            self.desk.studio.db,
            Picture(
                id=name,
                path=workspace.relative(path),
                sha256=digest,
                created=time.time(),
                job=job,
                persona=self.persona.slug if self.persona is not None else None,
                prompt=self.spec.prompt,
                seed=picture.seed,
                width=self.spec.width,
                height=self.spec.height,
                likeness=measured.likeness,
                likeness_note=measured.note,
                yardstick=measured.yardstick,
                prompt_check=measured.prompt_check,
            ),
        )
        self.made.append(name)
        self.desk.report(Produced(image=name, index=picture.index))

    def rough(self, first: int, pixels: np.ndarray) -> None:
        """A rough look at the first picture of a batch, enlarged and marked, a few times a second at most."""
        now = time.monotonic()
        if now - self.looked_at < ROUGH_SECONDS:
            return
        scale = max(1, ROUGH_SIDE // max(pixels.shape[1:3]))
        size = (pixels.shape[2] * scale, pixels.shape[1] * scale)
        smooth = np.asarray(Image.fromarray(pixels[0]).resize(size, Image.Resampling.BICUBIC))
        recipe = recipe_of(
            self.spec,
            first,
            base_sha256=self.pipeline.parts.digest,
            adapter=self.adapter,
            device=str(self.pipeline.parts.device),
            precision="rough preview",
        )
        workspace = self.desk.studio.workspace
        path = workspace.rough / str(self.desk.job.id) / f"{self.looks:04d}.png"
        write_marked(path, smooth, recipe, self.keys, durable=False)
        self.desk.report(
            Preview(step=self.looks, path=workspace.relative(path), label=f"picture {first + 1}")
        )
        self.looks += 1
        self.looked_at = now


def measure_for(desk: Desk, persona: Persona | None, spec: GenerateSpec) -> Measure:
    """How likeness is measured for this persona and checkpoint, and on what scale; with a reason when it is not.

    The same judge tells what of the prompt it sees, also in pictures of nobody, or of somebody without a scale.
    """
    workspace, base = desk.studio.workspace, find_base(spec.base)
    unknown = unknown_to(base, spec.prompt, persona)
    # Likeness says more of what a persona looks like than what a judge takes her gender or her skin to be.
    hers = {"gender", *(atom.name for atom in atoms(persona.description))} if persona is not None else set()
    bench, reader = Bench(), None
    try:
        if persona is not None:
            bench = open_bench(workspace, persona, unseen_pictures(workspace, persona.slug, spec.checkpoint))
        if bench.reporter is not None:
            reader = bench.reporter.reader
        elif base.world_only:
            reader = open_reporter(workspace)
    except MissingWeights as error:
        desk.report(Note(text=error.sentence()))
        bench = Bench(note=error.message if persona is not None else "")

    def measure(pixels: np.ndarray) -> Measured:
        told = PromptCheck(unknown=unknown)
        if reader is None:
            return Measured(note=bench.note, prompt_check=told if unknown else None)
        seen = reader.read(Pictures.of([pixels]))
        if not seen.in_world[0]:
            return Measured(
                note=bench.note or ("" if persona is None else "Not of the world the judges know."),
                prompt_check=told if unknown else None,
            )
        asked = {name: values for name, values in reader.labels.items() if name not in hers}
        told = check(spec.prompt, asked, seen.of(0)).model_copy(update={"unknown": unknown})
        if bench.reporter is None:
            return Measured(note=bench.note, prompt_check=told)
        [found] = likeness(bench.reporter.persona, seen)
        return Measured(found, bench.scale, prompt_check=told)

    return measure


def unknown_to(base: Base, prompt: str, persona: Persona | None) -> tuple[str, ...]:
    """Words of the prompt that neither the base knows, where it says what it knows, nor the persona brought along."""
    if base.words is None:
        return ()
    also = [persona.trigger, persona.description] if persona is not None else []
    return tuple(one.word for one in unknown_words(prompt, base.words, also=also))


def write_thumb(path: Path, pixels: np.ndarray) -> None:
    """A small WebP for grids, which says like the picture that it is AI's."""
    small = Image.fromarray(pixels)
    small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    write_atomic(path, mark_picture(small, "WEBP", None, None, quality=85), durable=False)
