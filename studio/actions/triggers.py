"""How a base reads words: trigger words that are new to it, and where a text falls into tokens. Without torch."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from studio.catalog import EMBEDDED, Base, find_base
from studio.domain.errors import MissingWeights, StudioError
from studio.domain.naming import plain_letters

MOST_TOKENS = 8
"""A word of more tokens than this takes too much of a prompt and is slow to learn."""
MARKS = 2
"""Tokens that mark start and end of a text."""
ENDINGS = ("ux", "ok", "iv", "ez", "vok", "zun", "xel", "qir", "jax", "kuv", "zek")
FORM = re.compile(r"[a-z][a-z0-9]{1,19}")
END_OF_WORD = "</w>"


@dataclass(frozen=True, slots=True)
class TriggerCheck:
    """Whether the word may be a trigger, in how many tokens the base reads it, and what to say about it."""

    ok: bool
    tokens: int
    sentence: str


def suggest_trigger(name: str, base: str = EMBEDDED) -> str:
    """A short made-up word that begins like the name, of the fewest tokens; the same name gives the same word.

    Few tokens are learned better: with the trigger alone, one person came 0.04 closer with three tokens than with six
    (`assets/docs/log.md`, 2026-11-26).
    """
    stem = (re.sub(r"[^a-z]", "", plain_letters(name)) or "per")[:3]
    start = hashlib.sha256(name.encode()).digest()[0]
    words = [stem + ENDINGS[(start + place) % len(ENDINGS)] for place in range(len(ENDINGS))]
    try:
        tokenizer = tokenizer_of(find_base(base).folder / "tokenizer")
        checks = {word: _checked(word, tokenizer) for word in words}
    except StudioError:
        return words[0]
    return min((word for word in words if checks[word].ok), key=lambda word: checks[word].tokens, default=words[0])


def check_trigger(trigger: str, base: str = EMBEDDED) -> TriggerCheck:
    """Check form, that the base has no meaning of its own for the word, and its length in tokens.

    Raises `NotFound`, `MissingWeights` or `Unsupported` when the base cannot be read.
    """
    word = trigger.strip()
    if not FORM.fullmatch(word):
        return TriggerCheck(
            False, 0, f"“{trigger[:40]}” will not do: a trigger is one word of 2 to 20 small letters or digits, "
            "beginning with a letter.",
        )  # fmt: skip
    return _checked(word, tokenizer_of(find_base(base).folder / "tokenizer"))


def _checked(word: str, tokenizer: Tokenizer) -> TriggerCheck:
    """As `check_trigger`, for a word of the right form."""
    tokens = tokenizer.encode(word, add_special_tokens=False).tokens
    if len(tokens) == 1:
        return TriggerCheck(
            False,
            1,
            f"“{word}” is an ordinary word to this base: it means something already. Choose a made-up one.",
        )
    if len(tokens) > MOST_TOKENS:
        return TriggerCheck(
            False,
            len(tokens),
            f"“{word}” is too long for this base to learn well. Shorten it.",
        )
    return TriggerCheck(True, len(tokens), f"“{word}” is new to this base: good, it will stand for your persona alone.")


def text_room(base: Base) -> int:
    """Tokens of a text that this base reads; what comes after them is lost."""
    return base.prompt_tokens - MARKS


def token_spans(base: Base, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Per text the (start, end) in characters of every token, without the marks. Raises `MissingWeights`."""
    read = tokenizer_of(base.folder / "tokenizer").encode_batch(list(texts), add_special_tokens=False)
    return [list(one.offsets) for one in read]


def tokenizer_of(folder: Path) -> Tokenizer:
    """The base's tokenizer without transformers: `tokenizer.json`, or CLIP's `vocab.json` and `merges.txt`."""
    try:
        if (folder / "tokenizer.json").is_file():
            return Tokenizer.from_file(str(folder / "tokenizer.json"))
        clip = Tokenizer(
            models.BPE.from_file(
                str(folder / "vocab.json"), str(folder / "merges.txt"), end_of_word_suffix=END_OF_WORD
            )
        )
    except Exception as error:  # noqa: BLE001 - the library raises bare Exception for any damage
        raise MissingWeights(
            f"The tokenizer in {folder} cannot be read ({error}).", "Copy or download the base again."
        ) from error
    clip.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    clip.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    clip.decoder = decoders.ByteLevel()
    return clip
