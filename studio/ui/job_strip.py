"""The line at the foot of every tab, and the list of all jobs that it opens."""

import time

from studio.domain.records import Job, JobStatus
from studio.storage import queue
from studio.storage.opened import Studio
from studio.ui import markup
from studio.ui.job_card import OPEN, WORDS, bar, fraction, measured, newest_picture, stop_button, time_left
from studio.ui.markup import Html, button, tag
from studio.ui.page import Scene

REMEMBERED = 15 * 60
"""Seconds for which the strip still shows how the last job ended."""


def strip(scene: Scene) -> str:
    """The line at the foot of every tab: what runs, how long it takes, what waits, how the last one ended."""
    running = [job for job in reversed(scene.jobs) if job.status is JobStatus.RUNNING]
    waiting = [job for job in reversed(scene.jobs) if job.status is JobStatus.QUEUED]
    ended = [job for job in scene.jobs if job.status not in OPEN]
    now: list[Html | None]
    if running:
        now = _running(scene.studio, running[0])
        title = f"{round(100 * fraction(running[0]))} % · {running[0].title} · Persona Studio"
    elif waiting:
        now = [tag("span", class_="dot"), tag("span", f"{waiting[0].title}: starting", class_="grow"),
               stop_button(waiting[0])]  # fmt: skip
        title = "Persona Studio"
    else:
        now = _ended(ended)
        title = "Persona Studio"
    rows = [_row(scene, job) for job in [*running, *waiting, *ended][:20]]
    more = button(f"{len(waiting)} waiting" if running and waiting else "Jobs", data_opens="all-jobs", aria_expanded="false",
                  aria_controls="all-jobs")  # fmt: skip
    listed = tag("div", rows or tag("p", "No job yet.", class_="soft"), class_="list", id="all-jobs", hidden=True)
    return markup.studio(
        tag("div", now, class_="now grow"), more, listed, tag("i", data_title=title, hidden=True), class_="strip"
    )


def _running(studio: Studio, job: Job) -> list[Html | None]:
    picture = newest_picture(studio, job)
    words = tag(
        "div",
        tag("div", tag("b", job.title, title=job.title), tag("span", time_left(studio, job, time.time()), class_="soft small num"),
            class_="line apart"),
        bar(job),
        class_="grow",
    )  # fmt: skip
    shown = [tag("img", src=picture, alt="")] if picture else [tag("span", class_="dot running")]
    return [*shown, words, stop_button(job)]


def _ended(ended: list[Job]) -> list[Html | None]:
    if not ended or (ended[0].finished or 0) < time.time() - REMEMBERED:
        return [tag("span", class_="dot"), tag("span", "Nothing is running.", class_="soft grow")]
    job = ended[0]
    words = job.message if job.status is JobStatus.FAILED else ""
    return [
        tag("span", class_=f"dot {job.status.value}"),
        tag(
            "span",
            tag("b", f"{job.title}: {WORDS[job.status]}. "),
            words,
            " ",
            job.hint if words else "",
            class_="grow told",
        ),
        *([download(job)] if job.kind == "export" else []),
    ]


def download(job: Job) -> Html | None:
    """The way to what an export made."""
    if job.kind != "export" or job.status is not JobStatus.DONE:
        return None
    return tag("a", "Download", href=f"/-/result/{job.id}", class_="button primary", download=True)


def _row(scene: Scene, job: Job) -> Html:
    took = measured(queue.seconds_run(scene.studio.db, job)) if job.started and job.finished else ""
    words = [tag("span", job.title, class_="grow"), tag("span", WORDS[job.status], class_="soft small")]
    if job.status is JobStatus.FAILED:
        words = [tag("span", job.title, tag("div", job.message, " ", job.hint, class_="soft small"), class_="grow"),
                 button("Try again", "retry-job", data_job=job.id)]  # fmt: skip
    ends = (
        stop_button(job)
        if job.status in OPEN
        else download(job) or tag("span", took, class_="soft small num")
    )
    return tag("div", tag("span", class_=f"dot {job.status.value}"), words, ends, class_="row")
