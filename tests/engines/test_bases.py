"""What a base may be made of."""

import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch

from studio.domain.errors import MissingWeights
from studio.engines.families.sd import StableDiffusion

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("part", "name"),
    [("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model"), ("text_encoder", "model")],
)
def test_weights_that_could_hold_a_program_are_not_read(
    tiny_base: Path, tmp_path: Path, part: str, name: str
) -> None:
    folder = tmp_path / "base"
    shutil.copytree(tiny_base, folder)
    weights = folder / part / f"{name}.safetensors"
    pickled = weights.with_name("pytorch_model.bin" if part == "text_encoder" else f"{name}.bin")
    torch.save(safetensors.torch.load_file(weights), pickled)
    weights.unlink()
    with pytest.raises(MissingWeights, match="could not be loaded"):
        StableDiffusion().load(folder, CPU, torch.float32)
    safetensors.torch.save_file(torch.load(pickled, weights_only=True), weights, {"format": "pt"})
    assert StableDiffusion().load(folder, CPU, torch.float32).folder == folder
