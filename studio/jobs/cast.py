"""A cast: many invented people, each taught by the same preset, so that a claim about it holds for the next one."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from studio.catalog import find_base
from studio.collect.adapter_file import read_adapter
from studio.domain.adapters import AdapterHeader
from studio.domain.cast_report import DESCRIBED, CastReport, Count, Member, Part, table
from studio.domain.errors import BadInput
from studio.domain.events import Phase, Report
from studio.domain.prompts import in_full
from studio.domain.specs import GenerateSpec, TrainSpec
from studio.domain.suites import EMBEDDED, FRESH_SEEDS, claims, filled
from studio.domain.vocabulary import PLACES
from studio.engines.album import Album
from studio.engines.features import FeatureCache, Pictures, Reader, open_reader
from studio.engines.generate import GenerationPipeline, Request, load_pipeline
from studio.engines.likeness import Template, likeness, template, yardstick
from studio.engines.metrics import copies
from studio.engines.train import train
from studio.engines.training_inputs import TrainExample, TrainInputs
from studio.files import sha256_of, write_atomic
from studio.jobs.judges import STRANGERS, load_files, load_folder
from studio.world.captions import caption, description
from studio.world.identity import sample_identity
from studio.world.render import render
from studio.world.scene import sample_scene
from studio.world.trace import find_tracer

SEEN = ("beach", "forest", "studio", "café", "table")
"""Places of the pictures that are trained on: those of the example persona."""
TRAINED, HELD_OUT = 18, 6
TRIGGER = "zia"
"""One for all, the example persona's: every person has an adapter of their own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is taught and how; everything is kept below `out`."""

    out: Path
    base: Path
    judge: Path
    people: int
    first_identity: int
    spec: TrainSpec
    adapter_scale: float
    prompts: Sequence[str] = EMBEDDED
    seeds: Sequence[int] = FRESH_SEEDS[:1]


def run_cast(plan: Plan, report: Report) -> CastReport:
    """Teaches one person after the other and measures each; writes `report.json` and `report.txt` to `plan.out`.

    A person whose numbers are there already is not taught again. Raises `BadInput` for a folder that holds another plan's
    people, and what training, drawing and reading raise.
    """
    _check_same(plan)
    pipeline = load_pipeline(plan.base)
    reader = open_reader(plan.judge, FeatureCache(plan.out / "features"))
    members = []
    for number in range(plan.people):
        identity = plan.first_identity + number
        kept = plan.out / f"{identity}.json"
        if not kept.is_file():
            report(Phase(title=f"Person {number + 1} of {plan.people}, identity {identity}"))
            member = _taught(plan, identity, pipeline, reader, report)
            write_atomic(kept, member.model_dump_json(indent=1).encode())
        members.append(Member.model_validate_json(kept.read_bytes()))
    found = CastReport(
        base=pipeline.name, judge=plan.judge.name, preset=plan.spec.preset, adapter_scale=plan.adapter_scale,
        members=tuple(members),
    )  # fmt: skip
    write_atomic(plan.out / "report.json", (found.model_dump_json(indent=1) + "\n").encode())
    write_atomic(plan.out / "report.txt", (table(found) + "\n").encode())
    return found


def _check_same(plan: Plan) -> None:
    """People of two plans in one report would be told as one."""
    told = [plan.base, plan.judge, plan.adapter_scale, plan.spec.model_dump(mode="json"), plan.prompts, plan.seeds]
    text = json.dumps(told, default=str, indent=1, sort_keys=True)
    path = plan.out / "plan.json"
    if path.is_file() and path.read_text("utf-8") != text:
        raise BadInput(f"{plan.out} holds people who were taught by another plan.", "Name another folder.")
    write_atomic(path, text.encode())


@dataclass(frozen=True, slots=True)
class Sitter:
    """One person: "woman" or "man", her looks in words, and her pictures with captions, those held out last."""

    gender: str
    description: str
    pictures: tuple[tuple[Path, str], ...]


def sitter(identity: int, folder: Path, side: int) -> Sitter:
    """The person with this seed, sitting for `TRAINED` and `HELD_OUT` pictures of `side` pixels in `folder`."""
    me, tracer = sample_identity(identity), find_tracer(folder.parent.parent / ".compiled")
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(TRAINED + HELD_OUT):
        place, seed = SEEN[number % len(SEEN)], 600_000 + 100 * (identity % 1000) + number
        scene = sample_scene(seed, place)
        while scene.sunglasses or not scene.person:  # who is hidden or absent teaches nothing
            seed += 50_000
            scene = sample_scene(seed, place)
        path = folder / f"{number:02d}.png"
        if not path.is_file():
            partial = folder / f".{path.name}"
            Image.fromarray(render(me, scene, side, tracer)).save(partial, format="PNG")
            partial.replace(path)
        found.append((path, caption(me, scene, seed, f"{TRIGGER} {me.gender}")))
    return Sitter(me.gender, description(me), tuple(found))


def _taught(plan: Plan, identity: int, pipeline: GenerationPipeline, reader: Reader, report: Report) -> Member:
    folder, side = plan.out / str(identity), pipeline.parts.side
    me = sitter(identity, folder / "pictures", side)
    examples = [TrainExample(path, caption, sha256_of(path)) for path, caption in me.pictures]
    spec = plan.spec.model_copy(update={"description": me.description, "resolution": side})
    began = time.monotonic()
    train(
        spec,
        TrainInputs(
            plan.base, pipeline.name, TRIGGER, TRIGGER, tuple(examples[:TRAINED]), tuple(examples[TRAINED:]),
            folder / "run", plan.out / "cache",
        ),
        report,
    )  # fmt: skip
    seconds = time.monotonic() - began
    own = load_files(path for path, _ in me.pictures)
    gallery = Gallery.of(reader, own)
    base = find_base(str(plan.base))
    settings = GenerateSpec(
        base=str(plan.base), prompt=TRIGGER, width=side, height=side, adapter_scale=plan.adapter_scale,
        num_inference_steps=base.num_inference_steps, guidance_scale=base.guidance_scale,
    )  # fmt: skip
    album = Album(folder / "made", pipeline, settings)
    cells = [(prompt, seed) for prompt in plan.prompts for seed in plan.seeds]
    arms: list[tuple[str, str, AdapterHeader | None]] = [
        ("base", f"{TRIGGER} {me.gender}", None),
        (DESCRIBED, me.description, None),
    ]
    for path in sorted((folder / "run" / "checkpoints").glob("*.safetensors")):
        step = int(path.stem.rpartition("-")[2])
        arms.append((f"step {step}", in_full(TRIGGER, TRIGGER, me.description), read_adapter(path)))
    parts = []
    for name, who, adapter in arms:
        requests = [Request(filled(prompt, who), seed) for prompt, seed in cells]
        made = Pictures.of(album.pictures(requests, report, adapter=adapter, title=f"Drawing: {name}"))
        parts.append(gallery.part(name, made, [prompt for prompt, _ in cells]))
    strangers = yardstick(gallery.memory, reader.read(load_folder(STRANGERS)))
    return Member(
        identity=identity, description=me.description, floor=strangers.floor, ceiling=float(np.mean(gallery.memory.own)),
        own_copies=gallery.copied(gallery.held_out), seconds=round(seconds, 1), parts=tuple(parts),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gallery:
    """A person's own pictures, and what the judge remembers of those held out."""

    reader: Reader
    training: Pictures
    held_out: Pictures
    memory: Template

    @classmethod
    def of(cls, reader: Reader, own: Pictures) -> "Gallery":
        """From all pictures of a sitter. Raises `Unsupported` when the judge knows too few of them."""
        training, held_out = (
            Pictures(own.pixels[rows], own.sha256[rows]) for rows in (slice(TRAINED), slice(TRAINED, None))
        )
        return cls(reader, training, held_out, template(reader.read(held_out)))

    def part(self, name: str, made: Pictures, prompts: Sequence[str]) -> Part:
        """What `made` shows of her and of the place each prompt asks for. What the judge takes for another world
        shows no place."""
        reading = self.reader.read(made)
        cosines: dict[bool, list[float]] = {True: [], False: []}
        shown: list[bool] = []
        for row, (prompt, cosine) in enumerate(zip(prompts, likeness(self.memory, reading), strict=True)):
            place = next(atom.value for atom in claims(prompt, {"place": PLACES}))
            if cosine is not None:
                cosines[place in SEEN].append(cosine)
            if place in self.reader.labels.get("place", ()):
                shown.append(cosine is not None and reading.attributes["place"][row] == place)
        return Part(
            name=name, seen=_mean(cosines[True]), unseen=_mean(cosines[False]),
            place=Count(hits=sum(shown), of=len(shown)), copies=self.copied(made),
        )  # fmt: skip

    def copied(self, some: Pictures) -> Count:
        """How many of the pictures are near copies of training pictures."""
        bound = copies.closeness_bound(self.training, self.held_out, self.reader.cache)
        near = copies.nearest(some, self.training, self.reader.cache).distance
        return Count(hits=int(np.sum(near < (bound or 0))), of=len(some))


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
