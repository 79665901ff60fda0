"""Metrics see what they claim to see, on the example persona's own pictures, and say nothing where they cannot."""

import io
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from studio.catalog import ASSETS, METRICS, Entry, table
from studio.domain.statistics import Unit
from studio.engines.features import FeatureCache, Pictures
from studio.engines.likeness import Template
from studio.engines.metrics import copies, layout, prompt_match, variety
from studio.engines.metrics.evidence import Evidence, Judged
from tests.engines.stand_in import StandInJudge, open_stand_in

NOBODY = Template(np.zeros(3, np.float32), (0.0, 0.0, 0.0))
EXAMPLE = ASSETS / "example"


@pytest.fixture(scope="module")
def pictures():
    files = sorted(EXAMPLE.glob("zia-*.webp"))
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "features")


def as_arrays(changed):
    return [np.asarray(picture.convert("RGB")) for picture in changed]


def compressed(picture):
    buffer = io.BytesIO()
    picture.resize((128, 128)).save(buffer, "JPEG", quality=40)
    return Image.open(buffer)


CHANGES = {
    "the same": lambda picture: picture,
    "small JPEG": compressed,
    "blurred": lambda picture: picture.resize((128, 128)).filter(ImageFilter.GaussianBlur(2)),
    "mirrored": ImageOps.mirror,
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "paler": lambda picture: ImageEnhance.Color(picture).enhance(0.7),
    "cropped": lambda picture: picture.crop((18, 10, 246, 238)),
    "moved": lambda picture: picture.crop((10, 0, 256, 246)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_training_pictures_are_copies(pictures, cache, change):
    training, held_out = Pictures.of(pictures[:18]), Pictures.of(pictures[18:])
    copied = Pictures.of(as_arrays(CHANGES[change](Image.fromarray(one)) for one in pictures[:18]))
    bound = copies.closeness_bound(training, held_out, cache)
    found = copies.nearest(copied, training, cache)
    assert found.index == list(range(18))
    assert np.mean(found.distance < bound) >= 0.94


def test_new_pictures_of_the_same_person_are_no_copies(pictures, cache):
    training, held_out = Pictures.of(pictures[:18]), Pictures.of(pictures[18:])
    bound = copies.closeness_bound(training, held_out, cache)
    assert np.all(copies.nearest(held_out, training, cache).distance > bound)


def test_without_held_out_pictures_the_training_pictures_are_the_yardstick(pictures, cache):
    training, none = Pictures.of(pictures[:18]), Pictures.of([])
    held_out = Pictures.of(pictures[18:])
    usual = copies.closeness_bound(training, held_out, cache)
    assert copies.closeness_bound(training, none, cache) == pytest.approx(usual, rel=0.25)
    assert copies.closeness_bound(Pictures.of(pictures[:1]), none, cache) is None
    assert copies.closeness_bound(none, held_out, cache) is None


def test_layout_features_are_kept(pictures, cache):
    seen = []

    def extract(pixels):
        seen.append(len(pixels))
        return layout.layout(pixels)

    some = Pictures.of(pictures[:4])
    first = cache.get("layout-test", some, extract)
    more = cache.get("layout-test", Pictures.of(pictures[:6]), extract)
    assert seen == [4, 2]
    assert np.array_equal(first, more[:4])
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=0.2)


def test_a_damaged_feature_counts_as_absent(pictures, cache, tmp_path):
    some = Pictures.of(pictures[:2])
    first = cache.get("layout-1", some, layout.layout)
    for path in (tmp_path / "features").rglob("*.f32"):
        path.write_bytes(b"abc")
    assert np.array_equal(cache.get("layout-1", some, layout.layout), first)


def test_odd_sizes_have_features():
    rng = np.random.default_rng(0)
    odd = [rng.integers(0, 255, shape, dtype=np.uint8) for shape in ((40, 300, 3), (7, 7, 3), (1, 1, 3))]
    grey = [np.full((64, 64, 3), 128, np.uint8)]
    assert np.isfinite(layout.layout(odd + grey)).all()
    assert all(view.size for picture in odd for view in layout.views(picture))


def evidence_for(pictures, cache, judge=None, prompts=None, cells=None):
    count = len(pictures)
    judged = None if judge is None else Judged(open_stand_in(judge, cache), NOBODY)
    return Evidence(
        pictures=Pictures.of(pictures),
        prompts=tuple(prompts or ["{who} skiing"] * count),
        cells=tuple(cells or [(0, seed) for seed in range(count)]),
        training=Pictures.of([]),
        held_out=Pictures.of([]),
        reporter=judged,
        chooser=judged,
        cache=cache,
    )


def test_prompt_match_counts_the_claims_that_hold(pictures, cache):
    judge = StandInJudge(
        attributes={"place": ("beach", "skiing"), "garment colour": ("red", "blue")},
        answers={"place": ["skiing", "beach", "skiing"], "garment colour": ["red", "red", "blue"]},
    )
    prompts = ["{who} skiing, wearing a red sweater", "{who} skiing, wearing a red sweater", "{who} skiing"]
    found = prompt_match.measure(evidence_for(pictures[:3], cache, judge, prompts))
    assert found == [1.0, 0.5, 1.0]


def test_prompt_match_says_nothing_without_a_claim_a_judge_or_a_known_picture(pictures, cache):
    judge = StandInJudge(
        attributes={"place": ("beach", "skiing")},
        answers={"place": ["skiing"] * 3},
        in_world=[True, False, True],
    )
    prompts = ["{who} playing the violin", "{who} skiing", "{who} skiing"]
    assert prompt_match.measure(evidence_for(pictures[:3], cache, judge, prompts)) == [None, None, 1.0]
    assert prompt_match.measure(evidence_for(pictures[:3], cache, None, prompts)) == [None] * 3


def test_variety_is_nothing_for_equal_pictures_and_much_for_different_ones(pictures, cache):
    same = variety.measure(evidence_for([pictures[0]] * 3, cache))
    assert same == pytest.approx([0, 0, 0], abs=1e-3)
    different = variety.measure(evidence_for(pictures[:3], cache))
    assert min(different) > 0.5
    alone = variety.measure(evidence_for(pictures[:3], cache, cells=[(0, 1), (1, 1), (1, 2)]))
    assert alone[0] is None and alone[1] == pytest.approx(alone[2])


def test_every_row_of_the_catalogue_can_be_loaded_and_answers_once_per_picture(pictures, cache):
    evidence = evidence_for(pictures[:3], cache)
    for entry in METRICS.values():
        assert entry.about and entry.licence and entry.unit in get_args(Unit)
        assert len(entry.load()(evidence)) == 3, entry.name


def test_a_metric_is_one_function_and_one_row(tmp_path, monkeypatch, pictures, cache):
    """What `studio/README.md` promises an engineer who adds one."""
    (tmp_path / "brightness.py").write_text(
        "def measure(evidence):\n    return [float(one.mean()) / 255 for one in evidence.pictures.pixels]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    rows = table(*METRICS.values(), Entry("brightness", "Brightness", "brightness:measure", unit="share"))
    found = rows["brightness"].load()(evidence_for(pictures[:2], cache))
    assert found == [pytest.approx(one.mean() / 255) for one in pictures[:2]]


def test_fingerprints_are_of_the_pixels(pictures):
    first = Pictures.of(pictures[:2])
    assert Pictures.of([one.copy() for one in pictures[:2]]).sha256 == first.sha256
    assert (
        len({*first.sha256, *Pictures.of([pictures[0][:, ::-1], pictures[0].reshape(128, 512, 3)]).sha256})
        == 4
    )
    with pytest.raises(ValueError, match="2 pictures with 1 fingerprints"):
        Pictures(tuple(pictures[:2]), ("a",))
