"""`python -m studio base …`: rendered folders train the stages, repeat without harm, and are drawn as sheets."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.catalog import ASSETS, TAUGHT, WORDS
from studio.domain.errors import BadInput, MissingWeights
from studio.domain.vocabulary import FIRST_PLACES, PLACES, words_of
from studio.jobs.base_verbs import base, default_places
from studio.jobs.judge_lessons import ranges
from studio.jobs.judge_truth import LABELS, truth_of
from studio.world.captions import caption
from studio.world.identity import sample_identity
from studio.world.render import CLOSE, render
from studio.world.sampling import sample_picture, sample_portrait
from studio.world.scene import sample_scene
from studio.world.truth import attributes


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "pictures"
    assert base(_render(folder, 6)) == 0
    return folder


def _render(folder: Path, count: int) -> list[str]:
    place = ["--first-identity", "5000", "--identities", "3", "--first-scene", "7000", "--size", "64"]
    return ["render", str(folder), "--pictures", str(count), *place]


def test_a_rendered_folder_says_who_and_what_is_in_it(rendered: Path) -> None:
    lines = [json.loads(line) for line in (rendered / "metadata.jsonl").read_text("utf-8").splitlines()]
    assert [line["file_name"] for line in lines] == [f"{number:06d}.png" for number in range(6)]
    for number, line in enumerate(lines):
        scene = sample_picture(7000 + number)
        assert line["attributes"] == attributes(sample_identity(5000 + number % 3), scene)
        assert (line["identity"] is not None) == (scene.person and scene.companion is None)
        assert (line["focus"] is not None) == scene.person
        assert len(line["texts"]) == (6 if line["seen"] is None else 7)
        with Image.open(rendered / line["file_name"]) as picture:
            assert picture.size == (64, 64)


def test_an_exported_base_says_whom_and_what_it_was_taught(rendered: Path, tmp_path: Path) -> None:
    parts = {"--autoencoder": "vae", "--text": "text_encoder", "--tokenizer": "tokenizer", "--denoiser": "unet"}
    named = [word for option, part in parts.items() for word in (option, str(ASSETS / "base" / part))]
    assert base(["export", str(tmp_path), *named, "--flow-shift", "3", "--taught", str(rendered)]) == 0
    lines = [json.loads(line) for line in (rendered / "metadata.jsonl").read_text("utf-8").splitlines()]
    seen = {5000 + number % 3 for number in range(6) if sample_picture(7000 + number).person}
    assert json.loads((tmp_path / TAUGHT).read_text("utf-8")) == {"identities": [[min(seen), max(seen)]]}
    said = Counter(word for line in lines for text in line["texts"] for word in set(words_of(text)))
    assert set((tmp_path / WORDS).read_text("utf-8").split()) == {word for word, count in said.items() if count >= 10}
    for part in ("vae/config.json", "unet/config.json"):
        assert (tmp_path / part).read_text("utf-8") == (ASSETS / "base" / part).read_text("utf-8")


def test_the_first_world_is_rendered_on_request(tmp_path: Path) -> None:
    assert base([*_render(tmp_path, 2), "--world", "first"]) == 0
    for number, line in enumerate((tmp_path / "metadata.jsonl").read_text("utf-8").splitlines()):
        scene, record = sample_scene(7000 + number), json.loads(line)
        assert record["attributes"]["place"] == scene.place
        assert record["text"] == caption(sample_identity(5000 + number % 3), scene, scene.seed)
        assert len(record["texts"]) == 4


def test_heads_are_rendered_alone(tmp_path: Path) -> None:
    assert base([*_render(tmp_path, 2), "--world", "heads"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "metadata.jsonl").read_text("utf-8").splitlines()]
    assert [line["identity"] for line in lines] == [5000, 5001] and [line["scene"] for line in lines] == [7000, 7001]
    for line in lines:
        assert line["focus"] == [0, 0, 1 / CLOSE] and line["attributes"]["people"] == "1"
        drawn = render(sample_identity(line["identity"]), sample_portrait(line["scene"]), 64, close=True)
        assert np.abs(np.asarray(Image.open(tmp_path / line["file_name"])).astype(int) - drawn).mean() < 1


def test_an_interrupted_rendering_is_taken_up(rendered: Path) -> None:
    first = (rendered / "000000.png").read_bytes()
    (rendered / "000003.png").unlink()
    written = (rendered / "000000.png").stat().st_mtime_ns
    assert base(_render(rendered, 6)) == 0
    assert (rendered / "000003.png").is_file()
    assert (rendered / "000000.png").stat().st_mtime_ns == written
    assert (rendered / "000000.png").read_bytes() == first


def test_the_text_stage_learns_from_a_rendered_folder_and_goes_on(rendered: Path, tmp_path: Path) -> None:
    run = ["train", "text", str(rendered), "--out", str(tmp_path), "--resolution", "64", "--batch-size", "4"]
    assert base([*run, "--steps", "2"]) == 0
    assert base([*run, "--steps", "3"]) == 0
    curve = [json.loads(line) for line in (tmp_path / "curves.jsonl").read_text("utf-8").splitlines()]
    assert [point["step"] for point in curve if point["name"] == "loss"] == [1, 2, 3]
    assert (tmp_path / "text" / "config.json").is_file()
    assert (tmp_path / "tokenizer" / "tokenizer.json").is_file()


def test_a_denoiser_without_its_readers_is_refused(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="needs a trained autoencoder"):
        base(["train", "denoiser", str(rendered), "--out", str(tmp_path), "--resolution", "64"])


def test_a_judge_needs_people_it_never_saw(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="never saw"):
        base(["train", "judge", str(rendered), "--out", str(tmp_path)])


def test_a_part_of_a_judge_goes_on_from_one(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="stage gate goes on with a judge"):
        base(["train", "gate", str(rendered), "--held-out-data", str(rendered), "--out", str(tmp_path)])


def test_lessons_come_from_pictures_of_the_judges_size(rendered: Path) -> None:
    with pytest.raises(BadInput, match="squares of 128 pixels or more"):
        truth_of([rendered], 0, None, None)
    for line in (rendered / "metadata.jsonl").read_text("utf-8").splitlines():
        assert all(value in LABELS[name] for name, value in json.loads(line)["attributes"].items())


def test_a_card_names_every_stretch_of_people() -> None:
    assert ranges(np.array([20_001, 40_000, 40_399, 20_000, 61_000])) == [[20_000, 20_001], [40_000, 40_399], [61_000, 61_000]]
    assert ranges(np.array([7])) == [[7, 7]]


def test_a_sheet_is_drawn(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    assert base(["sheet", str(sheet), "--identities", "7,950001", "--places", "studio,café,table", "--size", "32"]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (96, 64)


def test_a_sheet_of_all_sorts_is_drawn_in_rows_of_eight(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    assert base(["sheet", str(sheet), "--all-sorts", "8", "--first-scene", "3", "--size", "32"]) == 0
    with Image.open(sheet) as picture:
        assert picture.size == (256, 32)
    with pytest.raises(BadInput, match="rows of eight"):
        base(["sheet", str(sheet), "--all-sorts", "9"])


def test_a_base_is_asked_for_places_it_has_words_for(tmp_path: Path) -> None:
    assert default_places(None) == list(PLACES)
    assert default_places(ASSETS / "base") == list(PLACES)
    for name in ("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ASSETS / "base" / name).read_bytes())
    first = sorted({word for phrases in FIRST_PLACES.values() for phrase in phrases for word in words_of(phrase)})
    (tmp_path / WORDS).write_text("\n".join(first) + "\n", "utf-8")
    assert default_places(tmp_path) == list(FIRST_PLACES)
    (tmp_path / WORDS).write_text("violin\n", "utf-8")
    with pytest.raises(BadInput, match="no place of this world"):
        default_places(tmp_path)


def test_an_unknown_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no place called moon"):
        base(["sheet", str(tmp_path / "sheet.png"), "--places", "moon"])
