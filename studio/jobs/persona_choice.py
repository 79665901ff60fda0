"""Which persona a command line means: one of a workspace, or an adapter with what belongs to it."""

import argparse
from datetime import UTC, datetime

from studio.collect.adapter_file import read_adapter
from studio.domain.errors import BadInput
from studio.domain.policy import check_charter, check_text
from studio.domain.prompts import in_full
from studio.domain.suites import person
from studio.jobs.base_evaluation import Her
from studio.jobs.judges import load_folder, own_pictures
from studio.storage import personas, runs
from studio.storage.workspace import Workspace


def chosen_persona(chosen: argparse.Namespace) -> Her | None:
    """The persona, or None when no option names one. Raises `BadInput` for half of what is needed, `Refused`."""
    if chosen.persona is not None:
        return _of_workspace(chosen)
    given = {"--adapter": chosen.adapter, "--trigger": chosen.trigger, "--own-pictures": chosen.own_pictures}
    missing = [name for name, value in given.items() if value is None]
    if len(missing) == len(given):
        return None
    if missing:
        raise BadInput(
            f"A persona needs {', '.join(given)}; {missing[0]} is missing.",
            "Add it, or name a persona of a workspace with --persona and --workspace.",
        )
    check_text(chosen.trigger, where="prompt")
    own = load_folder(chosen.own_pictures)
    return Her(read_adapter(chosen.adapter), chosen.adapter_scale, chosen.trigger, own)


def _of_workspace(chosen: argparse.Namespace) -> Her:
    if chosen.workspace is None:
        raise BadInput(f"Where does {chosen.persona} live?", "Name the workspace with --workspace.")
    workspace = Workspace(chosen.workspace.resolve())
    persona = personas.load(workspace, chosen.persona)
    check_charter(persona.charter, datetime.now(UTC).date(), "generate")
    if persona.choice is None:
        raise BadInput(
            f"{persona.name} has no chosen checkpoint.", "Choose one on the Judge tab, or name an --adapter."
        )
    own = own_pictures(workspace, persona.slug, [persona.choice.checkpoint])
    adapter = read_adapter(workspace.absolute(persona.choice.checkpoint))
    who = in_full(
        person(persona.trigger, own.captions), persona.trigger, runs.said_with(workspace, persona.choice.checkpoint)
    )
    check_text(who, where="prompt", charter=persona.charter)
    return Her(adapter, persona.choice.adapter_scale, who, own.held_out)
