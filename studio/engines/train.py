"""Fine-tunes a LoRA adapter: watched, stopped and continued at any step, bit by bit the same."""

import hashlib
import json
import math
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import torch
import torch.nn.functional as functional
from torch import Tensor

from studio.domain.buckets import batch_at, batches_per_epoch
from studio.domain.errors import BadInput, Cancelled, StudioError
from studio.domain.events import STEPPING, Note, Phase, Progress, Report, Saved, Scalar, Timed
from studio.domain.learning_rate import learning_rate_factor
from studio.domain.specs import TrainSpec
from studio.engines.adapters import adapter_metadata, adapter_tensors, add_adapter, save_adapter
from studio.engines.chance import generator
from studio.engines.checkpoint import (
    TrainState,
    check_continues,
    checkpoint_path,
    newest_state,
    save_state,
    settings_of,
)
from studio.engines.device import training_machine
from studio.engines.family import family_of
from studio.engines.material import Shelf, gather
from studio.engines.optimizers import make_optimizer, optimizer_state, restore_optimizer
from studio.engines.session import Session
from studio.engines.training_inputs import TrainInputs, TrainResult
from studio.engines.watch import look

PRIOR_SHARE = 4
"""One prior picture joins every so many of the persona's in a batch, and at least one."""

SURE = 8
"""Steps after which a training tells what a step of it costs; again at every checkpoint."""

HUBER = 0.5
"""Error from which the Huber loss grows straight; latents have a deviation of about one."""


def train(spec: TrainSpec, inputs: TrainInputs, report: Report) -> TrainResult:
    """Trains until `spec.steps` (or epochs), from the newest state in `inputs.run_dir` or `inputs.earlier_run`.

    Every random choice is drawn from a generator of (seed, purpose, step) and the state holds all else, so a run
    that was killed and started again ends in the same bytes as one that was not. Reports `Phase`, `Progress`,
    `Scalar` (loss, validation_loss, likeness), `Saved` (path relative to `run_dir`), `Timed` and `Note`. When `report`
    raises `Cancelled`, a checkpoint is written before it passes. Raises `BadInput`, `Unsupported`, `MissingWeights`,
    `DiskTrouble`, and `StudioError` when the loss stops being a number.
    """
    if not inputs.examples:
        raise BadInput(
            "There are no pictures to train on.", "Keep at least one picture that is not held out."
        )
    began = time.monotonic()
    machine = training_machine(spec.precision)
    family = family_of(inputs.base)
    report(Phase(title="Loading the base"))
    parts = family.load(inputs.base, machine.device, torch.float32)
    if machine.dtype != torch.float32:
        parts.denoiser.to(machine.dtype)
    loaded = time.monotonic()
    material = gather(spec, inputs, family, parts, report, machine.accelerator.autocast)
    session = Session(spec, inputs, family, parts, material, machine, report)
    report(Phase(title="Starting"))
    return Run(session).go(loaded - began)


class Run:
    """The loop and what changes in it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        spec, parts = session.spec, session.parts
        self.alpha = spec.lora_alpha or spec.rank
        self.learning = add_adapter(
            session.family, parts, targets=spec.targets, rank=spec.rank, lora_alpha=self.alpha, seed=spec.seed
        )
        plain = make_optimizer(spec, list(self.learning.values()))
        self.optimizer = session.machine.accelerator.prepare(plain)
        self.average = (
            {name: weight.detach().clone() for name, weight in self.learning.items()} if spec.ema else {}
        )
        self.buckets = session.material.train.buckets
        self.total = total_steps(spec, session)
        self.step = 0
        self.ends: tuple[int, ...] = (self.total,)
        self.dataset = dataset_digest(session.inputs)
        self.times: list[float] = []
        self.looks: list[float] = []
        self.loss = math.nan

    # ------------------------------------------------------------ state

    def restore(self) -> bool:
        """Takes up the newest state of this run, or of the one it continues; False: there is none."""
        inputs = self.session.inputs
        state = newest_state(inputs.run_dir)
        if state is None and inputs.earlier_run is not None:
            state = newest_state(inputs.earlier_run)
            if state is None:
                raise BadInput("The earlier run left no state to continue from.", "Start a new training.")
        if state is None:
            return False
        check_continues(state, self.session.spec)
        if state.dataset != self.dataset:
            self.session.report(Note(text="The pictures or captions are not the ones this run began with."))
        if self.total < state.step:
            raise BadInput(
                f"The earlier run is already at step {state.step}; {self.total} steps were asked for.",
                f"Ask for more than {state.step} steps.",
            )
        with torch.no_grad():
            for group, target in ((state.weights, self.learning), (state.average, self.average)):
                for name, weight in target.items():
                    weight.copy_(group[name])
        restore_optimizer(self.optimizer.optimizer, state.optimizer, state.values)
        if self.session.machine.accelerator.scaler is not None and state.scaler:
            self.session.machine.accelerator.scaler.load_state_dict(dict(state.scaler))
        self.step = state.step
        self.ends = state.ends if self.total <= state.ends[-1] else (*state.ends, self.total)
        return True

    def save(self) -> str:
        """Writes adapter and state of the current step; returns the adapter's path relative to the run."""
        session, spec, inputs = self.session, self.session.spec, self.session.inputs
        path = checkpoint_path(inputs.run_dir, self.step)
        with self.averaged():
            tensors = adapter_tensors(session.parts, session.family.lora_targets(spec.targets))
        metadata = adapter_metadata(
            tensors,
            family=session.family,
            targets=spec.targets,
            rank=spec.rank,
            lora_alpha=self.alpha,
            title=inputs.title,
            trigger=inputs.trigger,
            base=inputs.base_name,
            base_digest=session.parts.digest,
            resolution=spec.resolution,
            recipe={"step": self.step, "dataset_sha256": self.dataset, "spec": settings_of(spec)},
        )
        save_adapter(path, tensors, metadata)
        state_tensors, values = optimizer_state(self.optimizer.optimizer)
        scaler = session.machine.accelerator.scaler
        save_state(
            inputs.run_dir,
            TrainState(
                step=self.step,
                ends=self.ends,
                settings=settings_of(spec),
                dataset=self.dataset,
                weights={name: weight.detach().cpu().contiguous() for name, weight in self.learning.items()},
                average={name: weight.cpu().contiguous() for name, weight in self.average.items()},
                optimizer=state_tensors,
                values=values,
                scaler=scaler.state_dict() if scaler is not None else {},
            ),
        )
        return path.relative_to(inputs.run_dir).as_posix()

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The base shows the averaged adapter while this lasts, when averaging is on."""
        if not self.average:
            yield
            return
        own = {name: weight.detach().clone() for name, weight in self.learning.items()}
        self._put(self.average)
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, values: Mapping[str, Tensor]) -> None:
        for name, weight in self.learning.items():
            weight.copy_(values[name])

    # ------------------------------------------------------------ loop

    def go(self, load: float) -> TrainResult:
        """From the state there is to the last step; `load` are seconds to tell."""
        session, report = self.session, self.session.report
        resumed = self.restore()
        try:
            if not resumed:
                self._look()
            report(Phase(title=STEPPING))
            saved = ""
            while self.step < self.total:
                start = time.monotonic()
                self.loss = self.advance()
                self.step += 1
                self.times.append(time.monotonic() - start)
                if self.step % every(self.total) == 0 or self.step == self.total:
                    report(Scalar(name="loss", step=self.step, value=self.loss))
                if len(self.times) == SURE and self.looks:
                    self._tell_times(load)
                report(Progress(step=self.step, total=self.total, note=f"loss of this step {self.loss:.3f}"))
                due = self.step % session.spec.checkpoint_every == 0 or self.step == self.total
                saved = self._checkpoint(load) if due else ""
        except Cancelled:
            # Stop was pressed: what was learnt so far must not be lost, whatever `report` still says.
            with suppress(Cancelled):
                self._save_reported()
            raise
        return TrainResult(
            steps=self.step,
            loss=self.loss,
            checkpoint=saved or self.save(),
            device=str(session.machine.device),
        )

    def _checkpoint(self, load: float) -> str:
        saved = self._save_reported()
        self._look()
        self._tell_times(load)
        self.session.report(Phase(title=STEPPING))
        return saved

    def _tell_times(self, load: float) -> None:
        step, look = typical(self.times[1:] or self.times), typical(self.looks)  # the first one compiles kernels
        self.session.report(Timed(base=self.session.inputs.base_name, load=load, step=step, look=look))

    def _save_reported(self) -> str:
        saved = self.save()
        self.session.report(Saved(step=self.step, path=saved))
        return saved

    def _look(self) -> None:
        start = time.monotonic()
        self.session.report(Phase(title="Drawing previews and measuring likeness"))
        with self.averaged():
            look(self.session, self.step)
        self.looks.append(time.monotonic() - start)

    def advance(self) -> float:
        """One change of the weights; returns the mean loss. Raises `StudioError` when it is not a number."""
        session, spec = self.session, self.session.spec
        accelerator = session.machine.accelerator
        rate = spec.learning_rate * learning_rate_factor(
            spec.lr_schedule, self.step, self.ends, spec.warmup_steps
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        losses = []
        for part in range(spec.accumulation):
            loss = self._loss(self.step * spec.accumulation + part)
            losses.append(float(loss.detach()))
            accelerator.backward(loss / spec.accumulation)
        norm = accelerator.clip_grad_norm_(list(self.learning.values()), spec.max_grad_norm)
        mean = sum(losses) / len(losses)
        scaled = accelerator.scaler is not None  # fp16 skips steps with infinite gradients by itself
        if not math.isfinite(mean) or not (scaled or math.isfinite(float(norm))):
            raise StudioError(
                f"The training broke at step {self.step + 1}: the loss is no longer a number ({mean}).",
                f"Use a lower learning rate than {spec.learning_rate:g}; the checkpoints until then are whole.",
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self._update_average()
        return mean

    def _loss(self, index: int) -> Tensor:
        """Loss of the micro-batch number `index` of the run, with its pictures of others."""
        session, spec, train = self.session, self.session.spec, self.session.material.train
        batch = batch_at(self.buckets, spec.batch_size, spec.seed, index)
        latents, texts = pick(train, batch.members, generator(spec.seed, "variant", index))
        dropped = (
            torch.rand(len(batch.members), generator=generator(spec.seed, "dropout", index))
            < spec.caption_dropout
        )
        texts[dropped] = session.material.empty.to(texts.dtype)
        weights = torch.ones(len(latents))
        prior = session.material.prior.get(batch.bucket)
        if prior is not None:
            count = max(1, spec.batch_size // PRIOR_SHARE)
            chosen = torch.randint(
                len(prior), (count,), generator=generator(spec.seed, "prior", index)
            ).tolist()
            others, other_texts = pick(prior, chosen, generator(spec.seed, "variant-prior", index))
            latents, texts = torch.cat([latents, others]), torch.cat([texts, other_texts])
            weights = torch.cat([weights, torch.full((count,), spec.prior.weight * len(weights) / count)])
        objective, device = session.parts.objective, session.machine.device
        chance = generator(spec.seed, "noise", index)
        noise = torch.randn(latents.shape, generator=chance)
        moments = objective.moments(len(latents), chance)
        noisy, target = objective.noisy(latents, noise, moments), objective.target(latents, noise, moments)
        with session.learning():
            timesteps = objective.timesteps(moments).to(device)
            found = session.family.predict(session.parts, noisy.to(device), timesteps, session.text(texts))
        error = error_of(spec, found.float(), target.to(device)).flatten(1).mean(1)
        return (error * weights.to(device)).sum() / len(batch.members)

    @torch.no_grad()
    def _update_average(self) -> None:
        """Exponential moving average; young averages forget faster, or they would stay near the start."""
        if not self.average:
            return
        decay = min(self.session.spec.ema, (1 + self.step) / (10 + self.step))
        for name, weight in self.learning.items():
            self.average[name].lerp_(weight, 1 - decay)


def pick(
    shelf: Shelf, members: tuple[int, ...] | list[int], chance: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Latents (N, C, h, w) and texts of some pictures, of each one variant and one way to say it by chance; copies."""
    draws = torch.rand(2, len(members), generator=chance).tolist()
    latents = [one_of(shelf.latents[index], draw) for index, draw in zip(members, draws[0], strict=True)]
    texts = [one_of(shelf.texts[index], draw) for index, draw in zip(members, draws[1], strict=True)]
    return torch.stack(latents), torch.stack(texts)


def one_of(rows: Tensor, draw: float) -> Tensor:
    """One row, by a draw from 0 to below 1."""
    return rows[int(draw * len(rows))]


def error_of(spec: TrainSpec, found: Tensor, target: Tensor) -> Tensor:
    """The loss a spec names, per number."""
    if spec.loss == "l1":
        return functional.l1_loss(found, target, reduction="none")
    if spec.loss == "huber":
        return functional.huber_loss(found, target, reduction="none", delta=HUBER)
    return functional.mse_loss(found, target, reduction="none")


def total_steps(spec: TrainSpec, session: Session) -> int:
    """Steps of the whole run: as asked, or as many as the epochs need."""
    if spec.epochs is None:
        return spec.steps
    batches = batches_per_epoch(session.material.train.buckets, spec.batch_size)
    return math.ceil(spec.epochs * batches / spec.accumulation)


def typical(times: list[float]) -> float:
    """Their median, of two the shorter: what else the machine does makes some steps longer."""
    return statistics.median_low(times)


def every(total: int) -> int:
    """Steps between two points of the loss curve: about a thousand points at most."""
    return max(1, total // 1000)


def dataset_digest(inputs: TrainInputs) -> str:
    """SHA-256 over the pictures and captions trained on, in order."""
    rows = [[example.sha256, example.caption] for example in inputs.examples]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
