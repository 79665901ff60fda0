"""`images.jsonl`: one line per decision about a dataset's pictures; lines are only ever appended, the last one wins."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from studio.domain.errors import BadInput
from studio.domain.records import Example, Record, Rights
from studio.files import disk_trouble, write_atomic

Author = Literal["import", "human", "bulk"]
MOST_EDITS = 400
MOST_CHANGES = 4_000
"""Decisions, and changes in them, from which on a log is folded; half of them are kept."""


class Change(Record):
    """What a decision sets on one picture; fields that are absent stay as they were."""

    caption: str | None = None
    caption_author: Literal["import", "human", "bulk", "none"] | None = None
    rights: Rights | None = None
    kept: bool | None = None
    held_out: bool | None = None

    def fields(self) -> dict[str, Any]:
        """The fields that are set."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None
        }


class Added(Record):
    """A picture came in."""

    line: Literal["added"] = "added"
    number: int
    example: Example


class Edited(Record):
    """One decision about any number of pictures, with what was there before, so that it can be undone."""

    line: Literal["edited"] = "edited"
    number: int
    at: float = Field(description="Seconds since the epoch.")
    author: Author
    title: str
    before: dict[str, Change]
    after: dict[str, Change]
    undoes: int | None = Field(None, description="The number of the decision that this one takes back.")


class Folded(Record):
    """All that older lines said, when there were too many of them: how the pictures stood after `oldest`."""

    line: Literal["folded"] = "folded"
    number: int = Field(description="The last number given; it never goes back.")
    oldest: int
    examples: tuple[Example, ...]


Line = Annotated[Added | Edited | Folded, Field(discriminator="line")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


@dataclass(slots=True)
class State:
    """What all lines together say."""

    examples: dict[str, Example] = field(default_factory=dict)
    number: int = 0
    oldest: int = 0
    """Decisions up to this number are folded: what exactly they set is no longer known."""
    changes: int = 0
    """Changes of single pictures that the lines hold; a measure of how long reading takes."""
    edits: list[Edited] = field(default_factory=list)
    touched: dict[tuple[str, str], int] = field(default_factory=dict)
    """(picture, field) to the number of the decision that set it last."""
    last_caption: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Picture to the caption before the last decision about it, and that decision's time."""
    undoable: list[Edited] = field(default_factory=list)
    """Decisions by people that were not taken back, oldest first."""


def read_log(path: Path) -> State:
    """Fold the lines into the present state.

    After a crash in mid-write the last line is torn, and the decision it was about had not been answered yet: it is
    passed over. Any other line that cannot be read raises `BadInput`, for a picture would vanish with it.
    """
    state = State()
    try:
        *whole, last = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return state
    for number, raw in enumerate(whole, start=1):
        try:
            if raw:
                fold(state, LINE.validate_json(raw))
        except ValidationError as error:
            raise BadInput(
                f"Line {number} of {path} cannot be read: {error.errors()[0]['msg']}.",
                "It was damaged, or written by a newer studio: update, or bring the file back from a backup.",
            ) from error
    if not _torn(last):
        fold(state, LINE.validate_json(last))
    return state


def _torn(last: bytes) -> bool:
    """Whether what stands after the last end of a line is no whole line (nothing at all is none)."""
    try:
        LINE.validate_json(last)
    except ValidationError:
        return True
    return False


def fold(state: State, line: Line) -> None:
    """Bring the state up to one more line."""
    state.number = max(state.number, line.number)
    match line:
        case Added(example=example):
            state.examples[example.id] = example
        case Folded(examples=examples, oldest=oldest):
            state.examples = {example.id: example for example in examples}
            state.oldest = oldest
        case Edited():
            _fold_edit(state, line)


def _fold_edit(state: State, edit: Edited) -> None:
    state.edits.append(edit)
    state.changes += len(edit.after)
    for name, change in edit.after.items():
        example = state.examples.get(name)
        if example is None:
            continue
        fields = change.fields()
        if "caption" in fields:
            state.last_caption[name] = (example.caption, edit.at)
        state.examples[name] = example.model_copy(update=fields)
        for key in fields:
            state.touched[name, key] = edit.number
    if edit.undoes is not None:
        state.undoable = [earlier for earlier in state.undoable if earlier.number != edit.undoes]
    elif edit.author != "import":
        state.undoable.append(edit)


def append(path: Path, lines: Iterable[Added | Edited]) -> None:
    """Add lines and flush them to the disk; the caller holds the dataset's lock. Raises `DiskTrouble`."""
    payload = "".join(line.model_dump_json(exclude_none=True) + "\n" for line in lines).encode()
    try:
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            last = file.read().rpartition(b"\n")[2]
            if last and _torn(last):
                size -= len(last)
                file.truncate(size)
            elif last:
                payload = b"\n" + payload
            try:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
    except OSError as error:
        raise disk_trouble(error, path) from error


def fold_old(path: Path, state: State) -> None:
    """Write the log anew when it has become long: the pictures as they stood, and the newest decisions.

    The old file is replaced in one step, so a crash leaves one or the other. Undo reaches back as far
    as the decisions that are kept.
    """
    if len(state.edits) <= MOST_EDITS and state.changes <= MOST_CHANGES:
        return
    keep: list[Edited] = []
    room = MOST_CHANGES // 2
    for edit in reversed(state.edits[-MOST_EDITS // 2 :]):
        room -= len(edit.after)
        if room < 0:
            break
        keep.append(edit)
    examples = dict(state.examples)
    for edit in keep:
        for name, change in edit.before.items():
            if name in examples:
                examples[name] = examples[name].model_copy(update=change.fields())
    keep.reverse()
    oldest = keep[0].number - 1 if keep else state.number
    lines: list[Line] = [Folded(number=state.number, oldest=oldest, examples=tuple(examples.values())), *keep]
    write_atomic(path, b"".join(line.model_dump_json(exclude_none=True).encode() + b"\n" for line in lines))


def changed(example: Example, wanted: Mapping[str, Any]) -> tuple[Change, Change] | None:
    """(before, after) of the fields in `wanted` that differ from the example; `None` when none does."""
    different = {key: value for key, value in wanted.items() if getattr(example, key) != value}
    if not different:
        return None
    return Change(**{key: getattr(example, key) for key in different}), Change(**different)
