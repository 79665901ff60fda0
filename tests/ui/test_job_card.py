"""What a job says of the time it still takes, without a browser."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.domain.events import STEPPING, Phase, Preview, Progress, Timed
from studio.domain.lanes import MACHINE
from studio.domain.presets import PRESETS, RECOMMENDED, preset_spec
from studio.domain.records import Charter, JobStatus, Persona
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


PLAN = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=("{who}",) * 4, seeds=(1, 2))


def comparison(studio: Studio) -> int:
    """A comparison that runs."""
    job = queue.submit(studio.db, PLAN, title="Compare Zia", persona="zia")
    queue.claim(studio.db, kinds=MACHINE, pid=os.getpid(), pid_started=self_started(), job_id=job)
    return job


def test_a_comparison_has_one_time_left_for_all_of_it(studio: Studio) -> None:
    zia = Persona(slug="zia", name="Zia", trigger="zia", charter=Charter(confirmed_adult=True), base="embedded",
                  created=datetime.now(UTC))  # fmt: skip
    personas.create(studio.workspace, zia)
    first = comparison(studio)
    assert left(studio, first) == "time not known yet"
    queue.finish(studio.db, first, JobStatus.DONE)
    with studio.db.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET started = 1000, finished = 1080")
    job = comparison(studio)
    assert left(studio, job) == "about 80 seconds left", "as long as the one before, 10 seconds a picture"
    queue.record(studio.db, job, Phase(title="Making"), Progress(step=4, total=8), Preview(step=4, path="p", label="base"))
    assert left(studio, job) == "about 40 seconds left", "pictures that were taken over say nothing of the pace"
    queue.record(studio.db, job, Phase(title="Round 2"), Progress(step=6, total=8))
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"UPDATE job SET started = {time.time() - 300} WHERE id = {job}")
        connection.exec_driver_sql(f"UPDATE event SET time = {time.time() - 60} WHERE kind = 'preview'")
    assert left(studio, job) == "about 60 seconds left", "two pictures took a minute, two are left; phases do not matter"
    with studio.db.begin() as connection:  # twenty seconds of silence since, in the middle of a batch
        connection.exec_driver_sql("UPDATE event SET time = time - 20 WHERE kind = 'preview'")
        connection.exec_driver_sql("UPDATE job SET heartbeat = heartbeat - 20 WHERE status = 'running'")
    assert left(studio, job) == "about 40 seconds left", "it counts down while a batch is drawn, and never up"
    queue.record(studio.db, job, Progress(step=8, total=8))
    assert left(studio, job) == "a moment left"


def test_the_time_left_of_a_training_counts_the_looks_at_its_previews(studio: Studio) -> None:
    zia = Persona(slug="zia", name="Zia", trigger="zia", charter=Charter(confirmed_adult=True), base="embedded",
                  created=datetime.now(UTC))  # fmt: skip
    personas.create(studio.workspace, zia)
    spec = preset_spec(next(one for one in PRESETS if one.name == RECOMMENDED), "zia", 256)
    assert (spec.steps, spec.checkpoint_every) == (160, 80)
    job = queue.submit(studio.db, spec, title="Train Zia", persona="zia")
    queue.claim(studio.db, kinds=MACHINE, pid=os.getpid(), pid_started=self_started(), job_id=job)
    assert left(studio, job) == "1 second so far"
    before = queue.submit(studio.db, spec, title="Train Zia", persona="zia")
    queue.record(studio.db, before, Timed(base="embedded", load=5, step=0.5, look=10))
    assert left(studio, job) == "about 2 minutes left", "as long as one before: 5 + 160 / 2 + 3 looks of 10"
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM event WHERE job = {before}")
    queue.record(studio.db, job, Phase(title=STEPPING), Progress(step=20, total=160))
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"UPDATE event SET time = {time.time() - 20} WHERE kind = 'phase'")
    assert left(studio, job) == "about 2 minutes left", "140 steps at a second each; nothing is known of looks"
    queue.record(studio.db, job, Timed(base="embedded", load=5, step=0.5, look=10))
    assert left(studio, job) == "about 3 minutes left", "and two looks, all of it half as fast as it was timed"
    queue.record(studio.db, job, Progress(step=79, total=160))
    queue.record(studio.db, job, Phase(title="Looking"))
    assert left(studio, job) == "about 60 seconds left", "81 steps and two looks as timed: a look tells nothing of steps"
    queue.record(studio.db, job, Phase(title=STEPPING), Progress(step=80, total=160))
    assert left(studio, job) == "about 50 seconds left", "80 steps and the look at the end"
    queue.record(studio.db, job, Progress(step=160, total=160))
    assert left(studio, job) == "a moment left"


def test_a_running_comparison_shows_its_newest_pictures_with_what_drew_them(studio: Studio) -> None:
    job = comparison(studio)
    assert "newest" not in str(job_card.card(studio, queue.get(studio.db, job)))
    for number in range(9):
        queue.record(studio.db, job, Preview(step=number, path=f"comparisons/{job}/{number}.png", label=f"step {number}"))
    drawn = str(job_card.card(studio, queue.get(studio.db, job)))
    assert drawn.count("<img") == job_card.NEWEST
    assert drawn.index("step 8<") < drawn.index("step 3<") and "step 2<" not in drawn


def test_a_running_comparison_says_what_the_training_turned_off_is_for(studio: Studio) -> None:
    told = "“strength 0” is the training turned off: it must equal the base, as a check."
    assert told not in str(job_card.card(studio, queue.get(studio.db, comparison(studio)))), "there is none"
    arms = (Arm(name="base"), Arm(name="strength 0", checkpoint="c", adapter_scale=0))
    job = queue.submit(studio.db, PLAN.model_copy(update={"arms": arms}), title="Compare Zia", persona="zia")
    assert told in str(job_card.card(studio, queue.get(studio.db, job)))


def test_what_is_tried_again_says_so_and_shows_no_progress_of_before(studio: Studio) -> None:
    job = comparison(studio)
    queue.record(studio.db, job, Phase(title="Making"), Progress(step=6, total=8))
    assert "6 of 8" in job_card.doing(queue.get(studio.db, job)) and job_card.fraction(queue.get(studio.db, job)) == 0.75
    queue.requeue(studio.db, job, "")
    assert job_card.doing(queue.get(studio.db, job)) == "starting again"
    assert job_card.fraction(queue.get(studio.db, job)) == 0
    queue.claim(studio.db, kinds=MACHINE, pid=os.getpid(), pid_started=self_started(), job_id=job)
    queue.record(studio.db, job, Phase(title="Loading"))
    again = queue.get(studio.db, job)
    assert (job_card.doing(again), job_card.fraction(again)) == ("starting again · Loading", 0)
    assert "bar unknown" in str(job_card.bar(again))
