"""Scenes: where a person is, what they wear, how they hold themselves, and what lies on the table."""

import random
from dataclasses import dataclass, replace
from typing import Any, Literal

from studio.domain.vocabulary import COLOURS, CUP_COLOURS, FIRST_PLACES, FIRST_THINGS, THING_COLOURS
from studio.world.still_life import StillLife, Thing
from studio.world.wardrobe import furnish

Light = Literal["day", "sunset", "night", "morning"]
Arrangement = Literal["none", "pair", "count"]


@dataclass(frozen=True, slots=True)
class Companion:
    """The second person of a picture: who (a seed), on which side, and how they look in it."""

    identity: int
    side: Literal["left", "right"]
    scene: "Scene"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about one picture but the person. Angles in radians, `shift` in head units."""

    seed: int
    place: str
    yaw: float
    pitch: float
    roll: float
    body_yaw: float
    zoom: float
    shift: float
    gaze_x: float
    gaze_y: float
    smile: float
    mouth_open: float
    blink: float
    light: Light
    garment: str
    colour: str
    second_colour: str
    pattern: str
    hat: str
    hat_colour: str
    sunglasses: bool
    scarf: bool
    goggles: bool
    things: tuple[Thing, ...]
    arrangement: Arrangement
    person: bool
    poles: bool
    rainbow: bool = False
    companion: Companion | None = None
    still: StillLife | None = None


def sample_scene(seed: int, place: str | None = None, **fixed: Any) -> Scene:
    """The scene with this seed, at `place` if one is named; `fixed` fields replace what was drawn.

    Without a place it is one of the first world; `sampling.sample_picture` draws from the whole world. The order of
    the draws is part of the format (see `sample_identity`).
    """
    r = random.Random(seed * 7919 + 13)
    u = r.uniform
    where = place or r.choice(tuple(FIRST_PLACES))
    scene = Scene(
        seed=seed,
        place=where,
        yaw=u(-0.48, 0.48),
        pitch=u(-0.14, 0.14),
        roll=u(-0.12, 0.12),
        body_yaw=u(-0.25, 0.25),
        zoom=u(0.86, 1.02),
        shift=u(-0.2, 0.2),
        gaze_x=u(-0.25, 0.25),
        gaze_y=u(-0.1, 0.1),
        smile=u(0.45, 1),
        mouth_open=u(0.4, 1) if r.random() < 0.45 else 0.0,
        blink=u(0.0, 0.2),
        light="day",
        garment=r.choice(("tee", "sweater", "hoodie", "shirt")),
        colour=r.choice(COLOURS),
        second_colour=r.choice(COLOURS),
        pattern=r.choice(("plain", "plain", "stripes", "dots")),
        hat="",
        hat_colour=r.choice(COLOURS),
        sunglasses=False,
        scarf=False,
        goggles=False,
        things=(),
        arrangement="none",
        person=True,
        poles=False,
    )
    return replace(scene, **(_furnish(where, r) | fixed))


def _furnish(place: str, r: random.Random) -> dict[str, Any]:
    """What is special about a place: its light, clothes, hats, distance and things."""
    u = r.uniform
    if place == "beach":
        return {
            "light": r.choice(("day", "sunset", "day", "morning")),
            "garment": r.choice(("tee", "tank", "tee", "shirt")),
            "sunglasses": r.random() < 0.4,
            "hat": r.choice(("", "", "sunhat")),
        }
    if place == "skiing":
        return {
            "light": r.choice(("day", "day", "sunset")),
            "garment": "puffer",
            "hat": r.choice(("beanie", "helmet", "beanie")),
            "scarf": r.random() < 0.4,
            "poles": True,
            "zoom": u(0.78, 0.86),
            "shift": u(-0.1, 0.1),
            "goggles": r.random() < 0.6,
        }
    if place == "city":
        return {"light": "night", "scarf": r.random() < 0.3, "hat": r.choice(("", "", "", "beanie"))}
    if place == "forest":
        return {
            "light": r.choice(("day", "morning")),
            "hat": r.choice(("", "", "beanie")),
            "scarf": r.random() < 0.2,
        }
    if place == "studio":
        return {"sunglasses": r.random() < 0.15, "hat": r.choice(("", "", "", "", "beanie", "sunhat"))}
    if place == "café":
        zoom = u(0.80, 0.88)
        count = r.choice((0, 1, 1, 2, 2, 3))
        for _ in range(count):
            r.choice(CUP_COLOURS)  # part of the format: one draw per cup, then one colour for all
        colour = r.choice(CUP_COLOURS)
        return {"zoom": zoom, "things": (Thing("cup", colour),) * count, "arrangement": "count"}
    if place == "swimming":
        return {"light": r.choice(("day", "day", "sunset")), "garment": "wetsuit", "zoom": u(0.86, 0.96)}
    if place == "table":
        return _table(r)
    return furnish(place, r)


def _table(r: random.Random) -> dict[str, Any]:
    first, second = r.choice(FIRST_THINGS), r.choice(FIRST_THINGS)
    colour, other = r.sample(THING_COLOURS, 2)
    pair = (Thing(first, colour), Thing(second, other))
    kind = r.choice(("pair", "pair", "count", "person"))
    if kind == "count":
        count = r.choice((1, 2, 3, 4))
        return {"person": False, "things": (Thing(first, colour),) * count, "arrangement": "count"}
    if kind == "person":
        return {"things": pair, "arrangement": "pair", "zoom": r.uniform(0.78, 0.84)}
    return {"person": False, "things": pair, "arrangement": "pair"}


def at_a_table(seed: int) -> Scene:
    """A person behind a table with two things, whatever the seed would have drawn for the table."""
    scene = sample_scene(seed, "table")
    things = scene.things if scene.arrangement == "pair" else (scene.things[0], Thing("cup", "white"))
    return replace(scene, person=True, zoom=0.8, things=things, arrangement="pair")
