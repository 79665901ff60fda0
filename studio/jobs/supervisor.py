"""The supervisor: one detached process per workspace that starts jobs, notices how they end, and obeys Stop."""

import sys
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from studio.domain.errors import NotFound, StudioError
from studio.domain.lanes import GUEST, HOST, LIGHT, LIGHT_AT_ONCE, MACHINE, WARM
from studio.domain.records import Job, JobStatus
from studio.jobs.launchers import Ended, Handle, Launcher, LocalLauncher, choices_of
from studio.jobs.obituary import cause_of_death, memory_is_short, memory_kills
from studio.storage import inbox, pictures, queue, rough
from studio.storage.opened import Studio
from studio.storage.presence import Card, hold, holder, put_card

POLL_SECONDS = 0.1
LOOK_SECONDS = 0.5
IDLE_SECONDS = 120.0
START_SECONDS = 60.0
KILL_SECONDS = 1.0
SWEEP_SECONDS = 3600.0
SILENCE_SECONDS = 10.0
SILENCE_FACTOR = 3.0
ATTEMPTS = 3
WARM_LOG = "work.txt"


def ensure_supervisor(studio: Studio, launcher: Launcher | None = None) -> None:
    """Starts a supervisor for this workspace unless one lives; cheap enough to call before every job.

    One that was started and has not yet taken its place is waited for, not doubled: a new one at every call would
    keep a busy machine from getting any of them ready. One that takes longer than `START_SECONDS` is given up; nor is
    one waited for that is just leaving, since it was started long before. Two started at once are no harm: the second
    finds the lock taken and ends. Raises `OSError` when no process can be started.
    """
    starting = holder(studio.workspace, "starting", within=START_SECONDS)
    if starting or holder(studio.workspace, "supervisor"):
        return
    starter = launcher or LocalLauncher(choices=choices_of(studio.settings))
    handle = starter.launch(
        ["supervise", "--workspace", str(studio.workspace.root)], studio.workspace.logs / "supervisor.txt"
    )
    with suppress(StudioError):  # on a full disk: then it may be started twice, which is no harm
        put_card(studio.workspace, "starting", Card(handle.pid, handle.started))


def supervise(studio: Studio, *, launcher: Launcher | None = None, idle_seconds: float = IDLE_SECONDS) -> int:
    """Runs the workspace's jobs until nothing has been left to do, and no page open, for `idle_seconds`.

    Ends at once when another supervisor has this workspace. Returns the exit code.
    """
    with hold(studio.workspace, "supervisor") as held:
        if held:
            Supervisor(studio, launcher or LocalLauncher(choices=choices_of(studio.settings))).run(
                idle_seconds
            )
    return 0


def silence_allowed(job: Job) -> float:
    """Seconds without news after which a job that was asked to stop is taken to hang."""
    return max(SILENCE_SECONDS, SILENCE_FACTOR * job.longest_phase)


@dataclass(frozen=True, slots=True)
class Watched:
    """A process that runs one job of this kind."""

    kind: str
    handle: Handle


@dataclass(slots=True)
class Supervisor:
    """What is remembered between two looks; everything that matters stands in the database.

    A process claims its job itself, so the row says who runs it. `children` are the processes that run one job,
    started or adopted here, by job; `warm` is the loop of `studio work`; `stopping` is when Stop was first seen.
    """

    studio: Studio
    launcher: Launcher
    children: dict[int, Watched] = field(default_factory=dict)
    warm: Handle | None = None
    stopping: dict[int, float] = field(default_factory=dict)
    memory_kills: int = field(default_factory=memory_kills)
    memory_short_at: float = float("-inf")

    def run(self, idle_seconds: float) -> None:
        """Looks whenever the database changed, a process ended, or half a second went by while one runs."""
        changed = queue.Watch(self.studio.db)
        busy_at = looked_at = time.monotonic()
        swept_at = float("-inf")
        while self.studio.workspace.database.exists():
            now = time.monotonic()
            try:
                ended = self.gone()
                tending = self.children or self.warm
                if changed() or ended or (tending and now - looked_at >= LOOK_SECONDS):
                    looked_at = now
                    if self.look(ended):
                        busy_at = now
                if now - swept_at >= SWEEP_SECONDS:
                    swept_at = now
                    self.sweep()
            except (StudioError, SQLAlchemyError, OSError) as error:
                # A full disk or a locked database must not end the one process that can still obey Stop.
                print(f"The supervisor tries again in a second: {error}", file=sys.stderr, flush=True)
                changed.forget()
                time.sleep(1.0)
            if now - busy_at > idle_seconds:
                if holder(self.studio.workspace, "web") is None:
                    return
                busy_at = now
            time.sleep(POLL_SECONDS)

    def sweep(self) -> None:
        """What has lain in the bin or the inbox for its time goes for good, and rough pictures of jobs that ended.

        Here, since there is only one supervisor.
        """
        now = time.time()
        old = now - pictures.BIN_DAYS * pictures.DAY_SECONDS
        pictures.purge(self.studio.db, self.studio.workspace, before=old)
        inbox.sweep(self.studio.workspace, self.studio.db, before=now - inbox.FORGOTTEN_SECONDS)
        rough.sweep(self.studio.workspace, self.studio.db, before=now - rough.KEPT_SECONDS)

    def gone(self) -> list[tuple[int | None, Handle, Ended]]:
        """Processes that have ended: (their job, None for the warm loop; handle; how)."""
        watched: list[tuple[int | None, Handle]] = [(job, each.handle) for job, each in self.children.items()]
        if self.warm is not None:
            watched.append((None, self.warm))
        return [
            (job, handle, end) for job, handle in watched if (end := self.launcher.poll(handle)) is not None
        ]

    def look(self, ended: Collection[tuple[int | None, Handle, Ended]] = ()) -> bool:
        """One round: bury, adopt, obey Stop, start. Returns whether there is anything to do."""
        if memory_is_short():
            self.memory_short_at = time.monotonic()
        for job_id, handle, end in ended:
            self.bury(job_id, handle, end)
        self.memory_kills = memory_kills()
        machine = queue.upcoming(self.studio.db, MACHINE)
        light = queue.upcoming(self.studio.db, LIGHT, limit=LIGHT_AT_ONCE)
        # Read after the line: what the warm loop took in between is then seen as running, and not disturbed.
        running = queue.jobs(self.studio.db, statuses=[JobStatus.RUNNING], limit=100)
        for job in running:
            self.adopt(job)
        self.stopping = {job.id: self.stopping.get(job.id, time.time()) for job in running if job.stop}
        for job in running:
            if job.stop and self.must_die(job, running):
                self.kill(job)
        if light:
            self.start_light(light, running)
        if machine:
            self.start_machine(machine[0], running)
        return bool(running or light or machine or self.children)

    def bury(self, job_id: int | None, handle: Handle, end: Ended) -> None:
        """A process is gone: see that nothing of it is left, and that its job has an end."""
        self.launcher.kill(handle)
        if job_id is not None:
            del self.children[job_id]
            log = self.studio.workspace.job_log(job_id)
            if log.exists() and log.stat().st_size == 0:
                log.unlink()
            try:
                job = queue.get(self.studio.db, job_id)
            except NotFound:  # its persona was deleted just after it had ended
                return
            started_nothing = job.status is JobStatus.QUEUED and end.code == 0
            if not started_nothing:
                self.close(job, end)
            return
        self.warm = None
        orphans = self.jobs_of(handle)
        had_guest = any(job.kind == GUEST for job in orphans)
        for job in orphans:
            if had_guest and job.kind == HOST and not job.stop and job.attempt < ATTEMPTS:
                queue.requeue(self.studio.db, job.id, "A picture in between ended the process; goes on where it was.")
            else:
                self.close(job, end)
        if (
            not orphans and end.code
        ):  # it did not even begin: the job it was started for must not wait for ever
            for job in queue.upcoming(self.studio.db, MACHINE):
                if job.kind in WARM:
                    self.close(job, end, self.studio.workspace.logs / WARM_LOG)

    def close(self, job: Job, end: Ended, log: Path | None = None) -> None:
        """Writes down the end of a job whose process is gone, unless the job did so itself."""
        short = (
            memory_kills() > self.memory_kills or time.monotonic() - self.memory_short_at < 2 * LOOK_SECONDS
        )
        where = self.studio.workspace.relative(log or self.studio.workspace.job_log(job.id))
        cause = cause_of_death(end, out_of_memory=short, log=where)
        self.finish(job, cause)

    def finish(self, job: Job, cause: StudioError) -> None:
        """After Stop an ended process is what was asked for; otherwise it is a failure."""
        if job.stop:
            message = "Stopped; it did not end by itself in time." if job.stop < 2 else "Stopped at once."
            queue.finish(self.studio.db, job.id, JobStatus.CANCELLED, message=message)
        else:
            run_dir = self.studio.workspace.run_dir(job.id)
            saved = [*run_dir.glob("checkpoints/step-*"), *run_dir.glob("*-state.safetensors")]
            goes_on = job.kind in queue.GOES_ON and bool(saved)
            hint = f"Try again: it goes on from its last checkpoint. {cause.hint}" if goes_on else cause.hint
            queue.finish(self.studio.db, job.id, JobStatus.FAILED, message=cause.message, hint=hint)

    def jobs_of(self, handle: Handle) -> list[Job]:
        """Running jobs that this process had claimed."""
        running = queue.jobs(self.studio.db, statuses=[JobStatus.RUNNING], limit=100)
        return [job for job in running if (job.pid, job.pid_started) == (handle.pid, handle.started)]

    def adopt(self, job: Job) -> None:
        """Takes over a running job that nobody here watches, or closes it when its process is gone."""
        if job.id in self.children or (self.warm is not None and job.pid == self.warm.pid):
            return
        handle = None if job.pid is None else self.launcher.adopt(job.pid, job.pid_started or 0.0)
        if handle is None:
            self.recover(job)
        elif self.warm is None and (card := holder(self.studio.workspace, "work")) and card.pid == handle.pid:
            self.warm = handle
        else:
            self.children[job.id] = Watched(job.kind, handle)

    def recover(self, job: Job) -> None:
        """The machine or all of the studio went down while this ran: a training goes on, the rest says so."""
        if job.kind in queue.GOES_ON and not job.stop and job.attempt < ATTEMPTS:
            queue.requeue(self.studio.db, job.id, "Interrupted; goes on from its last checkpoint.")
            return
        cause = StudioError(
            "The computer or the studio was interrupted while this ran.",
            "Try again.",
        )
        self.finish(job, cause)

    def must_die(self, job: Job, running: Collection[Job] = ()) -> bool:
        """Whether a job that was asked to stop has to be ended: asked twice, or silent for too long since.

        While its process has a guest, news of that one count: the host only waits for it.
        """
        news = [one.heartbeat or 0.0 for one in (job, *running) if one.pid == job.pid]
        quiet = time.time() - max(*news, self.stopping[job.id])
        return job.stop > 1 or quiet > silence_allowed(job)

    def kill(self, job: Job) -> None:
        """Ends the job's process and all it started."""
        watched = self.children.pop(job.id, None)
        warm = self.warm if self.warm is not None and job.pid == self.warm.pid else None
        handle = warm if watched is None else watched.handle
        if handle is not None:
            self.end(handle)
            if watched is None:
                self.warm = None
                # Host or guest of the one that was to be ended.
                for other in (one for one in self.jobs_of(handle) if one.id != job.id):
                    if other.stop:
                        self.close(other, Ended(None))
                    else:
                        queue.requeue(self.studio.db, other.id, "")
            self.close(queue.get(self.studio.db, job.id), Ended(None))

    def end(self, handle: Handle) -> None:
        """Kills and waits, so that memory is free before anything else starts."""
        self.launcher.kill(handle)
        deadline = time.monotonic() + KILL_SECONDS
        while self.launcher.poll(handle) is None and time.monotonic() < deadline:
            time.sleep(0.01)

    def start_light(self, waiting: Collection[Job], running: Collection[Job]) -> None:
        """Starts small jobs beside whatever else runs."""
        taken = {job.id for job in running if job.kind in LIGHT}
        taken |= {job_id for job_id, each in self.children.items() if each.kind in LIGHT}
        for job in waiting:
            if job.id not in taken and len(taken) < LIGHT_AT_ONCE:
                self.start(job)
                taken.add(job.id)

    def start_machine(self, first: Job, running: Collection[Job]) -> None:
        """Starts the first of the line that shares the machine, when nothing of that line runs."""
        if any(job.kind in MACHINE for job in running) or any(
            each.kind in MACHINE for each in self.children.values()
        ):
            return
        card = holder(self.studio.workspace, "work") if self.warm is None else None
        if card is not None:  # left by an earlier supervisor
            self.warm = self.launcher.adopt(card.pid, card.started)
        if first.kind not in WARM:
            self.cool()
            self.start(first)
        elif self.warm is None:
            root = str(self.studio.workspace.root)
            self.warm = self.launch(
                ["work", "--kinds", ",".join(sorted(WARM)), "--workspace", root], first, WARM_LOG
            )

    def cool(self) -> None:
        """Ends the warm loop, so that its memory goes to a training."""
        if self.warm is not None:
            loop, self.warm = self.warm, None
            self.end(loop)
            for job in self.jobs_of(loop):  # taken in this very moment
                queue.requeue(self.studio.db, job.id, "")

    def start(self, job: Job) -> None:
        """Starts a process that claims and runs this one job."""
        root = str(self.studio.workspace.root)
        name = self.studio.workspace.job_log(job.id).name
        handle = self.launch(["job", str(job.id), "--workspace", root], job, name)
        if handle is not None:
            self.children[job.id] = Watched(job.kind, handle)

    def launch(self, arguments: list[str], job: Job, log: str) -> Handle | None:
        """Starts a process for `job`, which fails with a sentence when that is impossible."""
        try:
            return self.launcher.launch(arguments, self.studio.workspace.logs / log)
        except OSError as error:
            cause = StudioError(
                f"The system did not start a process for this job ({error.strerror or error}).",
                "Close other programs and try again.",
            )
            self.finish(job, cause)
            return None
