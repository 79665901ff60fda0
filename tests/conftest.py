"""What holds for every test: the process it runs in computes afterwards as it did before."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _threads_stay() -> Iterator[None]:
    """Sums depend on the number of threads, so a test that changes it would change what later ones compute."""
    before = _threads()
    yield
    assert before in (None, _threads()), "this test changed the number of threads torch computes with"


def _threads() -> int | None:
    torch = sys.modules.get("torch")
    return torch.get_num_threads() if hasattr(torch, "get_num_threads") else None
