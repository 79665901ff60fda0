"""What a base makes of a written description: words it was never taught, and those that it knows for a person."""

from studio.actions.creating import unknown_sentence
from studio.catalog import find_base
from studio.domain.errors import StudioError
from studio.domain.vocabulary import unknown_words, words_for_a_person


def unknown_in(description: str, base: str, trigger: str = "") -> tuple[str, str] | None:
    """The words the base does not know as a sentence, and what becomes of them; None: it knows all, or does not say."""
    known = _taught(base)
    unknown = unknown_words(description, known, also=[trigger]) if known is not None else ()
    if not unknown:
        return None
    return unknown_sentence(unknown), "It is learned as a new word." if len(unknown) == 1 else "They are learned as new words."


def known_words(base: str) -> dict[str, tuple[str, ...]]:
    """By what they are said of, such as eyes; empty where the base does not say."""
    known = _taught(base)
    return words_for_a_person(known) if known is not None else {}


def _taught(base: str) -> frozenset[str] | None:
    """None too for a base that cannot be read, which is said where it is chosen."""
    try:
        return find_base(base).words
    except StudioError:
        return None
