"""Teaches judges from rendered folders, measures them on people they never saw, and writes their cards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.domain.errors import BadInput
from studio.domain.events import Note, Report
from studio.jobs.judge_truth import LABELS, LOOKS, objects_of, of_others, relabelled, shown_labels, truth_of
from studio.world.identity import LOOK_ALIKES, TRAIT_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studio.engines.judge import Judge
    from studio.engines.judge_network import JudgeNetwork
    from studio.engines.judge_object_lessons import Objects
    from studio.engines.judge_training import Lesson, Truth

SOFTENED, SOFTENED_HEADS, SOFTENED_TEST = 1000, 4000, 2000
"""How many pictures, how many close-ups, and how many of a test whose every value counts, are seen after the autoencoder too."""
GATE_STEPS, OUTSIDERS = 200, 1200
"""How long a gate learns, and on how many pictures that are not of the world and are made up for it."""


def train_judge_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path | None, report: Report
) -> None:
    """Teach a judge on rendered folders, measure it on `held_out`, and write it to `out`.

    `start` holds an earlier judge to go on from, or a base whose autoencoder softens pictures. `out/generated` may
    hold pictures the base made; they then count as of this world. Raises `BadInput` when somebody appears both in the
    lessons and in the test.
    """
    from studio.engines.judge import CARD, load_judge
    from studio.engines.judge_training import train_judge

    before = load_judge(start) if start and (start / CARD).is_file() else None
    lesson, base = lesson_of(given), None if before else start
    lessons, test = _lessons_and_test(folders, held_out, out, base, before.card if before else None)
    names = shown_labels(lessons, test)
    lessons, test = relabelled(lessons, names), relabelled(test, names)
    network = train_judge(lessons, names, lesson, report, before.network if before else None)
    _finish(network, lessons, test, lesson, before, out, report)


def train_picture_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path, report: Report,
    *, gate_steps: int = GATE_STEPS, outsiders: int = OUTSIDERS,
) -> None:  # fmt: skip
    """Teach the judge in `start` more whole pictures, such as of places it does not know, and write it to `out`.

    What it sees of heads stays as it was; it reads the same attributes as before, with the values that are shown now.
    As for `train_judge_on` otherwise. Raises `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_network import FACE_ATTRIBUTES
    from studio.engines.judge_training import renamed, train_picture

    before, lesson = load_judge(start), lesson_of(given)
    lessons, test = _lessons_and_test(folders, held_out, out, None, before.card)
    shown = shown_labels(lessons, test)
    names = {
        name: values if name in FACE_ATTRIBUTES else shown.get(name, values)
        for name, values in before.network.labels.items()
    }
    lessons, test = relabelled(lessons, names), relabelled(test, names)
    network = renamed(before.network, names, lesson.seed)
    train_picture(network, lessons, lesson, report)
    _finish(network, lessons, test, lesson, before, out, report, gate_steps, outsiders)


def _lessons_and_test(
    folders: Sequence[Path], held_out: Sequence[Path], out: Path, base: Path | None, before: Mapping[str, Any] | None
) -> tuple["Truth", "Truth"]:
    """Whole pictures to learn from and of other people to measure with, as far as a judge with this card may."""
    generated = out / "generated" if (out / "generated").is_dir() else None
    lessons = truth_of(folders, SOFTENED, generated, base)
    test = truth_of(held_out, SOFTENED // 2, generated, base)
    keep_apart(lessons, test, before)
    return lessons, test


def _finish(
    network: "JudgeNetwork", lessons: "Truth", test: "Truth", lesson: "Lesson", before: "Judge | None",
    out: Path, report: Report, gate_steps: int = GATE_STEPS, outsiders: int = OUTSIDERS,
) -> None:  # fmt: skip
    """Its gate, its numbers, its files; what the judge before pointed at, it points at too."""
    from studio.engines.judge_measures import calibrate, save_judge
    from studio.engines.judge_training import train_gate

    train_gate(network, lessons, gate_steps, lesson.seed, report, strangers=outsiders)
    judge = calibrate(network, test, judge_card(out.name, lessons, test, lesson, before.card if before else None))
    if before:  # what it was trimmed of stays known as too uncertain to be asked for
        judge = replace(judge, card={**judge.card, "attributes": {**before.card["attributes"], **judge.card["attributes"]}})
    if before and before.objects:
        judge = replace(judge, objects=before.objects, card={**judge.card, "objects": before.card["objects"]})
    save_judge(judge, out)
    report(Note(text=json.dumps(judge.card["verification"])))


def train_gate_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path, report: Report,
    *, outsiders: int = OUTSIDERS,
) -> None:  # fmt: skip
    """Teach the judge in `start` anew what is of its world, on portraits alone, and write it to `out`.

    What it reads of people, and what its card says of that, stays as it was: people are known wherever they stand, and
    what the judge never learned to read, such as things on a table, stays outside. Raises `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_measures import calibrate, save_judge
    from studio.engines.judge_training import train_gate

    before = load_judge(start)
    generated = out / "generated" if (out / "generated").is_dir() else None
    lessons, test = (
        relabelled(truth_of(some, softened, generated, None, portraits=True), before.network.labels)
        for some, softened in ((folders, SOFTENED), (held_out, SOFTENED // 2))
    )
    steps, seed = int(given.get("steps", GATE_STEPS)), int(given.get("seed", 0))
    train_gate(before.network, lessons, steps, seed, report, strangers=outsiders)
    judge = calibrate(before.network, test, before.card)
    card = {**before.card, "in_world": judge.card["in_world"]}
    save_judge(replace(judge, objects=before.objects, card=card), out)
    report(Note(text=json.dumps(judge.card["in_world"])))


def train_heads_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path, report: Report
) -> None:
    """Teach the judge in `start` more heads, from close-ups and whole portraits, and write it to `out`.

    What it reads of the rest of a picture, and what it takes for its world, stays as it was. Raises `BadInput` when
    somebody appears both in the lessons and in the test, `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_measures import recalibrate_heads, save_judge
    from studio.engines.judge_training import train_heads

    before = load_judge(start)
    lesson = lesson_of(given)
    lessons = truth_of(folders, SOFTENED_HEADS, None, None, heads=True)
    test = truth_of(held_out, SOFTENED // 2, None, None)
    keep_apart(lessons, test, before.card)
    lessons, test = (relabelled(truth, before.network.labels) for truth in (lessons, test))
    train_heads(before.network, lessons, lesson, report)
    judge = recalibrate_heads(before, test, judge_card(out.name, lessons, test, lesson, before.card))
    save_judge(judge, out)
    report(Note(text=json.dumps(judge.card["verification"])))


def train_objects_on(
    given: Mapping[str, Any], folders: Sequence[Path], held_out: Sequence[Path], out: Path, start: Path, report: Report
) -> None:
    """Teach the judge in `start` to point at people and things and to say what each looks like; write it to `out`.

    One that points already goes on learning. All else of the judge stays as it was. Test pictures with somebody who is in
    these lessons too, as second people may be, are not measured on. Raises `BadInput` for folders that do not say where things are, for lessons without people
    or without things, and for scenes that are both in the lessons and in the test; `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_measures import measured_objects, save_judge
    from studio.engines.judge_object_lessons import train_objects

    before, lesson = load_judge(start), lesson_of(given)
    lessons, test = objects_of(folders, SOFTENED), objects_of(held_out, SOFTENED_TEST)
    if shared := set(lessons.scenes.tolist()) & set(test.scenes.tolist()):
        raise BadInput(f"Scene {min(shared)} is in the lessons and in the test.", "Render other scenes to test on.")
    test = of_others(test, {seed for some in lessons.people for seed in some})
    earlier: Mapping[str, Any] = before.card["objects"] if before.objects else {"identities": [], "pictures": 0, "steps": 0}
    network = train_objects(lessons, LOOKS, lesson, report, before.objects)
    judge = replace(before, objects=network)
    card = {
        "looks": LOOKS,
        "identities": [*earlier["identities"], *(some for some in ranges(_everybody(lessons)) if some not in earlier["identities"])],
        "held_out_identities": ranges(_everybody(test)),
        "pictures": len(lessons.pixels) + earlier["pictures"],
        "held_out_pictures": len(test.pixels),
        "seed": lesson.seed,
        "steps": lesson.steps + earlier["steps"],
        "batch_size": lesson.batch_size,
        "learning_rate": lesson.learning_rate,
    }
    attributes = measured_objects(judge, test, LABELS)
    save_judge(replace(judge, card={**before.card, "objects": {**card, "attributes": attributes}}), out)
    report(Note(text=json.dumps({name: entry["accuracy"] for name, entry in attributes.items()})))


def measure_on(held_out: Sequence[Path], start: Path, out: Path, report: Report) -> None:
    """Measure anew how well the judge in `start` knows people, as when the world or the base's autoencoder changed; write it to `out`.

    It learns nothing, and what its card says of whole pictures and of what it points at stays. Raises `BadInput` when
    somebody in the test was in its lessons and when nobody is seen twice, `MissingWeights`.
    """
    from studio.engines.judge import load_judge
    from studio.engines.judge_measures import recalibrate_heads, save_judge

    before = load_judge(start)
    test = truth_of(held_out, SOFTENED // 2, None, None)
    keep_apart(None, test, before.card)
    seen, often = np.unique(test.people[test.people >= 0], return_counts=True)
    if len(seen) < 2 or often.max() < 2:
        raise BadInput(
            f"The test shows {len(seen)} people, none of them twice; whether a judge knows somebody again takes two pictures.",
            "Render more pictures than identities, of two or more.",
        )
    read = relabelled(test, before.network.labels)
    told = replace(read, labels={**test.labels, **read.labels})  # who looks alike is asked of more than it still reads
    judge = recalibrate_heads(before, told, {"held_out_identities": ranges(seen % LOOK_ALIKES)})
    save_judge(judge, out)
    report(Note(text=json.dumps(judge.card["verification"])))


def _everybody(truth: "Objects") -> "NDArray[np.int64]":
    return np.array([seed % LOOK_ALIKES for some in truth.people for seed in some], np.int64)


def keep_apart(lessons: "Truth | None", test: "Truth", before: Mapping[str, Any] | None) -> None:
    """Raises `BadInput` when somebody in the test is also in these lessons, or in those of the judge with this card."""
    taught = set((lessons.people[lessons.people >= 0] % LOOK_ALIKES).tolist()) if lessons else set()
    taught |= {seed for first, last in (before["identities"] if before else ()) for seed in range(first, last + 1)}
    shared = taught & set((test.people[test.people >= 0] % LOOK_ALIKES).tolist())
    if shared:
        raise BadInput(f"Identity {min(shared)} is in the lessons and in the test.", "Render other people to test on.")


def lesson_of(given: Mapping[str, Any]) -> "Lesson":
    """What the command line says of a lesson, with the defaults for the rest."""
    from studio.engines.judge_discriminant import EVERYBODY
    from studio.engines.judge_training import Lesson

    return Lesson(
        steps=int(given.get("steps", 450)),
        batch_size=int(given.get("batch_size", 64)),
        learning_rate=float(given.get("learning_rate", 3e-3)),
        seed=int(given.get("seed", 0)),
        share=float(given.get("share", 1.0)),
        everybody=float(given.get("everybody", EVERYBODY)),
    )


def ranges(seeds: "NDArray[np.int64]", gap: int = 1000) -> list[list[int]]:
    """The first and last of every stretch of seeds with no hole larger than `gap`, in order."""
    found = np.unique(seeds)
    if not len(found):
        return []
    breaks = np.flatnonzero(np.diff(found) > gap)
    firsts, lasts = [0, *(breaks + 1)], [*breaks, len(found) - 1]
    return [[int(found[a]), int(found[b])] for a, b in zip(firsts, lasts, strict=True)]


def judge_card(
    name: str, lessons: "Truth", test: "Truth", lesson: "Lesson", before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What stands in a judge's card besides its measurements; `before`: the card of the judge it went on from."""
    taught, tested = (truth.people[truth.people >= 0] % LOOK_ALIKES for truth in (lessons, test))
    earlier = before["identities"] if before else []
    return {
        "name": name,
        "about": "Reads pictures of the embedded base's small world; it recognises no real face.",
        "licence": "Apache-2.0",
        "identities": [*earlier, *(stretch for stretch in ranges(taught) if stretch not in earlier)],
        "held_out_identities": ranges(tested),
        "pictures": (len(lessons.pixels) if lesson.steps else 0) + (before["pictures"] if before else 0),
        "traits": list(TRAIT_NAMES),
        "seed": lesson.seed,
        "steps": lesson.steps + (before["steps"] if before else 0),
        "batch_size": lesson.batch_size,
        "learning_rate": lesson.learning_rate,
    }
