"""What an engine tells the rest of the studio while it works: the only channel is `report(event)`."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Happening(BaseModel):
    """Base of all events: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


STEPPING = "Training"
"""The phase in which a training makes its steps; in between it looks at previews."""


class Phase(Happening):
    """A named stretch of work begins; a child without news for three times its longest phase is taken for dead."""

    kind: Literal["phase"] = "phase"
    title: str


class Progress(Happening):
    """`step` of `total` is done (`total` 0: unknown)."""

    kind: Literal["progress"] = "progress"
    step: int
    total: int
    note: str = ""


class Scalar(Happening):
    """One point of a curve, such as `loss`, `validation_loss` or `likeness`."""

    kind: Literal["scalar"] = "scalar"
    name: str
    step: int
    value: float


class Preview(Happening):
    """A picture made on the way; `path` is relative to the workspace."""

    kind: Literal["preview"] = "preview"
    step: int
    path: str
    label: str = ""


class Saved(Happening):
    """A checkpoint is complete on disk; `path` is relative to the workspace."""

    kind: Literal["saved"] = "saved"
    step: int
    path: str


class Produced(Happening):
    """A finished picture was stored under this image id."""

    kind: Literal["produced"] = "produced"
    image: str
    index: int


class Timed(Happening):
    """What a training on this base costs here, in seconds: once, for every step, for every look at the previews."""

    kind: Literal["timed"] = "timed"
    base: str
    load: float
    step: float
    look: float


class Note(Happening):
    """A sentence for the person who watches."""

    kind: Literal["note"] = "note"
    text: str


Event = Annotated[
    Phase | Progress | Scalar | Preview | Saved | Produced | Timed | Note, Field(discriminator="kind")
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)

Report = Callable[[Event], None]
"""Takes an event; raises `studio.domain.errors.Cancelled` when Stop was pressed."""
