"""What `bench` does to a dataset of 200 pictures, through the same actions as the page."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from studio.actions import datasets as acting
from studio.actions import personas as people
from studio.domain.captions import BulkEdit
from studio.domain.records import Charter, Checks, Example, Rights
from studio.storage import datasets
from studio.storage.opened import open_studio

PICTURES = 200


def dataset_steps(folder: Path) -> dict[str, Callable[[], object]]:
    """Named actions on a dataset of `PICTURES` pictures in a new workspace at `folder`."""
    studio = open_studio(folder)
    trigger = people.suggest_trigger("Bench")
    persona = people.create_persona(
        studio, name="Bench", trigger=trigger, charter=Charter(confirmed_adult=True)
    )
    slug = persona.slug
    for number in range(PICTURES):
        target = io.BytesIO()
        pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(target, "PNG")
        digest = hashlib.sha256(target.getvalue()).hexdigest()
        example = Example(
            id=digest[:16],
            sha256=digest,
            caption=f"{trigger} in a forest, picture {number}",
            rights=Rights.OWN,
            source_name=f"{number}.png",
            imported=datetime.now(UTC),
            checks=Checks(width=16, height=16, sharpness=100.0, brightness=0.5, phash=()),
        )
        datasets.add(studio.workspace, slug, example, target.getvalue())
    first = datasets.examples(studio.workspace, slug)[0].id
    turn = iter(range(10_000))

    def caption() -> object:
        version = datasets.version(studio.workspace, slug)
        return acting.set_caption(studio, slug, first, f"{trigger} by the sea {next(turn)}", version)

    def preview() -> object:
        return acting.preview_bulk(studio, slug, BulkEdit(action="append", text="at sunset"))

    return {
        "show the dataset": lambda: acting.page(studio, slug),
        "change a caption": caption,
        "preview a bulk edit": preview,
        "keep or reject": lambda: acting.set_kept(studio, slug, [first], next(turn) % 2 == 0),
    }
