"""What a point of a picture is made of; the painter colours by it."""

from enum import IntEnum


class Material(IntEnum):
    """Everything that can be hit by a ray.

    Thing number n with its details is `THING + 10 * n + detail`; everything of a second person lies `SECOND` higher.
    """

    SKIN = 0
    EYE = 1
    LID = 2
    BROW = 3
    HAIR = 4
    CLOTH = 5
    HAT = 6
    FRAME = 7
    LENS = 8
    SCARF = 9
    METAL = 10
    GLOVE = 11
    POLE = 12
    TABLE = 17
    WATER = 18
    POMPOM = 19
    COLLAR = 20
    BEARD = 21
    GOGGLES_FRAME = 22
    GOGGLES_LENS = 23
    MICROPHONE = 24
    THING = 100
    SECOND = 1000
