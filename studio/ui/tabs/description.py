"""What is said beside a written description: words the base does not know, and a drawer of those that it knows."""

from studio.actions import describing
from studio.ui.markup import Html, tag


def remark(text: str, base: str, trigger: str = "") -> Html | None:
    """The words of `text` that are new to the base."""
    unknown = describing.unknown_in(text, base, trigger)
    return tag("p", " ".join(unknown), class_="chip warn", role="status") if unknown else None


def known(base: str) -> Html | None:
    """The words for a person, by what they are said of; nothing for a base that has no list of words."""
    groups = describing.known_words(base)
    if not groups:
        return None
    rows = [[tag("dt", title), tag("dd", ", ".join(words))] for title, words in groups.items()]
    return tag("details", tag("summary", "Words this base knows"), tag("dl", rows, class_="facts"), class_="small known-words")
