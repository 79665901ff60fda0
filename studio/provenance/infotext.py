"""The `parameters` text that other programs read and write (the dialect of the AUTOMATIC1111 web UI)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.domain.errors import BadInput
from studio.provenance.recipe import AdapterUsed, BaseUsed, Batch, Recipe

LONGEST = 64 * 1024
"""Characters that are read; what is longer is cut before parsing."""

SAMPLERS: Mapping[str, str] = {
    "EulerDiscreteScheduler": "Euler",
    "EulerAncestralDiscreteScheduler": "Euler a",
    "DPMSolverMultistepScheduler": "DPM++ 2M",
    "DPMSolverSinglestepScheduler": "DPM++ 2S a",
    "DDIMScheduler": "DDIM",
    "DDPMScheduler": "DDPM",
    "PNDMScheduler": "PLMS",
    "UniPCMultistepScheduler": "UniPC",
    "HeunDiscreteScheduler": "Heun",
    "LMSDiscreteScheduler": "LMS",
    "KDPM2DiscreteScheduler": "DPM2",
    "KDPM2AncestralDiscreteScheduler": "DPM2 a",
    "LCMScheduler": "LCM",
}
"""diffusers scheduler class to the sampler's name in the other dialect."""

_SCHEDULERS = {sampler: name for name, sampler in SAMPLERS.items()}
_SETTING = re.compile(r'\s*(\w[\w \-/]{0,80}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_LORA = re.compile(r"<lora:([^:<>]{1,200}):([^<>]{1,80})>")
_SIZE = re.compile(r"^(\d{1,7})x(\d{1,7})$")


@dataclass(frozen=True, slots=True)
class Lora:
    """One `<lora:name:strength>` of a prompt."""

    name: str
    scale: float


@dataclass(frozen=True, slots=True)
class Infotext:
    """What a `parameters` text says; `prompt` has its `<lora:…>` parts taken out."""

    prompt: str
    negative_prompt: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    loras: tuple[Lora, ...] = ()


def safe_lora_name(name: str) -> str:
    """`name` in the letters Civitai's reader accepts in `<lora:…>`: no space, path or bracket."""
    return re.sub(r"[^a-zA-Z0-9_.-]+", "_", Path(name.replace("\\", "/")).stem).strip("_") or "adapter"


def shown_prompt(text: str) -> str:
    """`text` so that no reader takes a part of it for the settings or the negative prompt.

    Civitai takes the first line that starts with `Steps: ` for the settings, and splits at
    `Negative prompt:`; a blank before the colon disarms both. The JSON recipe keeps the exact text.
    """
    lines = re.split(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]", text.replace("\r\n", "\n"))
    calm = (
        re.sub(r"^Steps:|Negative prompt:", lambda key: f"{key[0][:-1]} :", line.strip()) for line in lines
    )
    return "\n".join(calm).strip()


def infotext(recipe: Recipe) -> str:
    """The recipe as `parameters` text: prompt, `Negative prompt:` line, one line of settings.

    The order and the escaping follow the web UI; `Steps` stands first and no quoted value holds a
    double quote, because Civitai's tokenizer knows no escape. The noise is drawn on the CPU.
    """
    adapter = recipe.adapter
    prompt = _LORA.sub("", recipe.prompt)
    lora = ""
    if adapter is not None:
        lora = safe_lora_name(adapter.name)
        # Civitai knows no negative strength in the tag; the settings line repeats the true one then.
        prompt = f"{prompt} <lora:{lora}:{max(adapter.adapter_scale, 0.0):.6g}>"
    hashed = (adapter.body_sha256 or adapter.sha256) if adapter is not None else None
    settings: dict[str, str | None] = {
        "Steps": str(recipe.num_inference_steps),
        "Sampler": SAMPLERS.get(recipe.scheduler, recipe.scheduler),
        "CFG scale": f"{recipe.guidance_scale:.6g}",
        "Seed": str(recipe.seed),
        "Size": f"{recipe.width}x{recipe.height}",
        "Model hash": recipe.base.sha256[:10] if recipe.base.sha256 else None,
        "Model": recipe.base.name,
        "Batch size": str(recipe.batch.size) if recipe.batch.size > 1 else None,
        "Batch pos": str(recipe.batch.index) if recipe.batch.size > 1 else None,
        "RNG": "CPU",
        "Lora hashes": f"{lora}: {hashed[:12]}" if hashed else None,
        "Persona": recipe.persona,
        "Version": f"Persona Studio {recipe.studio}",
    }
    last = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items() if value is not None)
    parts = [shown_prompt(prompt)]
    if negative := shown_prompt(recipe.negative_prompt):
        parts.append(f"Negative prompt: {negative}")
    return "\n".join([*parts, last])


def read_infotext(text: str) -> Infotext:
    """Parse a `parameters` text of any program that writes this dialect. Never fails.

    A last line counts as settings only with three or more of them, as in the web UI.
    """
    lines = text[:LONGEST].replace("\r\n", "\n").strip("\n ").split("\n")
    settings: dict[str, str] = {}
    found = _SETTING.findall(lines[-1])
    if len(found) >= 3:
        settings = {name.strip(): _unquoted(value) for name, value in found}
        lines = lines[:-1]
    prompt: list[str] = []
    negative: list[str] = []
    current = prompt
    for line in lines:
        stripped = line.strip()
        if current is prompt and stripped.startswith("Negative prompt:"):
            current, stripped = negative, stripped.removeprefix("Negative prompt:").strip()
        current.append(stripped)
    words = "\n".join(prompt).strip()
    loras = tuple(Lora(name, _scale(args)) for name, args in _LORA.findall(words))
    bare = "\n".join(line.strip() for line in _LORA.sub("", words).split("\n")).strip()
    return Infotext(bare, "\n".join(negative).strip(), settings, loras)


def recipe_from_infotext(text: str) -> Recipe:
    """A recipe from another program's `parameters`, as far as it goes; missing settings get defaults.

    Raises `BadInput` when the text holds no settings at all.
    """
    info = read_infotext(text)
    if not info.settings:
        raise BadInput(
            "The picture's text holds no generation settings.", "Only its words can be used, as a prompt."
        )
    size = _SIZE.match(info.settings.get("Size", ""))
    seed = _number(info.settings.get("Seed"), 0)
    position, count = _number(info.settings.get("Batch pos"), 0), _number(info.settings.get("Batch size"), 1)
    sampler = info.settings.get("Sampler", "default")
    adapter = None
    if info.loras:
        adapter = AdapterUsed(
            name=info.loras[0].name, adapter_scale=min(10.0, max(-10.0, info.loras[0].scale))
        )
    return Recipe(
        studio=info.settings.get("Version", "another program").removeprefix("Persona Studio ")[:80],
        persona=info.settings.get("Persona", "")[:60] or None,
        prompt=info.prompt[:20_000],
        negative_prompt=info.negative_prompt[:20_000],
        seed=min(max(seed, 0), 2**64 - 1),
        num_inference_steps=min(max(_number(info.settings.get("Steps"), 20), 1), 100_000),
        guidance_scale=min(max(_real(info.settings.get("CFG scale"), 7.0), 0.0), 1000.0),
        scheduler=_SCHEDULERS.get(sampler, sampler)[:120],
        width=min(max(int(size[1]), 1), 1_000_000) if size else 512,
        height=min(max(int(size[2]), 1), 1_000_000) if size else 512,
        base=BaseUsed(name=info.settings.get("Model", "unknown")[:400] or "unknown"),
        adapter=adapter,
        batch=Batch(index=max(position, 0), size=max(count, 1), first_seed=max(seed - position, 0)),
    )


def _quoted(value: str) -> str:
    calm = " ".join(value.split())
    if any(character in calm for character in ',:"'):
        return json.dumps(calm.replace('"', "'").replace("\\", "/"), ensure_ascii=False)
    return calm


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value


def _scale(args: str) -> float:
    """Strength from `0.8`, `0.8:0.6` or `te=0.5:unet=0.8`; the denoiser's counts, 1 when unreadable."""
    parts = args.split(":")
    named = dict(part.split("=", 1) for part in parts if "=" in part)
    plain = [part for part in parts if "=" not in part]
    text = named.get("unet") or (plain[1] if len(plain) > 1 else None) or (plain[0] if plain else None)
    return _real(text or named.get("te"), 1.0)


def _number(text: str | None, default: int) -> int:
    try:
        return int(text) if text is not None and len(text) <= 20 else default
    except ValueError:
        return default


def _real(text: str | None, default: float) -> float:
    try:
        value = float(text) if text is not None and len(text) <= 40 else default
    except ValueError:
        return default
    return value if value == value and abs(value) != float("inf") else default
