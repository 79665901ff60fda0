"""The Persona tab: who she is, what she may be used for, and what comes next."""

from datetime import date
from typing import Any

import gradio as gr

from studio.actions import judging, personas
from studio.catalog import EMBEDDED
from studio.domain.errors import BadInput
from studio.domain.records import Charter, Consent, JobStatus, Persona
from studio.storage import datasets, pictures, queue
from studio.ui import guard, job_card, markup
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import dataset

CHARTERS = {
    "fictional": "An invented adult",
    "self": "Me",
    "consenting": "Another adult, whose consent I have on record",
}
SCOPES = {"train": "train on the pictures", "generate": "make pictures", "publish": "publish pictures"}
EXAMPLE_PICTURES = 6
LATEST = 6


def build(page: Page) -> None:
    """Board and the form for a new persona."""
    page.region("persona-card", draw, tab="persona", key=key)
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
            [(title, kind) for kind, title in CHARTERS.items()], value="fictional", label="Who is it?", elem_id="new-charter"
        )
        with gr.Group(visible=False) as consent:
            with gr.Row():
                person = gr.Textbox(label="Full name of the person who consents", max_length=120, elem_id="consent-person")
                expires = gr.Textbox(label="Valid until", info="Year-month-day; empty: until revoked.", placeholder="2030-12-31")
            scope = gr.CheckboxGroup(
                [(title, word) for word, title in SCOPES.items()], value=["train", "generate"], label="The person allows to"
            )
            evidence = gr.Textbox(
                label="Fingerprint of the signed document (SHA-256)",
                info="Choose the document below: its fingerprint is computed in your browser, the document stays with you.",
                max_length=64,
                elem_id="consent-evidence",
            )
            picker = gr.HTML(evidence_picker(), html_template="${value}", js_on_load=EVIDENCE_JS, apply_default_css=False)
        adult = gr.Checkbox(label="The person shown is an adult.", elem_id="new-adult")
        with gr.Accordion("Base", open=False):
            base = gr.Dropdown(
                bases(page), value=EMBEDDED, label="Base", info="What draws the pictures, before it learns the persona.",
                allow_custom_value=True,
            )
        make = gr.Button("Make this persona", variant="primary", elem_id="make-persona")
    del picker
    fields = [name, trigger, description, charter, adult, base, person, scope, expires, evidence]
    page.fields += [drawer, trigger, says, consent, name]
    page.on(name.blur, lambda scene, data, *given: suggest(trigger, says, *given), [name, trigger, base])
    page.on(trigger.blur, lambda scene, data, *given: check(says, *given), [trigger, base])
    page.on(charter.change, lambda scene, data, kind: Reply(notice=None, fields={consent: gr.Group(visible=kind == "consenting")}), [charter])
    page.on(make.click, lambda scene, data, *given: create(scene, drawer, *given), fields)
    page.deeds |= {
        "load-example": load_example,
        "new-persona": lambda scene, data: Reply(fields={drawer: gr.Accordion(open=True)}),
        "describe": describe,
        "revoke": revoke,
    }


EVIDENCE_JS = "window.studio.board(element, () => {}, watch)"


def evidence_picker() -> str:
    """A file field whose file is hashed in the browser and never sent."""
    field = tag("input", type="file", id="evidence-file", data_hash="#consent-evidence")
    return markup.studio(tag("label", "Document ", field, for_="evidence-file", class_="small"))


def bases(page: Page) -> list[tuple[str, str]]:
    """The embedded base and the folders the settings name."""
    named = page.studio.settings.bases if page.studio.settings else ()
    return [("Embedded small world (128 pixels, needs no download)", EMBEDDED)] + [(path.name, str(path)) for path in named]


# ---------------------------------------------------------------- what is shown


def key(scene: Scene) -> object:
    """Everything the board shows: the persona's own file, the dataset's log, how the jobs stand."""
    persona = scene.persona.model_dump_json() if scene.persona else ""
    return persona, scene.view.hushed, dataset.mark(scene), pictures.mark(scene.studio.db), [
        (job.id, job.status, job.step) for job in scene.jobs if job.persona == scene.view.persona
    ]


def draw(scene: Scene) -> str:
    """The persona, or how to get one."""
    if scene.persona is None:
        return markup.studio(hero(scene))
    persona = scene.persona
    return markup.studio(
        tag("div", identity(scene, persona), markup.slot(job_card.latest(scene, "import")), trail(scene, persona),
            markup.slot(latest(scene, persona)), about(persona),
            class_="stack wide"),
    )  # fmt: skip


def hero(scene: Scene) -> Html:
    """The first thing a new user sees."""
    pictures = [
        tag("img", src=f"/-/example-picture/{number}", alt="", width=150, height=150) for number in range(EXAMPLE_PICTURES)
    ]
    words = tag(
        "div",
        tag("h1", "One person, the same in every picture."),
        tag("p", "Give the studio some pictures of an invented person. It learns her, draws her anywhere you describe, "
                 "and measures whether it is still her."),
        tag("p", "No persona yet: make one, or load the example persona and look around.", class_="small"),
        tag("div", button("Load the example persona", "load-example", "primary big", id="load-example", data_busy="Loading…"),
            button("Make a new one", "new-persona", "big", id="new-persona-button"), class_="line"),
        class_="stack wide",
    )  # fmt: skip
    return tag("div", words, tag("div", pictures, class_="mosaic"), class_="card hero")


def identity(scene: Scene, persona: Persona) -> Html:
    """Face, name and the facts in one glance."""
    face = avatar(scene, persona)
    charter = CHARTERS[persona.charter.kind].replace("whose consent I have", "consent")
    chips = [
        tag("span", "called by ", tag("b", persona.trigger), class_="chip brand"),
        tag("span", charter, class_="chip"),
        tag("span", "embedded small world" if persona.base == EMBEDDED else persona.base, class_="chip"),
    ]
    gain = measured(scene, persona)
    if gain:
        chips.append(tag("span", gain, class_="chip good num"))
    if persona.charter.revoked_at:
        chips.append(tag("span", f"revoked {persona.charter.revoked_at:%d %B %Y}", class_="chip bad"))
    words = tag("div", tag("h1", persona.name), tag("div", chips, class_="line"),
                tag("p", persona.description or "No description yet.", class_="soft"), class_="stack grow")  # fmt: skip
    picture = tag("img", src=face, alt=f"a picture of {persona.name}", width=132, height=132,
                  style="border-radius:18px;object-fit:cover") if face else None  # fmt: skip
    return tag("div", tag("div", picture, words, class_="line", style="gap:20px;flex-wrap:nowrap"), class_="card")


def measured(scene: Scene, persona: Persona) -> str:
    """The newest verdict in a few words, or nothing."""
    found = judging.finished(scene.studio, persona.slug)
    verdict = judging.comparison(scene.studio, found[0]).verdict if found else None
    if verdict is None or verdict.likeness_persona.mean is None:
        return ""
    gain = verdict.difference_base.mean
    return f"likeness {verdict.likeness_persona.mean:.2f}" + (f", {gain:+.2f} over the base" if gain is not None else "")


def latest(scene: Scene, persona: Persona) -> Html | None:
    """Her newest pictures, favourites first."""
    made = pictures.pictures(scene.studio.db, persona=persona.slug, limit=40)
    chosen = sorted(made, key=lambda picture: not picture.favourite)[:LATEST]
    if not chosen:
        return None
    shown = [
        tag("button", tag("img", src=f"/-/picture/{one.id}/small", alt=one.prompt, loading="lazy", width=176, height=176), type="button",
            class_="plain look", data_big=f"/-/picture/{one.id}", data_alt=one.prompt, aria_label=f"Look at {one.prompt}")
        for one in chosen
    ]  # fmt: skip
    return tag("div", tag("h2", f"{persona.name} lately"), tag("div", shown, class_="lately"), class_="card stack")


def avatar(scene: Scene, persona: Persona) -> str | None:
    """Address of the first kept picture."""
    for example in datasets.examples(scene.studio.workspace, persona.slug):
        if example.kept:
            return dataset.address(persona.slug, example)
    return None


def trail(scene: Scene, persona: Persona) -> Html:
    """Five steps, what is done and what comes next; each opens its tab."""
    count = sum(example.kept for example in datasets.examples(scene.studio.workspace, persona.slug))
    db = scene.studio.db
    done = {
        kind: bool(queue.jobs(db, kinds={kind}, persona=persona.slug, statuses={JobStatus.DONE}, limit=1))
        for kind in ("train", "generate", "compare")
    }
    steps = [
        ("persona", "1 Persona", f"{persona.name}, called by “{persona.trigger}”", True),
        ("dataset", "2 Pictures", f"{count} kept" if count else "bring in 15 or more", count > 0),
        ("train", "3 Train", "trained" if done["train"] else "one button, with previews", done["train"]),
        ("create", "4 Create", "pictures made" if done["generate"] else "describe, and she is there", done["generate"]),
        ("judge", "5 Judge", "measured" if done["compare"] else "is it really her?", done["compare"]),
    ]
    next_step = next((name for name, _, _, ready in steps if not ready), "create")
    rows = []
    for name, title, text, ready in steps:
        state = "now" if name == next_step else "done" if ready else ""
        mark = " ✓" if ready else ""
        inner = [tag("b", title, mark), tag("span", text)]
        rows.append(tag("li", tag("button", inner, type="button", data_tab=name, id=f"go-{name}"), class_=state))
    return tag("ol", rows, class_="trail", aria_label="Steps")


def about(persona: Persona) -> Html:
    """What can be changed, and what the record says."""
    charter = persona.charter
    facts = [("Created", f"{persona.created:%d %B %Y}"), ("Who", CHARTERS[charter.kind])]
    if charter.consent:
        allowed = ", ".join(SCOPES[word] for word in charter.consent.scope)
        until = f"{charter.consent.expires:%d %B %Y}" if charter.consent.expires else "until revoked"
        facts += [("Consent of", charter.consent.person), ("Allows to", allowed), ("Valid", until),
                  ("Evidence", charter.consent.evidence_sha256)]  # fmt: skip
    if persona.choice:
        facts += [("Used checkpoint", f"{persona.choice.checkpoint} at {persona.choice.adapter_scale:g}"), ("Why", persona.choice.why)]
    table = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in facts], class_="facts")
    words = tag(
        "label", "What the person looks like",
        tag("textarea", persona.description, id=f"describe-{persona.slug}", data_change="describe", rows=2, maxlength=400,
            value=persona.description),
        class_="stack",
    )  # fmt: skip
    ending = (
        tag("p", "This persona is revoked: nothing can be trained or made with it.", class_="soft")
        if charter.revoked_at
        else button("Revoke this persona", "revoke", "danger", id="revoke", data_sure="Really revoke? All its jobs stop")
    )
    inner = tag("div", words, table, tag("div", ending, class_="line"), class_="stack")
    return tag("details", tag("summary", "Details, description, revoke"), inner, class_="card", id="persona-details")


# ---------------------------------------------------------------- what is done


def load_example(scene: Scene, data: dict[str, Any]) -> Reply:
    persona, _ = personas.load_example(scene.studio)
    text = f"{persona.name} is here. Her pictures are coming in; then open the Train tab."
    return Reply(view=scene.view.at(persona=persona.slug), notice=guard.good_news(text))


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
    return Reply(notice=None, fields={says: markup.studio(tag("span", found.sentence, class_=f"chip {tone}"))})


def create(
    scene: Scene, drawer: Any, name: str, trigger: str, description: str, kind: str, adult: bool, base: str,
    person: str, scope: list[str], expires: str, evidence: str,
) -> Reply:  # fmt: skip
    """Reads the form and makes the persona."""
    consent = None
    if kind == "consenting":
        consent = Consent(person=person, scope=tuple(scope), expires=day(expires), evidence_sha256=evidence.strip().lower())  # type: ignore[arg-type]
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
        raise BadInput(f"“{text[:40]}” is no date.", "Write it as year-month-day, such as 2030-12-31.") from error


def describe(scene: Scene, data: dict[str, Any]) -> Reply:
    personas.update_persona(scene.studio, scene.slug, description=guard.text(data, "value", 400))
    return Reply(notice=guard.good_news("Description saved."))


def revoke(scene: Scene, data: dict[str, Any]) -> Reply:
    persona = personas.revoke(scene.studio, scene.slug)
    return Reply(notice=guard.good_news(f"{persona.name} is revoked: waiting jobs are cancelled, running ones stop."))
