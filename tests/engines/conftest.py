"""Tiny bases of random weights, made once per test run."""

from pathlib import Path

import pytest

from tests.tiny_base import make_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predicts noise, with a DDIM scheduler."""
    return make_tiny_base(tmp_path_factory.mktemp("bases") / "tiny")


@pytest.fixture(scope="session")
def tiny_flow_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predicts flow, with a DPM++ scheduler."""
    return make_tiny_base(tmp_path_factory.mktemp("bases") / "tiny-flow", "flow", seed=1)
