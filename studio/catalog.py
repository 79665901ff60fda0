"""What the studio can do, as immutable tables with lazy targets: everything can be listed without torch."""

import difflib
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from studio.domain.buckets import WIDEST
from studio.domain.errors import MissingWeights, NotFound, Unsupported
from studio.domain.statistics import Unit

ASSETS = Path(__file__).resolve().parent.parent / "assets"
EMBEDDED = "embedded"
WORDS = "words.txt"
"""Beside a base's model_index.json: every word it was taught, one a line."""
TAUGHT = "taught.json"
"""Beside a base's model_index.json: whom of the rendered world its networks were taught, as stretches of seeds."""
SAMPLING = "sampling.json"
"""Beside a base's model_index.json: how it draws well: `num_inference_steps`, `guidance_scale` and, if it must, `widest`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: what it is, under which licence, and where the code is."""

    name: str
    title: str
    target: str
    licence: str = "Apache-2.0"
    """Of its weights and code: another one only where these are not ours."""
    about: str = ""
    minimum: int = 1
    """Fewest pictures for which the number means anything."""
    unit: Unit = "number"
    """What a metric counts in."""

    @property
    def is_share(self) -> bool:
        """Whether its numbers are shown as percentages."""
        return self.unit in ("share", "rate")

    def load(self) -> Callable[..., Any]:
        """Import the code behind the row. Only `jobs` may call this for rows that need torch."""
        module, _, attribute = self.target.partition(":")
        return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Base:
    """A folder in the Stable Diffusion layout, as far as it can be read without torch."""

    name: str
    title: str
    folder: Path
    family: str
    licence: str
    resolution: int
    prompt_tokens: int
    world_only: bool
    """True for the embedded base: it draws only its own small world."""
    words: frozenset[str] | None = None
    """The words of the captions it was trained on, where the base says so in its `words.txt`."""
    num_inference_steps: int = 20
    guidance_scale: float = 4.0
    widest: float = WIDEST
    """Longest side over shortest side up to which its pictures hold together. All three as its `sampling.json` says."""


def table(*entries: Entry) -> Mapping[str, Entry]:
    """Rows by name, in order."""
    return MappingProxyType({entry.name: entry for entry in entries})


def find(rows: Mapping[str, Entry], name: str, what: str) -> Entry:
    """The row called `name`. Raises `NotFound` with the nearest known name."""
    if name in rows:
        return rows[name]
    near = difflib.get_close_matches(name, rows, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(rows)}."
    raise NotFound(f'There is no {what} called "{name}".', hint)


FAMILIES = table(
    Entry(
        "sd",
        "Stable Diffusion layout",
        "studio.engines.families.sd:StableDiffusion",
        about="AutoencoderKL, CLIP text encoder, UNet2DConditionModel; epsilon, v-prediction or flow.",
    ),
)

METRICS = table(
    Entry(
        "likeness",
        "Likeness",
        "studio.engines.metrics.likeness:measure",
        about="How close the pictures come to the held-out ones (a cosine: 1 is identical, 0 where nobody is in the picture), by the judge that reports.",
        minimum=3,
        unit="cosine",
    ),
    Entry(
        "choosing",
        "Likeness, choosing judge",
        "studio.engines.metrics.choosing:measure",
        about="The same by a second judge. It alone chose the checkpoint, so that the first one reports without having had a say.",
        minimum=3,
        unit="cosine",
    ),
    Entry(
        "prompt_match",
        "Prompt match",
        "studio.engines.metrics.prompt_match:measure",
        about="How much of what the prompts ask for (place, clothes, light) is seen in the pictures, as far as the judge can tell.",
        minimum=3,
        unit="share",
    ),
    Entry(
        "copies",
        "Copies",
        "studio.engines.metrics.copies:measure",
        about="How many pictures are nearer to a training picture than the person's own pictures usually are to each other.",
        unit="rate",
    ),
    Entry(
        "variety",
        "Variety",
        "studio.engines.metrics.variety:measure",
        about="How much pictures of the same prompt differ from each other; 0 would be always the same picture.",
        minimum=3,
        unit="distance",
    ),
)
"""Scores of a comparison: `measure(evidence)` gives one number, or none, per picture."""

PIPELINES: Mapping[str, str] = MappingProxyType({"StableDiffusionPipeline": "sd"})
"""diffusers pipeline class to family."""


def find_base(name: str) -> Base:
    """The embedded base by name, or any base by the path of its folder.

    Raises `NotFound`, `MissingWeights` or `Unsupported` with what to do.
    """
    folder = ASSETS / "base" if name == EMBEDDED else Path(name).expanduser()
    index = folder / "model_index.json"
    if not folder.is_dir():
        raise NotFound(
            f'There is no base called "{name}".',
            f'Use "{EMBEDDED}", or the path of a folder in the diffusers layout.',
        )
    if not index.is_file():
        raise MissingWeights(
            f"The folder {folder} holds no model_index.json, so it is no diffusers base.",
            "Point to the folder that holds model_index.json, unet, vae and text_encoder.",
        )
    try:
        layout: dict[str, Any] = json.loads(index.read_text("utf-8"))
        kind = str(layout.get("_class_name"))
        unet: dict[str, Any] = json.loads((folder / "unet" / "config.json").read_text("utf-8"))
        vae: dict[str, Any] = json.loads((folder / "vae" / "config.json").read_text("utf-8"))
        text: dict[str, Any] = json.loads((folder / "text_encoder" / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise MissingWeights(
            f"The base in {folder} is incomplete or damaged ({error}).", "Copy or download it again."
        ) from error
    if kind not in PIPELINES:
        raise Unsupported(
            f"The base in {folder} is a {kind}; the studio runs {', '.join(PIPELINES)}.",
            "Choose a base of that layout.",
        )
    factor = 2 ** (len(vae.get("block_out_channels", (1,))) - 1)
    side = unet.get("sample_size") or 64
    side = max(side) if isinstance(side, list) else int(side)
    return Base(
        name=name,
        title="The studio's own small base" if name == EMBEDDED else folder.name,
        folder=folder,
        family=PIPELINES[kind],
        licence="Apache-2.0" if name == EMBEDDED else "see the base's own card",
        resolution=side * factor,
        prompt_tokens=int(text.get("max_position_embeddings", 77)),
        world_only=name == EMBEDDED,
        words=words_beside(folder),
        **sampling_beside(folder),
    )


def sampling_beside(folder: Path) -> dict[str, Any]:
    """How the base in `folder` wants to be sampled; empty where it does not say. Raises `MissingWeights`."""
    path = folder / SAMPLING
    try:
        found = json.loads(path.read_text("utf-8"))
        steps, guidance = int(found["num_inference_steps"]), float(found["guidance_scale"])
        widest = float(found.get("widest", WIDEST))
        if not (1 <= steps <= 100 and 0 <= guidance <= 20 and 1 <= widest <= 10):
            raise ValueError(f"{steps} steps, a guidance of {guidance:g} and a width of {widest:g} are out of bounds")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MissingWeights(
            f"{path} does not say how this base is sampled ({error}).",
            "It needs num_inference_steps from 1 to 100 and guidance_scale from 0 to 20; or delete the file.",
        ) from error
    return {"num_inference_steps": steps, "guidance_scale": guidance, "widest": widest}


def words_beside(folder: Path) -> frozenset[str] | None:
    """Every word the base in `folder` was taught; None where it does not say. Raises `MissingWeights`."""
    path = folder / WORDS
    try:
        return frozenset(path.read_text("utf-8").split())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise MissingWeights(
            f"The list of words in {path} cannot be read ({error}).", "Copy the base again."
        ) from error
