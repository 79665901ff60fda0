"""Jobs on the page: progress, time left, the newest picture, Stop, and a failure as a sentence with a way out."""

import time
from collections.abc import Iterable
from textwrap import shorten

from pydantic import ValidationError

from studio.actions import jobs as job_actions
from studio.domain import verdicts
from studio.domain.errors import StudioError
from studio.domain.events import Phase, Preview, Produced
from studio.domain.lanes import GUEST, HOST, MACHINE
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, CompareSpec, GenerateSpec
from studio.storage import personas, queue
from studio.storage.opened import Studio
from studio.ui import guard, markup
from studio.ui.markup import Html, button, tag
from studio.ui.pace import comparison_left, training_left
from studio.ui.page import Page, Reply, Scene

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
WORDS = {
    JobStatus.QUEUED: "waiting",
    JobStatus.RUNNING: "running",
    JobStatus.DONE: "done",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "stopped",
}
TITLE = 40
"""Letters of another job's title, at most."""
NEWEST = 6
"""Pictures of a running comparison in sight."""


def seconds(value: float) -> str:
    """A length of time as a person says it."""
    if value < 1.5:
        return "1 second"
    if value < 90:
        return f"{round(value)} seconds"
    if value < 5400:
        minutes = round(value / 60)
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{value / 3600:.1f} hours"


def measured(value: float) -> str:
    """A length of time to the second, such as “95 seconds” or “4 min 10 s”, for what was measured or follows from it."""
    if value < 119.5:
        return f"{max(1, round(value))} second{'' if value < 1.5 else 's'}"
    if value < 600:
        return "{} min {} s".format(*divmod(round(value), 60))
    return seconds(value)


def time_left(studio: Studio, job: Job, now: float) -> str:
    """What the person waits for, from the pace since the last phase began; before that, how long it took so far.

    A comparison is told as a whole, over its phases.
    """
    if job.status is JobStatus.QUEUED:
        return waits_for(studio, job, now) or "waiting for its turn"
    if job.kind == HOST:
        left = comparison_left(studio, job, now)
        return "time not known yet" if left is None else in_words(left)
    began = job.started or now
    phases = [
        (event.title, when)
        for _, when, event in queue.events(studio.db, job.id, kinds={"phase"})
        if isinstance(event, Phase)
    ]
    phase, start = phases[-1] if phases else ("", began)
    since = now - start
    if job.kind == "train":
        ahead = training_left(studio, job, phase, since, now)
        return f"{seconds(now - began)} so far" if ahead is None else in_words(ahead)
    if 0 < job.step < job.total and since > 0.5:
        return in_words(since * (job.total - job.step) / job.step)
    return f"{seconds(now - began)} so far"


def in_words(left: float) -> str:
    """So many seconds left."""
    return "a moment left" if left < 2 else f"about {seconds(left)} left"


def waits_for(studio: Studio, job: Job, now: float) -> str:
    """What has the machine that this job waits for, and who stands between; empty when nothing has it."""
    running = queue.jobs(studio.db, statuses=[JobStatus.RUNNING], kinds=MACHINE) if job.kind in MACHINE else []
    if not running:
        return ""
    first = next((one for one in running if one.kind == HOST), running[0])  # beside it there may be its guest
    title, left = first.title, time_left(studio, first, now)
    if comes_in_between(studio, job, first):
        return "goes in between, at its next pause"
    name = shorten(title, TITLE, placeholder=" …")
    line = [one.id for one in queue.upcoming(studio.db, MACHINE, limit=50)]
    before = line.index(job.id) if job.id in line else 0
    return f"waits for “{name}”" + (f", {left}" if left.endswith("left") else "") + (f", and {before} more" if before else "")


def comes_in_between(studio: Studio, guest: Job, host: Job) -> bool:
    """Whether `host`, which runs, will let `guest` in: see `domain.lanes`."""
    if (guest.kind, host.kind) != (GUEST, HOST) or host.persona is None:
        return False
    try:
        spec = SPEC.validate_json(guest.spec)
        return isinstance(spec, GenerateSpec) and spec.base == personas.load(studio.workspace, host.persona).base
    except (StudioError, ValidationError):  # the job itself will say what is wrong with it
        return False


def clock(jobs: Iterable[Job]) -> int:
    """Changes every few seconds while one of these has not made a step: nothing else of it does meanwhile."""
    return int(time.time() / 3) if any(job.status in OPEN and not job.step for job in jobs) else 0


def fraction(job: Job) -> float:
    """How much of the job is done, 0 to 1."""
    if job.status is JobStatus.DONE:
        return 1.0
    if job.status is JobStatus.QUEUED:  # how far an earlier try came is no news of the next
        return 0.0
    return min(1.0, job.step / job.total) if job.total else 0.0


def newest_picture(studio: Studio, job: Job) -> str | None:
    """The address of the last picture this job showed."""
    shown = queue.events(studio.db, job.id, kinds={"preview", "produced"})
    for number, _, event in reversed(shown):
        if isinstance(event, Produced):
            return f"/-/picture/{event.image}/small"
        if isinstance(event, Preview):
            return f"/-/preview/{job.id}/{number}"
    return None


def newest_by_arm(studio: Studio, job: Job) -> Html | None:
    """The last few pictures of a comparison with what drew them, newest first."""
    shown = queue.events(studio.db, job.id, kinds={"preview"})[-NEWEST:]
    figures = [
        tag("figure", tag("img", src=f"/-/preview/{job.id}/{number}", alt=f"a picture drawn with {event.label}", width=96, height=96),
            tag("figcaption", event.label, class_="soft small"))
        for number, _, event in reversed(shown) if isinstance(event, Preview)
    ]  # fmt: skip
    return tag("div", figures, class_="newest") if figures else None


def control(job: Job) -> Html | None:
    """What the pictures with the training turned off are for, in a comparison that draws them."""
    try:
        spec = SPEC.validate_json(job.spec)
    except ValidationError:  # the job itself will say what is wrong with it
        return None
    told = verdicts.turned_off(spec) if isinstance(spec, CompareSpec) else ""
    return tag("p", told, class_="soft small") if told else None


def bar(job: Job) -> Html:
    unknown = job.status is JobStatus.RUNNING and not job.total
    percent = round(100 * fraction(job))
    return tag(
        "div",
        tag("i", style=f"width:{percent}%"),
        class_="bar unknown" if unknown else "bar",
        role="progressbar",
        aria_label=job.title,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=None if unknown else percent,
    )


def stop_button(job: Job) -> Html:
    """Stop; once pressed, a second press ends the job at once."""
    if job.stop:
        return button(
            "End now", "stop-job", "danger", data_job=job.id, id=f"stop-{job.id}", data_busy="Ending…"
        )
    return button(
        "Stop", "stop-job", data_job=job.id, id=f"stop-{job.id}", data_busy="Stopping…", data_again=True
    )


def doing(job: Job) -> str:
    """What happens right now, in words."""
    if job.stop:
        return "stopping: it ends at its next step and keeps what it has"
    if job.status is JobStatus.QUEUED:
        parts = ["starting again" if job.attempt else "", job.note]
    elif job.total:
        parts = [job.phase, f"{job.step} of {job.total}", job.note]
    else:
        parts = ["starting again" if job.attempt > 1 else "" if job.phase else "starting", job.phase, job.note]
    return " · ".join(part for part in parts if part)


def card(studio: Studio, job: Job) -> Html:
    """An open job with its newest picture, large enough to watch."""
    compared = job.kind == HOST
    picture = None if compared else newest_picture(studio, job)
    frame = tag(
        "img",
        src=picture,
        alt="newest picture of this job",
        width=112,
        height=112,
        style="border-radius:10px",
    )
    words = tag(
        "div",
        tag("div", tag("h3", job.title), tag("span", time_left(studio, job, time.time()), class_="soft num"),
            class_="line apart"),
        bar(job),
        tag("div", tag("span", doing(job), class_="soft small num grow"), stop_button(job), class_="line"),
        newest_by_arm(studio, job) if compared else None,
        control(job) if compared else None,
        class_="stack grow",
    )  # fmt: skip
    inner = tag("div", frame if picture else None, words, class_="line")
    return tag("div", inner, class_="card", data_job_card=job.id, data_status=job.status.value)


def failure(job: Job) -> Html:
    """Why a job failed and what to do; `retry-job` puts it into the line again."""
    more = [
        button("Try again", "retry-job", data_job=job.id),
        button("Dismiss", "forget-job", "plain", data_job=job.id),
    ]
    message = job.message or "The job ended without saying why."
    return markup.say(f"{job.title} failed. {message}", hint=job.hint, tone="bad", more=more)


def latest(scene: Scene, *kinds: str) -> Html | None:
    """The card of the newest open job of these kinds, or the failure of the newest one."""
    mine = scene.of_kind(*kinds)
    for job in reversed(mine):
        if job.status in OPEN:
            return card(scene.studio, job)
    if mine and mine[0].status is JobStatus.FAILED and not forgotten(scene, mine[0]):
        return failure(mine[0])
    return None


def stopped(scene: Scene, kind: str, kept: str) -> Html | None:
    """That the newest job of this kind was stopped, and the way on; `kept` says what there is of it."""
    mine = scene.of_kind(kind)
    if not mine or mine[0].status is not JobStatus.CANCELLED or forgotten(scene, mine[0]):
        return None
    more = [button("Go on", "retry-job", data_job=mine[0].id), button("Dismiss", "forget-job", "plain", data_job=mine[0].id)]
    done = f"{mine[0].step} of {mine[0].total}" if mine[0].total else "nothing yet"
    return markup.say(f"{mine[0].title}: stopped, {done} done.", hint=kept, tone="warn", more=more)


def under_way(scene: Scene, kind: str) -> str:
    """How far the open job of this kind is, such as “30 of 160 steps, about 2 minutes left”; empty without one."""
    job = next((job for job in reversed(scene.of_kind(kind)) if job.status in OPEN), None)
    if job is None:
        return ""
    far = f"{job.step} of {job.total} steps, " if job.step else ""
    return far + time_left(scene.studio, job, time.time())


def forgotten(scene: Scene, job: Job) -> bool:
    """Whether the failure is old news: a day is enough."""
    return (job.finished or 0) < time.time() - 86400 or f"-{job.id}-" in scene.view.hushed


def deeds(page: Page) -> None:
    """Stop, try again, and hide a failure."""

    def stop(scene: Scene, data: dict[str, object]) -> Reply:
        job_actions.stop(scene.studio, guard.whole(data, "job"))
        return Reply()

    def retry(scene: Scene, data: dict[str, object]) -> Reply:
        job_actions.retry(scene.studio, guard.whole(data, "job"))
        return Reply()

    def forget(scene: Scene, data: dict[str, object]) -> Reply:
        return Reply(view=scene.view.hush(guard.whole(data, "job")))

    page.deeds |= {"stop-job": stop, "retry-job": retry, "forget-job": forget}
