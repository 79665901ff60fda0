"""Makes pictures from a prompt with a warm base, and swaps adapters without loading it again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from studio.domain.adapters import AdapterHeader, check_base
from studio.domain.errors import BadInput, OutOfMemory, StudioError
from studio.domain.events import Phase, Progress, Report
from studio.domain.specs import GenerateSpec
from studio.engines.adapters import Merged
from studio.engines.device import Precision, generation_device, generation_dtype
from studio.engines.family import Family, Parts, family_of
from studio.engines.latent_preview import fit_colours, rough_picture

TOGETHER = 4
"""Pictures made at once at the base's usual size; fewer when they are larger."""

PREVIEW_EVERY = 3
"""Steps between two rough pictures."""


@dataclass(frozen=True, slots=True)
class GenerationPipeline:
    """A base kept warm: its parts, the adapter it carries, and the map for rough pictures."""

    name: str
    family: Family
    parts: Parts
    merged: Merged
    colours: Tensor


@dataclass(frozen=True, slots=True)
class MadePicture:
    """One finished picture: `pixels` (H, W, 3) uint8."""

    index: int
    seed: int
    prompt: str
    pixels: np.ndarray


def load_pipeline(base: Path, *, name: str = "", precision: Precision = "auto") -> GenerationPipeline:
    """The base in `base`, ready on this machine's fastest device (see `device.use_device`).

    Raises `MissingWeights`, `Unsupported` or `NotFound`.
    """
    family = family_of(base)
    device = generation_device()
    parts = family.load(base, device, torch.float32)
    size = sum(weight.numel() for weight in parts.denoiser.parameters())
    dtype = generation_dtype(device, size, precision)
    colours = fit_colours(family, parts)
    if dtype != torch.float32:
        parts.pipeline.to(dtype)
    return GenerationPipeline(name or base.name, family, parts, Merged(parts), colours)


def generate(
    spec: GenerateSpec,
    pipeline: GenerationPipeline,
    adapter: AdapterHeader | None,
    report: Report,
    *,
    on_picture: Callable[[MadePicture], None] | None = None,
    on_rough: Callable[[int, np.ndarray], None] | None = None,
) -> list[np.ndarray]:
    """`spec.count` pictures (H, W, 3) uint8 with the seeds `spec.seed`, +1, …; see `make` for the rest."""
    requests = [Request(spec.prompt, spec.seed + index) for index in range(spec.count)]
    return make(spec, requests, pipeline, adapter, report, on_picture=on_picture, on_rough=on_rough)


@dataclass(frozen=True, slots=True)
class Request:
    """One picture to make: its prompt and its seed."""

    prompt: str
    seed: int


def make(
    spec: GenerateSpec,
    requests: list[Request],
    pipeline: GenerationPipeline,
    adapter: AdapterHeader | None,
    report: Report,
    *,
    on_picture: Callable[[MadePicture], None] | None = None,
    on_rough: Callable[[int, np.ndarray], None] | None = None,
) -> list[np.ndarray]:
    """The requested pictures with all other settings from `spec`; prompts may differ from picture to picture.

    Every picture starts from noise of its own CPU generator, so it is the same whatever stands beside it: bit by bit
    in the same batch on the same machine, within 2/255 alone. At `adapter_scale` 0 the adapter is left out.
    `on_picture` gets each picture when it is done, `on_rough` the number of the first picture of a batch and rough
    pictures (N, h, w, 3) uint8 of one pixel per latent. `report` gets `Phase` and `Progress` per denoising step;
    when it raises `Cancelled` the batch ends at once and the pictures before it stand.

    Raises `BadInput`, `Unsupported`, `OutOfMemory`, and `StudioError` when the base gives no numbers.
    """
    parts = pipeline.parts
    check_size(spec, parts)
    if adapter is not None:
        check_base(adapter, parts.digest, pipeline.name)
    pipeline.merged.show(adapter, spec.adapter_scale)
    together = batch_size(spec, parts)
    total = -(-len(requests) // together) * spec.num_inference_steps
    own = parts.pipeline.scheduler
    parts.pipeline.scheduler = pipeline.family.scheduler(parts, spec.scheduler)
    report(Phase(title="Making pictures"))
    done: list[np.ndarray] = []
    try:
        for start in range(0, len(requests), together):
            some = requests[start : start + together]
            step = _watcher(
                pipeline, report, on_rough, start, len(done) // together * spec.num_inference_steps, total
            )
            for index, pixels in enumerate(_batch(spec, some, pipeline, step), start):
                done.append(pixels)
                if on_picture is not None:
                    on_picture(MadePicture(index, requests[index].seed, requests[index].prompt, pixels))
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(
            f"The memory did not suffice for {together} pictures of {spec.width}×{spec.height}.",
            "Make fewer or smaller pictures.",
        ) from error
    finally:
        parts.pipeline.scheduler = own
        with suppress(Exception):  # nothing here may hide why the pictures failed
            parts.pipeline.maybe_free_model_hooks()
    return done


def check_size(spec: GenerateSpec, parts: Parts) -> None:
    """Raises `BadInput` when the base cannot make pictures of this size."""
    wrong = [side for side in (spec.width, spec.height) if side % parts.multiple]
    if wrong:
        nearest = max(parts.multiple, round(wrong[0] / parts.multiple) * parts.multiple)
        raise BadInput(
            f"A picture of {spec.width}×{spec.height} does not suit this base: sides must be multiples of "
            f"{parts.multiple}.",
            f"Use {nearest} instead of {wrong[0]}.",
        )


def batch_size(spec: GenerateSpec, parts: Parts) -> int:
    """How many pictures to make at once: a function of the size alone, so that batches repeat exactly."""
    return max(1, min(TOGETHER, TOGETHER * parts.side**2 // (spec.width * spec.height)))


def _watcher(
    pipeline: GenerationPipeline,
    report: Report,
    on_rough: Callable[[int, np.ndarray], None] | None,
    first: int,
    before: int,
    total: int,
) -> Callable[[Any, int, Any, dict[str, Tensor]], dict[str, Tensor]]:
    """What diffusers calls after each step: progress, a rough picture now and then, and the way out for Stop."""

    def step(diffusers: Any, index: int, _timestep: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        report(Progress(step=before + index + 1, total=total))
        if on_rough is not None and index % PREVIEW_EVERY == 0:
            # Multistep solvers keep their guess of the finished latents: a clearer view than the noisy ones.
            guesses = [
                guess for guess in getattr(diffusers.scheduler, "model_outputs", []) if guess is not None
            ]
            on_rough(first, rough_picture(guesses[-1] if guesses else tensors["latents"], pipeline.colours))
        return tensors

    return step


@torch.no_grad()
def _batch(
    spec: GenerateSpec,
    requests: list[Request],
    pipeline: GenerationPipeline,
    step: Callable[[Any, int, Any, dict[str, Tensor]], dict[str, Tensor]],
) -> list[np.ndarray]:
    made = pipeline.parts.pipeline(
        [request.prompt for request in requests],
        negative_prompt=[spec.negative_prompt] * len(requests) if spec.negative_prompt else None,
        width=spec.width,
        height=spec.height,
        num_inference_steps=spec.num_inference_steps,
        guidance_scale=spec.guidance_scale,
        generator=[torch.Generator("cpu").manual_seed(request.seed) for request in requests],
        output_type="latent",
        callback_on_step_end=step,
    )
    pixels = pipeline.family.decode(pipeline.parts, made.images)
    if not torch.isfinite(pixels).all():
        raise StudioError(
            "The base gave no picture: its numbers overflowed.",
            "Lower the persona's strength or the guidance, or choose an earlier checkpoint.",
        )
    rows = (pixels.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    return list(rows)
