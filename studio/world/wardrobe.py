"""What belongs to the places added to the first world: their light, clothes, hats and distance."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from studio.world.still_life import Thing, flight


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """What is worn at a place and under which light; names that stand twice come twice as often."""

    lights: tuple[str, ...]
    garments: tuple[str, ...]
    hats: tuple[str, ...] = ("",)
    scarf: float = 0.0
    sunglasses: float = 0.0
    nearest: float = 1.0
    """Largest zoom: below the first world's 1.02 where the place itself is worth seeing."""


WARDROBES: Mapping[str, Wardrobe] = MappingProxyType(
    {
        "library": Wardrobe(
            ("day", "day", "night"), ("sweater", "shirt", "turtleneck", "blazer"), ("", "", "", "beret"), 0.15
        ),
        "kitchen": Wardrobe(("day", "morning"), ("apron", "apron", "tee", "shirt", "sweater"), nearest=0.88),
        "garden": Wardrobe(
            ("day", "morning", "sunset"), ("tee", "shirt", "tank", "sweater"), ("", "", "sunhat", "cap"), 0.0, 0.15
        ),
        "desert": Wardrobe(
            ("day", "sunset", "day", "night"), ("shirt", "tee", "tank"), ("", "cowboy", "cowboy", "cap"), 0.25, 0.3
        ),
        "mountains": Wardrobe(
            ("day", "morning", "sunset"), ("hoodie", "sweater", "shirt", "turtleneck"), ("", "", "cap", "beanie"), 0.25,
            0.2,
        ),
        "concert": Wardrobe(("night",), ("tee", "shirt", "blazer", "tank", "hoodie"), ("", "", "", "cap", "cowboy")),
        "train": Wardrobe(
            ("day", "sunset", "night"), ("sweater", "turtleneck", "hoodie", "blazer"), ("", "", "beret", "beanie"), 0.3
        ),
        "office": Wardrobe(("day", "sunset", "night"), ("blazer", "blazer", "shirt", "turtleneck"), nearest=0.88),
    }
)  # fmt: skip
MODERN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "beach": (("tank", "tee"), ("cap", "cowboy", "sunhat")),
        "city": (("blazer", "turtleneck", "hoodie"), ("cap", "beret", "beanie")),
        "forest": (("turtleneck", "hoodie", "sweater"), ("cap", "beanie")),
        "studio": (("blazer", "turtleneck", "apron", "tank"), ("cap", "cowboy", "beret", "beanie")),
        "café": (("blazer", "turtleneck", "apron"), ("beret", "cap")),
    }
)
"""Clothes and hats that came later to places of the first world."""


ROOM_FOR_A_BRIM = 0.84
"""The largest zoom at which a cowboy hat is seen whole."""


def furnish(place: str, r: random.Random) -> dict[str, Any]:
    """Fields of a scene at one of the places with a wardrobe."""
    if place == "sky":
        return {"person": False, "still": flight(r), "light": r.choice(("day", "sunset", "morning"))}
    w = WARDROBES[place]
    found: dict[str, Any] = {
        "light": r.choice(w.lights),
        "garment": r.choice(w.garments),
        "hat": r.choice(w.hats),
        "scarf": r.random() < w.scarf,
        "sunglasses": r.random() < w.sunglasses,
        "zoom": r.uniform(0.82, w.nearest),
    }
    if found["hat"] == "cowboy":
        found["zoom"] = min(found["zoom"], ROOM_FOR_A_BRIM)
    if place == "kitchen":
        shape, colours = r.choice((("apple", ("red", "green", "yellow")), ("cup", ("white", "teal", "red"))))
        found |= {"things": (Thing(shape, r.choice(colours)),) * r.choice((0, 1, 2, 3)), "arrangement": "count"}
    elif place == "office":
        shape, colours = r.choice((("book", ("red", "blue", "green")), ("cup", ("white", "teal", "yellow"))))
        found |= {"things": (Thing(shape, r.choice(colours)),) * r.choice((0, 1, 1, 2)), "arrangement": "count"}
    elif place == "concert":
        found["mouth_open"] = r.uniform(0.5, 1) if r.random() < 0.6 else 0.0
    return found
