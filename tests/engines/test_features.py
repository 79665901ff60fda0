"""Features of pictures: a judge looks once at each for everything it says."""

import numpy as np
import pytest

from studio.catalog import ASSETS
from studio.domain.errors import BadInput
from studio.engines import judge
from studio.engines.features import FeatureCache, Pictures, open_reader


def test_a_judge_looks_once_at_each_picture_for_all_it_says(tmp_path):
    reader = open_reader(ASSETS / "judges" / "reporter", FeatureCache(tmp_path))
    pixels = list(np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), np.uint8))
    looked = []
    reader.judge.network.register_forward_hook(lambda _network, inputs, _outputs: looked.append(len(inputs[0])))
    found = reader.read(Pictures.of(pixels))
    assert looked == [3]
    stack = np.stack(pixels)
    assert np.array_equal(found.embeddings, reader.judge.embed(stack))
    assert found.in_world.tolist() == reader.judge.in_world(stack).tolist()
    told = {name: tuple(read) for name, read in reader.judge.attributes(stack).items()}
    assert found.attributes == told != {}


def test_no_picture_has_no_features(tmp_path):
    with pytest.raises(BadInput, match="no picture"):
        FeatureCache(tmp_path).get("layout", Pictures.of([]), lambda pixels: np.zeros((0, 3), np.float32))


def test_answers_kept_by_a_version_that_asks_for_less_are_not_taken_for_todays(tmp_path, monkeypatch):
    folder, picture = ASSETS / "judges" / "reporter", Pictures.of([np.zeros((128, 128, 3), np.uint8)])
    with monkeypatch.context() as patch:
        patch.setattr(judge, "FEWEST_PICTURES", 1000)
        before = open_reader(folder, FeatureCache(tmp_path))
        before.read(picture)
    now = open_reader(folder, FeatureCache(tmp_path))
    assert set(before.labels) < set(now.labels)
    assert set(now.read(picture).attributes) == set(now.labels)
