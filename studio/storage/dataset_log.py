"""`images.jsonl`: one line per decision about a dataset's pictures, appended and never rewritten; the last one wins."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from studio.domain.records import Example, Record, Rights
from studio.files import disk_trouble

Author = Literal["import", "human", "bulk"]


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


class Removed(Record):
    """Pictures were deleted for good."""

    line: Literal["removed"] = "removed"
    number: int
    ids: tuple[str, ...]


Line = Annotated[Added | Edited | Removed, Field(discriminator="line")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


@dataclass(slots=True)
class State:
    """What all lines together say."""

    examples: dict[str, Example] = field(default_factory=dict)
    number: int = 0
    touched: dict[tuple[str, str], int] = field(default_factory=dict)
    """(picture, field) to the number of the decision that set it last."""
    last_caption: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Picture to the caption before the last decision about it, and that decision's time."""
    undoable: list[Edited] = field(default_factory=list)
    """Decisions by people that were not taken back, oldest first."""


def read_log(path: Path) -> State:
    """Fold the lines into the present state.

    A line that cannot be read is passed over: after a crash in mid-write the last one is torn, and
    the decision it was about had not been answered yet.
    """
    state = State()
    try:
        payload = path.read_bytes()
    except FileNotFoundError:
        return state
    for raw in payload.splitlines():
        if not raw:
            continue
        try:
            _fold(state, LINE.validate_json(raw))
        except ValidationError:
            continue
    return state


def _fold(state: State, line: Line) -> None:
    state.number = max(state.number, line.number)
    match line:
        case Added(example=example):
            state.examples[example.id] = example
        case Removed(ids=ids):
            for name in ids:
                state.examples.pop(name, None)
        case Edited():
            _fold_edit(state, line)


def _fold_edit(state: State, edit: Edited) -> None:
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


def append(path: Path, lines: Iterable[Added | Edited | Removed]) -> None:
    """Add lines and flush them to the disk; the caller holds the dataset's lock. Raises `DiskTrouble`."""
    payload = "".join(line.model_dump_json(exclude_none=True) + "\n" for line in lines).encode()
    try:
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    # A torn line is closed first, so that it spoils nothing but itself.
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


def changed(example: Example, wanted: Mapping[str, Any]) -> tuple[Change, Change] | None:
    """(before, after) of the fields in `wanted` that differ from the example; `None` when none does."""
    different = {key: value for key, value in wanted.items() if getattr(example, key) != value}
    if not different:
        return None
    return Change(**{key: getattr(example, key) for key in different}), Change(**different)
