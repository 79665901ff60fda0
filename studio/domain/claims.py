"""What a prompt claims about its picture, as atoms that a judge, or one day a question answerer, can check.

A prompt is read from left to right in the words of the vocabulary's tables. Adjectives wait for their noun; what is
worn belongs to the person or animal named last; a relation gives the things beside it their sides. What the words do
not settle is left out rather than guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    PLURALS,
    RELATIONS,
    SKIN_TONES,
    SYNONYMS,
    THING_COLOURS,
    THINGS,
)

WHO = "{who}"
"""Where the person stands in a prompt that serves any person."""

THING = "thing"
WORN: Mapping[str, str] = {
    "glasses": "glasses",
    "sunglasses": "sunglasses",
    "goggles": "goggles",
    "scarf": "scarf",
    "beard": "beard",
    "freckles": "freckles",
    "laughing": "laughing",
    "smiling happily": "laughing",
}
"""Words that claim an attribute with the values yes and no."""

OF_A_PERSON: Mapping[str, str] = {"skin": "skin", "age": "age", "haired": "hair colour"}
"""Kinds of words that go before a person, and the attribute each is of."""

NOUNS = frozenset({"creature", "thing", "hair", "eyes", "garment", "hat", "plural", "company"})


@dataclass(frozen=True, slots=True)
class Atom:
    """One checkable claim: this attribute of this subject reads as this value.

    `subject` is empty for the picture and for the only person in it; otherwise a creature's name, "thing" for the only
    group of things, or "left", "right", "upper", "lower", "front", "back" for who or what is on that side.
    """

    attribute: str
    value: str
    subject: str = ""

    @property
    def name(self) -> str:
        """The attribute as a judge's card and the world's truth name it: "hair colour", "cat glasses", "left shape"."""
        return f"{self.subject} {self.attribute}".strip()


@dataclass(frozen=True, slots=True)
class Word:
    """A phrase of the tables: what kind of word it is, and what it stands for."""

    kind: str
    value: str


BEFORE = {
    "hair colour": "hair", "hair style": "hair", "eyes": "eyes", "skin": "skin", "garment colour": "clothes",
    "pattern": "clothes", "hat colour": "hat", "thing colour": "things",
}  # fmt: skip
"""Attributes whose values go before a noun, and that noun."""


def in_words(name: str, value: str) -> str:
    """A claim for people: "scarf", "no scarf", "sun hat", "on a beach", "apple", "3 things",
    "red hair", "left colour: red"."""
    if value in ("yes", "no"):
        return name if value == "yes" else f"no {name}"
    if name in ("people", "things"):
        return f"{value} {name}"
    if name in BEFORE:
        return f"{value} {BEFORE[name]}"
    phrases = {"hat": HATS, "garment": GARMENTS, "place": {place: said[0] for place, said in PLACES.items()}}
    found: str | None = phrases.get(name, {}).get(value)
    return found or (value if name in ("gender", "thing shape") else f"{name}: {value}")


def meanings(prompt: str) -> tuple[tuple[Atom, ...], ...]:
    """The readings of a prompt: usually one; two where it leaves open which of two stands on the left.

    `WHO` counts as a person of whom nothing else is said.
    """
    sentence = Sentence()
    for word in words(" ".join(prompt.lower().split())):
        sentence.take(word)
    return sentence.meanings()


def atoms(prompt: str) -> tuple[Atom, ...]:
    """What the prompt claims in every reading."""
    first, *others = meanings(prompt)
    return tuple(atom for atom in first if all(atom in other for other in others))


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
    table |= {word: Word("joint", "") for word in ("with", "in", "wearing")} | {"and": Word("and", "")}
    table |= {word: Word("hair style", style) for style, word in HAIR_STYLES.items()}
    table |= {word.strip(): Word("pattern", pattern) for pattern, word in PATTERNS.items() if word}
    table |= {phrase.strip(): Word("light", light) for light, phrase in LIGHTS.items() if phrase}
    table |= {gender: Word("person", gender) for gender in GENDERS}
    table |= {plural: Word("plural", gender) for gender, plural in PLURALS.items()}
    table |= {"people": Word("company", ""), "friends": Word("company", "")}
    table |= {"couple": Word("company", "2"), "couple of": Word("count", "2")}
    table |= {form: Word("garment", garment) for garment, word in GARMENTS.items() for form in (word, f"{word}s")}
    table |= {form: Word("hat", hat) for hat, word in HATS.items() for form in (word, f"{word}s")}
    table |= {word: Word("worn", attribute) for word, attribute in WORN.items()}
    table |= {word: Word("count", str(number)) for number, word in enumerate(NUMBERS)}
    table |= {"no": Word("not", "0"), "without": Word("not", "")}
    table |= {phrase: Word("relation", relation) for relation, phrases in RELATIONS.items() for phrase in phrases}
    table |= {word.strip(): Word("material", material) for material, word in MATERIALS.items() if word}
    for thing, names in THINGS.items():
        table |= {form: Word("thing", thing) for name in names for form in (name, f"{name}s")}
    table |= {form: Word("creature", one) for one in CREATURES for form in (one, f"{one}s")}
    table |= {f"{colour}-haired": Word("haired", colour) for colour in HAIR_COLOURS}
    table |= {f"on the {side}": Word("side", side) for side in ("left", "right")}
    table |= {other: table[word] for word, others in SYNONYMS.items() for other in others if word in table}
    # Places come last: "behind a table" is where somebody is, not what stands behind what.
    return table | {phrase: Word("place", place) for place, phrases in PLACES.items() for phrase in phrases}


@cache
def _scanner() -> re.Pattern[str]:
    phrases = sorted(set(lexicon()) - {",", WHO}, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, phrases))})(?![\w-])|{re.escape(WHO)}|,")


@dataclass(slots=True)
class Object:
    """A person, creature or group of things that can stand on a side: what the words say of it."""

    kind: str
    said: dict[str, str]
    worn: dict[str, str] = field(default_factory=dict)
    side: str = ""

    def atoms(self, side: str) -> Iterator[Atom]:
        """Its claims when it stands on this side; empty: alone."""
        if self.kind == "person":
            yield from (Atom(name, value, side) for name, value in (self.said | self.worn).items())
            return
        subject = side or (THING if self.kind == "thing" else self.said["kind"])
        for name, value in self.said.items():
            if side or name not in ("kind", "things"):
                yield Atom(name, value, subject)
            elif name == "things":
                yield Atom(name, value)

    def always(self) -> Iterator[Atom]:
        """What holds wherever it stands: that a creature is there, its colour, and what it wears."""
        if self.kind == "creature":
            name = self.said["kind"]
            yield Atom(name, "yes")
            colour = {"colour": self.said["colour"]} if "colour" in self.said else {}
            yield from (Atom(attribute, value, name) for attribute, value in (colour | self.worn).items())


@dataclass(slots=True)
class Sentence:
    """A prompt while it is read: adjectives that wait, who owns what is worn, and what stands where."""

    lights: list[str] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    objects: list[Object] = field(default_factory=list)
    owner: Object | None = None
    relation: str = ""
    company: list[int] = field(default_factory=list)
    """How many people are said to be there without saying who, as in "two friends"."""
    unsettled: bool = False
    """Whether nobody knows how many there are in the end: she with two friends, a couple with theirs, women."""
    apart: bool = False
    """Whether several are told apart, "one with ...", and nothing is claimed of either."""
    loose: dict[str, str] = field(default_factory=dict)
    """What is worn when nobody was named: it belongs to the picture's person."""
    denied: str = ""
    """"surely" after "no" and "without" (no glasses or goggles), "perhaps" beyond the next "and" or comma, until a
    "with", "in" or "wearing" or somebody else settles it."""

    def take(self, word: Word) -> None:
        """The next phrase."""
        if self.denied and self._leaves_out(word):
            self.waiting.clear()
            return
        match word.kind:
            case "joint":
                self.denied = ""
                self.apart = self.apart or self.waiting.get("count") == "1"
            case "and":
                self.denied = self.denied and "perhaps"
            case "not":
                self.denied = "surely"
                self.waiting |= {"count": word.value} if word.value else {}
            case "comma":
                self.denied = self.denied and "perhaps"
                self.owner = next((one for one in reversed(self.objects) if one.kind == "person"), self.owner)
            case "place":
                self.places[word.value] = None
            case "light":
                self.lights.append(word.value)
            case "relation":
                self.relation = word.value
            case "side":
                if self.objects:
                    self.objects[-1].side = word.value
            case "person":
                self.denied = ""
                gender = {"gender": word.value} if word.value else {}
                self._stands("person", gender | self._waiting(OF_A_PERSON))
            case "plural":
                self._several(word.value)
            case "company":
                self.company.append(int(word.value or self.waiting.get("count", "0")))
                self.unsettled = self.unsettled or len(self.company) > 1 or bool(self._of("person"))
                self.waiting.clear()
            case "creature":
                self._creature(word.value)
            case "thing":
                fitting = {"count": "things", "colour": "colour", "material": "material"}
                self._stands("thing", {"shape": word.value} | self._waiting(fitting))
            case "hair":
                self._wears(self._waiting({"hair style": "hair style", "colour": "hair colour"}))
            case "eyes":
                self._wears(self._waiting({"colour": "eyes"}))
            case "garment" | "hat":
                fitting = {"colour": f"{word.kind} colour", "pattern": "pattern"}
                self._wears({word.kind: word.value} | self._waiting(fitting))
            case "worn":
                self._wears({word.value: "no" if self.denied else "yes"})
            case _:
                self.waiting[word.kind] = word.value

    def _leaves_out(self, word: Word) -> bool:
        """Whether nothing is claimed of a word after a denial: no red sweater, for there may be another."""
        if word.kind == "worn":
            return self.denied == "perhaps" or word.value == "laughing"
        counted = word.kind == "thing" and self.waiting.get("count") == "0"  # no apples: that is a count
        return word.kind in NOUNS and not counted

    def meanings(self) -> tuple[tuple[Atom, ...], ...]:
        """The readings: one, or two where two people or things stand side by side and nothing says who is left."""
        common = list(self._of_the_picture())
        people, others = self._of("person"), [one for one in self.objects if one.kind != "person"]
        pairs = [pair for pair in ([] if self.unsettled else people, others) if len(pair) == 2]
        for one in self.objects:
            common += one.always()
            if one.side or [one] == others or ([one] == people and not (self.company or self.unsettled)):
                common += one.atoms(one.side)
        open_pairs = [pair for pair in pairs if not any(one.side for one in pair)]
        if len(open_pairs) != 1:
            return (tuple(dict.fromkeys(common)),)
        ways = (("left", "right"), ("right", "left"))
        return tuple(
            tuple(dict.fromkeys([*common, *_standing(open_pairs[0], sides)])) for sides in ways
        )

    def _of_the_picture(self) -> Iterator[Atom]:
        # A studio yields to any other place, for a portrait may be of anywhere.
        found = [place for place in self.places if place != "studio"] or list(self.places)
        if len(found) == 1:
            yield Atom("place", found[0])
        yield from (Atom("light", light) for light in self.lights)
        named, told = len(self._of("person")), sum(self.company)
        if named or told or self.unsettled:
            yield Atom("person", "yes")
        all_named = named in (0, told) or not told  # "two friends and a man" may be two or three
        if max(named, told) > 1 and all_named and not self.unsettled:
            yield Atom("people", str(max(named, told)))
        if not (self.company or self.unsettled):  # else nobody knows whose it is
            yield from (Atom(name, value) for name, value in self.loose.items())

    def _of(self, kind: str) -> list[Object]:
        return [one for one in self.objects if one.kind == kind]

    def _creature(self, name: str) -> None:
        """A rainbow over people or over two things is part of the scene; it leaves them no sides."""
        if name == "rainbow" and self.relation == "below" and (self._of("person") or len(self.objects) > 1):
            self.relation = ""
        self._stands("creature", {"kind": name} | self._waiting({"colour": "colour"}))

    def _several(self, gender: str) -> None:
        """So many women or men, alike in all that is said of them; how many is not settled by "women" alone."""
        said = {"gender": gender} | self._waiting(OF_A_PERSON)
        worn: dict[str, str] = {}
        count = int(self.waiting.get("count", "0"))
        for _ in range(count):
            self._stands("person", said, worn)
        self.unsettled = self.unsettled or not count
        self.waiting.clear()

    def _stands(self, kind: str, said: dict[str, str], worn: dict[str, str] | None = None) -> None:
        """Somebody or something new; a relation gives it and the one before their sides."""
        one = Object(kind, said, {} if worn is None else worn)
        if self.relation in SIDES and self.objects:
            self.objects[-1].side, one.side = SIDES[self.relation]
        self.relation, self.apart = "", False
        self.objects.append(one)
        self.owner = one if kind != "thing" else self.owner
        self.waiting.clear()

    def _wears(self, said: Mapping[str, str]) -> None:
        worn = self.loose if self.owner is None else self.owner.worn
        if not self.apart:
            worn.update(said)
        self.waiting.clear()

    def _waiting(self, names: Mapping[str, str]) -> dict[str, str]:
        """Adjectives that fit the noun, under the attribute they are for it."""
        return {attribute: self.waiting[kind] for kind, attribute in names.items() if kind in self.waiting}


def _standing(pair: Sequence[Object], sides: tuple[str, str]) -> Iterator[Atom]:
    for one, side in zip(pair, sides, strict=True):
        yield from one.atoms(side)


SIDES: Mapping[str, tuple[str, str]] = {
    "left": ("left", "right"),
    "right": ("right", "left"),
    "above": ("upper", "lower"),
    "below": ("lower", "upper"),
    "front": ("front", "back"),
    "behind": ("back", "front"),
}
"""Relation to the sides of what is named before and after it; "beside" gives none."""
