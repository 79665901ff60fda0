"""What jobs write beside the pictures is marked as AI's too."""

from pathlib import Path

import numpy as np
from PIL import Image

from studio.jobs.generate import THUMB_SIDE, write_thumb
from studio.provenance.verify import verify


def test_a_thumbnail_says_that_ai_made_it(tmp_path: Path) -> None:
    path = tmp_path / "small.webp"
    write_thumb(path, np.random.default_rng(0).integers(0, 255, (600, 480, 3)).astype(np.uint8))
    assert verify(path).ai_mark
    with Image.open(path) as small:
        assert (small.format, max(small.size)) == ("WEBP", THUMB_SIDE)
