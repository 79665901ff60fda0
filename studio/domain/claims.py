"""What a prompt claims about its picture, as atoms that a judge, or one day a question answerer, can check.

A prompt is read from left to right in the words of the vocabulary's tables. Adjectives wait for their noun; what is
worn belongs to the person or animal named last; a relation gives the things beside it their sides. What the words do
not settle is left out rather than guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from studio.domain.vocabulary import (
    COLOURS,
    CREATURES,
    EYE_COLOURS,
    GARMENTS,
    GENDERS,
    HAIR_COLOURS,
    HAIR_STYLES,
    HATS,
    LIGHTS,
    MATERIALS,
    NUMBERS,
    PATTERNS,
    PLACES,
    RELATIONS,
    SKIN_TONES,
    THING_COLOURS,
    THINGS,
)

WHO = "{who}"
"""Where the person stands in a prompt that serves any person."""

SECOND = "second"
THING = "thing"
WORN: Mapping[str, str] = {
    "glasses": "glasses",
    "spectacles": "glasses",
    "sunglasses": "sunglasses",
    "goggles": "goggles",
    "scarf": "scarf",
    "beard": "beard",
    "freckles": "freckles",
    "laughing": "laughing",
    "smiling happily": "laughing",
}
"""Words that claim an attribute with the values yes and no."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One checkable claim: this attribute of this subject reads as this value.

    `subject` is empty for the picture and for the first person in it; otherwise "second" for the second person, an
    animal's name, "thing" for a group of things, or "left", "right", "upper", "lower" for what is on that side.
    """

    attribute: str
    value: str
    subject: str = ""

    @property
    def name(self) -> str:
        """The attribute as a judge's card and the world's truth name it: "hair colour", "second hat", "left shape"."""
        return f"{self.subject} {self.attribute}".strip()


@dataclass(frozen=True, slots=True)
class Word:
    """A phrase of the tables: what kind of word it is, and what it stands for."""

    kind: str
    value: str


def atoms(prompt: str) -> tuple[Atom, ...]:
    """What the prompt claims, in the order it says it; `WHO` counts as a person of whom nothing else is said."""
    text = " ".join(prompt.lower().split())
    sentence = Sentence()
    for word in words(text):
        sentence.take(word)
    return sentence.claims()


def words(text: str) -> Iterator[Word]:
    """The phrases of the tables in a lower-case text, longest first at each place; commas among them."""
    table = lexicon()
    for match in _scanner().finditer(text):
        yield table[match.group()]


@cache
def lexicon() -> Mapping[str, Word]:
    """Every phrase that claims something, and the comma."""
    table = {",": Word("comma", ""), WHO: Word("person", ""), "hair": Word("hair", ""), "eyes": Word("eyes", "")}
    table |= {colour: Word("colour", colour) for colour in (*HAIR_COLOURS, *EYE_COLOURS, *COLOURS, *THING_COLOURS)}
    table |= {f"{tone}-skinned": Word("skin", tone) for tone in SKIN_TONES}
    table |= {"older": Word("age", "older")}
    table |= {word: Word("hair style", style) for style, word in HAIR_STYLES.items()}
    table |= {word.strip(): Word("pattern", pattern) for pattern, word in PATTERNS.items() if word}
    table |= {phrase.strip(): Word("light", light) for light, phrase in LIGHTS.items() if phrase}
    table |= {gender: Word("person", gender) for gender in GENDERS}
    table |= {word: Word("garment", garment) for garment, word in GARMENTS.items()}
    table |= {word: Word("hat", hat) for hat, word in HATS.items()}
    table |= {word: Word("worn", attribute) for word, attribute in WORN.items()}
    table |= {word: Word("count", str(number)) for number, word in enumerate(NUMBERS)}
    table |= {phrase: Word("relation", relation) for relation, phrases in RELATIONS.items() for phrase in phrases}
    table |= {word.strip(): Word("material", material) for material, word in MATERIALS.items() if word}
    for thing, names in THINGS.items():
        table |= {form: Word("thing", thing) for name in names for form in (name, f"{name}s")}
    table |= {creature: Word("creature", creature) for creature in CREATURES}
    # Places come last: "behind a table" is where somebody is, not what stands behind what.
    return table | {phrase: Word("place", place) for place, phrases in PLACES.items() for phrase in phrases}


@cache
def _scanner() -> re.Pattern[str]:
    phrases = sorted(set(lexicon()) - {",", WHO}, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, phrases))})(?![\w-])|{re.escape(WHO)}|,")


@dataclass(slots=True)
class Object:
    """Something that can stand on a side: what can be said of it."""

    said: dict[str, str]
    count: str = ""
    is_thing: bool = False


@dataclass(slots=True)
class Sentence:
    """A prompt while it is read: adjectives that wait, who owns what is worn, and what stood where."""

    found: list[Atom] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    owner: str = ""
    people: int = 0
    places: dict[str, None] = field(default_factory=dict)
    objects: list[Object] = field(default_factory=list)
    relations: dict[int, str] = field(default_factory=dict)
    """Number of the object that stands before the relation."""

    def take(self, word: Word) -> None:
        """The next phrase."""
        match word.kind:
            case "comma":
                self.owner = SECOND if self.people > 1 else "" if self.people else self.owner
            case "colour" | "hair style" | "pattern" | "material" | "skin" | "age" | "count":
                self.waiting[word.kind] = word.value
            case "place":
                self.places[word.value] = None
            case "light":
                self.found.append(Atom("light", word.value))
            case "relation":
                self.relations[len(self.objects) - 1] = word.value
            case "person":
                self._person(word.value)
            case "creature":
                self.owner = word.value
                self.found.append(Atom(word.value, "yes"))
                colour = self._waiting({"colour": "colour"})
                self.objects.append(Object({"kind": word.value} | colour))
                self._of_owner(colour)
            case "thing":
                said = {"shape": word.value} | self._waiting({"colour": "colour", "material": "material"})
                self.objects.append(Object(said, self.waiting.get("count", ""), True))
                self.waiting.clear()
            case "hair":
                self._of_owner(self._waiting({"hair style": "hair style", "colour": "hair colour"}))
            case "eyes":
                self._of_owner(self._waiting({"colour": "eyes"}))
            case "garment" | "hat":
                said = {word.kind: word.value} | self._waiting({"colour": f"{word.kind} colour", "pattern": "pattern"})
                self._of_owner(said)
            case "worn":
                self._of_owner({word.value: "yes"})

    def claims(self) -> tuple[Atom, ...]:
        """Everything found, with the sides resolved; a lone group of things is counted and described."""
        sided = [atom for before in self.relations for atom in self._sides(before)]
        groups = [one for one in self.objects if one.is_thing]
        if len(groups) == 1 and not sided:
            (group,) = groups
            counted = [Atom("things", group.count)] if group.count else []
            sided = [*counted, *(Atom(name, value, THING) for name, value in group.said.items())]
        return (*self._place(), *self.found, *sided)

    def _sides(self, before: int) -> Iterator[Atom]:
        if before < 0 or before + 1 >= len(self.objects):
            return
        pair = self.objects[before], self.objects[before + 1]
        sides = SIDES.get(self.relations[before], ())
        for side, one in zip(sides, pair, strict=False):
            yield from (Atom(name, value, side) for name, value in one.said.items())

    def _place(self) -> Iterator[Atom]:
        """The place, if all phrases agree; a studio yields to any other place, for a portrait may be of anywhere."""
        found = [place for place in self.places if place != "studio"] or list(self.places)
        if len(found) == 1:
            yield Atom("place", found[0])

    def _person(self, gender: str) -> None:
        self.people += 1
        self.owner = "" if self.people == 1 else SECOND
        if self.people == 1:
            self.found.append(Atom("person", "yes"))
        said = ({"gender": gender} if gender else {}) | self._waiting({"skin": "skin", "age": "age"})
        self._of_owner(said)
        self.objects.append(Object({"gender": gender} if gender else {"kind": "person"}))

    def _waiting(self, names: Mapping[str, str]) -> dict[str, str]:
        """Adjectives that fit the noun, under the attribute they are for it."""
        return {attribute: self.waiting[kind] for kind, attribute in names.items() if kind in self.waiting}

    def _of_owner(self, said: Mapping[str, str]) -> None:
        self.found.extend(Atom(name, value, self.owner) for name, value in said.items())
        self.waiting.clear()


SIDES: Mapping[str, tuple[str, str]] = {
    "left": ("left", "right"),
    "right": ("right", "left"),
    "above": ("upper", "lower"),
    "below": ("lower", "upper"),
    "front": ("front", "back"),
    "behind": ("back", "front"),
}
"""Relation to the sides of what is named before and after it; "beside" gives none."""
