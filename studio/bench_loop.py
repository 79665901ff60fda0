"""The slow half of the bench: the example persona's whole way and the page, each timed as a person gets it."""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from studio.domain.errors import StudioError
from studio.shots import SETTLED_SECONDS, TABS, address, chromium, start_page
from studio.storage.presence import holder
from studio.storage.workspace import open_workspace

VISITS = 3
GONE_SECONDS = 10.0
"""For a killed process to leave the table of processes; nobody waits that long when all is well."""
USABLE = ".trail button"
"""The first thing to press on the Persona tab; it is there once the page was drawn from the rows."""


@dataclass(frozen=True, slots=True)
class LoopTimes:
    """Seconds of the example persona's training and of the comparison that ends in her verdict."""

    training: float
    verdict: float


@dataclass(frozen=True, slots=True)
class PageCost:
    """Seconds from the address to a page that can be used, and what its process holds after every tab, in MB."""

    usable: float
    megabytes: float


def example_loop(workspace: Path) -> LoopTimes:
    """Import, training, comparison and report of the example persona by the verb `demo`, in `workspace`.

    Its progress goes to the terminal's error stream. Raises `StudioError` with what the demo said when it fails.
    """
    command = [sys.executable, "-m", "studio", "demo", "--workspace", str(workspace)]
    run = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise StudioError(
            f"The demo failed: {run.stderr.strip()[-400:]}", "Try `python -m studio demo` to see why."
        )
    seconds = json.loads((workspace / "report.json").read_text("utf-8"))["seconds"]
    return LoopTimes(float(seconds["train"]), float(seconds["compare"]))


def page_cost(workspace: Path) -> PageCost:
    """The page of a workspace with a persona, by `VISITS` new visitors, then once through all tabs.

    Raises `NotFound` without a browser, `Unsupported` without playwright.
    """
    with page_of(workspace) as (process, url), chromium() as browser:
        took = []
        for _ in range(VISITS):
            context = browser.new_context()
            page = context.new_page()
            start = time.perf_counter()
            page.goto(url)
            page.wait_for_selector(USABLE)
            took.append(time.perf_counter() - start)
            context.close()
        page = browser.new_page()
        for tab in TABS:
            page.goto(f"{url}/?tab={tab}")
            page.wait_for_selector(".ps.strip")
            page.wait_for_timeout(SETTLED_SECONDS * 1000)
        held = psutil.Process(process.pid).memory_info().rss
    return PageCost(statistics.median(took), held / 1e6)


@contextmanager
def page_of(workspace: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A page of its own, whose process can be looked at, and its address; ended with all that it started."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "web.txt"
        process = start_page(workspace, log)
        try:
            yield process, address(process, log)
        finally:
            process.terminate()
            process.wait()
            end_workers(workspace)


def end_workers(workspace: Path) -> None:
    """The supervisor and the warm loop go on after a page by design; a workspace that is thrown away needs neither."""
    opened = open_workspace(workspace)
    killed: list[psutil.Process] = []
    for card in (holder(opened, "supervisor"), holder(opened, "starting"), holder(opened, "work")):
        if card is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker = psutil.Process(card.pid)
                for one in (*worker.children(recursive=True), worker):
                    killed.append(one)
                    one.kill()
    psutil.wait_procs(killed, timeout=GONE_SECONDS)  # a kill returns before its process is gone
