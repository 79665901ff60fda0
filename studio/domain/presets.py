"""Quick, Good, Best: training settings that were measured on the embedded base, with the reason for each."""

from dataclasses import dataclass
from typing import Any, Literal

from studio.domain.events import Timed
from studio.domain.prompts import PREVIEWS
from studio.domain.specs import PriorSpec, TrainSpec

PresetName = Literal["quick", "good", "best"]


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings that differ from the spec's defaults, and why. All presets cost the same per step."""

    name: PresetName
    title: str
    about: str
    settings: dict[str, Any]


COMMON: dict[str, Any] = {
    # Measured on an earlier example persona: 0.79 against 0.69 without the text encoder, which places the new word.
    "targets": "attention+conv+text",
    "rank": 16,
    # With 2e-3 as much likeness, but less evenly over prompts: what is gained on her description is not settled.
    "learning_rate": 1e-3,
    # Guidance pushes away from the empty prompt; dropping captions would teach her to it (0.77 against 0.79).
    "caption_dropout": 0.0,
}
"""What all presets share, so that one probe times them all. Without pictures of others likeness fell to 0.73 for an
earlier example persona. Her description is learned with her trigger: what words can say need not be learned again, and
the steps teach what they cannot (minus the description alone, +0.08 where the trigger alone has -0.02; log.md)."""

PRESETS: tuple[Preset, ...] = (
    Preset(
        "quick",
        "Quick",
        "A first look: hair, colours and rough shape.",
        {"steps": 80, "checkpoint_every": 40},
    ),
    Preset(
        "good",
        "Good",
        "Twice the steps of Quick, with two checkpoints to choose from.",
        {"steps": 160, "checkpoint_every": 80},
    ),
    Preset(
        "best",
        "Best",
        "Twice the steps of Good, evened out over many of them, and more pictures of other people, so that prompts are still followed.",
        {"steps": 320, "checkpoint_every": 80, "ema": 0.98, "prior": PriorSpec(count=48)},
    ),
)


RECOMMENDED: PresetName = "good"
"""Where to begin."""


def preset_spec(preset: Preset, persona: str, resolution: int) -> TrainSpec:
    """The preset for a persona on a base that draws `resolution` pixels."""
    return TrainSpec(persona=persona, preset=preset.name, resolution=resolution, **(COMMON | preset.settings))


FREE = {"steps", "epochs", "checkpoint_every", "ema", "prior", "seed", "description", "say_description", "precision", "resume_from"}
"""What may differ between trainings whose steps cost the same."""


def costs_as_a_preset(spec: TrainSpec) -> bool:
    """Whether a step of this training takes as long as one of the presets'."""
    own = preset_spec(PRESETS[0], spec.persona, spec.resolution).model_copy(update={"preset": spec.preset})
    shown = len(spec.preview_prompts or ()) in (0, len(PREVIEWS))
    free = FREE | {"preview_prompts"}
    return shown and bool(spec.prior.count) and own.model_dump(exclude=free) == spec.model_dump(exclude=free)


def looks(spec: TrainSpec) -> int:
    """How often a training looks at its previews: at the start, at every checkpoint, at the end."""
    whole, rest = divmod(spec.steps, spec.checkpoint_every)
    return 1 + whole + (1 if rest else 0)


def looks_ahead(spec: TrainSpec, step: int) -> int:
    """How often it still looks after the one that belongs to `step`; none once the last step is done."""
    return looks(spec) - 1 - step // spec.checkpoint_every if step < spec.steps else 0


def seconds(spec: TrainSpec, times: Timed) -> float:
    """How long a training takes, from what another one measured."""
    return times.load + spec.steps * times.step + looks(spec) * times.look
