"""What a person can take out of the studio: an adapter with its card, or pictures in a zip; always marked."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from studio.domain.errors import BadInput, NotFound
from studio.domain.records import JobStatus, Picture
from studio.domain.specs import SPEC, ExportSpec
from studio.storage import gate, pictures, queue
from studio.storage.opened import Studio


def export_adapter(studio: Studio, slug: str, checkpoint: str) -> int:
    """Submits the packing of a checkpoint; returns the job. Raises `Refused`, `BadInput`, `NotFound`."""
    persona = gate.check_publishing(studio, slug)
    if gate.checkpoint_owner(studio, checkpoint) != slug:
        raise BadInput(f"This checkpoint does not belong to {persona.name}.", "Choose one of this persona's.")
    spec = ExportSpec(what="adapter", persona=slug, checkpoint=checkpoint)
    return queue.submit(studio.db, spec, title=f"Export {persona.name}'s adapter", persona=slug)


def export_pictures(studio: Studio, ids: Sequence[str]) -> int:
    """Submits the packing of pictures; returns the job. Raises `Refused`, `BadInput`, `NotFound`."""
    if not ids:
        raise BadInput("No picture is chosen.", "Choose at least one.")
    chosen = [published(studio, one) for one in dict.fromkeys(ids)]
    shown = {picture.persona for picture in chosen}
    only = next(iter(shown)) if len(shown) == 1 else None
    spec = ExportSpec(what="pictures", persona=only, pictures=tuple(picture.id for picture in chosen))
    title = f"Export {len(chosen)} picture{'' if len(chosen) == 1 else 's'}"
    return queue.submit(studio.db, spec, title=title, persona=only)


def published(studio: Studio, picture_id: str) -> Picture:
    """A picture that may leave the studio, alone or in a zip. Raises `Refused`, `BadInput`, `NotFound`."""
    picture = pictures.get(studio.db, picture_id)
    gate.check_publishing_picture(studio, picture)
    return picture


def exported(studio: Studio, job_id: int, key: Literal["path", "json_path"] = "path") -> Path:
    """A file that a finished export made, if it may still leave the studio; it lies in that job's own folder.

    The permission is asked again, for it may have been revoked since. Raises `Refused`, `BadInput`, `NotFound`.
    """
    job = queue.get(studio.db, job_id)
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, ExportSpec) or job.status is not JobStatus.DONE:
        raise NotFound("This job left no such file.", "Reload the page.")
    name = json.loads(job.result or "{}").get(key)
    path = studio.workspace.absolute(name) if isinstance(name, str) else None
    if path is None or path.parent != studio.workspace.run_dir(job_id):
        raise NotFound("This job left no such file.", "Reload the page.")
    gate.check_export(studio, spec)
    if not path.is_file():
        raise NotFound("That file is gone.", "Make it again.")
    return path
