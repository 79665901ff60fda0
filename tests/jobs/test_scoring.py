"""What a metric may answer."""

import pytest

from studio.jobs.scoring import checked


def test_a_metric_answers_once_per_picture_with_numbers_or_nothing():
    assert checked("variety", [0.5, None], 2) == [0.5, None]
    with pytest.raises(ValueError, match="1 scores for 2 pictures"):
        checked("variety", [0.5], 2)
    with pytest.raises(ValueError, match="no number"):
        checked("variety", [0.5, float("nan")], 2)
