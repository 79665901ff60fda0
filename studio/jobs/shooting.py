"""Makes the pictures of a comparison: every arm with the same prompts and seeds, each batch once."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.collect.adapter_file import read_adapter
from studio.domain.adapters import AdapterHeader
from studio.domain.comparisons import Shot
from studio.domain.events import Event, Preview, Progress, Report
from studio.domain.prompts import in_full
from studio.domain.specs import Arm, CompareSpec, GenerateSpec
from studio.domain.suites import filled
from studio.engines.family import Parts
from studio.engines.generate import GenerationPipeline, MadePicture, Request, batch_size, make
from studio.files import sha256_of
from studio.jobs.desk import nobody
from studio.jobs.recipes import recipe_of, write_marked
from studio.provenance.keys import Keys
from studio.storage import runs
from studio.storage.workspace import Workspace

FORMAT = 1
"""Part of every picture's name; a change of how comparisons make pictures needs another."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all pictures of a comparison share. `who` and `description` stand where the prompts say {who}."""

    spec: CompareSpec
    base: str
    who: str
    trigger: str
    description: str
    workspace: Workspace
    folder: Path
    pipeline: GenerationPipeline
    keys: Keys
    let_guests_in: Callable[[], None] = nobody


@dataclass(slots=True)
class Counter:
    """Progress over all batches of a comparison, in pictures."""

    report: Report
    total: int
    done: int = 0

    def tell(self, arm: str) -> None:
        """How far it is, and with which arm."""
        self.report(Progress(step=self.done, total=self.total, note=arm))

    def during(self, arm: Arm, pictures: int) -> Report:
        """A `report` for one batch of so many: its share that is drawn counts on top of those before it."""
        before = self.done

        def report(event: Event) -> None:
            if isinstance(event, Progress) and event.total:
                self.done = max(self.done, before + pictures * event.step // event.total)
                self.tell(arm.name)

        return report


def shoot(scene: Scene, arm: Arm, seeds: Sequence[int], counter: Counter, *, fresh: bool) -> list[Shot]:
    """The arm's pictures for every prompt and each of `seeds`, prompts first.

    A batch that this or an earlier comparison finished is taken over, so a stopped comparison goes on where it was
    and the base is drawn once. Batches are made whole, for their pictures depend on each other in the last bit.
    Raises `Cancelled`, and what `studio.engines.generate.make` and `read_adapter` raise.
    """
    adapter = read_adapter(scene.workspace.absolute(arm.checkpoint)) if arm.checkpoint else None
    spec = _generate_spec(scene, arm)
    together = batch_size(spec, scene.pipeline.parts)
    cells = [(prompt, seed) for prompt in range(len(scene.spec.prompts)) for seed in seeds]
    shots = []
    for start in range(0, len(cells), together):
        some = cells[start : start + together]
        requests = [Request(_prompt(scene, arm, prompt), seed) for prompt, seed in some]
        drawn = counter.done + len(some)
        paths = [scene.folder / f"{name}.png" for name in _names(scene, spec, requests, adapter)]
        if not all(_taken_over(scene.workspace, path) for path in paths):
            scene.let_guests_in()
            counter.tell(arm.name)  # Stop, before the next batch
            keep = _keeper(scene, spec, paths, adapter)
            make(spec, requests, scene.pipeline, adapter, counter.during(arm, len(some)), on_picture=keep)
            counter.report(Preview(step=drawn, path=scene.workspace.relative(paths[0]), label=arm.name))
        counter.done = drawn
        counter.tell(arm.name)
        for (prompt, seed), path in zip(some, paths, strict=True):
            shots.append(
                Shot(
                    arm=arm.name,
                    prompt=prompt,
                    seed=seed,
                    fresh=fresh,
                    path=scene.workspace.relative(path),
                    sha256=sha256_of(path),
                )
            )
    return shots


def _generate_spec(scene: Scene, arm: Arm) -> GenerateSpec:
    spec = scene.spec
    return GenerateSpec(
        persona=spec.persona,
        base=scene.base,
        checkpoint=arm.checkpoint,
        adapter_scale=arm.adapter_scale,
        prompt=spec.prompts[0],
        width=spec.width,
        height=spec.height,
        num_inference_steps=spec.num_inference_steps,
        guidance_scale=spec.guidance_scale,
        count=1,
    )


def _prompt(scene: Scene, arm: Arm, index: int) -> str:
    """What the arm is asked for. A checkpoint is called as it was taught to be."""
    if arm.described:
        return filled(scene.spec.prompts[index], scene.description)
    said = runs.said_with(scene.workspace, arm.checkpoint, arm.adapter_scale)
    return in_full(filled(scene.spec.prompts[index], scene.who), scene.trigger, said)


def _names(
    scene: Scene, spec: GenerateSpec, requests: Sequence[Request], adapter: AdapterHeader | None
) -> list[str]:
    """One name per picture, from everything it depends on, its batch included."""
    plan = {
        "format": FORMAT,
        "base": scene.pipeline.parts.digest,
        "adapter": None if adapter is None else [adapter.sha256, spec.adapter_scale],
        "device": str(scene.pipeline.parts.device),
        "precision": precision_of(scene.pipeline.parts),
        "settings": [spec.width, spec.height, spec.num_inference_steps, spec.guidance_scale, spec.scheduler],
        "batch": [[request.prompt, request.seed] for request in requests],
    }
    digest = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:20]
    return [f"{digest}-{index}" for index in range(len(requests))]


def _taken_over(workspace: Workspace, path: Path) -> bool:
    """Whether the picture is there, if need be by taking it from an earlier comparison."""
    if path.is_file():
        return True
    for earlier in sorted(workspace.root.glob(f"comparisons/*/{path.name}")):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        try:
            os.link(earlier, partial)
        except OSError:  # a disk without hard links
            shutil.copyfile(earlier, partial)
        partial.replace(path)
        return True
    return False


def _keeper(
    scene: Scene, spec: GenerateSpec, paths: Sequence[Path], adapter: AdapterHeader | None
) -> Callable[[MadePicture], None]:
    """Writes each finished picture with its marks."""
    parts = scene.pipeline.parts

    def keep(picture: MadePicture) -> None:
        made = spec.model_copy(update={"prompt": picture.prompt, "seed": picture.seed})
        recipe = recipe_of(
            made,
            0,
            base_sha256=parts.digest,
            adapter=adapter,
            device=str(parts.device),
            precision=precision_of(parts),
        )
        write_marked(paths[picture.index], picture.pixels, recipe, scene.keys, durable=False)

    return keep


def precision_of(parts: Parts) -> str:
    """The number format of the denoiser, as recipes say it."""
    return str(parts.denoiser.dtype).removeprefix("torch.")
