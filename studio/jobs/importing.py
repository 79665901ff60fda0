"""The import job: decode strangers' pictures in bounds, store each once, and say what became of every file."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from studio.catalog import ASSETS, find_base
from studio.collect.candidates import Candidate
from studio.collect.checks import measure
from studio.collect.decode import LARGEST_FILE, canonical_png, decode, thumbnail
from studio.collect.duplicates import Known, find_twins, known
from studio.collect.source import open_source
from studio.domain import policy
from studio.domain.errors import BadInput, Cancelled, Refused, StudioError
from studio.domain.events import Note, Phase, Progress
from studio.domain.importing import ImportReport, Remark, Skipped
from studio.domain.records import Charter, Checks, Example, Persona
from studio.domain.specs import ImportSpec
from studio.files import write_atomic
from studio.jobs.desk import Desk
from studio.storage import datasets, personas
from studio.storage.workspace import Workspace

BATCH = 12
"""Pictures that are stored and judged together: few enough that a crash loses little work."""
COMPARED_SIDE = 192
"""Pixels at which pictures are compared for duplicates."""

InWorld = Callable[[list[Image.Image]], list[bool]]


@dataclass(slots=True)
class _Intake:
    """What has come in so far."""

    spec: ImportSpec
    workspace: Workspace
    charter: Charter
    in_world: InWorld | None
    ids: dict[str, str]
    """Stored pictures: id to the name they came under."""
    others: list[Known]
    waiting: list[tuple[Example, bytes, Image.Image]] = field(default_factory=list)
    added: int = 0
    out_of_world: int = 0
    duplicates: list[Skipped] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def run(spec: ImportSpec, desk: Desk) -> ImportReport:
    """Import a source into the persona's dataset.

    One bad file never stops the others: it is left out with its sentence. What was stored stays when
    the job is stopped or the disk fills up. An upload is removed from the inbox afterwards, except
    when the job failed and may be tried again.
    """
    ws = desk.studio.workspace
    persona = personas.load(ws, spec.persona)
    policy.check_charter(persona.charter, datetime.now(UTC).date(), "train")
    source = _upload(ws, spec) if spec.uploaded else Path(spec.source)
    desk.report(Phase(title="Looking through the source"))
    intake = _intake(spec, ws, persona, desk)
    try:
        with open_source(source) as found:
            intake.skipped.extend(found.skipped)
            intake.remarks.extend(found.remarks)
            if not found.candidates:
                _report_empty(found.skipped)
            desk.report(Phase(title="Bringing in pictures"))
            for place, candidate in enumerate(found.candidates):
                desk.report(Progress(step=place, total=len(found.candidates), note=candidate.name))
                _take(intake, candidate)
            desk.report(Progress(step=len(found.candidates), total=len(found.candidates)))
        _store(intake)
    except Cancelled:
        _store(intake)
        datasets.hold_out(ws, spec.persona)
        _clear(spec, source)
        raise
    held_out = datasets.hold_out(ws, spec.persona)
    _clear(spec, source)
    report = _summary(intake, len(held_out))
    desk.report(Note(text=report.sentence()))
    return report


def _upload(ws: Workspace, spec: ImportSpec) -> Path:
    """The folder of the inbox: only there may anything be removed afterwards."""
    source = ws.absolute(spec.source)
    if source.parent != ws.inbox:
        raise BadInput(f"“{spec.source[:120]}” is no upload.", "Drop the pictures again.")
    if not source.exists():
        raise BadInput("The upload is no longer in the inbox.", "Drop the pictures again.")
    return source


def _intake(spec: ImportSpec, ws: Workspace, persona: Persona, desk: Desk) -> _Intake:
    present = datasets.examples(ws, spec.persona)
    opened = [
        known(example.id, example.checks.phash, partial(_stored_small, ws, spec.persona, example.id, {}))
        for example in present
    ]
    names = {example.id: example.source_name or example.id for example in present}
    return _Intake(spec, ws, persona.charter, _world_check(persona, desk), names, opened)


def _stored_small(ws: Workspace, slug: str, example_id: str, seen: dict[str, Image.Image]) -> Image.Image:
    if example_id not in seen:
        with Image.open(datasets.picture_path(ws, slug, example_id), formats=("PNG",)) as stored:
            seen[example_id] = _small(stored)
    return seen[example_id]


def _small(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    grey.thumbnail((COMPARED_SIDE, COMPARED_SIDE))
    return grey


def _report_empty(skipped: tuple[Skipped, ...]) -> None:
    if skipped:
        first = skipped[0]
        raise BadInput(
            f"There is no picture to import. {first.name}: {first.sentence}", "Use PNG, JPEG or WebP files."
        )
    raise BadInput("There is no picture in it.", "Use PNG, JPEG or WebP files, in a folder or a zip.")


# ---------------------------------------------------------------- one picture


def _take(intake: _Intake, candidate: Candidate) -> None:
    try:
        policy.check_text(candidate.caption, where="caption", charter=intake.charter)
        decoded = decode(candidate.member.read(LARGEST_FILE))
        png = canonical_png(decoded.picture)
    except (BadInput, Refused) as error:
        intake.skipped.append(Skipped(name=candidate.name, sentence=error.sentence()))
        return
    except MemoryError:
        sentence = "It needs more memory than this machine has free. Save it smaller."
        intake.skipped.append(Skipped(name=candidate.name, sentence=sentence))
        return
    sha256 = hashlib.sha256(png).hexdigest()
    if sha256[:16] in intake.ids:
        sentence = f"It is the same picture as {intake.ids[sha256[:16]]}, which was kept."
        intake.duplicates.append(Skipped(name=candidate.name, sentence=sentence))
        return
    intake.remarks.extend(
        Remark(name=candidate.name, sentence=f"The picture was taken; {note}.") for note in decoded.notes
    )
    checks = measure(decoded.picture)
    small = _small(decoded.picture)
    new = known(sha256[:16], checks.phash, lambda: small)
    checks = checks.model_copy(update={"twins": find_twins(new, intake.others)})
    example = Example(
        id=sha256[:16],
        sha256=sha256,
        caption=candidate.caption,
        caption_author="import" if candidate.caption else "none",
        rights=intake.spec.rights,
        held_out=candidate.held_out,
        source_name=candidate.name,
        imported=datetime.now(UTC),
        checks=checks,
    )
    write_atomic(intake.workspace.thumb(sha256), thumbnail(decoded.picture), durable=False)
    intake.ids[example.id] = candidate.name
    intake.others.append(new)
    intake.waiting.append((example, png, decoded.picture))
    if len(intake.waiting) >= BATCH:
        _store(intake)


def _store(intake: _Intake) -> None:
    """Write what waits, judged where there is a judge."""
    if not intake.waiting:
        return
    ready = [(example, png) for example, png, _ in intake.waiting]
    if intake.in_world is not None:
        answers = intake.in_world([picture for _, _, picture in intake.waiting])
        intake.out_of_world += answers.count(False)
        ready = [
            (_judged(example, answer), png) for (example, png), answer in zip(ready, answers, strict=True)
        ]
    intake.added += len(datasets.add_all(intake.workspace, intake.spec.persona, ready))
    intake.waiting.clear()


def _judged(example: Example, in_world: bool) -> Example:
    checks: Checks = example.checks.model_copy(update={"in_world": in_world})
    return example.model_copy(update={"checks": checks})


# ---------------------------------------------------------------- around it


def _world_check(persona: Persona, desk: Desk) -> InWorld | None:
    """Tells pictures of the embedded base's world from others, where that base and its judges are there."""
    try:
        if not find_base(persona.base).world_only:
            return None
        folders = sorted(path.parent for path in (ASSETS / "judges").glob("*/card.json"))
        if not folders:
            return None
        desk.report(Phase(title="Getting ready to look at the pictures"))
        from studio.engines.judge import SIDE, load_judge

        judge = load_judge(folders[0], "cpu")
    except (StudioError, ImportError) as error:
        desk.report(Note(text=f"Whether pictures are of this base's world is not measured: {error}"))
        return None

    def ask(pictures: list[Image.Image]) -> list[bool]:
        fitted = [np.asarray(ImageOps.fit(picture, (SIDE, SIDE))) for picture in pictures]
        return [bool(answer) for answer in judge.in_world(np.stack(fitted))]

    return ask


def _clear(spec: ImportSpec, source: Path) -> None:
    if spec.uploaded:
        shutil.rmtree(source, ignore_errors=True)


def _summary(intake: _Intake, held_out: int) -> ImportReport:
    return ImportReport(
        added=intake.added,
        duplicates=tuple(intake.duplicates),
        skipped=tuple(intake.skipped),
        remarks=tuple(intake.remarks),
        held_out=held_out,
        out_of_world=None if intake.in_world is None else intake.out_of_world,
    )
