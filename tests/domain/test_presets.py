"""Presets are valid specs, one longer than the other, and their times add up."""

import pytest

from studio.domain.events import Timed
from studio.domain.presets import PRESETS, looks, preset_spec, seconds
from studio.domain.specs import TrainSpec


def test_presets_are_valid_and_in_order() -> None:
    specs = [preset_spec(preset, "zia", 64) for preset in PRESETS]
    assert [spec.preset for spec in specs] == ["quick", "good", "best"]
    assert [spec.steps for spec in specs] == sorted({spec.steps for spec in specs})
    assert all(spec.resolution == 64 and spec.lora_alpha is None for spec in specs)
    # One probe times all of them, so a step must cost the same.
    assert (
        len(
            {
                (spec.targets, spec.rank, spec.batch_size, spec.accumulation, spec.prior.count > 0)
                for spec in specs
            }
        )
        == 1
    )


@pytest.mark.parametrize(("steps", "every", "count"), [(10, 5, 3), (11, 5, 4), (4, 100, 2)])
def test_looks(steps: int, every: int, count: int) -> None:
    spec = TrainSpec(persona="zia", steps=steps, checkpoint_every=every)
    assert looks(spec) == count
    assert seconds(spec, Timed(base="b", load=2.0, step=0.5, look=1.0)) == pytest.approx(2 + steps / 2 + count)
