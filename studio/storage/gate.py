"""The facts the policy and the rules of a dataset need, gathered from the workspace: asked by actions, again by jobs."""

from datetime import UTC, date, datetime
from pathlib import Path

from studio.domain import policy
from studio.domain.dataset_rules import readiness
from studio.domain.errors import BadInput, NotFound
from studio.domain.pretraining import PretrainSpec
from studio.domain.prompts import in_full
from studio.domain.records import Example, Persona, Picture, Rights
from studio.domain.specs import (
    SPEC,
    AnySpec,
    CompareSpec,
    ExportSpec,
    GenerateSpec,
    ImportSpec,
    ProbeSpec,
    TrainSpec,
    VerifySpec,
)
from studio.domain.suites import check_plan, filled
from studio.storage import comparisons, datasets, personas, pictures, queue, runs
from studio.storage.opened import Studio


def check_training(studio: Studio, spec: TrainSpec) -> tuple[Persona, list[Example]]:
    """The persona and all her examples, if this training may be done now.

    Raises `Refused` by the policy, and `BadInput` naming the pictures that stand in the way (no rights basis, no
    caption, too few).
    """
    persona = personas.load(studio.workspace, spec.persona)
    examples = datasets.examples(studio.workspace, spec.persona)
    kept = [example for example in examples if example.kept]
    policy.check_training(
        persona.charter,
        _today(),
        trigger=persona.trigger,
        captions={example.source_name or example.id: example.caption for example in kept},
        prompts=spec.preview_prompts,
        description=persona.description,
    )
    called = in_full(persona.trigger, persona.trigger, spec.description)  # together they may name somebody
    policy.check_text(called, where="description", charter=persona.charter)
    state = readiness(examples, persona.trigger)
    if not state.ok:
        raise BadInput(" ".join(state.sentences), "Open the Dataset tab.")
    return persona, examples


def check_pretraining(studio: Studio, spec: PretrainSpec) -> None:
    """Raises `BadInput` or `NotFound` when a model may not be trained on these folders now.

    The pictures' captions are read, and shown to the policy, by the job alone: the page opens nobody's files. What
    lies in the workspace is under a persona's charter, or nobody has looked at it yet (uploads), so none of it serves.
    """
    if not spec.folders:
        raise BadInput("No folder of pictures was named.", "Name one that lies on this machine.")
    if spec.rights is Rights.UNKNOWN:
        raise BadInput(
            "Nobody has said on what basis these pictures may be used.", "Choose the rights that all of them share."
        )
    root = studio.workspace.root
    for name in spec.folders:
        folder = named_path(name)
        if not folder.exists():
            raise NotFound(f"There is no folder or file at {folder}.", "Check the path; on Windows without quotes.")
        if folder.is_relative_to(root) or root.is_relative_to(folder):
            raise BadInput(
                f"{folder} holds pictures of the workspace, which are under personas' charters or unchecked.",
                "Train an adapter on a persona instead, or name a folder of other pictures.",
            )
    if spec.start and not named_path(spec.start).is_dir():
        raise NotFound(f"There is no base at {spec.start}.", "Name the folder of a base, or leave it empty.")


def named_path(name: str) -> Path:
    """The absolute path somebody typed, with `~` and links followed. Raises `BadInput` for what can be none."""
    try:
        path = Path(name).expanduser().resolve()
        path.exists()  # a name that is too long, or a folder that may not be read, is found out here
    except (OSError, ValueError, RuntimeError) as error:
        raise BadInput(f"“{name[:120]}” cannot be used as a path ({error}).", "Check it for slips.") from error
    return path


def check_generation(studio: Studio, spec: GenerateSpec) -> Persona | None:
    """The persona these pictures show, if they may be made now; None: the base alone.

    The adapter decides whose permission counts: naming no persona, or another, does not get around her charter.
    Raises `Refused`, `BadInput`, `NotFound`.
    """
    shown = checkpoint_owner(studio, spec.checkpoint) if spec.checkpoint is not None else None
    if shown is not None and spec.persona is not None and shown != spec.persona:
        raise BadInput(
            f"This checkpoint belongs to the persona “{shown}”, not to “{spec.persona}”.",
            "Choose one of hers.",
        )
    slug = spec.persona or shown
    persona = personas.load(studio.workspace, slug) if slug is not None else None
    policy.check_generation(
        spec.prompt,
        spec.negative_prompt,
        persona.charter if persona is not None else None,
        _today(),
        guidance_scale=spec.guidance_scale,
    )
    return persona


def check_comparison(studio: Studio, spec: CompareSpec) -> Persona:
    """The persona, if these arms may be compared now. Raises `Refused`, `BadInput`, `NotFound`."""
    persona = personas.load(studio.workspace, spec.persona)
    check_plan(spec, persona, _today())
    for arm in spec.arms:
        owner = persona.slug if arm.checkpoint is None else checkpoint_owner(studio, arm.checkpoint)
        if owner != persona.slug:
            raise BadInput(
                f"The checkpoint of “{arm.name}” belongs to the persona “{owner}”, not to “{persona.slug}”.",
                "Choose one of hers.",
            )
        learned = runs.said_with(studio.workspace, arm.checkpoint, arm.adapter_scale)
        for prompt in spec.prompts if learned else ():
            said = in_full(filled(prompt, persona.trigger), persona.trigger, learned)
            policy.check_text(said, where="prompt", charter=persona.charter)
    return persona


def check_publishing(studio: Studio, slug: str) -> Persona:
    """The persona, if what is made with her may leave the studio. Raises `Refused`, `NotFound`."""
    persona = personas.load(studio.workspace, slug)
    policy.check_charter(persona.charter, _today(), "publish")
    return persona


def check_publishing_picture(studio: Studio, picture: Picture) -> None:
    """Passes if this picture may leave the studio.

    As in `check_generation` the adapter decides whose permission counts: a picture that names no persona may still
    show one. Raises `Refused`, `BadInput` for one that lies in the bin, `NotFound`.
    """
    if picture.deleted_at is not None:
        raise BadInput(f"The picture {picture.id} lies in the bin.", "Bring it back first, or choose others.")
    slug = picture.persona if picture.persona is not None else _drawn_by(studio, picture)
    if slug is not None:
        check_publishing(studio, slug)


def check_export(studio: Studio, spec: ExportSpec) -> None:
    """Passes if everything this export shows may leave the studio. Raises as `check_publishing_picture`."""
    for picture in spec.pictures:
        check_publishing_picture(studio, pictures.get(studio.db, picture))
    if spec.comparison is not None:
        check_publishing(studio, comparisons.get(studio.db, spec.comparison).persona)
    if spec.persona is not None:
        check_publishing(studio, spec.persona)


def check(studio: Studio, spec: AnySpec) -> None:
    """Passes if a job of any kind may be taken now. Raises `Refused`, `BadInput`, `NotFound`."""
    match spec:
        case ImportSpec():
            charter = personas.load(studio.workspace, spec.persona).charter
            policy.check_charter(charter, _today(), "train")
        case TrainSpec():
            check_training(studio, spec)
        case PretrainSpec():
            check_pretraining(studio, spec)
        case ProbeSpec():
            check_training(studio, spec.train)
        case GenerateSpec():
            check_generation(studio, spec)
        case CompareSpec():
            check_comparison(studio, spec)
        case ExportSpec():
            check_export(studio, spec)
        case VerifySpec():
            pass  # shows nobody: it only reads what a dropped file carries


def checkpoint_owner(studio: Studio, checkpoint: str) -> str:
    """Slug of the persona a checkpoint was trained for. Raises `BadInput` for any other path, `NotFound`."""
    owner = _trained_for(studio, checkpoint)
    if not studio.workspace.absolute(checkpoint).is_file():
        raise NotFound(f"The checkpoint {checkpoint} is gone.", "Choose another one.")
    return owner


def _trained_for(studio: Studio, checkpoint: str) -> str:
    """Whose training wrote a checkpoint, also when its file is gone."""
    match = runs.OF_RUN.match(checkpoint)
    if match is None:
        raise BadInput(
            f"“{checkpoint[:120]}” is not a checkpoint of this workspace.", "Choose one from the list."
        )
    run = int(match[1])
    spec = runs.spec_of(studio.workspace, run)
    owner = spec.persona if spec is not None else queue.get(studio.db, run).persona
    if owner is None:
        raise BadInput(f"Nobody knows whose checkpoint {checkpoint} is.", "Train again.")
    return owner


def _drawn_by(studio: Studio, picture: Picture) -> str | None:
    """Whose adapter drew a picture; None: it was the base alone."""
    if picture.job is None:
        return None
    spec = SPEC.validate_json(queue.get(studio.db, picture.job).spec)
    if not isinstance(spec, GenerateSpec) or spec.checkpoint is None:
        return None
    return _trained_for(studio, spec.checkpoint)


def _today() -> date:
    return datetime.now(UTC).date()
