"""What the studio remembers: personas, examples, pictures, jobs."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$"
LEAST_SPAN = 0.15
"""Cosines between strangers and herself below which a judge cannot tell her apart."""
Slug = Annotated[str, Field(pattern=SLUG)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """Base of everything that is stored: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Consent(Record):
    """A real adult's recorded permission."""

    person: str = Field(min_length=1, max_length=120, description="Who consents, by full name.")
    scope: tuple[Literal["train", "generate", "publish"], ...] = Field(
        min_length=1, description="What the person allows."
    )
    expires: date | None = Field(None, description="Last day of the permission; empty: until revoked.")
    evidence_sha256: Sha256 = Field(description="SHA-256 of the signed document; the document stays with you.")


class Charter(Record):
    """Who the persona is allowed to be."""

    kind: Literal["fictional", "self", "consenting"] = Field(
        "fictional",
        description="A fictional adult, yourself, or another adult whose consent is recorded.",
    )
    consent: Consent | None = None
    confirmed_adult: bool = Field(False, description="The person shown is an adult.")
    revoked_at: datetime | None = None


class Choice(Record):
    """The checkpoint and strength a persona is used with."""

    checkpoint: str = Field(description="Path of the adapter, relative to the workspace.")
    adapter_scale: float = Field(1.0, ge=0, le=2)
    why: str = ""


class Persona(Record):
    """One consistent person: name, trigger word, charter, base, and the checkpoint to use."""

    slug: Slug
    name: str = Field(min_length=1, max_length=60)
    trigger: str = Field(min_length=2, max_length=40, description="The word that calls the persona in a prompt.")
    description: str = Field(
        "", max_length=400, description="What the person looks like, in words the base knows; used for comparison."
    )
    charter: Charter
    base: str = Field(description="Name of the base in the catalogue, or the path of a folder.")
    created: datetime
    choice: Choice | None = None


class Rights(StrEnum):
    """On what basis a picture may be used."""

    UNKNOWN = "unknown"
    OWN = "own"
    GENERATED = "generated"
    LICENSED = "licensed"
    CONSENT = "consent"
    PUBLIC_DOMAIN = "public-domain"


RIGHTS_TITLES: dict[Rights, str] = {
    Rights.UNKNOWN: "not stated",
    Rights.OWN: "I made it",
    Rights.GENERATED: "AI-made by me",
    Rights.LICENSED: "licensed to me",
    Rights.CONSENT: "with the person's consent",
    Rights.PUBLIC_DOMAIN: "public domain",
}


class Twin(Record):
    """An earlier picture of the dataset that shows the same thing."""

    other: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    how: Literal["same", "mirrored", "cropped", "cropped and mirrored"]


class Checks(Record):
    """What was measured on a picture when it was imported."""

    width: int
    height: int
    sharpness: float = Field(description="Variance of the Laplacian at 256 pixels on the short side.")
    brightness: float = Field(description="Mean luma, 0 to 1.")
    phash: tuple[str, ...] = Field(description="64-bit perceptual hashes: whole, mirrored, crops.")
    twins: tuple[Twin, ...] = Field((), description="Near duplicates among the pictures that were there before.")
    in_world: bool | None = Field(None, description="Whether the embedded judges know pictures like this one.")


class Example(Record):
    """One picture of a dataset with its caption and what was decided about it."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="First 16 digits of `sha256`.")]
    sha256: Sha256 = Field(description="Of the stored, canonical PNG.")
    caption: str = ""
    caption_author: Literal["import", "human", "bulk", "none"] = "none"
    rights: Rights = Rights.UNKNOWN
    kept: bool = True
    held_out: bool = False
    source_name: str = Field("", description="The file's name where it came from; data, never a path to open.")
    imported: datetime
    checks: Checks


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Record):
    """One row of the queue."""

    id: int
    kind: str
    persona: str | None
    title: str
    spec: str = Field(description="The spec as JSON.")
    status: JobStatus
    priority: int
    created: float = Field(description="Seconds since the epoch, as all times of a job.")
    started: float | None
    finished: float | None
    heartbeat: float | None
    pid: int | None
    pid_started: float | None = Field(description="Creation time of that process: a pid alone may be reused.")
    stop: int = Field(description="0: go on; 1: stop was pressed; 2: pressed again, kill.")
    phase: str
    longest_phase: float = Field(description="Seconds of the longest silence so far.")
    step: int
    total: int
    note: str
    message: str = Field(description="The sentence a failed job leaves.")
    hint: str
    result: str | None = Field(description="The result as JSON.")
    attempt: int


class Yardstick(Record):
    """Where strangers and the person herself lie on a judge's cosine scale, by her own held-out pictures."""

    floor: float | None = Field(description="Mean cosine of other people's pictures; empty: none to compare.")
    ceiling: float | None = Field(description="Mean cosine of her held-out pictures, each to the others.")
    strangers: int = 0
    held_out: int = 0
    unknown: int = Field(0, description="Her held-out pictures that the judge does not know, and so left out.")
    hers: float | None = Field(None, description="Cosine that nine in ten of her held-out pictures reach.")
    stranger: float | None = Field(None, description="Cosine that one in twenty strangers reaches.")

    def shown(self, cosine: float | None) -> float | None:
        """0 for a stranger, 100 for herself; None where the judge cannot tell her from strangers."""
        if cosine is None or self.floor is None or self.ceiling is None:
            return None
        span = self.ceiling - self.floor
        return 100 * (cosine - self.floor) / span if span >= LEAST_SPAN else None

    def place(self, cosine: float) -> Literal["herself", "between", "stranger"] | None:
        """As close as her own pictures are, closer than strangers come, or neither.

        None where the judge cannot tell her from strangers, or none was measured.
        """
        if self.hers is None or self.stranger is None or self.hers <= self.stranger:
            return None
        return "herself" if cosine >= self.hers else "between" if cosine > self.stranger else "stranger"


class Claim(Record):
    """What a prompt says of its picture: this attribute has this value (see `domain.claims`)."""

    name: str
    value: str


class PromptCheck(Record):
    """What a prompt says and a judge can tell, by whether it saw it; and words of the prompt its base does not know."""

    seen: tuple[Claim, ...] = ()
    missed: tuple[Claim, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """Of what can be told, how much was seen; None when nothing can be."""
        asked = len(self.seen) + len(self.missed)
        return len(self.seen) / asked if asked else None


class Picture(Record):
    """A generated picture in the library; its whole recipe is inside the file."""

    id: str
    path: str = Field(description="Relative to the workspace.")
    sha256: Sha256
    created: float
    job: int | None
    persona: str | None = Field(description="Whom it shows, by the prompt's persona or the checkpoint's.")
    prompt: str
    seed: int
    width: int
    height: int
    favourite: bool = False
    deleted_at: float | None = Field(None, description="When it went into the bin; empty: it is not there.")
    likeness: float | None = Field(None, description="Cosine to the persona's held-out pictures; empty: not measured.")
    likeness_note: str = ""
    yardstick: Yardstick | None = Field(None, description="What `likeness` meant on the day it was measured.")
    prompt_check: PromptCheck | None = Field(None, description="Empty: nothing of the prompt could be looked for.")
