"""The Create tab: describe a scene, press one button, and the persona is there."""

from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from studio.actions import creating
from studio.domain.spec import SEED_LIMIT
from studio.domain.specs import GenerateSpec
from studio.domain.suites import person
from studio.storage import datasets
from studio.ui import guard, markup, verdict_card
from studio.ui.forms import control
from studio.ui.markup import button, tag
from studio.ui.page import Follower, Page, Reply, Scene, board
from studio.ui.tabs import dataset, deleted, gallery, restoring
from studio.ui.tabs.checkpoints import BASE, at_strength, choice_of, picker
from studio.ui.tabs.create_settings import MOST, SHAPES, Fields, base_name, new_seed, sampling, schedulers

IDEAS = ("on a beach at sunset", "skiing in the snowy mountains", "in a city at night", "in a forest, wearing a red sweater",
         "swimming", "in a café with a cup on the table")  # fmt: skip


def build(page: Page) -> None:
    """Controls on one side, pictures on the other."""
    with gr.Row(elem_id="create-room"):
        with gr.Column(scale=4, min_width=300):
            page.region("create-who", who, tab="create")
            prompt = gr.Textbox(
                label="What should the picture show?", lines=3, max_length=4000, elem_id="prompt"
            )
            page.region(
                "create-ideas",
                ideas,
                tab="create",
                key=lambda scene: (scene.view.persona, dataset.mark(scene)),
            )
            with gr.Row(elem_id="go-line", equal_height=True):
                go = gr.Button("Generate", variant="primary", elem_id="generate", size="lg", scale=3, min_width=120)
                count = gr.Dropdown([(deleted.many(number), number) for number in range(1, MOST + 1)], value=4, label="How many",
                                    container=False, filterable=False, elem_id="count", scale=2, min_width=120)  # fmt: skip
            says = board("prompt-says")  # below the button, which would move away from the pointer
            page.listen(says)
            strength = gr.Slider(0, 1.5, value=1.0, step=0.05, label="How much of the persona", elem_id="strength",
                                 info="0 is the base alone, 1 is the persona as trained.")  # fmt: skip
            shape = gr.Radio(list(SHAPES), value="Square", label="Shape", elem_id="shape")
            with gr.Accordion("More settings", open=False, elem_id="create-drawer"):
                negative = control("negative_prompt", GenerateSpec.model_fields["negative_prompt"])
                with gr.Row():
                    seed = gr.Number(0, label="Seed", info=GenerateSpec.model_fields["seed"].description, precision=0,
                                     minimum=0, maximum=SEED_LIMIT, elem_id="seed")  # fmt: skip
                    lock = gr.Checkbox(
                        False,
                        label="Keep this seed",
                        info="Otherwise every press draws a new one.",
                        elem_id="lock",
                    )
                dice = gr.Button("Another seed", elem_id="dice", size="sm")
                steps = gr.Slider(
                    1,
                    100,
                    value=20,
                    step=1,
                    label="Steps",
                    info=GenerateSpec.model_fields["num_inference_steps"].description,
                )
                guidance = gr.Slider(
                    0,
                    20,
                    value=4.0,
                    step=0.5,
                    label="Guidance",
                    info=GenerateSpec.model_fields["guidance_scale"].description,
                )
                scheduler = gr.Dropdown([("The base's own", "default")], value="default", label="Scheduler", interactive=True,
                                        info=GenerateSpec.model_fields["scheduler"].description, elem_id="scheduler")  # fmt: skip
            page.region("create-dropped", dropped, tab="create")
        with gr.Column(scale=7, min_width=320):
            page.region("create-pictures", gallery.draw, tab="create", key=gallery.key)
    controls = Fields(prompt, negative, strength, shape, count, seed, lock, steps, guidance, scheduler)
    page.fields += [says, *controls.all()]
    page.on(go.click, lambda scene, data, *values: generate(scene, controls, says, values), controls.all())
    left = partial(prompt.blur, trigger_mode="always_last")  # a pause while typing counts as leaving, see studio.js
    page.on(left, lambda scene, data, *values: look(scene, controls, says, values), controls.all())
    moved = partial(strength.input, trigger_mode="always_last")
    page.on(moved, lambda scene, data, scale: keep_strength(scene, scale), [strength])
    page.on(dice.click, lambda scene, data: Reply(notice=None, fields={seed: new_seed(), lock: True}))
    page.deeds |= {
        "pick-checkpoint": pick,
        "use-settings": lambda scene, data: use_settings(scene, data, controls, says),
        "use-recipe": lambda scene, data: use_recipe(scene, data, controls, says),
        "dropped": drop,
        "forget-dropped": lambda scene, data: Reply(view=scene.view.at(dropped="")),
    }
    gallery.deeds(page)
    page.followers["sampling"] = Follower(base_name, lambda scene: sampling(scene, steps, guidance, shape))
    page.followers["strength"] = Follower(drawn_with, lambda scene: {strength: choice_of(scene)[1]})
    page.arrivals["create"] = lambda scene: {
        scheduler: gr.Dropdown(choices=schedulers(base_name(scene))),
        prompt: gr.Textbox(placeholder=f"{called(scene)} {IDEAS[0]}"),
    }


# ---------------------------------------------------------------- what is shown


def who(scene: Scene) -> str:
    """Who is drawn, and with which checkpoint."""
    if scene.persona is None:
        hint = "Without a persona the base draws somebody new each time."
        more = button("Make a persona", data_tab="persona")
        return markup.studio(markup.say("No persona is selected.", hint=hint, more=more))
    return markup.studio(picker(scene))


def ideas(scene: Scene) -> str:
    """Prompts to begin with; they teach that the trigger word stands for her."""
    name = called(scene)
    chips = [
        button(idea, None, "idea", data_into="prompt", data_text=f"{name} {idea}", aria_label=f"Use the prompt {name} {idea}")
        for idea in IDEAS
    ]
    return markup.studio(tag("div", chips, class_="line ideas"))


def called(scene: Scene) -> str:
    """How prompts call her: as her captions do, such as “zia woman”."""
    if scene.persona is None:
        return "a woman"
    captions = [example.caption for example in datasets.examples(scene.studio.workspace, scene.persona.slug)]
    return person(scene.persona.trigger, captions)


def dropped(scene: Scene) -> str:
    """A picture dropped here gives its recipe back."""
    zone = verdict_card.drop_zone(
        "dropped", "drop-recipe", "Drop a picture here to get its settings back", "Choose a picture"
    )
    return markup.studio(tag("div", zone, verdict_card.draw(scene, with_recipe=True), class_="stack"))


# ---------------------------------------------------------------- what is done


def generate(scene: Scene, controls: Fields, says: Any, values: tuple[Any, ...]) -> Reply:
    """Puts the pictures into the queue; a fresh seed unless it is kept."""
    locked = bool(values[6])
    seed = None if locked else new_seed()
    spec = controls.spec(scene, values, seed=seed)
    remarks = sentences(scene, spec)
    creating.generate(scene.studio, spec)
    return Reply(fields={controls.seed: spec.seed, says: remarks})


def look(scene: Scene, controls: Fields, says: Any, values: tuple[Any, ...]) -> Reply:
    """Says what the base will not understand, before anything is made."""
    if not (values[0] or "").strip():
        return Reply(notice=None, fields={says: ""})
    return Reply(notice=None, fields={says: sentences(scene, controls.spec(scene, values))})


def sentences(scene: Scene, spec: GenerateSpec) -> str:
    """Unknown words, cut text, a missing trigger word; and, which is no warning, the prompt where it was completed."""
    told = creating.prepare(scene.studio, spec)
    name = called(scene)
    mend = button(f"Add {name}", class_="small", data_front=name, data_into="prompt") if told.uncalled else None
    remarks = [
        tag("p", sentence, [" ", mend] if mend and sentence == told.uncalled else None, class_="chip warn", role="status")
        for sentence in told.sentences
    ]
    if told.completed:
        remarks.append(tag("p", f"The description was learned with the name and is added for you: “{told.completed}”.", class_="soft small"))
    return markup.studio(tag("div", remarks, class_="stack tight")) if remarks else ""


def pick(scene: Scene, data: dict[str, Any]) -> Reply:
    """Another checkpoint; the strength follows."""
    return Reply(view=scene.view.at(checkpoint=guard.text(data, "value", 200)))


def keep_strength(scene: Scene, scale: float) -> Reply:
    """The address remembers a strength that was set by hand, so that a reload does."""
    checkpoint, _ = choice_of(scene)
    return Reply(view=scene.view.at(strength=at_strength(checkpoint, scale) if checkpoint else ""), notice=None)


def drawn_with(scene: Scene) -> object:
    """What decides the strength: whenever it changes the slider is set, also by a choice made in another tab."""
    return scene.view.persona, scene.view.checkpoint, scene.persona.choice if scene.persona else None


def restored(scene: Scene, spec: GenerateSpec, controls: Fields, says: Any) -> Reply:
    """Everything as it was for that picture, and what cannot be, in sentences; remarks on another prompt are gone."""
    persona = next((one for one in scene.personas if one.slug == spec.persona), scene.persona)
    own = spec.checkpoint is not None and restoring.can_draw(scene.studio, spec.checkpoint, persona)
    checkpoint = BASE if spec.checkpoint is None else spec.checkpoint if own else ""
    view = scene.view.at(tab="create", persona=persona.slug if persona else "", checkpoint=checkpoint, strength="")
    now = replace(scene, view=view, persona=persona)
    wanted = spec if own else spec.model_copy(update={"adapter_scale": choice_of(now)[1]})
    values = controls.standing(wanted, base_name(now))
    asked = controls.spec(now, values)
    if own:
        view = view.at(strength=at_strength(checkpoint, asked.adapter_scale))
    told = restoring.differences(spec, asked, persona.name if persona else None)
    news = guard.good_news("The settings are back, with the same seed.")
    if told:
        news = guard.half_news("Most settings are back, with the same seed.", " ".join(told))
    return Reply(view=view, notice=news, fields=controls.show(values, base_name(now)) | {says: ""})


def use_settings(scene: Scene, data: dict[str, Any], controls: Fields, says: Any) -> Reply:
    return restored(scene, creating.recipe(scene.studio, guard.text(data, "picture", 80)), controls, says)


def drop(scene: Scene, data: dict[str, Any]) -> Reply:
    """A dropped file is read by a job: this process never opens a stranger's bytes."""
    job = verdict_card.read_dropped(scene, data)
    return Reply(view=scene.view.at(dropped=str(job)))


def use_recipe(scene: Scene, data: dict[str, Any], controls: Fields, says: Any) -> Reply:
    return restored(scene, creating.restore(scene.studio, guard.whole(data, "job")), controls, says)
