"""`python -m studio base cast`: how well a preset does on people it was not made for."""

import argparse
from pathlib import Path

from studio.catalog import ASSETS, find_base
from studio.domain.errors import BadInput, Cancelled
from studio.domain.presets import PRESETS, preset_spec
from studio.jobs.base_terminal import STOPPED, Terminal, interrupts

HELD_OUT = 900_000
"""No base and no judge was trained on an identity from here on."""
FIRST = 960_000
"""These are not the example persona's and its control's either."""


def cast_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options and sets `run`."""
    parser.add_argument("out", type=Path, help="pictures, adapters and report; repeat the command to continue")
    parser.add_argument("--base", type=Path, default=ASSETS / "base")
    parser.add_argument("--judge", type=Path, default=ASSETS / "judges" / "reporter")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--first-identity", type=int, default=FIRST, help="seed of the first person")
    parser.add_argument("--preset", choices=[preset.name for preset in PRESETS], default="good")
    parser.add_argument("--adapter-scale", type=float, default=0.8)
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes one per core")
    parser.set_defaults(run=_cast)


def _cast(chosen: argparse.Namespace) -> int:
    from studio.domain.cast_report import table
    from studio.engines.device import use_device
    from studio.jobs.cast import TRIGGER, Plan, run_cast

    if chosen.people < 2:
        raise BadInput(f"{chosen.people} people are no cast.", "Ask for two or more; 20 give useful intervals.")
    if chosen.first_identity < HELD_OUT:
        raise BadInput(
            f"Identity {chosen.first_identity} may have been trained on.", f"Those from {HELD_OUT} on were held out."
        )
    use_device("auto", chosen.threads)
    preset = next(preset for preset in PRESETS if preset.name == chosen.preset)
    spec = preset_spec(preset, TRIGGER, find_base(str(chosen.base)).resolution)
    plan = Plan(
        chosen.out, find_base(str(chosen.base)).folder, chosen.judge, chosen.people, chosen.first_identity, spec, chosen.adapter_scale
    )
    try:
        with interrupts() as interrupt:
            found = run_cast(plan, Terminal(interrupt=interrupt))
    except Cancelled:
        print("Stopped. Who was taught already is kept; the same command goes on from there.")
        return STOPPED
    print(f"\n{table(found)}\n\nAlso in {plan.out / 'report.txt'} and {plan.out / 'report.json'}.")
    return 0
