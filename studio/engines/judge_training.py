"""Training a judge on rendered pictures whose people and attributes are known."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.domain.events import Progress, Report, Scalar
from studio.engines.device import bf16_arithmetic
from studio.engines.judge import Floats, Pixels
from studio.engines.judge_discriminant import EVERYBODY, discriminate
from studio.engines.judge_network import JudgeNetwork, heads
from studio.engines.judge_views import exposed, roughly, seen, some_softened
from studio.engines.muon import Muon, split_parameters
from studio.engines.outsiders import outsiders

ABSENT = -100
PICTURE_PARTS = frozenset({"picture", "find", "picture_attributes"})
HEAD_PARTS = frozenset({"head", "head_attributes"})
"""The parts of a judge that each lesson teaches; the layer that embeds people comes from `discriminate`."""
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Truth:
    """Pictures (N, 128, 128, 3) with who is in them and what can be seen.

    `people` (N,): the identity seed, -1 without a person. `families` (N,): the same number for people whom words
    cannot tell apart. `labels`: attribute to (N,) indices into its
    names, `ABSENT` where it does not apply. `traits` (N, T) in -1..1 and `focus` (N, 3), where the head is, are NaN
    without a person. `softened`: the same pictures after the
    autoencoder's round trip, row by row for the first of them, or empty. `generated`: pictures the base
    made, which count as of this world though nobody knows who is in them.
    """

    pixels: Pixels
    people: NDArray[np.int64]
    families: NDArray[np.int64]
    labels: Mapping[str, NDArray[np.int64]]
    traits: Floats
    focus: Floats
    softened: Pixels
    generated: Pixels


@dataclass(frozen=True, slots=True)
class Lesson:
    """How long and how fast a judge learns."""

    steps: int = 700
    batch_size: int = 64
    learning_rate: float = 2e-3
    seed: int = 0
    weight_decay: float = 0.02
    share: float = 1.0
    everybody: float = EVERYBODY
    """Both of how people are told apart: see `judge_discriminant.discriminate`."""


def train_judge(
    truth: Truth, names: Mapping[str, tuple[str, ...]], lesson: Lesson, report: Report, start: JudgeNetwork | None = None
) -> JudgeNetwork:
    """A network that reads attributes and tells people apart; `lesson` once for each of its halves.

    Its gate is not trained here (see `train_gate`). `start`: an earlier judge whose weights it begins with.
    """
    network = renamed(start, names, lesson.seed)
    train_picture(network, truth, lesson, report)
    train_heads(network, truth, lesson, report)
    return network


def renamed(start: JudgeNetwork | None, names: Mapping[str, tuple[str, ...]], seed: int) -> JudgeNetwork:
    """A network that reads `names`, with the weights of `start` wherever the shapes are the same, else with new ones."""
    torch.manual_seed(seed)
    network = JudgeNetwork(names)
    if start is not None:
        mine = network.state_dict()
        fitting = {name: kept for name, kept in start.state_dict().items() if mine[name].shape == kept.shape}
        network.load_state_dict(fitting, strict=False)
    return network


def train_picture(network: JudgeNetwork, truth: Truth, lesson: Lesson, report: Report) -> None:
    """Teach the part of a judge that looks at the whole picture: where the head is, and what else is there."""

    def loss(x: Tensor, focus: Tensor, rows: Rows, luck: np.random.Generator) -> Tensor:
        top, found = network.look(x)
        logits = network.picture_attributes(top.flatten(1))
        read = 2 * attribute_loss(network.split_picture(logits.float()), truth.labels, rows)
        return read + 10 * _distance(found.float(), focus, 0.05)

    _learn(network, PICTURE_PARTS, truth, np.arange(len(truth.pixels)), lesson, loss, [], report)


def train_heads(network: JudgeNetwork, truth: Truth, lesson: Lesson, report: Report) -> None:
    """Teach the part of a judge that looks at heads, then work out by which of what it sees people differ.

    `truth`: pictures of any size, close-ups too, which cost a quarter of a picture and so may be many; labels in the
    order of the network's own. Features are taught and nobody's name: a softmax over thousands of people, each seen a
    dozen times, drowned what tells look-alikes apart. A lesson of no steps does only what `discriminate` does.
    """
    torch.manual_seed(lesson.seed)
    measure = nn.Linear(network.embed.in_features, truth.traits.shape[1])  # the lesson's own: no judge is asked for these

    def loss(x: Tensor, focus: Tensor, rows: Rows, luck: np.random.Generator) -> Tensor:
        head = network.head(heads(x, roughly(focus, luck))).flatten(1)
        logits = network.head_attributes(network.hide(head))
        read = 2 * attribute_loss(network.split_face(logits.float()), truth.labels, rows)
        return read + 8 * _distance(measure(head).float(), torch.from_numpy(truth.traits[rows]), 0.3)

    shown = np.flatnonzero(truth.people >= 0)
    _learn(network, HEAD_PARTS, truth, shown, lesson, loss, [*measure.parameters()], report)
    discriminate(network, truth, lesson.seed, share=lesson.share, everybody=lesson.everybody)


def _learn(
    network: JudgeNetwork, parts: Collection[str], truth: Truth, rows: Rows, lesson: Lesson,
    loss_of: Callable[[Tensor, Tensor, Rows, np.random.Generator], Tensor], more: Sequence[nn.Parameter], report: Report,
) -> None:  # fmt: skip
    """The steps of a lesson, from `rows` of `truth`, on `parts` of the network and on `more`.

    `loss_of`: of pictures, where the heads are in them, and their rows.
    """
    torch.manual_seed(lesson.seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for name, part in network.named_children():  # norms of parts that do not learn keep their statistics
        part.train(name in parts).requires_grad_(name in parts)
    network.hide.train()
    matrices, rest = split_parameters(network, ("picture.0", "head.0", "attributes", "find"))

    def loss(luck: np.random.Generator) -> Tensor:
        some = rows[luck.integers(0, len(rows), lesson.batch_size)]
        pictures = some_softened(truth.pixels, truth.softened, some, luck)
        x, focus = seen(pictures, torch.from_numpy(truth.focus[some]))
        with bf16_arithmetic(torch.device("cpu")):
            return loss_of(x, focus, some, luck)

    take_steps(matrices, [*rest, *more], lesson, loss, report)
    network.eval().requires_grad_(True)


def take_steps(
    matrices: Sequence[Tensor], rest: Sequence[Tensor], lesson: Lesson,
    loss_of: Callable[[np.random.Generator], Tensor], report: Report,
) -> None:  # fmt: skip
    """The steps of a lesson: Muon for `matrices`, AdamW for `rest`; a warm-up of 40 steps, then a rate that falls to 0."""
    luck = np.random.default_rng(lesson.seed)
    optimizer = Muon(matrices, rest, lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    for step in range(lesson.steps):
        done = step / lesson.steps
        for group in optimizer.param_groups:
            group["lr"] = lesson.learning_rate * min(1.0, (step + 1) / 40) * (1 - done) ** 0.8 + 1e-5
        loss = loss_of(luck)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*matrices, *rest], 2.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 or step == lesson.steps - 1:
            report(Progress(step=step + 1, total=lesson.steps))
            report(Scalar(name="loss", step=step + 1, value=float(loss.detach())))


def train_gate(
    network: JudgeNetwork, truth: Truth, steps: int, seed: int, report: Report, *, strangers: int = 1200
) -> None:
    """Teach the gate what is of this world, with outsiders made for the purpose (Hendrycks et al. 2019)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed + 1)
    outside = outsiders(truth.pixels, strangers, rng)
    gate = network.gate.train()
    optimizer = torch.optim.AdamW(gate.parameters(), 2e-3, weight_decay=0.02)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1.0, (step + 1) / 20) * (1 - step / steps) + 1e-5
        rows = rng.integers(0, len(truth.pixels), 26)
        insiders = some_softened(truth.pixels, truth.softened, rows, rng)
        if len(truth.generated):
            insiders = np.concatenate([insiders, truth.generated[rng.integers(0, len(truth.generated), 8)]])
        both = np.concatenate([insiders, outside[rng.integers(0, len(outside), 32)]])
        x = exposed(both)  # not turned: that would take away the texture by which the gate tells
        with bf16_arithmetic(torch.device("cpu")):
            logits = gate(x).float()
        loss = F.binary_cross_entropy_with_logits(logits, (torch.arange(len(both)) < len(insiders)).float())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 or step == steps - 1:
            report(Scalar(name="gate_loss", step=step + 1, value=float(loss.detach())))
    network.eval()


def attribute_loss(
    read: Mapping[str, Tensor], labels: Mapping[str, NDArray[np.int64]], rows: NDArray[np.int64]
) -> Tensor:
    """Cross-entropy of what was read of `rows` (attribute to logits (N, values)), over the attributes that any of them has."""
    losses = []
    for name, logits in read.items():
        target = torch.from_numpy(labels[name][rows])
        if (target != ABSENT).any():
            losses.append(F.cross_entropy(logits, target, ignore_index=ABSENT))
    return torch.stack(losses).mean() if losses else torch.zeros(())


def _distance(guess: Tensor, target: Tensor, linear_from: float) -> Tensor:
    """Smooth L1 error where the target is known."""
    present = ~torch.isnan(target)
    return F.smooth_l1_loss(guess[present], target[present], beta=linear_from)
