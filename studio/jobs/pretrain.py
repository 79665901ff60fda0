"""The pretrain job: asks the policy about every caption, then trains a small model of the creator's own, watched."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from studio.domain.events import Event, Preview, Report, Saved, Scalar
from studio.domain.pretraining import PretrainSpec
from studio.domain.specs import GenerateSpec
from studio.engines.device import use_device
from studio.engines.pretrain_samples import FIRST_SEED, GUIDANCE, STEPS, Sample
from studio.engines.pretrain_stages import Watch, read_material, train_from_scratch
from studio.files import write_atomic
from studio.jobs.caption_check import check_wordings
from studio.jobs.desk import Desk
from studio.jobs.recipes import recipe_of, write_marked
from studio.provenance.keys import ensure_keys
from studio.storage import gate


class Pretrained(BaseModel):
    """How it ended: held-out numbers per stage, and the folder of the base, if all its parts were there."""

    numbers: Mapping[str, Mapping[str, float]]
    base: str | None


def run(spec: PretrainSpec, desk: Desk) -> Pretrained:
    """Trains, or goes on where an earlier attempt at the same job was; the base lies in the run's folder `base`.

    Raises `Refused` by the policy, and what the engine raises.
    """
    studio = desk.studio
    gate.check_pretraining(studio, spec)
    use_device(studio.settings.device, studio.settings.threads)
    run_dir = studio.workspace.run_dir(desk.job.id)
    write_atomic(run_dir / "spec.json", spec.model_dump_json(indent=2).encode())
    material = read_material(spec, desk.report)
    check_wordings([*material.train.captions, *material.held_out.captions], desk.report)
    numbers = train_from_scratch(
        spec, material, run_dir, lambda stage: told(desk, run_dir, stage), keeper(desk, run_dir)
    )
    base = run_dir / "base"
    return Pretrained(numbers=numbers, base=str(base) if (base / "model_index.json").is_file() else None)


def told(desk: Desk, run_dir: Path, stage: str) -> Report:
    """Curves are named after their stage, checkpoints relative to the workspace."""

    def report(event: Event) -> None:
        if isinstance(event, Scalar):
            event = event.model_copy(update={"name": f"{stage} {event.name}"})
        elif isinstance(event, Saved):
            event = event.model_copy(update={"path": desk.studio.workspace.relative(run_dir / event.path)})
        desk.report(event)

    return report


def keeper(desk: Desk, run_dir: Path) -> Watch:
    """Stores samples marked, under `previews/` of the run; their labels begin with the stage."""
    keys = ensure_keys(desk.studio.workspace.keys)

    def keep(stage: str, step: int, samples: Sequence[Sample]) -> None:
        for index, sample in enumerate(samples):
            path = run_dir / "previews" / f"{stage}-{step:06d}-{index}.png"
            height, width = sample.pixels.shape[:2]
            shown = GenerateSpec(
                base=f"job {desk.job.id}, {stage} in training", prompt=sample.label, width=width, height=height,
                count=1, seed=FIRST_SEED + index, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
            )  # fmt: skip
            recipe = recipe_of(
                shown, 0, base_sha256=None, adapter=None, device="", precision=f"preview at step {step}"
            )
            write_marked(path, sample.pixels, recipe, keys, durable=False)
            relative = desk.studio.workspace.relative(path)
            desk.report(Preview(step=step, path=relative, label=f"{stage}: {sample.label}"))

    return keep
