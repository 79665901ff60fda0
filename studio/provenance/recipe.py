"""The recipe: everything that is needed to make a picture again, as one versioned record."""

import json
from typing import Any

from pydantic import Field, ValidationError

from studio.domain.errors import BadInput, Unsupported
from studio.domain.records import Record, Sha256

MAJOR, MINOR = 1, 0
LONGEST = 256 * 1024
"""Characters of recipe JSON that are read; a real one has about one thousand."""


class BaseUsed(Record):
    """The base that drew the picture."""

    name: str = Field(min_length=1, max_length=400)
    sha256: Sha256 | None = None


class AdapterUsed(Record):
    """The adapter (LoRA weights) that was loaded, and how strongly."""

    name: str = Field(min_length=1, max_length=400)
    adapter_scale: float = Field(1.0, ge=-10, le=10, allow_inf_nan=False)
    sha256: Sha256 | None = Field(None, description="Of the whole file.")
    body_sha256: Sha256 | None = Field(
        None, description="Of the tensors only; other programs recognise an adapter by its first 12 digits."
    )


class Batch(Record):
    """Where in its batch the picture was made; its own seed is `first_seed + index`."""

    index: int = Field(0, ge=0)
    size: int = Field(1, ge=1)
    first_seed: int = Field(0, ge=0)


class Recipe(Record):
    """How one picture was made. Written into the picture, and read back from it."""

    version: str = Field(f"{MAJOR}.{MINOR}", pattern=r"^\d{1,4}\.\d{1,4}$")
    studio: str = Field(max_length=80, description="Version of the studio that made the picture.")
    persona: str | None = Field(None, max_length=60, description="Slug of the persona.")
    prompt: str = Field(max_length=20_000)
    negative_prompt: str = Field("", max_length=20_000)
    seed: int = Field(ge=0, le=2**64 - 1)
    num_inference_steps: int = Field(ge=1, le=100_000)
    guidance_scale: float = Field(ge=0, le=1000, allow_inf_nan=False)
    scheduler: str = Field("default", max_length=120)
    width: int = Field(ge=1, le=1_000_000)
    height: int = Field(ge=1, le=1_000_000)
    base: BaseUsed
    adapter: AdapterUsed | None = None
    batch: Batch = Field(default_factory=Batch)
    device: str = Field("", max_length=120, description="Only the same kind of device gives the same bits.")
    precision: str = Field("", max_length=40)

    def to_json(self) -> str:
        """The recipe as it is written into files: sorted keys, so equal recipes are equal texts."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)


def recipe_from_json(text: str) -> Recipe:
    """Read a recipe; unknown fields of a newer minor version are left out.

    Raises `Unsupported` for another major version, `BadInput` when it is no recipe.
    """
    if len(text) > LONGEST:
        raise BadInput(f"The recipe is longer than {LONGEST} characters.", "It is not one of this studio's.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("The recipe is not valid JSON.", "The file may be damaged.") from error
    if not isinstance(found, dict) or not isinstance(found.get("version"), str):
        raise BadInput("The recipe has no version.", "It is not one of this studio's.")
    version = str(found["version"])
    major, _, minor = version.partition(".")
    if major != str(MAJOR):
        raise Unsupported(
            f"The recipe has version {version[:20]}; this studio reads {MAJOR}.x.", "Update Persona Studio."
        )
    if minor.isdecimal() and int(minor) > MINOR:
        found = _known_only(found)
    try:
        return Recipe.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f'The recipe\'s field "{place}" cannot be used ({first["msg"]}).', "The file may be damaged."
        ) from error


def _known_only(found: dict[str, Any]) -> dict[str, Any]:
    """`found` without the fields this version does not know, nested records included."""
    known = {name: value for name, value in found.items() if name in Recipe.model_fields}
    for name, record in (("base", BaseUsed), ("adapter", AdapterUsed), ("batch", Batch)):
        inner = known.get(name)
        if isinstance(inner, dict):
            known[name] = {key: value for key, value in inner.items() if key in record.model_fields}
    return known
