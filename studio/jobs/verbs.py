"""The verbs `job`, `work` and `supervise`: how the processes behind the page are started, by the studio or by hand."""

import argparse
from pathlib import Path

from studio.domain.errors import BadInput
from studio.domain.lanes import WARM
from studio.jobs.runner import IDLE_SECONDS, run_job, work, yield_to_the_page
from studio.jobs.supervisor import IDLE_SECONDS as NOTHING_TO_DO_SECONDS
from studio.jobs.supervisor import supervise
from studio.storage.opened import open_studio


def job(arguments: list[str]) -> int:
    """`studio job ID --workspace DIR`."""
    parser = argparse.ArgumentParser("studio job", description="Run one job of the queue in this process.")
    parser.add_argument("id", type=int)
    parsed = _parse(parser, arguments)
    yield_to_the_page()
    return run_job(open_studio(parsed.workspace, thorough=False), parsed.id)


def work_loop(arguments: list[str]) -> int:
    """`studio work --kinds generate,compare --workspace DIR`."""
    parser = argparse.ArgumentParser(
        "studio work", description="Run jobs of some kinds one after the other and keep what they loaded."
    )
    parser.add_argument("--kinds", default=",".join(sorted(WARM)), help="separated by commas")
    parser.add_argument(
        "--idle", type=float, default=IDLE_SECONDS, help="seconds without a job until it ends"
    )
    parsed = _parse(parser, arguments)
    kinds = frozenset(parsed.kinds.split(","))
    if not kinds <= WARM:
        raise BadInput(
            f"“{parsed.kinds}” cannot be served by one loop.", f"Known are: {', '.join(sorted(WARM))}."
        )
    yield_to_the_page()
    return work(open_studio(parsed.workspace, thorough=False), kinds, idle_seconds=parsed.idle)


def supervision(arguments: list[str]) -> int:
    """`studio supervise --workspace DIR`."""
    parser = argparse.ArgumentParser(
        "studio supervise",
        description="Start the jobs of a workspace and watch over them; one per workspace.",
    )
    parser.add_argument(
        "--idle",
        type=float,
        default=NOTHING_TO_DO_SECONDS,
        help="seconds without a job or a page until it ends",
    )
    parsed = _parse(parser, arguments)
    return supervise(open_studio(parsed.workspace, thorough=False), idle_seconds=parsed.idle)


def _parse(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    parser.add_argument("--workspace", type=Path, required=True, metavar="DIR")
    return parser.parse_args(arguments)
