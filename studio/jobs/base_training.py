"""`python -m studio base train`: networks from scratch on any captioned folder, and the judges of the small world."""

import argparse
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from pydantic import ValidationError

from studio.domain.errors import BadInput, Cancelled
from studio.domain.pretraining import PRESETS, PretrainSpec
from studio.files import write_atomic
from studio.jobs.base_terminal import STOPPED, Terminal, interrupts
from studio.jobs.caption_check import check_wordings
from studio.provenance.xmp import save_png

if TYPE_CHECKING:
    from studio.engines.pretrain_samples import Sample

STAGES = ("all", "text-to-image", "autoencoder", "decoder", "text", "denoiser", "judge", "picture", "heads", "gate", "objects")
JUDGES = ("judge", "picture", "heads", "gate", "objects")
OF_HEADS = {
    "share": "heads: how much of what tells people apart comes from this lesson, from 0 to 1, the rest from the judge of --start (default 1)",
    "everybody": "heads: weight of what tells any two people apart, beside what tells look-alikes apart (default 0.1)",
}
ELSEWHERE = frozenset({"kind", "folders", "rights", "start", "stage"})
"""Fields of the spec that are no options, or that are read by hand."""


def train_options(parser: argparse.ArgumentParser) -> None:
    """The options of `base train`: one per field of the spec, with its help."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = presets_told()
    parser.add_argument(
        "stage", choices=STAGES,
        help="all: the codec, the reader, the painter; decoder: an autoencoder's way back only, latents stay valid; "
        "picture, heads, gate, objects: what a judge reads of whole pictures, of people, takes for its world, and points "
        "at; all else stays",
    )  # fmt: skip
    parser.add_argument("data", type=Path, nargs="+", help="folders (or zips) of captioned pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; repeat the command to continue")
    parser.add_argument("--start", type=Path, help="base whose networks to start from, or to build on")
    parser.add_argument(
        "--held-out-data", type=Path, nargs="+", default=(), help="folders to measure on, instead of a share of the data"
    )
    parser.add_argument("--preset", choices=PRESETS, help="settings with a name, explained below; others override them")
    parser.add_argument("--device", default="auto", help="what computes: auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes one per core")
    for name, field in PretrainSpec.model_fields.items():
        if name not in ELSEWHERE:
            told = f"{field.description} (default {field.default})".replace("%", "%%")
            flag = {"action": "store_const", "const": True} if field.annotation is bool else {}
            parser.add_argument(f"--{name.replace('_', '-')}", help=told, **flag)  # type: ignore[arg-type]
    for name, told in OF_HEADS.items():
        parser.add_argument(f"--{name}", type=float, help=told)
    parser.set_defaults(run=train)


def presets_told() -> str:
    """Every preset with the reason for each of its choices."""
    lines = []
    for name, preset in PRESETS.items():
        lines.append(f"--preset {name}: {preset.title}.")
        for field, reason in preset.reasons.items():
            lines.append(f"  {field.replace('_', '-')} {preset.settings[field]}: {reason}")
    return "\n".join(lines)


def train(chosen: argparse.Namespace) -> int:
    """Trains until it is done or Ctrl-C is pressed; the same command goes on from there."""
    given: dict[str, Any] = dict(PRESETS[chosen.preset].settings) if chosen.preset else {}
    asked = {name: getattr(chosen, name) for name in PretrainSpec.model_fields if name not in ELSEWHERE}
    given |= {name: value for name, value in (asked | of_heads(chosen)).items() if value is not None}
    with interrupts() as interrupt:
        terminal = partial(Terminal, chosen.out / "curves.jsonl", interrupt=interrupt)
        try:
            if chosen.stage in JUDGES:
                return train_judge(chosen, given, terminal())
            return train_networks(chosen, given, terminal)
        except Cancelled:
            print("Stopped. What it learned is kept; repeat the command to go on.", flush=True)
            return STOPPED


def of_heads(chosen: argparse.Namespace) -> dict[str, float | None]:
    """The options of the stage heads. Raises `BadInput` for one that cannot be, or elsewhere."""
    given = {name: getattr(chosen, name) for name in OF_HEADS}
    for name, value in given.items():
        if value is not None and chosen.stage != "heads":
            raise BadInput(f"--{name} is nothing to the stage {chosen.stage}.", "It belongs to: base train heads.")
        if value is not None and not 0 <= value <= 1:
            raise BadInput(f"--{name} {value:g} cannot be used.", "It is between 0 and 1.")
    return given


def train_networks(chosen: argparse.Namespace, given: dict[str, Any], terminal: "partial[Terminal]") -> int:
    """One stage or all of them, in this process."""
    if "steps" in given and chosen.preset and chosen.epochs is None:
        given.pop("epochs", None)  # steps that were asked for by hand override the preset's epochs
    stage = "autoencoder" if chosen.stage == "decoder" else chosen.stage
    folders = [str(folder) for folder in chosen.data]
    start = str(chosen.start) if chosen.start else ""
    spec = checked_spec({**given, "stage": stage, "folders": folders, "start": start})

    from studio.engines.device import use_device
    from studio.engines.pretrain_stages import read_material, train_from_scratch

    use_device(chosen.device, chosen.threads)
    material = read_material(spec, terminal(None), chosen.held_out_data)
    check_wordings([*material.train.captions, *material.held_out.captions], terminal(None))
    train_from_scratch(
        spec, material, chosen.out, lambda name: terminal(stage=name), partial(write_grid, chosen.out),
        decoder_only=chosen.stage == "decoder",
    )  # fmt: skip
    return 0


def train_judge(chosen: argparse.Namespace, given: dict[str, Any], report: Terminal) -> int:
    """A judge of the rendered world, or a part of one."""
    if not chosen.held_out_data:
        raise BadInput("A judge is measured on people it never saw.", "Name their folder with --held-out-data.")
    from studio.jobs.judge_lessons import (
        train_gate_on,
        train_heads_on,
        train_judge_on,
        train_objects_on,
        train_picture_on,
    )

    if chosen.stage == "judge":
        train_judge_on(given, chosen.data, chosen.held_out_data, chosen.out, chosen.start, report)
        return 0
    if chosen.start is None:
        raise BadInput(f"The stage {chosen.stage} goes on with a judge.", "Name the judge's folder with --start.")
    stages = {"picture": train_picture_on, "heads": train_heads_on, "gate": train_gate_on, "objects": train_objects_on}
    teach = stages[chosen.stage]
    teach(given, chosen.data, chosen.held_out_data, chosen.out, chosen.start, report)
    return 0


def checked_spec(given: dict[str, Any]) -> PretrainSpec:
    """The spec, or a sentence with the first setting that cannot be. Raises `BadInput`."""
    try:
        return PretrainSpec.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        problem = first["msg"].removeprefix("Value error, ")
        raise BadInput(
            f"--{name.replace('_', '-')} {first.get('input')} cannot be used: {problem}.",
            PretrainSpec.model_fields[name].description or "",
        ) from error


def write_grid(out: Path, stage: str, step: int, samples: "Sequence[Sample]") -> None:
    """The samples of one look as one picture under `out/samples`, which says that AI made it."""
    from studio.engines.pretrain_samples import grid

    target = io.BytesIO()
    save_png(Image.fromarray(grid(samples)), target)
    write_atomic(out / "samples" / f"{stage}-{step:06d}.png", target.getvalue(), durable=False)
