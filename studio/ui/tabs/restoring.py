"""Settings of an earlier picture that come back: what of them is here, and a sentence for each thing that is not."""

from pathlib import Path

from studio.catalog import find_base
from studio.domain.errors import StudioError
from studio.domain.records import Persona
from studio.domain.schedulers import SCHEDULERS
from studio.domain.specs import GenerateSpec
from studio.storage import gate
from studio.storage.opened import Studio

BOUNDED = (("Strength", "adapter_scale"), ("Steps", "num_inference_steps"), ("Guidance", "guidance_scale"))


def can_draw(studio: Studio, checkpoint: str, persona: Persona | None) -> bool:
    """Whether a checkpoint is here, and the persona's own."""
    try:
        return persona is not None and gate.checkpoint_owner(studio, checkpoint) == persona.slug
    except StudioError:
        return False


def differences(drawn: GenerateSpec, asked: GenerateSpec, name: str | None) -> list[str]:
    """What `drawn`, the settings of a picture, has and `asked`, what the form asks for now, has not.

    `name`: of the persona who is selected.
    """
    told = []
    if drawn.persona and drawn.persona != asked.persona:
        told.append(f"Drawn for the persona “{drawn.persona}”, who is not here; now {name or 'somebody new'} is drawn.")
    if drawn.base != asked.base:
        before, now = title(drawn.base), title(asked.base)
        if before == now:  # two folders of one name
            before, now = drawn.base, asked.base
        told.append(f"Drawn with the base “{before}”; {name or 'the studio'} uses “{now}”, so the picture will differ.")
    if drawn.checkpoint != asked.checkpoint:
        instead = f"{name}'s own checkpoint draws" if asked.checkpoint else "the base alone draws"
        told.append(f"The checkpoint it was drawn with is not here, so {instead}.")
    if drawn.scheduler != asked.scheduler:
        named = SCHEDULERS[drawn.scheduler].title if drawn.scheduler in SCHEDULERS else drawn.scheduler
        told.append(f"This base cannot use its scheduler, {named}, so the base's own is set.")
    for label, field in BOUNDED:
        before, now = getattr(drawn, field), getattr(asked, field)
        if before != now and (field != "adapter_scale" or drawn.checkpoint == asked.checkpoint):
            told.append(f"{label}: {before:g} then; this form goes up to {now:g}.")
    return told


def title(base: str) -> str:
    """What a base is called, also one that is not on this machine."""
    try:
        return find_base(base).title
    except StudioError:
        return Path(base).name or base
