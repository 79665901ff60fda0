import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import BadInput, Conflict, DiskTrouble, NotFound
from studio.domain.records import Example, Rights
from studio.storage import datasets, personas
from studio.storage.workspace import Workspace, open_workspace
from tests.pictures import example
from tests.storage.test_personas import persona

PNG = b"the bytes of a picture"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    workspace = open_workspace(tmp_path / "Arbeit ü")
    personas.create(workspace, persona())
    datasets.add_all(workspace, "zia", [(example(n), PNG) for n in range(3)])
    return workspace


def captions(ws: Workspace) -> list[str]:
    return [item.caption for item in datasets.examples(ws, "zia")]


def first(ws: Workspace) -> Example:
    return datasets.examples(ws, "zia")[0]


def text_file(ws: Workspace, item: Example) -> Path:
    return ws.dataset_dir("zia") / f"{item.id}.txt"


def say(ws: Workspace, item: Example, caption: str, expected: str | None = None) -> Any:
    return datasets.edit(ws, "zia", {item.id: {"caption": caption}}, "human", title="Edit", expected=expected)


def test_a_picture_is_stored_once_with_its_caption_beside(ws: Workspace) -> None:
    item = first(ws)
    assert item == example(0)
    assert not datasets.add(ws, "zia", example(0, caption="other"), PNG)
    assert len(datasets.examples(ws, "zia")) == 3
    assert datasets.picture_path(ws, "zia", item.id).read_bytes() == PNG
    assert text_file(ws, item).read_text() == "mila in a park\n"


@pytest.mark.parametrize("name", ["../persona", "e" * 16, "", "../../../etc/passwd", "A" * 16])
def test_only_ids_of_stored_pictures_lead_to_a_file(ws: Workspace, name: str) -> None:
    with pytest.raises(NotFound):
        datasets.picture_path(ws, "zia", name)
    with pytest.raises(NotFound):
        datasets.edit(ws, "zia", {name: {"kept": False}}, "human")


def test_the_last_decision_wins_and_is_in_the_text_file(ws: Workspace) -> None:
    item = first(ws)
    say(ws, item, "one")
    say(ws, item, "two")
    assert first(ws).caption == "two"
    assert first(ws).caption_author == "human"
    assert text_file(ws, item).read_text() == "two\n"


def test_captions_are_cleaned_whoever_writes_them(ws: Workspace) -> None:
    say(ws, first(ws), "<b>mila</b>\n\u202ein a park ")
    assert first(ws).caption == "mila in a park"


def test_only_decisions_can_be_edited(ws: Workspace) -> None:
    with pytest.raises(BadInput, match="sha256"):
        datasets.edit(ws, "zia", {first(ws).id: {"sha256": "0" * 64}}, "human")


def test_an_edit_that_changes_nothing_leaves_no_line(ws: Workspace) -> None:
    before = datasets.version(ws, "zia")
    assert say(ws, first(ws), "mila in a park") is None
    assert datasets.version(ws, "zia") == before


# ---------------------------------------------------------------- two tabs


def test_two_tabs_on_one_caption_conflict_and_nothing_is_lost(ws: Workspace) -> None:
    item, seen = first(ws), datasets.version(ws, "zia")
    say(ws, item, "from the first tab", expected=seen)
    with pytest.raises(Conflict, match="“from the first tab”"):
        say(ws, item, "from the second tab", expected=seen)
    assert first(ws).caption == "from the first tab"
    say(ws, item, "from the second tab", expected=datasets.version(ws, "zia"))
    assert first(ws).caption == "from the second tab"


def test_two_tabs_on_two_captions_do_not_disturb_each_other(ws: Workspace) -> None:
    one, two, _ = datasets.examples(ws, "zia")
    seen = datasets.version(ws, "zia")
    say(ws, one, "first", expected=seen)
    say(ws, two, "second", expected=seen)
    datasets.edit(ws, "zia", {one.id: {"kept": False}}, "human", expected=seen)
    assert captions(ws)[:2] == ["first", "second"]


def test_the_second_tab_saving_the_same_text_is_no_conflict(ws: Workspace) -> None:
    item, seen = first(ws), datasets.version(ws, "zia")
    say(ws, item, "the same", expected=seen)
    assert say(ws, item, "the same", expected=seen) is None


def test_a_bulk_edit_with_one_conflict_changes_nothing(ws: Workspace) -> None:
    items, seen = datasets.examples(ws, "zia"), datasets.version(ws, "zia")
    say(ws, items[1], "changed by another", expected=seen)
    with pytest.raises(Conflict):
        changes = {item.id: {"caption": "bulk"} for item in items}
        datasets.edit(ws, "zia", changes, "bulk", expected=seen)
    assert captions(ws) == ["mila in a park", "changed by another", "mila in a park"]


def test_a_forged_version_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadInput, match="version"):
        say(ws, first(ws), "x", expected="-1 or 1=1")


# ---------------------------------------------------------------- undo


def test_undo_goes_back_several_levels_and_says_what(ws: Workspace) -> None:
    original = datasets.examples(ws, "zia")
    changes = {item.id: {"caption": f"bulk {n}"} for n, item in enumerate(original)}
    say(ws, original[0], "mine")
    datasets.edit(ws, "zia", changes, "bulk", title="Bulk")
    datasets.edit(
        ws, "zia", {original[1].id: {"kept": False, "rights": Rights.LICENSED}}, "human", title="Reject"
    )
    undone = []
    while (done := datasets.undo(ws, "zia")) is not None:
        undone.append(done.title)
    assert undone == ["Reject", "Bulk", "Edit"]
    assert datasets.examples(ws, "zia") == original
    assert text_file(ws, original[0]).read_text() == "mila in a park\n"


def test_what_is_done_after_an_undo_is_undone_first(ws: Workspace) -> None:
    item = first(ws)
    for caption in ("one", "two"):
        say(ws, item, caption)
    datasets.undo(ws, "zia")
    say(ws, item, "three")
    datasets.undo(ws, "zia")
    assert first(ws).caption == "one"
    datasets.undo(ws, "zia")
    assert first(ws).caption == "mila in a park"
    assert datasets.undo(ws, "zia") is None


def test_holding_out_is_not_a_step_of_undo(ws: Workspace) -> None:
    datasets.add_all(ws, "zia", [(example(n), PNG) for n in range(3, 20)])
    chosen = datasets.hold_out(ws, "zia")
    assert len(chosen) == 5
    assert {item.id for item in datasets.examples(ws, "zia") if item.held_out} == chosen
    assert datasets.snapshot(ws, "zia")[2] == ""


# ---------------------------------------------------------------- outside the studio


def test_a_text_file_edited_outside_wins_and_counts_as_human(ws: Workspace) -> None:
    item = first(ws)
    text_file(ws, item).write_text("edited outside")
    assert (first(ws).caption, first(ws).caption_author) == ("edited outside", "human")
    _, _, title = datasets.snapshot(ws, "zia")
    assert title == "Captions edited outside the studio"
    datasets.undo(ws, "zia")
    assert first(ws).caption == "mila in a park"
    assert text_file(ws, item).read_text() == "mila in a park\n"


def test_an_edit_outside_between_reading_and_saving_is_a_conflict(ws: Workspace) -> None:
    item, seen = first(ws), datasets.version(ws, "zia")
    text_file(ws, item).write_text("edited outside")
    with pytest.raises(Conflict, match="“edited outside”"):
        say(ws, item, "from the page", expected=seen)
    assert first(ws).caption == "edited outside"


def test_a_text_file_that_is_gone_takes_nothing_away(ws: Workspace) -> None:
    text_file(ws, first(ws)).unlink()
    assert first(ws).caption == "mila in a park"


def test_a_crash_between_log_and_text_file_keeps_the_decision(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = first(ws)
    old = time.time() - 5
    os.utime(text_file(ws, item), (old, old))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "_write_caption", crash)
    with pytest.raises(KeyboardInterrupt):
        say(ws, item, "decided")
    assert text_file(ws, item).read_text() == "mila in a park\n"
    assert first(ws).caption == "decided"
    monkeypatch.undo()
    datasets.hold_out(ws, "zia")
    assert text_file(ws, item).read_text() == "decided\n", "the next writer finishes it"


# ---------------------------------------------------------------- torn, full, many


def test_a_torn_last_line_costs_only_itself(ws: Workspace) -> None:
    item = first(ws)
    say(ws, item, "one")
    log = ws.dataset_dir("zia") / "images.jsonl"
    whole = log.read_bytes()
    say(ws, item, "two")
    line = log.read_bytes()[len(whole) :]
    text_file(ws, item).write_text("one\n")
    for length in (1, len(line) // 2, len(line) - 2):
        log.write_bytes(whole + line[:length])
        assert first(ws).caption == "one"
        say(ws, item, "three")
        assert first(ws).caption == "three"
        text_file(ws, item).write_text("one\n")


@pytest.mark.parametrize("rubbish", [b"\xff\xfe", b"{}", b"[]", b"null", b'{"line": "edited"}', b'{"line": "newer"}'])
def test_a_line_that_cannot_be_read_is_said_and_loses_no_picture(ws: Workspace, rubbish: bytes) -> None:
    log = ws.dataset_dir("zia") / "images.jsonl"
    lines = log.read_bytes().splitlines()
    spoilt = b"\n".join([lines[0], rubbish, *lines[2:]]) + b"\n"
    log.write_bytes(spoilt)
    for attempt in (
        lambda: datasets.examples(ws, "zia"),
        lambda: datasets.add(ws, "zia", example(9), PNG),
    ):
        with pytest.raises(BadInput, match=r"Line 2 of .*images\.jsonl cannot be read"):
            attempt()
    assert log.read_bytes() == spoilt


def test_a_whole_last_line_without_its_end_counts(ws: Workspace) -> None:
    log = ws.dataset_dir("zia") / "images.jsonl"
    say(ws, first(ws), "one")
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    assert first(ws).caption == "one"
    datasets.add(ws, "zia", example(9), PNG)
    assert first(ws).caption == "one" and len(datasets.examples(ws, "zia")) == 4


def test_a_long_log_is_folded_and_says_the_same(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.storage import dataset_log

    monkeypatch.setattr(dataset_log, "MOST_EDITS", 10)
    log = ws.dataset_dir("zia") / "images.jsonl"
    item = first(ws)
    for number in range(60):
        say(ws, item, f"caption {number}")
    datasets.add(ws, "zia", example(9), PNG)
    last = datasets.version(ws, "zia")
    say(ws, item, "the end", expected=last)
    assert len(log.read_bytes().splitlines()) <= 14
    assert int(datasets.version(ws, "zia")) == int(last) + 1 == 3 + 60 + 2
    assert [entry.id for entry in datasets.examples(ws, "zia")] == [example(n).id for n in (0, 1, 2, 9)]
    undone = []
    while datasets.undo(ws, "zia") is not None:
        undone.append(first(ws).caption)
    assert undone[:3] == ["caption 59", "caption 58", "caption 57"]
    assert len(undone) >= 5
    with pytest.raises(Conflict, match="too old"):
        say(ws, item, "from a very old page", expected="4")


def test_a_crash_while_folding_leaves_the_old_log(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.storage import dataset_log

    say(ws, first(ws), "kept")
    monkeypatch.setattr(dataset_log, "MOST_EDITS", 0)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("studio.files.Path.replace", crash)
    with pytest.raises(KeyboardInterrupt):
        say(ws, first(ws), "x")
    monkeypatch.undo()
    assert first(ws).caption == "kept"


def test_a_full_disk_is_a_sentence_and_the_log_stays_whole(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.storage import dataset_log

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dataset_log.os, "fsync", full)
    before = (ws.dataset_dir("zia") / "images.jsonl").read_bytes()
    with pytest.raises(DiskTrouble, match="full"):
        say(ws, first(ws), "x")
    assert (ws.dataset_dir("zia") / "images.jsonl").read_bytes() == before
    assert first(ws).caption == "mila in a park"


def _write_many(root: Path, name: str) -> None:
    ws = open_workspace(root)
    for number in range(15):
        datasets.edit(ws, "zia", {name: {"caption": f"{name} {number}"}}, "human", title="Edit")


def test_writers_in_several_processes_lose_nothing(ws: Workspace) -> None:
    names = [item.id for item in datasets.examples(ws, "zia")]
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_write_many, args=(ws.root, name)) for name in names]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert captions(ws) == [f"{name} 14" for name in names]
    assert datasets.version(ws, "zia") == str(3 + 45)


def test_a_dataset_of_nobody_is_not_made(ws: Workspace) -> None:
    assert datasets.examples(ws, "mara") == []
    with pytest.raises(NotFound):
        datasets.add(ws, "mara", example(1), PNG)
