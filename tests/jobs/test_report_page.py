"""What the report's page says, from a finished comparison without pictures."""

import html
from pathlib import Path

import pytest

from studio.domain.comparisons import Comparison
from studio.domain.ranking import Recommendation
from studio.domain.records import Yardstick
from studio.domain.specs import Arm
from studio.jobs import report_page
from studio.storage import personas
from studio.storage.opened import Studio
from tests.ui.test_comparison import BEST, OTHER, compared, studio

__all__ = ["studio"]
ADVICE = Recommendation(arm="step 50 at 1", checkpoint=BEST, adapter_scale=1, why="It is the best.")


def page(studio: Studio, found: Comparison) -> str:
    return html.unescape(report_page.page(studio.workspace, found, personas.load(studio.workspace, "zia"), {}))


@pytest.fixture
def several(studio: Studio) -> Comparison:
    for path in (BEST, OTHER):
        file: Path = studio.workspace.absolute(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"weights")
    found = compared(studio, ADVICE)
    spec = found.spec.model_copy(update={"fresh_seeds": (2,)})
    return found.model_copy(update={"spec": spec, "yardstick": Yardstick(floor=0.05, ceiling=0.85)})


def test_one_checkpoint_alone_is_not_called_the_one_to_keep(studio: Studio, several: Comparison) -> None:
    told = page(studio, several)
    assert "<h1>Keep step 50 at 1: 88 of 100" in told and "Why step 50 at 1 and not another" in told and "Only one" not in told
    arms = (Arm(name="base"), Arm(name="step 50 at 1", checkpoint=BEST))
    told = page(studio, several.model_copy(update={"spec": several.spec.model_copy(update={"arms": arms})}))
    assert "<h1>Step 50 at 1: 88 of 100" in told and "Why strength 1<" in told and "Keep" not in told
    assert "Only one checkpoint was compared here. A whole comparison, of several, tells which one to keep." in told


def test_the_way_to_her_names_both_that_it_has_to_beat(studio: Studio, several: Comparison) -> None:
    assert "<dd>88<small>the base is at 6, words alone at 44</small></dd>" in page(studio, several)
