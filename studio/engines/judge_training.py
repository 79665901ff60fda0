"""Training a judge on rendered pictures whose people and attributes are known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.domain.events import Progress, Report, Scalar
from studio.engines.device import bf16_arithmetic
from studio.engines.judge import Floats, Pixels
from studio.engines.judge_discriminant import discriminate
from studio.engines.judge_network import JudgeNetwork, heads
from studio.engines.judge_views import exposed, roughly, seen, some_softened
from studio.engines.muon import Muon, split_parameters
from studio.engines.outsiders import outsiders

ABSENT = -100
SCALE = 20.0
MARGIN = 0.2
HEAD_PARTS = frozenset({"head", "embed", "head_attributes"})
"""The parts of the network that look at heads."""
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


def train_judge(
    truth: Truth, names: Mapping[str, tuple[str, ...]], lesson: Lesson, report: Report, start: JudgeNetwork | None = None
) -> JudgeNetwork:
    """A network that tells people apart (cosine softmax with margin, Wang et al. 2018, and their features as lessons,
    then `discriminate`) and reads attributes. Its gate is not trained here (see `train_gate`).

    `start`: an earlier judge whose weights it begins with, wherever the shapes are the same; what is read, and so the
    last layers, may differ.
    """
    torch.manual_seed(lesson.seed)
    network = JudgeNetwork(names)
    if start is not None:
        mine = network.state_dict()
        fitting = {name: kept for name, kept in start.state_dict().items() if mine[name].shape == kept.shape}
        network.load_state_dict(fitting, strict=False)

    def loss(x: Tensor, focus: Tensor, rows: Rows, luck: np.random.Generator) -> tuple[Tensor, Tensor]:
        embedding, _, logits, _, found = network(x, roughly(focus, luck))
        read = _attribute_loss(network.split(logits.float()), truth.labels, rows)
        return embedding.float(), read + _distance(found.float(), focus, 0.05) * 10

    _learn(network, truth, lesson, loss, 0.35, report)
    return network


def train_heads(network: JudgeNetwork, truth: Truth, lesson: Lesson, report: Report) -> None:
    """Teach the part of a judge that looks at heads on close-ups, which cost a quarter of a picture and so may be many.

    `truth`: pictures of any size, each of one head; labels in the order of the network's own. All else stays as it is.
    A lesson of no steps works out the last layer alone.
    """
    torch.manual_seed(lesson.seed)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name.split(".")[0] in HEAD_PARTS)

    def loss(x: Tensor, focus: Tensor, rows: Rows, luck: np.random.Generator) -> tuple[Tensor, Tensor]:
        embedding, logits = network.person(heads(x, roughly(focus, luck)))
        return embedding.float(), _attribute_loss(network.split_face(logits.float()), truth.labels, rows)

    _learn(network, truth, lesson, loss, 1.0, report)
    network.requires_grad_(True)


def _learn(
    network: JudgeNetwork, truth: Truth, lesson: Lesson,
    loss_of: Callable[[Tensor, Tensor, Rows, np.random.Generator], tuple[Tensor, Tensor]],
    identity_weight: float, report: Report,
) -> None:  # fmt: skip
    """The steps of a lesson, on all parameters that ask for gradients.

    `loss_of`: pictures, where the heads are in them, and rows of `truth` to the embedding and the loss of all that is
    not said of people here.
    """
    rng = np.random.default_rng(lesson.seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    seeds, people = np.unique(truth.people, return_inverse=True)
    people = np.where(truth.people < 0, ABSENT, people)
    centres = torch.nn.Parameter(torch.randn(len(seeds), network.embed.out_features) * 0.05)
    measure = nn.Linear(network.embed.out_features, truth.traits.shape[1])  # a lesson's own: no judge is asked for these
    matrices, rest = split_parameters(network, ("picture.0", "head.0", "attributes", "find", "gate"))
    rest = [*rest, *measure.parameters(), centres]
    optimizer = Muon(matrices, rest, lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    for part in network.children():  # norms of parts that do not learn keep their statistics
        part.train(all(parameter.requires_grad for parameter in part.parameters()))
    for step in range(lesson.steps):
        done = step / lesson.steps
        for group in optimizer.param_groups:
            group["lr"] = lesson.learning_rate * min(1.0, (step + 1) / 40) * (1 - done) ** 0.8 + 1e-5
        rows = rng.integers(0, len(truth.pixels), lesson.batch_size)
        pictures = some_softened(truth.pixels, truth.softened, rows, rng)
        x, focus = seen(pictures, torch.from_numpy(truth.focus[rows]))
        with bf16_arithmetic(torch.device("cpu")):
            embedding, loss = loss_of(x, focus, rows, rng)
        loss = loss + identity_weight * _identity_loss(embedding, centres, people[rows], MARGIN * min(1.0, 2 * done))
        loss = loss + _distance(measure(embedding), torch.from_numpy(truth.traits[rows]), 0.3) * 2
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*matrices, *rest], 2.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 or step == lesson.steps - 1:
            report(Progress(step=step + 1, total=lesson.steps))
            report(Scalar(name="loss", step=step + 1, value=float(loss.detach())))
    network.eval()
    discriminate(network, truth, lesson.seed)


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


def _attribute_loss(
    read: Mapping[str, Tensor], labels: Mapping[str, NDArray[np.int64]], rows: NDArray[np.int64]
) -> Tensor:
    losses = []
    for name, logits in read.items():
        target = torch.from_numpy(labels[name][rows])
        if (target != ABSENT).any():
            losses.append(F.cross_entropy(logits, target, ignore_index=ABSENT))
    return torch.stack(losses).mean() * 2


def _identity_loss(embedding: Tensor, centres: Tensor, people: NDArray[np.int64], margin: float) -> Tensor:
    target = torch.from_numpy(people)
    present = target != ABSENT
    cosine = embedding[present] @ F.normalize(centres, dim=1).T
    cosine = cosine - margin * F.one_hot(target[present], len(centres))
    return F.cross_entropy(SCALE * cosine, target[present])


def _distance(guess: Tensor, target: Tensor, linear_from: float) -> Tensor:
    """Smooth L1 error where the target is known."""
    present = ~torch.isnan(target)
    return F.smooth_l1_loss(guess[present], target[present], beta=linear_from)
