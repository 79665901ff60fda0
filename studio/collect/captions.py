"""A caption file's bytes as text, whatever encoding they were written in."""

import codecs
from dataclasses import dataclass

from studio.domain.captions import clean_caption

LARGEST_CAPTION = 64_000
"""Bytes of a caption file."""


@dataclass(frozen=True, slots=True)
class CaptionRead:
    """The plain text, and a sentence about every change that was needed to get it."""

    text: str
    notes: tuple[str, ...] = ()


def read_caption(payload: bytes) -> CaptionRead:
    """Decode UTF-8, UTF-16 or a Western 8-bit encoding, and strip what is not plain text.

    Nothing is guessed silently: another encoding than UTF-8 leaves a note.
    """
    text, encoding = _decode(payload)
    cleaned = clean_caption(text)
    read = () if encoding == "UTF-8" else (f"it was written in {encoding}",)
    return CaptionRead(cleaned.text, read + cleaned.notes)


def _decode(payload: bytes) -> tuple[str, str]:
    if payload.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return payload.decode("utf-16", "replace"), "UTF-16"
    without_mark = _utf16_without_mark(payload)
    if without_mark:
        return payload.decode(without_mark, "replace"), "UTF-16"
    try:
        return payload.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        # cp1252 is Latin-1 with letters where Latin-1 has control characters.
        return payload.decode("cp1252", "replace"), "Latin-1"


def _utf16_without_mark(payload: bytes) -> str:
    """Western text in UTF-16 has a zero in every second byte."""
    if len(payload) < 4 or len(payload) % 2:
        return ""
    even, odd = payload[0::2], payload[1::2]
    if odd.count(0) > 0.8 * len(odd) and even.count(0) == 0:
        return "utf-16-le"
    if even.count(0) > 0.8 * len(even) and odd.count(0) == 0:
        return "utf-16-be"
    return ""
