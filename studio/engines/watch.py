"""Looking at a persona while it trains: validation loss at fixed noise, previews at fixed seeds, likeness."""

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from studio.catalog import Base, find_base
from studio.domain.events import Scalar
from studio.engines.adapters import carried
from studio.engines.chance import generator
from studio.engines.session import Session
from studio.engines.training_inputs import PREVIEW_SEED, PreviewPicture

MOMENTS = (0.2, 0.4, 0.6, 0.8)
"""Shares of noise at which held-out pictures are looked at, each with noise of its own that never changes."""

STEPS = 12
"""At most so many for a preview: they are looked at in passing, and a training waits for them."""
TOGETHER = 8


def preview_sampling(base: Base) -> tuple[int, float]:
    """Steps and guidance of previews."""
    return min(STEPS, base.num_inference_steps), base.guidance_scale


@torch.no_grad()
def validation_loss(session: Session) -> float | None:
    """Mean squared error on the held-out pictures at fixed moments and noise; None when none are held out.

    The same pictures, moments and noise at every look and in every run, so that the numbers can be compared.
    """
    shelf, objective, device = session.material.held_out, session.parts.objective, session.machine.device
    total = 0.0
    for bucket in sorted(set(shelf.buckets)):
        members = [index for index, size in enumerate(shelf.buckets) if size == bucket]
        rows = [(index, place) for index in members for place in range(len(MOMENTS))]
        with session.arithmetic():
            said = session.text(torch.stack([shelf.texts[index][0] for index in members]))
        texts = said.repeat_interleave(len(MOMENTS), dim=0)
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER]
            latents = torch.stack([shelf.latents[index][0] for index, _ in some])
            noise = torch.stack(
                [torch.randn(latents.shape[1:], generator=generator(0, "validation", *row)) for row in some]
            )
            moments = torch.tensor([MOMENTS[place] for _, place in some])
            noisy, target = (
                objective.noisy(latents, noise, moments),
                objective.target(latents, noise, moments),
            )
            with session.arithmetic():
                timesteps = objective.timesteps(moments).to(device)
                text = texts[start : start + TOGETHER]
                found = session.family.predict(session.parts, noisy.to(device), timesteps, text)
            total += float(((found.float() - target.to(device)) ** 2).flatten(1).mean(1).sum())
    return total / (len(shelf) * len(MOMENTS)) if len(shelf) else None


@torch.no_grad()
def preview_pixels(session: Session) -> np.ndarray:
    """The preview pictures as (N, H, W, 3) uint8, all at once, with the base's own scheduler."""
    prompts, multiple = session.inputs.preview_prompts, session.parts.multiple
    steps, guidance = preview_sampling(find_base(str(session.inputs.base)))
    side = max(multiple, session.spec.resolution // multiple * multiple)
    with session.arithmetic():
        made = session.parts.pipeline(
            list(prompts),
            width=side,
            height=side,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[
                torch.Generator("cpu").manual_seed(PREVIEW_SEED + index) for index in range(len(prompts))
            ],
            output_type="latent",
        )
    pixels = session.family.decode(session.parts, made.images.float()).permute(0, 2, 3, 1).numpy()
    return (np.nan_to_num(pixels) * 255).round().astype(np.uint8)  # type: ignore[no-any-return]


def look(session: Session, step: int) -> None:
    """Validation loss, previews and likeness at `step`, reported."""
    with showing(session):
        _look(session, step)


def showing(session: Session) -> AbstractContextManager[None]:
    """The adapter in the base's own weights, which makes a look faster; in half precision it would be rounded there."""
    if session.machine.dtype != torch.float32:
        return nullcontext()
    return carried(session.parts, session.family.lora_targets(session.spec.targets))


def _look(session: Session, step: int) -> None:
    loss = validation_loss(session)
    if loss is not None:
        session.report(Scalar(name="validation_loss", step=step, value=loss))
    inputs = session.inputs
    if not inputs.preview_prompts:
        return
    pixels = preview_pixels(session)
    if inputs.on_preview is not None:
        for index, prompt in enumerate(inputs.preview_prompts):
            inputs.on_preview(PreviewPicture(step, index, prompt, PREVIEW_SEED + index, pixels[index]))
    if inputs.score is not None:
        likeness = inputs.score(pixels)
        if likeness is not None:
            session.report(Scalar(name="likeness", step=step, value=likeness))
