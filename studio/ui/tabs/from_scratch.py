"""Below the persona's training: a small model of one's own, from a folder of captioned pictures."""

import json
from typing import Any

import gradio as gr

from studio.actions import pretraining
from studio.actions.pretraining import ModelView
from studio.domain.pretraining import FOUNDING, PretrainSpec
from studio.domain.records import RIGHTS_TITLES, JobStatus, Rights
from studio.storage import runs
from studio.ui import guard, job_card, markup, plots
from studio.ui.forms import Form, form
from studio.ui.markup import Html, button, tag
from studio.ui.page import Follower, Page, Reply, Scene
from studio.ui.tabs import training_run

SETTINGS = (
    "stage", "size", "resolution", "steps", "epochs", "batch_size", "optimizer", "learning_rate", "lr_schedule",
    "warmup_steps", "weight_decay", "pixel_loss", "loss", "weighting", "ema", "caption_dropout", "precision", "seed",
    "checkpoint_every",
)  # fmt: skip
CURVES = (
    ("autoencoder psnr", "Codec: fidelity in dB", "Of pictures it never saw, there and back; higher is better."),
    ("text next_token", "Reader: surprise", "At the next word of captions it never saw; lower is better."),
    ("denoiser held_out_loss", "Painter: held-out loss", "On pictures it never saw; lower is better."),
)
LOSSES = {"autoencoder loss": "Codec: average loss", "text loss": "Reader: average loss", "denoiser loss": "Painter: average loss"}
STAGES = {"autoencoder": "Codec: each picture beside its way there and back", "denoiser": "Painter: what it draws"}


def build(page: Page) -> None:
    """The newest run, and the drawer that starts one."""
    page.region("scratch-run", draw, tab="train", key=key)
    with gr.Accordion("Train a small model from scratch", open=False, elem_id="scratch-drawer"):
        gr.Markdown(
            "On any folder of captioned pictures of this machine, such as thousands of patterns, maps or sprites. "
            "What comes out is a base of your own that any diffusers tool loads. A persona needs none of this."
        )
        folder = gr.Textbox(label="Folder", info="Pictures with .txt captions, a kohya folder, or metadata.jsonl.",
                            max_lines=1, elem_id="scratch-folder")  # fmt: skip
        rights = gr.Dropdown([(title, one.value) for one, title in RIGHTS_TITLES.items()], value=Rights.UNKNOWN.value,
                             label="Rights", info="On what basis all of these pictures may be used.")  # fmt: skip
        with gr.Row(elem_classes=["settings"]):
            settings = form(PretrainSpec, SETTINGS)
        with gr.Row():
            founding = gr.Button("Use the founding document's values", elem_id="scratch-founding")
            start = gr.Button("Start training from scratch", elem_id="scratch-start")
        gr.Markdown("\n".join(f"- {reason}" for reason in FOUNDING.reasons.values()), elem_classes=["soft"])
    page.fields += [folder, *settings.inputs]
    # A number without a value is left out of what Gradio sends at first, and the page then shows a 0 that is too small.
    empty: dict[Any, Any] = {control: None for control in settings.inputs if control.value is None}
    page.followers["scratch-empty"] = Follower(key=lambda scene: "", fields=lambda scene: empty)
    page.on(founding.click, lambda scene, data: Reply(fields=founding_values(settings)))
    read = [folder, rights, *settings.inputs]
    page.on(start.click, lambda scene, data, *values: begin(scene, settings, values), read)


def founding_values(settings: Form) -> dict[Any, Any]:
    """What the document says, and nothing of what it leaves open: the other controls stay as they are."""
    return {settings.controls[name]: value for name, value in FOUNDING.settings.items()}


def begin(scene: Scene, settings: Form, values: tuple[Any, ...]) -> Reply:
    """Reads the drawer into a spec and submits it."""
    folder, rights, *chosen = values
    given = settings.read(chosen) | {"rights": rights or Rights.UNKNOWN, "folders": [folder.strip()] if folder else []}
    pretraining.start_pretraining(scene.studio, PretrainSpec.model_validate(given))
    return Reply(notice=guard.good_news("The training from scratch is in the queue."))


def key(scene: Scene) -> object:
    """Everything the board shows."""
    mine = [job for job in scene.jobs if job.kind == "pretrain"]
    shown = [(job.id, job.status, job.step, job.phase, job.stop, job.heartbeat) for job in mine]
    return scene.view.hushed, shown, job_card.clock(mine)


def draw(scene: Scene) -> str:
    """Nothing at all before the first one."""
    found = pretraining.newest_model(scene.studio)
    if found is None:
        return ""
    job = found.job
    top = job_card.card(scene.studio, job) if job.status in job_card.OPEN else ended(scene, found)
    looks = [
        training_run.growth(scene, job, title=title, prefix=f"{stage}: ") for stage, title in STAGES.items()
    ]
    return markup.studio(
        tag("div", tag("h2", "A model of your own"), markup.slot(top), *(markup.slot(look) for look in looks),
            markup.slot(curves(scene, found)), class_="stack wide", data_run=job.id),
    )  # fmt: skip


def ended(scene: Scene, found: ModelView) -> Html | None:
    """How it ended, and where what it made lies."""
    job = found.job
    if job.status is JobStatus.FAILED:
        return job_card.failure(job)
    if job.status is JobStatus.CANCELLED:
        words = f"{job.title}: stopped at {job.step} of {job.total} steps."
        return markup.say(
            words, hint="What it learned is kept.", tone="warn", more=[button("Go on", "retry-job", data_job=job.id)]
        )
    base = json.loads(job.result or "{}").get("base")
    hint = "Its networks lie in the run."
    if base:
        hint = f"The base lies in {base}; name that folder where a base is asked for."
    return markup.say(f"{job.title}: done.", hint=hint, tone="good")


def curves(scene: Scene, found: ModelView) -> Html | None:
    """Losses, and numbers on pictures it never saw."""
    numbers = runs.scalars(scene.studio.db, found.job.id)
    charts = [
        tag("div", plots.curve(title, {"now": plots.smoothed(points)}, about=plots.AVERAGED), class_="card")
        for name, title in LOSSES.items()
        if len(points := numbers.get(name, [])) > 1
    ]
    charts += [
        tag("div", plots.curve(title, {"now": points}, about=about), class_="card")
        for name, title, about in CURVES
        if len(points := numbers.get(name, [])) > 1
    ]
    return tag("div", charts, class_="charts") if charts else None
