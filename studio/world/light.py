"""The light of a scene: where the sun or lamp stands, and what the sky and ground add."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from studio.world.noise import vector
from studio.world.scene import Scene


@dataclass(frozen=True, slots=True)
class Lighting:
    """Direction of the key light (unit) and linear colours of key, sky fill, ground bounce and rim."""

    key: Tensor
    key_colour: Tensor
    sky: Tensor
    ground: Tensor
    rim: Tensor


def lighting(scene: Scene) -> Lighting:
    """The light of the scene's place and time of day."""
    key = vector(-0.55, 0.62, 0.72)
    key_colour = vector(1.0, 0.95, 0.86) * 2.1
    sky = vector(0.55, 0.68, 0.9) * 0.55
    ground = vector(0.5, 0.42, 0.34) * 0.35
    rim = vector(0.8, 0.9, 1.0) * 0.8
    if scene.light == "sunset":
        key, key_colour = vector(0.75, 0.32, 0.6), vector(1.25, 0.74, 0.45) * 1.9
        sky, ground, rim = vector(0.62, 0.45, 0.62) * 0.6, vector(0.55, 0.34, 0.28) * 0.35, vector(1.3, 0.6, 0.4)
    elif scene.light == "morning":
        key, key_colour = vector(-0.7, 0.42, 0.65), vector(1.15, 0.92, 0.7) * 1.9
        sky, rim = vector(0.6, 0.66, 0.8) * 0.6, vector(1.0, 0.85, 0.6) * 0.8
    if scene.place == "skiing":
        ground, sky = vector(0.7, 0.8, 0.95) * 0.55, sky * 1.1
    elif scene.place == "city":
        key, key_colour = vector(-0.6, 0.45, 0.75), vector(0.98, 0.76, 0.66) * 1.75
        sky, ground, rim = vector(0.3, 0.28, 0.6) * 0.55, vector(0.6, 0.3, 0.4) * 0.3, vector(0.25, 0.75, 1.0) * 1.4
    elif scene.place == "forest":
        sky, ground, rim = vector(0.5, 0.66, 0.46) * 0.55, vector(0.3, 0.4, 0.2) * 0.4, vector(0.9, 1.0, 0.6) * 0.9
    elif scene.place == "café":
        key, key_colour = vector(-0.6, 0.6, 0.65), vector(1.1, 0.85, 0.62) * 1.85
        sky = vector(0.72, 0.55, 0.42) * 0.5
        ground, rim = vector(0.5, 0.33, 0.22) * 0.4, vector(1.1, 0.75, 0.45) * 0.8
    elif scene.place in ("studio", "table"):
        key_colour = vector(1.0, 0.96, 0.92) * 1.9
        sky, rim = vector(0.66, 0.66, 0.74) * 0.55, vector(1.0, 0.9, 0.95) * 0.9
    elif scene.place == "swimming":
        ground = vector(0.2, 0.6, 0.7) * 0.5
    elif scene.place in PLACED:
        return PLACED[scene.place](Lighting(key / key.norm(), key_colour, sky, ground, rim), scene)
    return Lighting(key / key.norm(), key_colour, sky, ground, rim)


def _indoors(light: Lighting, scene: Scene) -> Lighting:
    """Light through a window by day; warm lamps at night."""
    if scene.light == "night":
        return _lit(vector(-0.5, 0.7, 0.6), vector(1.15, 0.84, 0.58) * 1.75, vector(0.6, 0.46, 0.38) * 0.5,
                    vector(0.46, 0.30, 0.20) * 0.4, vector(0.6, 0.7, 1.1) * 0.7)  # fmt: skip
    if scene.light == "sunset":
        return replace(light, sky=vector(0.66, 0.52, 0.50) * 0.55)
    return _lit(vector(-0.72, 0.5, 0.62), vector(1.05, 0.98, 0.88) * 1.9, vector(0.66, 0.64, 0.62) * 0.55,
                vector(0.5, 0.4, 0.3) * 0.4, vector(1.0, 0.95, 0.85) * 0.8)  # fmt: skip


def _desert(light: Lighting, scene: Scene) -> Lighting:
    ground = vector(0.85, 0.58, 0.34) * 0.5
    if scene.light == "night":
        return _lit(vector(-0.5, 0.6, 0.7), vector(0.70, 0.80, 1.15) * 1.35, vector(0.34, 0.38, 0.70) * 0.6,
                    vector(0.42, 0.34, 0.40) * 0.4, vector(1.2, 0.75, 0.45) * 0.9)  # fmt: skip
    return replace(light, ground=ground, rim=vector(1.2, 0.9, 0.6) * 0.9)


def _meadow(light: Lighting, scene: Scene) -> Lighting:
    return replace(light, ground=vector(0.4, 0.52, 0.26) * 0.42, rim=vector(1.0, 1.0, 0.75) * 0.95)


def _stage(light: Lighting, scene: Scene) -> Lighting:
    """A warm spotlight from the front, coloured beams from behind."""
    rim = STAGE_LIGHTS[scene.seed % len(STAGE_LIGHTS)]
    return _lit(vector(-0.4, 0.52, 0.75), vector(1.1, 0.94, 0.86) * 2.0, vector(0.42, 0.26, 0.55) * 0.5,
                vector(0.32, 0.16, 0.36) * 0.4, vector(*rim) * 1.7)  # fmt: skip


def _lit(key: Tensor, key_colour: Tensor, sky: Tensor, ground: Tensor, rim: Tensor) -> Lighting:
    return Lighting(key / key.norm(), key_colour, sky, ground, rim)


STAGE_LIGHTS: tuple[tuple[float, float, float], ...] = (
    (0.3, 0.6, 1.2), (1.2, 0.3, 0.8), (0.3, 1.1, 0.9), (1.2, 0.6, 0.2)
)  # fmt: skip
PLACED: Mapping[str, Callable[[Lighting, Scene], Lighting]] = {
    "library": _indoors,
    "kitchen": _indoors,
    "train": _indoors,
    "office": _indoors,
    "desert": _desert,
    "garden": _meadow,
    "mountains": _meadow,
    "concert": _stage,
}
"""How the light of the hour changes at the places added to the first world."""


def develop(light: Tensor) -> Tensor:
    """Linear light (..., 3) to display values in 0..1 (filmic curve after Narkowicz 2015, gamma 2.2)."""
    c = light * 1.02
    c = (c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14)
    c = c.clamp(0, 1) ** (1 / 2.2)
    grey = c.mean(-1, keepdim=True)
    return (grey + (c - grey) * 1.03).clamp(0, 1)


def softened(image: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of an image (H, W, 3): the depth of field of a backdrop."""
    if sigma < 0.3:
        return image
    reach = int(sigma * 2.5 + 1)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = kernel / kernel.sum()
    x = image.permute(2, 0, 1)[:, None]
    x = torch.nn.functional.pad(x, (reach, reach, reach, reach), mode="replicate")
    x = torch.nn.functional.conv2d(x, kernel.view(1, 1, 1, -1))
    x = torch.nn.functional.conv2d(x, kernel.view(1, 1, -1, 1))
    return x[:, 0].permute(1, 2, 0)
