"""The part of a judge that points: who and what is in a picture, where, and what each of them looks like.

A finder marks the middle of everything it knows (CenterNet; Zhou, Wang and Krähenbühl, "Objects as Points", 2019).
What it found is cut out and read by a tower, each attribute from the places that it attends to (Ilse, Tomczak and
Welling, "Attention-based Deep Multiple Instance Learning", 2018): a hat's colour from the hat, hair's from the hair.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.domain.pointed import PERSON, SKY, Found
from studio.engines.judge_network import Block

CELLS = 32
"""Places across a picture that the finder tells apart."""
RARE = 4.6
"""A middle is expected in one cell of a hundred, so that the first steps are not spent on learning that."""
CERTAIN = 0.35
"""How sure the finder must be that something is there."""
MARKS = (PERSON, "thing", SKY)
"""What the finder tells apart."""
TOWERS = {PERSON: "people", "thing": "things"}
KIND = "kind"
MOST = 24
"""More than this many are never in a picture."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which square round a thing its tower sees: how far below its middle, how wide, as shares of its radius; in pixels."""

    down: float
    reach: float
    side: int


CUTS: Mapping[str, Cut] = {"people": Cut(0.6, 2.1, 64), "things": Cut(0.0, 1.4, 32)}


class Finder(nn.Module):
    """Pictures (N, 3, 128, 128) in -1..1 to the logits (N, kinds, 32, 32) of a middle, and where in its cell and how
    large it is (N, 3, 32, 32): right and down in cells from the cell's middle, and the logarithm of the radius."""

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.quarter, self.eighth, self.sixteenth = Block(16, 32), Block(32, 64), Block(64, 96)
        self.joins = nn.ModuleList([nn.Conv2d(96, 48, 1), nn.Conv2d(64, 48, 1), nn.Conv2d(32, 48, 1)])
        self.smooth = nn.ModuleList([_smooth(48), _smooth(48)])
        self.read = nn.Conv2d(48, kinds + 3, 1)
        self.kinds = kinds

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        quarter = self.quarter(self.stem(x))
        eighth = self.eighth(quarter)
        top = self.joins[0](self.sixteenth(eighth))
        top = self.smooth[0](_twice(top) + self.joins[1](eighth))
        top = self.smooth[1](_twice(top) + self.joins[2](quarter))
        read = self.read(top)
        return read[:, : self.kinds] - RARE, read[:, self.kinds :]


class Tower(nn.Module):
    """What was cut out (N, 3, S, S) to the logits of each attribute."""

    def __init__(self, labels: Mapping[str, Sequence[str]], widths: Sequence[int], out: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        self.blocks = nn.ModuleList(Block(a, b) for a, b in zip(widths, widths[1:], strict=False))
        self.joins = nn.ModuleList([nn.Conv2d(width, out, 1) for width in widths[-2:]])
        self.smooth = _smooth(out)
        self.attend = nn.Conv2d(out, len(labels), 1)
        self.reads = nn.ModuleDict({_key(name): nn.Linear(out, len(values)) for name, values in labels.items()})
        self.names = tuple(labels)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = [self.stem(x)]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        top = self.smooth(self.joins[0](maps[-2]) + _twice(self.joins[1](maps[-1])))
        share = self.attend(top).flatten(2).float().softmax(dim=2)
        seen = torch.einsum("nks,ncs->nkc", share, top.flatten(2).float())
        return {name: self.reads[_key(name)](seen[:, number]) for number, name in enumerate(self.names)}


class ObjectNetwork(nn.Module):
    """Finder and towers. `labels`: tower ("people", "things") to the attributes it reads and their values.

    The finder tells `MARKS` apart; what kind of thing one is, is the first that its tower reads, under `KIND`.
    """

    def __init__(self, labels: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        super().__init__()
        self.labels = {tower: {name: tuple(values) for name, values in read.items()} for tower, read in labels.items()}
        self.finder = Finder(len(MARKS))
        self.people = Tower(self.labels["people"], (24, 48, 80, 80), 64)
        self.things = Tower(self.labels["things"], (16, 32, 64), 48)

    def tower(self, name: str) -> Tower:
        """The one for people or for things."""
        return self.people if name == "people" else self.things

    def find(self, x: Tensor) -> list[list[tuple[str, float, tuple[float, float, float]]]]:
        """Per picture of (N, 3, 128, 128) everything that is there, the surest first: its mark, how surely, and where.

        Of two that lie on top of each other only the surer is kept.
        """
        logits, more = self.finder(x)
        sure = logits.float().sigmoid()
        peaks = sure * (F.max_pool2d(sure, 3, 1, 1) == sure)
        best, places = peaks.flatten(1).topk(MOST, dim=1)
        found = []
        for picture in range(len(x)):
            kept: list[tuple[str, float, tuple[float, float, float]]] = []
            for value, place in zip(best[picture].tolist(), places[picture].tolist(), strict=True):
                if value < CERTAIN:
                    break
                kind, cell = divmod(place, CELLS * CELLS)
                row, column = divmod(cell, CELLS)
                right, down, size = more[picture, :, row, column].float().tolist()
                where = (
                    (column + 0.5 + right) / CELLS * 2 - 1, (row + 0.5 + down) / CELLS * 2 - 1, math.exp(size)
                )  # fmt: skip
                if not any(_same(where, other) for _, _, other in kept):
                    kept.append((MARKS[kind], value, where))
            found.append(kept)
        return found

    @torch.inference_mode()
    def look(self, x: Tensor) -> list[list[Found]]:
        """Per picture of (N, 3, 128, 128) in -1..1 everything that is there, with what it looks like."""
        found = self.find(x)
        read: dict[tuple[int, int], dict[str, str]] = {}
        for tower in CUTS:
            spots = [
                (picture, number, where)
                for picture, some in enumerate(found)
                for number, (kind, _, where) in enumerate(some)
                if TOWERS.get(kind) == tower
            ]
            if not spots:
                continue
            rows, places = torch.tensor([one[0] for one in spots]), torch.tensor([one[2] for one in spots])
            answers = self.tower(tower)(cut_out(x[rows], places, CUTS[tower]))
            for name, logits in answers.items():
                for (picture, number, _), best in zip(spots, logits.argmax(dim=1).tolist(), strict=True):
                    read.setdefault((picture, number), {})[name] = self.labels[tower][name][best]
        return [
            [
                Found(looks.pop(KIND, mark), *where, looks)
                for number, (mark, _, where) in enumerate(some)
                for looks in [read.get((picture, number), {})]
            ]
            for picture, some in enumerate(found)
        ]


def cut_out(x: Tensor, places: Tensor, cut: Cut) -> Tensor:
    """The squares round `places` (N, 3: x, y, radius) of pictures (N, 3, S, S), as (N, 3, cut.side, cut.side)."""
    reach = places[:, 2] * cut.reach
    zero = torch.zeros_like(reach)
    moves = torch.stack(
        [
            torch.stack([reach, zero, places[:, 0]], dim=1),
            torch.stack([zero, reach, places[:, 1] + cut.down * places[:, 2]], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(moves, [len(x), 3, cut.side, cut.side], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def _smooth(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _same(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    apart = math.hypot(one[0] - other[0], one[1] - other[1])
    return apart < 0.5 * min(one[2], other[2])
