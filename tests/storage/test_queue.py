"""The queue hands every job out once, in order, and lets the first writer of its end win."""

import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.domain.errors import NotFound
from studio.domain.events import Note, Phase, Progress, Scalar
from studio.domain.records import JobStatus
from studio.domain.specs import SPEC, GenerateSpec, ImportSpec, TrainSpec
from studio.storage import queue, runs
from studio.storage.opened import open_studio
from studio.storage.workspace import Workspace, open_workspace

ME = {"pid": 1, "pid_started": 2.0}


@pytest.fixture
def db(tmp_path: Path) -> sa.Engine:
    return open_studio(tmp_path / "w").db


def bring(db: sa.Engine, priority: int = 0) -> int:
    return queue.submit(
        db, ImportSpec(persona="mira", source="x"), title="t", persona="mira", priority=priority
    )


def make(db: sa.Engine) -> int:
    return queue.submit(db, GenerateSpec(base="embedded", prompt="a woman"), title="p")


def train(db: sa.Engine) -> int:
    return queue.submit(db, TrainSpec(persona="mira"), title="r")


def test_a_job_comes_back_as_it_was_asked_for(db: sa.Engine) -> None:
    spec = TrainSpec(persona="mira", steps=77, learning_rate=3e-4, preview_prompts=("mira by a lake",))
    job = queue.get(db, queue.submit(db, spec, title="Training of Mira", persona="mira"))
    assert SPEC.validate_json(job.spec) == spec
    assert (job.kind, job.status, job.title, job.attempt) == (
        "train",
        JobStatus.QUEUED,
        "Training of Mira",
        0,
    )
    assert abs(job.created - time.time()) < 5


def test_unknown_jobs_are_named(db: sa.Engine) -> None:
    for call in (queue.get, queue.request_stop):
        with pytest.raises(NotFound, match="no job 41"):
            call(db, 41)


def claim_all(root: Path) -> list[int]:
    db = open_studio(root, thorough=False).db
    mine = []
    while job := queue.claim(db, kinds={"import"}, **ME):
        mine.append(job.id)
    return mine


def test_eight_processes_share_two_hundred_jobs_without_a_double(db: sa.Engine, tmp_path: Path) -> None:
    asked = [bring(db) for _ in range(200)]
    with ProcessPoolExecutor(8) as pool:
        taken = list(pool.map(claim_all, [tmp_path / "w"] * 8))
    assert sorted(sum(taken, [])) == asked
    assert all(mine == sorted(mine) for mine in taken)


def test_order_is_priority_then_age(db: sa.Engine) -> None:
    first, second, urgent = bring(db), bring(db), bring(db, priority=5)
    assert [job.id for job in queue.upcoming(db, {"import"}, 5)] == [urgent, first, second]
    taken = [queue.claim(db, kinds={"import"}, **ME) for _ in range(4)]
    assert [job and job.id for job in taken] == [urgent, first, second, None]


def test_a_lane_runs_one_at_a_time_and_in_its_common_order(db: sa.Engine) -> None:
    lane = {"train", "generate"}
    picture, training, later = make(db), train(db), make(db)
    assert queue.claim(db, kinds={"train"}, lane=lane, **ME) is None, "the picture is first"
    assert queue.claim(db, kinds={"generate"}, lane=lane, **ME).id == picture
    assert queue.claim(db, kinds={"generate"}, lane=lane, **ME) is None, "one at a time"
    queue.finish(db, picture, JobStatus.DONE)
    assert queue.claim(db, kinds={"generate"}, lane=lane, **ME) is None, "the training is next"
    assert queue.claim(db, kinds={"train"}, lane=lane, **ME).id == training
    queue.finish(db, training, JobStatus.DONE)
    assert queue.claim(db, kinds={"generate"}, lane=lane, **ME).id == later


def test_a_claimed_job_says_who_runs_it(db: sa.Engine) -> None:
    asked = bring(db)
    job = queue.claim(db, kinds={"import"}, job_id=asked, pid=7, pid_started=8.5)
    assert (job.pid, job.pid_started, job.status, job.attempt) == (7, 8.5, JobStatus.RUNNING, 1)
    assert queue.claim(db, kinds={"import"}, job_id=asked, **ME) is None


def test_stop_cancels_a_waiting_job_and_counts_on_a_running_one(db: sa.Engine) -> None:
    waiting, running = bring(db), bring(db)
    queue.claim(db, kinds={"import"}, job_id=running, **ME)
    assert queue.request_stop(db, waiting).status is JobStatus.CANCELLED
    assert [queue.request_stop(db, running).stop for _ in range(3)] == [1, 2, 2]
    assert queue.stop_asked(db, running) == 2
    queue.finish(db, running, JobStatus.DONE)
    assert queue.request_stop(db, running).status is JobStatus.DONE


def test_the_first_end_stays(db: sa.Engine) -> None:
    job = bring(db)
    queue.claim(db, kinds={"import"}, **ME)
    assert queue.finish(db, job, JobStatus.FAILED, message="It broke.", hint="Mend it.")
    assert not queue.finish(db, job, JobStatus.DONE, result="{}")
    ended = queue.get(db, job)
    assert (ended.status, ended.message, ended.hint, ended.result) == (
        JobStatus.FAILED,
        "It broke.",
        "Mend it.",
        None,
    )


def test_events_come_in_order_and_move_the_row(db: sa.Engine) -> None:
    job = bring(db)
    queue.claim(db, kinds={"import"}, **ME)
    queue.record(db, job, Phase(title="Reading"))
    queue.record(db, job, Progress(step=1, total=9), Scalar(name="loss", step=1, value=0.5))
    queue.record(db, job, Progress(step=2, total=9, note="two"), Note(text="half"), Progress(step=3, total=9))
    found = queue.events(db, job)
    assert [event.kind for _, _, event in found] == ["phase", "scalar", "note", "progress"]
    assert found[-1][2] == Progress(step=3, total=9)
    assert queue.events(db, job, after=found[1][0], kinds={"note", "scalar"}) == [found[2]]
    row = queue.get(db, job)
    assert (row.phase, row.step, row.total, row.note) == ("Reading", 3, 9, "")


def test_ids_of_events_never_come_twice(db: sa.Engine) -> None:
    job = bring(db)
    seen = []
    for step in range(5):
        queue.record(db, job, Progress(step=step, total=5))
        seen += [number for number, _, _ in queue.events(db, job)]
    assert seen == sorted(set(seen))
    assert len(seen) == 5


def test_the_longest_silence_is_remembered(db: sa.Engine) -> None:
    job = bring(db)
    queue.claim(db, kinds={"import"}, **ME)
    for pause in (0.05, 0.3, 0.05):
        time.sleep(pause)
        queue.record(db, job, Note(text="here"))
    assert 0.28 < queue.get(db, job).longest_phase < 1.0


def test_an_event_that_cannot_be_written_does_not_end_the_job(
    db: sa.Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    queue.record(db, 999, Note(text="lost"))  # no such job: the foreign key refuses it
    assert "lost" in capfd.readouterr().err


def test_going_back_into_the_line(db: sa.Engine) -> None:
    job = train(db)
    queue.claim(db, kinds={"train"}, **ME)
    queue.request_stop(db, job)
    assert queue.requeue(db, job, "Interrupted.")
    row = queue.get(db, job)
    assert (row.status, row.stop, row.pid, row.note, row.attempt) == (
        JobStatus.QUEUED,
        0,
        None,
        "Interrupted.",
        1,
    )
    assert queue.claim(db, kinds={"train"}, **ME).attempt == 2
    queue.finish(db, job, JobStatus.FAILED, message="x")
    assert queue.reopen(db, job)
    row = queue.get(db, job)
    assert (row.status, row.message, row.finished, row.attempt) == (JobStatus.QUEUED, "", None, 0)
    assert not queue.reopen(db, job)


def test_lists_are_newest_first_and_filtered(db: sa.Engine) -> None:
    first, second, third = bring(db), make(db), bring(db)
    queue.request_stop(db, first)
    assert [job.id for job in queue.jobs(db)] == [third, second, first]
    assert [job.id for job in queue.jobs(db, kinds={"generate"})] == [second]
    assert [job.id for job in queue.jobs(db, persona="mira", limit=1)] == [third]
    assert [job.id for job in queue.jobs(db, statuses=[JobStatus.CANCELLED])] == [first]


def test_the_watch_sees_other_processes(db: sa.Engine, tmp_path: Path) -> None:
    changed = queue.Watch(db)
    assert changed()
    assert not changed()
    other = open_studio(tmp_path / "w").db
    bring(other)
    assert changed()
    assert not changed()
    bring(db)
    assert changed()


def test_curves_keep_what_was_measured_last(db: sa.Engine) -> None:
    job = train(db)
    for step, value in ((1, 0.9), (2, 0.8), (3, 0.7), (2, 0.75), (4, 0.6)):
        queue.record(db, job, Scalar(name="loss", step=step, value=value))
    queue.record(db, job, Scalar(name="likeness", step=4, value=0.3))
    assert runs.scalars(db, job) == {
        "loss": [(1, 0.9), (2, 0.75), (3, 0.7), (4, 0.6)],
        "likeness": [(4, 0.3)],
    }


def test_checkpoints_are_the_complete_files(tmp_path: Path) -> None:
    workspace: Workspace = open_workspace(tmp_path / "w")
    assert runs.checkpoints(workspace, 3) == []
    folder = workspace.run_dir(3) / "checkpoints"
    folder.mkdir(parents=True)
    for name in (
        "step-000100.safetensors",
        "step-000050.safetensors",
        ".step-000150.safetensors.x.tmp",
        "a.txt",
    ):
        (folder / name).write_bytes(name.encode())
    found = runs.checkpoints(workspace, 3)
    assert [(each.step, each.path) for each in found] == [
        (50, "runs/3/checkpoints/step-000050.safetensors"),
        (100, "runs/3/checkpoints/step-000100.safetensors"),
    ]
    before = found[0].sha256
    (folder / "step-000050.safetensors").write_bytes(b"other")
    assert runs.checkpoints(workspace, 3)[0].sha256 != before
