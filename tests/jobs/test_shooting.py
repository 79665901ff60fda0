"""Under which name a comparison keeps its pictures: everything they depend on is in it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from studio.domain.specs import GenerateSpec
from studio.engines.generate import Request
from studio.jobs import shooting


def names(dtype: torch.dtype, digest: str = "a") -> list[str]:
    parts = SimpleNamespace(digest=digest, device=torch.device("cpu"), denoiser=SimpleNamespace(dtype=dtype))
    scene: Any = SimpleNamespace(pipeline=SimpleNamespace(parts=parts), workspace=Path())
    spec = GenerateSpec(base="embedded", prompt="p")
    return shooting._names(scene, spec, [Request("p", 1), Request("p", 2)], None)


def test_pictures_of_another_number_format_are_not_taken_over() -> None:
    assert names(torch.float32) == names(torch.float32)
    assert not set(names(torch.float32)) & set(names(torch.bfloat16))
    assert not set(names(torch.float32)) & set(names(torch.float32, digest="b"))
