from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.domain.errors import BadInput, Conflict, NotFound
from studio.domain.records import Charter, Persona
from studio.storage import personas
from studio.storage.workspace import Workspace, open_workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "Arbeit ü")


def persona(slug: str = "zia", day: int = 1) -> Persona:
    created = datetime(2026, 1, day, tzinfo=UTC)
    return Persona(slug=slug, name="Zia", trigger="zia", charter=Charter(), base="embedded", created=created)


def test_a_persona_comes_back_as_it_was(ws: Workspace) -> None:
    personas.create(ws, persona())
    assert personas.load(ws, "zia") == persona()
    changed = persona().model_copy(update={"name": "Zía ✦"})
    personas.save(ws, changed)
    assert personas.load(ws, "zia") == changed


def test_a_slug_is_given_once(ws: Workspace) -> None:
    personas.create(ws, persona())
    with pytest.raises(Conflict, match="already"):
        personas.create(ws, persona())
    assert personas.taken(ws, "zia")
    assert not personas.taken(ws, "mara")


@pytest.mark.parametrize("slug", ["../zia", "", "zia/..", "ZIA", "a" * 60, ".bin"])
def test_a_slug_is_never_a_path(ws: Workspace, slug: str) -> None:
    with pytest.raises(BadInput, match="short name"):
        personas.load(ws, slug)


def test_an_absent_persona_is_not_found(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="“mara”"):
        personas.load(ws, "mara")


@pytest.mark.parametrize(
    "content", ["", "{", '{"slug": "zia"}', persona().model_dump_json()[:-1] + ',"soul": 1}']
)
def test_a_damaged_or_newer_file_is_a_sentence_and_hides_nobody(ws: Workspace, content: str) -> None:
    personas.create(ws, persona("zia"))
    personas.create(ws, persona("mara"))
    (ws.persona_dir("zia") / "persona.json").write_text(content)
    with pytest.raises(BadInput, match="cannot be read"):
        personas.load(ws, "zia")
    assert [found.slug for found in personas.personas(ws)] == ["mara"]


def test_personas_are_listed_oldest_first(ws: Workspace) -> None:
    for slug, day in (("b", 3), ("c", 1), ("a", 2)):
        personas.create(ws, persona(slug, day))
    assert [found.slug for found in personas.personas(ws)] == ["c", "a", "b"]
