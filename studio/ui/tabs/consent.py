"""The record of a consent as a form: in a new persona's, and to renew or widen one that is there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import gradio as gr

from studio.actions import personas
from studio.domain.errors import BadInput
from studio.domain.records import Charter, Consent
from studio.ui import guard, markup
from studio.ui.markup import tag
from studio.ui.page import Follower, Page, Reply, Scene

SCOPES = {"train": "train on the pictures", "generate": "make pictures", "publish": "publish pictures"}
EVIDENCE_JS = "window.studio.board(element, () => {}, watch)"
TITLE = "Renew or widen the consent"


@dataclass(frozen=True, slots=True)
class ConsentFields:
    """The controls of one record, in the order in which handlers get their values."""

    person: Any
    scope: Any
    expires: Any
    evidence: Any

    def all(self) -> list[Any]:
        return [self.person, self.scope, self.expires, self.evidence]


def fields(name: str) -> ConsentFields:
    """The controls, here; `name` begins their ids. The document itself stays in the browser."""
    with gr.Row():
        person = gr.Textbox(
            label="Full name of the person who consents", max_length=120, elem_id=f"{name}-person"
        )
        expires = gr.Textbox(
            label="Valid until",
            info="Year-month-day; empty: until revoked.",
            placeholder="2030-12-31",
            elem_id=f"{name}-expires",
        )
    scope = gr.CheckboxGroup(
        [(title, word) for word, title in SCOPES.items()],
        value=["train", "generate"],
        label="The person allows to",
        info="Reports, downloads and exports count as publishing.",
        elem_id=f"{name}-scope",
    )
    evidence = gr.Textbox(
        label="Fingerprint of the signed document (SHA-256)",
        info="Choose the document below: its fingerprint is computed in your browser, the document stays with you.",
        max_length=64,
        elem_id=f"{name}-evidence",
    )
    gr.HTML(evidence_picker(name), html_template="${value}", js_on_load=EVIDENCE_JS, apply_default_css=False)
    return ConsentFields(person, scope, expires, evidence)


def evidence_picker(name: str) -> str:
    """A file field whose file is hashed in the browser and never sent."""
    field = tag("input", type="file", id=f"{name}-file", data_hash=f"#{name}-evidence")
    return markup.studio(tag("label", "Document ", field, for_=f"{name}-file", class_="small"))


def read(person: str, scope: list[str], expires: str, evidence: str) -> Consent:
    """What stands in the controls. Raises `BadInput` or `ValidationError`, each as a sentence."""
    return Consent(
        person=person.strip(),
        scope=tuple(scope),  # type: ignore[arg-type]
        expires=day(expires),
        evidence_sha256=evidence.strip().lower(),
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


# ---------------------------------------------------------------- a record that is there


def build_renewal(page: Page) -> gr.Accordion:
    """A drawer that only personas of real people have, filled with what is on record."""
    with gr.Accordion(TITLE, open=False, visible=False, elem_id="renew-consent") as drawer:
        controls = fields("renew")
        save = gr.Button("Record this consent", variant="primary", elem_id="renew-save")
    page.fields += [drawer, *controls.all()]
    page.followers["consent"] = Follower(on_record, lambda scene: shown(scene, drawer, controls))
    page.on(save.click, lambda scene, data, *given: renew(scene, drawer, *given), controls.all())
    return drawer


def on_record(scene: Scene) -> object:
    """What the drawer shows; it is filled anew when that changes."""
    return scene.view.persona, scene.persona.charter if scene.persona else None


def renewable(charter: Charter | None) -> bool:
    """Whether it is a real person's who has not been revoked."""
    return charter is not None and charter.kind != "fictional" and charter.revoked_at is None


def shown(scene: Scene, drawer: gr.Accordion, controls: ConsentFields) -> dict[Any, Any]:
    """The drawer as it must stand; the same person renews, so a recorded name is fixed."""
    charter = scene.persona.charter if scene.persona else None
    record = charter.consent if charter else None
    return {
        drawer: gr.Accordion(visible=renewable(charter), open=False),
        controls.person: gr.Textbox(record.person if record else "", interactive=record is None),
        controls.scope: list(record.scope) if record else ["train", "generate"],
        controls.expires: record.expires.isoformat() if record and record.expires else "",
        controls.evidence: record.evidence_sha256 if record else "",
    }


def renew(
    scene: Scene, drawer: gr.Accordion, person: str, scope: list[str], expires: str, evidence: str
) -> Reply:
    """Records what stands in the form."""
    made = personas.renew_consent(scene.studio, scene.slug, read(person, scope, expires, evidence))
    return Reply(
        notice=guard.good_news(f"The consent for {made.name} is recorded."),
        fields={drawer: gr.Accordion(open=False)},
    )
