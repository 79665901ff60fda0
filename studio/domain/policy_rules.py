"""How the policy's word lists are applied: phrases, ages, undressing, and the ordinary phrases that are spared."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from studio.domain import policy_words as lists
from studio.domain.policy_ages import age_told, age_told_cjk
from studio.domain.policy_text import normalise, undoubled, words
from studio.domain.policy_undress import undressing

COVER = "~"
"""Stands where an ordinary phrase was, so that its neighbours do not become one phrase."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their first word; `stems` by the beginning of it, where the list has a `*`."""

    exact: Mapping[str, tuple[tuple[str, ...], ...]]
    stems: Mapping[str, tuple[tuple[str, ...], ...]]

    def spans(self, parts: Sequence[str], *, across: bool) -> Iterator[tuple[int, int]]:
        """Places where a phrase stands, the longest at each start; `across` lets clause marks stand between."""
        for start, part in enumerate(parts):
            candidates = list(self.exact.get(part, ()))
            for length in range(2, len(part) + 1):
                candidates.extend(self.stems.get(part[:length], ()))
            ends = [end for phrase in candidates if (end := _end(parts, start, phrase, across))]
            if ends:
                yield start, max(ends)


def _end(parts: Sequence[str], start: int, phrase: Sequence[str], across: bool) -> int:
    """Where `phrase` ends when it begins at `start`; 0 when it does not stand there."""
    place = start
    for number, word in enumerate(phrase):
        if number and across:
            while place < len(parts) and parts[place] == ",":
                place += 1
        if place >= len(parts):
            return 0
        fits = parts[place].startswith(word[:-1]) if word.endswith("*") else parts[place] == word
        if not fits:
            return 0
        place += 1
    return place


def lexicon(*phrases: str) -> Lexicon:
    """A lexicon of phrases in any script; each is made plain as texts are."""
    exact: dict[str, list[tuple[str, ...]]] = {}
    stems: dict[str, list[tuple[str, ...]]] = {}
    for phrase in dict.fromkeys(phrases):
        parts = tuple(_plain_word(word) for word in phrase.split())
        target, key = (stems, parts[0][:-1]) if parts[0].endswith("*") else (exact, parts[0])
        target.setdefault(key, []).append(parts)
    return Lexicon(
        {key: tuple(rows) for key, rows in exact.items()}, {key: tuple(rows) for key, rows in stems.items()}
    )


def _plain_word(word: str) -> str:
    return words(normalise(word.removesuffix("*"))) + ("*" if word.endswith("*") else "")


def phrases(text: str) -> list[str]:
    """A list of the data file: a line with `|` holds phrases, any other line single words."""
    found: list[str] = []
    for line in text.strip().splitlines():
        parts = line.split("|") if "|" in line else line.split()
        found.extend(part.strip() for part in parts if part.strip())
    return found


_OWNERS = lists.OWNERS.split("|")
_SEXUAL = lexicon(*phrases(lists.SEXUAL), *phrases(lists.SEXUAL_OTHER_LANGUAGES))
_SEXUAL_SPARED = lexicon(*phrases(lists.SEXUAL_ALLOWED))
_CHILD = lexicon(*phrases(lists.CHILD), *phrases(lists.CHILD_OTHER_LANGUAGES))
_CHILD_SPARED = lexicon(
    *phrases(lists.CHILD_ALLOWED),
    *(f"{owner} {thing}" for owner, thing in product(_OWNERS, lists.THINGS.split("|"))),
    *(f"child {thing}" for thing in lists.CHILD_THINGS.split("|")),
    *(
        f"{young} {animal}"
        for young, animal in product(("baby", "newborn", "infant", "juvenile"), lists.ANIMALS.split("|"))
    ),
)
_SENSITIVE = lexicon(*phrases(lists.CHILD_SENSITIVE))

_SHIRTLESS = re.compile(r"\bshirtless\b")
_MALE = re.compile(
    r"\b(?:man|men|male|males|guy|guys|he|his|him|boxer|gentleman|father|husband|boyfriend|mans)\b"
)

_CORE = lists.CORE.split("|")
_SPLIT = tuple(
    (word, re.compile(r"(?<![^\W_])" + r"[\W_]{0,3}".join(word) + r"(?![^\W_])")) for word in _CORE
)
_UNDOUBLED = frozenset(word for word in _CORE if not re.search(r"(.)\1", word))
_INSIDE = re.compile(
    r"naked|porn|nsfw|hentai|topless|undress|xxx|lolita|nudif|nude(?:girl|woman|babe|model|lady|man|s)|preteen|underage|jailbait|schoolgirl|toddler"
)

_CHILD_NOUN = r"(?:child|children|kid|kids|toddlers?|infants?|newborns?|baby|babies|boys?|little (?:girls?|boys?|ones?|kids?)|young (?:girls?|boys?)|grandchild|grandchildren|baby (?:girl|boy)|teenagers?|youngsters?|schoolchild\w*)"
_COMPANY = re.compile(
    r"\b(?P<company>(?:with|beside|holding|carrying|hugging|feeding|teaching|coaching|comforting|reading to|reading a (?:\w+ )?(?:story|book) to|reading (?:stories|books) to|telling (?:a story|stories) to|playing with|"
    rf"playing \w+ with|watching over|watching|helping|pushing|walking with|talking to|waving (?:at|to)|surrounded by|in front of a (?:class|classroom|group) of|a (?:class|classroom|group) of|next to|for|behind|vaccinating|examining|treating|and) (?:(?!of\b|as\b|like\b)\w+ ){{0,2}}{_CHILD_NOUN})\b(?! (?:body|face|figure|features|proportions|look|version|like))"
)
_BACKGROUND = re.compile(
    rf"\b(?:(?!as\b|like\b|of\b)\w+ )?{_CHILD_NOUN} (?:\w+ ){{0,4}}(?:in the (?:far |blurred )?(?:background|distance)|behind (?:her|him|them)|nearby|around (?:her|him|them))\b"
)
_ADULT = re.compile(
    r"\b(?:woman|man|women|men|lady|mother|mum|mom|mama|father|dad|parents?|teacher|nurse|doctor|paediatrician|pediatrician|she|her|he|his|grandmother|grandfather|grandma|grandpa|aunt|uncle|couple|coach|librarian|adult|"
    r"firefighter|volunteer|midwife|nanny|babysitter|clown|magician|author|santa|instructor|lifeguard|guide|vet|dentist|police officer|policewoman|policeman|person)\b"
)
_SHIELDS = re.compile(
    r"\b(?:nsfw|nude|nudity|naked|porn\w*|adult (?:content|film)|child|children|kids?|teens?|loli)\b"
)
_PUSH_SEXUAL = re.compile(
    r"(?:^|, )(?:(?:any|all|wearing|her|the) )*(?:clothes|clothing|clothed|dressed|fully clothed|fully dressed|underwear|bra|panties|bikini|swimsuit|garments?|outfit|covered body|censored|censorship|censor bars?|mosaic censor\w*|sfw|modest|modesty|safe for work)(?= ,|$)"
)
_PUSH_MINOR = re.compile(
    r"(?:^|, )(?:(?:an|any|the) )*(?:adults?|adult (?:woman|women|man|person|face|body)|grown ups?|grown up|grown woman|over 18|of age|mature adult)(?= ,|$)"
)


def cover(parts: Sequence[str], spared: Lexicon) -> list[str]:
    """`parts` with every spared phrase covered."""
    kept = list(parts)
    for start, end in list(spared.spans(parts, across=False)):
        kept[start:end] = [COVER] * (end - start)
    return kept


def sexual_words(texts: Iterable[str], cjk: str, light: str, plain: str, *, inside: bool = False) -> str:
    """The first sexual or undressing words in any view; empty when there are none.

    `inside` looks into single words too, for trigger words and names that were glued together.
    """
    for text in texts:
        if found := _sexual_in(text):
            return found
    if found := _cjk(cjk, lists.SEXUAL_CJK, lists.CJK_ALLOWED) or _light(light, lists.SEXUAL_ACCENTED):
        return found
    joined = re.sub(r"[\W_]", "", plain)
    hit = _INSIDE.search(joined) if inside else None
    return hit[0] if hit else ""


def _sexual_in(text: str) -> str:
    parts = cover(text.split(), _SEXUAL_SPARED)
    for start, end in _SEXUAL.spans(parts, across=True):
        return " ".join(part for part in parts[start:end] if part != ",")
    covered = " ".join(parts)
    flat = covered.replace(" , ", " ")
    if undressed := undressing(flat):
        return undressed
    if (found := _SHIRTLESS.search(covered)) and not _MALE.search(covered):
        return found[0]
    for part in undoubled(covered).split():
        if part in _UNDOUBLED and part not in parts:
            return part
    for word, pattern in _SPLIT:
        if any(found[0] not in (word, "nu de") for found in pattern.finditer(covered)):
            return word
    return ""


def child_words(texts: Iterable[str], cjk: str, light: str, *, company: bool) -> str:
    """The first words that show a minor in any view; empty when there are none."""
    for text in texts:
        parts = cover(text.split(), _CHILD_SPARED)
        covered = " ".join(parts)
        if company and not next(_SENSITIVE.spans(parts, across=True), None):
            covered = _without_company(covered)
            parts = covered.split()
        for start, end in _CHILD.spans(parts, across=True):
            return " ".join(part for part in parts[start:end] if part != ",")
        if aged := age_told(covered):
            return aged
        for part in parts:
            if part in _SPLIT_CHILD:
                return part
    if known := _cjk(cjk, lists.CHILD_CJK, lists.CJK_ALLOWED):
        return known
    return age_told_cjk(cjk) or _light(light, lists.CHILD_ACCENTED)


def together(texts: Iterable[str]) -> tuple[str, str] | None:
    """In a negative prompt: a wish to lose clothes ("sexual") or adulthood ("minor"), with its words."""
    for text in texts:
        if found := _PUSH_SEXUAL.search(text):
            return "sexual", found[0].strip(" ,")
        if found := _PUSH_MINOR.search(text):
            return "minor", found[0].strip(" ,")
    return None


_SPLIT_CHILD = frozenset({"lolita", "preteen", "underage"})


def _without_company(text: str) -> str:
    """Children beside an adult, or far behind, covered; the person herself stays uncovered."""
    text = _BACKGROUND.sub(COVER, text)
    for _ in range(4):
        found = _COMPANY.search(text)
        if found is None or not (_ADULT.search(text[: found.start()]) or _somebody_acts(found)):
            break
        text = f"{text[: found.start()]}{COVER}{text[found.end() :]}"
    return text


def _somebody_acts(found: re.Match[str]) -> bool:
    """Whether somebody does something for the children, as in "mila reading to children"."""
    acts = not re.match(r"(?:with|beside|next|for|behind|and|a|in)\b", found["company"])
    return acts and bool(
        re.sub(r"\b(?:a|the|photo|picture|image|portrait|of)\b|[ ,~]", "", found.string[: found.start()])
    )


def _cjk(text: str, terms: Iterable[str], spared: Iterable[str]) -> str:
    for phrase in spared:
        text = text.replace(normalise(phrase), "·")
    return next((term for term in terms if normalise(term) in text), "")


def _light(text: str, terms: Iterable[str]) -> str:
    text = re.sub(r"la niña(?= (?:weather|phenomenon|year|event|climate|de los))|niña, pinta", "·", text)
    text = re.sub(
        r"(?:dibujos?|libros?|cuarto|ropa|juguetes?|parque|hospital|silla) (?:de|para) (?:(?:un|una|unos|los|las) )?niñ\w+",
        "·",
        text,
    )
    return next((term for term in terms if re.search(rf"(?<!\w){term}(?!\w)", text)), "")
