"""The supervisor: one per workspace, lanes kept, and nothing lost when it dies."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from studio.domain.records import JobStatus, Picture
from studio.jobs.launchers import CODE_FOLDER, LocalLauncher
from studio.jobs.supervisor import ATTEMPTS, START_SECONDS, Supervisor, ensure_supervisor
from studio.storage import pictures, queue
from studio.storage.opened import Studio
from studio.storage.presence import Card, created, hold_web_lock, holder, put_card
from tests.jobs.child import COMMAND
from tests.jobs.conftest import ask, ended, kill, phase, status, stepping, until
from tests.timing import allowed

Start = Callable[..., "subprocess.Popen[bytes]"]


def test_one_per_workspace_however_often_it_is_called_for(studio: Studio) -> None:
    launcher = LocalLauncher(COMMAND)
    for _ in range(3):
        ensure_supervisor(studio, launcher)
        assert len(supervisors(studio)) == 1, "one on its way is waited for"
    until(lambda: holder(studio.workspace, "supervisor"))
    assert ended(studio, ask(studio, "say hi")).status is JobStatus.DONE
    began = time.perf_counter()
    ensure_supervisor(studio, launcher)
    assert time.perf_counter() - began < allowed(0.05)
    assert len(supervisors(studio)) == 1


def test_one_that_takes_too_long_to_begin_is_given_up(studio: Studio) -> None:
    """Whoever it is: one that hangs, or a supervisor that is just leaving."""
    slow = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", str(studio.workspace.root)])
    put_card(studio.workspace, "starting", Card(slow.pid, created(slow.pid)))
    job = ask(studio, "say hi")
    ensure_supervisor(studio, LocalLauncher(COMMAND))
    assert not supervisors(studio)
    long_ago = time.time() - START_SECONDS - 1
    os.utime(studio.workspace.root / "locks/starting.json", (long_ago, long_ago))
    ensure_supervisor(studio, LocalLauncher(COMMAND))
    assert ended(studio, job).status is JobStatus.DONE
    slow.kill()
    slow.wait()


def supervisors(studio: Studio) -> list[psutil.Process]:
    root = str(studio.workspace.root)
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if root in line and "supervise" in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.mark.parametrize("kind", ["train", "generate", "import"])
def test_a_new_supervisor_adopts_what_runs(studio: Studio, start_supervisor: Start, kind: str) -> None:
    first = start_supervisor()
    job = ask(studio, "steps 100 0.03", kind)
    before = stepping(studio, job)
    first.kill()
    first.wait()
    time.sleep(0.3)
    assert queue.get(studio.db, job).step > before.step, "it goes on alone"
    start_supervisor()
    following = ask(studio, "say after", kind)
    row = ended(studio, job)
    assert (row.status, row.pid, row.attempt) == (JobStatus.DONE, before.pid, 1)
    assert ended(studio, following).status is JobStatus.DONE


@pytest.mark.parametrize("kind", ["train", "generate"])
def test_what_was_adopted_still_obeys_stop_and_its_death_is_seen(
    studio: Studio, start_supervisor: Start, kind: str
) -> None:
    first = start_supervisor()
    job = ask(studio, "hang", kind)
    row = phase(studio, job, "Hanging")
    first.kill()
    first.wait()
    start_supervisor()
    queue.request_stop(studio.db, job)
    queue.request_stop(studio.db, job)
    assert ended(studio, job).status is JobStatus.CANCELLED
    assert row.pid is not None
    until(
        lambda: not psutil.pid_exists(row.pid) or psutil.Process(row.pid).status() == psutil.STATUS_ZOMBIE
    )


def test_an_adopted_child_that_is_killed_is_reported(studio: Studio, start_supervisor: Start) -> None:
    first = start_supervisor()
    job = ask(studio, "hang", "train")
    row = phase(studio, job, "Hanging")
    first.kill()
    first.wait()
    start_supervisor()
    time.sleep(0.3)
    assert row.pid is not None
    kill(row.pid)
    killed = time.time()
    over = ended(studio, job)
    assert over.finished is not None
    assert over.finished - killed < allowed(1.0)
    assert over.status is JobStatus.FAILED


def test_after_a_power_cut_a_training_goes_on_and_the_rest_says_so(
    studio: Studio, start_supervisor: Start
) -> None:
    first = start_supervisor()
    training, bringing = ask(studio, "steps 60 0.02", "train"), ask(studio, "hang", "import")
    rows = [stepping(studio, training), phase(studio, bringing, "Hanging")]
    first.kill()
    first.wait()
    for row in rows:
        assert row.pid is not None
        kill(row.pid)
    start_supervisor()
    over = ended(studio, training)
    assert (over.status, over.attempt) == (JobStatus.DONE, 2)
    lost = ended(studio, bringing)
    assert lost.status is JobStatus.FAILED
    assert "interrupted" in lost.message


def test_a_training_that_takes_the_machine_down_each_time_is_given_up(studio: Studio) -> None:
    job = ask(studio, "hang", "train")
    watch = Supervisor(studio, LocalLauncher(COMMAND))
    for attempt in range(1, ATTEMPTS + 1):
        claimed = queue.claim(studio.db, kinds={"train"}, job_id=job, pid=2**22 + 1, pid_started=1.0)
        assert claimed is not None
        watch.adopt(claimed)
        wanted = JobStatus.QUEUED if attempt < ATTEMPTS else JobStatus.FAILED
        assert status(studio, job) is wanted


def test_a_stopped_job_whose_process_is_gone_is_stopped(studio: Studio) -> None:
    job = ask(studio, "hang", "train")
    queue.claim(studio.db, kinds={"train"}, pid=2**22 + 1, pid_started=1.0)
    queue.request_stop(studio.db, job)
    Supervisor(studio, LocalLauncher(COMMAND)).look()
    assert status(studio, job) is JobStatus.CANCELLED


def test_the_machine_is_used_by_one_at_a_time_in_order(studio: Studio, start_supervisor: Start) -> None:
    kinds = ["generate", "train", "generate", "generate", "train"]
    jobs = [ask(studio, f"mark m{number} 0.1", kind) for number, kind in enumerate(kinds)]
    start_supervisor()
    for job in jobs:
        assert ended(studio, job).status is JobStatus.DONE
    spans = [
        [float(word) for word in (studio.workspace.root / f"m{number}").read_text().split()]
        for number in range(len(kinds))
    ]
    for (_, over), (begin, _) in zip(spans, spans[1:], strict=False):
        assert over <= begin


def test_small_jobs_run_beside_a_training(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    training = ask(studio, "hang", "train")
    phase(studio, training, "Hanging")
    assert ended(studio, ask(studio, "say quick")).status is JobStatus.DONE
    assert status(studio, training) is JobStatus.RUNNING


def test_a_training_gets_the_memory_of_the_warm_loop(studio: Studio, start_supervisor: Start) -> None:
    start_supervisor()
    ended(studio, ask(studio, "say warm", "generate"))
    loop = holder(studio.workspace, "work")
    assert loop is not None
    training = ask(studio, "hang", "train")
    phase(studio, training, "Hanging")
    assert holder(studio.workspace, "work") is None
    assert not psutil.pid_exists(loop.pid)


def test_a_new_supervisor_finds_the_idle_warm_loop(studio: Studio, start_supervisor: Start) -> None:
    first = start_supervisor()
    ended(studio, ask(studio, "say warm", "generate"))
    loop = holder(studio.workspace, "work")
    assert loop is not None
    first.kill()
    first.wait()
    start_supervisor()
    row = ended(studio, ask(studio, "say still warm", "generate"))
    assert row.pid == loop.pid
    training = ended(studio, ask(studio, "say cold", "train"))
    assert training.status is JobStatus.DONE
    assert holder(studio.workspace, "work") is None


def test_what_lay_in_the_bin_for_its_time_goes_for_good(studio: Studio, start_supervisor: Start) -> None:
    day = pictures.DAY_SECONDS
    for number, age in enumerate([None, 1, pictures.BIN_DAYS - 1, pictures.BIN_DAYS + 1]):
        file = studio.workspace.images / f"{number}.png"
        file.write_bytes(b"png")
        binned = None if age is None else time.time() - age * day
        pictures.add(
            studio.db,
            Picture(id=f"1-{number}", path=studio.workspace.relative(file), sha256=f"{number}" * 64, created=1.0, job=None,
                    persona="mira", prompt="p", seed=number, width=8, height=8, deleted_at=binned),
        )  # fmt: skip
    start_supervisor()
    until(lambda: pictures.binned(studio.db) == 2)
    assert sorted(path.name for path in studio.workspace.images.iterdir()) == ["0.png", "1.png", "2.png"]
    assert pictures.get(studio.db, "1-0").deleted_at is None


def test_it_leaves_when_nobody_needs_it(studio: Studio, start_supervisor: Start) -> None:
    with hold_web_lock(studio.workspace, "http://127.0.0.1:1"):
        process = start_supervisor("--idle", "0.5")
        time.sleep(1.5)
        assert process.poll() is None, "a page is open"
    assert process.wait(allowed(5)) == 0
    assert holder(studio.workspace, "supervisor") is None


def test_it_stays_while_a_job_runs(studio: Studio, start_supervisor: Start) -> None:
    process = start_supervisor("--idle", "0.5")
    job = ask(studio, "steps 40 0.05", "train")
    assert ended(studio, job).status is JobStatus.DONE
    assert process.wait(60) == 0


def test_it_costs_next_to_nothing_while_idle(studio: Studio, start_supervisor: Start) -> None:
    process = psutil.Process(start_supervisor().pid)
    time.sleep(0.3)
    before = process.cpu_times()
    time.sleep(1.5)
    after = process.cpu_times()
    assert after.user + after.system - before.user - before.system < 0.075, "more than 5 %"
    assert process.memory_info().rss < 120e6


PAGE = """
import sys, time
from pathlib import Path
from studio.jobs.launchers import LocalLauncher
from studio.jobs.supervisor import ensure_supervisor
from studio.storage.opened import open_studio
from studio.storage.presence import hold_web_lock
from tests.jobs.child import COMMAND
studio = open_studio(Path(sys.argv[1]))
with hold_web_lock(studio.workspace, "http://127.0.0.1:1"):
    while True:
        ensure_supervisor(studio, LocalLauncher(COMMAND))
        time.sleep(0.2)
"""


@pytest.fixture
def page(studio: Studio) -> "subprocess.Popen[bytes]":
    """A web process as far as jobs are concerned."""
    root = str(studio.workspace.root)
    return subprocess.Popen([sys.executable, "-c", PAGE, root], cwd=CODE_FOLDER, start_new_session=True)


def test_the_death_of_the_page_ends_nothing(studio: Studio, page: "subprocess.Popen[bytes]") -> None:
    job, following = ask(studio, "steps 60 0.02", "train"), ask(studio, "say after", "generate")
    row = stepping(studio, job)
    supervisor = holder(studio.workspace, "supervisor")
    page.kill()
    page.wait()
    over = ended(studio, job)
    assert (over.status, over.pid) == (JobStatus.DONE, row.pid)
    assert ended(studio, following).status is JobStatus.DONE
    assert holder(studio.workspace, "supervisor") == supervisor


def test_a_page_brings_its_supervisor_back(studio: Studio, page: "subprocess.Popen[bytes]") -> None:
    job = ask(studio, "steps 100 0.03", "train")
    row = stepping(studio, job)
    first = holder(studio.workspace, "supervisor")
    assert first is not None
    kill(first.pid)
    until(lambda: (card := holder(studio.workspace, "supervisor")) and card.pid != first.pid)
    over = ended(studio, job)
    assert (over.status, over.pid) == (JobStatus.DONE, row.pid)
    page.kill()
    page.wait()


def test_a_warm_loop_does_not_die_for_a_job_it_never_had(studio: Studio) -> None:
    supervisor = Supervisor(studio, LocalLauncher(COMMAND))
    loop = supervisor.launcher.launch(
        ["work", "--kinds", "generate", "--workspace", str(studio.workspace.root)], studio.workspace.logs / "work.txt"
    )
    supervisor.warm = loop
    dead = ask(studio, "say hi")
    queue.claim(studio.db, kinds={"import"}, pid=2**22 + 1, pid_started=0.0, job_id=dead)
    for _ in range(2):
        queue.request_stop(studio.db, dead)
    supervisor.look()
    assert status(studio, dead) is JobStatus.CANCELLED
    assert supervisor.warm == loop and supervisor.launcher.poll(loop) is None


def test_a_sweep_takes_what_nothing_needs_any_more(studio: Studio) -> None:
    for name, age in (("old", 7200), ("new", 60)):
        path = studio.workspace.inbox / name
        path.write_bytes(b"x")
        os.utime(path, (time.time() - age,) * 2)
    looks = studio.workspace.rough / "999"
    looks.mkdir(parents=True)
    Supervisor(studio, LocalLauncher(COMMAND)).sweep()
    assert [path.name for path in studio.workspace.inbox.iterdir()] == ["new"]
    assert not looks.exists(), "a look at a picture of a job that nobody knows"
