"""The form for a new persona: name, trigger word, who it is, and the record of a consent."""

from datetime import date
from typing import Any

import gradio as gr

from studio.actions import personas
from studio.catalog import EMBEDDED
from studio.domain.errors import BadInput
from studio.domain.records import Charter, Consent
from studio.ui import guard, markup
from studio.ui.markup import tag
from studio.ui.page import Page, Reply, Scene

CHARTERS = {
    "fictional": "An invented adult",
    "self": "Me",
    "consenting": "Another adult, whose consent I have on record",
}
SCOPES = {"train": "train on the pictures", "generate": "make pictures", "publish": "publish pictures"}


def build(page: Page) -> gr.Accordion:
    """The drawer with the form."""
    with gr.Accordion("Make a new persona", open=False, elem_id="new-persona") as drawer:
        with gr.Row():
            name = gr.Textbox(label="Name", placeholder="Mira Sol", max_length=60, elem_id="new-name")
            trigger = gr.Textbox(
                label="Trigger word",
                info="The word that calls her in a prompt. Suggested from the name; it should be no ordinary word.",
                max_length=40,
                elem_id="new-trigger",
            )
        says = gr.HTML("", html_template="${value}", apply_default_css=False, elem_id="trigger-says")
        description = gr.Textbox(
            label="What the person looks like",
            info="Optional. In plain words, such as “a woman with long black hair and brown eyes”. The Judge tab "
            "compares your persona with the base prompted by these words.",
            max_length=400,
            elem_id="new-description",
        )
        charter = gr.Radio(
            [(title, kind) for kind, title in CHARTERS.items()],
            value="fictional",
            label="Who is it?",
            elem_id="new-charter",
        )
        with gr.Group(visible=False) as consent:
            with gr.Row():
                person = gr.Textbox(
                    label="Full name of the person who consents", max_length=120, elem_id="consent-person"
                )
                expires = gr.Textbox(
                    label="Valid until",
                    info="Year-month-day; empty: until revoked.",
                    placeholder="2030-12-31",
                )
            scope = gr.CheckboxGroup(
                [(title, word) for word, title in SCOPES.items()],
                value=["train", "generate"],
                label="The person allows to",
            )
            evidence = gr.Textbox(
                label="Fingerprint of the signed document (SHA-256)",
                info="Choose the document below: its fingerprint is computed in your browser, the document stays with you.",
                max_length=64,
                elem_id="consent-evidence",
            )
            picker = gr.HTML(
                evidence_picker(), html_template="${value}", js_on_load=EVIDENCE_JS, apply_default_css=False
            )
        adult = gr.Checkbox(label="The person shown is an adult.", elem_id="new-adult")
        with gr.Accordion("Base", open=False):
            base = gr.Dropdown(
                bases(page),
                value=EMBEDDED,
                label="Base",
                info="What draws the pictures, before it learns the persona.",
                allow_custom_value=True,
            )
        make = gr.Button("Make this persona", variant="primary", elem_id="make-persona")
    del picker
    fields = [name, trigger, description, charter, adult, base, person, scope, expires, evidence]
    page.fields += [drawer, trigger, says, consent, name]
    page.on(name.blur, lambda scene, data, *given: suggest(trigger, says, *given), [name, trigger, base])
    page.on(trigger.blur, lambda scene, data, *given: check(says, *given), [trigger, base])
    page.on(
        charter.change,
        lambda scene, data, kind: Reply(
            notice=None, fields={consent: gr.Group(visible=kind == "consenting")}
        ),
        [charter],
    )
    page.on(make.click, lambda scene, data, *given: create(scene, drawer, *given), fields)
    return drawer


EVIDENCE_JS = "window.studio.board(element, () => {}, watch)"


def evidence_picker() -> str:
    """A file field whose file is hashed in the browser and never sent."""
    field = tag("input", type="file", id="evidence-file", data_hash="#consent-evidence")
    return markup.studio(tag("label", "Document ", field, for_="evidence-file", class_="small"))


def bases(page: Page) -> list[tuple[str, str]]:
    """The embedded base and the folders the settings name."""
    named = page.studio.settings.bases if page.studio.settings else ()
    return [("Embedded small world (128 pixels, needs no download)", EMBEDDED)] + [
        (path.name, str(path)) for path in named
    ]


def suggest(trigger: Any, says: Any, name: str, given: str, base: str) -> Reply:
    """Fills in the trigger word when there is none yet."""
    if not name.strip() or given.strip():
        return Reply(notice=None)
    word = personas.suggest_trigger(name)
    return Reply(notice=None, fields={trigger: word, **check(says, word, base).fields})


def check(says: Any, word: str, base: str) -> Reply:
    """Whether the base's tokenizer takes the word for something else."""
    if not word.strip():
        return Reply(notice=None)
    found = personas.check_trigger(word, base)
    tone = "good" if found.ok else "warn"
    return Reply(
        notice=None, fields={says: markup.studio(tag("span", found.sentence, class_=f"chip {tone}"))}
    )


def create(
    scene: Scene, drawer: Any, name: str, trigger: str, description: str, kind: str, adult: bool, base: str,
    person: str, scope: list[str], expires: str, evidence: str,
) -> Reply:  # fmt: skip
    """Reads the form and makes the persona."""
    consent = None
    if kind == "consenting":
        consent = Consent(
            person=person, scope=tuple(scope), expires=day(expires), evidence_sha256=evidence.strip().lower()
        )  # type: ignore[arg-type]
    charter = Charter(kind=kind, consent=consent, confirmed_adult=adult)  # type: ignore[arg-type]
    made = personas.create_persona(
        scene.studio, name=name, trigger=trigger, charter=charter, base=base, description=description
    )
    return Reply(
        view=scene.view.at(persona=made.slug, filter="all", job=""),
        notice=guard.good_news(f"{made.name} is made. Next: bring in pictures, in the Dataset tab."),
        fields={drawer: gr.Accordion(open=False)},
    )


def day(text: str) -> date | None:
    """A date as it was typed. Raises `BadInput`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(
            f"“{text[:40]}” is no date.", "Write it as year-month-day, such as 2030-12-31."
        ) from error
