"""The canvas of a backdrop: a flat picture in linear light that painters lay colours on."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.world.identity import Rgb
from studio.world.light import softened
from studio.world.noise import blend, colour, fractal_noise, mixed
from studio.world.scene import Scene
from studio.world.shapes import smoothstep

SKIES: dict[str, tuple[Rgb, Rgb]] = {
    "day": ((72, 140, 225), (196, 226, 246)),
    "sunset": ((92, 84, 160), (252, 168, 98)),
    "morning": ((140, 178, 224), (252, 222, 186)),
    "night": ((14, 18, 48), (60, 48, 110)),
}

SPECTRUM: tuple[Rgb, ...] = (
    (232, 72, 72), (244, 150, 60), (250, 220, 90), (96, 200, 120), (80, 140, 232), (150, 96, 214),
)  # fmt: skip
"""The bands of a rainbow from the outside in."""


@dataclass(slots=True)
class Canvas:
    """What every painter of a backdrop needs: where it paints, with which luck, under which sky."""

    scene: Scene
    r: random.Random
    size: int
    up: Tensor
    right: Tensor
    horizon: float
    offset: float
    high: Tensor
    low: Tensor
    image: Tensor
    sun_x: float
    sun_y: float

    def paint(self, what: Tensor, share: Tensor) -> None:
        """Lay a colour or picture over the image by `share` (H, W)."""
        self.image = blend(self.image, what, share)

    def clouds(self, amount: float) -> None:
        """White fleece above the horizon."""
        up, right = self.up, self.right
        fleece = smoothstep(0.52, 0.78, fractal_noise(right * 1.6 + self.offset, (up - self.horizon) * 4 + self.offset))
        fleece = fleece * smoothstep(self.horizon + 0.05, self.horizon + 0.4, up)
        self.paint(mixed(colour((255, 250, 245)), self.low, 0.3), fleece * amount * 1.6 * 0.6)

    def sun(self) -> None:
        """A low sun with its glow."""
        distance = torch.sqrt((self.right - self.sun_x) ** 2 + (self.up - self.sun_y) ** 2)
        glow = torch.exp(-distance * 3.2) * 0.5 + smoothstep(0.12, 0.09, distance)
        self.paint(colour((255, 244, 214)) * 1.25, glow.clamp(0, 1))

    def rainbow(self) -> None:
        """Six soft bands over the whole sky, red outside."""
        radius = torch.sqrt(self.right**2 * 0.72 + (self.up - self.horizon + 0.42) ** 2)
        place = (radius - 0.98) / 0.042
        fade = smoothstep(self.horizon - 0.05, self.horizon + 0.25, self.up) * 0.62
        for number, rgb in enumerate(SPECTRUM):
            band = torch.exp(-((place - (len(SPECTRUM) - 1 - number)) ** 2) * 1.1)
            self.paint(colour(rgb) * 1.1, band * fade)

    def away(self, x: float, y: float) -> Tensor:
        """Distance of every place from (x, y)."""
        return torch.sqrt((self.right - x) ** 2 + (self.up - y) ** 2)

    def blur(self, sigma: float) -> None:
        """Blur what is there; `sigma` counts in pixels of a 256 px picture."""
        self.image = softened(self.image, sigma * self.size / 256)
