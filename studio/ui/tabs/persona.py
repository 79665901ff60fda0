"""The Persona tab: who she is, what she may be used for, and what comes next."""

from typing import Any

import gradio as gr

from studio.actions import judging, personas
from studio.catalog import EMBEDDED
from studio.domain.records import JobStatus, Persona
from studio.storage import datasets, pictures, queue
from studio.ui import guard, job_card, markup
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene
from studio.ui.tabs import consent, dataset, description, new_persona
from studio.ui.tabs.checkpoints import trainings
from studio.ui.tabs.consent import SCOPES
from studio.ui.tabs.dataset_tile import address
from studio.ui.tabs.new_persona import CHARTERS

EXAMPLE_PICTURES = 6
LATEST = 6


def build(page: Page) -> None:
    """Board and the form for a new persona."""
    page.region("persona-card", draw, tab="persona", key=key)
    renewal = consent.build_renewal(page)
    drawer = new_persona.build(page)
    page.deeds |= {
        "load-example": load_example,
        "new-persona": lambda scene, data: Reply(fields={drawer: gr.Accordion(open=True)}),
        "renew-consent": lambda scene, data: Reply(notice=None, fields={renewal: gr.Accordion(open=True)}),
        "describe": describe,
        "revoke": revoke,
        "erase": erase,
    }


# ---------------------------------------------------------------- what is shown


def key(scene: Scene) -> object:
    """Everything the board shows: the persona's own file, the dataset's log, how the jobs stand."""
    persona = scene.persona.model_dump_json() if scene.persona else ""
    return (
        persona,
        scene.view.hushed,
        dataset.mark(scene),
        pictures.mark(scene.studio.db),
        [(job.id, job.status, job.step) for job in scene.jobs if job.persona == scene.view.persona],
    )


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
        tag("img", src=f"/-/example-picture/{number}", alt="", width=150, height=150)
        for number in range(EXAMPLE_PICTURES)
    ]
    words = tag(
        "div",
        tag("h1", "One person, the same in every picture."),
        tag("p", "Give the studio some pictures of an invented person. It learns that person, draws them anywhere you describe, "
                 "and measures whether it is still the same person."),
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
        tag("span", "the studio's own small base" if persona.base == EMBEDDED else persona.base, class_="chip"),
    ]
    if gain := measured(scene, persona):
        chips.append(gain)
    if persona.charter.revoked_at:
        chips.append(tag("span", f"revoked {persona.charter.revoked_at:%d %B %Y}", class_="chip bad"))
    words = tag("div", tag("h1", persona.name), tag("div", chips, class_="line"),
                tag("p", persona.description, class_="soft") if persona.description else undescribed(),
                class_="stack grow")  # fmt: skip
    picture = tag("img", src=face, class_="face", alt=f"a picture of {persona.name}", width=132, height=132,
                  style="border-radius:18px;object-fit:cover") if face else None  # fmt: skip
    return tag(
        "div", tag("div", picture, words, class_="line", style="gap:20px;flex-wrap:nowrap"), class_="card"
    )


def undescribed() -> Html:
    """Why a description helps, and the way to it."""
    go = button("Describe", class_="small", data_opens="persona-details")
    words = "No description yet. A few words on hair, skin and eyes help the training."
    return tag("div", tag("p", words, class_="soft"), go, class_="line")


def measured(scene: Scene, persona: Persona) -> Html | None:
    """The newest verdict in a few words, or nothing; green where the gain is settled."""
    found = judging.finished(scene.studio, persona.slug)
    verdict = judging.comparison(scene.studio, found[0]).verdict if found else None
    if verdict is None or verdict.likeness_persona.mean is None:
        return None
    described = verdict.difference_described
    rival, gain = ("words alone", described) if described else ("the base", verdict.difference_base)
    likeness = f"likeness {verdict.likeness_persona.mean:.2f}"
    if gain.mean is None:
        return tag("span", likeness, class_="chip num")
    more = f"{gain.mean:+.2f} over {rival}"
    if gain.low is not None and gain.low > 0:
        return tag("span", f"{likeness}, {more}", class_="chip good num")
    if gain.high is not None and gain.high < 0:
        return tag("span", f"{likeness}, {more}", class_="chip num")
    between = f", and lies between {gain.low:+.2f} and {gain.high:+.2f}" if gain.low is not None and gain.high is not None else ""
    return tag("span", f"{likeness}, over {rival}: not settled", class_="chip num", title=f"measured {more}{between}")


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
    return tag(
        "div", tag("h2", f"{persona.name} lately"), tag("div", shown, class_="lately"), class_="card stack"
    )


def avatar(scene: Scene, persona: Persona) -> str | None:
    """Address of the first kept picture."""
    for example in datasets.examples(scene.studio.workspace, persona.slug):
        if example.kept:
            return address(persona.slug, example)
    return None


def trail(scene: Scene, persona: Persona) -> Html:
    """Five steps, what is done and what comes next, if anything; each opens its tab."""
    count = sum(example.kept for example in datasets.examples(scene.studio.workspace, persona.slug))
    db = scene.studio.db
    done = {
        kind: bool(queue.jobs(db, kinds={kind}, persona=persona.slug, statuses={JobStatus.DONE}, limit=1))
        for kind in ("train", "generate", "compare")
    }
    training = "trained" if done["train"] else "one button, with previews"
    if dataset.in_training(scene):
        training = "in training now"
    steps = [
        ("persona", "1 Persona", f"{persona.name}, called by “{persona.trigger}”", True),
        ("dataset", "2 Dataset", f"{count} pictures" if count else "bring in 15 pictures or more", count > 0),
        ("train", "3 Train", training, done["train"]),
        (
            "create",
            "4 Create",
            "pictures made" if done["generate"] else "describe a place, and there they are",
            done["generate"],
        ),
        ("judge", "5 Judge", "measured" if done["compare"] else "is it really them?", done["compare"]),
    ]
    next_step = next((name for name, _, _, ready in steps if not ready), "")
    rows = []
    for name, title, text, ready in steps:
        state = "now" if name == next_step else "done" if ready else ""
        mark = " ✓" if ready else ""
        inner = [tag("b", title, mark), tag("span", text)]
        rows.append(
            tag("li", tag("button", inner, type="button", data_tab=name, id=f"go-{name}"), class_=state)
        )
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
        facts += [
            ("Used checkpoint", f"{persona.choice.checkpoint} at strength {persona.choice.adapter_scale:g}"),
            ("Why", persona.choice.why),
        ]
    table = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in facts], class_="facts")
    area = f"describe-{persona.slug}"
    save = button("Saved", "describe", "small", id="save-description", data_from=area, data_tells=True, disabled=True)
    words = tag(
        "div",
        tag("div", tag("label", "What the person looks like", for_=area), save, class_="line apart"),
        tag("textarea", persona.description, id=area, data_change="describe", data_saved=persona.description, data_tells=True,
            rows=2, maxlength=400, aria_describedby="save-description"),
        markup.slot(description.remark(persona.description, persona.base, persona.trigger)),
        markup.slot(description.known(persona.base)),
        class_="stack tight", data_form=True,
    )  # fmt: skip
    renew = (
        button(consent.TITLE, "renew-consent", id="open-renewal") if consent.renewable(persona.charter) else None
    )
    ending = (
        tag("p", "This persona is revoked: nothing can be trained or made with it.", class_="soft")
        if charter.revoked_at
        else button(
            "Revoke this persona",
            "revoke",
            "danger",
            id="revoke",
            data_sure="Really revoke? All its jobs stop",
        )
    )
    inner = tag("div", words, table, tag("div", renew, ending, class_="line"), deletion(persona), class_="stack")
    return tag(
        "details", tag("summary", "Details, description, revoke, delete"), inner, class_="card", id="persona-details"
    )


def deletion(persona: Persona) -> Html:
    """A second drawer, so that nobody deletes by mistake."""
    told = (
        f"The pictures of the dataset, the trainings, every picture made of {persona.name}, the comparisons and downloads "
        "are removed from this studio. Nobody can bring them back. Backups, a damaged database that was set aside, and files you saved elsewhere stay where they are."
    )
    typed = tag("input", type="text", name="typed", id=f"erase-{persona.slug}", autocomplete="off", maxlength=60,
                aria_label=f"Type {persona.name} to delete it")  # fmt: skip
    ask = tag("label", tag("span", "Type ", tag("b", persona.name), " to delete it"), typed, class_="stack tight")
    go = button(f"Delete {persona.name} for good", "erase", "danger", id="erase", data_busy="Deleting …")
    return tag("details", tag("summary", "Delete everything"),
               tag("div", tag("p", told, class_="soft"), ask, tag("div", go, class_="line"), class_="stack", data_form=True),
               id="persona-deletion")  # fmt: skip


# ---------------------------------------------------------------- what is done


def load_example(scene: Scene, data: dict[str, Any]) -> Reply:
    persona, _ = personas.load_example(scene.studio)
    text = f"{persona.name} is here. The pictures are coming in; then open the Train tab."
    return Reply(view=scene.view.at(persona=persona.slug), notice=guard.good_news(text))


def describe(scene: Scene, data: dict[str, Any]) -> Reply:
    personas.update_persona(scene.studio, scene.slug, description=guard.text(data, "value", 400))
    later = " Trainings from before keep the old words: train again to use the new ones." if trainings(scene) else ""
    return Reply(notice=guard.good_news(f"Description saved.{later}"))


def revoke(scene: Scene, data: dict[str, Any]) -> Reply:
    persona = personas.revoke(scene.studio, scene.slug)
    return Reply(
        notice=guard.good_news(f"{persona.name} is revoked: waiting jobs are cancelled, running ones stop.")
    )


def erase(scene: Scene, data: dict[str, Any]) -> Reply:
    name = scene.persona.name if scene.persona else ""
    gone = personas.erase(scene.studio, scene.slug, guard.text(data, "typed", 60))
    told = f"{name} is deleted, with {gone.pictures} pictures made and {gone.trainings} trainings."
    return Reply(view=scene.view.at(persona="", job="", run="", checkpoint="", dropped=""), notice=guard.good_news(told))
