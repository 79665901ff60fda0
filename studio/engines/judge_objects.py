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
APART = 0.3
"""Of two of a mark whose middles are closer than this share of the smaller radius, only the surer is there."""
MOST_FOUND = 24
"""More than this many are never in a picture."""
THING = "thing"
MARKS = (PERSON, THING, SKY)
"""What the finder tells apart."""
TOWERS = {PERSON: "people", THING: "things"}
"""Which tower reads what has a mark; a rainbow in the sky has nothing to read."""
KIND = "kind"
"""The attribute by which the tower for things says what one is."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which square round a thing its tower sees: how far below its middle, how far each way, as shares of its radius;
    and how many pixels that becomes."""

    down: float
    reach: float
    side: int


WINDOWS: Mapping[str, Window] = {"people": Window(0.6, 2.1, 64), "things": Window(0.0, 1.4, 32)}


@dataclass(frozen=True, slots=True)
class Spot:
    """One mark of the finder: whose, how surely, and where (x, y, radius in -1..1 of the picture)."""

    mark: str
    sure: float
    place: tuple[float, float, float]

    def repeats(self, other: "Spot") -> bool:
        """Whether both are the same thing, found twice."""
        away = math.dist(self.place[:2], other.place[:2])
        return self.mark == other.mark and away < APART * min(self.place[2], other.place[2])


class Finder(nn.Module):
    """Pictures (N, 3, 128, 128) in -1..1 to the logits (N, marks, 32, 32) of a middle, and where in its cell and how
    large it is (N, 3, 32, 32): right and down in cells from the cell's middle, and the logarithm of the radius."""

    def __init__(self, marks: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.quarter, self.eighth, self.sixteenth = Block(16, 32), Block(32, 64), Block(64, 96)
        self.joins = nn.ModuleList([nn.Conv2d(96, 48, 1), nn.Conv2d(64, 48, 1), nn.Conv2d(32, 48, 1)])
        self.smooth = nn.ModuleList([_smooth(48), _smooth(48)])
        self.read = nn.Conv2d(48, marks + 3, 1)
        self.marks = marks

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        quarter = self.quarter(self.stem(x))
        eighth = self.eighth(quarter)
        top = self.joins[0](self.sixteenth(eighth))
        top = self.smooth[0](_twice(top) + self.joins[1](eighth))
        top = self.smooth[1](_twice(top) + self.joins[2](quarter))
        read = self.read(top)
        return read[:, : self.marks] - RARE, read[:, self.marks :]


class Tower(nn.Module):
    """What was cut out (N, 3, S, S) in -1..1 to the logits (N, values) of each attribute."""

    def __init__(self, labels: Mapping[str, Sequence[str]], widths: Sequence[int], out: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        self.blocks = nn.ModuleList(Block(a, b) for a, b in zip(widths, widths[1:], strict=False))
        self.joins = nn.ModuleList([nn.Conv2d(width, out, 1) for width in widths[-2:]])
        self.smooth = _smooth(out)
        self.attend = nn.Conv2d(out, len(labels), 1)
        self.reads = nn.ModuleDict({name: nn.Linear(out, len(values)) for name, values in labels.items()})

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = [self.stem(x)]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        top = self.smooth(self.joins[0](maps[-2]) + _twice(self.joins[1](maps[-1])))
        share = self.attend(top).flatten(2).float().softmax(dim=2)
        seen = torch.einsum("nks,ncs->nkc", share, top.flatten(2).float())
        return {name: layer(seen[:, number]) for number, (name, layer) in enumerate(self.reads.items())}


class ObjectNetwork(nn.Module):
    """Finder and towers. `labels`: tower ("people", "things") to the attributes it reads and their values.

    The finder tells `MARKS` apart; what kind of thing one is, its tower reads as `KIND`.
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

    @torch.inference_mode()
    def find(self, x: Tensor) -> list[list[Spot]]:
        """Per picture of (N, 3, 128, 128) in -1..1 everything that is there, the surest first."""
        logits, more = self.finder(x)
        sure = logits.float().sigmoid()
        peaks = sure * (F.max_pool2d(sure, 3, 1, 1) == sure)
        best, cells = peaks.flatten(1).topk(MOST_FOUND, dim=1)
        found = []
        for picture in range(len(x)):
            kept: list[Spot] = []
            for value, place in zip(best[picture].tolist(), cells[picture].tolist(), strict=True):
                mark, cell = divmod(place, CELLS * CELLS)
                row, column = divmod(cell, CELLS)
                right, down, size = more[picture, :, row, column].float().tolist()
                where = (_middle(column, right), _middle(row, down), math.exp(size))
                spot = Spot(MARKS[mark], value, where)
                if value >= CERTAIN and not any(spot.repeats(other) for other in kept):
                    kept.append(spot)
            found.append(kept)
        return found

    @torch.inference_mode()
    def look(self, x: Tensor) -> list[list[Found]]:
        """Per picture of (N, 3, 128, 128) in -1..1 everything that is there, the surest first, with what it looks like."""
        spots = [(picture, spot) for picture, some in enumerate(self.find(x)) for spot in some]
        looks: list[dict[str, str]] = [{} for _ in spots]
        for tower, window in WINDOWS.items():
            its = [number for number, (_, spot) in enumerate(spots) if TOWERS.get(spot.mark) == tower]
            if not its:
                continue
            rows = torch.tensor([spots[number][0] for number in its], device=x.device)
            places = torch.tensor([spots[number][1].place for number in its], device=x.device)
            for name, logits in self.tower(tower)(cut_out(x[rows], places, window)).items():
                for number, best in zip(its, logits.argmax(dim=1).tolist(), strict=True):
                    looks[number][name] = self.labels[tower][name][best]
        found: list[list[Found]] = [[] for _ in x]
        for (picture, spot), look in zip(spots, looks, strict=True):
            kind = look.pop(KIND, spot.mark)
            found[picture].append(Found(kind, *spot.place, look))
        return found


def cut_out(x: Tensor, places: Tensor, window: Window) -> Tensor:
    """The squares round `places` (N, 3: x, y, radius) of pictures (N, 3, S, S), as (N, 3, window.side, window.side)."""
    reach = places[:, 2] * window.reach
    zero = torch.zeros_like(reach)
    moves = torch.stack(
        [
            torch.stack([reach, zero, places[:, 0]], dim=1),
            torch.stack([zero, reach, places[:, 1] + window.down * places[:, 2]], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(moves, [len(x), 3, window.side, window.side], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def _smooth(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def _middle(cell: int, off: float) -> float:
    """A place in -1..1 from the number of its cell and how far off that cell's middle it is."""
    return (cell + 0.5 + off) / CELLS * 2 - 1
