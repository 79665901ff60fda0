"""What a base says of itself beside its weights."""

from pathlib import Path

import pytest

from studio import catalog
from studio.catalog import EMBEDDED, SAMPLING, find_base
from studio.domain.errors import MissingWeights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A base as far as the catalogue reads it."""
    for part in ("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / part).write_bytes((catalog.ASSETS / "base" / part).read_bytes())
    return tmp_path


def test_a_base_may_say_how_it_is_sampled(folder: Path) -> None:
    assert (find_base(str(folder)).num_inference_steps, find_base(str(folder)).guidance_scale) == (20, 4.0)
    (folder / SAMPLING).write_text('{"num_inference_steps": 4, "guidance_scale": 0}')
    assert (find_base(str(folder)).num_inference_steps, find_base(str(folder)).guidance_scale) == (4, 0.0)
    assert find_base(str(folder)).widest == 2.0
    assert (find_base(EMBEDDED).num_inference_steps, find_base(EMBEDDED).widest) == (12, 1.25)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"num_inference_steps": 0, "guidance_scale": 4}', '{"num_inference_steps": "many", "guidance_scale": 4}']
)
def test_a_file_that_says_it_wrongly_is_named(folder: Path, text: str) -> None:
    (folder / SAMPLING).write_text(text)
    with pytest.raises(MissingWeights, match=SAMPLING) as caught:
        find_base(str(folder))
    assert "guidance_scale from 0 to 20" in caught.value.sentence()
