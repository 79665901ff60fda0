"""The words of the small world, what they stand for, and which words of a prompt a base was never shown."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

GENDERS = ("woman", "man")
PLURALS: Mapping[str, str] = MappingProxyType({"woman": "women", "man": "men"})
COMPANY = ("two people", "two friends", "a couple")
"""Two people of whom nothing else is said."""
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
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FIRST_THINGS = ("ball", "cube", "cone", "cup")
"""What lay on the tables of the first world, in the order its scenes were drawn with."""
THINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ball": ("ball", "sphere"),
        "cube": ("cube", "block"),
        "cone": ("cone",),
        "cup": ("cup", "mug"),
        "apple": ("apple",),
        "bottle": ("bottle",),
        "book": ("book",),
        "star": ("star",),
        "ring": ("ring",),
        "vase": ("vase",),
    }
)
"""Thing to the words for one of it; more of them end in s."""
MATERIALS: Mapping[str, str] = MappingProxyType({"plain": "", "metal": "metal ", "glass": "glass ", "wood": "wooden "})
CREATURES = ("cat", "unicorn", "rainbow")
"""Figures that stand, fly or shine in a scene of their own, or as a small sculpture on a table."""
CREATURE_COLOURS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cat": ("orange", "black", "white", "grey", "beige"), "unicorn": ("white", "pink", "mint", "blue"), "rainbow": ()}
)
RELATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "left": ("to the left of", "left of"),
        "right": ("to the right of", "right of"),
        "above": ("on top of", "above", "over"),
        "below": ("under", "below"),
        "front": ("in front of",),
        "behind": ("behind",),
        "beside": ("next to", "beside"),
    }
)
"""How the thing named first stands to the one named after it."""

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

PERSON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Who": (*GENDERS, *(f"older {gender}" for gender in GENDERS)),
        "Skin": tuple(f"{tone}-skinned" for tone in SKIN_TONES),
        "Hair": tuple(HAIR_STYLES.values()),
        "Hair colour": HAIR_COLOURS,
        "Eyes": EYE_COLOURS,
        "And": ("freckles", "glasses", "beard", "stubble"),
    }
)
"""What captions say of how a person looks, by what it is said of."""

GARMENTS: Mapping[str, str] = MappingProxyType(
    {
        "tee": "t-shirt",
        "sweater": "sweater",
        "hoodie": "hoodie",
        "shirt": "shirt",
        "puffer": "ski jacket",
        "tank": "tank top",
        "wetsuit": "wetsuit",
        "blazer": "blazer",
        "turtleneck": "turtleneck",
        "apron": "apron",
    }
)
PATTERNS: Mapping[str, str] = MappingProxyType({"plain": "", "stripes": "striped ", "dots": "dotted "})
HATS: Mapping[str, str] = MappingProxyType(
    {
        "beanie": "beanie", "sunhat": "sun hat", "helmet": "helmet", "cap": "cap", "cowboy": "cowboy hat",
        "beret": "beret",
    }
)
LIGHTS: Mapping[str, str] = MappingProxyType(
    {"day": "", "sunset": " at sunset", "night": " at night", "morning": " in the morning light"}
)
FIRST_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
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
"""The places of the first world; their order is part of how its scenes are drawn."""
PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **FIRST_PLACES,
        "library": ("in a library", "among bookshelves", "in a bookshop"),
        "kitchen": ("in a kitchen", "cooking in a kitchen", "at the kitchen counter"),
        "garden": ("in a garden", "among flowers", "in a flower garden"),
        "desert": ("in the desert", "among sand dunes", "in a sandy desert"),
        "mountains": ("in the mountains", "in a mountain meadow", "on a mountain trail"),
        "concert": ("on a stage", "at a concert", "singing on a stage"),
        "train": ("on a train", "travelling by train", "at the window of a train"),
        "office": ("in an office", "at work in an office", "in a bright office"),
        "sky": ("in the sky", "above the clouds"),
    }
)
"""Place to the phrases a caption says it with; nobody but creatures is in the sky."""

SMALL_WORDS = frozenset(
    ["a", "an", "the", "of", "with", "and", "or", "in", "on", "at", "to", "is", "are",
     "her", "his", "she", "he", "it", "by", "while", "who", "has", "as"]
)
"""Words that change nothing; no base is asked whether it knows them."""

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "t-shirt": ("tee",), "sweater": ("jumper", "pullover"), "hoodie": ("hooded sweater",),
        "beanie": ("woolly hat",),
        "cap": ("baseball cap",), "sunglasses": ("shades", "dark glasses"), "ski jacket": ("puffer jacket",),
        "glasses": ("spectacles",), "smiling happily": ("with a big smile",), "sun hat": ("straw hat",),
    }
)  # fmt: skip
"""Other words for what is worn; they say the same."""

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
"""Words people try that a small base may not have been taught, and what to say instead."""

WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word of a prompt that a base was never shown, and a near word that it was."""

    word: str
    instead: str = ""


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers of a text, in order; hyphens part words."""
    return WORD.findall(text.lower())


def taught_words(captions: Iterable[str], least: int = 10) -> list[str]:
    """Every word that stands in at least `least` captions, in order of the alphabet."""
    seen = Counter(word for caption in captions for word in set(words_of(caption)))
    return sorted(word for word, count in seen.items() if count >= least)


def unknown_words(prompt: str, known: Collection[str], also: Iterable[str] = ()) -> tuple[Unknown, ...]:
    """Words of `prompt` that are not among those a base knows, each once, in order.

    `also` are words to accept, such as the trigger word. "This small base does not know: violin."
    """
    accepted = SMALL_WORDS.union(known, *(words_of(text) for text in also))
    found: dict[str, Unknown] = {}
    for word in words_of(prompt):
        if word not in accepted and word not in found:
            found[word] = Unknown(word, _nearest(word, known))
    return tuple(found.values())


def words_for_a_person(known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Those of `PERSON` that a base knows."""
    kept = {title: tuple(one for one in some if set(words_of(one)) <= set(known)) for title, some in PERSON.items()}
    return {title: some for title, some in kept.items() if some}


def _nearest(word: str, known: Collection[str]) -> str:
    """What to say instead, in words that are known; empty if nothing comes near."""
    synonym = INSTEAD.get(word, "")
    if synonym and set(words_of(synonym)) <= set(known):
        return synonym
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.86)
    return near[0] if near else ""
