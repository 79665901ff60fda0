"""The form for a new persona: name, trigger word, who it is, and the record of a consent."""

from typing import Any

import gradio as gr

from studio.actions import personas
from studio.catalog import EMBEDDED, find_base
from studio.domain.errors import StudioError
from studio.domain.records import Charter
from studio.ui import guard, markup
from studio.ui.markup import tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import consent
from studio.ui.tabs import description as describe

CHARTERS = {
    "fictional": "A fictional adult",
    "self": "Me",
    "consenting": "Another adult, whose consent I have on record",
}
ADULT = "The person shown is an adult."


def build(page: Page) -> gr.Accordion:
    """The drawer with the form."""
    with gr.Accordion("Make a new persona", open=False, elem_id="new-persona") as drawer:
        with gr.Row():
            name = gr.Textbox(label="Name", placeholder="Mira Sol", max_length=60, elem_id="new-name")
            trigger = gr.Textbox(
                label="Trigger word",
                info="The word that calls the persona in a prompt. Suggested from the name; it should be no ordinary word.",
                max_length=40,
                elem_id="new-trigger",
            )
        says = gr.HTML("", html_template="${value}", apply_default_css=False, elem_id="trigger-says")
        description = gr.Textbox(
            label="What the person looks like",
            info="In plain words, such as “a woman with long black hair and brown eyes”. It is learned together with the "
            "trigger word, and the Judge tab compares your persona with these words alone. May stay empty.",
            max_length=400,
            elem_id="new-description",
        )
        remark = gr.HTML("", html_template="${value}", apply_default_css=False, elem_id="description-says")
        known = gr.HTML(words_of(EMBEDDED), html_template="${value}", apply_default_css=False, elem_id="known-words")
        charter = gr.Radio(
            [(title, kind) for kind, title in CHARTERS.items()],
            value="fictional",
            label="Who is it?",
            elem_id="new-charter",
        )
        with gr.Group(visible=False) as record_group:
            record = consent.fields("consent")
        adult = adulthood(missing=False)
        with gr.Accordion("Base", open=False):
            base = gr.Dropdown(
                bases(page),
                value=EMBEDDED,
                label="Base",
                info="What draws the pictures, before it learns the persona.",
                allow_custom_value=True,
            )
        make = gr.Button("Make this persona", variant="primary", elem_id="make-persona")
    fields = [name, trigger, description, charter, adult, base, *record.all()]
    page.fields += [drawer, trigger, says, remark, known, record_group, name, adult]
    page.on(name.blur, lambda scene, data, *given: suggest(trigger, says, *given), [name, trigger, base])
    page.on(trigger.blur, lambda scene, data, *given: check(says, *given), [trigger, base])
    page.on(description.blur, lambda scene, data, *given: look(remark, *given), [description, trigger, base])
    page.on(base.change, lambda scene, data, *given: change_base(remark, known, *given), [description, trigger, base])
    page.on(
        charter.change,
        lambda scene, data, kind: Reply(
            notice=None, fields={record_group: gr.Group(visible=kind == "consenting")}
        ),
        [charter],
    )
    page.on(adult.input, lambda scene, data: Reply(notice=None, fields={adult: adulthood(missing=False)}))
    page.on(make.click, lambda scene, data, *given: create(scene, drawer, adult, *given), fields)
    return drawer


def adulthood(*, missing: bool) -> gr.Checkbox:
    """The tick that nobody else can set; marked where it was missing, until a hand moves it."""
    return gr.Checkbox(label=f"{ADULT} Tick this to go on." if missing else ADULT, elem_classes=["needed"] if missing else [], elem_id="new-adult")


def bases(page: Page) -> list[tuple[str, str]]:
    """The embedded base and the folders the settings name."""
    named = page.studio.settings.bases if page.studio.settings else ()
    pixels = find_base(EMBEDDED).resolution
    return [(f"The studio's own small base ({pixels} pixels, needs no download)", EMBEDDED)] + [
        (path.name, str(path)) for path in named
    ]


def suggest(trigger: Any, says: Any, name: str, given: str, base: str) -> Reply:
    """Fills in the trigger word when there is none yet."""
    if not name.strip() or given.strip():
        return Reply(notice=None)
    word = personas.suggest_trigger(name, base)
    return Reply(notice=None, fields={trigger: word, **check(says, word, base).fields})


def check(says: Any, word: str, base: str) -> Reply:
    """Whether the base's tokenizer takes the word for something else."""
    if not word.strip():
        return Reply(notice=None)
    found = personas.check_trigger(word, base)
    tone = "good" if found.ok else "warn"
    pieces = f"The base reads it in {found.tokens} pieces (tokens); fewer are learned better." if found.tokens else None
    return Reply(
        notice=None, fields={says: markup.studio(tag("p", found.sentence, class_=f"chip {tone}", title=pieces))}
    )


def look(remark: Any, text: str, trigger: str, base: str) -> Reply:
    """Names the words of a description that the base does not know."""
    return Reply(notice=None, fields={remark: markup.studio(told) if (told := describe.remark(text, base, trigger)) else ""})


def words_of(base: str) -> str:
    """The drawer with the words a base knows; empty where it does not say."""
    return markup.studio(drawer) if (drawer := describe.known(base)) else ""


def change_base(remark: Any, known: Any, text: str, trigger: str, base: str) -> Reply:
    """Another base knows other words."""
    return Reply(notice=None, fields={known: words_of(base), **look(remark, text, trigger, base).fields})


def create(
    scene: Scene, drawer: Any, box: Any, name: str, trigger: str, description: str, kind: str, adult: bool, base: str,
    person: str, scope: list[str], expires: str, evidence: str,
) -> Reply:  # fmt: skip
    """Reads the form and makes the persona."""
    record = consent.read(person, scope, expires, evidence) if kind == "consenting" else None
    charter = Charter(kind=kind, consent=record, confirmed_adult=adult)  # type: ignore[arg-type]
    try:
        made = personas.create_persona(
            scene.studio, name=name, trigger=trigger, charter=charter, base=base, description=description
        )
    except StudioError as error:
        return Reply(notice=guard.notice(error), fields={box: adulthood(missing=not adult)})
    return Reply(
        view=scene.view.at(persona=made.slug, filter="all", job=""),
        notice=guard.good_news(f"{made.name} is made. Next: bring in pictures, in the Dataset tab."),
        fields={drawer: gr.Accordion(open=False), box: adulthood(missing=False)},
    )
