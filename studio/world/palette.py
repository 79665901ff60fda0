"""The colours of clothes and things as sRGB."""

from studio.world.identity import Rgb

COLOURS: dict[str, Rgb] = {
    "red": (204, 48, 44),
    "blue": (46, 90, 196),
    "green": (48, 140, 82),
    "yellow": (240, 192, 60),
    "orange": (232, 122, 44),
    "purple": (124, 76, 172),
    "pink": (234, 140, 172),
    "white": (236, 234, 230),
    "black": (44, 44, 52),
    "teal": (30, 144, 146),
    "navy": (36, 50, 98),
    "beige": (218, 196, 162),
    "grey": (140, 144, 152),
    "mint": (150, 216, 188),
}
