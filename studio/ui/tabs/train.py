"""The Train tab: one button, three presets with measured times, and a drawer with every setting explained."""

import time
from typing import Any

import gradio as gr

from studio.actions import datasets, describing, jobs, personas, training
from studio.actions.training import PresetCard
from studio.domain.errors import BadInput
from studio.domain.lanes import MACHINE
from studio.domain.presets import RECOMMENDED, costs_as_a_preset
from studio.domain.records import Choice, JobStatus
from studio.domain.specs import SPEC, TrainSpec
from studio.storage import queue
from studio.storage.probes import newest_times
from studio.ui import guard, job_card, markup
from studio.ui.forms import Form, form
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import dataset, from_scratch, training_run

GROUPS = {
    "What learns": ("rank", "lora_alpha", "targets"),
    "How it learns": (
        "learning_rate",
        "lr_schedule",
        "warmup_steps",
        "optimizer",
        "weight_decay",
        "loss",
        "max_grad_norm",
    ),
    "How long": ("steps", "epochs", "batch_size", "accumulation"),
    "What it sees": ("say_description", "resolution", "buckets", "caption_dropout", "flip", "prior.count", "prior.weight"),
    "How it runs": ("precision", "ema", "seed", "checkpoint_every", "preview_prompts"),
}
OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


def build(page: Page) -> None:
    """Presets, the drawer, and the run below it."""
    page.region("train-presets", presets, tab="train", key=presets_key)
    page.region("train-times", times, tab="train")
    page.region("train-run", training_run.draw, tab="train", key=training_run.key)
    with gr.Accordion("Every setting, explained", open=False, elem_id="train-drawer"):
        parts: dict[str, Any] = {}
        for title, names in GROUPS.items():
            gr.Markdown(f"### {title}")
            with gr.Row(elem_classes=["settings"]):
                parts |= form(TrainSpec, names).controls
        settings = Form(parts)
        own = gr.Button("Start with these settings", elem_id="train-own")
    page.fields += settings.inputs
    page.arrivals["train"] = lambda scene: arrive(scene, settings)
    page.on(own.click, lambda scene, data, *values: start_own(scene, settings, values), settings.inputs)
    from_scratch.build(page)
    page.deeds |= {
        "preset": lambda scene, data: choose_preset(scene, data, settings),
        "train": start_preset,
        "probe": probe,
        "continue": go_on,
        "use-checkpoint": use_checkpoint,
        "show-run": lambda scene, data: Reply(view=scene.view.at(job=guard.text(data, "value", 20))),
    }


# ---------------------------------------------------------------- what is shown


def presets_key(scene: Scene) -> object:
    """Everything the presets depend on; not how far a probe is: a press is missed by a button that is drawn anew."""
    rows = [(job.id, job.status, job.stop) for job in scene.of_kind("probe", "train", "import")]
    said = (scene.persona.description, newest_times(scene.studio.db, scene.persona.base)) if scene.persona else ""
    return scene.view.persona, said, scene.view.preset, scene.view.hushed, dataset.mark(scene), rows


def presets(scene: Scene) -> str:
    """What stands in the way, or three cards and one button."""
    if scene.persona is None:
        return markup.nobody("There is nobody to learn yet.")
    ready = datasets.readiness(scene.studio, scene.slug)
    if any(job.status in OPEN for job in scene.of_kind("import")):
        go = button("Watch them come in", class_="primary", data_tab="dataset")
        return markup.studio(markup.empty("The pictures are coming in", "Once all are here, this tab says whether they are enough.", go=go))
    if not ready.ok:
        go = button("Go to Dataset", class_="primary", data_tab="dataset")
        return markup.studio(markup.empty("The pictures are not ready yet", *ready.sentences, go=go))
    cards = training.preset_cards(scene.studio, scene.slug)
    chosen = current(cards, scene.view.preset)
    busy = any(job.status in OPEN for job in scene.of_kind("train"))
    untimed = "being timed …" if probing(scene) or learning(scene) else "not timed yet"
    shown = [card(one, one.name == chosen.name, untimed) for one in cards]
    name = scene.persona.name
    start = button(
        "Training …" if busy else f"Train {name}", "train", "primary big", id="start-training",
        data_preset=chosen.name, data_busy="Starting …", disabled=busy,
    )  # fmt: skip
    failed = None if probing(scene) else job_card.latest(scene, "probe")
    long = training.long_captions(scene.studio, scene.slug)
    strange = describing.unknown_in(scene.persona.description, scene.persona.base, scene.persona.trigger)
    warning = [
        markup.say(long[0], hint=long[1], tone="warn") if long else None,
        markup.say(f"In the description: {strange[0]}", hint=f"{strange[1]} The Persona tab shows the words it knows.", tone="warn")
        if strange
        else None,
    ]
    advice = tag("p", " ".join(ready.advice), class_="soft small") if ready.advice else None
    return markup.studio(
        tag("div", tag("div", shown, class_="presets", role="group", aria_label="How thoroughly"),
            tag("div", start, advice, class_="line"), warning, failed, class_="stack"),
    )  # fmt: skip


def current(cards: list[PresetCard], name: str) -> PresetCard:
    """The chosen card, or the recommended one, or the first."""
    by_name = {card.name: card for card in cards}
    return by_name.get(name) or by_name.get(RECOMMENDED) or cards[0]


def card(one: PresetCard, chosen: bool, untimed: str) -> Html:
    """Title, time (or `untimed`), and what it does."""
    told = f"about {job_card.measured(one.seconds)}" if one.seconds is not None else untimed
    spec = one.spec
    start_here = tag("span", "recommended", class_="chip") if one.name == RECOMMENDED else None
    inner = [tag("span", tag("b", one.title), start_here, class_="line apart"), tag("span", told, class_="time num"),
             tag("span", one.about), tag("span", f"{spec.steps} steps", class_="num")]  # fmt: skip
    return button(
        inner,
        "preset",
        "preset",
        data_value=one.name,
        aria_pressed=str(chosen).lower(),
        id=f"preset-{one.name}",
    )


def probing(scene: Scene) -> bool:
    """Whether times are being measured."""
    return any(job.status in OPEN for job in scene.of_kind("probe"))


def learning(scene: Scene) -> bool:
    """Whether a training measures times: it tells them at its first checkpoint."""
    specs = [SPEC.validate_json(job.spec) for job in scene.of_kind("train") if job.status in OPEN]
    return any(isinstance(spec, TrainSpec) and costs_as_a_preset(spec) for spec in specs)


def times(scene: Scene) -> str:
    """One line on the times of the presets: how they are measured, the way to have that done, or how good they are."""
    if scene.persona is None or not datasets.readiness(scene.studio, scene.slug).ok:
        return ""
    job = next((job for job in scene.of_kind("probe") if job.status in OPEN), None)
    told: Html | str = "Times were measured on this machine; a training corrects them as it goes."
    if job is not None:
        doing = f"{job.note}, {job_card.time_left(scene.studio, job, time.time())}" if job.note else "starting"
        told = f"A few real steps are timed on this machine: {doing}. You need not wait for it."
    elif newest_times(scene.studio.db, scene.persona.base) is None:
        told = (
            "This training measures the times on this machine."
            if learning(scene)
            else button("Measure the times on this machine", "probe", id="probe", data_busy="Measuring …")
        )
    return markup.studio(told if isinstance(told, Html) else tag("p", told, class_="soft small num"))


# ---------------------------------------------------------------- what is done


def arrive(scene: Scene, settings: Form) -> dict[Any, Any]:
    """The drawer shows the chosen preset; and a look has the times measured, so that no card lacks one."""
    if scene.persona is None:
        return {}
    cards = training.preset_cards(scene.studio, scene.slug)
    untimed = any(card.seconds is None for card in cards) and may_probe(scene)
    if untimed and not scene.persona.charter.revoked_at and datasets.readiness(scene.studio, scene.slug).ok:
        training.start_probe(scene.studio, scene.slug)
    return settings.show(current(cards, scene.view.preset).spec)


def may_probe(scene: Scene) -> bool:
    """Whether nobody waits for the machine, nor was the last measurement stopped by hand or failed.

    One that made way for a training (`make_way`) is tried again.
    """
    if any(job.status in OPEN and job.kind in MACHINE for job in scene.jobs):
        return False
    last = next(iter(scene.of_kind("probe", "train")), None)
    return last is None or last.kind == "train"


def choose_preset(scene: Scene, data: dict[str, Any], settings: Form) -> Reply:
    """Also shows the preset's settings in the drawer."""
    chosen = current(training.preset_cards(scene.studio, scene.slug), guard.text(data, "value", 20))
    return Reply(view=scene.view.at(preset=chosen.name), fields=settings.show(chosen.spec))


def make_way(scene: Scene) -> None:
    """Somebody who trains waits for no measurement: the training measures as well, and a probe has nothing to keep."""
    for job in scene.of_kind("probe"):
        if job.status in OPEN:
            jobs.end(scene.studio, job.id)


def start_preset(scene: Scene, data: dict[str, Any]) -> Reply:
    chosen = current(training.preset_cards(scene.studio, scene.slug), guard.text(data, "preset", 20))
    job = training.start_training(scene.studio, chosen.spec)
    make_way(scene)
    return Reply(view=scene.view.at(job=str(job)))


def start_own(scene: Scene, settings: Form, values: tuple[Any, ...]) -> Reply:
    """Reads the drawer into a spec; what is not in the drawer stays as it is by default."""
    spec = TrainSpec.model_validate(settings.read(values) | {"persona": scene.slug, "preset": "custom"})
    job = training.start_training(scene.studio, spec)
    make_way(scene)
    return Reply(view=scene.view.at(job=str(job)))


def probe(scene: Scene, data: dict[str, Any]) -> Reply:
    training.start_probe(scene.studio, scene.slug)
    return Reply()


def go_on(scene: Scene, data: dict[str, Any]) -> Reply:
    """Some more steps of a finished training."""
    job = training.continue_longer(scene.studio, guard.whole(data, "job"), guard.whole(data, "steps"))
    return Reply(view=scene.view.at(job=str(job)))


def use_checkpoint(scene: Scene, data: dict[str, Any]) -> Reply:
    """From now on she is drawn with this checkpoint."""
    job = queue.get(scene.studio.db, guard.whole(data, "job"))
    if job.persona != scene.slug:
        raise BadInput("That checkpoint belongs to another persona.", "Reload the page.")
    choice = Choice(checkpoint=guard.text(data, "checkpoint", 300), why="chosen by hand in the Train tab")
    persona = personas.choose(scene.studio, scene.slug, choice)
    return Reply(
        notice=guard.good_news(f"{persona.name} is now drawn with this checkpoint. Try it in Create.")
    )
