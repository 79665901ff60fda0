"""Pictures that are made once: the speed that is told is that of drawing, whatever was there already."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from studio.domain.specs import GenerateSpec
from studio.engines import album
from studio.engines.album import Album
from studio.engines.generate import Request

PAUSE = 0.2


def slow(settings: Any, requests: list[Request], *_: Any) -> list[album.Pixels]:
    time.sleep(PAUSE)
    return [np.zeros((2, 2, 3), np.uint8) for _ in requests]


def test_only_pictures_that_were_drawn_count_for_the_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(album, "make", slow)
    monkeypatch.setattr(album, "batch_size", lambda *_: 2)
    pipeline: Any = SimpleNamespace(parts=SimpleNamespace(digest="a base", device="cpu"))
    requests = [Request("a woman", seed) for seed in range(8)]

    def speed(count: int) -> float | None:
        kept = Album(tmp_path, pipeline, GenerateSpec(base="b", prompt="a woman", width=64, height=64))
        assert len(kept.pictures(requests[:count], lambda _: None, title="Drawing")) == count
        return kept.seconds_per_picture

    assert speed(6) is not None
    assert speed(6) is None, "nothing was drawn"
    partly = speed(8)
    assert partly is not None and partly >= PAUSE / 2, "six of eight were there"
