"""What a person can do with a dataset: bring pictures, look at them, decide, and edit captions with undo."""

import secrets
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from studio.catalog import Base, find_base
from studio.domain import dataset_rules, policy
from studio.domain.captions import BulkEdit, apply_edit, around_change, clean_caption
from studio.domain.dataset_rules import Readiness, Reason
from studio.domain.errors import BadInput, NotFound, StudioError
from studio.domain.records import Example, JobStatus, Persona, Rights
from studio.domain.specs import ImportSpec
from studio.files import disk_trouble
from studio.storage import datasets, inbox, personas, queue
from studio.storage.opened import Studio

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
LARGEST_UPLOAD = 4_000_000_000
"""Bytes of one upload, all files together."""
WORLD_NOTE = (
    "This base draws its own small world. Photographs train too, but pictures will look like drawings of that "
    "world, and for pictures from outside of it likeness reads “not measured”."
)


@dataclass(frozen=True, slots=True)
class ExampleView:
    """One picture with what there is to know about it."""

    example: Example
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DatasetView:
    """A dataset as the page shows it; give `version` back with every change."""

    examples: tuple[ExampleView, ...]
    kept: int
    held_out: int
    readiness: Readiness
    version: str
    undo_title: str
    """What undo would take back; empty: nothing."""
    importing: tuple[int, ...]
    """Import jobs that wait or run."""
    note: str
    """What to know about this base's world; empty for a base without such bounds."""


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What a bulk edit would do: the captions it changes, and how many there are in all."""

    changes: tuple[tuple[str, str, str], ...]
    """(id, before, after), changed captions only."""
    total: int
    version: str

    def sentence(self) -> str:
        """How many captions change."""
        if not self.changes:
            return f"None of the {self.total} captions changes."
        return f"{len(self.changes)} of {self.total} captions change."


# ---------------------------------------------------------------- bringing pictures


def import_pictures(
    studio: Studio, slug: str, sources: Sequence[Path], *, uploaded: bool, rights: Rights = Rights.UNKNOWN
) -> int:
    """Submit the import of uploaded files (copied to the inbox unread; or one folder of the inbox that
    the page has filled) or of one named folder or file.

    An uploaded folder that lies in the inbox already, where the page streamed it, is taken as it is.

    Returns the job's id. Raises `BadInput` or `NotFound` when there is nothing to import, `DiskTrouble`
    when the upload does not fit, `Refused` when the persona was revoked.
    """
    persona = personas.load(studio.workspace, slug)
    policy.check_charter(persona.charter, datetime.now(UTC).date(), "train")
    if not sources:
        raise BadInput("There is nothing to import.", "Drop pictures or a zip, or name a folder.")
    if uploaded and len(sources) == 1 and _arrived(studio, sources[0]):
        source = studio.workspace.relative(sources[0])
        sources = [path for path in sources[0].rglob("*") if path.is_file()]
    elif uploaded:
        source = studio.workspace.relative(_to_inbox(studio, sources))
    elif len(sources) > 1:
        raise BadInput(f"{len(sources)} folders were named.", "Name one at a time.")
    else:
        path = sources[0].expanduser()
        if not path.exists():
            raise NotFound(f"There is no folder or file at {path}.", "Check the path.")
        if path.resolve().is_relative_to(studio.workspace.personas):
            raise BadInput(
                f"{path} is the studio's own copy of a dataset.", "Name the folder you keep pictures in."
            )
        source = str(path.resolve())
    spec = ImportSpec(persona=slug, source=source, uploaded=uploaded, rights=rights)
    count = f"{len(sources)} file{'' if len(sources) == 1 else 's'}" if uploaded else sources[0].name
    return queue.submit(studio.db, spec, title=f"Import {count} for {persona.name}", persona=slug, priority=1)


def _arrived(studio: Studio, source: Path) -> bool:
    return source.is_dir() and source.resolve().parent == studio.workspace.inbox


def _to_inbox(studio: Studio, sources: Sequence[Path]) -> Path:
    """A folder of the inbox with copies of these files."""
    if any(path.is_dir() for path in sources):
        raise BadInput(
            f"{sources[0].name} is a folder outside the inbox.", "Name it instead of uploading it."
        )
    sizes = [path.stat().st_size for path in sources]
    if sum(sizes) > LARGEST_UPLOAD:
        raise BadInput(
            f"The upload has {sum(sizes) / 1e9:.1f} GB; at most {LARGEST_UPLOAD / 1e9:g} GB are taken at once.",
            "Name the folder instead of uploading it, or bring it in parts.",
        )
    inbox.require_space(studio.workspace, sum(sizes))
    target = studio.workspace.inbox / secrets.token_hex(8)
    try:
        target.mkdir(parents=True)
        for path in sources:
            copy = inbox.free_name(target / path.name)
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise disk_trouble(error, target) from error
    return target


# ---------------------------------------------------------------- looking


def page(studio: Studio, slug: str) -> DatasetView:
    """Everything the dataset's page shows, in one look."""
    persona = personas.load(studio.workspace, slug)
    examples, version, undo_title = datasets.snapshot(studio.workspace, slug)
    base = _base(persona)
    reasons = dataset_rules.reasons(
        examples,
        trigger=persona.trigger,
        resolution=base.resolution if base else 0,
        world_only=base is not None and base.world_only,
    )
    kept = [example for example in examples if example.kept]
    importing = queue.jobs(studio.db, statuses=OPEN, kinds=["import"], persona=slug)
    return DatasetView(
        examples=tuple(ExampleView(example, reasons[example.id]) for example in examples),
        kept=len(kept),
        held_out=sum(example.held_out for example in kept),
        readiness=dataset_rules.readiness(examples, persona.trigger),
        version=version,
        undo_title=undo_title,
        importing=tuple(job.id for job in importing),
        note=WORLD_NOTE if base is not None and base.world_only else "",
    )


def readiness(studio: Studio, slug: str) -> Readiness:
    """Whether training may start, by what lies on the disk now."""
    persona = personas.load(studio.workspace, slug)
    return dataset_rules.readiness(datasets.examples(studio.workspace, slug), persona.trigger)


def _base(persona: Persona) -> Base | None:
    try:
        return find_base(persona.base)
    except StudioError:
        # The page of a dataset stays usable when the base's folder is gone; training says so.
        return None


# ---------------------------------------------------------------- captions


def set_caption(studio: Studio, slug: str, example_id: str, text: str, expected: str | None = None) -> str:
    """Write one caption; returns it as stored.

    `expected` is the `version` of the page that was edited. Raises `Conflict` with the other text when
    somebody changed this caption since then, `Refused` by the policy.
    """
    caption = clean_caption(text).text
    _check_captions(studio, slug, [caption])
    changes = {example_id: {"caption": caption}}
    datasets.edit(studio.workspace, slug, changes, "human", title="Edit one caption", expected=expected)
    return caption


def preview_bulk(
    studio: Studio, slug: str, edit: BulkEdit, ids: Collection[str] | None = None
) -> BulkPreview:
    """What the edit would change, among all pictures or those named; nothing is written."""
    examples, version, _ = datasets.snapshot(studio.workspace, slug)
    chosen = [example for example in examples if ids is None or example.id in ids]
    pairs = [(example.id, example.caption, apply_edit(edit, example.caption)) for example in chosen]
    return BulkPreview(tuple(pair for pair in pairs if pair[1] != pair[2]), len(chosen), version)


def apply_bulk(
    studio: Studio, slug: str, edit: BulkEdit, ids: Collection[str] | None = None, expected: str | None = None
) -> int:
    """Do what `preview_bulk` showed; returns how many captions changed. Raises `Conflict` and `Refused`."""
    preview = preview_bulk(studio, slug, edit, ids)
    # The captions were judged when they came in, so the words around the change are what is new; training
    # judges all captions whole, again.
    _check_captions(studio, slug, [around_change(before, after) for _, before, after in preview.changes])
    changes = {name: {"caption": after} for name, _, after in preview.changes}
    done = datasets.edit(studio.workspace, slug, changes, "bulk", title=edit.title(), expected=expected)
    return len(done.ids) if done else 0


def undo(studio: Studio, slug: str) -> str:
    """Take back the last decision; returns what it was, or an empty text when there is nothing left."""
    done = datasets.undo(studio.workspace, slug)
    return done.title if done else ""


# ---------------------------------------------------------------- decisions


def set_kept(studio: Studio, slug: str, ids: Collection[str], kept: bool, expected: str | None = None) -> int:
    """Keep or reject pictures, and bring those held out up to date; returns how many changed."""
    title = f"{'Keep' if kept else 'Reject'} {len(ids)} picture{'' if len(ids) == 1 else 's'}"
    return _decide(studio, slug, ids, {"kept": kept}, title, expected)


def set_rights(
    studio: Studio, slug: str, ids: Collection[str] | None, rights: Rights, expected: str | None = None
) -> int:
    """Say on what basis pictures may be used: those named, or all (`None`); returns how many changed."""
    chosen = ids if ids is not None else [e.id for e in datasets.examples(studio.workspace, slug)]
    title = f"State rights for {len(chosen)} picture{'' if len(chosen) == 1 else 's'}"
    return _decide(studio, slug, chosen, {"rights": rights}, title, expected)


def _decide(
    studio: Studio,
    slug: str,
    ids: Collection[str],
    fields: dict[str, object],
    title: str,
    expected: str | None,
) -> int:
    changes = dict.fromkeys(ids, fields)
    done = datasets.edit(studio.workspace, slug, changes, "human", title=title, expected=expected)
    return len(done.ids) if done else 0


def _check_captions(studio: Studio, slug: str, captions: Sequence[str]) -> None:
    """Raises `Refused` with the words that decided it."""
    charter = personas.load(studio.workspace, slug).charter
    for caption in dict.fromkeys(captions):
        policy.check_text(caption, where="caption", charter=charter)
