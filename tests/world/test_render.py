"""Pictures: the same for the same seeds, whole, lit, and what the caption says they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.domain.errors import BadInput
from studio.domain.vocabulary import PLACES
from studio.world.identity import sample_identity
from studio.world.noise import vector
from studio.world.render import Stage, _march, _march_all, camera, focus, render
from studio.world.sampling import sample_picture
from studio.world.scene import sample_scene
from studio.world.trace import find_tracer


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    return find_tracer(tmp_path_factory.mktemp("compiled"))


def test_the_same_seeds_give_the_same_picture() -> None:
    person, scene = sample_identity(7), sample_scene(7, "forest")
    first = render(person, scene, 32)
    torch.manual_seed(123)
    assert np.array_equal(first, render(person, scene, 32))
    assert first.dtype == np.uint8
    assert first.shape == (32, 32, 3)


@pytest.mark.parametrize("place", list(PLACES))
def test_every_place_is_drawn_and_differs(place: str) -> None:
    picture = render(sample_identity(11), sample_scene(5, place), 32)
    assert picture.std() > 20
    other = render(sample_identity(11), sample_scene(5, "studio" if place != "studio" else "beach"), 32)
    assert np.abs(picture.astype(int) - other).mean() > 10


def test_no_picture_is_broken() -> None:
    """Not-a-number light becomes pure black; over many seeds no picture may hold a black patch or burn out."""
    for seed in range(60):
        picture = render(sample_identity(40_000 + seed), sample_scene(50_000 + seed), 32)
        assert (picture.max(axis=2) == 0).mean() < 0.02, seed
        assert (picture.min(axis=2) == 255).mean() < 0.2, seed


def test_identity_shows(tmp_path: Path) -> None:
    scene = replace(sample_scene(3, "studio"), hat="", sunglasses=False)
    one, other = (render(sample_identity(seed), scene, 64) for seed in (950001, 950068))
    again = render(sample_identity(950001), replace(scene, smile=0.5), 64)
    middle = np.s_[14:50, 16:48]
    apart = np.abs(one[middle].astype(int) - other[middle]).mean()
    assert apart > 4 * np.abs(one[middle].astype(int) - again[middle]).mean()


def test_the_focus_lies_on_the_face() -> None:
    scene = replace(sample_scene(8, "studio"), yaw=0.0, hat="", sunglasses=False)
    person = sample_identity(950068)
    where = focus(scene)
    assert where is not None
    picture = render(person, scene, 128).astype(int)
    column, row = round((where[0] + 1) * 64), round((where[1] + 1) * 64)
    red, green, blue = picture[row : row + 10, column - 5 : column + 5].mean(axis=(0, 1))
    assert red > green > blue  # skin
    assert focus(sample_scene(4, "table", person=False)) is None


def test_compiled_geometry_draws_the_same(tracer) -> None:  # type: ignore[no-untyped-def]
    if tracer is None:
        pytest.skip("no C compiler here; the plain renderer is used")
    for seed, place in enumerate(("swimming", "skiing", "café")):
        person, scene = sample_identity(70 + seed), sample_scene(90 + seed, place)
        plain, compiled = render(person, scene, 64), render(person, scene, 64, tracer)
        apart = np.abs(plain.astype(int) - compiled)
        assert (apart > 2).mean() < 0.002, place


def test_compiled_geometry_leaves_the_arithmetic_of_the_process_alone(tracer) -> None:  # type: ignore[no-untyped-def]
    if tracer is None:
        pytest.skip("no C compiler on this machine, so nothing is compiled")
    render(sample_identity(900001), sample_scene(500001), 32, tracer)
    assert np.float32(1e-40) * np.float32(1.0) != 0, "tiny numbers are flushed to zero: training would change"



def test_a_strange_size_is_refused() -> None:
    with pytest.raises(BadInput, match="multiple of 32"):
        render(sample_identity(1), sample_scene(1), 100)


def test_rendering_leaves_gradients_on() -> None:
    render(sample_identity(1), sample_scene(1, "studio"), 32)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_ray_ends_where_it_does_when_none_is_left_out(seed: int) -> None:
    scene = sample_picture(seed)
    stage, lens = Stage(sample_identity(seed), scene, None), camera(scene)
    across, down = torch.meshgrid(torch.linspace(-0.9, 0.9, 40), torch.linspace(-0.9, 0.9, 40), indexing="ij")
    sight = lens.rays(across.flatten(), down.flatten())
    (near, hit), (all_near, all_hit) = (march(stage, lens, sight, 13.0) for march in (_march, _march_all))
    assert 100 < int(hit.sum()) < len(hit)
    assert int((hit != all_hit).sum()) < 8
    both = hit & all_hit
    assert float((near - all_near)[both].abs().max()) < 0.05


def test_colours_are_shared_on_one_device_alone() -> None:
    assert vector(0.1, 0.2) is vector(0.1, 0.2)
    with torch.device("meta"):
        assert vector(0.1, 0.2).device.type == "meta"
    assert vector(0.1, 0.2).device.type == "cpu"
