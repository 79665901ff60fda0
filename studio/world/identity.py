"""Invented adults: everything that stays the same about a person over all pictures, drawn from one seed."""

import itertools
import random
from dataclasses import dataclass, replace
from typing import Literal

from studio.domain.vocabulary import EYE_COLOURS, SKIN_TONES

Gender = Literal["woman", "man"]
Beard = Literal["none", "short", "full", "stubble"]
Rgb = tuple[float, float, float]

SKIN: dict[str, Rgb] = {
    "fair": (224, 184, 163),
    "light": (214, 168, 141),
    "tan": (198, 148, 114),
    "olive": (190, 146, 112),
    "brown": (146, 100, 74),
    "dark brown": (98, 66, 52),
}
HAIR: dict[str, Rgb] = {
    "black": (26, 23, 26),
    "dark brown": (58, 38, 28),
    "brown": (98, 64, 40),
    "auburn": (118, 52, 32),
    "red": (140, 58, 31),
    "blonde": (192, 152, 98),
    "grey": (104, 103, 106),
    "silver": (166, 166, 172),
    "pink": (206, 116, 148),
    "blue": (54, 86, 160),
    "teal": (34, 116, 120),
    "purple": (106, 68, 140),
}
EYES: dict[str, Rgb] = {
    "brown": (92, 56, 30),
    "green": (74, 124, 74),
    "blue": (70, 120, 184),
    "hazel": (140, 104, 52),
    "grey": (116, 130, 144),
    "amber": (176, 118, 36),
}
SHADE = 0.05
"""How far skin differs at most from its tone, as a share of each colour."""
DYED = ("pink", "blue", "teal", "purple")
DARK_HAIR = ("black", "black", "dark brown", "dark brown", "brown", "auburn", "blonde")
ANY_HAIR = (
    "black", "dark brown", "brown", "auburn", "red", "blonde", "black", "dark brown", "brown", "blonde", "red",
)  # fmt: skip
WOMENS_STYLES = (
    "bob", "long", "bun", "curly", "ponytail", "wavy", "short", "long", "wavy", "bob", "long or wavy",
)  # fmt: skip
MENS_STYLES = (
    "short", "quiff", "buzz", "curly", "short", "quiff", "wavy", "bun", "short", "quiff", "buzz",
)  # fmt: skip
BEARDS: tuple[Beard, ...] = ("none", "none", "none", "short", "full", "stubble", "stubble")
LOOK_ALIKES = 100_000_000
"""Seeds from here on are look-alikes: `k * LOOK_ALIKES + s` is the k-th of the person with seed `s`."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One adult. Lengths are in head units (the half height of the skull is about 1), angles in radians."""

    seed: int
    gender: Gender
    age: Literal["adult", "older"]
    skin: str
    hair: str
    eyes: str
    hair_style: str
    fringe: str
    parting: int
    head_width: float
    jaw_width: float
    jaw_y: float
    chin: float
    cheek: float
    eye_spacing: float
    eye_y: float
    eye_radius: float
    eye_tilt: float
    nose_width: float
    nose_height: float
    nose_length: float
    nose_y: float
    mouth_width: float
    mouth_y: float
    lip: float
    lip_red: float
    brow_thickness: float
    brow_arch: float
    brow_tilt: float
    brow_y: float
    ear: float
    freckles: float
    blush: float
    lash: float
    beard: Beard
    glasses: bool
    earring: str
    skin_shift: tuple[float, float, float]
    mole: tuple[float, float] | None
    wrinkles: float
    neck: float
    shoulders: float
    hair_volume: float


TRAITS: dict[str, tuple[float, float]] = {
    "head_width": (0.78, 0.89),
    "jaw_width": (0.50, 0.70),
    "chin": (0.47, 0.60),
    "cheek": (0.13, 0.19),
    "eye_spacing": (0.325, 0.365),
    "eye_y": (-0.01, 0.07),
    "eye_radius": (0.122, 0.156),
    "eye_tilt": (-0.20, 0.03),
    "nose_width": (0.088, 0.145),
    "nose_length": (0.11, 0.21),
    "nose_y": (-0.40, -0.31),
    "mouth_width": (0.235, 0.30),
    "mouth_y": (-0.74, -0.66),
    "lip": (0.026, 0.066),
    "lip_red": (0.25, 0.9),
    "brow_thickness": (0.018, 0.044),
    "brow_y": (0.20, 0.255),
    "freckles": (0.0, 0.9),
    "blush": (0.03, 0.3),
    "wrinkles": (0.16, 1.0),
    "neck": (0.28, 0.40),
    "shoulders": (1.22, 1.66),
    "hair_volume": (0.85, 1.08),
    "parting": (-1.0, 1.0),
}
"""Measurable features with their range over all identities."""
FRINGES = ("middle", "side", "bangs", "back")
TRAIT_NAMES = (*TRAITS, *(f"fringe {fringe}" for fringe in FRINGES), "earring", "mole", "redder", "greener", "bluer")
"""What `traits` gives: everything about a face that captions keep silent about, and a few things that they name."""


def traits(identity: Identity) -> tuple[float, ...]:
    """The features of `TRAIT_NAMES`, each in -1..1: what a judge can learn to see."""
    scaled = []
    for name, (low, high) in TRAITS.items():
        scaled.append((float(getattr(identity, name)) - low) / (high - low) * 2 - 1)
    marks = (*(identity.fringe == fringe for fringe in FRINGES), identity.earring != "", identity.mole is not None)
    shades = (shift / SHADE for shift in identity.skin_shift)
    return (*scaled, *(1.0 if there else -1.0 for there in marks), *shades)


def sample_identity(seed: int) -> Identity:
    """The adult with this seed, the same one on every machine; `_drawn` says what versions share.

    Seeds from `LOOK_ALIKES` on are people whom words cannot tell from another: they share all that a caption says and
    have a face of their own.
    """
    number, origin = divmod(seed, LOOK_ALIKES)
    return look_alike(_drawn(origin), number) if number else _drawn(seed)


def look_alike(person: Identity, number: int) -> Identity:
    """The `number`-th adult, from 1 on, of whom every caption of `person` is true as well."""
    seed = number * LOOK_ALIKES + person.seed
    other = next(face for n in itertools.count() if (face := _drawn(seed + n * 7_000_003)).gender == person.gender)
    return replace(
        other, seed=seed, age=person.age, skin=person.skin, hair=person.hair, eyes=person.eyes,
        hair_style=person.hair_style, beard=person.beard, glasses=person.glasses,
        freckles=(other.freckles or person.freckles) if person.freckles else 0.0,
        wrinkles=other.wrinkles if other.age == person.age else person.wrinkles,
    )  # fmt: skip


def _drawn(seed: int) -> Identity:
    """The order of the draws is part of the format: what words say of a seed's person is the same in every version.

    The lengths are not: those of the first version read as children now and then. The shipped judges learned on that one.
    """
    r = random.Random(seed)
    u = r.uniform
    gender: Gender = "woman" if r.choice(("woman", "man")) == "woman" else "man"
    woman = gender == "woman"
    age: Literal["adult", "older"] = "older" if r.random() < 0.15 else "adult"
    skin = r.choice(SKIN_TONES)
    dark = skin in ("brown", "dark brown")
    hair = _hair_colour(r, age, dark)
    eyes = r.choice(("brown", "brown", "hazel", "amber", "brown", "green") if dark else EYE_COLOURS)
    style = r.choice(WOMENS_STYLES if woman else MENS_STYLES)
    if style == "long or wavy":
        style = "wavy" if seed % 2 else "long"
    fringe = r.choice(("middle", "side", "bangs", "side", "back") if woman else ("side", "side", "back"))
    parting = r.choice((-1, 1))
    drawn: dict[str, float] = {
        "head_width": u(0.78, 0.86) if woman else u(0.80, 0.89),
        "jaw_width": u(0.50, 0.60) if woman else u(0.58, 0.70),
        "jaw_y": u(-0.62, -0.52) if woman else u(-0.66, -0.55),
        "chin": u(0.47, 0.55) if woman else u(0.50, 0.60),
        "cheek": u(0.13, 0.19),
        "eye_spacing": u(0.325, 0.365),
        "eye_y": u(-0.01, 0.07),
        "eye_radius": u(0.132, 0.156) if woman else u(0.122, 0.144),
        "eye_tilt": u(-0.20, 0.03),
        "nose_width": u(0.088, 0.125) if woman else u(0.102, 0.145),
        "nose_height": u(0.06, 0.09),
        "nose_length": u(0.11, 0.18) if woman else u(0.13, 0.21),
        "nose_y": u(-0.40, -0.31),
        "mouth_width": u(0.235, 0.30),
        "mouth_y": u(-0.74, -0.66),
        "lip": u(0.036, 0.066) if woman else u(0.026, 0.048),
        "lip_red": u(0.25, 0.9),
        "brow_thickness": u(0.018, 0.030) if woman else u(0.028, 0.044),
        "brow_arch": u(0.02, 0.07) if woman else u(0.012, 0.04),
        "brow_tilt": u(-0.03, 0.03),
        "brow_y": u(0.20, 0.255),
        "ear": u(0.15, 0.20),
        "freckles": u(0.4, 0.9) if r.random() < 0.25 and not dark else 0.0,
        "blush": u(0.08, 0.3) if woman else u(0.03, 0.18),
        "lash": u(0.4, 0.9) if woman else u(0.02, 0.15),
    }
    glasses = r.random() < 0.2
    earring = r.choice(("gold", "silver")) if r.random() < (0.45 if woman else 0.06) else ""
    skin_shift = (u(-SHADE, SHADE), u(-SHADE, SHADE), u(-SHADE, SHADE))
    mole = (u(0.2, 0.45) * r.choice((-1, 1)), u(-0.55, -0.2)) if r.random() < 0.2 else None
    wrinkles = u(0.6, 1.0) if age == "older" else u(0.16, 0.36)
    neck = u(0.28, 0.32) if woman else u(0.35, 0.40)
    shoulders = u(1.22, 1.36) if woman else u(1.46, 1.66)
    hair_volume = u(0.85, 1.08)
    beard: Beard = "none" if woman else r.choice(BEARDS)
    return Identity(
        seed=seed, gender=gender, age=age, skin=skin, hair=hair, eyes=eyes, hair_style=style, fringe=fringe,
        parting=parting, glasses=glasses, earring=earring, skin_shift=skin_shift, mole=mole, wrinkles=wrinkles,
        neck=neck, shoulders=shoulders, hair_volume=hair_volume, beard=beard, **drawn,
    )  # fmt: skip


def _hair_colour(r: random.Random, age: str, dark: bool) -> str:
    q = r.random()
    if age == "older" and q < 0.75:
        hair = r.choice(("silver", "grey"))
    elif q < 0.10 or (age == "adult" and q > 0.99):
        hair = r.choice(DYED)
    else:
        hair = r.choice(DARK_HAIR if dark else ANY_HAIR)
    if age == "adult" and r.random() < 0.02:
        hair = "silver"
    return hair
