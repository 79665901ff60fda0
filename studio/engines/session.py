"""What the parts of a training share: the base, its material, and how to compute."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from torch import Tensor

from studio.domain.events import Report
from studio.domain.specs import TrainSpec
from studio.engines.device import Machine, quick_attention
from studio.engines.family import Family, Parts, learns_text
from studio.engines.material import Material
from studio.engines.training_inputs import TrainInputs


@dataclass(frozen=True, slots=True)
class Session:
    """One training in memory."""

    spec: TrainSpec
    inputs: TrainInputs
    family: Family
    parts: Parts
    material: Material
    machine: Machine
    report: Report

    @property
    def learns_text(self) -> bool:
        """Whether the text encoder changes, so that captions must be encoded anew at every step."""
        return learns_text(self.family, self.spec.targets)

    def arithmetic(self) -> AbstractContextManager[None]:
        """Autocast to the training's number format."""
        return self.machine.accelerator.autocast()  # type: ignore[no-any-return]

    @contextmanager
    def learning(self) -> Iterator[None]:
        """The same, for a step that is differentiated."""
        tokens = (self.spec.resolution // self.parts.multiple) ** 2
        with self.arithmetic(), quick_attention(self.machine.device, tokens):
            yield

    def text(self, rows: Tensor) -> Tensor:
        """What the denoiser reads for rows of a shelf's `texts`: embeddings as they are, tokens encoded."""
        rows = rows.to(self.machine.device)
        return self.family.encode_text(self.parts, rows) if self.learns_text else rows
