"""The studio's own processes with the deeds of these tests as handlers: `python -m tests.jobs.child VERB …`."""

import sys
from pathlib import Path

from studio.jobs.launchers import LocalLauncher
from studio.jobs.runner import run_job, work, yield_to_the_page
from studio.jobs.supervisor import supervise
from studio.storage.opened import open_studio
from tests.jobs.deeds import HANDLERS

COMMAND = (sys.executable, "-m", "tests.jobs.child")


def main(arguments: list[str]) -> int:
    verb = arguments[0]
    studio = open_studio(Path(arguments[arguments.index("--workspace") + 1]), thorough=False)
    if verb != "supervise":
        yield_to_the_page()
    if verb == "job":
        return run_job(studio, int(arguments[1]), handlers=HANDLERS)
    if verb == "work":
        kinds = frozenset(arguments[arguments.index("--kinds") + 1].split(","))
        return work(studio, kinds, idle_seconds=20, handlers=HANDLERS)
    idle = float(arguments[arguments.index("--idle") + 1]) if "--idle" in arguments else 20.0
    return supervise(studio, launcher=LocalLauncher(COMMAND), idle_seconds=idle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
