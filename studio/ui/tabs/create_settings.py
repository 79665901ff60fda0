"""The controls of the Create tab: which there are, what they ask for, and how they are set."""

import re
import secrets
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from studio.actions import creating
from studio.catalog import EMBEDDED, find_base
from studio.domain.buckets import bucket_sizes, nearest_bucket
from studio.domain.errors import StudioError
from studio.domain.specs import GenerateSpec
from studio.ui.page import Scene
from studio.ui.tabs.checkpoints import choice_of

SHAPES = {"Square": (1, 1), "Portrait": (4, 5), "Tall": (9, 16), "Wide": (16, 9)}
MOST = 8
"""Pictures of one press."""
EXACT = re.compile(r"(\d{1,5}) × (\d{1,5})")
"""A shape that is the very size of an earlier picture, in pixels."""
MULTIPLE = 16
"""Sides of a picture are divisible by this: eight pixels per latent, halved once on the way down."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The controls that make a spec, in the order in which handlers get their values."""

    prompt: Any
    negative: Any
    strength: Any
    shape: Any
    count: Any
    seed: Any
    lock: Any
    steps: Any
    guidance: Any
    scheduler: Any

    def all(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    def spec(self, scene: Scene, values: tuple[Any, ...], *, seed: int | None = None) -> GenerateSpec:
        """What the controls ask for. Raises `BadInput` or `ValidationError`, each as a sentence."""
        prompt, negative, strength, shape, count, given, _, steps, guidance, scheduler = values
        base = base_name(scene)
        checkpoint, _ = choice_of(scene)
        width, height = size(base, shape)
        return GenerateSpec(
            persona=scene.persona.slug if scene.persona else None,
            base=base,
            checkpoint=checkpoint,
            adapter_scale=strength if checkpoint else 1.0,
            prompt=(prompt or "").strip(),
            negative_prompt=(negative or "").strip(),
            width=width,
            height=height,
            count=count,
            seed=int(given or 0) if seed is None else seed,
            num_inference_steps=int(steps),
            guidance_scale=guidance,
            scheduler=scheduler or "default",
        )

    def standing(self, spec: GenerateSpec, base: str) -> tuple[Any, ...]:
        """The values with which the controls ask `base` for `spec`, as far as they go; its seed is kept."""
        shape = next((name for name in SHAPES if size(base, name) == (spec.width, spec.height)), f"{spec.width} × {spec.height}")
        return (
            spec.prompt,
            spec.negative_prompt,
            min(spec.adapter_scale, self.strength.maximum),
            shape,
            min(spec.count, MOST),
            spec.seed,
            True,
            min(spec.num_inference_steps, self.steps.maximum),
            min(spec.guidance_scale, self.guidance.maximum),
            spec.scheduler if spec.scheduler in dict(creating.schedulers(base)) else "default",
        )

    def show(self, values: tuple[Any, ...], base: str) -> dict[Any, Any]:
        """The controls with these values, lists with what `base` offers."""
        shown = dict(zip(self.all(), values, strict=True))
        shape, scheduler = shown[self.shape], shown[self.scheduler]
        offered = list(dict.fromkeys([*shapes(base), shape]))
        return shown | {
            self.shape: gr.Radio(choices=offered, value=shape),
            self.scheduler: gr.Dropdown(choices=schedulers(base), value=scheduler),
        }


def base_name(scene: Scene) -> str:
    """The base that draws now."""
    return scene.persona.base if scene.persona else EMBEDDED


def sampling(scene: Scene, steps: Any, guidance: Any, shape: Any) -> dict[Any, Any]:
    """The controls as the base wants to be sampled; left alone where it cannot be read, which is said elsewhere."""
    try:
        base = find_base(base_name(scene))
    except StudioError:
        return {}
    offered = shapes(base.name)
    return {
        steps: base.num_inference_steps,
        guidance: base.guidance_scale,
        shape: gr.Radio(choices=offered, value=offered[0]),
    }


def shapes(base: str) -> list[str]:
    """The shapes in which the base draws well.

    A base that saw squares alone cuts heads off in wide pictures, so nobody is led to ask it for them.
    """
    try:
        widest = find_base(base).widest
    except StudioError:
        return list(SHAPES)
    return [name for name, sides in SHAPES.items() if max(sides) <= widest * min(sides)]


def size(base: str, shape: str) -> tuple[int, int]:
    """Width and height of a shape at the base's own area, in pixels; or those that it names."""
    if exact := EXACT.fullmatch(shape or ""):
        return int(exact[1]), int(exact[2])
    across, down = SHAPES.get(shape, (1, 1))
    side = find_base(base).resolution
    return tuple(nearest_bucket(across * 100, down * 100, bucket_sizes(side, MULTIPLE)))  # type: ignore[return-value]


def new_seed() -> int:
    return secrets.randbelow(2**31)


def schedulers(base: str) -> list[tuple[str, str]]:
    """(title, name) of those the base supports."""
    return [(title, name) for name, title in creating.schedulers(base)]
