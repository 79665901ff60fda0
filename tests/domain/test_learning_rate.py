"""The learning rate warms up, follows its schedule, and starts again when a run is continued."""

import pytest

from studio.domain.learning_rate import learning_rate_factor


def factors(schedule: str, ends: tuple[int, ...], warmup: int) -> list[float]:
    return [learning_rate_factor(schedule, step, ends, warmup) for step in range(ends[-1])]  # type: ignore[arg-type]


def test_warm_up_rises_to_one() -> None:
    found = factors("constant", (100,), 4)
    assert found[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8]) and set(found[4:]) == {1.0}


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_it_falls_towards_zero(schedule: str) -> None:
    found = factors(schedule, (200,), 10)
    assert found[10] == pytest.approx(1.0) and 0 < found[-1] < 0.01
    assert all(one >= two for one, two in zip(found[10:], found[11:], strict=False))


def test_a_continuation_begins_again_and_leaves_the_past_alone() -> None:
    longer = factors("cosine", (100, 150), 10)
    assert longer[:100] == factors("cosine", (100,), 10)
    assert longer[100:] == factors("cosine", (50,), 10)
    assert longer[99] < 0.01 < longer[100] < longer[105]


def test_warm_up_takes_at_most_a_tenth() -> None:
    assert factors("constant", (20,), 1000)[2:] == [1.0] * 18
    assert factors("cosine", (1,), 10) == [0.5]
