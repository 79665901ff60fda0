"""Quick, Good, Best: training settings that were measured on the embedded base, with the reason for each."""

from dataclasses import dataclass
from typing import Any, Literal

from studio.domain.specs import TrainSpec

PresetName = Literal["quick", "good", "best"]


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings that differ from the spec's defaults, and why. All presets cost the same per step."""

    name: PresetName
    title: str
    about: str
    settings: dict[str, Any]


PRESETS: tuple[Preset, ...] = (
    Preset(
        "quick",
        "Quick",
        "A first look: hair, colours and rough shape.",
        {"steps": 120, "checkpoint_every": 40},
    ),
    Preset("good", "Good", "The usual choice.", {"steps": 240, "checkpoint_every": 40}),
    Preset(
        "best",
        "Best",
        "Twice as long, averaged over its steps.",
        {"steps": 480, "checkpoint_every": 60, "ema": 0.98},
    ),
)


def preset_spec(preset: Preset, persona: str, resolution: int) -> TrainSpec:
    """The preset for a persona on a base that draws `resolution` pixels."""
    return TrainSpec(persona=persona, preset=preset.name, resolution=resolution, **preset.settings)


def looks(spec: TrainSpec) -> int:
    """How often a training looks at its previews: at the start, at every checkpoint, at the end."""
    whole, rest = divmod(spec.steps, spec.checkpoint_every)
    return 1 + whole + (1 if rest else 0)


def seconds(spec: TrainSpec, *, load: float, step: float, look: float) -> float:
    """How long a training takes, from what a probe measured."""
    return load + spec.steps * step + looks(spec) * look
