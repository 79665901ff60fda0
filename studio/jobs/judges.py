"""Opens the judges and a persona's own pictures, so that jobs can say how much a picture looks like her."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from studio.catalog import ASSETS, find_base
from studio.domain.errors import Unsupported
from studio.domain.records import Example, Persona, Yardstick
from studio.engines.features import FeatureCache, Floats, Pictures, Reader, open_reader
from studio.engines.judge import Pixels
from studio.engines.likeness import likeness, template, yardstick
from studio.engines.metrics.evidence import Judged
from studio.files import read_bounded
from studio.storage import datasets
from studio.storage.workspace import Workspace

JUDGES = ASSETS / "judges"

STRANGERS = JUDGES / "strangers"
"""Invented people, one picture each: where 0 lies on the likeness scale."""

DATASET_NOTE = "dataset.json"
"""In a run's folder: the examples it was trained on and those held out."""

LARGEST_NOTE = 256 << 20

Score = Callable[[Sequence[Pixels]], list[float | None]]


@dataclass(frozen=True, slots=True)
class OwnPictures:
    """A persona's kept pictures: those that were trained on, with their examples, and those held out."""

    training: Pictures
    held_out: Pictures
    examples: tuple[Example, ...]
    """The training pictures' examples, in the order of `training`."""

    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Both judges with the persona's templates, the reporter's scale and its embeddings (k, d) of other people.

    `note` says why likeness cannot be measured, if so.
    """

    reporter: Judged | None = None
    chooser: Judged | None = None
    scale: Yardstick | None = None
    others: Floats | None = None
    note: str = ""


def own_pictures(workspace: Workspace, slug: str, checkpoints: Iterable[str] = ()) -> OwnPictures:
    """The pictures as they are stored: canonical PNGs that the import made.

    Whatever one of `checkpoints` was trained on counts as trained on, also when the dataset was changed since.
    """
    learnt = {name for checkpoint in checkpoints for name in trained_on(workspace, checkpoint)}
    examples = datasets.examples(workspace, slug)
    training = tuple(one for one in examples if one.id in learnt or (one.kept and not one.held_out))
    held_out = [one for one in examples if one.kept and one.held_out and one.id not in learnt]
    return OwnPictures(
        training=_stored(workspace, slug, training),
        held_out=_stored(workspace, slug, held_out),
        examples=training,
        captions=tuple(example.caption for example in training),
    )


def unseen_pictures(workspace: Workspace, slug: str, checkpoint: str | None) -> Pictures:
    """The pictures held out now that `checkpoint` did not learn from, as it may have before the dataset was changed."""
    learnt = trained_on(workspace, checkpoint) if checkpoint else frozenset()
    examples = datasets.examples(workspace, slug)
    return _stored(workspace, slug, (one for one in examples if one.kept and one.held_out and one.id not in learnt))


def trained_on(workspace: Workspace, checkpoint: str) -> frozenset[str]:
    """Ids of the pictures a checkpoint learnt from, as its run noted them; empty when it noted none."""
    note = workspace.absolute(checkpoint).parent.parent / DATASET_NOTE
    if not note.is_file():
        return frozenset()
    rows = json.loads(read_bounded(note, LARGEST_NOTE))
    return frozenset(str(row["id"]) for row in rows if not row["held_out"])


def feature_cache(workspace: Workspace) -> FeatureCache:
    """Where features of pictures are kept."""
    return FeatureCache(workspace.cache / "features")


def open_bench(workspace: Workspace, persona: Persona, held_out: Pictures) -> Bench:
    """The judges for a persona's pictures, or a sentence on why there are none.

    The judges know the embedded base's small world only, so they are not asked about any other base.
    """
    if not find_base(persona.base).world_only:
        return Bench(note="Likeness is not measured: the judges know only the embedded base's small world.")
    if not len(held_out):
        return Bench(note="Likeness is not measured: there are too few pictures to hold some out.")
    cache = feature_cache(workspace)
    try:
        reporter, chooser = (_judged(name, cache, held_out) for name in ("reporter", "chooser"))
    except Unsupported as error:
        return Bench(note=error.sentence())
    strangers = reporter.reader.read(load_folder(STRANGERS))
    return Bench(reporter, chooser, yardstick(reporter.persona, strangers), strangers.embeddings[strangers.in_world])


def open_reporter(workspace: Workspace) -> Reader:
    """The judge whose readings are shown, without anybody to compare with. Raises `MissingWeights`."""
    return open_reader(JUDGES / "reporter", feature_cache(workspace))


def score_by(judged: Judged) -> Score:
    """A function from pictures to their likeness (None: out of the judge's world).

    The chooser is for everything that decides (curves while training), the reporter for what is shown as a result.
    """

    def score(pixels: Sequence[Pixels]) -> list[float | None]:
        return likeness(judged.persona, judged.reader.read(Pictures.of(pixels)))

    return score


def load_folder(folder: Path) -> Pictures:
    """Every PNG or WebP picture of one of our own folders, by name; none when the folder is absent."""
    return load_files(sorted(path for path in folder.glob("*") if path.suffix in (".png", ".webp")))


def load_files(paths: Iterable[Path]) -> Pictures:
    """Pictures the studio wrote itself; never a stranger's file."""
    return Pictures.of(_pixels(path) for path in paths)


def _pixels(path: Path) -> Pixels:
    with Image.open(path, formats=("PNG", "WEBP")) as picture:
        return np.asarray(picture.convert("RGB"))


def _stored(workspace: Workspace, slug: str, examples: Iterable[Example]) -> Pictures:
    return load_files(datasets.picture_path(workspace, slug, example.id) for example in examples)


def _judged(name: str, cache: FeatureCache, held_out: Pictures) -> Judged:
    reader: Reader = open_reader(JUDGES / name, cache)
    return Judged(reader, template(reader.read(held_out)))
