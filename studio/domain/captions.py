"""Captions as plain text: cleaned on the way in, and changed in bulk by rules that can be previewed."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from studio.domain.errors import BadInput
from studio.domain.records import Record
from studio.domain.vocabulary import GENDERS

LONGEST = 1000
"""Characters of a caption; far beyond what any base reads, and short enough to show and edit."""

_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_SPACES = re.compile(r"\s+")
_STRAY_COMMAS = re.compile(r"\s*,(?:\s*,)+\s*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A caption as plain text, and a sentence for everything that had to be changed."""

    text: str
    notes: tuple[str, ...] = ()


def clean_caption(text: str) -> Cleaned:
    """One line of plain text: no markup, no control or direction characters, at most `LONGEST` characters."""
    notes: list[str] = []
    plain = _TAG.sub(" ", text)
    if plain != text:
        # Entities are resolved only beside tags: "R&amp;D" alone may be what somebody typed.
        plain = _TAG.sub(" ", html.unescape(plain))
        notes.append("markup was removed")
    visible = "".join(" " if character.isspace() else character for character in plain)
    visible = "".join(character for character in visible if unicodedata.category(character) not in _UNSEEN)
    if len(visible) != len(plain):
        notes.append("invisible characters were removed")
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", visible)).strip()
    if len(line) > LONGEST:
        line = line[:LONGEST].rstrip()
        notes.append(f"it was cut to {LONGEST:,} characters")
    return Cleaned(line, tuple(notes))


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that show nothing or change the direction of writing."""


def has_word(caption: str, word: str) -> bool:
    """Whether `word` stands in the caption as a word of its own, whatever its case."""
    return bool(word) and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", caption, re.IGNORECASE) is not None


class BulkEdit(Record):
    """One rule that changes many captions at once."""

    action: Literal["prepend", "append", "replace", "remove"]
    text: str = Field(min_length=1, max_length=200, description="The words to add, or to look for.")
    replacement: str = Field("", max_length=200, description="What stands there instead, for `replace`.")

    @model_validator(mode="after")
    def _only_replace_has_a_replacement(self) -> "BulkEdit":
        if self.action != "replace" and self.replacement:
            raise ValueError("a replacement belongs to the action replace")
        return self

    def title(self) -> str:
        """What the edit does, for the list of changes that can be undone."""
        if self.action == "replace":
            return f"Replace “{self.text}” by “{self.replacement}”"
        what = {"prepend": "Put “{}” in front", "append": "Add “{}” at the end", "remove": "Remove “{}”"}
        return what[self.action].format(self.text)


def counted(edit: BulkEdit, captions: Sequence[str]) -> str:
    """What the edit does and to how many of the captions, such as “Put “zia” in front of 20 captions”."""
    count = sum(apply_edit(edit, caption) != caption for caption in captions)
    where = {"prepend": " of", "append": " of", "replace": " in", "remove": " from"}[edit.action]
    return f"{edit.title()}{where} {count} caption{'' if count == 1 else 's'}"


def with_trigger(trigger: str, captions: Sequence[str]) -> BulkEdit:
    """The rule by which the trigger word comes into captions without it: into “a woman” where all say so, else in front."""
    for gender in GENDERS:
        if captions and all(has_word(caption, f"a {gender}") for caption in captions):
            return BulkEdit(action="replace", text=f"a {gender}", replacement=f"{trigger} {gender}")
    return BulkEdit(action="prepend", text=trigger)


def apply_edit(edit: BulkEdit, caption: str) -> str:
    """The caption after `edit`; unchanged when the rule does not apply to it.

    Words are matched whole and whatever their case; adding a word that is already there changes
    nothing, so that a rule can be applied twice.
    """
    text = clean_caption(edit.text).text
    if not text:
        raise BadInput("There is no text to work with.", "Type the words to add or to look for.")
    if edit.action == "prepend":
        return caption if has_word(caption, text) else _join(text, caption)
    if edit.action == "append":
        return caption if has_word(caption, text) else _join(caption, text)
    pattern = re.compile(
        rf"(?<!\w){re.escape(text)}(?!\w)" if _wordlike(text) else re.escape(text), re.IGNORECASE
    )
    replacement = clean_caption(edit.replacement).text
    changed, count = pattern.subn(lambda _: replacement, caption)
    return _tidy(changed) if count else caption


def around_change(before: str, after: str, words: int = 8) -> str:
    """What is new in `after`, with so many words on either side of it."""
    old, new = before.split(), after.split()
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    end = next(
        (place for place in range(shorter - start) if old[-1 - place] != new[-1 - place]), shorter - start
    )
    return " ".join(new[max(0, start - words) : len(new) - end + words])


def _wordlike(text: str) -> bool:
    return text[0].isalnum() and text[-1].isalnum()


def _join(first: str, second: str) -> str:
    return clean_caption(f"{first}, {second}" if first and second else first or second).text


def _tidy(caption: str) -> str:
    commas = _STRAY_COMMAS.sub(", ", caption)
    return _SPACES.sub(" ", commas.replace(" ,", ",")).strip(" ,")[:LONGEST].rstrip()
