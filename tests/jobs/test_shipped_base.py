"""The base that is shipped is a plain diffusers folder, and an adapter that leaves the studio is a plain LoRA of it."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import diffusers
import numpy as np
import torch

from studio.actions import creating, exporting, training
from studio.catalog import EMBEDDED, find_base
from studio.domain.records import Charter, Persona
from studio.domain.specs import GenerateSpec
from studio.storage import personas, runs
from studio.storage.opened import Studio, open_studio
from tests.jobs.test_train import add_pictures, done, pixels_of, spec

SIDE, STEPS, GUIDANCE, SEED = 64, 3, 4.0, 5


def studios_own(studio: Studio, checkpoint: str | None) -> np.ndarray:
    """The picture as a job of the studio makes and stores it."""
    asked = GenerateSpec(persona="zyx", base=EMBEDDED, checkpoint=checkpoint, prompt="zyx on a beach", width=SIDE, height=SIDE,
                         count=1, seed=SEED, num_inference_steps=STEPS, guidance_scale=GUIDANCE)  # fmt: skip
    [made] = json.loads(done(studio, creating.generate(studio, asked)).result or "")["pictures"]
    return pixels_of(studio, made)


def plain(pipeline: diffusers.DiffusionPipeline) -> np.ndarray:
    """The picture of the same request by diffusers alone."""
    made = pipeline("zyx on a beach", width=SIDE, height=SIDE, num_inference_steps=STEPS, guidance_scale=GUIDANCE,
                    generator=torch.Generator("cpu").manual_seed(SEED), output_type="np")  # fmt: skip
    return (made.images[0] * 255).round().astype(np.uint8)


def furthest(one: np.ndarray, other: np.ndarray) -> int:
    """Largest difference of any colour, out of 255."""
    assert one.shape == other.shape == (SIDE, SIDE, 3)
    return int(np.abs(one.astype(int) - other).max())


def test_base_and_exported_adapter_give_plain_diffusers_the_studios_pictures(tmp_path: Path) -> None:
    studio = open_studio(tmp_path / "work")
    charter = Charter(confirmed_adult=True)
    persona = Persona(slug="zyx", name="Zyx", trigger="zyx", charter=charter, base=EMBEDDED, created=datetime.now(UTC))
    personas.create(studio.workspace, persona)
    add_pictures(studio, "zyx", 4)
    run = done(studio, training.start_training(studio, spec(
        steps=2, resolution=SIDE, learning_rate=0.02, targets="attention+conv+text", prior={"count": 0})))  # fmt: skip
    [checkpoint] = runs.checkpoints(studio.workspace, run.id)
    job = done(studio, exporting.export_adapter(studio, "zyx", checkpoint.path))
    with zipfile.ZipFile(studio.workspace.absolute(json.loads(job.result or "")["path"])) as archive:
        archive.extractall(tmp_path / "out")

    pipeline = diffusers.DiffusionPipeline.from_pretrained(find_base(EMBEDDED).folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    bare, hers = studios_own(studio, None), studios_own(studio, checkpoint.path)
    assert furthest(plain(pipeline), bare) <= 2
    for name in ("zyx-step-2.safetensors", "zyx-step-2-kohya.safetensors"):
        pipeline.load_lora_weights(tmp_path / "out", weight_name=name)
        assert furthest(plain(pipeline), hers) <= 2, name
        pipeline.unload_lora_weights()
    assert furthest(bare, hers) > 10  # or the adapter did nothing and this proves nothing
    studio.db.dispose()
