"""One training, live or finished: its card, previews that grow from step 0 on, curves, and its checkpoints."""

from itertools import groupby

from studio.domain.events import Preview
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, TrainSpec
from studio.storage import queue, runs
from studio.ui import job_card, markup, plots
from studio.ui.markup import Html, button, choices, tag
from studio.ui.page import Scene
from studio.ui.tabs.checkpoints import in_use, recommended, training_numbers

MOST_COLUMNS = 8
"""Previews side by side; of a long run, the first, the last and some evenly between."""


def shown(scene: Scene) -> Job | None:
    """The run named in the address, else the newest."""
    mine = scene.of_kind("train")
    if not mine and scene.persona is not None:
        mine = queue.jobs(scene.studio.db, kinds={"train"}, persona=scene.persona.slug, limit=20)
    return next((job for job in mine if str(job.id) == scene.view.job), mine[0] if mine else None)


def key(scene: Scene) -> object:
    """Everything the board shows."""
    choice = scene.persona.choice if scene.persona else None
    jobs = [
        (job.id, job.status, job.step, job.phase, job.stop, job.heartbeat) for job in scene.of_kind("train")
    ]
    clock = job_card.clock(scene.of_kind("train"))
    compared = [job.id for job in scene.of_kind("compare") if job.status is JobStatus.DONE]
    return scene.view.persona, scene.view.job, scene.view.hushed, choice, compared, jobs, clock


def draw(scene: Scene) -> str:
    """Nothing at all before the first training."""
    job = shown(scene)
    if job is None:
        return ""
    live = job.status in job_card.OPEN
    top = job_card.card(scene.studio, job) if live else ended(scene, job)
    return markup.studio(
        tag("div", markup.slot(top), markup.slot(growth(scene, job, about=untaught(job))), markup.slot(curves(scene, job)),
            markup.slot(None if live else checkpoints(scene, job)), class_="stack wide",
            data_run=job.id),
    )  # fmt: skip


def ended(scene: Scene, job: Job) -> Html:
    """How it ended, and the choice among earlier runs."""
    count = training_numbers(scene)
    earlier = [
        (str(one.id), f"{one.title}, no. {count[one.id]} ({job_card.WORDS[one.status]})")
        for one in scene.of_kind("train")
    ]
    switch = (
        choices(earlier, str(job.id), id_="run-switch", label="Training", change="show-run")
        if len(earlier) > 1
        else None
    )
    switch = tag("div", switch, class_="line") if switch else None
    took = f"in {job_card.measured(queue.seconds_run(scene.studio.db, job))}" if job.started and job.finished else ""
    if job.status is JobStatus.FAILED:
        return tag("div", job_card.failure(job), switch, class_="stack")
    tone = "good" if job.status is JobStatus.DONE else "warn"
    words = f"{job.title}: {job_card.WORDS[job.status]} {took}, {job.step} of {job.total} steps."
    if job.status is JobStatus.CANCELLED:
        hint = "What it learned so far is kept below."
        more: list[Html | None] = [button("Go on", "retry-job", data_job=job.id)]
    else:
        hint = "Look at the previews: is it the same person throughout? Then make pictures, or have it measured."
        more = [button("Create", class_="primary", data_tab="create"), button("Judge", data_tab="judge")]
    return tag(
        "div", markup.say(words, hint=hint, tone=tone, more=[*more, longer(job)]), switch, class_="stack"
    )


def longer(job: Job) -> Html | None:
    """Half as many steps again."""
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, TrainSpec) or job.status is not JobStatus.DONE:
        return None
    more = max(10, round(spec.steps / 2 / 10) * 10)
    return button(
        f"Continue {more} steps longer", "continue", data_job=job.id, data_steps=more, id="continue-longer"
    )


def untaught(job: Job) -> str:
    """Why there can be likeness before anything was learned."""
    spec = SPEC.validate_json(job.spec)
    if not isinstance(spec, TrainSpec) or not spec.description or spec.resume_from is not None:
        return ""
    return "Step 0 comes before any learning. What looks alike there comes from the description, which is part of every prompt."


def growth(scene: Scene, job: Job, *, title: str = "How the likeness grows", about: str = "", prefix: str = "") -> Html | None:
    """One row per prompt, one column per look; `prefix`: only previews whose label begins so."""
    found = [
        (event.step, event.label.removeprefix(prefix), number)
        for number, _, event in queue.events(scene.studio.db, job.id, kinds={"preview"})
        if isinstance(event, Preview) and event.label.startswith(prefix)
    ]
    if not found:
        return None
    by_step = {
        step: {label: number for _, label, number in some}
        for step, some in groupby(sorted(found), key=lambda row: row[0])
    }
    steps = spread(sorted(by_step))
    labels = list(dict.fromkeys(label for _, label, _ in found))
    head = tag(
        "tr",
        tag("th", tag("span", "Prompt", class_="only-heard")),
        [tag("th", f"step {step}") for step in steps],
    )
    rows = [
        tag(
            "tr",
            tag("th", label),
            [cell(job, by_step[step].get(label), f"{label}, step {step}") for step in steps],
        )
        for label in labels
    ]
    table = tag("table", tag("thead", head), tag("tbody", rows))
    return tag("div", tag("h2", title), tag("p", about, class_="soft small") if about else None,
               tag("div", table, class_="growth", tabindex=0, role="region", aria_label="Previews"),
               class_="card stack")  # fmt: skip


def spread(steps: list[int]) -> list[int]:
    """At most `MOST_COLUMNS` of them, first and last included."""
    if len(steps) <= MOST_COLUMNS:
        return steps
    return [steps[round(place * (len(steps) - 1) / (MOST_COLUMNS - 1))] for place in range(MOST_COLUMNS)]


def cell(job: Job, number: int | None, label: str) -> Html:
    if number is None:
        return tag("td")
    address = f"/-/preview/{job.id}/{number}"
    picture = tag("img", src=address, alt=label, loading="lazy", width=148, height=148)
    return tag(
        "td",
        button(picture, class_="plain look", data_big=address, data_alt=label, aria_label=f"Look at {label}"),
    )


def curves(scene: Scene, job: Job) -> Html | None:
    """Loss, loss on pictures it never saw, and likeness."""
    numbers = runs.scalars(scene.studio.db, job.id)
    if not numbers:
        return None
    wanted = (
        ("Average loss", "loss", f"{plots.AVERAGED} How wrong the guesses are on the pictures it learns from."),
        (
            "Held-out loss",
            "validation_loss",
            "On pictures it never saw. With few pictures it often rises a little, as some of each is learned by heart. Likeness and Judge decide, not this curve.",
        ),
        (
            "Likeness",
            "likeness",
            "Of the previews to the held-out pictures: 1 is identical, strangers lie near 0.",
        ),
    )
    charts = [
        tag(
            "div",
            plots.curve(title, {"now": plots.smoothed(points) if name == "loss" else points}, about=about),
            class_="card",
        )
        for title, name, about in wanted
        if len(points := numbers.get(name, [])) > 1
    ]
    return tag("div", charts, class_="charts") if charts else None


def checkpoints(scene: Scene, job: Job) -> Html | None:
    """What can be used, downloaded or gone back to."""
    found = runs.checkpoints(scene.studio.workspace, job.id)
    if not found:
        return None
    used, advised = in_use(scene), recommended(scene)
    rows = []
    for one in reversed(found):
        drawing = used is not None and one.path == used[0]
        marks = [
            tag("span", f"in use at strength {used[1]:g}", class_="chip good") if used and drawing else None,
            tag("span", f"recommended at strength {advised[1]:g}", class_="chip brand") if advised and one.path == advised[0] else None,
        ]
        use = None if drawing else button("Use this", "use-checkpoint", data_job=job.id, data_checkpoint=one.path)
        keep = button("Download", "export-adapter", data_checkpoint=one.path)
        rows.append(
            tag(
                "div",
                tag("b", f"Step {one.step}", class_="num"),
                marks,
                tag("span", class_="grow"),
                use,
                keep,
                class_="row",
            )
        )
    return tag(
        "details",
        tag("summary", f"Checkpoints ({len(found)})"),
        rows,
        class_="card",
        id=f"checkpoints-{job.id}",
    )
