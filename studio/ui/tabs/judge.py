"""The Judge tab: plan a comparison, run it, and see side by side, with intervals, whether it is her."""

import contextlib
from typing import Any

from pydantic import ValidationError

from studio.actions import exporting, judging
from studio.domain import verdicts
from studio.domain.errors import BadInput, Conflict
from studio.domain.records import Job, JobStatus
from studio.domain.specs import SPEC, CompareSpec
from studio.domain.statistics import FEWEST_PROMPTS
from studio.storage import queue, runs
from studio.ui import guard, job_card, markup, verdict_card
from studio.ui.markup import Html, button, choices, tag
from studio.ui.pace import pace
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import comparison
from studio.ui.tabs.checkpoints import in_use, training_numbers

MOST_SEEDS = 8
FIRST_SEED = 70_001
FIRST_FRESH = 80_001
TOO_FEW = f"With fewer than {FEWEST_PROMPTS} prompts there is no verdict: a gain cannot be told from chance. Pictures and numbers are shown all the same."


def build(page: Page) -> None:
    """Plan, result, and what a file carries."""
    page.region("judge-plan", plan, tab="judge", key=plan_key)
    page.region("judge-result", result, tab="judge", key=result_key)
    page.region("judge-verify", verify, tab="judge")
    page.deeds |= {
        "compare": compare,
        "quick-look": quick_look,
        "show-comparison": lambda scene, data: Reply(view=scene.view.at(job=guard.text(data, "value", 20))),
        "plan-run": lambda scene, data: Reply(view=scene.view.at(run=guard.text(data, "value", 20))),
        "use-recommended": use_recommended,
        "use-finalist": use_finalist,
        "report": ask_report,
        "export-adapter": ask_adapter,
        "verify": verify_file,
    }


# ---------------------------------------------------------------- the plan


def trained(scene: Scene) -> list[Job]:
    """Trainings with something to compare, newest first."""
    if scene.persona is None:
        return []
    found = queue.jobs(scene.studio.db, kinds={"train"}, persona=scene.persona.slug, limit=20)
    return [job for job in found if runs.checkpoints(scene.studio.workspace, job.id)]


def plan_key(scene: Scene) -> object:
    """Everything the plan depends on."""
    jobs = [(job.id, job.status, job.stop) for job in scene.of_kind("train", "compare")]
    live = [
        (job.step, job.phase, job.heartbeat)
        for job in scene.of_kind("compare")
        if job.status in job_card.OPEN
    ]
    persona = (scene.persona.description, scene.persona.charter.revoked_at) if scene.persona else None
    seen = sum(len(runs.checkpoints(scene.studio.workspace, job.id)) for job in scene.of_kind("train") if job.status in job_card.OPEN)
    clock = job_card.clock(scene.of_kind("compare"))
    return scene.view.persona, scene.view.run, scene.view.hushed, persona, jobs, live, seen, clock


def plan(scene: Scene) -> str:
    """One button, with a drawer to change what is compared."""
    if scene.persona is None:
        return markup.nobody("There is nobody to judge yet.")
    jobs = trained(scene)
    if not jobs:
        go = button("Go to Train", class_="primary", data_tab="train")
        words = f"Train {scene.persona.name} first; then the same pictures are made with and without the persona, and measured."
        if job_card.under_way(scene, "train"):
            words = f"{scene.persona.name} is being trained; from the first checkpoint on there is something to judge."
        return markup.studio(markup.empty("Nothing to judge yet", words, go=go))
    running = job_card.latest(scene, "compare") or job_card.stopped(scene, "compare", "Every picture that was drawn is kept.")
    job = next((one for one in jobs if str(one.id) == scene.view.run), jobs[0])
    spec = judging.default_plan(scene.studio, scene.slug, job.id)
    busy = any(one.status in job_card.OPEN for one in scene.of_kind("compare"))
    words = tag(
        "div", tag("h2", f"Is it really {scene.persona.name}?"),
        tag("p", "The same pictures are drawn by the base alone, by the base told in words what the person looks like, and by each "
                 "checkpoint; then a judge that never saw this person measures how alike they are.", class_="soft"), class_="stack grow",
    )  # fmt: skip
    start = button(
        "Comparing …" if busy else "Compare",
        "compare",
        "primary big",
        id="compare",
        data_run=job.id,
        disabled=busy,
        data_busy="Starting …",
    )
    each = pace(scene.studio, scene.persona.base)
    # The script keeps it true while the drawer's fields change (`planned` in studio.js).
    told = None if busy else tag("p", lasting(spec, each), class_="soft small num", data_plan=True, data_pace=each)
    few = None if busy else tag("p", TOO_FEW, class_="chip warn", role="status", id="too-few", data_fewest=FEWEST_PROMPTS,
                                hidden=len(spec.prompts) >= FEWEST_PROMPTS)  # fmt: skip
    look = judging.quick(spec)
    first = [
        button("Quick look", "quick-look", "small", data_run=job.id, data_busy="Starting …", id="quick-look"),
        tag("p", f"{lasting(look, each)} The last checkpoint alone, so it cannot say which to keep.", class_="soft small num"),
    ]
    head = tag("div", words, tag("div", start, told, few, None if busy else first, class_="stack tight"), class_="line apart top-line")
    form = tag("div", head, drawer(scene, jobs, job, spec), class_="card stack", data_form=True, data_keeps=f"studio-plan-{scene.slug}")
    return markup.studio(tag("div", markup.slot(running), form, class_="stack"))


def lasting(spec: CompareSpec, each: float | None) -> str:
    """How many pictures a plan makes and how long they take, at `each` seconds a picture, if that is known."""
    count = verdicts.pictures_in(spec)
    return f"{count} pictures, " + (f"about {job_card.seconds(count * each)}." if each else "time not known yet.")


def drawer(scene: Scene, jobs: list[Job], job: Job, spec: CompareSpec) -> Html:
    """Training, prompts, how many seeds, and which arms."""
    count = training_numbers(scene)
    training = choices([(str(one.id), f"{one.title}, no. {count[one.id]}") for one in jobs], str(job.id), id_="plan-run",
                       label="Training to judge", change="plan-run")  # fmt: skip
    prompts = tag(
        "textarea",
        "\n".join(spec.prompts),
        name="prompts",
        id="plan-prompts",
        rows=min(14, len(spec.prompts) + 1),
    )
    seeds = tag("select", [tag("option", str(n), value=n, selected=n == len(spec.seeds)) for n in range(1, MOST_SEEDS + 1)], name="seeds",
                id="plan-seeds", aria_label="Pictures of each prompt")  # fmt: skip
    fresh = tag("input", type="checkbox", name="fresh", id="plan-fresh", checked=bool(spec.fresh_seeds))
    rivals = (verdicts.base_arm(spec), verdicts.described_arm(spec))
    arms = [
        tag(
            "label",
            tag("input", type="checkbox", name=f"arm-{arm.name}", id=f"arm-{place}", checked=True,
                data_role="rival" if arm in rivals else "contender" if arm in verdicts.contenders(spec) else None),
            " ",
            arm.name,
            class_="chip",
            title=verdicts.turned_off(spec) if arm == verdicts.zero_arm(spec) else None,
        )
        for place, arm in enumerate(spec.arms)
    ]
    inner = tag(
        "div",
        tag("div", tag("span", "Training"), training, class_="line"),
        tag("label", f"Prompts, one per line, at least {FEWEST_PROMPTS} for a verdict; the person is written in place of {{who}}", prompts, class_="stack tight"),
        tag("div", tag("span", "Pictures of each prompt"), seeds, tag("label", fresh, " draw the best one again, as new pictures, so that luck counts for nothing"), class_="line"),
        tag("div", tag("span", "Compared"), arms, class_="line"),
        class_="stack",
    )  # fmt: skip
    return tag("details", tag("summary", "Change what is compared"), inner, id="plan-drawer")


def compare(scene: Scene, data: dict[str, Any]) -> Reply:
    """Reads the drawer into a plan and puts it into the queue."""
    spec = judging.default_plan(scene.studio, scene.slug, guard.whole(data, "run"))
    count = max(1, min(MOST_SEEDS, guard.whole(data, "seeds")))
    prompts = tuple(line.strip() for line in guard.text(data, "prompts", 60_000).splitlines() if line.strip())
    ticked = {name.removeprefix("arm-") for name, value in data.items() if name.startswith("arm-") and value}
    arms = tuple(arm for arm in spec.arms if arm.name in ticked)
    if len(arms) < len(ticked):
        raise Conflict("The training has made another checkpoint since this plan was drawn.", "Look at the plan again.")
    if not arms or not prompts:
        raise BadInput("There is nothing to compare.", "Keep at least one prompt, and one tick at “Compared”.")
    wanted = spec.model_dump() | {
        "arms": arms,
        "prompts": prompts,
        "seeds": tuple(range(FIRST_SEED, FIRST_SEED + count)),
        "fresh_seeds": tuple(range(FIRST_FRESH, FIRST_FRESH + count)) if data.get("fresh") else (),
    }
    job = judging.compare(scene.studio, CompareSpec.model_validate(wanted))
    return Reply(view=scene.view.at(job=str(job)))


def quick_look(scene: Scene, data: dict[str, Any]) -> Reply:
    """The short plan, whatever the drawer says."""
    plan = judging.quick(judging.default_plan(scene.studio, scene.slug, guard.whole(data, "run")))
    return Reply(view=scene.view.at(job=str(judging.compare(scene.studio, plan))))


# ---------------------------------------------------------------- the result


def result_key(scene: Scene) -> object:
    """A finished comparison never changes; which one is shown does."""
    choice = in_use(scene)
    exports = [(job.id, job.status) for job in scene.of_kind("export")]
    done = [job.id for job in scene.of_kind("compare") if job.status is JobStatus.DONE]
    return scene.view.persona, scene.view.job, choice, exports, done


def result(scene: Scene) -> str:
    """The newest comparison, or the one in the address."""
    if scene.persona is None:
        return ""
    found = judging.finished(scene.studio, scene.slug)
    if not found:
        return ""
    wanted = next((job for job in found if str(job) == scene.view.job), found[0])
    shown = judging.comparison(scene.studio, wanted)
    earlier = choices(called(scene, found), str(wanted), id_="pick-comparison", label="Comparison",
                      change="show-comparison") if len(found) > 1 else None  # fmt: skip
    return markup.studio(tag("div", earlier, comparison.draw(scene, shown), class_="stack wide"))


def called(scene: Scene, found: list[int]) -> list[tuple[str, str]]:
    """The finished comparisons as the menu names them."""
    quick = set()
    for job, asked in queue.specs(scene.studio.db, found).items():
        with contextlib.suppress(ValidationError):  # of another version of the studio
            spec = SPEC.validate_json(asked)
            quick |= {job} if isinstance(spec, CompareSpec) and spec.quick_look else set()
    return [(str(job), f"{'Quick look' if job in quick else 'Comparison'} {job}") for job in found]


def use_recommended(scene: Scene, data: dict[str, Any]) -> Reply:
    job = guard.whole(data, "job")
    persona = judging.use_recommended(scene.studio, job)
    found = judging.comparison(scene.studio, job)
    advised = "" if found.spec.one_checkpoint else ", as recommended"
    news = guard.good_news(f"{persona.name} is now drawn with {found.recommendation.arm}{advised}.")
    return Reply(view=scene.view.at(checkpoint="", strength=""), notice=news)


def use_finalist(scene: Scene, data: dict[str, Any]) -> Reply:
    persona = judging.use_finalist(scene.studio, guard.whole(data, "job"))
    scale = persona.choice.adapter_scale if persona.choice else 1.0
    news = guard.good_news(f"{persona.name} is now drawn with the best checkpoint at strength {scale:g}, though it is not recommended.")
    return Reply(view=scene.view.at(checkpoint="", strength=""), notice=news)


def ask_report(scene: Scene, data: dict[str, Any]) -> Reply:
    judging.report(scene.studio, guard.whole(data, "job"))
    return Reply(notice=guard.good_news("The report is being written; its download appears in a moment."))


def ask_adapter(scene: Scene, data: dict[str, Any]) -> Reply:
    exporting.export_adapter(scene.studio, scene.slug, guard.text(data, "checkpoint", 300))
    return Reply(
        notice=guard.good_news("The adapter is being prepared; its download appears at the foot of the page.")
    )


# ---------------------------------------------------------------- what a file carries


def verify(scene: Scene) -> str:
    """A drop zone for any file."""
    zone = verdict_card.drop_zone(
        "verify",
        "drop-verify",
        "What does this picture carry? Drop any picture, zip or report",
        "Choose a file",
    )
    return markup.studio(tag("div", zone, verdict_card.draw(scene, with_recipe=False), class_="stack"))


def verify_file(scene: Scene, data: dict[str, Any]) -> Reply:
    return Reply(view=scene.view.at(dropped=str(verdict_card.read_dropped(scene, data))))
