"""Pictures repeat: in their batch bit by bit, alone within 2/255; Stop ends a batch at its next step."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.catalog import EMBEDDED, find_base
from studio.domain.errors import BadInput, Cancelled, StudioError, Unsupported
from studio.domain.events import Event, Progress
from studio.domain.schedulers import SCHEDULERS, scheduler_choices
from studio.domain.specs import GenerateSpec
from studio.engines.generate import GenerationPipeline, MadePicture, Request, generate, load_pipeline, make
from tests.engines.test_adapters import asked, furthest, plain
from tests.engines.training_kit import ignore
from tests.tiny_base import Kind, make_tiny_base


@pytest.fixture(scope="module")
def pipeline(tiny_flow_base: Path) -> GenerationPipeline:
    return load_pipeline(tiny_flow_base)


def test_a_picture_alone_is_the_one_from_the_batch(pipeline: GenerationPipeline) -> None:
    base = pipeline.parts.folder
    batch = generate(asked(base, count=6, seed=3), pipeline, None, ignore)
    assert all(furthest([one], [other]) > 2 for one, other in zip(batch, batch[1:], strict=False))
    for index in (0, 3, 5):
        alone = generate(asked(base, count=1, seed=3 + index), pipeline, None, ignore)
        assert furthest(alone, [batch[index]]) <= 2


def test_the_same_batch_again_is_bit_equal(pipeline: GenerationPipeline) -> None:
    base = pipeline.parts.folder
    first = generate(asked(base, count=3), pipeline, None, ignore)
    generate(asked(base, count=2, seed=99, scheduler="unipc"), pipeline, None, ignore)
    assert furthest(first, generate(asked(base, count=3), pipeline, None, ignore)) == 0
    assert furthest(first, generate(asked(base, count=3), load_pipeline(base), None, ignore)) == 0


def test_it_is_what_plain_diffusers_makes(tiny_flow_base: Path, pipeline: GenerationPipeline) -> None:
    wanted = asked(tiny_flow_base, negative_prompt="")
    assert furthest(generate(wanted, pipeline, None, ignore), plain(tiny_flow_base, wanted, None)) <= 1


@pytest.mark.parametrize("kind", ["epsilon-ddim", "epsilon-pndm", "v-ddim", "flow"])
def test_every_scheduler_that_is_offered_works(kind: Kind, tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "base", kind)
    warm = load_pipeline(base)
    config = json.loads((base / "scheduler/scheduler_config.json").read_text("utf-8"))
    offered = dict(scheduler_choices(config))
    assert len(offered) >= 4 and "default" in offered
    usual = generate(asked(base, num_inference_steps=12), warm, None, ignore)
    for name in offered:
        pictures = generate(asked(base, num_inference_steps=12, scheduler=name), warm, None, ignore)
        # Another solver walks the same road: its pictures stay near, unless it adds noise of its own.
        noisy = name in ("dpm++2m-sde", "euler-a")
        assert noisy or np.abs(pictures[0].astype(int) - usual[0]).mean() < 30, name
    for name in set(SCHEDULERS) - set(offered):
        with pytest.raises(Unsupported, match="does not work with this base"):
            generate(asked(base, scheduler=name), warm, None, ignore)


def test_progress_rough_pictures_and_results_in_order(pipeline: GenerationPipeline) -> None:
    events: list[Event] = []
    rough: list[tuple[int, np.ndarray]] = []
    made: list[MadePicture] = []
    wanted = asked(pipeline.parts.folder, width=32, height=32, count=5)
    generate(
        wanted,
        pipeline,
        None,
        events.append,
        on_picture=made.append,
        on_rough=lambda *pair: rough.append(pair),
    )
    steps = [event.step for event in events if isinstance(event, Progress)]
    assert steps == list(range(1, 9)) and all(
        event.total == 8 for event in events if isinstance(event, Progress)
    )
    assert [(picture.index, picture.seed) for picture in made] == [(index, index) for index in range(5)]
    assert [first for first, _ in rough] == [0, 0, 4, 4]
    assert rough[0][1].shape == (4, 8, 8, 3) and rough[-1][1].shape == (1, 8, 8, 3)


def test_a_rough_picture_resembles_the_finished_one() -> None:
    embedded = find_base(EMBEDDED)
    rough: list[np.ndarray] = []
    wanted = GenerateSpec(base=EMBEDDED, prompt="a woman on a beach", count=1, num_inference_steps=7)
    wanted = wanted.model_copy(update={"width": embedded.resolution, "height": embedded.resolution})
    pipeline = load_pipeline(embedded.folder, name=EMBEDDED)
    picture = generate(wanted, pipeline, None, ignore, on_rough=lambda _, pixels: rough.append(pixels[0]))[0]
    cells = rough[-1].shape[0]
    patch = embedded.resolution // cells
    small = picture.reshape(cells, patch, cells, patch, 3).mean((1, 3))
    assert np.corrcoef(rough[-1].ravel(), small.ravel())[0, 1] > 0.8


def test_stop_ends_the_batch_at_its_next_step_and_keeps_what_is_done(pipeline: GenerationPipeline) -> None:
    made: list[MadePicture] = []
    steps: list[int] = []

    def stop(event: Event) -> None:
        if isinstance(event, Progress):
            steps.append(event.step)
            if event.step == 6:
                raise Cancelled

    wanted = asked(pipeline.parts.folder, width=32, height=32, count=5)
    with pytest.raises(Cancelled):
        generate(wanted, pipeline, None, stop, on_picture=made.append)
    assert steps[-1] == 6 and len(made) == 4
    again = generate(wanted, pipeline, None, ignore)
    assert furthest([picture.pixels for picture in made], again[:4]) == 0


def test_prompts_may_differ_within_a_batch(pipeline: GenerationPipeline) -> None:
    wanted = asked(pipeline.parts.folder)
    together = make(wanted, [Request("a b c", 1), Request("xyz", 2)], pipeline, None, ignore)
    alone = make(wanted, [Request("xyz", 2)], pipeline, None, ignore)
    assert furthest([together[1]], alone) <= 2


def test_a_size_the_base_cannot_make_is_a_sentence(pipeline: GenerationPipeline) -> None:
    wide = replace(pipeline, parts=replace(pipeline.parts, multiple=16))
    with pytest.raises(BadInput, match="multiples of 16"):
        generate(asked(pipeline.parts.folder, width=40), wide, None, ignore)


def test_a_base_that_gives_no_numbers_is_a_sentence(tiny_flow_base: Path) -> None:
    broken = load_pipeline(tiny_flow_base)
    broken.parts.denoiser.get_parameter("conv_out.bias").data.fill_(float("nan"))
    with pytest.raises(StudioError, match="overflowed"):
        generate(asked(tiny_flow_base), broken, None, ignore)
