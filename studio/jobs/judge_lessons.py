"""Teaches judges from rendered folders, where everything that can be seen is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from PIL import Image

from studio.domain.errors import BadInput
from studio.domain.events import Note, Report
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
from studio.world.identity import LOOK_ALIKES, TRAITS, sample_identity, traits
from studio.world.still_life import MOST, Relation
from studio.world.truth import SEEN_OF_BOTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studio.engines.judge_training import Lesson, Truth

SOFTENED = 1000
GATE_STEPS = 200
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


def truth_of(
    folders: Sequence[Path], softened: int, generated: Path | None, start: Path | None, *, portraits: bool = False
) -> "Truth":
    """Rendered folders as what a judge is taught, in shuffled order; some pictures also after the autoencoder.

    `generated`: a folder of pictures the base made, if there is one. `portraits`: only pictures of one person.
    """
    from studio.engines.judge import SIDE
    from studio.engines.judge_training import ABSENT, Truth
    from studio.engines.pretrain_stages import softened as softened_by

    listed = [(folder, record) for folder in folders for record in records(folder)]
    listed = [(folder, record) for folder, record in listed if not portraits or record["identity"] is not None]
    order = np.random.default_rng(3).permutation(len(listed))
    listed = [listed[row] for row in order]
    count = len(listed)
    labels = {name: np.full(count, ABSENT, np.int64) for name in LABELS}
    people, known = np.full(count, -1, np.int64), np.full((count, len(TRAITS)), np.nan, np.float32)
    focus = np.full((count, 3), np.nan, np.float32)
    pixels = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    for row, (folder, record) in enumerate(listed):
        with Image.open(folder / record["file_name"]) as picture:
            if picture.size != (SIDE, SIDE):
                raise BadInput(f"Judges learn at {SIDE} pixels; {record['file_name']} has {picture.size}.", "Render anew.")
            pixels[row] = np.asarray(picture.convert("RGB"))
        for name, value in record["attributes"].items():
            labels[name][row] = LABELS[name].index(value)
        if record["identity"] is not None:
            people[row], focus[row] = record["identity"], record["focus"]
            known[row] = traits(sample_identity(record["identity"]))
    made = np.stack([np.asarray(Image.open(path)) for path in sorted(generated.glob("*.png"))]) if generated else pixels[:0]
    families = np.where(people < 0, people, people % LOOK_ALIKES)
    return Truth(pixels, people, families, labels, known, focus, softened_by(pixels[:softened], start), made)


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


def train_judge_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path | None, report: Report
) -> None:
    """Teach a judge on rendered folders, measure it on `held_out`, and write it to `out`.

    `start` holds an earlier judge to go on from, or a base whose autoencoder softens pictures. `out/generated` may
    hold pictures the base made; they then count as of this world. Raises `BadInput` when somebody appears both in the
    lessons and in the test.
    """
    from studio.engines.judge import CARD, load_judge
    from studio.engines.judge_training import Lesson, calibrate, save_judge, train_gate, train_judge

    lesson = Lesson(
        steps=int(given.get("steps", 450)),
        batch_size=int(given.get("batch_size", 64)),
        learning_rate=float(given.get("learning_rate", 3e-3)),
        seed=int(given.get("seed", 0)),
    )
    before = load_judge(start) if start and (start / CARD).is_file() else None
    base = None if before else start
    generated = out / "generated" if (out / "generated").is_dir() else None
    lessons = truth_of(folders, SOFTENED, generated, base)
    test = truth_of(held_out, SOFTENED // 2, generated, base)
    taught = set((lessons.people[lessons.people >= 0] % LOOK_ALIKES).tolist())
    taught |= {seed for first, last in (before.card["identities"] if before else ()) for seed in range(first, last + 1)}
    shared = taught & set((test.people[test.people >= 0] % LOOK_ALIKES).tolist())
    if shared:
        raise BadInput(f"Identity {min(shared)} is in the lessons and in the test.", "Render other people to test on.")
    names = shown_labels(lessons, test)
    lessons, test = relabelled(lessons, names), relabelled(test, names)
    network = train_judge(lessons, names, lesson, report, before.network if before else None)
    train_gate(network, lessons, GATE_STEPS, lesson.seed, report)
    card = judge_card(out.name, lessons, test, lesson, before.card if before else None)
    judge = calibrate(network, test, card)
    save_judge(judge, out)
    report(Note(text=json.dumps(judge.card["verification"])))


def train_gate_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path, report: Report,
    *, outsiders: int = 1200,
) -> None:  # fmt: skip
    """Teach the judge in `start` anew what is of its world, on portraits alone, and write it to `out`.

    `outsiders`: how many pictures that are not of the world are made up for it.

    What it reads of people, and what its card says of that, stays as it was: people are known wherever they stand, and
    what the judge never learned to read, such as things on a table, stays outside. Raises `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_training import calibrate, save_judge, train_gate

    before = load_judge(start)
    generated = out / "generated" if (out / "generated").is_dir() else None
    lessons, test = (
        relabelled(truth_of(some, softened, generated, None, portraits=True), before.network.labels)
        for some, softened in ((folders, SOFTENED), (held_out, SOFTENED // 2))
    )
    steps, seed = int(given.get("steps", GATE_STEPS)), int(given.get("seed", 0))
    train_gate(before.network, lessons, steps, seed, report, strangers=outsiders)
    judge = calibrate(before.network, test, before.card)
    save_judge(replace(judge, card={**before.card, "in_world": judge.card["in_world"]}), out)
    report(Note(text=json.dumps(judge.card["in_world"])))


def ranges(seeds: "NDArray[np.int64]", gap: int = 1000) -> list[list[int]]:
    """The first and last of every stretch of seeds with no hole larger than `gap`, in order."""
    found = np.unique(seeds)
    breaks = np.flatnonzero(np.diff(found) > gap)
    firsts, lasts = [0, *(breaks + 1)], [*breaks, len(found) - 1]
    return [[int(found[a]), int(found[b])] for a, b in zip(firsts, lasts, strict=True)]


def judge_card(
    name: str, lessons: "Truth", test: "Truth", lesson: "Lesson", before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What stands in a judge's card besides its measurements; `before`: the card of the judge it went on from."""
    taught, tested = (truth.people[truth.people >= 0] % LOOK_ALIKES for truth in (lessons, test))
    return {
        "name": name,
        "about": "Reads pictures of the embedded base's small world; it recognises no real face.",
        "licence": "Apache-2.0",
        "identities": [*(before["identities"] if before else []), *ranges(taught)],
        "held_out_identities": ranges(tested),
        "pictures": len(lessons.pixels) + (before["pictures"] if before else 0),
        "traits": list(TRAITS),
        "seed": lesson.seed,
        "steps": lesson.steps + (before["steps"] if before else 0),
        "batch_size": lesson.batch_size,
        "learning_rate": lesson.learning_rate,
    }
