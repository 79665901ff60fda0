"""A persona's dataset on disk: pictures, a `.txt` caption beside each, and `images.jsonl` with one writer."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from studio.domain.captions import clean_caption
from studio.domain.dataset_rules import split
from studio.domain.errors import BadInput, Conflict, NotFound
from studio.domain.records import Example
from studio.files import disk_trouble, write_atomic
from studio.storage.dataset_log import (
    Added,
    Author,
    Change,
    Edited,
    State,
    append,
    changed,
    fold,
    fold_old,
    read_log,
)
from studio.storage.workspace import Workspace

LOG = "images.jsonl"
LOCK_SECONDS = 20.0
LARGEST_CAPTION = 64_000
EDITABLE = frozenset({"caption", "rights", "kept", "held_out"})


@dataclass(frozen=True, slots=True)
class Edit:
    """A decision that was stored: its number, what the list of changes calls it, and the pictures it changed."""

    number: int
    title: str
    ids: tuple[str, ...]


# ---------------------------------------------------------------- reading


def examples(ws: Workspace, slug: str) -> list[Example]:
    """All pictures in the order in which they came; a `.txt` that was edited outside the studio wins."""
    state = read_log(ws.dataset_dir(slug) / LOG)
    outside, _ = _differing_captions(ws, slug, state)
    return [
        example.model_copy(update={"caption": outside[name], "caption_author": "human"})
        if name in outside
        else example
        for name, example in state.examples.items()
    ]


def version(ws: Workspace, slug: str) -> str:
    """Number of the last decision; give it back as `expected` when changing what was read."""
    return str(read_log(ws.dataset_dir(slug) / LOG).number)


def snapshot(ws: Workspace, slug: str) -> tuple[list[Example], str, str]:
    """Examples, version, and the title of what `undo` would take back (empty: nothing), in one read.

    Captions edited outside the studio are recorded first, so that they can be undone like any other.
    """
    state = read_log(ws.dataset_dir(slug) / LOG)
    if any(_differing_captions(ws, slug, state)):
        with _writing(ws, slug) as locked:
            state = locked
    return (
        list(state.examples.values()),
        str(state.number),
        state.undoable[-1].title if state.undoable else "",
    )


def get(ws: Workspace, slug: str, example_id: str) -> Example:
    """Raises `NotFound`."""
    for example in examples(ws, slug):
        if example.id == example_id:
            return example
    raise _unknown(example_id)


def picture_path(ws: Workspace, slug: str, example_id: str) -> Path:
    """Where the canonical PNG lies. Raises `NotFound` for anything that is no id of a stored picture."""
    path = _file(ws, slug, example_id, ".png")
    if not path.is_file():
        raise _unknown(example_id)
    return path


def _file(ws: Workspace, slug: str, example_id: str, ending: str) -> Path:
    if len(example_id) != 16 or not set(example_id) <= set("0123456789abcdef"):
        raise _unknown(example_id)
    return ws.dataset_dir(slug) / f"{example_id}{ending}"


def _unknown(example_id: str) -> NotFound:
    return NotFound(f"There is no picture “{example_id[:40]}” in this dataset.", "Reload the page.")


def _differing_captions(ws: Workspace, slug: str, state: State) -> tuple[dict[str, str], list[str]]:
    """Captions whose `.txt` says something else than the log: edited outside, and not written to the end."""
    folder = str(ws.dataset_dir(slug))
    edited: dict[str, str] = {}
    unfinished: list[str] = []
    for name, example in state.examples.items():
        try:
            with open(f"{folder}/{name}.txt", "rb") as file:  # noqa: PTH123 - twice as fast, two hundred times
                raw = file.read(LARGEST_CAPTION)
                modified = os.fstat(file.fileno()).st_mtime
        except OSError:
            continue
        if raw == example.caption.encode() + b"\n":
            continue
        text = clean_caption(raw.decode("utf-8-sig", "replace")).text
        if text == example.caption:
            continue
        before, at = state.last_caption.get(name, ("", 0.0))
        # The log is written first: an older file with the older text is a write that was cut short.
        if text == before and modified < at:
            unfinished.append(name)
        else:
            edited[name] = text
    return edited, unfinished


# ---------------------------------------------------------------- writing


def add(ws: Workspace, slug: str, example: Example, png: bytes) -> bool:
    """Store one picture with its caption; False when the same picture is there already."""
    return bool(add_all(ws, slug, [(example, png)]))


def add_all(ws: Workspace, slug: str, pictures: Sequence[tuple[Example, bytes]]) -> list[str]:
    """Store pictures with their captions; returns the ids that were not there yet.

    Files are complete before the line that mentions them. Raises `DiskTrouble`.
    """
    with _writing(ws, slug) as state:
        fresh = {example.id: (example, png) for example, png in pictures if example.id not in state.examples}
        for example, png in fresh.values():
            write_atomic(_file(ws, slug, example.id, ".png"), png)
            _write_caption(ws, slug, example.id, example.caption)
        lines = [
            Added(number=state.number + place, example=example)
            for place, (example, _) in enumerate(fresh.values(), start=1)
        ]
        append(ws.dataset_dir(slug) / LOG, lines)
    return list(fresh)


def edit(
    ws: Workspace,
    slug: str,
    changes: Mapping[str, Mapping[str, Any]],
    author: Author,
    *,
    title: str = "",
    expected: str | None = None,
) -> Edit | None:
    """Store one decision about any number of pictures; `None` when it changes nothing.

    `changes` maps ids to the fields to set (`caption`, `rights`, `kept`, `held_out`). `expected` is
    the `version` the person saw: when one of these very fields was changed since then, nothing is
    written and `Conflict` says what stands there now.
    """
    with _writing(ws, slug) as state:
        return _edit(ws, slug, state, changes, author, title=title, expected=expected)


def _edit(
    ws: Workspace,
    slug: str,
    state: State,
    changes: Mapping[str, Mapping[str, Any]],
    author: Author,
    *,
    title: str,
    expected: str | None,
    undoes: int | None = None,
) -> Edit | None:
    before: dict[str, Change] = {}
    after: dict[str, Change] = {}
    for name, fields in changes.items():
        example = state.examples.get(name)
        if example is None:
            raise _unknown(name)
        if not set(fields) <= EDITABLE | ({"caption_author"} if undoes else set()):
            raise BadInput(f"These cannot be edited: {', '.join(sorted(set(fields) - EDITABLE))}.", "")
        wanted = dict(fields)
        if "caption" in wanted and not undoes:
            wanted["caption"] = clean_caption(str(wanted["caption"])).text
            if wanted["caption"] != example.caption:
                wanted["caption_author"] = author
        difference = changed(example, wanted)
        if difference:
            before[name], after[name] = difference
    if not after:
        return None
    if expected is not None:
        _refuse_stale(state, after, expected)
    number = state.number + 1
    line = Edited(
        number=number, at=time.time(), author=author, title=title, before=before, after=after, undoes=undoes
    )
    _write_edit(ws, slug, state, line)
    if any(change.kept is not None for change in after.values()):
        _hold_out(ws, slug, state)
    return Edit(number, title, tuple(after))


def _write_edit(ws: Workspace, slug: str, state: State, line: Edited) -> None:
    append(ws.dataset_dir(slug) / LOG, [line])
    fold(state, line)
    for name, change in line.after.items():
        if change.caption is not None:
            _write_caption(ws, slug, name, change.caption)


def _write_caption(ws: Workspace, slug: str, name: str, caption: str) -> None:
    """Replace the `.txt` in one step; not flushed to the disk, because the log already is."""
    path = _file(ws, slug, name, ".txt")
    partial = path.with_suffix(".txt.new")
    try:
        partial.write_bytes((caption + "\n").encode() if caption else b"")
        partial.replace(path)
    except OSError as error:
        raise disk_trouble(error, path) from error


def _refuse_stale(state: State, after: Mapping[str, Change], expected: str) -> None:
    if not expected.isdecimal():
        raise BadInput("The page sent no valid version of the dataset.", "Reload the page.")
    if int(expected) < state.oldest:
        raise Conflict(
            "This page is too old: much has been changed since it was opened.", "Reload it and try again."
        )
    for name, change in after.items():
        for key in change.fields():
            if key == "caption_author" or state.touched.get((name, key), 0) <= int(expected):
                continue
            if key == "caption":
                raise Conflict(
                    f"This caption was changed in the meantime. It now says: “{state.examples[name].caption}”.",
                    "Nothing was overwritten; your text is still in the box. Save again to replace the other.",
                )
            raise Conflict("This picture was changed in the meantime.", "Reload the page and decide again.")


def undo(ws: Workspace, slug: str) -> Edit | None:
    """Take back the last decision by a person that was not taken back yet; `None` when there is none."""
    with _writing(ws, slug) as state:
        while state.undoable:
            last = state.undoable.pop()
            changes = {
                name: change.fields() for name, change in last.before.items() if name in state.examples
            }
            done = _edit(
                ws,
                slug,
                state,
                changes,
                last.author,
                title=f"Undo: {last.title}",
                expected=None,
                undoes=last.number,
            )
            if done is not None:
                return Edit(done.number, last.title, done.ids)
    return None


def hold_out(ws: Workspace, slug: str, seed: int = 0) -> frozenset[str]:
    """Bring the pictures that are kept aside for measuring up to date (see `dataset_rules.split`).

    Decisions about keeping do this by themselves; it is for the end of an import.
    """
    with _writing(ws, slug) as state:
        _hold_out(ws, slug, state, seed)
        return frozenset(name for name, example in state.examples.items() if example.held_out)


def _hold_out(ws: Workspace, slug: str, state: State, seed: int = 0) -> None:
    chosen = split(list(state.examples.values()), seed)
    changes = {
        name: {"held_out": name in chosen}
        for name, example in state.examples.items()
        if example.held_out != (name in chosen)
    }
    _edit(ws, slug, state, changes, "import", title="Kept aside for measuring", expected=None)


@contextmanager
def _writing(ws: Workspace, slug: str) -> Iterator[State]:
    """Hold the dataset's lock; the state is fresh and holds what was edited outside."""
    folder = ws.dataset_dir(slug)
    if not ws.persona_dir(slug).is_dir():
        raise NotFound(f"There is no persona called “{slug}”.", "Choose one from the list.")
    try:
        folder.mkdir(exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=LOCK_SECONDS)
        lock.acquire()
    except Timeout as error:
        raise Conflict(
            "Somebody else is changing this dataset right now.", "Try again in a moment."
        ) from error
    except OSError as error:
        raise disk_trouble(error, folder) from error
    try:
        state = read_log(folder / LOG)
        _settle_captions(ws, slug, state)
        fold_old(folder / LOG, state)
        yield state
    finally:
        lock.release()


def _settle_captions(ws: Workspace, slug: str, state: State) -> None:
    """Record captions that were edited outside, and finish `.txt` files that a crash cut short."""
    edited, unfinished = _differing_captions(ws, slug, state)
    for name in unfinished:
        _write_caption(ws, slug, name, state.examples[name].caption)
    before: dict[str, Change] = {}
    after: dict[str, Change] = {}
    for name, text in edited.items():
        difference = changed(state.examples[name], {"caption": text, "caption_author": "human"})
        if difference:
            before[name], after[name] = difference
    if after:
        title = "Captions edited outside the studio"
        number = state.number + 1
        line = Edited(number=number, at=time.time(), author="human", title=title, before=before, after=after)
        _write_edit(ws, slug, state, line)
