"""The judge: who is in a picture of the small world, what they wear, and whether the picture is of that world at all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from studio.domain.errors import BadInput, MissingWeights
from studio.domain.pointed import OTHER, PERSON, Found, told_of
from studio.engines.judge_network import EMBEDDING, JudgeNetwork
from studio.engines.judge_objects import ObjectNetwork

SIDE = 128
BATCH = 64
WEIGHTS = "judge.safetensors"
OBJECTS = "objects.safetensors"
"""Of a judge that can point at things too."""
CARD = "card.json"
OFFERED_FROM = 0.97
"""Held-out accuracy from which an attribute, or one value of it, is reported; below it reads "not measured"."""
FEWEST_PICTURES = 50
"""Held-out pictures that such an accuracy of what is pointed at must rest on."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at N pictures tells; each field is what the method of `Judge` with that name says."""

    embed: Floats
    in_world: NDArray[np.bool_]
    attributes: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge network with its card. It knows rendered people only and recognises no real face."""

    network: JudgeNetwork
    card: dict[str, Any]
    device: torch.device
    centre: Tensor
    whitening: Tensor
    objects: ObjectNetwork | None = None

    def see(self, pixels: Pixels) -> Seen:
        """Everything at once: the network looks at each picture a single time."""
        embeddings, features, logits, world = self._read(pixels)
        return Seen(embeddings, self._known(features, world), self._labelled(logits) | self._pointed(pixels))

    def embed(self, pixels: Pixels) -> Floats:
        """Identity embeddings (N, d), each of length 1; their dot product is the likeness of two pictures."""
        return self._read(pixels)[0]

    def features(self, pixels: Pixels) -> Floats:
        """Pooled features (N, f) for distances between sets of pictures."""
        return self._read(pixels)[1]

    def attributes(self, pixels: Pixels) -> dict[str, list[str]]:
        """Per offered attribute the label of each picture; see `offered`."""
        return self._labelled(self._read(pixels)[2]) | self._pointed(pixels)

    def faces(self, pixels: Pixels) -> list[Floats]:
        """Identity embeddings (k, d) of everybody whom the judge points at in each picture, k of them."""
        everybody = []
        for picture, some in zip(pixels, self.point(pixels), strict=True):
            where = [(one.x, one.y, one.radius) for one in some if one.kind == PERSON]
            everybody.append(self._recognised(picture, torch.tensor(where, device=self.device).view(-1, 3)))
        return everybody

    def point(self, pixels: Pixels) -> list[list[Found]]:
        """Everybody and everything in each picture, the surest first; nothing from a judge that cannot point.

        Raises `BadInput` as `batches` does.
        """
        if self.objects is None:
            return [[] for _ in pixels]
        return [found for batch in batches(pixels) for found in self.objects.look(batch.to(self.device))]

    @property
    def table(self) -> dict[str, dict[str, Any]]:
        """Attribute to its entry in the card (labels, accuracy on held-out renders), from whichever way of looking is surer."""
        whole, pointed = self.card["attributes"], self._of_objects
        return {name: (pointed if self._points_for(name) else whole)[name] for name in {**whole, **pointed}}

    @property
    def offered(self) -> dict[str, tuple[str, ...]]:
        """What is read surely enough to be reported: attribute to its labels.

        Of an attribute that is pointed at and as a whole stays below `OFFERED_FROM`, those values are offered that are
        seen, and not seen, as surely as that (`sure` in the card). All else that is pointed at reads `OTHER`.
        """
        found: dict[str, tuple[str, ...]] = {}
        for name, entry in self.table.items():
            if self._points_for(name):
                labels = entry["labels"] if _is_sure(entry) else entry["sure"]
                found |= {name: (*labels, OTHER)} if labels else {}
            elif _is_sure(entry) and name in self.network.labels:
                found[name] = tuple(entry["labels"])
        return found

    @property
    def _of_objects(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.card["objects"]["attributes"] if self.objects is not None else {}
        return found

    def _points_for(self, name: str) -> bool:
        """Whether this attribute is read from what is pointed at, which it is where that is surer than what is kept of the
        whole picture."""
        ways = [way[name] for way in (self.card["attributes"], self._of_objects) if name in way]
        surest = max(
            ways,
            key=lambda entry: (entry.get("kept", True), _is_sure(entry), bool(entry.get("sure")), entry["accuracy"]),
        )
        return surest is self._of_objects.get(name)

    def in_world(self, pixels: Pixels) -> NDArray[np.bool_]:
        """Whether each picture looks like one of this small world; elsewhere scores mean nothing."""
        _, features, _, world = self._read(pixels)
        return self._known(features, world)

    def distance(self, features: Floats) -> Floats:
        """Mahalanobis distance (N,) of pooled features from those of held-out renders (Lee et al. 2018)."""
        shifted = torch.from_numpy(features) - self.centre
        distance: Floats = (shifted @ self.whitening).norm(dim=1).numpy()
        return distance

    @torch.inference_mode()
    def _recognised(self, picture: Pixels, focus: Tensor) -> Floats:
        """Embeddings (k, d) of the heads at `focus` (k, 3) of one picture."""
        if not len(focus):
            return np.zeros((0, EMBEDDING), np.float32)
        (x,) = batches(picture[None])
        found: Floats = self.network.recognised(x.to(self.device).expand(len(focus), -1, -1, -1), focus)[0].float().cpu().numpy()
        return found

    def _known(self, features: Floats, world: Floats) -> NDArray[np.bool_]:
        bounds = self.card["in_world"]
        found: NDArray[np.bool_] = (self.distance(features) <= bounds["distance"]) & (world >= bounds["logit"])
        return found

    def _labelled(self, logits: Floats) -> dict[str, list[str]]:
        by_name = self.network.split(torch.from_numpy(logits))
        offered = self.offered
        return {
            name: [labels[best] for best in by_name[name].argmax(dim=1).tolist()]
            for name, labels in self.network.labels.items()
            if name in offered and not self._points_for(name)
        }

    def _pointed(self, pixels: Pixels) -> dict[str, list[str]]:
        """What is offered of the things that are pointed at."""
        asked = {name: labels for name, labels in self.offered.items() if self._points_for(name)}
        if not asked:
            return {}
        told = [told_of(found) for found in self.point(pixels)]
        return {
            name: [value if (value := one.get(name, OTHER)) in labels else OTHER for one in told]
            for name, labels in asked.items()
        }

    def _read(self, pixels: Pixels) -> tuple[Floats, Floats, Floats, Floats]:
        parts = []
        with torch.inference_mode():
            for batch in batches(pixels):
                outputs = self.network(batch.to(self.device))[:4]
                parts.append(tuple(output.float().cpu() for output in outputs))
        embedding, features, logits, world = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
        return embedding, features, logits, world


def _is_sure(entry: dict[str, Any]) -> bool:
    return bool(entry["accuracy"] >= OFFERED_FROM and entry["pictures"] >= FEWEST_PICTURES)


def load_judge(folder: Path, device: torch.device | str = "cpu") -> Judge:
    """The judge in `folder`. Raises `MissingWeights` when its files are absent or do not fit together."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_text("utf-8"))
        tensors = load_file(folder / WEIGHTS)
        labels = {name: entry["labels"] for name, entry in card["attributes"].items() if entry.get("kept", True)}
        network = JudgeNetwork(labels)
        centre, whitening = tensors.pop("world_centre").float(), tensors.pop("world_whitening").float()
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
        objects = _load_objects(folder, card) if "objects" in card else None
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise MissingWeights(
            f"The judge in {folder} is incomplete or damaged ({error}).",
            "Restore assets/judges from the project, or train it again with `python -m studio base train judge`.",
        ) from error
    place = torch.device(device)
    return Judge(network.eval().to(place), card, place, centre, whitening, objects.to(place) if objects else None)


def _load_objects(folder: Path, card: dict[str, Any]) -> ObjectNetwork:
    network = ObjectNetwork(card["objects"]["looks"])
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(folder / OBJECTS).items()})
    return network.eval()


def batches(pixels: Pixels) -> Iterator[Tensor]:
    """Pictures as (n, 3, 128, 128) in -1..1, resized where they have another size.

    Raises `BadInput` for anything but a non-empty uint8 array (N, H, W, 3).
    """
    if pixels.ndim != 4 or pixels.shape[-1] != 3 or pixels.dtype != np.uint8 or not len(pixels):
        raise BadInput(
            f"The judge was given {pixels.dtype} pixels of shape {pixels.shape}.",
            "It takes at least one picture as uint8 of shape (N, height, width, 3).",
        )
    for start in range(0, len(pixels), BATCH):
        part = pixels[start : start + BATCH]
        if part.shape[1:3] != (SIDE, SIDE):
            part = np.stack([resized(picture) for picture in part])
        yield as_input(part)


def as_input(pixels: Pixels) -> Tensor:
    """Pixels (N, H, W, 3) as networks take them: (N, 3, H, W) in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def resized(picture: Pixels, side: int = SIDE) -> Pixels:
    """The central square of a picture (H, W, 3) with `side` pixels across, by default the judge's."""
    height, width = picture.shape[:2]
    shorter = min(height, width)
    if height == width == side:
        return picture
    top, left = (height - shorter) // 2, (width - shorter) // 2
    square = Image.fromarray(picture[top : top + shorter, left : left + shorter])
    whole = shorter % side == 0
    return np.asarray(square.resize((side, side), Image.Resampling.BOX if whole else Image.Resampling.LANCZOS))
