"""Pictures of the small world on disk: a captioned folder like any other, with the truth beside each caption."""

import functools
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from studio.domain.errors import BadInput
from studio.domain.events import Progress, Report
from studio.files import write_atomic
from studio.world.captions import caption
from studio.world.identity import LOOK_ALIKES, Identity, sample_identity
from studio.world.objects import objects
from studio.world.phrasing import GENERIC, wordings
from studio.world.render import CLOSE, Device, focus, prepare_worker, render
from studio.world.sampling import sample_pair, sample_picture, sample_portrait, sample_things
from studio.world.scene import Scene, at_a_table, sample_scene
from studio.world.trace import Tracer, find_tracer
from studio.world.trace_cuda import card_is_missing, card_tracer
from studio.world.truth import attributes

FIRST_WORDINGS = 4
TOLD = 1000
World = Literal["whole", "first", "portraits", "heads", "pairs", "things"]


@dataclass(frozen=True, slots=True)
class Order:
    """Which pictures: `count` scenes from `first_scene` on, of `identities` people from `first_identity` on.

    Each of them comes with `look_alikes` others whom words cannot tell apart (see `sample_identity`). `world`: the
    whole one; the first one, its eight places and its plain captions; the whole one's portraits; their heads alone
    (see `render.close_up`); two people each; or its things without people.
    """

    count: int
    first_identity: int
    identities: int
    first_scene: int
    size: int = 256
    look_alikes: int = 0
    world: World = "whole"

    def identity(self, number: int) -> Identity:
        """Who is in the picture with this number: people take turns, look-alikes one after the other."""
        family, member = divmod(number % (self.identities * (self.look_alikes + 1)), self.look_alikes + 1)
        return sample_identity(member * LOOK_ALIKES + self.first_identity + family)

    def scene(self, number: int) -> Scene:
        """What the picture with this number shows."""
        seed = self.first_scene + number
        if self.world in ("portraits", "heads"):
            return sample_portrait(seed)
        if self.world == "things":
            return sample_things(seed)
        if self.world == "pairs":
            return sample_pair(seed)
        return sample_picture(seed) if self.world == "whole" else sample_scene(seed)


def render_folder(order: Order, folder: Path, report: Report, *, workers: int = 1, device: Device = "cpu") -> None:
    """Render into `folder`; pictures that are already there are kept, so an interrupted call may be repeated.

    On a card ("cuda") the same pictures come out but for rounding. Raises `BadInput` where there is none, or no nvcc.

    `metadata.jsonl` holds file name, wordings, identity (of the only person), whose seed is seen at all, scene, attributes,
    where the face is, and where everybody and everything is.
    """
    if order.count < 1 or order.identities < 1:
        raise BadInput(f"{order.count} pictures of {order.identities} people cannot be rendered.", "Ask for one or more.")
    if device == "cuda" and (missing := card_is_missing()):
        raise BadInput(f"Pictures cannot be rendered on a graphics card here: {missing}.", "Render with --device cpu.")
    folder.mkdir(parents=True, exist_ok=True)
    records = {}
    numbers = list(range(order.count))
    draw = functools.partial(_picture, order, folder, device)
    with multiprocessing.get_context("spawn").Pool(workers, prepare_worker, (device,)) as pool:
        for done, (number, record) in enumerate(pool.imap_unordered(draw, numbers, chunksize=4), start=1):
            records[number] = record
            report(Progress(step=done, total=order.count))
            if done % TOLD == 0:
                _write(folder, records)
    _write(folder, records)


def _write(folder: Path, records: dict[int, dict[str, Any]]) -> None:
    lines = (json.dumps(records[number], ensure_ascii=False) for number in sorted(records))
    write_atomic(folder / "metadata.jsonl", ("\n".join(lines) + "\n").encode())


@functools.cache
def _tracer(folder: Path, device: Device) -> Tracer | None:
    """One handle on the compiled geometry per worker."""
    return card_tracer(folder) if device == "cuda" else find_tracer(folder)


def _picture(order: Order, folder: Path, device: Device, number: int) -> tuple[int, dict[str, Any]]:
    identity = order.identity(number)
    scene = order.scene(number)
    name = f"{number:06d}.png"
    if not (folder / name).is_file():
        tracer, close = _tracer(folder / ".compiled", device), order.world == "heads"
        picture = Image.fromarray(render(identity, scene, order.size, tracer, close=close))
        partial = folder / f".{name}"
        picture.save(partial, format="PNG", compress_level=3)
        partial.replace(folder / name)
    texts = _first_wordings(identity, scene) if order.world == "first" else wordings(identity, scene, scene.seed)
    record = {
        "file_name": name,
        "text": texts[0],
        "texts": texts,
        "identity": identity.seed if scene.person and scene.companion is None else None,
        "seen": identity.seed if scene.person else None,
        "scene": scene.seed,
        "focus": (0.0, 0.0, 1 / CLOSE) if order.world == "heads" else focus(scene),
        "attributes": attributes(identity, scene),
        "objects": [] if order.world == "heads" else [one.record() for one in objects(identity, scene)],
    }
    return number, record


def _first_wordings(identity: Identity, scene: Scene) -> list[str]:
    texts = [caption(identity, scene, scene.seed + 100_003 * more) for more in range(FIRST_WORDINGS - 1)]
    return [*texts, caption(identity, scene, scene.seed + GENERIC, who=f"a {identity.gender}")]


Rows = list[list[tuple[Identity, Scene]]]


def contact_sheet(rows: Rows, size: int, tracer: Tracer | None) -> Image.Image:
    """All rows of pictures as one."""
    sheet = Image.new("RGB", (len(rows[0]) * size, len(rows) * size))
    for down, row in enumerate(rows):
        for across, (who, scene) in enumerate(row):
            sheet.paste(Image.fromarray(render(who, scene, size, tracer)), (across * size, down * size))
    return sheet


def sheet_captions(rows: Rows) -> list[list[str]]:
    """What a contact sheet shows, in words."""
    return [[caption(who, scene, scene.seed) for who, scene in row] for row in rows]


def people_by_places(identities: list[int], places: list[str]) -> Rows:
    """The same people in the same scenes for the world's sheet and a base's; who sits at a table alternates."""
    rows = []
    for number, seed in enumerate(identities):
        who = sample_identity(seed)
        scenes = [
            at_a_table(1000 + 97 * number + column)
            if place == "table" and number % 2
            else sample_scene(1000 + 97 * number + column, place)
            for column, place in enumerate(places)
        ]
        rows.append([(who, scene) for scene in scenes])
    return rows


def all_sorts(count: int, first: int) -> Rows:
    """Pictures of the whole world with the scene seeds from `first` on, in rows of eight.

    Raises `BadInput` for a count that does not fill its rows.
    """
    if count < 8 or count % 8:
        raise BadInput(f"A sheet has rows of eight pictures; {count} do not fill them.", "Ask for 8, 16, 24 …")
    pairs = [(sample_identity(7 * seed), sample_picture(seed)) for seed in range(first, first + count)]
    return [pairs[start : start + 8] for start in range(0, count, 8)]


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a rendered folder's metadata."""
    path = folder / "metadata.jsonl"
    if not path.is_file():
        raise BadInput(f"{folder} holds no rendered world.", "Make one with `python -m studio base render`.")
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)
