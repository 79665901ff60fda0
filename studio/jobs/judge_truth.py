"""Rendered folders as what judges are taught: everything that can be seen in their pictures is known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from PIL import Image

from studio.domain.errors import BadInput
from studio.domain.vocabulary import (
    COLOURS,
    CREATURE_COLOURS,
    CREATURES,
    EYE_COLOURS,
    GARMENTS,
    GENDERS,
    HAIR_COLOURS,
    HAIR_STYLES,
    HATS,
    LIGHTS,
    MATERIALS,
    PATTERNS,
    PLACES,
    SKIN_TONES,
    THINGS,
)
from studio.jobs.world_pictures import records
from studio.world.identity import LOOK_ALIKES, TRAIT_NAMES, sample_identity, traits
from studio.world.render import CLOSE
from studio.world.still_life import MOST, Relation
from studio.world.truth import SEEN_OF_BOTH

if TYPE_CHECKING:
    from studio.engines.judge import Pixels
    from studio.engines.judge_object_lessons import Objects
    from studio.engines.judge_training import Truth

HEADS = 64
"""Pixels of a close-up."""
YES = ("no", "yes")
COUNTS = tuple(str(count) for count in range(MOST + 1))
SIDES = (("left", "right"), ("upper", "lower"), ("front", "back"))
PERSON: Mapping[str, tuple[str, ...]] = {
    "gender": GENDERS,
    "age": ("adult", "older"),
    "skin": SKIN_TONES,
    "hair colour": HAIR_COLOURS,
    "hair style": tuple(HAIR_STYLES),
    "eyes": EYE_COLOURS,
    "beard": YES,
    "freckles": YES,
    "glasses": YES,
    "sunglasses": YES,
    "goggles": YES,
    "scarf": YES,
    "hat": ("none", *HATS),
    "hat colour": ("none", *COLOURS),
    "garment": tuple(GARMENTS),
    "garment colour": (*COLOURS, "wetsuit"),
    "pattern": tuple(PATTERNS),
    "laughing": YES,
}
"""What can be read of one person."""
THING: Mapping[str, tuple[str, ...]] = {
    "shape": tuple(THINGS),
    "kind": CREATURES,
    "colour": COLOURS,
    "material": tuple(MATERIALS),
}
"""What can be read of a thing or creature."""
LABELS: Mapping[str, tuple[str, ...]] = {
    "place": tuple(PLACES),
    "person": YES,
    "people": ("0", "1", "2"),
    "things": COUNTS,
    "left things": COUNTS,
    "right things": COUNTS,
    "light": tuple(LIGHTS),
    "arrangement": ("none", *get_args(Relation)),
    **{creature: YES for creature in CREATURES},
    "cat glasses": YES,
    "cat colour": CREATURE_COLOURS["cat"],
    "unicorn colour": CREATURE_COLOURS["unicorn"],
    **{f"thing {name}": values for name, values in THING.items() if name != "kind"},
    **{f"{side} {name}": values for pair in SIDES for side in pair for name, values in THING.items()},
    **PERSON,
    **{f"{side} {name}": PERSON[name] for side in ("left", "right") for name in SEEN_OF_BOTH},
}
"""What judges learn to read, with the values of each; a judge that was taught fewer keeps its own in its card."""
LOOKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "people": {name: values for name, values in PERSON.items() if name not in ("eyes", "laughing")},
    "things": {"kind": (*THINGS, *CREATURES), "colour": COLOURS, "material": tuple(MATERIALS), "glasses": YES},
}
"""What is read of people and of things that were pointed at; eyes and mouths are too small in a whole picture."""


def truth_of(
    folders: Sequence[Path], softened: int, generated: Path | None, start: Path | None, *,
    portraits: bool = False, heads: bool = False,
) -> "Truth":  # fmt: skip
    """Rendered folders as what a judge is taught, in shuffled order; some pictures also after the autoencoder.

    Pictures are softened at twice the size a judge sees or larger, then made smaller.
    `generated`: a folder of pictures the base made, if there is one. `portraits`: only pictures of one person.
    `heads`: of those only the heads, as close-ups; the folders may then hold close-ups too.
    """
    from studio.engines.judge import SIDE, resized
    from studio.engines.judge_training import ABSENT, Truth
    from studio.engines.pretrain_stages import softened as softened_by

    listed = [(folder, record) for folder in folders for record in records(folder)]
    listed = _shuffled([(folder, record) for folder, record in listed if not (portraits or heads) or record["identity"] is not None])
    count, side = len(listed), HEADS if heads else SIDE
    labels = {name: np.full(count, ABSENT, np.int64) for name in LABELS}
    people, known = np.full(count, -1, np.int64), np.full((count, len(TRAIT_NAMES)), np.nan, np.float32)
    focus = np.full((count, 3), np.nan, np.float32)
    pixels = np.zeros((count, side, side, 3), np.uint8)
    large = []
    for row, (folder, record) in enumerate(listed):
        with Image.open(folder / record["file_name"]) as opened:
            picture = opened.convert("RGB")
        if heads and picture.size != (side, side):
            picture, record["focus"] = close_up_of(picture, record["focus"])
        _check_size(picture, side, record)
        if row < softened:
            large.append(np.asarray(picture if picture.width >= 2 * side else picture.resize((2 * side, 2 * side))))
        pixels[row] = resized(np.asarray(picture), side)
        for name, value in record["attributes"].items():
            labels[name][row] = LABELS[name].index(value)
        if record["identity"] is not None:
            people[row], focus[row] = record["identity"], record["focus"]
            known[row] = traits(sample_identity(record["identity"]))
    drawn = [resized(np.asarray(Image.open(path))) for path in sorted(generated.glob("*.png"))] if generated else []
    made = np.stack(drawn) if drawn else pixels[:0]
    families = np.where(people < 0, people, people % LOOK_ALIKES)
    soft = [resized(picture, side) for picture in softened_by(large, start)]
    soft_pixels = np.stack(soft) if soft else pixels[:0]
    return Truth(pixels, people, families, labels, known, focus, soft_pixels, made)


def objects_of(folders: Sequence[Path], softened: int) -> "Objects":
    """Rendered folders with everybody and everything in their pictures, in shuffled order; the first also after the
    embedded base's autoencoder, as in `truth_of`.

    Raises `BadInput` for folders that do not say where things are, and pictures that are not squares of a judge's size.
    """
    from studio.engines.judge import resized
    from studio.engines.judge_object_lessons import Objects
    from studio.engines.judge_objects import KIND, MARKS, THING, TOWERS
    from studio.engines.judge_training import ABSENT
    from studio.engines.pretrain_stages import softened as softened_by

    listed = _shuffled([(folder, record) for folder in folders for record in records(folder)])
    for folder, record in listed:
        if not record.get("objects"):
            raise BadInput(
                f"{folder} does not say where in its pictures things are.",
                "Repeat the command that rendered it, unless that was of heads: pictures are kept, and what is known of "
                "them is written anew.",
            )
    pictures = [_opened(folder, record) for folder, record in listed]
    seen = [(row, one) for row, (_, record) in enumerate(listed) for one in record["objects"]]
    marks = [one["kind"] if one["kind"] in MARKS else THING for _, one in seen]
    labels = {who: {name: np.full(len(seen), ABSENT, np.int64) for name in looks} for who, looks in LOOKS.items()}
    for place, ((_, one), mark) in enumerate(zip(seen, marks, strict=True)):
        read = labels.get(TOWERS.get(mark, ""), {})
        for name, value in {KIND: one["kind"], **one["attributes"]}.items():
            if name in read:
                read[name][place] = LOOKS[TOWERS[mark]][name].index(value)
    pixels = np.stack([resized(picture) for picture in pictures])
    soft = [resized(picture) for picture in softened_by([_enlarged(one) for one in pictures[:softened]], None)]
    return Objects(
        pixels=pixels,
        softened=np.stack(soft) if soft else pixels[:0],
        owners=np.array([row for row, _ in seen], np.int64),
        marks=np.array([MARKS.index(mark) for mark in marks], np.int64),
        places=np.array([(one["x"], one["y"], one["radius"]) for _, one in seen], np.float32),
        labels=labels,
        truths=[record["attributes"] for _, record in listed],
        scenes=np.array([record["scene"] for _, record in listed], np.int64),
        people=[[one["identity"] for one in record["objects"] if one["identity"] is not None] for _, record in listed],
    )


def of_others(truth: "Objects", taught: Collection[int]) -> "Objects":
    """The pictures without any of the people who were `taught`."""
    kept = [row for row, some in enumerate(truth.people) if not any(seed in taught for seed in some)]
    things = np.isin(truth.owners, kept)
    return replace(
        truth,
        pixels=truth.pixels[kept],
        softened=truth.softened[[row for row in kept if row < len(truth.softened)]],
        owners=np.searchsorted(kept, truth.owners[things]),
        marks=truth.marks[things],
        places=truth.places[things],
        labels={who: {name: some[things] for name, some in read.items()} for who, read in truth.labels.items()},
        truths=[truth.truths[row] for row in kept],
        scenes=truth.scenes[kept],
        people=[truth.people[row] for row in kept],
    )


def _shuffled(listed: list[tuple[Path, dict[str, Any]]]) -> list[tuple[Path, dict[str, Any]]]:
    order = np.random.default_rng(3).permutation(len(listed))
    return [listed[row] for row in order]


def _opened(folder: Path, record: Mapping[str, Any]) -> "Pixels":
    """Raises `BadInput` for a picture that is no square of at least a judge's size."""
    from studio.engines.judge import SIDE

    with Image.open(folder / record["file_name"]) as opened:
        picture = opened.convert("RGB")
    _check_size(picture, SIDE, record)
    return np.asarray(picture)


def _check_size(picture: Image.Image, side: int, record: Mapping[str, Any]) -> None:
    if min(picture.size) < side or picture.width != picture.height:
        raise BadInput(
            f"Judges learn from squares of {side} pixels or more; {record['file_name']} has {picture.size}.", "Render anew."
        )


def _enlarged(picture: "Pixels") -> "Pixels":
    """As large as pictures are when they go through the autoencoder: at least twice what a judge sees."""
    from studio.engines.judge import SIDE

    if len(picture) >= 2 * SIDE:
        return picture
    return np.asarray(Image.fromarray(picture).resize((2 * SIDE, 2 * SIDE)))


def close_up_of(picture: Image.Image, focus: Sequence[float]) -> tuple[Image.Image, tuple[float, float, float]]:
    """The head in a whole picture as a close-up of `HEADS` pixels, and where it is in there; see `render.close_up`."""
    half, pad = picture.width / 2, picture.width // 2
    edged = Image.fromarray(np.pad(np.asarray(picture), ((pad, pad), (pad, pad), (0, 0)), "edge"))
    x, y, reach = (focus[0] + 1) * half + pad, (focus[1] + 1) * half + pad, focus[2] * CLOSE * half
    cut = edged.resize((HEADS, HEADS), Image.Resampling.BILINEAR, (x - reach, y - reach, x + reach, y + reach))
    return cut, (0.0, 0.0, 1 / CLOSE)


def shown_labels(lessons: "Truth", test: "Truth") -> dict[str, tuple[str, ...]]:
    """What a judge can be taught here: of each attribute the values that the lessons show.

    Attributes of fewer than two values teach nothing, and those that the test never shows cannot be measured.
    """
    shown = {
        name: tuple(value for number, value in enumerate(values) if (lessons.labels[name] == number).any())
        for name, values in LABELS.items()
    }
    return {
        name: values
        for name, values in shown.items()
        if len(values) > 1 and any((test.labels[name] == LABELS[name].index(value)).any() for value in values)
    }


def relabelled(truth: "Truth", names: Mapping[str, tuple[str, ...]]) -> "Truth":
    """The same pictures with labels as indices into `names` instead of `LABELS`; other values become absent."""
    from studio.engines.judge_training import ABSENT

    labels = {}
    for name, values in names.items():
        found = np.full_like(truth.labels[name], ABSENT)
        for number, value in enumerate(values):
            found[truth.labels[name] == LABELS[name].index(value)] = number
        labels[name] = found
    return replace(truth, labels=labels)
