"""Hard prompts: our own suite, from one attribute to long and ambiguous ones, each with what in it can be checked.

Most prompts are made from the vocabulary's tables, row by row and always the same; the others were written by hand.
`WHO` stands where a person stands, so that one suite serves a base ("a woman") and a persona (her trigger word).
"""

import itertools
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from studio.domain.claims import WHO, Atom, meanings
from studio.domain.vocabulary import (
    GARMENTS,
    HAIR_COLOURS,
    HAIR_STYLES,
    HATS,
    MATERIALS,
    NUMBERS,
    PATTERNS,
    PLACES,
    THING_COLOURS,
    THINGS,
    Unknown,
    unknown_words,
)

Kind = Literal[
    "one attribute", "several attributes", "counts", "left, right, above", "two people", "unusual", "ambiguous", "long"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class HardPrompt:
    """One prompt; `readings`: its meanings in plain words, any of which counts, the prompt itself where it is plain."""

    kind: Kind
    text: str
    readings: tuple[str, ...] = ()

    @property
    def meanings(self) -> tuple[tuple[Atom, ...], ...]:
        """The atoms of each reading; a picture is right when all atoms of one of them hold."""
        return tuple(found for reading in self.readings or (self.text,) for found in meanings(reading))

    def said(self, who: str) -> str:
        """The prompt as a base reads it, with `who` where the person stands."""
        return self.text.replace(WHO, who)

    def unknown(self, words: Collection[str] | None, who: str) -> tuple[Unknown, ...]:
        """Words a base that knows `words` was never shown; `who` is accepted. None: the base does not say."""
        return () if words is None else unknown_words(self.text.replace(WHO, ""), words, [who])


def hard_prompts() -> tuple[HardPrompt, ...]:
    """The whole suite, by kind; a prompt stands in it once."""
    made = [
        *_of("one attribute", _one_attribute()),
        *_of("several attributes", _several_attributes()),
        *_of("counts", _counts()),
        *_of("left, right, above", _relations()),
        *_of("two people", _two_people()),
        *_of("unusual", UNUSUAL),
        *(HardPrompt("ambiguous", text, tuple(readings)) for text, *readings in AMBIGUOUS),
        *_of("long", _long()),
    ]
    return tuple({prompt.text: prompt for prompt in made}.values())


def some(prompts: Sequence[HardPrompt], kinds: Collection[str], most: int | None) -> tuple[HardPrompt, ...]:
    """The prompts of `kinds` (empty: all), at most `most` of them, spread evenly over each kind."""
    chosen = [prompt for prompt in prompts if not kinds or prompt.kind in kinds]
    if most is None or most >= len(chosen):
        return tuple(chosen)
    groups = [[prompt for prompt in chosen if prompt.kind == kind] for kind in KINDS]
    shares = [min(len(group), -(-most * len(group) // len(chosen))) for group in groups]
    picked = [group[i * len(group) // share] for group, share in zip(groups, shares, strict=True) for i in range(share)]
    return tuple(picked[i * len(picked) // most] for i in range(most))


def _of(kind: Kind, texts: Sequence[str] | Iterator[str]) -> Iterator[HardPrompt]:
    return (HardPrompt(kind, text) for text in texts)


def _one_attribute() -> Iterator[str]:
    yield "a cat wearing glasses"
    for phrases in PLACES.values():
        if "sky" not in phrases[0]:
            yield f"{WHO} {phrases[0]}"
    for colour in HAIR_COLOURS:
        yield f"a woman with {colour} hair"
    for style in HAIR_STYLES.values():
        yield f"a man with {style} hair"
    for worn in (*GARMENTS.values(), *HATS.values()):
        yield f"{WHO} wearing {_a(worn)}"
    for worn in ("glasses", "sunglasses", "a scarf", "ski goggles"):
        yield f"{WHO} wearing {worn}"
    for number, names in enumerate(THINGS.values()):
        yield f"{_a(f'{THING_COLOURS[-1 - number % len(THING_COLOURS)]} {names[-1]}')} on a table"


def _several_attributes() -> Iterator[str]:
    places = [phrases[0] for place, phrases in PLACES.items() if place not in ("sky", "swimming", "skiing", "table")]
    clothes = [garment for name, garment in GARMENTS.items() if name not in ("wetsuit", "puffer", "apron")]
    place, garment, style = itertools.cycle(places), itertools.cycle(clothes), itertools.cycle(HAIR_STYLES.values())
    chance = random.Random("several attributes")
    for hair, hat in zip(HAIR_COLOURS * 2, itertools.cycle(HATS.values()), strict=False):
        first, second = chance.sample(THING_COLOURS, 2)
        yield f"a woman with {next(style)} {hair} hair, wearing {_a(f'{first} {next(garment)}')}"
        yield f"{WHO} {next(place)}, wearing {_a(f'{first} {next(garment)}')} and {_a(f'{second} {hat}')}"
    for pattern in filter(None, PATTERNS.values()):
        for colour in THING_COLOURS[:4]:
            yield f"{WHO} {next(place)}, wearing {_a(f'{colour} {pattern}sweater')} and sunglasses"


def _counts() -> Iterator[str]:
    yield "ten apples"
    things, colours = itertools.cycle(THINGS.values()), itertools.cycle(THING_COLOURS)
    for _ in range(4):
        for number, word in enumerate(NUMBERS[1:], start=1):
            noun = next(things)[0] + ("s" if number > 1 else "")
            yield f"{word} {next(colours)} {noun} on a table"
        next(things)  # otherwise a number would meet the same things again


def _relations() -> Iterator[str]:
    yield "a red sphere to the left of a blue block"
    yield "a unicorn flying over a rainbow"
    phrases = ("to the left of", "to the right of", "on top of", "under", "in front of")
    chance = random.Random("relations")
    for phrase in phrases:
        for _ in range(9):
            (first, *_), (second, *_) = chance.sample(tuple(THINGS.values()), 2)
            one, other = chance.sample(THING_COLOURS, 2)
            yield f"{_a(f'{one} {first}')} {phrase} {_a(f'{other} {second}')}"
    for material, other_material in itertools.permutations([word for word in MATERIALS.values() if word], 2):
        yield f"{_a(f'{material}ball')} to the left of {_a(f'{other_material}cube')}"


def _two_people() -> Iterator[str]:
    places = [phrases[0] for place, phrases in PLACES.items() if place not in ("sky", "table")]
    others = ("a man", "a woman", "an older man", "an older woman")
    for number, place in enumerate(places):
        yield f"{WHO} and {others[number % len(others)]} {place}"
    chance = random.Random("two people")
    styles = tuple(HAIR_STYLES.values())
    for side, gender in itertools.product(("left", "right"), ("man", "woman")):
        for _ in range(3):
            yield f"{WHO} to the {side} of a {gender} with {chance.choice(styles)} {chance.choice(HAIR_COLOURS)} hair"
    for _ in range(6):
        hair, other = chance.sample(HAIR_COLOURS, 2)
        yield f"a woman with {hair} hair and a man with {other} hair"
    for hat, other in itertools.pairwise(HATS.values()):
        yield f"{WHO} wearing {_a(hat)} and a man wearing {_a(other)}"
    together = ("two women", "two men", "two friends", "a couple", "two people", "two older women")
    for who, place in zip(together, places[::2], strict=False):
        yield f"{who} {place}"


def _long() -> Iterator[str]:
    chance = random.Random("long")
    places = [phrases[-1] for place, phrases in PLACES.items() if place not in ("sky", "swimming", "table")]
    for place, hat in zip(places, itertools.cycle(HATS.values()), strict=False):
        colours = chance.sample(THING_COLOURS, 2)
        garment = chance.choice(("t-shirt", "sweater", "hoodie", "shirt"))
        pattern = chance.choice([word for word in PATTERNS.values() if word])
        yield (
            f"a photo of {WHO} {place} in the morning light, laughing, "
            f"wearing {_a(f'{colours[0]} {pattern}{garment}')}, "
            f"{_a(f'{colours[1]} {hat}')} and sunglasses"
        )
    for place in places[:8]:
        hair, style = chance.choice(HAIR_COLOURS), chance.choice(tuple(HAIR_STYLES.values()))
        yield (
            f"a close-up of an older woman with {style} {hair} hair, green eyes and freckles {place}, wearing "
            f"{_a(f'{chance.choice(THING_COLOURS)} turtleneck')}, a scarf and glasses"
        )


def _a(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


UNUSUAL = (
    f"{WHO} on a beach, wearing a ski jacket",
    f"{WHO} on a beach, wearing ski goggles",
    f"{WHO} skiing, wearing a sun hat",
    f"{WHO} skiing at night, wearing sunglasses",
    f"{WHO} swimming, wearing a beanie",
    f"{WHO} swimming at night, wearing glasses",
    f"{WHO} in a library, wearing a wetsuit",
    f"{WHO} in an office, wearing a helmet",
    f"{WHO} in a kitchen, wearing ski goggles",
    f"{WHO} in the desert, wearing a purple ski jacket and a scarf",
    f"{WHO} at a concert, wearing an apron",
    f"{WHO} on a train, wearing a wetsuit and a cowboy hat",
    f"{WHO} in a studio, wearing a helmet and a scarf",
    f"{WHO} in a café, wearing goggles and a green tank top",
    "an older woman with pink hair on a ski slope",
    "an older man with teal hair in an office",
    "a man with a beard swimming, wearing a sun hat",
    "a man with long purple hair, wearing a beret",
    "a cat wearing a sun hat",
    "a cat wearing sunglasses",
    "a cat on top of a blue book",
    "a blue unicorn in a library",
    "a unicorn in a kitchen",
    "a unicorn wearing glasses",
    "a pink unicorn to the left of an orange cat",
    "a rainbow above a red cup",
    "a rainbow over a cat",
    "a cat under a rainbow",
    "a cat flying over a rainbow",
    "a blue apple on top of a yellow book",
    "a glass apple to the right of a wooden star",
    "a wooden cup on a table",
    "a metal vase under a purple ring",
    "seven glass stars on a table",
    f"{WHO} behind a table with nine teal cones",
)

AMBIGUOUS: tuple[tuple[str, ...], ...] = (
    ("a red ball and cube", "a red ball to the left of a red cube", "a red cube to the left of a red ball",
     "a red ball to the left of a cube", "a cube to the left of a red ball"),
    ("a blue cup and vase", "a blue cup to the left of a blue vase", "a blue vase to the left of a blue cup",
     "a blue cup to the left of a vase", "a vase to the left of a blue cup"),
    *(
        (f"{_a(f'{one} {first}')} next to {_a(f'{two} {second}')}",
         f"{_a(f'{one} {first}')} to the left of {_a(f'{two} {second}')}",
         f"{_a(f'{one} {first}')} to the right of {_a(f'{two} {second}')}")
        for one, first, two, second in (
            ("red", "ball", "blue", "cube"), ("green", "cup", "yellow", "cone"), ("orange", "book", "white", "vase"),
            ("purple", "star", "teal", "ring"), ("pink", "apple", "green", "bottle"),
        )
    ),
    ("a cat beside a unicorn", "a cat to the left of a unicorn", "a cat to the right of a unicorn"),
    (
        "a cat and a rainbow", "a cat under a rainbow", "a rainbow to the left of a cat",
        "a rainbow to the right of a cat",
    ),
    *(
        (f"a {colour} {thing} or {_a(f'{other} {second}')}", f"a {colour} {thing}", _a(f"{other} {second}"))
        for colour, thing, other, second in (
            ("red", "ball", "blue", "ball"), ("green", "cone", "green", "cup"), ("yellow", "book", "orange", "apple"),
        )
    ),
    *(
        (f"{count} or {more} {colour} {thing}s on a table", f"{count} {colour} {thing}s", f"{more} {colour} {thing}s")
        for count, more, colour, thing in (
            ("two", "three", "red", "ball"), ("three", "four", "white", "cup"), ("seven", "eight", "green", "apple"),
        )
    ),
    *(
        (f"{WHO} {first} or {second}", f"{WHO} {first}", f"{WHO} {second}")
        for first, second in (
            ("on a beach", "in a forest"), ("in a café", "in a library"), ("skiing", "swimming"),
            ("in a city", "on a train"), ("in a garden", "in the mountains"),
        )
    ),
    *(
        (f"{WHO} wearing {first} or {second}", f"{WHO} wearing {first}", f"{WHO} wearing {second}")
        for first, second in (
            ("a beanie", "a sun hat"), ("glasses", "sunglasses"), ("a red sweater", "a red shirt"),
            ("a blue hoodie", "a green hoodie"),
        )
    ),
    ("a woman or a man with red hair", "a woman with red hair", "a man with red hair"),
    ("an older woman and a man with glasses", "an older woman with glasses and a man with glasses",
     "an older woman and a man with glasses"),
    ("a woman and a man wearing red", "a woman wearing a red sweater and a man wearing a red sweater",
     "a woman wearing a red shirt and a man wearing a red shirt", "a woman and a man wearing a red sweater",
     "a woman and a man wearing a red shirt"),
    ("a man and a woman with black hair", "a man with black hair and a woman with black hair",
     "a man and a woman with black hair"),
)  # fmt: skip
"""Each prompt with its meanings in plain words."""
