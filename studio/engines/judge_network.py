"""The judge's network: a look at the whole picture finds the head, a look at the head tells the person."""

import warnings
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EMBEDDING = 96
FEATURES = 192
HEAD_SIDE = 64
HEAD_DROPOUT = 0.3
"""Share of what is seen of a head that a lesson hides, so that no judge leans on a single trait."""
HEAD_MARGIN = 1.3
"""The head is cut out this much larger than its focus, so that hair is seen too."""

CUTS = ((1.0, 0.0, 0.0), *((size, x, y) for size in (0.9, 1.1) for x in (-0.08, 0.08) for y in (-0.08, 0.08)))
"""How a head is cut out nine times, for what is read of it to be the mean: its size, and how far off, as shares of its radius.

About as far as the finder errs. On unseen people hard pairs are told apart with .94 and .93 instead of .93 and .92; mirrored
heads, as others add, made it worse, since no face here is the same on both sides.
"""

FACE_ATTRIBUTES = frozenset(
    {
        "gender", "age", "skin", "hair colour", "hair style", "eyes", "beard", "freckles", "glasses", "sunglasses",
        "goggles", "hat", "laughing",
    }
)  # fmt: skip
"""Read from the head; all others from the whole picture."""


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016), halving the map."""

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inner, outer, 3, 2, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outer)
        self.second = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outer)
        self.shortcut = nn.Conv2d(inner, outer, 1, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(inner)) + self.shortcut(x))


def _tower(widths: Sequence[int]) -> nn.Sequential:
    stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
    return nn.Sequential(stem, *(Block(a, b) for a, b in zip(widths, widths[1:], strict=False)))


class Gate(nn.Module):
    """Tells pictures of the small world from all others by their texture, at full resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.blocks = nn.Sequential(Block(16, 32), Block(32, 64), Block(64, 96))
        self.read = nn.Linear(2 * 96, 1)

    def forward(self, x: Tensor) -> Tensor:
        top = self.blocks(self.stem(x)).flatten(2)
        found: Tensor = self.read(torch.cat([top.mean(2), top.amax(2)], dim=1))[:, 0]
        return found


class JudgeNetwork(nn.Module):
    """128 px pictures (N, 3, 128, 128) in -1..1 to embedding, features, attribute logits and in-world logit."""

    def __init__(self, labels: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self.labels = {name: tuple(values) for name, values in labels.items()}
        self.picture = _tower((16, 32, 64, 112, FEATURES))
        self.head = _tower((24, 48, 96, 144, FEATURES))
        flat = FEATURES * 16
        self.find = nn.Linear(flat, 3)
        self.gate = Gate()
        self.hide = nn.Dropout(HEAD_DROPOUT)
        self.embed = nn.Linear(flat, EMBEDDING)
        self.picture_attributes, self.head_attributes = _linear(flat, self._count(False)), _linear(flat, self._count(True))

    def _count(self, face: bool) -> int:
        return sum(len(values) for name, values in self.labels.items() if (name in FACE_ATTRIBUTES) == face)

    def look(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map of the whole picture (N, f, 4, 4) and where the head is (N, 3): x, y, radius in -1..1."""
        top = self.picture(F.avg_pool2d(x, 2))
        return top, self.find(top.flatten(1))

    def located(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As `look`, the head's place being the mean of where it is found in the picture and in its mirror."""
        top, found = self.look(x)
        mirrored = self.look(x.flip(3))[1]
        return top, (found + mirrored * mirrored.new_tensor([-1, 1, 1])) / 2

    def forward(self, x: Tensor, focus: Tensor | None = None) -> tuple[Tensor, ...]:
        """Embedding (N, d) of length 1, features (N, f), attribute logits (N, all labels), in-world logit (N,), focus (N, 3).

        `focus` (N, 3) says where heads are; without it the network looks for itself.
        """
        top, found = self.located(x)
        embedding, of_head = self.recognised(x, found if focus is None else focus)
        features = top.mean(dim=(2, 3))
        logits = torch.cat([self.picture_attributes(top.flatten(1)), of_head], dim=1)
        return embedding, features, logits, self.gate(x), found

    def recognised(self, x: Tensor, focus: Tensor) -> tuple[Tensor, Tensor]:
        """What `person` tells of the heads at `focus` (N, 3), as the mean over `CUTS`."""
        embeddings, logits = zip(*(self.person(heads(x, moved(focus, cut))) for cut in CUTS), strict=True)
        return F.normalize(torch.stack(embeddings).mean(0), dim=1), torch.stack(logits).mean(0)

    def person(self, cut: Tensor) -> tuple[Tensor, Tensor]:
        """Embedding (N, d) of length 1 and the logits of `FACE_ATTRIBUTES`, of heads cut out by `heads`."""
        head = self.hide(self.head(cut).flatten(1))
        return F.normalize(self.embed(head), dim=1), self.head_attributes(head)

    def split(self, logits: Tensor) -> dict[str, Tensor]:
        """Attribute logits by attribute name, in the order of `labels`."""
        at = self._count(False)
        by_name = self.split_picture(logits[:, :at]) | self.split_face(logits[:, at:])
        return {name: by_name[name] for name in self.labels}

    def split_picture(self, logits: Tensor) -> dict[str, Tensor]:
        """What is read of the whole picture, by attribute name."""
        return self._split(logits, False)

    def split_face(self, logits: Tensor) -> dict[str, Tensor]:
        """What `person` reads, by attribute name."""
        return self._split(logits, True)

    def _split(self, logits: Tensor, face: bool) -> dict[str, Tensor]:
        names = [name for name in self.labels if (name in FACE_ATTRIBUTES) == face]
        parts = torch.split(logits, [len(self.labels[name]) for name in names], dim=1)
        return dict(zip(names, parts, strict=True))


def _linear(inner: int, outer: int) -> nn.Linear:
    """A layer, also of no outputs, which torch would warn of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        return nn.Linear(inner, outer)


def moved(focus: Tensor, cut: tuple[float, float, float]) -> Tensor:
    """Each focus (N, 3) as one of `CUTS` has it."""
    size, right, down = cut
    radius = focus[:, 2:]
    return torch.cat([focus[:, :1] + right * radius, focus[:, 1:2] + down * radius, size * radius], dim=1)


def heads(x: Tensor, focus: Tensor) -> Tensor:
    """The squares round each focus (N, 3), cut out of pictures (N, 3, S, S) and resized (N, 3, 64, 64)."""
    focus = focus.detach().float()
    radius = focus[:, 2].clamp(0.15, 0.9) * HEAD_MARGIN
    zero = torch.zeros_like(radius)
    moves = torch.stack(
        [
            torch.stack([radius, zero, focus[:, 0].clamp(-1, 1)], dim=1),
            torch.stack([zero, radius, focus[:, 1].clamp(-1, 1)], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(moves, [len(x), 3, HEAD_SIDE, HEAD_SIDE], align_corners=False)
    cut = F.grid_sample(x.float(), grid, padding_mode="border", align_corners=False)
    return cut.contiguous(memory_format=torch.channels_last)
