"""Short names for folders and addresses, made from what people type."""

import re
import unicodedata
from collections.abc import Callable

_SPELT_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "å": "a",
        "đ": "d",
        "ł": "l",
        "þ": "th",
    }
)
LONGEST = 40
RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)
"""Names that Windows does not allow for a folder."""


def plain_letters(text: str) -> str:
    """`text` in small letters a to z and digits, umlauts spelt out, everything else as a space."""
    small = unicodedata.normalize("NFC", text).casefold().translate(_SPELT_OUT)
    bare = "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


def slug_for(name: str, taken: Callable[[str], bool]) -> str:
    """A free slug for a persona's name; names without Latin letters become `persona`."""
    stem = plain_letters(name).replace(" ", "-")[:LONGEST].strip("-") or "persona"
    if stem in RESERVED:
        stem = f"{stem}-persona"
    number = 1
    slug = stem
    while taken(slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug
