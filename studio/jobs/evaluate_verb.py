"""`python -m studio base evaluate`: what a base can do, in a table and as JSON, alone and with a persona."""

import argparse
from pathlib import Path

from studio.catalog import ASSETS, find_base
from studio.domain.errors import BadInput, Cancelled
from studio.domain.hard_prompts import KINDS
from studio.domain.policy import check_text
from studio.jobs.base_terminal import STOPPED, Terminal, interrupts


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options and sets `run`."""
    parser.add_argument("data", type=Path, help="rendered folder of people and scenes the base never saw")
    parser.add_argument("--base", type=Path, default=ASSETS / "base")
    parser.add_argument("--judge", type=Path, default=ASSETS / "judges" / "reporter")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/evaluation"), help="pictures and reports; repeat the command to continue"
    )
    parser.add_argument("--pictures", type=int, help="at most so many captions and so many prompts, for a quick look")
    kinds = f"hard prompts of these kinds only, with ; between: {'; '.join(KINDS)}"
    parser.add_argument("--kinds", default="", help=kinds)
    parser.add_argument("--who", default="a woman", help="who stands where a prompt has a place for a person")
    parser.add_argument("--guidance-scale", type=float, default=3.0)
    parser.add_argument("--num-inference-steps", type=int, help="by default as many as suit the base")
    parser.add_argument("--seed", type=int, default=0)
    persona = parser.add_argument_group("with a persona", "of a workspace, or an adapter and what belongs to it")
    persona.add_argument("--persona", help="the persona's name in the workspace")
    persona.add_argument("--workspace", type=Path, help="the persona's workspace")
    persona.add_argument("--adapter", type=Path, help="LoRA file, instead of a persona of a workspace")
    persona.add_argument("--trigger", help="how prompts call the persona: the trigger word, and woman or man if that helps")
    persona.add_argument("--own-pictures", type=Path, help="folder of the persona's pictures that it was not trained on")
    persona.add_argument("--adapter-scale", type=float, default=1.0)
    parser.set_defaults(run=_evaluate)


def _evaluate(chosen: argparse.Namespace) -> int:
    from studio.domain.base_report import table
    from studio.jobs.base_evaluation import Plan, evaluate_base
    from studio.jobs.persona_choice import chosen_persona

    kinds = [kind.strip() for kind in chosen.kinds.split(";") if kind.strip()]
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong:
        raise BadInput(f"There is no kind of hard prompts called “{wrong[0]}”.", f"Kinds: {'; '.join(KINDS)}.")
    if chosen.pictures is not None and chosen.pictures < 1:
        raise BadInput(f"{chosen.pictures} pictures cannot be drawn.", "Ask for one or more.")
    check_text(chosen.who, where="prompt")
    plan = Plan(
        base=chosen.base, judge=chosen.judge, data=chosen.data, out=chosen.out, who=chosen.who,
        pictures=chosen.pictures, kinds=kinds,
        num_inference_steps=chosen.num_inference_steps or find_base(str(chosen.base)).num_inference_steps,
        guidance_scale=chosen.guidance_scale, seed=chosen.seed, her=chosen_persona(chosen),
    )  # fmt: skip
    try:
        with interrupts() as interrupt:
            found = evaluate_base(plan, Terminal(interrupt=interrupt))
    except Cancelled:
        print("Stopped. What was drawn is kept; the same command goes on from there.")
        return STOPPED
    text, numbers = plan.out / "report.txt", plan.out / "report.json"
    print(f"\n{table(found)}\n\nAlso in {text} and, with every number, in {numbers}.")
    return 0
