"""Training from scratch, one network at a time: the loop, its curves, and exact resumption."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import safetensors
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from studio.domain.errors import BadInput, Cancelled, StudioError
from studio.domain.events import Note, Phase, Progress, Report, Saved, Scalar
from studio.domain.learning_rate import learning_rate_factor
from studio.domain.pretraining import MAY_CHANGE, PretrainSpec
from studio.engines.adapters import pack
from studio.engines.muon import Muon, split_parameters
from studio.engines.optimizers import optimizer_state, restore_optimizer
from studio.files import write_atomic

STATE = "{stage}-state.safetensors"


class Stage(Protocol):
    """One network that learns: what it loses on a batch, how it is measured, and how it is written."""

    network: nn.Module
    plain_layers: tuple[str, ...]
    """Parts of the names of layers Muon leaves to Adam: the first, the last, and embeddings."""

    def loss(self, step: int) -> Tensor:
        """The loss of the batch of this step; the same for the same step."""

    def measure(self) -> Mapping[str, float]:
        """Numbers on the held-out pictures, for the weights as they are."""

    def export(self, folder: Path) -> None:
        """Write the network so that diffusers or transformers load it."""


def pretrain(spec: PretrainSpec, stage: Stage, out: Path, report: Report) -> Mapping[str, float]:
    """Train `stage.network` for `spec.steps`, continuing from the state in `out` if there is one.

    Every random choice is a function of the seed and the step, so a resumed run ends in the same bits as an
    uninterrupted one on the same machine. Returns the last held-out numbers. When `report` raises `Cancelled` the
    state is written before it passes. Raises `BadInput` when `out` holds a run with other settings, and
    `StudioError` when the loss is no longer a number.
    """
    run = _Run(spec, stage, out, report)
    report(Phase(title=f"Training the {spec.stage}"))
    try:
        while run.step < spec.steps:
            run.advance()
    except Cancelled:
        run.save()
        raise
    if run.measured != run.step:
        run.save()
        run.measure()
    with run.averaged():
        stage.export(out / spec.stage)
    return run.numbers


class _Run:
    def __init__(self, spec: PretrainSpec, stage: Stage, out: Path, report: Report) -> None:
        self.spec, self.stage, self.out, self.report = spec, stage, out, report
        self.named = {name: p for name, p in stage.network.named_parameters() if p.requires_grad}
        self.optimizer = _optimizer(spec, stage)
        self.average = {name: p.detach().clone() for name, p in self.named.items()} if spec.ema else {}
        self.step, self.measured = 0, -1
        self.numbers: Mapping[str, float] = {}
        self.state = out / STATE.format(stage=spec.stage)
        self._restore()

    def advance(self) -> None:
        """One step; at checkpoints also state, measurement and news."""
        spec = self.spec
        rate = spec.learning_rate * rate_factor(spec, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.stage.network.train()
        loss = self.stage.loss(self.step)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise StudioError(
                f"The loss became {value} at step {self.step + 1}; the weights are no longer of use.",
                "Start again with a lower learning rate.",
            )
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(self.named.values()), spec.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        with torch.no_grad():
            keep = min(spec.ema, self.step / (9 + self.step))
            for name, held in self.average.items():
                held.lerp_(self.named[name], 1 - keep)
        self.report(Scalar(name="loss", step=self.step, value=value))
        self.report(Progress(step=self.step, total=spec.steps, note=f"loss {value:.4f}"))
        if self.step % spec.checkpoint_every == 0:
            self.save()
            self.measure()

    def save(self) -> None:
        """Write everything that is needed to go on bit by bit."""
        tensors, values = optimizer_state(self.optimizer)
        groups: dict[str, Mapping[str, Tensor]] = {
            "weights": {name: p.detach() for name, p in self.named.items()},
            "buffers": dict(self.stage.network.named_buffers()),
            "average": self.average,
            "optimizer": tensors,
        }
        flat = {f"{group}/{name}": t.contiguous() for group, content in groups.items() for name, t in content.items()}
        note = {"step": self.step, "values": values, "settings": _settings(self.spec)}
        write_atomic(self.state, pack(flat, {"state": json.dumps(note, sort_keys=True)}))
        self.report(Saved(step=self.step, path=self.state.name))

    def measure(self) -> None:
        """Held-out numbers of the averaged weights."""
        self.stage.network.eval()
        with self.averaged(), torch.no_grad():
            self.numbers = self.stage.measure()
        for name, value in self.numbers.items():
            self.report(Scalar(name=name, step=self.step, value=value))
        self.measured = self.step

    def averaged(self) -> "_Swapped":
        """The averaged weights in place of the learning ones, for as long as the block runs."""
        return _Swapped(self.named, self.average)

    def _restore(self) -> None:
        path = self.state
        if not path.is_file():
            return
        try:
            tensors = safetensors.torch.load_file(path)
            with safetensors.safe_open(path, "pt") as file:
                note: dict[str, Any] = json.loads(file.metadata()["state"])
        except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
            raise BadInput(f"The state in {self.out} cannot be read ({error}).", "Train in a new folder.") from error
        for name, before in note["settings"].items():
            if _settings(self.spec).get(name) != before:
                raise BadInput(
                    f"The run in {self.out} was made with {name} = {before}, not {_settings(self.spec).get(name)}.",
                    "Continue it with its own settings, or train in a new folder.",
                )
        with torch.no_grad():
            for group, content in (
                ("weights", self.named),
                ("buffers", dict(self.stage.network.named_buffers())),
                ("average", self.average),
            ):
                for name, tensor in content.items():
                    tensor.copy_(tensors[f"{group}/{name}"])
        saved = {name.removeprefix("optimizer/"): t for name, t in tensors.items() if name.startswith("optimizer/")}
        restore_optimizer(self.optimizer, saved, note["values"])
        self.step = int(note["step"])
        self.report(Note(text=f"Continuing at step {self.step}."))


class _Swapped:
    def __init__(self, named: Mapping[str, Tensor], average: Mapping[str, Tensor]) -> None:
        self.named, self.average = named, average
        self.learning: dict[str, Tensor] = {}

    def __enter__(self) -> None:
        with torch.no_grad():
            self.learning = {name: self.named[name].detach().clone() for name in self.average}
            for name, tensor in self.average.items():
                self.named[name].copy_(tensor)

    def __exit__(self, *_: object) -> None:
        with torch.no_grad():
            for name, tensor in self.learning.items():
                self.named[name].copy_(tensor)


def rate_factor(spec: PretrainSpec, step: int) -> float:
    """Factor of the learning rate for the step after `step`."""
    if spec.lr_schedule != "hold":
        return learning_rate_factor(spec.lr_schedule, step, (spec.steps,), spec.warmup_steps)
    warm = min(1.0, (step + 1) / max(1, spec.warmup_steps))
    done = step / spec.steps
    return warm * (1.0 if done < 0.5 else max(0.02, 2 - 2 * done))


def _settings(spec: PretrainSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude=set(MAY_CHANGE))


def _optimizer(spec: PretrainSpec, stage: Stage) -> torch.optim.Optimizer:
    weights, rate = list(stage.network.parameters()), spec.learning_rate
    learning = [weight for weight in weights if weight.requires_grad]
    if spec.optimizer == "muon":
        matrices, rest = split_parameters(stage.network, stage.plain_layers)
        return Muon(matrices, rest, lr=rate, weight_decay=spec.weight_decay)
    if spec.optimizer == "adamw":
        return torch.optim.AdamW(learning, rate, betas=(0.9, 0.98), weight_decay=spec.weight_decay)
    if spec.optimizer == "adam":
        return torch.optim.Adam(learning, rate)
    return torch.optim.SGD(learning, rate, momentum=0.9, nesterov=True)
