"""Whether a text names or copies a real person: well-known names, and "looks exactly like First Last"."""

import re
from functools import cache

from studio.domain import policy_names as lists
from studio.domain import policy_public as public
from studio.domain.policy_text import cased, cjk_only, normalise, views, words
from studio.domain.policy_titles import titled

LONGEST_NAME = 5
"""Words in the longest name of the list."""

_STRONG = (
    r"look\w* (?:exactly|just|identical|precisely|completely|100%) (?:like|as|to)|exactly like|exact copy of|identical to|look-?\s?alike of|lookalike of|doppelg[aä]nger of|clone of|replica of|in the likeness of|"
    r"likeness of|impersonat\w+|with the (?:exact )?face of|face of|body double of|twin of|spitting image of|as played by|dead ringer for|deep ?fake of|portrait of the real"
)
_WEAK = r"look\w* like|resembl\w+|similar to|modelled on|modeled on|based on|inspired by the face of"
_AFTER = r"(?:the |real |famous |actual |actress |actor |singer |model |politician |celebrity |pop star |influencer )*"
_LIKE = re.compile(
    rf"\b(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))\s+{_AFTER}(?P<first>[^\W\d_][\w'’-]*)[ \u00a0]+(?P<last>[^\W\d_][\w'’-]*)",
    re.IGNORECASE,
)
_KNOWN = re.compile(
    rf"\b(?:{_STRONG}|{_WEAK}) (?:my|our|the|his|her) (?:\w+ ){{0,2}}?(?:ex|exgirlfriend|exboyfriend|exwife|neighbou?r|classmate|coworker|colleague|boss|teacher|girlfriend|boyfriend|wife|husband|friend|crush|sister|professor|landlady|roommate|"
    r"president|queen|prime minister|pope|celebrity|stepsister|stepmom|secretary)\b"
)
_FAKE = re.compile(
    r"\b(?:put|past|plac|swap|add|insert|stick)\w* (?:my|our|his|their) (?:\w+ ){1,3}face on|\bdeep ?fak\w*|\bface ?swap\w*|\bswap(?:s|ping)? (?:her|his|the) faces? with\b"
)
_ENDINGS = ("s", "in", "n", "lla", "lle", "em", "iem", "owi", "a", "u", "om", "nak", "nek")
_NO_LAST_NAME = frozenset(lists.NO_LAST_NAME.split())
_AMBIGUOUS = frozenset(lists.AMBIGUOUS.split())
_NO_PERSON = frozenset(lists.NO_PERSON.split())


def person_named(text: str, consenting: str = "") -> str:
    """The real person `text` names or copies, in plain words; empty when there is none.

    `consenting` is the one person whose consent is recorded; their name may stand.
    """
    allowed = _glued(consenting)
    plain = normalise(text)
    for view in views(plain):
        if name := _listed(view, allowed):
            return name
        if (name := titled(view)) and not (allowed and allowed.endswith(tuple(map(_glued, name.split())))):
            return name
        if (known := _KNOWN.search(view)) or (known := _FAKE.search(view)):
            return known[0]
    asian = cjk_only(plain).replace("·", "")
    for term in lists.PEOPLE_CJK:
        wanted = cjk_only(normalise(term)).replace("·", "").replace("・", "")
        if wanted in asian.replace("・", "") and wanted != allowed:
            return term
    return _copied(text, allowed)


@cache
def _names() -> frozenset[str]:
    known = (lists.PEOPLE, public.POLITICS, public.SCREEN, public.MUSIC, public.SPORT, public.OTHERS)
    rows = "\n".join(known).replace("\n", "|").split("|")
    return frozenset(_glued(row) for row in rows if row.strip())


@cache
def _alone() -> frozenset[str]:
    """What names somebody in one word."""
    return _names() | {_glued(name) for name in (*lists.SINGLE.split(), *public.ALONE.split())}


@cache
def _places() -> frozenset[str]:
    return frozenset(word for word in lists.PLACES.split("|") if " " not in word)


@cache
def _given() -> frozenset[str]:
    return frozenset(lists.GIVEN.split())


def _glued(name: str) -> str:
    return words(normalise(name)).replace(" ", "").replace(",", "")


def _declined(row: list[str]) -> set[str]:
    """A full name as it stands and without the endings that some languages give it ("Donalda Tuska")."""
    first, rest = row[0], "".join(row[1:])
    return {
        f"{given}{rest.removesuffix(ending)}"
        for given in {first, first.removesuffix("a"), first.removesuffix("em")}
        for ending in ("", *_ENDINGS)
    }


def _listed(view: str, allowed: str) -> str:
    """A listed name in a row of words; a street or airport named after somebody is none."""
    parts = view.split()
    for start in range(len(parts)):
        for length in range(1, LONGEST_NAME + 1):
            row = parts[start : start + length]
            if len(row) < length or "," in row:
                break
            joined = "".join(row)
            known = {joined, joined.removesuffix("s")} & _alone() if length == 1 else _declined(row) & _names()
            following = parts[start + length] if start + length < len(parts) else ""
            own = allowed and (allowed in known or (length == 1 and allowed.endswith(tuple(known))))
            if known and not own and following not in _places():
                return " ".join(row)
    return ""


def _copied(text: str, allowed: str) -> str:
    """First and last name after "looks exactly like" and its kind."""
    for found in _LIKE.finditer(re.sub(r"\s+", " ", cased(text))):
        first, last = found["first"], found["last"]
        name = f"{first} {last}"
        if _glued(name) == allowed or normalise(last) in _NO_LAST_NAME:
            continue
        plain = normalise(first)
        titled = first[0].isupper() and last[0].isupper()
        given = plain in _given()
        if (given and plain not in _AMBIGUOUS) or (
            titled and (given or (found["strong"] and plain not in _NO_PERSON))
        ):
            return name
    return ""
