"""The consent's form without a browser: who sees it, what it shows, and what it records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr
import pytest

from studio.actions import personas as actions
from studio.domain.records import Charter, Consent, Persona
from studio.storage import personas
from studio.storage.opened import Studio
from studio.ui.page import Page, Screen, View
from studio.ui.tabs import consent, persona

RECORD = Consent(person="Jane Roe", scope=("train", "generate"), expires=None, evidence_sha256="a" * 64)
ADULT = Charter(confirmed_adult=True)
CONSENTING = Charter(kind="consenting", confirmed_adult=True, consent=RECORD)


@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    with gr.Blocks():
        made = Page(studio)
        persona.build(made)
        yield made


def make(studio: Studio, charter: Charter, name: str = "Anna", trigger: str = "annvok") -> Persona:
    return actions.create_persona(studio, name=name, trigger=trigger, charter=charter)


def named(page: Page, name: str) -> Any:
    return next(one for one in page.fields if getattr(one, "elem_id", None) == name)


def at(slug: str) -> Screen:
    return Screen(View.of({"persona": slug}))


def look(page: Page, screen: Screen) -> dict[Any, Any]:
    return page.perform(lambda scene, data: None, screen)


def record(page: Page, slug: str, *values: Any) -> dict[Any, Any]:
    drawer = named(page, "renew-consent")
    deed = lambda scene, data, *given: consent.renew(scene, drawer, *given)  # noqa: E731
    return page.perform(deed, at(slug), *values)


@pytest.mark.parametrize(
    ("charter", "visible"),
    [(ADULT, False), (CONSENTING, True), (Charter(kind="self", confirmed_adult=True), True)],
)
def test_the_form_is_there_for_real_people_only(
    page: Page, studio: Studio, charter: Charter, *, visible: bool
) -> None:
    slug = make(studio, charter).slug
    shown = look(page, at(slug))
    assert shown[named(page, "renew-consent")].visible is visible
    assert ("open-renewal" in shown[page.regions["persona-card"].board]) is visible
    actions.revoke(studio, slug)
    assert look(page, at(slug))[named(page, "renew-consent")].visible is False


def test_the_form_shows_what_is_on_record_and_is_not_reset_while_somebody_types(page: Page, studio: Studio) -> None:
    slug = make(studio, CONSENTING).slug
    first = look(page, screen := at(slug))
    assert first[named(page, "renew-scope")] == ["train", "generate"]
    assert first[named(page, "renew-person")].value == "Jane Roe"
    assert first[named(page, "renew-person")].interactive is False
    assert first[named(page, "renew-evidence")] == "a" * 64
    actions.update_persona(studio, slug, description="a woman with red hair")
    assert named(page, "renew-scope") not in look(page, screen)


def test_a_wider_consent_is_recorded(page: Page, studio: Studio) -> None:
    slug = make(studio, CONSENTING).slug
    until = datetime.now(UTC).date() + timedelta(days=90)
    found = record(page, slug, "Jane Roe", ["train", "generate", "publish"], until.isoformat(), "B" * 64)
    assert "is recorded" in found[page.notice]
    stored = personas.load(studio.workspace, slug).charter.consent
    assert stored == Consent(person="Jane Roe", scope=("train", "generate", "publish"), expires=until,
                             evidence_sha256="b" * 64)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("Joan Doe", ["train"], "", "b" * 64), "that of Jane Roe"),
        (("Jane Roe", ["train"], "2020-01-01", "b" * 64), "ended on 2020-01-01"),
        (("Jane Roe", ["train"], "next year", "b" * 64), "is no date"),
        (("Jane Roe", [], "", "b" * 64), "Scope"),
        (("Jane Roe", ["everything"], "", "b" * 64), "Scope"),
        (("Jane Roe", ["train"], "", "no fingerprint"), "Evidence"),
    ],
)
def test_what_will_not_do_is_a_sentence(page: Page, studio: Studio, values: tuple[Any, ...], said: str) -> None:
    made = make(studio, CONSENTING)
    found = record(page, made.slug, *values)
    assert said in found[page.notice] and 'role="alert"' in found[page.notice]
    assert personas.load(studio.workspace, made.slug) == made
