"""The recipe of a picture a job made, and the marked file."""

from pathlib import Path

import numpy as np
from PIL import Image

from studio import __version__
from studio.domain.adapters import AdapterHeader
from studio.domain.specs import GenerateSpec
from studio.files import write_atomic
from studio.provenance.keys import Keys
from studio.provenance.marks import mark_png
from studio.provenance.recipe import AdapterUsed, BaseUsed, Batch, Recipe


def recipe_of(
    spec: GenerateSpec,
    index: int,
    *,
    base_sha256: str | None,
    adapter: AdapterHeader | None,
    device: str,
    precision: str,
) -> Recipe:
    """Everything needed to make the picture number `index` of `spec` again, if the base has a digest to find it by."""
    used = None
    if adapter is not None and spec.checkpoint is not None:
        used = AdapterUsed(
            name=spec.checkpoint,
            adapter_scale=spec.adapter_scale,
            sha256=adapter.sha256,
            body_sha256=adapter.metadata.get("sshs_model_hash"),
        )
    return Recipe(
        studio=__version__,
        persona=spec.persona,
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt,
        seed=spec.seed + index,
        num_inference_steps=spec.num_inference_steps,
        guidance_scale=spec.guidance_scale,
        scheduler=spec.scheduler,
        width=spec.width,
        height=spec.height,
        base=BaseUsed(name=spec.base, sha256=base_sha256),
        adapter=used,
        batch=Batch(index=index, size=spec.count, first_seed=spec.seed),
        device=device,
        precision=precision,
    )


def write_marked(
    path: Path, pixels: np.ndarray, recipe: Recipe, keys: Keys, *, durable: bool = True
) -> bytes:
    """Writes pixels (H, W, 3) uint8 as a PNG with all marks; returns the file's bytes."""
    payload = mark_png(Image.fromarray(pixels), recipe, keys)
    write_atomic(path, payload, durable=durable)
    return payload
