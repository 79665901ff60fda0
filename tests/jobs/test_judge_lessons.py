"""What judges are taught: only what the lessons show and the test can measure."""

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engines.judge_network import JudgeNetwork
from studio.engines.judge_training import ABSENT, Truth, _accuracies
from studio.jobs.judge_lessons import LABELS, relabelled, shown_labels


def truth(**shown: list[str | None]) -> Truth:
    """Two pictures that show these values (None: absent) and nothing else that judges learn to read."""
    labels: dict[str, NDArray[np.int64]] = {name: np.full(2, ABSENT, np.int64) for name in LABELS}
    for name, values in shown.items():
        labels[name][:] = [ABSENT if value is None else LABELS[name].index(value) for value in values]
    nothing = np.zeros((0, 128, 128, 3), np.uint8)
    people, numbers = np.array([1, 2]), np.zeros((2, 3), np.float32)
    return Truth(np.zeros((2, 128, 128, 3), np.uint8), people, people, labels, numbers, numbers, nothing, nothing)


LESSONS = truth(place=["city", "beach"], beard=["yes", "no"], cat=["no", "no"], light=["day", "night"])
TEST = truth(place=["kitchen", "city"], beard=["no", None], cat=["no", "no"])


def test_labels_that_do_not_occur_are_not_taught() -> None:
    assert shown_labels(LESSONS, TEST) == {"place": ("beach", "city"), "beard": ("no", "yes")}


def test_labels_become_indices_into_what_is_taught() -> None:
    names = shown_labels(LESSONS, TEST)
    lessons, test = relabelled(LESSONS, names), relabelled(TEST, names)
    assert {name: values.tolist() for name, values in lessons.labels.items()} == {"place": [1, 0], "beard": [1, 0]}
    assert test.labels["place"].tolist() == [ABSENT, 1], "nobody taught it a kitchen"
    assert test.labels["beard"].tolist() == [0, ABSENT]


@pytest.mark.filterwarnings("error")
def test_what_only_plain_renders_show_has_no_accuracy_after_the_autoencoder() -> None:
    names = shown_labels(LESSONS, TEST)
    plain = np.array([[0, 0, 1, 0], [1, 2, 0, 0]], np.float32)
    found = _accuracies(JudgeNetwork(names, 2), relabelled(TEST, names), plain, np.zeros((1, 4), np.float32))
    place = found["place"]
    assert (place["accuracy"], place["accuracy_renders"], place["accuracy_softened"]) == (1.0, 1.0, None)
    assert (place["pictures"], found["beard"]["accuracy_softened"]) == (1, 1.0)
