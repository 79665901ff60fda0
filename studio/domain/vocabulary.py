"""The words the embedded base was taught, what they stand for, and which words of a prompt it cannot know."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

GENDERS = ("woman", "man")
SKIN_TONES = ("fair", "light", "tan", "olive", "brown", "dark brown")
HAIR_COLOURS = (
    "black", "dark brown", "brown", "auburn", "red", "blonde", "grey", "silver", "pink", "blue", "teal", "purple",
)  # fmt: skip
EYE_COLOURS = ("brown", "green", "blue", "hazel", "grey", "amber")
COLOURS = (
    "red", "blue", "green", "yellow", "orange", "purple", "pink", "white", "black", "teal", "navy", "beige",
    "grey", "mint",
)  # fmt: skip
THING_COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "white", "teal")
CUP_COLOURS = ("white", "red", "teal", "yellow", "mint")
THINGS = ("ball", "cube", "cone", "cup")
NUMBERS = ("no", "one", "two", "three", "four")

HAIR_STYLES: Mapping[str, str] = MappingProxyType(
    {
        "short": "short",
        "bob": "bobbed",
        "long": "long",
        "bun": "tied-up",
        "curly": "curly",
        "quiff": "swept-back",
        "buzz": "buzz-cut",
        "ponytail": "ponytailed",
        "wavy": "wavy",
    }
)
"""Hair style of an identity to the word before "hair" in a caption."""

GARMENTS: Mapping[str, str] = MappingProxyType(
    {
        "tee": "t-shirt",
        "sweater": "sweater",
        "hoodie": "hoodie",
        "shirt": "shirt",
        "puffer": "ski jacket",
        "tank": "tank top",
        "wetsuit": "wetsuit",
    }
)
PATTERNS: Mapping[str, str] = MappingProxyType({"plain": "", "stripes": "striped ", "dots": "dotted "})
HATS: Mapping[str, str] = MappingProxyType({"beanie": "beanie", "sunhat": "sun hat", "helmet": "helmet"})
LIGHTS: Mapping[str, str] = MappingProxyType(
    {"day": "", "sunset": " at sunset", "night": " at night", "morning": " in the morning light"}
)
PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "beach": ("on a beach", "standing on the beach", "at the seaside"),
        "skiing": ("skiing", "skiing in the snowy mountains", "on a ski slope"),
        "city": ("in a city", "on a city street", "in the city"),
        "forest": ("in a forest", "hiking in the woods", "among trees"),
        "studio": ("in a studio", "studio portrait", "against a plain backdrop"),
        "café": ("in a café", "sitting in a café", "at a coffee shop"),
        "swimming": ("swimming", "swimming in the water", "taking a swim"),
        "table": ("behind a table", "at a table"),
    }
)
"""Place to the phrases a caption says it with. The order of the places is part of how scenes are drawn."""

GRAMMAR_WORDS = frozenset(
    ["a", "an", "the", "of", "with", "and", "or", "in", "on", "at", "to", "is", "are", "her", "his", "she", "he", "it", "by", "while", "who", "has", "wearing", "wears", "photo", "picture", "portrait", "close", "up", "studio", "plain", "backdrop", "left", "right", "next", "behind", "among", "against", "sunset", "night", "morning", "light", "day", "hair", "eyes", "skinned", "freckles", "stubble", "beard", "glasses", "sunglasses", "goggles", "ski", "scarf", "older", "adult", "laughing", "smiling", "happily", "no", "one", "two", "three", "four", "balls", "cubes", "cones", "cups", "table"]
)
"""Every other word of the captions, and the small words that change nothing."""

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "jumper": "sweater", "pullover": "sweater", "tshirt": "t-shirt", "tee": "t-shirt", "hat": "beanie",
        "cap": "beanie", "parka": "ski jacket", "coat": "ski jacket", "swimsuit": "swimming", "pool": "swimming",
        "sea": "beach", "seashore": "beach", "coast": "beach", "snow": "skiing", "mountain": "skiing",
        "mountains": "skiing", "wood": "forest", "park": "forest", "town": "city", "street": "city street",
        "restaurant": "café", "bar": "café", "cafe": "café", "coffeehouse": "café", "mug": "cup", "mugs": "cups",
        "sphere": "ball", "spheres": "balls", "block": "cube", "blocks": "cubes", "box": "cube", "ginger": "red",
        "blond": "blonde", "brunette": "brown", "gray": "grey", "turquoise": "teal", "violet": "purple",
        "spectacles": "glasses", "lady": "woman", "girl": "woman", "guy": "man", "person": "woman",
        "dusk": "sunset", "dawn": "morning", "evening": "sunset", "five": "four", "desk": "table",
    }
)  # fmt: skip
"""Words people try that the base was not taught, and what to say instead."""

WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word of a prompt that the embedded base was never shown, and a near word that it was."""

    word: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """One checkable claim of a prompt: this attribute should read as this value."""

    attribute: str
    value: str


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers of a text, in order; hyphens part words."""
    return WORD.findall(text.lower())


def known_words() -> frozenset[str]:
    """Every word that stands in some caption the base was trained on."""
    phrases: list[str] = [
        *GENDERS, *SKIN_TONES, *HAIR_COLOURS, *EYE_COLOURS, *COLOURS, *THINGS, *NUMBERS, *HAIR_STYLES.values(),
        *PATTERNS.values(), *HATS.values(), *LIGHTS.values(),
        *(word for key, word in GARMENTS.items() if key != "wetsuit"),
        *(phrase for phrases in PLACES.values() for phrase in phrases),
    ]  # fmt: skip
    return GRAMMAR_WORDS | {word for phrase in phrases for word in words_of(phrase)}


KNOWN = known_words()


def unknown_words(prompt: str, also: Iterable[str] = ()) -> tuple[Unknown, ...]:
    """Words of `prompt` the embedded base cannot know, each once, in order.

    `also` are words to accept, such as the trigger word. "This small base does not know: violin."
    """
    accepted = KNOWN | {word for text in also for word in words_of(text)}
    found: dict[str, Unknown] = {}
    for word in words_of(prompt):
        if word not in accepted and word not in found:
            near = difflib.get_close_matches(word, KNOWN, n=1, cutoff=0.86)
            found[word] = Unknown(word, INSTEAD.get(word) or (near[0] if near else ""))
    return tuple(found.values())


def _phrase(text: str, phrase: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text) is not None


def atoms(prompt: str) -> tuple[Atom, ...]:
    """What a prompt in the base's words claims about its picture, as attributes the judges may know.

    Only claims that one phrase settles: place, light, gender, hair, hat, glasses, sunglasses, beard,
    garment and its colour. Anything else is left out rather than guessed.
    """
    text = " ".join(prompt.lower().split())
    found: list[Atom] = []
    places = {place for place, phrases in PLACES.items() for phrase in phrases if _phrase(text, phrase)}
    if "studio" in places and len(places) > 1 and not _phrase(text, "in a studio"):
        places.discard("studio")
    if len(places) == 1:
        found.append(Atom("place", next(iter(places))))
    for light, phrase in LIGHTS.items():
        if phrase and _phrase(text, phrase.strip()):
            found.append(Atom("light", light))
    genders = [gender for gender in GENDERS if _phrase(text, gender)]
    if len(genders) == 1:
        found.append(Atom("gender", genders[0]))
    hair = _hair(text)
    found.extend(Atom(name, value) for name, value in hair.items())
    hats = [hat for hat, word in HATS.items() if _phrase(text, word)]
    if len(hats) == 1:
        found.append(Atom("hat", hats[0]))
    for word, attribute in (("sunglasses", "sunglasses"), ("glasses", "glasses"), ("a scarf", "scarf")):
        if _phrase(text, word):
            found.append(Atom(attribute, "yes"))
    garment = _garment(text)
    found.extend(Atom(name, value) for name, value in garment.items())
    return tuple(found)


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _hair(text: str) -> dict[str, str]:
    styles = {word: style for style, word in HAIR_STYLES.items()}
    match = re.search(
        rf"(?:({_longest_first(styles)}) )?(?:({_longest_first(HAIR_COLOURS)}) )?hair\b", text
    )
    if match is None:
        return {}
    style, colour = match.groups()
    claims = {"hair style": styles[style]} if style else {}
    return claims | ({"hair colour": colour} if colour else {})


def _garment(text: str) -> dict[str, str]:
    names = {word: garment for garment, word in GARMENTS.items()}
    match = re.search(
        rf"(?:\b({_longest_first(COLOURS)}) )?(striped |dotted )?(?<![\w-])({_longest_first(names)})(?![\w-])", text
    )
    if match is None:
        return {}
    colour, _, word = match.groups()
    return {"garment": names[word]} | ({"garment colour": colour} if colour else {})
