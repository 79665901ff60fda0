import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.actions import datasets as actions
from studio.actions.personas import create_persona
from studio.domain.captions import BulkEdit
from studio.domain.errors import BadInput, Conflict, DiskTrouble, NotFound, Refused
from studio.domain.records import Charter, Checks, Rights
from studio.domain.specs import ImportSpec
from studio.storage import datasets, inbox, queue
from studio.storage.opened import Studio, open_studio
from tests.pictures import encoded, example, scene
from tests.timing import allowed


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    opened = open_studio(tmp_path / "Arbeit ü")
    create_persona(opened, name="Zia", trigger="zia", charter=Charter(confirmed_adult=True))
    return opened


def fill(studio: Studio, count: int, caption: str = "zia in a park") -> list[str]:
    checks = Checks(width=320, height=320, sharpness=100.0, brightness=0.5, phash=("0" * 16,) * 2)
    items = [example(n, caption=f"{caption} {n}" if caption else "", checks=checks) for n in range(1, count + 1)]
    datasets.add_all(studio.workspace, "zia", [(item, b"png") for item in items])
    datasets.hold_out(studio.workspace, "zia")
    return [item.id for item in items]


def caption(studio: Studio, name: str) -> str:
    return datasets.get(studio.workspace, "zia", name).caption


# ---------------------------------------------------------------- bringing pictures


def test_uploads_are_copied_unread_and_keep_their_names(studio: Studio, tmp_path: Path) -> None:
    files = []
    for folder, name in (("1", "ä b.png"), ("2", "ä b.png"), ("1", "ä b.txt")):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not even a picture")
        files.append(path)
    job = actions.import_pictures(studio, "zia", files, uploaded=True, rights=Rights.OWN)
    spec = ImportSpec.model_validate_json(queue.get(studio.db, job).spec)
    source = studio.workspace.absolute(spec.source)
    assert source.is_relative_to(studio.workspace.inbox)
    assert {path.relative_to(source).as_posix() for path in source.rglob("*.*")} == {
        "ä b.png",
        "2/ä b.png",
        "ä b.txt",
    }
    assert (spec.rights, spec.uploaded) == (Rights.OWN, True)
    assert all(path.exists() for path in files), "the originals stay"


def test_a_folder_of_the_inbox_is_taken_as_it_is_and_no_other(studio: Studio, tmp_path: Path) -> None:
    batch = studio.workspace.inbox / "abc"
    batch.mkdir()
    job = actions.import_pictures(studio, "zia", [batch], uploaded=True)
    assert ImportSpec.model_validate_json(queue.get(studio.db, job).spec).source == "inbox/abc"
    for folder in (tmp_path, studio.workspace.inbox, studio.workspace.persona_dir("zia"), batch / ".."):
        with pytest.raises(BadInput, match="outside the inbox"):
            actions.import_pictures(studio, "zia", [folder], uploaded=True)


def test_a_named_folder_is_not_copied(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    job = actions.import_pictures(studio, "zia", [tmp_path / "pictures"], uploaded=False)
    spec = ImportSpec.model_validate_json(queue.get(studio.db, job).spec)
    assert (spec.source, spec.uploaded) == (str(tmp_path / "pictures"), False)
    assert list(studio.workspace.inbox.iterdir()) == []


def test_what_cannot_be_imported_is_said_at_once(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to import"):
        actions.import_pictures(studio, "zia", [], uploaded=True)
    with pytest.raises(NotFound, match="no folder or file"):
        actions.import_pictures(studio, "zia", [tmp_path / "gone"], uploaded=False)
    with pytest.raises(BadInput, match="2 folders were named"):
        actions.import_pictures(studio, "zia", [tmp_path, tmp_path], uploaded=False)
    with pytest.raises(NotFound, match="no persona"):
        actions.import_pictures(studio, "mara", [tmp_path], uploaded=False)
    fill(studio, 1)
    with pytest.raises(BadInput, match="own copy"):
        actions.import_pictures(studio, "zia", [studio.workspace.dataset_dir("zia")], uploaded=False)


def test_an_upload_that_does_not_fit_is_refused(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    monkeypatch.setattr(actions, "LARGEST_UPLOAD", 100)
    with pytest.raises(BadInput, match="at once"):
        actions.import_pictures(studio, "zia", [tmp_path / "a.png"], uploaded=True)
    monkeypatch.setattr(actions, "LARGEST_UPLOAD", 10**9)
    monkeypatch.setattr(inbox, "SPARE_DISK", 10**18)
    with pytest.raises(DiskTrouble, match="left"):
        actions.import_pictures(studio, "zia", [tmp_path / "a.png"], uploaded=True)
    assert list(studio.workspace.inbox.iterdir()) == []
    assert queue.jobs(studio.db) == []


# ---------------------------------------------------------------- looking


def test_the_page_tells_everything_about_each_picture(studio: Studio) -> None:
    names = fill(studio, 20)
    datasets.edit(
        studio.workspace, "zia", {names[0]: {"rights": Rights.UNKNOWN, "caption": "a park"}}, "human"
    )
    view = actions.page(studio, "zia")
    assert (view.kept, view.held_out, len(view.examples)) == (20, 5, 20)
    assert [reason.code for reason in view.examples[0].reasons] == ["rights", "no-trigger"]
    assert not view.readiness.ok
    assert "0001.png" in view.readiness.sentences[0]
    assert view.importing == ()
    assert "small world" in view.note
    actions.set_rights(studio, "zia", None, Rights.OWN)
    assert actions.readiness(studio, "zia").ok


def test_a_base_that_is_gone_does_not_close_the_page(studio: Studio, tmp_path: Path) -> None:
    from studio.storage import personas

    fill(studio, 2)
    persona = personas.load(studio.workspace, "zia").model_copy(update={"base": str(tmp_path / "gone")})
    personas.save(studio.workspace, persona)
    view = actions.page(studio, "zia")
    assert len(view.examples) == 2
    assert view.note == ""


# ---------------------------------------------------------------- captions


def test_a_caption_is_written_cleaned_and_undone(studio: Studio) -> None:
    (name,) = fill(studio, 1)
    assert actions.set_caption(studio, "zia", name, " zia <i>laughing</i>\n") == "zia laughing"
    assert caption(studio, name) == "zia laughing"
    assert actions.undo(studio, "zia") == "Edit one caption"
    assert caption(studio, name) == "zia in a park 1"
    assert actions.undo(studio, "zia") == ""


def test_two_tabs_editing_one_caption(studio: Studio) -> None:
    (name,) = fill(studio, 1)
    seen = actions.page(studio, "zia").version
    actions.set_caption(studio, "zia", name, "zia, from one tab", seen)
    with pytest.raises(Conflict, match="“zia, from one tab”"):
        actions.set_caption(studio, "zia", name, "zia, from the other", seen)
    assert caption(studio, name) == "zia, from one tab"


def test_a_refused_caption_is_not_written(studio: Studio) -> None:
    (name,) = fill(studio, 1)
    with pytest.raises(Refused):
        actions.set_caption(studio, "zia", name, "zia nude")
    with pytest.raises(Refused):
        actions.apply_bulk(studio, "zia", BulkEdit(action="append", text="naked"))
    assert caption(studio, name) == "zia in a park 1"


def test_a_bulk_edit_is_previewed_applied_and_undone(studio: Studio) -> None:
    names = fill(studio, 6, caption="a park")
    datasets.edit(studio.workspace, "zia", {names[0]: {"caption": "zia"}}, "human", title="Mine")
    edit = BulkEdit(action="prepend", text="zia")
    preview = actions.preview_bulk(studio, "zia", edit)
    assert preview.sentence() == "5 of 6 captions change."
    assert preview.changes[0] == (names[1], "a park 2", "zia, a park 2")
    assert caption(studio, names[1]) == "a park 2", "a preview writes nothing"
    assert actions.apply_bulk(studio, "zia", edit, expected=preview.version) == 5
    assert caption(studio, names[1]) == "zia, a park 2"
    assert actions.apply_bulk(studio, "zia", edit) == 0
    assert actions.undo(studio, "zia") == "Put “zia” in front"
    assert [caption(studio, name) for name in names[:2]] == ["zia", "a park 2"]


def test_a_bulk_edit_may_be_of_some_pictures(studio: Studio) -> None:
    names = fill(studio, 3)
    edit = BulkEdit(action="replace", text="park", replacement="garden")
    assert actions.apply_bulk(studio, "zia", edit, ids=names[:1]) == 1
    assert [caption(studio, name) for name in names[:2]] == ["zia in a garden 1", "zia in a park 2"]


def test_a_bulk_edit_of_an_old_page_is_a_conflict(studio: Studio) -> None:
    names = fill(studio, 3)
    edit = BulkEdit(action="append", text="smiling")
    seen = actions.preview_bulk(studio, "zia", edit).version
    actions.set_caption(studio, "zia", names[1], "zia changed in between")
    with pytest.raises(Conflict, match="changed in between"):
        actions.apply_bulk(studio, "zia", edit, expected=seen)
    assert caption(studio, names[0]) == "zia in a park 1"


# ---------------------------------------------------------------- decisions


def test_rejecting_keeps_the_held_out_in_order(studio: Studio) -> None:
    names = fill(studio, 20)
    assert actions.page(studio, "zia").held_out == 5
    assert actions.set_kept(studio, "zia", names[:6], False) == 6
    assert actions.page(studio, "zia").held_out == 0, "fourteen are too few to hold any out"
    assert actions.undo(studio, "zia") == "Reject 6 pictures"
    assert actions.page(studio, "zia").held_out == 5


def test_all_rejected_is_a_sentence(studio: Studio) -> None:
    names = fill(studio, 5)
    actions.set_kept(studio, "zia", names, False)
    assert "All pictures are rejected" in actions.page(studio, "zia").readiness.sentences[0]


def test_every_action_on_two_hundred_pictures_is_quick(studio: Studio) -> None:
    """The best of three: a disk that somebody else keeps busy for a moment says nothing of an action."""
    names = fill(studio, 200)
    spent: dict[str, float] = {}

    def timed(what: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        spent[what] = min(spent.get(what, math.inf), time.perf_counter() - start)

    for turn in range(3):
        timed("page", lambda: actions.page(studio, "zia"))
        timed("caption", lambda: actions.set_caption(studio, "zia", names[0], f"zia at the sea {turn}"))  # noqa: B023
        timed("preview", lambda: actions.preview_bulk(studio, "zia", BulkEdit(action="append", text="smiling")))
        timed("rights", lambda: actions.set_rights(studio, "zia", None, (Rights.LICENSED, Rights.OWN)[turn % 2]))  # noqa: B023
        timed("reject", lambda: actions.set_kept(studio, "zia", names[:50], False))
        timed("undo", lambda: actions.undo(studio, "zia"))
    assert max(spent.values()) < allowed(0.2), spent
