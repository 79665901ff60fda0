"""A judge that points: it finds what is there, where it is, and is taught and measured on renders that say so."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.catalog import ASSETS
from studio.domain.errors import BadInput, MissingWeights
from studio.domain.events import Event, Scalar
from studio.domain.pointed import OTHER, PERSON, SKY, Found, told_of
from studio.engines.features import FeatureCache, Pictures, open_reader
from studio.engines.judge import CARD, OBJECTS, Judge, batches, load_judge
from studio.engines.judge_measures import measured_objects, measured_readings, save_judge, trimmed
from studio.engines.judge_object_lessons import (
    Objects,
    cells,
    middle_loss,
    shifted,
    train_finder,
    train_objects,
    train_tower,
    views,
    where_loss,
)
from studio.engines.judge_objects import CELLS, CERTAIN, MARKS, WINDOWS, ObjectNetwork, cut_out
from studio.engines.judge_training import ABSENT, Lesson
from studio.world.identity import sample_identity
from studio.world.render import render
from studio.world.sampling import sample_picture
from studio.world.trace import find_tracer
from studio.world.truth import attributes

LOOKS = {
    "people": {"hair colour": ("red", "blue")},
    "things": {"kind": ("ball", "cube"), "colour": ("red", "blue")},
}


def squares(count: int) -> Objects:
    """Pictures of one red square or blue disc each on grey, the squares called cubes and the discs balls."""
    rng = np.random.default_rng(5)
    pixels = np.full((count, 128, 128, 3), 128, np.uint8) + rng.integers(0, 20, (count, 128, 128, 3), dtype=np.uint8)
    places = np.stack([*rng.uniform(-0.6, 0.6, (2, count)), np.full(count, 0.22)], axis=1).astype(np.float32)
    down, across = np.mgrid[-1 + 1 / 128 : 1 : 1 / 64, -1 + 1 / 128 : 1 : 1 / 64]
    kinds = np.arange(count) % 2
    for number, (x, y, radius) in enumerate(places):
        away = np.stack([np.abs(across - x), np.abs(down - y)])
        inside = away.max(0) < radius if kinds[number] else np.hypot(*away) < radius
        pixels[number][inside] = (220, 40, 40) if kinds[number] else (40, 60, 220)
    labels = {
        "people": {"hair colour": np.full(count, ABSENT)},
        "things": {"kind": kinds, "colour": 1 - kinds},
    }
    truths = [{"things": "1", "thing shape": LOOKS["things"]["kind"][kind], "thing colour": ("blue", "red")[kind]} for kind in kinds]
    return Objects(
        pixels, pixels[: count // 2], np.arange(count), np.full(count, MARKS.index("thing")), places, labels, truths,
        np.arange(count), [[]] * count,
    )  # fmt: skip


def test_a_network_is_taught_to_point_and_what_it_points_at_is_read(tmp_path: Path) -> None:
    losses: list[float] = []

    def report(event: Event) -> None:
        if isinstance(event, Scalar):
            losses.append(event.value)

    truth, test = squares(64), squares(80)
    test = replace(test, **{name: getattr(test, name)[64:] for name in ("pixels", "truths")}, softened=test.pixels[64:72])
    network = ObjectNetwork(LOOKS)
    train_finder(network, truth, Lesson(steps=150, batch_size=8, learning_rate=4e-3, seed=1), report)
    assert losses[0] > 4 * losses[-1], losses
    train_tower("things", network, truth, Lesson(steps=60, batch_size=16, learning_rate=3e-3, seed=1), report)
    judge = replace(load_judge(ASSETS / "judges" / "chooser"), objects=network)
    told = [told_of(found) for found in judge.point(test.pixels)]
    assert sum(one["things"] == "1" for one in told) >= 13, told
    table = measured_objects(judge, test, {"thing shape": ("ball", "cube"), "thing colour": ("red", "blue"), "left shape": ("ball",)})
    assert set(table) == {"thing shape", "thing colour"}
    assert table["thing colour"]["accuracy"] >= 0.8
    assert table["thing colour"]["labels"] == ["red", "blue"] and table["thing colour"]["sure"] == [], "16 are too few"
    card = {**judge.card, "objects": {"looks": LOOKS, "attributes": table}}
    save_judge(replace(judge, card=card), tmp_path)
    again = load_judge(tmp_path)
    assert [told_of(found) for found in again.point(test.pixels)] == told


def test_a_perfect_answer_costs_least() -> None:
    which, marks = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1])
    places = torch.tensor([[0.0, 0.1, 0.3], [-0.5, 0.4, 0.1], [0.9, -0.9, 0.2]])
    rows, columns = cells(places)
    right = torch.full((2, len(MARKS), CELLS, CELLS), -9.0)
    right[which, marks, rows, columns] = 9.0
    elsewhere = torch.full_like(right, -9.0)
    elsewhere[which, marks, (rows + 9) % CELLS, columns] = 9.0
    nothing = torch.full_like(right, -9.0)
    assert middle_loss(right, which, marks, places) < 0.01 < middle_loss(nothing, which, marks, places)
    assert middle_loss(nothing, which, marks, places) < middle_loss(elsewhere, which, marks, places)
    more = torch.zeros(2, 3, CELLS, CELLS)
    more[which, 0, rows, columns] = (places[:, 0] + 1) / 2 * CELLS - columns - 0.5
    more[which, 1, rows, columns] = (places[:, 1] + 1) / 2 * CELLS - rows - 0.5
    more[which, 2, rows, columns] = places[:, 2].log()
    assert where_loss(more, which, places) == 0 < where_loss(torch.zeros_like(more), which, places)
    assert where_loss(more, which[:0], places[:0]) == 0


def test_things_are_found_where_they_are_marked() -> None:
    network = ObjectNetwork(LOOKS).eval()
    wanted = [(PERSON, (0.3, -0.2, 0.3)), ("thing", (-0.5, 0.5, 0.1)), (SKY, (0.0, -0.65, 1.1))]
    logits, more = torch.full((1, len(MARKS), CELLS, CELLS), -9.0), torch.zeros(1, 3, CELLS, CELLS)
    for mark, (x, y, radius) in wanted:
        (row,), (column,) = cells(torch.tensor([[x, y, radius]]))
        logits[0, MARKS.index(mark), row, column] = 4.0
        more[0, :, row, column] = torch.tensor(
            [(x + 1) / 2 * CELLS - column - 0.5, (y + 1) / 2 * CELLS - row - 0.5, float(np.log(radius))]
        )
    logits[0, 0, 13, 21] = 2.0  # on the person's head and less sure than that: the same once more
    more[0, 2, 13, 21] = float(np.log(0.6))
    logits[0, 1, 14, 20] = 2.0  # a thing there is another matter
    logits[0, 1, 28, 28] = float(np.log(CERTAIN / (1 - CERTAIN))) - 0.01
    network.finder.forward = lambda x: (logits, more)  # type: ignore[method-assign]
    [found] = network.find(torch.zeros(1, 3, 128, 128))
    assert len(found) == 4
    for mark, place in wanted:
        assert any(spot.mark == mark and spot.place == pytest.approx(place, abs=1e-4) for spot in found)
    [looked] = network.look(torch.zeros(1, 3, 128, 128))
    assert {one.kind for one in looked} <= {PERSON, SKY, "ball", "cube"}
    assert [set(one.attributes) for one in looked if one.kind == PERSON] == [{"hair colour"}]


def test_what_is_moved_is_found_where_it_went() -> None:
    truth = squares(12)
    x = torch.from_numpy(truth.pixels).permute(0, 3, 1, 2).float()
    rng = np.random.default_rng(2)
    turned, places = shifted(x, torch.arange(12), torch.from_numpy(truth.places), rng)
    assert (places - torch.from_numpy(truth.places)).abs().max() > 0.2
    bright = (turned.amax(1) - turned.amin(1)) > 90
    axis = (torch.arange(128) + 0.5) / 64 - 1
    for picture, (x_at, y_at, radius) in enumerate(places.tolist()):
        if max(abs(x_at), abs(y_at)) + radius < 0.95:
            share = bright[picture].float() / bright[picture].sum()
            assert float((share.sum(0) * axis).sum()) == pytest.approx(x_at, abs=0.03)
            assert float((share.sum(1) * axis).sum()) == pytest.approx(y_at, abs=0.03)


def test_a_view_is_of_the_thing_and_of_the_size_its_tower_takes() -> None:
    truth = squares(6)
    seen = views(truth.pixels, truth.places, WINDOWS["things"], np.random.default_rng(0))
    assert seen.shape == (6, 32, 32, 3)
    middle = seen[:, 12:20, 12:20].astype(int)
    assert (middle.max(-1) - middle.min(-1) > 90).mean() > 0.9
    x = torch.from_numpy(truth.pixels).permute(0, 3, 1, 2).float()
    shoulders = cut_out(x, torch.tensor([[0.0, 0.0, 0.25]] * 6), WINDOWS["people"])
    assert shoulders.shape == (6, 3, 64, 64)


def test_a_value_is_sure_only_when_it_is_seen_and_not_seen_surely() -> None:
    def entry(read: list[str], true: list[str], soft: list[str] | None = None) -> dict[str, Any]:
        ways = {"renders": [{"hat": one} for one in read], "softened": [{"hat": one} for one in (soft or read)]}
        return measured_readings(ways, [{"hat": one} for one in true], {"hat": ("cap", "beret"), "scarf": ("yes",)})["hat"]

    true = ["cap"] * 60 + ["beret"] * 60
    perfect = entry(true, true)
    assert (perfect["accuracy"], perfect["sure"], perfect["pictures"]) == (1.0, ["cap", "beret"], 120)
    missed = entry(["beret"] * 2 + true[2:], true)
    assert missed["sure"] == [] and missed["accuracy"] == 0.9833, "2 of 60 caps missed, and taken for berets"
    unseen = entry([""] * 2 + true[2:], true)
    assert unseen["sure"] == ["beret"], "what was not found is no beret"
    soft = entry(true, true, ["beret"] * 6 + true[6:])
    assert (soft["accuracy"], soft["accuracy_renders"], soft["sure"]) == (0.95, 1.0, [])
    assert entry(true[11:], true[11:])["sure"] == [], "49 caps are too few to know either"


def test_lessons_without_people_or_things_get_a_sentence() -> None:
    with pytest.raises(BadInput, match="no people in these lessons"):
        train_objects(squares(4), LOOKS, Lesson(steps=4), lambda event: None)


def pointing(reporter: Judge, table: dict[str, dict[str, Any]], found: list[list[Found]]) -> Judge:
    """The reporter, pointing at what it is told to."""
    network = ObjectNetwork(LOOKS).eval()
    network.look = lambda x: found[: len(x)]  # type: ignore[method-assign]
    whole = {**reporter.card["attributes"], "hair colour": {"labels": ["red"], "accuracy": 0.96, "kept": False, "pictures": 90}}
    return replace(reporter, objects=network, card={**reporter.card, "attributes": whole, "objects": {"attributes": table}})


def test_what_is_offered_is_read_the_surer_way_and_all_else_is_other(reporter: Judge, tmp_path: Path) -> None:
    def entry(accuracy: float, labels: list[str], sure: list[str], pictures: int = 90) -> dict[str, Any]:
        return {"accuracy": accuracy, "labels": labels, "sure": sure, "pictures": pictures}

    table = {
        "hair colour": entry(0.93, ["red", "blonde", "grey"], ["blonde"]),
        "things": entry(0.98, ["0", "1", "2"], []),
        "left shape": entry(0.9, ["ball"], []),
        "back shape": entry(1.0, ["ball"], [], pictures=49),
        "place": entry(0.5, ["beach"], ["beach"]),
    }
    him, her = (Found(PERSON, 0.0, -0.2, 0.3, {"hair colour": colour}) for colour in ("blonde", "grey"))
    balls = [Found("ball", x / 10, 0.5, 0.1, {}) for x in range(3)]
    judge = pointing(reporter, table, [[him, *balls], [her, *balls[:2]], balls[:1]])
    assert judge.offered["hair colour"] == ("blonde", OTHER) and judge.offered["things"] == ("0", "1", "2", OTHER)
    assert not {"left shape", "back shape"} & set(judge.offered) and OTHER not in judge.offered["place"], "the whole look is surer of places"
    pixels = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    told = judge.attributes(pixels)
    assert told["hair colour"] == ["blonde", OTHER, OTHER] and told["things"] == [OTHER, "2", "1"]
    assert told["place"] == reporter.attributes(pixels)["place"]
    reading = replace(open_reader(ASSETS / "judges" / "reporter", FeatureCache(tmp_path)), judge=judge, labels=judge.offered)
    read = replace(reading, name="pointing").read(Pictures.of(pixels))
    assert read.attributes["hair colour"] == ("blonde", OTHER, OTHER) and set(read.attributes) == set(judge.offered)


def test_everybody_who_is_pointed_at_has_a_face(reporter: Judge) -> None:
    with Image.open(ASSETS / "example" / "zia-01.webp") as opened:
        her = np.asarray(opened.convert("RGB").resize((128, 128)))
    with torch.inference_mode():
        where = reporter.network.located(next(batches(her[None])))[1][0].tolist()
    head = Found(PERSON, *where, {})
    judge = pointing(reporter, {}, [[head, replace(head, x=head.x + 0.5), Found("ball", 0.0, 0.0, 0.1, {})]])
    [faces] = judge.faces(her[None])
    assert faces.shape == (2, 96)
    assert faces[0] == pytest.approx(reporter.embed(her[None])[0], abs=1e-4)
    assert faces[0] @ faces[1] < 0.9
    [nobody] = pointing(reporter, {}, [[]]).faces(her[None])
    assert nobody.shape == (0, 96)


def test_a_judge_that_lost_what_it_points_with_says_so(reporter: Judge, tmp_path: Path) -> None:
    card = {**reporter.card, "objects": {"looks": LOOKS, "attributes": {}}}
    save_judge(replace(reporter, objects=ObjectNetwork(LOOKS), card=card), tmp_path)
    assert load_judge(tmp_path).objects is not None
    (tmp_path / OBJECTS).unlink()
    with pytest.raises(MissingWeights, match="incomplete or damaged"):
        load_judge(tmp_path)


@pytest.fixture(scope="module")
def reporter() -> Judge:
    return load_judge(ASSETS / "judges" / "reporter")


def test_a_trimmed_judge_reads_what_is_offered_as_before(reporter: Judge, tmp_path: Path) -> None:
    table = {name: {**entry, "kept": True} for name, entry in reporter.card["attributes"].items()}
    network = type(reporter.network)({name: entry["labels"] for name, entry in table.items()}).eval()
    state = reporter.network.state_dict()
    network.load_state_dict({**network.state_dict(), **{k: v for k, v in state.items() if "attributes" not in k}})
    table = {name: {**entry, "accuracy": 0.99 if number % 3 else 0.5} for number, (name, entry) in enumerate(table.items())}
    card = {name: entry for name, entry in reporter.card.items() if name != "objects"}
    whole = replace(reporter, network=network, card={**card, "attributes": table}, objects=None)
    assert set(trimmed(whole, ["person", "eyes"]).network.labels) <= {"person", "eyes"}
    slim = trimmed(whole)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    assert slim.attributes(pixels) == whole.attributes(pixels)
    assert set(slim.network.labels) == set(whole.offered) < set(network.labels)
    save_judge(slim, tmp_path)
    again = load_judge(tmp_path)
    assert again.attributes(pixels) == whole.attributes(pixels)
    assert json.loads((tmp_path / CARD).read_text())["attributes"].keys() == table.keys(), "the card still tells of all"
    assert again.embed(pixels) == pytest.approx(whole.embed(pixels), abs=0.02)


def test_the_shipped_reporter_points_at_what_is_drawn_and_the_chooser_does_not(reporter: Judge, tmp_path: Path) -> None:
    tracer = find_tracer(tmp_path)
    scenes = [sample_picture(seed) for seed in range(987_000, 987_080)]
    pairs_of = [scene for scene in scenes if scene.companion][:4]
    tables = [scene for scene in scenes if scene.still][:5]
    alone = [scene for scene in scenes if scene.person and not scene.companion][:3]
    pairs = [(sample_identity(scene.seed), scene) for scene in (*pairs_of, *tables, *alone)]
    drawn = np.stack([render(who, scene, 128, tracer) for who, scene in pairs])
    told = [told_of(found) for found in reporter.point(drawn)]
    truths = [attributes(who, scene) for who, scene in pairs]
    assert len({truth["things"] for truth in truths}) > 2 and len({truth["people"] for truth in truths}) == 3
    for name in ("people", "things"):
        assert sum(one[name] == truth[name] for one, truth in zip(told, truths, strict=True)) >= 11, name
    assert {"things", "garment colour", "hat colour", "left colour", "left shape", "right colour"} <= set(reporter.offered)
    assert load_judge(ASSETS / "judges" / "chooser").objects is None
    tested = {seed for first, last in reporter.card["objects"]["held_out_identities"] for seed in range(first, last + 1)}
    taught = {seed for first, last in reporter.card["objects"]["identities"] for seed in range(first, last + 1)}
    assert len(taught) > 10_000 and not any(900_000 <= seed <= 999_999 for seed in taught)
    assert {seed for seed in tested if seed < 80_000_000} <= set(range(900_000, 1_000_000))
