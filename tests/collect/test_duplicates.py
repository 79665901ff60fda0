import io

import numpy as np
import pytest
from PIL import Image

from studio.catalog import ASSETS
from studio.collect.checks import hashes, measure, sharpness
from studio.collect.duplicates import Known, compare, find_twins, known
from tests.pictures import blurred, encoded, scene


def to_compare(name: str, picture: Image.Image) -> Known:
    grey = picture.convert("L")
    return known(name, hashes(grey), lambda: grey)


def saved_again(picture: Image.Image, quality: int = 60) -> Image.Image:
    return Image.open(io.BytesIO(encoded(picture, "JPEG", quality=quality))).convert("RGB")


def cropped(picture: Image.Image, scale: float, left: float, top: float) -> Image.Image:
    width, height = picture.width * scale, picture.height * scale
    x, y = (picture.width - width) * left, (picture.height - height) * top
    return picture.crop((round(x), round(y), round(x + width), round(y + height)))


def mirrored(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_found_and_their_kind_is_said(seed: int) -> None:
    original = scene(100 + seed, 240, 200)
    first = to_compare("a" * 16, original)
    kinds = {
        "same": saved_again(original.resize((120, 100)), 40),
        "mirrored": saved_again(mirrored(original)),
        "cropped": saved_again(cropped(original, 0.8, 0.5, 0.5)),
        "cropped and mirrored": saved_again(mirrored(cropped(original, 0.85, 0.5, 0.5))),
    }
    for how, copy in kinds.items():
        second = to_compare("b" * 16, copy)
        assert compare(first, second) == how
        assert compare(second, first) == how


def test_a_crop_away_from_the_middle_is_found() -> None:
    rng = np.random.default_rng(0)
    found = 0
    for seed in range(20):
        original = scene(200 + seed, 240, 200)
        copy = cropped(original, rng.uniform(0.8, 0.97), rng.random(), rng.random())
        found += compare(to_compare("a" * 16, original), to_compare("b" * 16, saved_again(copy))) is not None
    assert found >= 18


def test_different_pictures_are_not_duplicates() -> None:
    pictures = [to_compare(f"{n:016x}", scene(300 + n)) for n in range(40)]
    assert all(find_twins(picture, pictures[:place]) == () for place, picture in enumerate(pictures))


def test_the_example_persona_has_no_duplicates_though_her_hashes_are_near() -> None:
    pictures = []
    for path in sorted((ASSETS / "example").glob("*.webp")):
        with Image.open(path) as opened:
            pictures.append(to_compare(f"{len(pictures):016x}", opened.convert("RGB")))
    assert len(pictures) == 24
    assert all(find_twins(picture, pictures[:place]) == () for place, picture in enumerate(pictures))


def test_plain_areas_match_nothing() -> None:
    plain = [to_compare(f"{n:016x}", Image.new("RGB", (64, 64), (n * 40,) * 3)) for n in range(4)]
    assert all(find_twins(picture, plain[:place]) == () for place, picture in enumerate(plain))


def test_sharpness_falls_with_blur_and_hardly_depends_on_size() -> None:
    large = scene(7, 512, 512).convert("L")
    values = [sharpness(blurred(large, radius)) for radius in (0, 1, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 20 * values[-1]
    assert 0.5 < sharpness(large.resize((300, 300), Image.Resampling.LANCZOS)) / values[0] < 2


def test_measurements_are_what_they_say() -> None:
    checks = measure(Image.new("RGB", (40, 80), (255, 255, 255)))
    assert (checks.width, checks.height, checks.brightness, checks.sharpness) == (40, 80, 1.0, 0.0)
    assert checks.in_world is None
    assert all(len(text) == 16 and int(text, 16) >= 0 for text in measure(scene(1)).phash)


def test_a_mirror_image_swaps_the_first_two_hashes() -> None:
    picture = scene(9).convert("L")
    straight, turned = hashes(picture), hashes(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert straight[0] != straight[1]
    assert bin(int(straight[0], 16) ^ int(turned[1], 16)).count("1") <= 2
