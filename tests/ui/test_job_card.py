"""What a job says of the time it still takes, without a browser."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.domain.events import Progress
from studio.domain.lanes import MACHINE
from studio.domain.records import Charter, Persona
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, ImportSpec
from studio.storage import personas, queue
from studio.storage.opened import Studio, open_studio
from studio.storage.presence import self_started
from studio.ui import job_card


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "workspace")


def picture(studio: Studio, title: str) -> int:
    return queue.submit(studio.db, GenerateSpec(base="embedded", prompt="p"), title=title)


def left(studio: Studio, job: int) -> str:
    return job_card.time_left(studio, queue.get(studio.db, job), time.time())


def test_a_picture_goes_in_between_the_batches_of_a_comparison_on_its_base(studio: Studio) -> None:
    charter = Charter(confirmed_adult=True)
    zia = Persona(slug="zia", name="Zia", trigger="zia", charter=charter, base="embedded", created=datetime.now(UTC))
    personas.create(studio.workspace, zia)
    plan = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=("{who}",), seeds=(1,))
    host = queue.submit(studio.db, plan, title="Compare Zia", persona="zia")
    queue.claim(studio.db, kinds=MACHINE, pid=os.getpid(), pid_started=self_started(), job_id=host)
    assert left(studio, picture(studio, "1 picture")) == "goes in between, at its next pause"
    other = queue.submit(studio.db, GenerateSpec(base="/other", prompt="p"), title="p")
    assert left(studio, other) == "waits for “Compare Zia”, and 1 more"


def test_what_waits_says_for_whom(studio: Studio) -> None:
    first, second = picture(studio, "4 pictures of Zia"), picture(studio, "1 picture")
    small = queue.submit(studio.db, ImportSpec(persona="zia", source="x"), title="Import", persona="zia")
    assert left(studio, second) == "waiting for its turn"
    queue.claim(studio.db, kinds=MACHINE, pid=os.getpid(), pid_started=self_started(), job_id=first)
    assert left(studio, second) == "waits for “4 pictures of Zia”", "how long it took so far is no time to wait"
    assert left(studio, picture(studio, "third")) == "waits for “4 pictures of Zia”, and 1 more"
    queue.record(studio.db, first, Progress(step=1, total=200))
    time.sleep(0.6)
    assert left(studio, second).endswith("left")
    assert left(studio, small) == "waiting for its turn", "it needs no machine"
