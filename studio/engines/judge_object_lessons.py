"""Teaches the pointing part of a judge on renders that say where everybody and everything is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.domain.errors import BadInput
from studio.domain.events import Phase, Report
from studio.engines.device import bf16_arithmetic
from studio.engines.judge import Floats, Pixels
from studio.engines.judge_objects import CELLS, MARKS, TOWERS, WINDOWS, ObjectNetwork, Window, cut_out
from studio.engines.judge_training import Lesson, attribute_loss, take_steps
from studio.engines.judge_views import exposed, some_softened
from studio.engines.muon import split_parameters

LIGHT = 0.25
"""Strength of changed light: colours are what is taught."""
SHARES = (0.24, 0.5, 0.26)
"""Of a lesson's steps: for finding, for people, for things."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Pictures (N, 128, 128, 3), the first of them softened too, and the M that are seen in them, picture by picture.

    `owners` (M,): whose picture, ascending; `marks` (M,): indices into `MARKS`; `places` (M, 3): x, y, radius in -1..1;
    `labels`: tower to attribute to (M,) indices into its values, `ABSENT` where it does not apply; `truths`: what is so of
    each picture, as `world.truth.attributes` names it; `scenes` (N,): the seed of what each shows; `people`: the identity
    seeds of everybody in each.
    """

    pixels: Pixels
    softened: Pixels
    owners: NDArray[np.int64]
    marks: NDArray[np.int64]
    places: Floats
    labels: Mapping[str, Mapping[str, NDArray[np.int64]]]
    truths: Sequence[Mapping[str, str]]
    scenes: NDArray[np.int64]
    people: Sequence[Sequence[int]]


def train_objects(
    truth: Objects, looks: Mapping[str, Mapping[str, Sequence[str]]], lesson: Lesson, report: Report,
    start: ObjectNetwork | None = None,
) -> ObjectNetwork:  # fmt: skip
    """A network that points at things and reads `looks` (see `ObjectNetwork`) of each; a lesson's steps are shared out by `SHARES`.

    It goes on from a copy of `start`, if there is one. Raises `BadInput` where that reads other looks, or lessons lack people or things.
    """
    for who, marks in {tower: [MARKS.index(mark) for mark in TOWERS if TOWERS[mark] == tower] for tower in WINDOWS}.items():
        if not np.isin(truth.marks, marks).any():
            raise BadInput(f"There are no {who} in these lessons.", "Add pictures of both people and things.")
    torch.manual_seed(lesson.seed)
    network = ObjectNetwork(looks)
    if start is not None:
        try:
            network.load_state_dict(start.state_dict())
        except RuntimeError as error:
            raise BadInput("The judge that points reads other looks than these lessons teach.", "Start from one that does not point.") from error
    finding, people, things = (replace(lesson, steps=round(lesson.steps * share)) for share in SHARES)
    report(Phase(title="Teaching it to point"))
    train_finder(network, truth, finding, report)
    report(Phase(title="Teaching it what people look like"))
    train_tower("people", network, truth, people, report)
    report(Phase(title="Teaching it what things look like"))
    train_tower("things", network, truth, things, report)
    return network


def train_finder(network: ObjectNetwork, truth: Objects, lesson: Lesson, report: Report) -> None:
    """Teach where things are: focal loss on their middles, smooth L1 on place and size (Zhou et al. 2019, eq. 1 to 3)."""
    starts = np.searchsorted(truth.owners, np.arange(len(truth.pixels) + 1))
    torch.manual_seed(lesson.seed)
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    matrices, rest = split_parameters(network.finder, ("stem", "read"))

    def loss(luck: np.random.Generator) -> Tensor:
        some = luck.choice(truth.owners, lesson.batch_size)  # crowded pictures come more often
        here = [np.arange(starts[row], starts[row + 1]) for row in some]
        which = torch.from_numpy(np.repeat(np.arange(len(some)), [len(rows) for rows in here]))
        rows = np.concatenate(here)
        x = exposed(some_softened(truth.pixels, truth.softened, some, luck), LIGHT)
        x, places = shifted(x, which, torch.from_numpy(truth.places[rows]), luck)
        marks = torch.from_numpy(truth.marks[rows])
        inside = (places[:, :2].abs() < 0.98).all(dim=1)
        with bf16_arithmetic(torch.device("cpu")):
            logits, more = network.finder(x)
        return middle_loss(logits.float(), which[inside], marks[inside], places[inside]) + where_loss(
            more.float(), which[inside], places[inside]
        )

    take_steps(matrices, rest, lesson, loss, report)
    network.eval()


def train_tower(name: str, network: ObjectNetwork, truth: Objects, lesson: Lesson, report: Report) -> None:
    """Teach what those that were found look like; `name`: of people or of things."""
    rows = np.flatnonzero([TOWERS.get(MARKS[mark]) == name for mark in truth.marks])
    alike = np.bincount(truth.owners[rows], minlength=len(truth.pixels))[truth.owners[rows]]
    chance = (1 / alike) / (1 / alike).sum()  # ten apples are seen no more often than one on a cube
    torch.manual_seed(lesson.seed)
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tower, labels = network.tower(name), truth.labels[name]
    matrices, rest = split_parameters(tower, ("stem", "attend", "reads"))

    def loss(luck: np.random.Generator) -> Tensor:
        some = luck.choice(rows, lesson.batch_size, p=chance)
        pictures = some_softened(truth.pixels, truth.softened, truth.owners[some], luck)
        x = exposed(views(pictures, truth.places[some], WINDOWS[name], luck), LIGHT)
        with bf16_arithmetic(torch.device("cpu")):
            read = tower(x.contiguous(memory_format=torch.channels_last))
        return attribute_loss({attribute: logits.float() for attribute, logits in read.items()}, labels, some)

    take_steps(matrices, rest, lesson, loss, report)
    network.eval()


def views(pictures: Pixels, places: Floats, window: Window, luck: np.random.Generator) -> Pixels:
    """What is at `places` (N, 3) of N pictures (N, S, S, 3) in 0..255, cut out about as the finder would, and every second
    one mirrored: (N, window.side, window.side, 3)."""
    count = len(places)
    radius = places[:, 2:]
    rough = np.concatenate(
        [places[:, :2] + 0.08 * radius * luck.normal(0, 1, (count, 2)), radius * np.exp(0.08 * luck.normal(0, 1, (count, 1)))], axis=1
    ).astype(np.float32)
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    cut_outs = cut_out(x, torch.from_numpy(rough), window)
    mirrored = torch.from_numpy(luck.random(count) < 0.5).view(-1, 1, 1, 1)
    cut_outs = torch.where(mirrored, cut_outs.flip(3), cut_outs)
    return cut_outs.round().byte().permute(0, 2, 3, 1).numpy()


def shifted(x: Tensor, which: Tensor, places: Tensor, luck: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, S, S) shifted, scaled and every second one mirrored, and where everything in them then is.

    `which` (M,): whose picture; `places` (M, 3) before and after: x, y, radius in -1..1.
    """
    count = len(x)
    scale = torch.from_numpy(np.exp(luck.normal(0, 0.12, count))).float().clamp(0.75, 1.35)
    shift = torch.from_numpy(luck.normal(0, 0.08, (count, 2))).float()
    sign = torch.from_numpy(np.where(luck.random(count) < 0.5, -1.0, 1.0)).float()
    zero = torch.zeros(count)
    moves = torch.stack(
        [torch.stack([sign * scale, zero, shift[:, 0]], 1), torch.stack([zero, scale, shift[:, 1]], 1)], 1
    )
    grid = F.affine_grid(moves, list(x.shape), align_corners=False)
    turned = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    across = (places[:, 0] - shift[which, 0]) / (sign * scale)[which]
    down = (places[:, 1] - shift[which, 1]) / scale[which]
    found = torch.stack([across, down, places[:, 2] / scale[which]], dim=1)
    return turned.contiguous(memory_format=torch.channels_last), found


def middle_loss(logits: Tensor, which: Tensor, marks: Tensor, places: Tensor) -> Tensor:
    """Penalty-reduced focal loss of logits (N, marks, 32, 32); round each middle a Gaussian is forgiven.

    `which` (M,): whose picture each of the M things is in; `marks` (M,); `places` (M, 3): x, y, radius in -1..1.
    """
    wanted = torch.zeros_like(logits)
    axis = (torch.arange(CELLS) + 0.5) / CELLS * 2 - 1
    for picture, mark, (x, y, radius) in zip(which.tolist(), marks.tolist(), places.tolist(), strict=True):
        wide = max(radius / 3, 1 / CELLS)
        bump = torch.exp(-((axis[None] - x) ** 2 + (axis[:, None] - y) ** 2) / (2 * wide * wide))
        wanted[picture, mark] = torch.maximum(wanted[picture, mark], bump)
    rows, columns = cells(places)
    wanted[which, marks, rows, columns] = 1.0
    positive = wanted == 1
    sure = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    hits = torch.log(sure) * (1 - sure) ** 2
    misses = torch.log(1 - sure) * sure**2 * (1 - wanted) ** 4
    return -torch.where(positive, hits, misses).sum() / max(1, len(which))


def where_loss(more: Tensor, which: Tensor, places: Tensor) -> Tensor:
    """How far `more` (N, 3, 32, 32) is off at the middles of M things; `which` (M,) and `places` (M, 3) as above."""
    rows, columns = cells(places)
    guess = more[which, :, rows, columns]
    wanted = torch.stack(
        [
            (places[:, 0] + 1) / 2 * CELLS - columns - 0.5,
            (places[:, 1] + 1) / 2 * CELLS - rows - 0.5,
            places[:, 2].log(),
        ],
        dim=1,
    )
    return F.smooth_l1_loss(guess, wanted, beta=0.1) if len(which) else more.sum() * 0


def cells(places: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column of the cell in which each place (M, 3) lies."""
    columns, rows = ((((places[:, axis] + 1) / 2) * CELLS).long().clamp(0, CELLS - 1) for axis in (0, 1))
    return rows, columns
