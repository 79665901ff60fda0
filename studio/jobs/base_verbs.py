"""`python -m studio base render|train|evaluate|cast|export|measure|trim|sheet`: how the embedded base and its judges are made."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from studio.catalog import TAUGHT, WORDS, find_base
from studio.domain.errors import BadInput
from studio.domain.vocabulary import PLACES, taught_words, unknown_words
from studio.jobs.base_terminal import Terminal
from studio.jobs.base_training import train_options
from studio.jobs.cast_verb import cast_options
from studio.jobs.evaluate_verb import evaluate_options
from studio.provenance.xmp import save_png


def base(arguments: list[str]) -> int:
    """The verb `base`."""
    parser = argparse.ArgumentParser(prog="python -m studio base", description=__doc__)
    add_base_commands(parser.add_subparsers(dest="command", required=True))
    chosen = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    return run(chosen)


def add_base_commands(subparsers: Any) -> None:
    """Adds the eight sub-commands; each sets `run`, a function of the parsed arguments to an exit code."""
    _render_options(subparsers.add_parser("render", help="render pictures of the small world with captions"))
    train_options(subparsers.add_parser("train", help="train networks from scratch on captioned pictures, or a judge"))
    evaluate_options(subparsers.add_parser("evaluate", help="measure a base on held-out pictures"))
    cast_options(subparsers.add_parser("cast", help="teach a preset many invented people, and measure how well it does"))
    _export_options(subparsers.add_parser("export", help="put trained networks together as a base"))
    _measure_options(subparsers.add_parser("measure", help="measure a judge anew, where the world or the base changed"))
    _trim_options(subparsers.add_parser("trim", help="leave out of a judge what it reads too badly to be asked for"))
    _sheet_options(subparsers.add_parser("sheet", help="draw a contact sheet of the world or of a base"))


def _render_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, help="folder to render into; repeat the command to continue")
    parser.add_argument("--pictures", type=int, required=True)
    parser.add_argument("--first-identity", type=int, required=True, help="seed of the first person")
    parser.add_argument("--identities", type=int, required=True, help="how many people take turns")
    parser.add_argument(
        "--look-alikes", type=int, default=0, help="others per person who share all that words say of them"
    )
    parser.add_argument("--first-scene", type=int, required=True, help="seed of the first scene")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--workers", type=int, default=1, help="processes side by side")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu",
        help="cuda: on a graphics card, with nvcc; some fifteen workers under NVIDIA's MPS keep it busy",
    )  # fmt: skip
    parser.add_argument(
        "--world", choices=("whole", "first", "portraits", "heads", "pairs", "things"), default="whole",
        help="first: the eight places and captions of version 1; portraits: one person each; heads: close-ups of theirs; "
        "pairs: two people each; things: nobody",
    )
    parser.set_defaults(run=_render)


def _render(chosen: argparse.Namespace) -> int:
    from studio.jobs.world_pictures import Order, render_folder

    order = Order(
        chosen.pictures, chosen.first_identity, chosen.identities, chosen.first_scene, chosen.size, chosen.look_alikes,
        chosen.world,
    )
    render_folder(order, chosen.out, Terminal(), workers=chosen.workers, device=chosen.device)
    return 0


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path)
    parser.add_argument("--autoencoder", type=Path, required=True)
    parser.add_argument(
        "--text", type=Path, action="append", required=True,
        help="folder of the text encoder; given more than once, for lessons that began at the same weights: their mean",
    )  # fmt: skip
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument(
        "--denoiser", type=Path, action="append", required=True, help="likewise; a folder that is named twice counts twice"
    )
    parser.add_argument("--flow-shift", type=float, default=2.0, help="leans the sampler towards noisy steps")
    parser.add_argument(
        "--taught", type=Path, nargs="+", default=[], help="folders it learned from: its words.txt and taught.json tell their words and people"
    )
    parser.set_defaults(run=_export)


def _export(chosen: argparse.Namespace) -> int:
    from studio.engines.pretrain_export import export_base
    from studio.jobs.judge_lessons import ranges
    from studio.jobs.world_pictures import records
    from studio.world.identity import LOOK_ALIKES

    export_base(
        chosen.out, autoencoder=chosen.autoencoder, text=chosen.text, tokenizer=chosen.tokenizer,
        denoiser=chosen.denoiser, flow_shift=chosen.flow_shift,
    )  # fmt: skip
    if chosen.taught:
        known = [record for folder in chosen.taught for record in records(folder)]
        words = taught_words(text for record in known for text in record["texts"])
        (chosen.out / WORDS).write_text("\n".join(words) + "\n", "utf-8")
        people = np.array([record["seen"] for record in known if record["seen"] is not None], np.int64)
        (chosen.out / TAUGHT).write_text(json.dumps({"identities": ranges(people % LOOK_ALIKES)}) + "\n", "utf-8")
    return 0


def _measure_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("judge", type=Path, help="folder of the judge")
    parser.add_argument("--held-out-data", type=Path, nargs="+", required=True, help="rendered folders with people it never saw")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it to, which may be the same")
    parser.set_defaults(run=_measure)


def _measure(chosen: argparse.Namespace) -> int:
    from studio.jobs.judge_lessons import measure_on

    measure_on(chosen.held_out_data, chosen.judge, chosen.out, Terminal())
    return 0


def _trim_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("judge", type=Path, help="folder of the judge")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it to, which may be the same")
    parser.add_argument("--keep", nargs="+", metavar="ATTRIBUTE", help="all it will be asked for (default: all it is sure of)")
    parser.set_defaults(run=_trim)


def _trim(chosen: argparse.Namespace) -> int:
    from studio.engines.judge import load_judge
    from studio.engines.judge_measures import save_judge, trimmed

    save_judge(trimmed(load_judge(chosen.judge), chosen.keep), chosen.out)
    return 0


def _sheet_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, help="picture file to write")
    parser.add_argument("--identities", default="105,201,207,204,42,950001", help="seeds, one row each")
    parser.add_argument("--places", help="one column each; by default all, or those whose words the base knows")
    parser.add_argument("--all-sorts", type=int, metavar="COUNT", help="so many pictures of the whole world instead")
    parser.add_argument("--first-scene", type=int, default=1, help="seed of the first of these")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--base", type=Path, help="let this base draw the same captions instead")
    parser.add_argument("--seed", type=int, default=0, help="of the base's pictures")
    parser.set_defaults(run=_sheet)


def _sheet(chosen: argparse.Namespace) -> int:
    from studio.jobs.world_pictures import all_sorts, contact_sheet, people_by_places, sheet_captions

    identities = _seeds(chosen.identities)
    places = [place.strip() for place in chosen.places.split(",")] if chosen.places else default_places(chosen.base)
    unknown = [place for place in places if place not in PLACES]
    if unknown:
        raise BadInput(f"There is no place called {unknown[0]}.", f"Places: {', '.join(PLACES)}.")
    sorts: int | None = chosen.all_sorts
    rows = people_by_places(identities, places) if sorts is None else all_sorts(sorts, chosen.first_scene)
    if chosen.base:
        from PIL import Image

        from studio.engines.pretrain_evaluation import draw_rows

        save_png(Image.fromarray(draw_rows(chosen.base, sheet_captions(rows), chosen.seed)), chosen.out)
    else:
        from studio.world.render import on_one_thread
        from studio.world.trace import find_tracer

        with on_one_thread():
            contact_sheet(rows, chosen.size, find_tracer(chosen.out.parent / ".compiled")).save(chosen.out)
    return 0


def default_places(base: Path | None) -> list[str]:
    """Every place of the world, or those that a base can be asked for in words it knows.

    Raises `BadInput` for a base that knows none of them, and what `find_base` raises.
    """
    words = find_base(str(base)).words if base else None
    if words is None:
        return list(PLACES)
    known = [place for place, phrases in PLACES.items() if not any(unknown_words(one, words) for one in phrases)]
    if not known:
        raise BadInput(
            f"{base} knows the words of no place of this world.", "Name places to draw anyway: --places beach,city."
        )
    return known


def _seeds(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise BadInput(f"“{text}” is no list of seeds.", "Write numbers with commas between them.") from error
