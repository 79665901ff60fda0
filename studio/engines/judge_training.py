"""Training and calibrating a judge on rendered pictures whose people and attributes are known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from studio.domain.events import Progress, Report, Scalar
from studio.engines.device import bf16_arithmetic
from studio.engines.judge import CARD, WEIGHTS, Floats, Judge, Pixels, batches
from studio.engines.judge_network import FEATURES, JudgeNetwork
from studio.engines.muon import Muon, split_parameters
from studio.engines.outsiders import outsiders
from studio.files import write_atomic

ABSENT = -100
SCALE = 20.0
MARGIN = 0.2


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
    """A network that tells people apart (cosine softmax with margin, Wang et al. 2018), measures their features and
    reads attributes. Its gate is not trained here (see `train_gate`).

    `start`: an earlier judge whose weights it begins with, wherever the shapes are the same; what is read, and so the
    last layers, may differ.
    """
    torch.manual_seed(lesson.seed)
    rng = np.random.default_rng(lesson.seed)
    network = JudgeNetwork(names, truth.traits.shape[1])
    if start is not None:
        mine = network.state_dict()
        fitting = {name: kept for name, kept in start.state_dict().items() if mine[name].shape == kept.shape}
        network.load_state_dict(fitting, strict=False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    seeds, people = np.unique(truth.people, return_inverse=True)
    people = np.where(truth.people < 0, ABSENT, people)
    centres = torch.nn.Parameter(torch.randn(len(seeds), network.embed.out_features) * 0.05)
    matrices, rest = split_parameters(network, ("picture.0", "head.0", "attributes", "traits", "find", "gate"))
    optimizer = Muon(matrices, [*rest, centres], lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    network.train()
    for step in range(lesson.steps):
        done = step / lesson.steps
        for group in optimizer.param_groups:
            group["lr"] = lesson.learning_rate * min(1.0, (step + 1) / 40) * (1 - done) ** 0.8 + 1e-5
        rows = rng.integers(0, len(truth.pixels), lesson.batch_size)
        pictures = _batch(truth, rows, rng)
        x, focus = _seen(pictures, torch.from_numpy(truth.focus[rows]))
        with bf16_arithmetic(torch.device("cpu")):
            embedding, _, logits, _, found = network(x, _roughly(focus, rng))
        embedding, logits = embedding.float(), logits.float()
        loss = _attribute_loss(network, logits, truth.labels, rows)
        loss = loss + 0.35 * _identity_loss(embedding, centres, people[rows], MARGIN * min(1.0, 2 * done))
        loss = loss + _distance(network.traits(embedding), torch.from_numpy(truth.traits[rows]), 0.3) * 2
        loss = loss + _distance(found.float(), focus, 0.05) * 10
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*matrices, *rest, centres], 2.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 or step == lesson.steps - 1:
            report(Progress(step=step + 1, total=lesson.steps))
            report(Scalar(name="loss", step=step + 1, value=float(loss.detach())))
    network.eval()
    return network


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
        insiders = _batch(truth, rng.integers(0, len(truth.pixels), 26), rng)
        if len(truth.generated):
            insiders = np.concatenate([insiders, truth.generated[rng.integers(0, len(truth.generated), 8)]])
        both = np.concatenate([insiders, outside[rng.integers(0, len(outside), 32)]])
        x = _exposed(both)  # not turned: that would take away the texture by which the gate tells
        with bf16_arithmetic(torch.device("cpu")):
            logits = gate(x).float()
        loss = F.binary_cross_entropy_with_logits(logits, (torch.arange(len(both)) < len(insiders)).float())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 or step == steps - 1:
            report(Scalar(name="gate_loss", step=step + 1, value=float(loss.detach())))
    network.eval()


def _batch(truth: Truth, rows: NDArray[np.int64], rng: np.random.Generator) -> Pixels:
    """The rows' pictures, some of them softened."""
    pictures = truth.pixels[rows].copy()
    for place, row in enumerate(rows):
        if row < len(truth.softened) and rng.random() < 0.5:
            pictures[place] = truth.softened[row]
    return pictures


def _roughly(focus: Tensor, rng: np.random.Generator) -> Tensor:
    """Focus as a finder might give it: a little off; the middle of the picture where there is none."""
    known = torch.where(torch.isnan(focus), torch.tensor([0.0, -0.1, 0.4]), focus)
    luck = torch.from_numpy(rng.normal(0, 1, focus.shape)).float()
    return torch.cat([known[:, :2] + 0.03 * luck[:, :2], known[:, 2:] * (1 + 0.08 * luck[:, 2:])], dim=1)


def _seen(pictures: Pixels, focus: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures in changed light and moved, and where the heads are then."""
    return _moved(_exposed(pictures), focus)


def _exposed(pictures: Pixels) -> Tensor:
    """Pictures (N, 3, S, S) with changed exposure and tint, now and then blurred as generated ones are."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    count = len(x)
    gain = 1 + 0.12 * torch.randn(count, 1, 1, 1).clamp(-2, 2)
    x = x * gain + 0.06 * torch.randn(count, 3, 1, 1) + 0.02 * torch.randn_like(x)
    blurred = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear", align_corners=False)
    share = (torch.rand(count, 1, 1, 1) < 0.45).float() * torch.rand(count, 1, 1, 1)
    return x + share * (blurred - x)


def _moved(x: Tensor, focus: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, S, S) each turned by up to 14 degrees, scaled by up to a fifth and shifted, and the heads in them.

    Against learning few pictures by heart; how far that helps stands in the log.
    """
    count = len(x)
    angle = 0.12 * torch.randn(count).clamp(-2, 2)
    scale = torch.exp(0.09 * torch.randn(count).clamp(-2, 2))
    shift = 0.05 * torch.randn(count, 2).clamp(-2, 2)
    turn = torch.stack([torch.stack([angle.cos(), -angle.sin()], 1), torch.stack([angle.sin(), angle.cos()], 1)], 1)
    turn = turn * scale.view(-1, 1, 1)
    grid = F.affine_grid(torch.cat([turn, shift.unsqueeze(2)], 2), list(x.shape), align_corners=False)
    moved = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    middle = torch.linalg.solve(turn, (focus[:, :2] - shift).unsqueeze(2)).squeeze(2)
    found = torch.cat([middle, focus[:, 2:] / scale.view(-1, 1)], 1)
    return moved.contiguous(memory_format=torch.channels_last), found


def _attribute_loss(
    network: JudgeNetwork, logits: Tensor, labels: Mapping[str, NDArray[np.int64]], rows: NDArray[np.int64]
) -> Tensor:
    losses = []
    for name, values in network.split(logits).items():
        target = torch.from_numpy(labels[name][rows])
        if (target != ABSENT).any():
            losses.append(F.cross_entropy(values, target, ignore_index=ABSENT))
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


def calibrate(network: JudgeNetwork, held_out: Truth, card: Mapping[str, Any]) -> Judge:
    """The judge with its measured numbers: verification, accuracies, cosine bands, in-world bounds.

    Everything is measured on identities it never saw, on plain renders and, where there are any, after the
    autoencoder's round trip; an attribute's accuracy is the lower of the two.
    """
    blank = Judge(
        network, {"attributes": {}}, torch.device("cpu"), torch.zeros(FEATURES), torch.eye(FEATURES)
    )
    plain = blank._read(held_out.pixels)
    soft = blank._read(held_out.softened) if len(held_out.softened) else None
    inside = [plain[1]] + ([soft[1]] if soft else [])
    centre, whitening = whiten(np.concatenate(inside))
    judge = replace(blank, centre=centre, whitening=whitening)
    readings = [plain] + ([soft] if soft else [])
    if len(held_out.generated):
        readings.append(judge._read(held_out.generated))
    distances = np.concatenate([judge.distance(reading[1]) for reading in readings])
    logits = np.concatenate([reading[3] for reading in readings])
    numbers = {
        "verification": verification(plain[0], held_out),
        "verification_softened": verification(soft[0], _first(held_out, len(soft[0]))) if soft else None,
        "attributes": _accuracies(network, held_out, plain[2], soft[2] if soft else None),
        "in_world": {
            "distance": float(np.quantile(distances, 0.996)),
            "logit": float(np.quantile(logits, 0.004)),
            "false_alarms_allowed": 0.01,
        },
    }
    return replace(judge, card={**card, **numbers})


def _first(truth: Truth, count: int) -> Truth:
    labels = {name: values[:count] for name, values in truth.labels.items()}
    return replace(truth, people=truth.people[:count], families=truth.families[:count], labels=labels)


def whiten(features: Floats) -> tuple[Tensor, Tensor]:
    """Mean and inverse square root of the shrunk covariance of features (N, f)."""
    x = torch.from_numpy(features).double()
    centre = x.mean(dim=0)
    covariance = torch.cov((x - centre).T)
    shrunk = 0.9 * covariance + 0.1 * torch.eye(len(covariance)) * covariance.diagonal().mean()
    values, vectors = torch.linalg.eigh(shrunk)
    return centre.float(), (vectors / values.sqrt()).float()


def auc(genuine: NDArray[Any], impostor: NDArray[Any]) -> float:
    """Chance that a genuine pair scores above an impostor pair (ties count half)."""
    order = np.sort(impostor)
    below = np.searchsorted(order, genuine, "left") + np.searchsorted(order, genuine, "right")
    return float(below.mean() / (2 * len(order)))


def verification(embedding: Floats, truth: Truth) -> dict[str, float | None]:
    """AUC over all pairs, over hard pairs (same gender, hair colour and style), over look-alikes (same words in every
    respect, another face), which are no hard pairs, and the cosine bands."""
    rows = np.flatnonzero(truth.people >= 0)
    cosine = embedding[rows] @ embedding[rows].T
    first, second = np.triu_indices(len(rows), 1)
    scores = cosine[first, second]
    same = truth.people[rows][first] == truth.people[rows][second]
    alike = ~same
    for name in {"gender", "hair colour", "hair style"} & set(truth.labels):  # absent: nothing to tell them apart by
        values = truth.labels[name][rows]
        alike = alike & (values[first] == values[second])
    family = truth.families[rows]
    twin = ~same & (family[first] == family[second])
    genuine, impostor, hard, twins = scores[same], scores[~same], scores[alike & ~twin], scores[twin]
    return {
        "auc_random": round(auc(genuine, impostor), 4),
        "auc_hard": round(auc(genuine, hard), 4) if len(hard) else None,
        "auc_look_alikes": round(auc(genuine, twins), 4) if len(twins) else None,
        "genuine_mean": float(genuine.mean()),
        "genuine_sd": float(genuine.std()),
        "impostor_mean": float(impostor.mean()),
        "impostor_sd": float(impostor.std()),
        "hard_impostor_mean": float(hard.mean()) if len(hard) else None,
        "look_alike_mean": float(twins.mean()) if len(twins) else None,
        "pairs_genuine": len(genuine),
        "pairs_impostor": len(impostor),
        "pairs_hard": len(hard),
        "pairs_look_alikes": len(twins),
        "people": len(np.unique(truth.people[rows])),
    }


def _accuracies(
    network: JudgeNetwork, truth: Truth, plain: Floats, soft: Floats | None
) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for name, values in network.split(torch.from_numpy(plain)).items():
        accuracy = _accuracy(values, truth.labels[name])
        softened = accuracy
        if soft is not None:
            softened = _accuracy(network.split(torch.from_numpy(soft))[name], truth.labels[name])
        table[name] = {
            "labels": list(network.labels[name]),
            "accuracy": min((one for one in (accuracy, softened) if one is not None), default=0.0),
            "accuracy_renders": accuracy,
            "accuracy_softened": softened,
            "pictures": int((truth.labels[name] != ABSENT).sum()),
        }
    return table


def _accuracy(logits: Tensor, target: NDArray[np.int64]) -> float | None:
    """Share of right answers; None where no picture shows the attribute."""
    wanted = target[: len(logits)]
    present = wanted != ABSENT
    if not present.any():
        return None
    return round(float((logits.argmax(dim=1).numpy() == wanted)[present].mean()), 4)


def save_judge(judge: Judge, folder: Path) -> None:
    """Write weights (fp16 safetensors) and card (JSON) so that `load_judge` reads the same judge."""
    tensors = {
        name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in judge.network.state_dict().items()
    }
    tensors |= {"world_centre": judge.centre, "world_whitening": judge.whitening}
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomic(folder / WEIGHTS, save(plain))
    write_atomic(folder / CARD, (json.dumps(judge.card, indent=1, ensure_ascii=False) + "\n").encode())


def soften(pixels: Pixels, autoencoder: Any) -> Pixels:
    """Pictures after a diffusers AutoencoderKL's round trip: as soft as a generated one can be at best."""
    parts = []
    with torch.inference_mode(), bf16_arithmetic(torch.device("cpu")):
        for batch in (part for whole in batches(pixels) for part in torch.split(whole, 8)):  # larger outgrow caches
            latent = autoencoder.encode(batch.contiguous(memory_format=torch.channels_last)).latent_dist.mode()
            decoded = autoencoder.decode(latent).sample.float()
            parts.append(decoded.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(parts)
