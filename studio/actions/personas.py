"""What a person can do with personas: make, change and revoke them, and load the example."""

import json
from datetime import UTC, datetime
from typing import Any

from studio.actions import jobs
from studio.actions.datasets import import_pictures
from studio.actions.triggers import TriggerCheck, check_trigger, suggest_trigger
from studio.catalog import ASSETS, EMBEDDED, find_base
from studio.domain import policy
from studio.domain.captions import clean_caption
from studio.domain.errors import BadInput, Conflict, MissingWeights, Refused
from studio.domain.naming import plain_letters, slug_for
from studio.domain.records import Charter, Choice, Consent, JobStatus, Persona, Rights
from studio.storage import datasets, erasing, gate, personas, queue
from studio.storage.opened import Studio

__all__ = [
    "TriggerCheck",
    "check_trigger",
    "choose",
    "create_persona",
    "erase",
    "load_example",
    "renew_consent",
    "revoke",
    "suggest_trigger",
    "update_persona",
]

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
EXAMPLE = ASSETS / "example"


def create_persona(
    studio: Studio, *, name: str, trigger: str, charter: Charter, base: str = EMBEDDED, description: str = ""
) -> Persona:
    """Make a persona. Raises `BadInput` for a name or trigger that will not do, `Refused` by the policy."""
    shown = _clean_name(name)
    _require_trigger(trigger, base)
    persona = Persona(
        slug=slug_for(shown, lambda slug: _ever_used(studio, slug)),
        name=shown,
        trigger=trigger.strip(),
        description=_clean_description(description),
        charter=charter,
        base=base,
        created=datetime.now(UTC),
    )
    _check(persona)
    personas.create(studio.workspace, persona)
    return persona


def update_persona(
    studio: Studio,
    slug: str,
    *,
    name: str | None = None,
    trigger: str | None = None,
    charter: Charter | None = None,
    base: str | None = None,
    description: str | None = None,
) -> Persona:
    """Change what is given. Raises `Conflict` for another trigger or base while a job uses the persona.

    Raises `Refused` by the policy, and for a persona that was revoked: she stays so.
    """
    with personas.changing(studio.workspace, slug) as persona:
        if persona.charter.revoked_at is not None:
            policy.check_charter(persona.charter, datetime.now(UTC).date(), "train")
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = _clean_name(name)
        if description is not None:
            changes["description"] = _clean_description(description)
        if charter is not None:
            _require_still_real(persona.charter, charter)
            changes["charter"] = charter
        if base is not None and base != persona.base:
            find_base(base)
            changes |= {"base": base, "choice": None}
        if trigger is not None and trigger.strip() != persona.trigger:
            changes["trigger"] = trigger.strip()
        if {"trigger", "base"} & set(changes):
            _refuse_in_use(studio, slug, "The trigger word and the base cannot be changed")
            _require_trigger(changes.get("trigger", persona.trigger), changes.get("base", persona.base))
        updated = Persona.model_validate(persona.model_copy(update=changes).model_dump())
        _check(updated)
        personas.save(studio.workspace, updated)
    return updated


def renew_consent(studio: Studio, slug: str, consent: Consent) -> Persona:
    """Record a newer or wider consent of the same person.

    Raises `BadInput` for an invented persona, `Refused` for another person's consent and by the policy, such as for
    one that has ended, and for a persona that was revoked.
    """
    charter = personas.load(studio.workspace, slug).charter
    if charter.kind == "fictional":
        raise BadInput(
            "This persona is a fictional adult; nobody's consent is recorded for one.",
            "A real person is a persona of their own: make one in the Persona tab.",
        )
    before = charter.consent
    if before is not None and consent.person.casefold().split() != before.person.casefold().split():
        raise Refused(
            f"This persona's consent is that of {before.person}, not of {consent.person}.",
            "Another person is a persona of their own: make one in the Persona tab.",
        )
    return update_persona(studio, slug, charter=charter.model_copy(update={"consent": consent}))


def choose(studio: Studio, slug: str, choice: Choice) -> Persona:
    """Use this checkpoint and strength from now on. Raises `BadInput` and `NotFound` for any but one of hers."""
    if gate.checkpoint_owner(studio, choice.checkpoint) != slug:
        raise BadInput(f"{choice.checkpoint} is another persona's checkpoint.", "Choose one of this persona's.")
    with personas.changing(studio.workspace, slug) as persona:
        chosen = persona.model_copy(update={"choice": choice})
        personas.save(studio.workspace, chosen)
    return chosen


def revoke(studio: Studio, slug: str) -> Persona:
    """Withdraw the permission: from now on no job of this persona is taken, and those there are stopped.

    The revocation is written first, so that a job which starts in this moment refuses by itself.
    """
    with personas.changing(studio.workspace, slug) as persona:
        if persona.charter.revoked_at is None:
            charter = persona.charter.model_copy(update={"revoked_at": datetime.now(UTC)})
            persona = persona.model_copy(update={"charter": charter})
            personas.save(studio.workspace, persona)
    for job in queue.jobs(studio.db, statuses=OPEN, persona=slug, limit=10_000):
        jobs.stop(studio, job.id)
    return persona


def erase(studio: Studio, slug: str, typed: str) -> erasing.Erased:
    """Remove the persona with everything that was made of it, for good; `typed` is its name, to be sure.

    Raises `BadInput` for another name, `Conflict` while any job runs (the cache, which serves all, goes too) or one of
    this persona waits, `DiskTrouble` when a file cannot be removed; then the rest can be removed by asking again.
    """
    persona = personas.load(studio.workspace, slug)
    if typed.strip().casefold() != persona.name.casefold():
        raise BadInput(
            f"“{typed.strip()[:60]}” is not this persona's name, so nothing was deleted.",
            f"Type {persona.name} to delete it.",
        )
    _refuse_in_use(studio, slug, f"{persona.name} cannot be deleted")
    _refuse_while_busy(studio, persona)
    revoke(studio, slug)  # from here on nobody starts anything with it
    _refuse_in_use(studio, slug, f"{persona.name} cannot be deleted")
    return erasing.erase(studio.workspace, studio.db, slug)


def load_example(studio: Studio) -> tuple[Persona, int]:
    """The example persona and the job that imports her pictures; a second call changes nothing.

    Raises `MissingWeights` when the example's files are absent.
    """
    try:
        card: dict[str, Any] = json.loads((EXAMPLE / "persona.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MissingWeights(
            f"The example persona's files in {EXAMPLE} cannot be read.", "Get the studio's files again."
        ) from error
    persona = _loaded_example(studio, card) or create_persona(
        studio,
        name=card["name"],
        trigger=card["trigger"],
        charter=Charter.model_validate(card["charter"]),
        description=card["description"],
    )
    for job in queue.jobs(studio.db, kinds=["import"], persona=persona.slug, limit=20):
        done = job.status is JobStatus.DONE and datasets.examples(studio.workspace, persona.slug)
        if done or job.status in OPEN:
            return persona, job.id
    files = sorted(path for path in EXAMPLE.iterdir() if path.suffix in (".webp", ".txt", ".jsonl"))
    rights = Rights(card.get("rights", Rights.GENERATED))
    return persona, import_pictures(studio, persona.slug, files, uploaded=True, rights=rights)


def _loaded_example(studio: Studio, card: dict[str, Any]) -> Persona | None:
    for persona in personas.personas(studio.workspace):
        same = [persona.name, persona.trigger, persona.description] == [card[key] for key in ("name", "trigger", "description")]
        if same and persona.charter.revoked_at is None:
            return persona
    return None


def _ever_used(studio: Studio, slug: str) -> bool:
    """Whether a persona has, or had, this slug: what a persona that is gone left behind must not become another's."""
    return personas.taken(studio.workspace, slug) or bool(queue.jobs(studio.db, persona=slug, limit=1))


def _clean_name(name: str) -> str:
    shown = clean_caption(name).text
    if not plain_letters(shown) and not any(c.isalpha() for c in shown):
        raise BadInput("A persona needs a name.", "Type at least one letter.")
    if len(shown) > 60:
        raise BadInput(f"The name has {len(shown)} characters; at most 60 are possible.", "Shorten it.")
    return shown


def _clean_description(description: str) -> str:
    text = clean_caption(description).text
    if len(text) > 400:
        raise BadInput(
            f"The description has {len(text)} characters; at most 400 are possible.", "Shorten it."
        )
    return text


def _require_trigger(trigger: str, base: str) -> None:
    check = check_trigger(trigger, base)
    if not check.ok:
        raise BadInput(check.sentence, f"For example “{suggest_trigger(trigger, base)}”.")


def _require_still_real(before: Charter, after: Charter) -> None:
    """A real person does not become an invented one, whom no consent protects. Raises `Refused`."""
    if before.kind != "fictional" and after.kind != before.kind:
        raise Refused(
            f"A persona whose charter says “{before.kind}” cannot become “{after.kind}”: the pictures stay.",
            "Make a new persona with pictures of its own.",
        )
    if before.consent is not None and after.consent is None:
        raise Refused(
            f"The consent record of {before.consent.person} cannot be taken out of the charter.",
            "Renew it, or revoke the persona.",
        )


def _refuse_in_use(studio: Studio, slug: str, what: str) -> None:
    using = queue.jobs(studio.db, statuses=OPEN, persona=slug, limit=1)
    if using:
        raise Conflict(
            f"{what}: “{using[0].title}” is using it.", "Wait until it has ended, or stop it first."
        )


def _refuse_while_busy(studio: Studio, persona: Persona) -> None:
    running = queue.jobs(studio.db, statuses=[JobStatus.RUNNING], limit=1)
    if running:
        raise Conflict(
            f"{persona.name} cannot be deleted while “{running[0].title}” is running.",
            "Wait until it has ended, or stop it first.",
        )


def _check(persona: Persona) -> None:
    """The policy's say on everything a person typed. Raises `Refused`."""
    today = datetime.now(UTC).date()
    policy.check_persona(persona.name, persona.trigger, persona.description, persona.charter, today)
    if not persona.charter.confirmed_adult:
        policy.check_charter(persona.charter, today, "train")
