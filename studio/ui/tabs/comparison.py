"""A finished comparison to look at: the verdict, pictures side by side, scores with their intervals."""

from studio.catalog import METRICS
from studio.domain import verdicts
from studio.domain.comparisons import ArmResult, Comparison, Shot
from studio.domain.records import JobStatus
from studio.domain.specs import SPEC, Arm, ExportSpec
from studio.domain.statistics import Estimate, said
from studio.ui import markup, plots
from studio.ui.markup import Html, button, tag
from studio.ui.page import Scene
from studio.ui.tabs.checkpoints import in_use


def draw(scene: Scene, shown: Comparison) -> Html:
    """From the sentence that settles it down to every number."""
    return tag(
        "div", verdict(scene, shown), side_by_side(shown, in_use(scene)), table(shown), remarks(shown), class_="stack wide",
        data_comparison=shown.job,
    )  # fmt: skip


def verdict(scene: Scene, shown: Comparison) -> Html:
    """One sentence, one recommendation, two buttons."""
    final, advice = shown.verdict, shown.recommendation
    sure = final is not None and advice.arm is not None and (final.difference_base.low or 0) > 0
    name = scene.persona.name if scene.persona else "the persona"
    headline = shown.headline(name)
    sentence = final.sentence if final else advice.why
    way = None if headline else tag("p", tag("b", shown.way(name)), id="way") if shown.way(name) else None
    beside = f"On the same way {shown.beside()}." if headline and shown.beside() else ""
    told = [beside, shown.scale() if headline or way else "", verdicts.arms_in_words(shown, name)]
    scale = tag("p", " ".join(part for part in told if part), class_="soft small", id="scale")
    alone = tag("p", shown.only_one(), id="only-one") if shown.only_one() else None
    head = [tag("h2", headline), alone, scale, tag("p", sentence)] if headline else [tag("h2", sentence), way, alone, scale]
    why = None
    if final and advice.arm:
        why = tag("details", tag("summary", shown.why_this()), tag("p", advice.why), id=f"why-{shown.job}")
    elif final:
        head = [markup.say("Nothing is recommended.", hint=advice.why, tone="warn"), way, scale, tag("p", sentence)]
    left_out = shown.not_counted()
    numbers = (
        tag(
            "div",
            tag("div", facts(shown), class_="line"),
            tag("p", left_out, class_="soft small", id="not-counted") if left_out else None,
            tag("p", explained(shown), class_="soft small") if final else None,
            class_="stack tight",
        )
        if final or left_out
        else None
    )
    buttons = tag("div", use(scene, shown), report_button(scene, shown), class_="line")
    return tag(
        "div",
        head,
        numbers,
        why,
        buttons,
        class_=f"card stack verdict {'sure' if sure else ''}".strip(),
        id="verdict",
    )


def use(scene: Scene, shown: Comparison) -> Html | None:
    """The button that takes what is recommended, or else the best one in spite of the reason beside it."""
    advice, final = shown.recommendation, shown.finalist
    best = shown.spec_arm(advice.arm) or final
    if best is None or best.checkpoint is None:
        return None
    now = in_use(scene)
    if now == (best.checkpoint, best.adapter_scale):
        return tag("span", f"{best.name}: in use", class_="chip good", id="in-use")
    drawn = next((arm.name for arm in shown.spec.arms if arm.checkpoint and (arm.checkpoint, arm.adapter_scale) == now), None)
    beside = [f"In use now: {drawn}." if drawn else "Another checkpoint is in use now."]
    if advice.arm:
        look = "" if shown.spec.one_checkpoint else "primary"
        take = button(f"Use {best.name}", "use-recommended", look, data_job=shown.job, id="use-recommended")
    else:
        take = button(f"Use {best.name} anyway", "use-finalist", data_job=shown.job, id="use-finalist")
        if reason := advice.excluded.get(best.name):
            beside.insert(0, f"It is the most like the persona, but it {reason}.")
    return tag("div", take, tag("span", " ".join(beside), class_="soft small"), class_="line")


def explained(shown: Comparison) -> str:
    """What the chips do not say of themselves."""
    told = "In brackets: where the true value lies, 95 times in 100."
    if variety(shown, shown.finalist) is None:
        return told
    rivals = {"told in words": verdicts.described_arm(shown.spec), "the base, which draws somebody else each time,": verdicts.base_arm(shown.spec)}
    beside = [f"{name} {found.mean:.2f}" for name, arm in rivals.items() if (found := variety(shown, arm)) and found.mean is not None]
    return f"{told} Variety: how much the pictures of one prompt differ from each other{'; ' if beside else ''}{', '.join(beside)}."


def variety(shown: Comparison, arm: Arm | None) -> Estimate | None:
    """How much an arm's pictures of one prompt differ; None where a prompt has but one."""
    result = shown.arm(arm.name) if arm else None
    found = result.scores.get("variety") if result else None
    return found if found and found.mean is not None else None


def facts(shown: Comparison) -> list[Html]:
    """The numbers of the verdict as chips."""
    final = shown.verdict
    if final is None:
        return []
    chips = [
        chip("likeness of the base", final.likeness_base),
        chip("of the persona", final.likeness_persona, "brand"),
    ]
    if final.likeness_described is not None:
        chips.insert(1, chip("of the description", final.likeness_described))
    chips.append(chip("more than the base", final.difference_base, sign=True))
    if final.difference_described is not None:
        chips.append(chip("more than the description", final.difference_described, sign=True))
    chips.append(chip("prompt match", final.prompt_match_persona, share=True))
    if varied := variety(shown, shown.finalist):
        chips.append(chip("variety", varied))
    if final.copies is not None:
        chips.append(chip("copies", final.copies.rate, share=True))
    else:
        chips.append(tag("span", "copies: not measured", class_="chip"))
    return chips


def chip(name: str, estimate: Estimate | None, tone: str = "", *, sign: bool = False, share: bool = False) -> Html:
    return tag("span", f"{name}: {said(estimate, sign=sign, share=share)}", class_=f"chip num {tone}".strip())


def report_button(scene: Scene, shown: Comparison) -> Html:
    """Ask for the report, or take it once it is there."""
    for job in scene.of_kind("export"):
        spec = SPEC.validate_json(job.spec)
        if (
            isinstance(spec, ExportSpec)
            and spec.comparison == shown.job
            and job.status not in (JobStatus.FAILED, JobStatus.CANCELLED)
        ):
            if job.status is JobStatus.DONE:
                read = tag(
                    "a",
                    "Read the report",
                    href=f"/-/result/{job.id}?inline=true",
                    class_="button",
                    target="_blank",
                    rel="noopener",
                )
                keep = tag(
                    "a",
                    "Download it",
                    href=f"/-/result/{job.id}",
                    class_="button",
                    download=True,
                    id="report-link",
                )
                return tag("div", read, keep, class_="line")
            return button("The report is being written …", disabled=True)
    return button("Make a report", "report", data_job=shown.job, id="make-report", data_busy="Writing …")


# ---------------------------------------------------------------- pictures


def address(shown: Comparison, shot: Shot) -> str:
    """Of one picture of the comparison."""
    name = shot.path.partition(f"comparisons/{shown.job}/")[2]
    return f"/-/comparison/{shown.job}/{name}"


def side_by_side(shown: Comparison, used: tuple[str, float] | None = None) -> Html:
    """Prompts by arms, on the first seed; two of them go under the slider, the numbers stand beside it."""
    seed = shown.spec.seeds[0]
    cells = {(shot.arm, shot.prompt): shot for shot in shown.shots if shot.seed == seed and not shot.fresh}
    best = shown.recommendation.arm
    head = tag("tr", tag("th", "Asked for", scope="col"), [
        tag("th", arm.name,
            tag("span", "recommended", class_="chip good") if arm.name == best and not shown.spec.one_checkpoint else None,
            tag("span", "in use", class_="chip brand") if (arm.checkpoint, arm.adapter_scale) == used else None, scope="col")
        for arm in shown.arms])  # fmt: skip
    rows = [
        tag("tr", tag("th", prompt, scope="row"), [picture(shown, cells.get((arm.name, place)), prompt) for arm in shown.arms])
        for place, prompt in enumerate(shown.prompts)
    ]
    grid = tag("div", tag("table", tag("thead", head), tag("tbody", rows), class_="matrix", style=f"--arms:{len(shown.arms)}"),
               class_="scroll", tabindex=0, role="region",
               aria_label="Pictures by what was asked for and what drew them")  # fmt: skip
    return tag(
        "div", tag("h2", "The same prompts, the same seeds"),
        tag("div", tag("div", slider(shown, cells, best),
                       tag("p", "Choose any two pictures below: they go under the slider.", class_="soft small"),
                class_="stack tight"),
            measured(shown), class_="sides"),
        grid, class_="card stack",
    )  # fmt: skip


def picture(shown: Comparison, shot: Shot | None, prompt: str) -> Html:
    if shot is None:
        return tag("td")
    likeness = shot.scores.get(verdicts.LIKENESS)
    told = f"{likeness:.2f}" if likeness is not None else "not measured"
    label = f"{shot.arm}: {prompt}"
    image = tag("img", src=address(shown, shot), alt=label, loading="lazy", width=148, height=148)
    pick = button(
        image,
        class_="plain",
        data_pick=address(shown, shot),
        data_alt=shot.arm,
        aria_label=f"Compare {label}",
    )
    return tag("td", pick, tag("span", told, class_="soft small num"))


def slider(shown: Comparison, cells: dict[tuple[str, int], Shot], best: str | None) -> Html | None:
    """Two pictures on top of each other; to begin with, the base and the recommended arm, else the best one."""
    first = cells.get((shown.arms[0].name, 0))
    best = best or (shown.verdict.arm if shown.verdict else shown.arms[-1].name)
    second = cells.get((best, 0))
    if first is None or second is None:
        return None
    return tag(
        "div",
        tag("div", tag("img", src=address(shown, first), alt=first.arm), tag("img", src=address(shown, second), alt=second.arm, class_="second"),
            tag("span", first.arm, class_="tag left"), tag("span", second.arm, class_="tag right"), class_="versus"),
        tag("input", type="range", min=0, max=100, value=50, class_="cut", id="cut", aria_label="How much of the first picture"),
        class_="stack tight versus-box",
    )  # fmt: skip


# ---------------------------------------------------------------- numbers


def measured(shown: Comparison) -> Html:
    """Likeness per arm, and what each arm gains over the base on the same prompts and seeds."""
    best = shown.recommendation.arm
    likeness = [row(arm, arm.scores.get(verdicts.LIKENESS), best) for arm in shown.arms]
    gains = [row(arm, arm.gains.get(verdicts.LIKENESS), best) for arm in shown.arms[1:]]
    charts = [
        plots.intervals("Likeness", [one for one in likeness if one], about="How close the pictures come to the held-out ones: 1 is identical, strangers lie near 0. "
                        "A dot is the average; the true value lies on its line 95 times in 100."),
        plots.intervals("Gain over the base", [one for one in gains if one], zero=True,
                        about="Each picture against the base's for the same prompt and seed. Where the line does not touch 0, the gain is no chance."),
    ]  # fmt: skip
    rounds = shown.two_rounds()
    return tag("div", tag("p", rounds, class_="soft small", id="two-rounds") if rounds else None, charts, class_="stack")


def row(arm: ArmResult, estimate: Estimate | None, best: str | None) -> plots.Interval | None:
    """One line of a plot; an arm without an interval is a point."""
    if estimate is None or estimate.mean is None:
        return None
    low = estimate.low if estimate.low is not None else estimate.mean
    high = estimate.high if estimate.high is not None else estimate.mean
    return plots.Interval(arm.name, estimate.mean, low, high, f"({estimate.n} pictures)", arm.name == best)


def table(shown: Comparison) -> Html:
    """Every metric of every arm; "not measured" where nothing was."""
    names = [name for name in METRICS if any(name in arm.scores for arm in shown.arms)]
    head = tag("tr", tag("th", "Drawn with"), [tag("th", METRICS[name].title) for name in names])
    rows = [tag("tr", tag("th", arm.name, scope="row"),
                [tag("td", said(arm.scores.get(name), share=METRICS[name].is_share), class_="num") for name in names])
            for arm in shown.arms]  # fmt: skip
    whole = tag("div", tag("table", tag("thead", head), tag("tbody", rows), class_="plain"), class_="scroll", tabindex=0, role="region",
                aria_label="All numbers")  # fmt: skip
    about = tag("ul", [tag("li", tag("b", METRICS[name].title), ": ", METRICS[name].about) for name in names], class_="soft small")
    return tag("details", tag("summary", "All numbers"), whole, about, class_="card", id=f"numbers-{shown.job}")


def remarks(shown: Comparison) -> Html | None:
    """What limits this comparison, and the two controls."""
    control = shown.controls.strength_zero
    lines = list(shown.notes)
    if shown.unseen_places:
        lines.append(f"Places not among the training pictures: {', '.join(shown.unseen_places)}.")
    if control is not None and control.mean is not None:
        lines.append(
            f"Check: with the training turned off (strength 0) the likeness differs from the base's by {control.mean:g}; it must be 0."
        )
    other = shown.controls.other_identity
    if other is not None and other.mean is not None:
        lines.append(
            f"Check: the training changed the likeness to {other.n} other people by {said(other, sign=True)}; it should not rise."
        )
    return tag("ul", [tag("li", line) for line in lines], class_="soft small") if lines else None
