"""The judge's network: one small CNN with an identity embedding, attribute read-outs and an in-world read-out."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IDENTITY_MAPS = 6
ATTRIBUTE_MAPS = 4
EMBEDDING = 96
FEATURES = 192


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016)."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outer)
        self.second = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outer)
        self.shortcut = nn.Conv2d(inner, outer, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(inner)) + self.shortcut(x))


class MapPooling(nn.Module):
    """Learned soft masks over places of a map; each mask pools the map once, so a face is found wherever it is."""

    def __init__(self, channels: int, maps: int) -> None:
        super().__init__()
        self.masks = nn.Conv2d(channels, maps, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.masks(x).flatten(2).softmax(dim=-1)
        return torch.einsum("bqp,bcp->bqc", weights, x.flatten(2)).flatten(1)


class JudgeNetwork(nn.Module):
    """128 px pictures (N, 3, 128, 128) in -1..1 to embedding, features, attribute logits and in-world logit."""

    def __init__(self, labels: Mapping[str, Sequence[str]], traits: int) -> None:
        super().__init__()
        self.labels = {name: tuple(values) for name, values in labels.items()}
        self.stem = nn.Sequential(nn.Conv2d(3, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU())
        self.lower = nn.Sequential(Block(24, 48, 2), Block(48, 80, 2), Block(80, 128, 1))
        self.upper = Block(128, FEATURES, 2)
        self.identity_pool = MapPooling(128, IDENTITY_MAPS)
        self.embed = nn.Linear(IDENTITY_MAPS * 128, EMBEDDING)
        self.traits = nn.Linear(EMBEDDING, traits)
        self.attribute_pool = MapPooling(FEATURES, ATTRIBUTE_MAPS)
        pooled = (ATTRIBUTE_MAPS + 1) * FEATURES
        self.attributes = nn.Linear(pooled, sum(len(values) for values in self.labels.values()))
        self.world = nn.Linear(FEATURES, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Embedding (N, d) of length 1, features (N, f), attribute logits (N, all labels), in-world logit (N,)."""
        middle = self.lower(self.stem(x))
        top = self.upper(middle)
        features = top.mean(dim=(2, 3))
        embedding = F.normalize(self.embed(self.identity_pool(middle)), dim=1)
        logits = self.attributes(torch.cat([self.attribute_pool(top), features], dim=1))
        return embedding, features, logits, self.world(features)[:, 0]

    def split(self, logits: Tensor) -> dict[str, Tensor]:
        """Attribute logits by attribute name."""
        sizes = [len(values) for values in self.labels.values()]
        return dict(zip(self.labels, torch.split(logits, sizes, dim=1), strict=True))
