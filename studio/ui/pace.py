"""How long comparisons and trainings still take, by what was done before on this machine with the same base.

What a training costs is measured by every training and kept as its `Timed` (`storage.probes.newest_times`); a
comparison goes by the newest comparison, else by batches of pictures, else by what a training's previews cost.
"""

import contextlib
from collections.abc import Iterator

from pydantic import ValidationError

from studio.domain import verdicts
from studio.domain.errors import StudioError
from studio.domain.events import STEPPING, Preview, Timed
from studio.domain.lanes import GUEST
from studio.domain.presets import costs_as_a_preset, looks_ahead, seconds
from studio.domain.prompts import PREVIEWS
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, CompareSpec, GenerateSpec, TrainSpec
from studio.storage import personas, queue
from studio.storage.opened import Studio
from studio.storage.probes import newest_times

BATCH = 4
"""Pictures made together from which on their pace says something of a comparison's."""
SURE = 5
"""Steps of a training from which on their pace is known."""


def pace(studio: Studio, base: str) -> float | None:
    """Seconds per picture: by the newest comparison, else the quickest batch of pictures, else the previews of a training,
    which are drawn and measured as a comparison's pictures are.

    A picture alone says nothing of it: most of its time is not drawing.
    """
    compared = next(_compared(studio, base), None)
    if compared is not None:
        return compared
    times = newest_times(studio.db, base)
    return min(_batches(studio, base), default=None) or (times.look / len(PREVIEWS) if times else None)


def comparison_left(studio: Studio, job: Job, now: float) -> float | None:
    """Seconds that all of a running comparison still takes; None: nothing tells.

    Its own pace counts from the first batch that it drew: pictures taken over from an earlier one cost no time.
    """
    if job.total and job.step >= job.total:
        return 0.0
    news = job.heartbeat or now
    for when, drawn in _drawn(studio, job, since=job.started or now)[:1]:
        made, took = job.step - drawn, news - when - _guests_seconds(studio, job, when, news)
        if made > 0 and took > 0.5:
            own = took / made
            return max(own, own * (job.total - job.step) - (now - news))  # counts down until the next news
    with contextlib.suppress(StudioError, ValidationError):  # the job itself will say what is wrong with it
        spec = SPEC.validate_json(job.spec)
        if isinstance(spec, CompareSpec) and (each := pace(studio, _base_of(studio, spec.persona))):
            return each * ((job.total or verdicts.pictures_in(spec)) - job.step)
    return None


def training_left(studio: Studio, job: Job, phase: str, since: float, now: float) -> float | None:
    """Seconds that a running training still takes, looks at the previews included; None: nothing tells.

    `phase` is what it does now, `since` so many seconds. Its own times count, before it has any those of another training
    that costs as much; the pace of the steps since its last look tells how busy the machine is now. Before the first step
    it is what a whole training takes, less what passed.
    """
    with contextlib.suppress(StudioError, ValidationError):
        spec = SPEC.validate_json(job.spec)
        if not isinstance(spec, TrainSpec):
            return None
        spec = spec.model_copy(update={"steps": job.total or spec.steps})  # of epochs it is known once it runs
        own = [event for _, _, event in queue.events(studio.db, job.id, kinds={"timed"}) if isinstance(event, Timed)]
        alike = costs_as_a_preset(spec)
        times = own[-1] if own else newest_times(studio.db, _base_of(studio, spec.persona)) if alike else None
        if times and not job.step and not spec.epochs and job.attempt <= 1 and spec.resume_from is None:
            return max(0.0, seconds(spec, times) - (now - (job.started or now))) or None
        made = job.step % spec.checkpoint_every if phase == STEPPING else 0
        each = since / made if made >= SURE else None
        if times and job.step:
            busy = each / times.step if each and times.step else 1.0
            return busy * ((job.total - job.step) * times.step + looks_ahead(spec, job.step) * times.look)
        return each and each * (job.total - job.step)
    return None


def _drawn(studio: Studio, job: Job, since: float) -> list[tuple[float, int]]:
    """(when, pictures until then) after each batch that the job drew."""
    shown = queue.events(studio.db, job.id, kinds={"preview"})
    return [(when, event.step) for _, when, event in shown if isinstance(event, Preview) and when >= since]


def _guests_seconds(studio: Studio, host: Job, start: float, end: float) -> float:
    """How long a comparison was busy with its guests from `start` to `end`."""
    guests = queue.jobs(studio.db, kinds={GUEST}, limit=100)
    mine = [one for one in guests if one.pid == host.pid and one.started and one.started >= start]
    return sum(max(0.0, min(one.finished or end, end) - (one.started or end)) for one in mine)


def _compared(studio: Studio, base: str) -> Iterator[float]:
    for job, spec in _done(studio, "compare"):
        if isinstance(spec, CompareSpec) and job.started and job.finished and _base_of(studio, spec.persona) == base:
            yield (job.finished - job.started) / verdicts.pictures_in(spec)


def _batches(studio: Studio, base: str) -> Iterator[float]:
    for job, spec in _done(studio, "generate"):
        if isinstance(spec, GenerateSpec) and spec.base == base and spec.count >= BATCH and job.started and job.finished:
            yield (job.finished - job.started) / spec.count


def _done(studio: Studio, kind: str) -> Iterator[tuple[Job, object]]:
    for job in queue.jobs(studio.db, kinds={kind}, statuses={JobStatus.DONE}, limit=20):
        with contextlib.suppress(ValidationError):  # of another version of the studio
            yield job, SPEC.validate_json(job.spec)


def _base_of(studio: Studio, persona: str) -> str:
    """The persona's base; none where she is gone, which is no base's name."""
    with contextlib.suppress(StudioError):
        return personas.load(studio.workspace, persona).base
    return ""
