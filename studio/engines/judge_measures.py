"""What a judge is worth: measured on people it never saw, and written into its card."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from studio.domain.pointed import told_of
from studio.engines.device import bf16_arithmetic
from studio.engines.judge import (
    CARD,
    FEWEST_PICTURES,
    OBJECTS,
    OFFERED_FROM,
    WEIGHTS,
    Floats,
    Judge,
    Pixels,
    as_input,
)
from studio.engines.judge_network import FACE_ATTRIBUTES, FEATURES, JudgeNetwork
from studio.engines.judge_object_lessons import Objects
from studio.engines.judge_training import ABSENT, Truth
from studio.files import write_atomic


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


def recalibrate_heads(judge: Judge, held_out: Truth, card: Mapping[str, Any]) -> Judge:
    """The judge with what is measured of people measured anew, after `train_heads`; all other numbers are as before.

    `card`: what else it now says. Raises `KeyError` for a judge that was never calibrated.
    """
    plain = judge._read(held_out.pixels)
    soft = judge._read(held_out.softened) if len(held_out.softened) else None
    table = _accuracies(judge.network, held_out, plain[2], soft[2] if soft else None)
    before = judge.card["attributes"]
    entries = {**before, **{name: numbers for name, numbers in table.items() if name in FACE_ATTRIBUTES}}
    numbers = {
        "verification": verification(plain[0], held_out),
        "verification_softened": verification(soft[0], _first(held_out, len(soft[0]))) if soft else None,
        "attributes": entries,
    }
    return replace(judge, card={**judge.card, **card, **numbers})


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


def measured_objects(judge: Judge, held_out: Objects, labels: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """How well a judge that points reads each of `labels` (attribute to its values) off held-out pictures.

    As in `calibrate`: on plain renders and after the autoencoder, the lower of the two, over the pictures of which the
    attribute can be told. `sure`: the values that by themselves are told as surely as `OFFERED_FROM` asks. What no
    picture shows, or nothing that is pointed at tells, is left out.
    """
    told = {"renders": [told_of(found) for found in judge.point(held_out.pixels)]}
    if len(held_out.softened):
        told["softened"] = [told_of(found) for found in judge.point(held_out.softened)]
    return measured_readings(told, held_out.truths, labels)


def measured_readings(
    told: Mapping[str, Sequence[Mapping[str, str]]], truths: Sequence[Mapping[str, str]], labels: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """The entries of a card from what was read of pictures, as "renders" and, of the first of them, as "softened"."""
    table: dict[str, dict[str, Any]] = {}
    for name, values in labels.items():
        pairs = {
            way: [(one.get(name, ""), truth[name]) for one, truth in zip(some, truths, strict=False) if name in truth]
            for way, some in told.items()
        }
        if not any(seen for seen, _ in pairs["renders"]):
            continue
        shares = {way: _share([seen == true for seen, true in some]) for way, some in pairs.items() if some}
        table[name] = {
            "labels": list(values),
            "sure": [value for value in values if all(_tells(value, some) for some in pairs.values())],
            "accuracy": min(shares.values()),
            "accuracy_renders": shares["renders"],
            "accuracy_softened": shares.get("softened"),
            "pictures": len(pairs["renders"]),
        }
    return table


def _share(right: Sequence[bool]) -> float:
    return round(float(np.mean(right)), 4)


def _tells(value: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the value is seen where it is so, and not seen where it is not, in `OFFERED_FROM` of the pairs of what was
    read and what is true, of which there are `FEWEST_PICTURES` or more each."""
    where, elsewhere = ([seen == value for seen, true in pairs if (true == value) == so] for so in (True, False))
    if min(len(where), len(elsewhere)) < FEWEST_PICTURES:
        return False
    return float(np.mean(where)) >= OFFERED_FROM and float(np.mean(elsewhere)) <= 1 - OFFERED_FROM


def trimmed(judge: Judge, kept: Collection[str] | None = None) -> Judge:
    """The judge without the weights for attributes that it is never asked for; its card still says how well it read them.

    `kept`: of those that it offers the ones it will be asked for; None for all.
    """
    whole, table, offered = judge.card["attributes"], judge.table, judge.offered
    names = {
        name: labels
        for name, labels in judge.network.labels.items()
        if name in offered and table[name] is whole[name] and (kept is None or name in kept)
    }
    network = JudgeNetwork(names)
    weights = judge.network.state_dict()
    for layer, face in (("picture_attributes", False), ("head_attributes", True)):
        before = [name for name in judge.network.labels if (name in FACE_ATTRIBUTES) == face]
        rows = np.cumsum([0, *(len(judge.network.labels[name]) for name in before)])
        chosen = [np.arange(rows[k], rows[k + 1]) for k, name in enumerate(before) if name in names]
        index = torch.from_numpy(np.concatenate(chosen) if chosen else np.zeros(0, np.int64))
        for kind in ("weight", "bias"):
            weights[f"{layer}.{kind}"] = weights[f"{layer}.{kind}"][index]
    network.load_state_dict(weights)
    entries = {name: {**entry, "kept": name in names} for name, entry in whole.items()}
    return replace(judge, network=network.eval(), card={**judge.card, "attributes": entries})


def save_judge(judge: Judge, folder: Path) -> None:
    """Write weights (fp16 safetensors) and card (JSON) so that `load_judge` reads the same judge."""
    tensors = {**judge.network.state_dict(), "world_centre": judge.centre, "world_whitening": judge.whitening}
    write_atomic(folder / WEIGHTS, _halves(tensors))
    if judge.objects is not None:
        write_atomic(folder / OBJECTS, _halves(judge.objects.state_dict()))
    else:
        (folder / OBJECTS).unlink(missing_ok=True)
    write_atomic(folder / CARD, (json.dumps(judge.card, indent=1, ensure_ascii=False) + "\n").encode())


def _halves(tensors: Mapping[str, Tensor]) -> bytes:
    halves: bytes = save(
        {
            name: (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
            for name, tensor in tensors.items()
        }
    )
    return halves


def soften(pixels: Pixels, autoencoder: Any) -> Pixels:
    """Pictures after a diffusers AutoencoderKL's round trip: as soft as a generated one can be at best."""
    parts = []
    with torch.inference_mode(), bf16_arithmetic(torch.device("cpu")):
        for start in range(0, len(pixels), 8):  # larger batches outgrow caches
            batch = as_input(pixels[start : start + 8])
            latent = autoencoder.encode(batch.contiguous(memory_format=torch.channels_last)).latent_dist.mode()
            decoded = autoencoder.decode(latent).sample.float()
            parts.append(decoded.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(parts)
