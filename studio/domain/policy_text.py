"""Make disguised words plain: look-alike letters, hidden characters, spaced, stretched and digit-for-letter spellings."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby

LONGEST = 20_000
"""Characters that are judged; the caller refuses what is longer."""


def _pairs(strange: str, plain: str) -> dict[str, str]:
    return dict(zip(strange, plain, strict=True))


CAPITALS: Mapping[str, str] = _pairs("ΝΗΜΥΡΒΖΧНВРСУХ", "nhmypbzxhbpcyx")
"""Capitals that look like a Latin letter which their small form does not resemble."""

LOOKALIKES: Mapping[str, str] = {
    **_pairs("аеорсухіјѕһԁԛԝвкмнтпӏүөқ", "aeopcyxijshdqwbkmhtnlyok"),
    **_pairs("αβγεηικμνορςστυχωζδπ", "abyenikuvopsstuxwzdn"),
    **_pairs("օոսհցզքյա", "onuhgqpjw"),
    **_pairs("ᎠᎡᎢᎪᎬᎳᎻᎷᏟᏢᏚᏃᏙᏞᏦᏴᎶ", "drtaewhmcpszvlkbg"),
    **_pairs("ⲟⲣⲥⲁⲉ℮∂∩∪əɘɑɩʊ×¡¢€£", "opcaeednueeaiuxicel"),
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
}

_LATIN = re.compile(r"(?:LATIN|INDICATOR SYMBOL)\b.*?\bLETTER (?:[A-Z-]{2,} )*?([A-Z])(?: WITH .*)?$")
_HIDDEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_MARKS = ((0x300, 0x36F), (0x483, 0x489), (0x591, 0x5BD), (0x64B, 0x65F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
          (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF))  # fmt: skip
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_INDIC = "\u0900-\u109f"
"""Scripts whose vowel signs do not count as letters in a regular expression, but belong to the word."""
_LEET = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "+": "t"}
)
_ONES = {"i": str.maketrans("1!|", "iii"), "l": str.maketrans("1!|", "lll")}


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What one character stands for: a Latin look-alike, nothing, a blank, or itself."""
    code = ord(character)
    if code < 0x80:
        return character if character.isprintable() else "\n" if character in "\n\r\v\f" else " "
    if character in _HIDDEN or any(low <= code <= high for low, high in _MARKS):
        return ""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category in ("Zs", "Cc"):
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Nd":
        return str(unicodedata.digit(character))
    if character in CAPITALS:
        return CAPITALS[character]
    if character in LOOKALIKES:
        return LOOKALIKES[character]
    found = _LATIN.search(unicodedata.name(character, ""))
    return found[1].lower() if found else character


def _once(text: str) -> str:
    text = "".join(CAPITALS.get(character, character) for character in text)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFD", text)
    text = unicodedata.normalize("NFC", "".join(_plain(character) for character in text))
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" +", " ", text)).strip()


@lru_cache(maxsize=2048)
def normalise(text: str) -> str:
    """`text` in small letters without accents, hidden characters and foreign look-alikes; idempotent.

    Cyrillic and Greek letters that look Latin become Latin, so that a word mixed from two alphabets
    equals the plain one. Word lists pass through here too, and so still match their own language.
    """
    for _ in range(6):
        text, before = _once(text), text
        if text == before:
            break
    return text


def cased(text: str) -> str:
    """`text` with look-alikes and hidden characters made plain, but capitals kept: names have capitals."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text))
    letters = ((letter, normalise(letter)) for letter in text if not letter.isspace())
    plain = {letter: found.upper() if letter.isupper() else found for letter, found in letters}
    return "".join(plain.get(letter, " ") for letter in text)


def lightly(text: str) -> str:
    """Small letters with their accents: for words that another language means otherwise without them."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def cjk_only(plain: str) -> str:
    """Chinese, Japanese and Korean letters and digits of a normalised text, with what parts them left out."""
    parted = re.sub(rf"[^\W\d{_CJK}]+", "·", plain)
    return re.sub(rf"[^\d·{_CJK}]+", "", parted)


def words(plain: str) -> str:
    """A normalised text as words with single blanks; clause marks stand as lone commas."""
    text = re.sub(r"(?<=\w)['’`´ʼ](?=\w|\s|$)", "", plain)
    text = re.sub(rf"([{_CJK}]+)", r" \1 ", text)
    text = re.sub(r"[-\u2010-\u2015\u2212_~*^]+", " ", text)
    text = re.sub(rf"[^\w{_INDIC} ]+", " , ", text)
    return re.sub(r"\s+", " ", text).strip()


@lru_cache(maxsize=512)
def views(plain: str) -> tuple[str, ...]:
    """All the ways in which a normalised text is read, the straightforward one first, without doubles."""
    return tuple(dict.fromkeys(_views(plain)))


def _views(plain: str) -> Iterator[str]:
    straight = words(plain)
    glued = " ".join(_glued(chunk) for chunk in plain.split())
    for base in (plain, glued):
        for ones in (None, "i", "l"):
            letters = base if ones is None else " ".join(_unleet(chunk, ones) for chunk in base.split())
            flat = words(letters)
            for whole in (flat, _spelled(flat)):
                yield whole
                yield _squeezed(whole, 1)
                yield _squeezed(whole, 2)
    yield _spelled(straight)


def _glued(chunk: str) -> str:
    """`n.u.d.e` or `na-ked` as one word; a mark at the end is kept as the end of a clause."""
    end = " ," if chunk[-1] in ",.;:" else ""
    return "".join(character for character in chunk if character.isalnum() or character in "@$!|+") + end


def _unleet(chunk: str, ones: str) -> str:
    """`n4k3d` as `naked`; numbers without a letter stay numbers."""
    body = chunk.rstrip("!?.,;:|+")
    if not any(character.isalpha() for character in body):
        return chunk
    return body.translate(_LEET).translate(_ONES[ones]) + chunk[len(body) :]


def _spelled(flat: str) -> str:
    """Three or more letters that stand alone become one word: `n u d e`."""
    parts: list[str] = []
    for single, run in groupby(
        (part for part in flat.split() if part != ","), key=lambda part: len(part) == 1
    ):
        group = list(run)
        parts.extend(["".join(group)] if single and len(group) >= 3 else group)
    joined = " ".join(parts)
    return joined if len(joined) < len(flat.replace(" , ", " ")) else flat


def _squeezed(flat: str, keep: int) -> str:
    """Letters repeated three times or more stand once or twice: `nuuuude`."""
    return re.sub(r"([^\W\d])\1{2,}", lambda run: run[1] * keep, flat)


def undoubled(flat: str) -> str:
    """Every doubled letter once: `nakked`. Only for words that hold no double letter themselves."""
    return re.sub(r"([^\W\d])\1+", r"\1", flat)
