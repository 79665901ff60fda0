"""Training from scratch, one network at a time: the loop, its curves, and exact resumption."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from studio.engines.captioned import Captioned
from studio.engines.muon import Muon, split_parameters
from studio.engines.optimizers import optimizer_state, restore_optimizer
from studio.engines.pretrain_samples import Sample
from studio.files import disk_trouble, whole_folder, write_atomic

STATE = "{stage}-state.safetensors"
LOOK_EVERY = 10
"""Steps between two looks at the loss on an accelerator, where every look makes it wait."""

Keep = Callable[[int, Sequence[Sample]], None]
"""Takes a step and the pictures drawn there."""


class Stage(Protocol):
    """One network that learns: what it loses on a batch, how it is measured, and how it is written."""

    network: nn.Module
    train: Captioned
    plain_layers: tuple[str, ...]
    """Parts of the names of layers Muon leaves to Adam: the first, the last, and embeddings."""

    def loss(self, step: int) -> Tensor:
        """The loss of the batch of this step; the same for the same step."""

    def measure(self) -> Mapping[str, float]:
        """Numbers on the held-out pictures, for the weights as they are."""

    def samples(self) -> list[Sample]:
        """Pictures that show where it stands, always of the same captions; empty where there is nothing to see."""

    def export(self, folder: Path) -> None:
        """Write the network so that diffusers or transformers load it."""


def pretrain(
    spec: PretrainSpec, stage: Stage, out: Path, report: Report, keep: Keep = lambda step, samples: None
) -> Mapping[str, float]:
    """Train `stage.network` for `spec.steps`, continuing from the state in `out` if there is one.

    Every random choice is a function of the seed and the step, so a resumed run ends in the same bits as an
    uninterrupted one on the same machine (on a graphics card up to rounding). Returns the last held-out numbers. When
    `report` raises `Cancelled` the state is written before it passes. Raises `BadInput` when `out` holds a run with
    other settings or pictures, `DiskTrouble`, and `StudioError` when loss or gradient are no longer numbers.
    """
    run = _Run(spec, stage, out, report, keep)
    report(Phase(title=f"Training the {spec.stage}"))
    try:
        while run.step < spec.steps:
            run.advance()
    except Cancelled:
        run.save_sound()
        raise
    if run.measured != run.step:
        run.save()
        run.measure()
    with run.averaged(), writing_networks(out), whole_folder(out / spec.stage) as folder:
        stage.export(folder)
    return run.numbers


def finished(spec: PretrainSpec, out: Path, digest: str) -> bool:
    """Whether this stage lies in `out` as a whole. Raises `BadInput` when it was another run's."""
    path = out / STATE.format(stage=spec.stage)
    if not path.is_file() or not (out / spec.stage).is_dir():
        return False
    return int(_note(path, spec, digest)["step"]) >= spec.steps


def _note(path: Path, spec: PretrainSpec, digest: str) -> dict[str, Any]:
    """What a state says about itself, once it is known to be of this run."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            note: dict[str, Any] = json.loads(file.metadata()["state"])
        settings, _ = note["settings"], int(note["step"])
    except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
        raise BadInput(f"The state in {path.parent} cannot be read ({error}).", "Train in a new folder.") from error
    wanted = _settings(spec)
    for name, before in (_settings(PretrainSpec()) | settings).items():  # one younger than the state had its default
        if wanted.get(name) != before:
            raise BadInput(
                f"The run in {path.parent} was made with {name} = {before}, not {wanted.get(name)}.",
                "Continue it with its own settings, or train in a new folder.",
            )
    if note.get("data", digest) != digest:
        raise BadInput(
            f"The pictures or captions are not those the run in {path.parent} began with.",
            "Continue it with the same folders, or train in a new folder.",
        )
    return note


@contextmanager
def writing_networks(folder: Path) -> Iterator[None]:
    """Turns the libraries' failures to write into a sentence. Raises `DiskTrouble`."""
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, folder) from error
    except SafetensorError as error:  # it hides the number of the error in its words
        raise disk_trouble(OSError(28 if "os error 28" in str(error) else 0, str(error)), folder) from error


class _Run:
    def __init__(self, spec: PretrainSpec, stage: Stage, out: Path, report: Report, keep: Keep) -> None:
        self.spec, self.stage, self.out, self.report, self.keep = spec, stage, out, report, keep
        self.digest = stage.train.digest
        device = next(stage.network.parameters()).device
        self.look_every = 1 if device.type == "cpu" else LOOK_EVERY
        self.named = {name: p for name, p in stage.network.named_parameters() if p.requires_grad}
        self.optimizer = _optimizer(spec, stage)
        self.average = {name: p.detach().clone() for name, p in self.named.items()} if spec.ema else {}
        self.step, self.measured, self.note = 0, -1, ""
        self.loss, self.norm = torch.zeros(()), torch.zeros(())
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
        self.loss = loss.detach()
        loss.backward()  # type: ignore[no-untyped-call]
        self.norm = nn.utils.clip_grad_norm_(list(self.named.values()), spec.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self._average()
        due = self.step % spec.checkpoint_every == 0
        if due or self.step % self.look_every == 0 or self.step == spec.steps:
            self._look()
        self.report(Progress(step=self.step, total=spec.steps, note=self.note))
        if due:
            self.save()
            self.measure()

    def _average(self) -> None:
        if self.average:
            keep = min(self.spec.ema, self.step / (9 + self.step))
            with torch.no_grad():
                torch._foreach_lerp_(list(self.average.values()), list(self.named.values()), 1 - keep)

    def _look(self) -> None:
        loss = float(self.loss)
        for name, value in (("loss", loss), ("gradient", float(self.norm))):
            if not math.isfinite(value):
                raise StudioError(
                    f"The {name} became {value} at step {self.step}; the weights are no longer of use.",
                    "Start a new training with a lower learning rate (on the command line in a new folder).",
                )
        self.note = f"loss of this step {loss:.4f}"
        self.report(Scalar(name="loss", step=self.step, value=loss))

    def save(self) -> None:
        """Write everything that is needed to go on bit by bit."""
        tensors, values = optimizer_state(self.optimizer)
        groups: dict[str, Mapping[str, Tensor]] = {
            "weights": {name: p.detach() for name, p in self.named.items()},
            "buffers": dict(self.stage.network.named_buffers()),
            "average": self.average,
            "optimizer": tensors,
        }
        flat = {
            f"{group}/{name}": t.cpu().contiguous() for group, content in groups.items() for name, t in content.items()
        }
        note = {"step": self.step, "values": values, "settings": _settings(self.spec), "data": self.digest}
        write_atomic(self.state, pack(flat, {"state": json.dumps(note, sort_keys=True)}))
        self.report(Saved(step=self.step, path=self.state.name))

    def save_sound(self) -> None:
        """The same, unless the last step, at which nobody had looked yet, went wrong."""
        if math.isfinite(float(self.loss)) and math.isfinite(float(self.norm)):
            self.save()

    def measure(self) -> None:
        """Held-out numbers and samples of the averaged weights."""
        self.stage.network.eval()
        with self.averaged(), torch.no_grad():
            self.numbers = self.stage.measure()
            if samples := self.stage.samples():
                self.keep(self.step, samples)
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
        note = _note(path, self.spec, self.digest)
        tensors = safetensors.torch.load_file(path)
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
