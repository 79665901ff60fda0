"""What a base can use follows from the text of its scheduler config."""

import pytest

from studio.domain.errors import Unsupported
from studio.domain.schedulers import prediction_of, scheduler_choices, scheduler_row


@pytest.mark.parametrize(
    ("config", "prediction"),
    [
        ({}, "epsilon"),
        ({"prediction_type": "v_prediction"}, "v_prediction"),
        ({"prediction_type": "flow_prediction", "use_flow_sigmas": True}, "flow_prediction"),
        ({"_class_name": "FlowMatchEulerDiscreteScheduler"}, "flow_prediction"),
    ],
)
def test_prediction(config: dict[str, object], prediction: str) -> None:
    assert prediction_of(config) == prediction


def test_flow_bases_are_not_offered_what_cannot_follow_a_flow() -> None:
    flow = dict(scheduler_choices({"prediction_type": "flow_prediction"}))
    noise = dict(scheduler_choices({"prediction_type": "epsilon"}))
    assert "unipc" in flow and "ddim" not in flow and "euler" not in flow
    assert {"ddim", "euler", "unipc"} <= set(noise)
    assert next(iter(flow)) == "default"


def test_a_scheduler_that_does_not_work_is_a_sentence_with_those_that_do() -> None:
    with pytest.raises(Unsupported, match='"ddim" does not work') as caught:
        scheduler_row("ddim", {"prediction_type": "flow_prediction"})
    assert "unipc" in caught.value.hint
    assert scheduler_row("default", {}) is None
