"""What judges are taught: only what the lessons show and the test can measure."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.catalog import ASSETS
from studio.domain.errors import BadInput
from studio.domain.events import Event, Scalar
from studio.engines.judge import Judge, load_judge
from studio.engines.judge_measures import _accuracies, save_judge
from studio.engines.judge_network import JudgeNetwork
from studio.engines.judge_training import ABSENT, Truth, renamed
from studio.jobs.judge_lessons import (
    measure_on,
    train_gate_on,
    train_heads_on,
    train_objects_on,
    train_picture_on,
)
from studio.jobs.judge_truth import LABELS, close_up_of, relabelled, shown_labels
from studio.jobs.world_pictures import Order, render_folder
from studio.world.identity import sample_identity
from studio.world.render import CLOSE, focus, render
from studio.world.scene import sample_scene


def truth(**shown: list[str | None]) -> Truth:
    """Two pictures that show these values (None: absent) and nothing else that judges learn to read."""
    labels: dict[str, NDArray[np.int64]] = {name: np.full(2, ABSENT, np.int64) for name in LABELS}
    for name, values in shown.items():
        labels[name][:] = [ABSENT if value is None else LABELS[name].index(value) for value in values]
    nothing = np.zeros((0, 128, 128, 3), np.uint8)
    people, numbers = np.array([1, 2]), np.zeros((2, 3), np.float32)
    return Truth(np.zeros((2, 128, 128, 3), np.uint8), people, people, labels, numbers, numbers, nothing, nothing)


LESSONS = truth(place=["city", "beach"], beard=["yes", "no"], cat=["no", "no"], light=["day", "night"])
TEST = truth(place=["kitchen", "city"], beard=["no", None], cat=["no", "no"])


def test_labels_that_do_not_occur_are_not_taught() -> None:
    assert shown_labels(LESSONS, TEST) == {"place": ("beach", "city"), "beard": ("no", "yes")}


def test_labels_become_indices_into_what_is_taught() -> None:
    names = shown_labels(LESSONS, TEST)
    lessons, test = relabelled(LESSONS, names), relabelled(TEST, names)
    assert {name: values.tolist() for name, values in lessons.labels.items()} == {"place": [1, 0], "beard": [1, 0]}
    assert test.labels["place"].tolist() == [ABSENT, 1], "nobody taught it a kitchen"
    assert test.labels["beard"].tolist() == [0, ABSENT]


@pytest.mark.filterwarnings("error")
def test_what_only_plain_renders_show_has_no_accuracy_after_the_autoencoder() -> None:
    names = shown_labels(LESSONS, TEST)
    plain = np.array([[0, 0, 1, 0], [1, 2, 0, 0]], np.float32)
    found = _accuracies(JudgeNetwork(names), relabelled(TEST, names), plain, np.zeros((1, 4), np.float32))
    place = found["place"]
    assert (place["accuracy"], place["accuracy_renders"], place["accuracy_softened"]) == (1.0, 1.0, None)
    assert (place["pictures"], found["beard"]["accuracy_softened"]) == (1, 1.0)


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    """Eight portraits of four people who are in no lesson, as a rendered folder."""
    folder = tmp_path / "strangers"
    folder.mkdir()
    faces = sorted((ASSETS / "judges" / "strangers").glob("*.webp"))[:4]
    lines = []
    for number, face in enumerate([*faces, *faces]):
        with Image.open(face) as picture:
            picture.convert("RGB").resize((128, 128)).save(folder / f"{number}.png")
        record = {
            "file_name": f"{number}.png", "identity": int(face.stem), "focus": [0, -0.1, 0.4],
            "attributes": {"person": "yes", "gender": "woman"},
        }  # fmt: skip
        lines.append(json.dumps(record))
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """The chooser as it was before it was trimmed, though what was left out is not what it was."""
    judge = load_judge(ASSETS / "judges" / "chooser")
    entries = {name: entry | {"kept": True} for name, entry in judge.card["attributes"].items()}
    network = renamed(judge.network, {name: tuple(entry["labels"]) for name, entry in entries.items()}, 0).eval()
    save_judge(replace(judge, network=network, card={**judge.card, "attributes": entries}), tmp_path / "start")
    return tmp_path / "start"


def changed(before: Judge, after: Judge) -> set[str]:
    """The parts of a judge that are not what they were."""
    old = before.network.state_dict()
    return {name.split(".")[0] for name, value in after.network.state_dict().items() if not torch.equal(value, old[name])}


def test_a_gate_is_taught_anew_and_nothing_else_of_the_judge(strangers: Path, start: Path, tmp_path: Path) -> None:
    out = tmp_path / "chooser"
    train_gate_on({"steps": 2}, [strangers], [strangers], out, start, lambda event: None, outsiders=28)
    before, after = load_judge(start), load_judge(out)
    assert changed(before, after) == {"gate"}
    assert before.card | {"in_world": after.card["in_world"]} == after.card != before.card


def elsewhere(folder: Path, to: Path, places: tuple[str, ...], first: int) -> Path:
    """The pictures of a rendered folder as of people from `first` on, said to be taken in `places`."""
    shutil.copytree(folder, to)
    records = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    for number, record in enumerate(records):
        record["identity"] = first + number % 4
        record["attributes"]["place"] = places[number % len(places)]
    (to / "metadata.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    return to


def test_whole_pictures_are_taught_with_new_places_and_heads_stay_as_they_were(
    strangers: Path, start: Path, tmp_path: Path
) -> None:
    places = ("beach", "library", "garden")
    lessons = elsewhere(strangers, tmp_path / "lessons", places, 5000)
    test = elsewhere(strangers, tmp_path / "test", places, 6000)
    out = tmp_path / "chooser"
    given = {"steps": 3, "batch_size": 4}
    train_picture_on(given, [lessons], [test], out, start, lambda event: None, gate_steps=2, outsiders=28)
    before, after = load_judge(start), load_judge(out)
    assert set(after.network.labels) == set(before.network.labels)
    assert set(after.network.labels["place"]) == set(places) and after.network.labels["hat"] == before.network.labels["hat"]
    assert changed(before, after) == {"picture", "find", "picture_attributes", "gate"}
    assert [5000, 5003] in after.card["identities"]
    start_trimmed, gone_on = ASSETS / "judges" / "reporter", tmp_path / "reporter"
    train_picture_on({"steps": 0}, [lessons], [test], gone_on, start_trimmed, lambda event: None, gate_steps=1, outsiders=28)
    trimmed, further = load_judge(start_trimmed), load_judge(gone_on)
    assert set(further.card["attributes"]) == set(trimmed.card["attributes"]) > set(trimmed.network.labels)
    assert further.card["attributes"]["eyes"] == trimmed.card["attributes"]["eyes"]
    assert further.card["attributes"]["place"]["pictures"] == 8


def test_heads_are_taught_and_nothing_else_of_the_judge(strangers: Path, start: Path, tmp_path: Path) -> None:
    heads, out = tmp_path / "heads", tmp_path / "chooser"
    render_folder(Order(4, 5000, 2, 7000, size=64, world="heads"), heads, lambda event: None)
    losses: list[float] = []

    def report(event: Event) -> None:
        if isinstance(event, Scalar):
            losses.append(event.value)

    given = {"steps": 26, "batch_size": 8, "learning_rate": 2e-3}
    train_heads_on(given, [heads, heads], [strangers], out, start, report)
    before, after = load_judge(start), load_judge(out)
    assert changed(before, after) == {"head", "embed", "head_attributes"}
    assert losses[-1] < losses[0], losses
    assert after.card["in_world"] == before.card["in_world"]
    assert after.card["attributes"]["place"] == before.card["attributes"]["place"]
    assert after.card["attributes"]["gender"]["pictures"] == 8 != before.card["attributes"]["gender"]["pictures"]
    assert after.card["identities"] == [*before.card["identities"], [5000, 5001]]
    with pytest.raises(BadInput, match="in the lessons and in the test"):
        train_heads_on(given, [strangers], [strangers], out, start, report)


def test_a_judge_is_taught_to_point_and_nothing_else_of_it_changes(strangers: Path, tmp_path: Path) -> None:
    lessons, test, start, out = tmp_path / "a", tmp_path / "b", ASSETS / "judges" / "chooser", tmp_path / "chooser"
    render_folder(Order(6, 5000, 6, 7001, size=128), lessons, lambda event: None)
    render_folder(Order(5, 6000, 5, 7101, size=128, world="things"), test, lambda event: None)
    given = {"steps": 8, "batch_size": 4}
    train_objects_on(given, [lessons], [test], out, start, lambda event: None)
    before, after = load_judge(start), load_judge(out)
    assert changed(before, after) == set() and after.card["attributes"] == before.card["attributes"]
    card = after.card["objects"]
    assert (card["identities"], card["pictures"], card["steps"]) == ([[5000, 5004]], 6, 8), "the sixth picture shows nobody"
    assert card["attributes"]["things"]["pictures"] == 5 and "place" not in card["attributes"]
    assert after.objects is not None and before.objects is None
    gone_on = tmp_path / "gone-on"
    train_gate_on({"steps": 1}, [strangers], [strangers], gone_on, out, lambda event: None, outsiders=28)
    again = load_judge(gone_on)
    assert again.objects is not None and again.card["objects"] == card
    with pytest.raises(BadInput, match="Scene 7001 is in the lessons and in the test"):
        train_objects_on(given, [lessons], [lessons], out, start, lambda event: None)
    longer = tmp_path / "longer"
    train_objects_on(given | {"steps": 4}, [lessons], [test], longer, out, lambda event: None)
    further = load_judge(longer)
    assert further.objects is not None and (further.card["objects"]["steps"], further.card["objects"]["pictures"]) == (12, 12)
    apart, fresh = ([float((value - one.objects.state_dict()[name]).abs().mean()) for name, value in after.objects.state_dict().items()
                     if name.endswith("weight")] for one in (further, load_judge(ASSETS / "judges" / "reporter")))  # fmt: skip
    assert sum(apart) < 0.5 * sum(fresh), "it went on from where it was"
    records = [json.loads(line) for line in (test / "metadata.jsonl").read_text().splitlines()]
    told = "\n".join(json.dumps({name: value for name, value in record.items() if name != "objects"}) for record in records)
    (test / "metadata.jsonl").write_text(told)
    with pytest.raises(BadInput, match="does not say where"):
        train_objects_on(given, [lessons], [test], out, start, lambda event: None)


def test_a_judge_is_measured_anew_and_learns_nothing(tmp_path: Path) -> None:
    test, start, out = tmp_path / "test", ASSETS / "judges" / "reporter", tmp_path / "reporter"
    render_folder(Order(8, 6000, 2, 7101, size=128, look_alikes=1, world="portraits"), test, lambda event: None)
    measure_on([test], start, out, lambda event: None)
    before, after = load_judge(start), load_judge(out)
    assert changed(before, after) == set() and after.objects is not None
    told = {"verification", "verification_softened", "held_out_identities", "attributes"}
    assert {name for name in before.card if before.card[name] != after.card[name]} <= told
    assert after.card["held_out_identities"] == [[6000, 6001]]
    found = after.card["verification"]
    assert (found["people"], found["pairs_genuine"], found["pairs_look_alikes"]) == (4, 4, 8)
    assert found["pairs_hard"] < found["pairs_impostor"] == 24, "whom words tell apart is no hard pair, though the judge reads few words"
    for order, problem in ((Order(2, 310_000, 1, 7101, size=128, world="portraits"), "was in|in the lessons"),
                           (Order(2, 6000, 2, 7101, size=128, world="portraits"), "2 people, none of them twice")):  # fmt: skip
        folder = tmp_path / str(order.identities)
        render_folder(order, folder, lambda event: None)
        with pytest.raises(BadInput, match=problem):
            measure_on([folder], ASSETS / "judges" / "chooser", tmp_path / "new", lambda event: None)
    assert not (tmp_path / "new").exists()


def test_a_trimmed_judge_goes_on_with_what_it_still_reads(strangers: Path, tmp_path: Path) -> None:
    heads, start, out = tmp_path / "heads", ASSETS / "judges" / "chooser", tmp_path / "chooser"
    render_folder(Order(4, 5000, 2, 7000, size=64, world="heads"), heads, lambda event: None)
    train_heads_on({"steps": 1, "batch_size": 4}, [heads], [strangers], out, start, lambda event: None)
    before, after = load_judge(start), load_judge(out)
    assert after.network.labels.keys() == before.network.labels.keys() == {"person"}
    assert after.card["attributes"] == before.card["attributes"] and "head" in changed(before, after)


def test_a_head_is_cut_from_a_whole_picture_as_it_is_drawn_close_up() -> None:
    person, scene = sample_identity(31), sample_scene(5, "studio")
    where = focus(scene)
    assert where is not None
    cut, found = close_up_of(Image.fromarray(render(person, scene, 128)), where)
    drawn = render(person, scene, 64, close=True)
    middle = np.s_[12:52, 12:52]  # backdrops are not magnified
    likeness = np.corrcoef(np.asarray(cut)[middle].ravel(), drawn[middle].ravel())[0, 1]
    elsewhere = np.corrcoef(np.roll(np.asarray(cut), 6, axis=1)[middle].ravel(), drawn[middle].ravel())[0, 1]
    assert found == (0, 0, 1 / CLOSE) and likeness > 0.97 > elsewhere + 0.05
