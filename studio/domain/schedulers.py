"""The noise schedulers the studio offers, and which of them a base can use, readable without torch."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from studio.domain.errors import Unsupported

DEFAULT = "default"

NOISE = frozenset({"epsilon", "v_prediction", "sample"})
FLOW = frozenset({"flow_prediction"})


class Scheduler(NamedTuple):
    """A diffusers class, the settings that make this variant of it, and what the denoiser must predict."""

    title: str
    target: str
    settings: Mapping[str, Any]
    predictions: frozenset[str]


SCHEDULERS: Mapping[str, Scheduler] = MappingProxyType(
    {
        "dpm++2m": Scheduler(
            "DPM++ 2M", "DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}, NOISE | FLOW
        ),
        "dpm++2m-sde": Scheduler(
            "DPM++ 2M SDE", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}, NOISE | FLOW
        ),
        "dpm++1": Scheduler(
            "DPM++ 1",
            "DPMSolverMultistepScheduler",
            {"algorithm_type": "dpmsolver++", "solver_order": 1},
            NOISE | FLOW,
        ),
        "unipc": Scheduler("UniPC", "UniPCMultistepScheduler", {}, NOISE | FLOW),
        "ddim": Scheduler("DDIM", "DDIMScheduler", {"clip_sample": False}, NOISE),
        "euler": Scheduler("Euler", "EulerDiscreteScheduler", {}, NOISE),
        "euler-a": Scheduler("Euler ancestral", "EulerAncestralDiscreteScheduler", {}, NOISE - {"sample"}),
    }
)
"""A scheduler stands here only if a test ran it; the flow ones need `use_flow_sigmas`, which those classes have."""


def prediction_of(config: Mapping[str, Any]) -> str:
    """What the denoiser predicts, from the text of a base's `scheduler_config.json`."""
    named = str(config.get("prediction_type", "epsilon"))
    flow = "flow" in named or bool(config.get("use_flow_sigmas")) or "Flow" in str(config.get("_class_name"))
    return "flow_prediction" if flow else named


def scheduler_choices(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(name, title) of every scheduler a base with this scheduler config supports, its own first."""
    prediction = prediction_of(config)
    fitting = [(name, row.title) for name, row in SCHEDULERS.items() if prediction in row.predictions]
    return ((DEFAULT, "The base's own"), *fitting)


def scheduler_row(name: str, config: Mapping[str, Any]) -> Scheduler | None:
    """The row called `name`, or None for the base's own. Raises `Unsupported` with the ones that work."""
    if name == DEFAULT:
        return None
    allowed = dict(scheduler_choices(config))
    if name not in allowed:
        raise Unsupported(
            f'The scheduler "{name}" does not work with this base ({prediction_of(config)}).',
            f"Choose one of: {', '.join(allowed)}.",
        )
    return SCHEDULERS[name]
