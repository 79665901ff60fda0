"""Which pictures a source holds and which caption belongs to each: `.txt`, kohya folders, `metadata.jsonl`."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from studio.collect.captions import LARGEST_CAPTION, read_caption
from studio.collect.listing import ARCHIVES, CAPTIONS, FOREIGN_ARCHIVES, PICTURES, Listing, Member, shown_name
from studio.domain.captions import clean_caption
from studio.domain.errors import BadInput
from studio.domain.importing import Remark, Skipped

METADATA = "metadata.jsonl"
LARGEST_METADATA = 20_000_000
CAPTION_COLUMNS = ("text", "caption", "prompt", "description", "texts", "captions")
SPLIT_COLUMNS = ("split", "held_out")
HELD_OUT_SPLITS = frozenset({"test", "validation", "valid", "val", "eval", "held_out", "held-out", "heldout"})
_KOHYA = re.compile(r"^(\d{1,4})_(.+)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One picture that may come in: its caption is already plain text; its bytes are not read yet."""

    member: Member
    name: str
    caption: str
    held_out: bool
    """The source marks it for testing: a `split` column or a test folder beside a train folder."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """Its line of `metadata.jsonl`, as it stands there."""


@dataclass(frozen=True, slots=True)
class Found:
    """All candidates of a source, and what there is to say about the rest."""

    candidates: tuple[Candidate, ...]
    archives: tuple[Member, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    caption: str | None = None
    held_out: bool | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


def find_candidates(listing: Listing, largest_metadata: int = LARGEST_METADATA) -> Found:
    """Pair pictures with captions; a `metadata.jsonl` of more than `largest_metadata` bytes is not read.

    A caption file beside the picture wins over `metadata.jsonl`, and that over the words of a kohya
    folder (`10_mila`); its repeats are noted, never multiplied. Every file that is not used is
    named with a sentence.
    """
    members = {member.path: member for member in listing.members}
    skipped = list(listing.skipped)
    remarks: list[Remark] = []
    rows = _metadata(members, skipped, remarks, largest_metadata)
    captions = _caption_files(members)
    has_train = any("train" in _folders(path) for path in members)
    used: set[str] = set()
    candidates = []
    for path, member in members.items():
        if member.suffix not in PICTURES:
            continue
        row = rows.get(path, _Row())
        text = row.caption
        beside = captions.get(_stem(path)) or captions.get(path.lower())
        if beside is not None:
            used.add(beside.path)
            text = _read_beside(beside, remarks, text)
        if text is None:
            text = _kohya_words(path)
        held_out = row.held_out
        if held_out is None:
            held_out = has_train and bool(HELD_OUT_SPLITS & _folders(path))
        candidates.append(Candidate(member, shown_name(path), text, held_out, row.record))
    remarks.extend(_kohya_remarks(members))
    archives = []
    for path, member in members.items():
        if member.suffix in ARCHIVES:
            archives.append(member)
        elif member.suffix not in PICTURES and path not in used:
            sentence = _why_unused(member)
            if sentence:
                skipped.append(Skipped(name=shown_name(path), sentence=sentence))
    return Found(tuple(candidates), tuple(archives), tuple(skipped), tuple(remarks))


def _folders(path: str) -> set[str]:
    return {part.lower() for part in PurePosixPath(path).parts[:-1]}


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix("")).lower()


def _caption_files(members: Mapping[str, Member]) -> dict[str, Member]:
    found: dict[str, Member] = {}
    for ending in reversed(CAPTIONS):
        found.update({_stem(path): member for path, member in members.items() if member.suffix == ending})
    return found


def _read_beside(beside: Member, remarks: list[Remark], otherwise: str | None) -> str | None:
    name = shown_name(beside.path)
    try:
        read = read_caption(beside.read(LARGEST_CAPTION))
    except BadInput as error:
        remarks.append(Remark(name=name, sentence=f"The caption was left out: {error.sentence()}"))
        return otherwise
    remarks.extend(Remark(name=name, sentence=f"The caption was taken; {note}.") for note in read.notes)
    return read.text or otherwise


def _kohya_words(path: str) -> str:
    match = _KOHYA.match(PurePosixPath(path).parent.name)
    return clean_caption(match[2].replace("_", " ")).text if match else ""


def _kohya_remarks(members: Mapping[str, Member]) -> Iterator[Remark]:
    folders = {PurePosixPath(path).parent for path, member in members.items() if member.suffix in PICTURES}
    for folder in sorted(folders):
        match = _KOHYA.match(folder.name)
        if match:
            yield Remark(
                name=shown_name(str(folder)),
                sentence=f"The folder asks for {int(match[1])} repeats; every picture was taken once. "
                "The number of steps decides how often it is seen.",
            )


def _why_unused(member: Member) -> str:
    name = PurePosixPath(member.path).name.lower()
    if name == METADATA or name in (
        "persona.json",
        "readme.md",
        "license",
        "licence",
        "license.txt",
        "licence.txt",
    ):
        return ""
    if member.suffix in CAPTIONS:
        return "No picture of this name lies beside it."
    if member.suffix in FOREIGN_ARCHIVES:
        return "Of archives only .zip is opened. Unpack it, or pack it again as .zip."
    if name in ("metadata.csv", "metadata.parquet"):
        return "Captions are read from metadata.jsonl or from .txt files, not from this table."
    return "It is not a picture the studio reads (PNG, JPEG, WebP, GIF, BMP)."


# ---------------------------------------------------------------- metadata.jsonl


def _metadata(
    members: Mapping[str, Member], skipped: list[Skipped], remarks: list[Remark], largest: int
) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for path, member in members.items():
        if PurePosixPath(path).name.lower() == METADATA:
            try:
                text = member.read(largest).decode("utf-8-sig")
            except BadInput as error:
                skipped.append(Skipped(name=shown_name(path), sentence=error.sentence()))
                continue
            except UnicodeDecodeError:
                skipped.append(
                    Skipped(name=shown_name(path), sentence="It is not written in UTF-8. Save it again.")
                )
                continue
            _read_rows(path, text, members, rows, remarks)
    return rows


def _read_rows(
    path: str, text: str, members: Mapping[str, Member], rows: dict[str, _Row], remarks: list[Remark]
) -> None:
    folder = PurePosixPath(path).parent

    def remark(number: int, sentence: str) -> None:
        remarks.append(Remark(name=f"{shown_name(path)}, line {number}", sentence=sentence))

    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            remark(number, "This line is no JSON and was left out.")
            continue
        name = record.get("file_name") if isinstance(record, dict) else None
        if not isinstance(name, str) or not name:
            remark(number, "This line names no file_name and was left out.")
            continue
        target = str(folder / name.replace("\\", "/"))
        if target not in members:
            # A path that leads elsewhere is no member either, so nothing outside is ever opened.
            remark(number, f"There is no {shown_name(name)} in this source.")
            continue
        words = _row_caption(record, lambda note, n=number: remark(n, note))  # type: ignore[misc]
        rows[target] = _Row(words, _row_split(record), record)


def _row_caption(record: dict[str, Any], remark: Any) -> str | None:
    for column in CAPTION_COLUMNS:
        value = record.get(column)
        if isinstance(value, list) and value and isinstance(value[0], str):
            value = value[0]
        if isinstance(value, str):
            cleaned = clean_caption(value)
            for note in cleaned.notes:
                remark(f"The caption was taken; {note}.")
            return cleaned.text
    return None


def _row_split(record: dict[str, Any]) -> bool | None:
    for column in SPLIT_COLUMNS:
        value = record.get(column)
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value.strip().lower() in HELD_OUT_SPLITS
    return None
