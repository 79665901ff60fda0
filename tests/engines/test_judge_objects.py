"""A judge that points: it finds what is there, where it is, and is taught and measured on renders that say so."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.catalog import ASSETS
from studio.domain.events import Event, Scalar
from studio.domain.pointed import PERSON, SKY, read
from studio.engines.judge import CARD, Judge, load_judge
from studio.engines.judge_measures import _tells, measured_objects, save_judge, trimmed
from studio.engines.judge_object_lessons import (
    Objects,
    cells,
    middle_loss,
    moved,
    train_finder,
    train_tower,
    views,
    where_loss,
)
from studio.engines.judge_objects import CELLS, CUTS, MARKS, ObjectNetwork, cut_out
from studio.engines.judge_training import ABSENT, Lesson

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
        np.zeros(0, np.int64),
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
    told = [read(found) for found in judge.point(test.pixels)]
    assert sum(one["things"] == "1" for one in told) >= 13, told
    table = measured_objects(judge, test, {"thing shape": ("ball", "cube"), "thing colour": ("red", "blue"), "left shape": ("ball",)})
    assert set(table) == {"thing shape", "thing colour"}
    assert table["thing colour"]["accuracy"] >= 0.8
    assert table["thing colour"]["labels"] == ["red", "blue", "none"] and table["thing colour"]["sure"] == []
    card = {**judge.card, "objects": {"looks": LOOKS, "attributes": table}}
    save_judge(replace(judge, card=card), tmp_path)
    again = load_judge(tmp_path)
    assert [read(found) for found in again.point(test.pixels)] == told


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
    logits[0, 1, 14, 20] = 2.0  # on the person's head and less sure than that: the same once more
    more[0, 2, 14, 20] = float(np.log(0.6))
    network.finder.forward = lambda x: (logits, more)  # type: ignore[method-assign]
    [found] = network.find(torch.zeros(1, 3, 128, 128))
    assert {mark for mark, _, _ in found} == {mark for mark, _ in wanted} and len(found) == 3
    for mark, place in wanted:
        [where] = [where for other, _, where in found if other == mark]
        assert where == pytest.approx(place, abs=1e-4)
    [looked] = network.look(torch.zeros(1, 3, 128, 128))
    assert {one.kind for one in looked} <= {PERSON, SKY, "ball", "cube"}
    assert [set(one.attributes) for one in looked if one.kind == PERSON] == [{"hair colour"}]


def test_what_is_moved_is_found_where_it_went() -> None:
    truth = squares(12)
    x = torch.from_numpy(truth.pixels).permute(0, 3, 1, 2).float()
    rng = np.random.default_rng(2)
    turned, places = moved(x, torch.arange(12), torch.from_numpy(truth.places), rng)
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
    seen = views(truth.pixels, truth.places, CUTS["things"], np.random.default_rng(0))
    assert seen.shape == (6, 32, 32, 3)
    middle = seen[:, 12:20, 12:20].astype(int)
    assert (middle.max(-1) - middle.min(-1) > 90).mean() > 0.9
    x = torch.from_numpy(truth.pixels).permute(0, 3, 1, 2).float()
    shoulders = cut_out(x, torch.tensor([[0.0, 0.0, 0.25]] * 6), CUTS["people"])
    assert shoulders.shape == (6, 3, 64, 64)


def test_a_value_is_told_only_when_it_is_seen_and_not_seen_surely() -> None:
    right = [("red", "red")] * 40 + [("blue", "blue")] * 40
    assert _tells("red", right)
    assert not _tells("red", [*right, ("blue", "red"), ("blue", "red")]), "two of 42 reds were missed"
    assert not _tells("red", [*right, ("red", "blue"), ("red", "blue")]), "two of 42 blues were called red"
    assert not _tells("red", right[30:]), "ten reds are too few"


@pytest.fixture(scope="module")
def reporter() -> Judge:
    return load_judge(ASSETS / "judges" / "reporter")


def test_a_trimmed_judge_reads_what_is_offered_as_before(reporter: Judge, tmp_path: Path) -> None:
    table = {name: {**entry, "kept": True} for name, entry in reporter.card["attributes"].items()}
    network = type(reporter.network)({name: entry["labels"] for name, entry in table.items()}).eval()
    state = reporter.network.state_dict()
    network.load_state_dict({**network.state_dict(), **{k: v for k, v in state.items() if "attributes" not in k}})
    table = {name: {**entry, "accuracy": 0.99 if number % 3 else 0.5} for number, (name, entry) in enumerate(table.items())}
    whole = replace(reporter, network=network, card={**reporter.card, "attributes": table}, objects=None)
    slim = trimmed(whole)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
    assert slim.attributes(pixels) == whole.attributes(pixels)
    assert set(slim.network.labels) == set(whole.offered) < set(network.labels)
    save_judge(slim, tmp_path)
    again = load_judge(tmp_path)
    assert again.attributes(pixels) == whole.attributes(pixels)
    assert json.loads((tmp_path / CARD).read_text())["attributes"].keys() == table.keys(), "the card still tells of all"
    assert again.embed(pixels) == pytest.approx(whole.embed(pixels), abs=0.02)
