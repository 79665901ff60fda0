"""The verb `shots`: screenshots of every tab, in light, in dark and on a phone, of a workspace that is open or not."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio import settings as configuration
from studio.domain.errors import NotFound, Unsupported
from studio.storage.presence import holder
from studio.storage.workspace import open_workspace

TABS = ("persona", "dataset", "train", "create", "judge")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SETTLED_SECONDS = 2.5
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at a tab; sizes in CSS pixels."""

    name: str
    width: int
    height: int
    scheme: str
    scale: float = 1.0


LOOKS = (
    Look("light", 1280, 900, "light"),
    Look("dark", 1280, 900, "dark"),
    Look("phone", 390, 844, "light", 2.0),
)


def main(arguments: list[str]) -> int:
    """Writes `<tab>-<look>.png` into a folder. Raises `NotFound` without a browser, `Unsupported` without playwright."""
    parser = argparse.ArgumentParser(
        prog="python -m studio shots", description="Make screenshots of every tab."
    )
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument(
        "--persona", default="", help="short name of the persona to show (default: the newest)"
    )
    parser.add_argument("--whole", action="store_true", help="the whole length of each page, not one screen")
    configuration.add_options(parser, "workspace")
    parsed = parser.parse_args(arguments)
    workspace = Path(configuration.settings_of(parsed).workspace)
    parsed.folder.mkdir(parents=True, exist_ok=True)
    with served(workspace) as url:
        for path in shoot(url, parsed.folder, parsed.persona, whole=parsed.whole):
            print(path)
    return 0


def shoot(url: str, folder: Path, persona: str, *, whole: bool) -> Iterator[Path]:
    """One picture per tab and look."""
    with chromium() as browser:
        for look in LOOKS:
            context = browser.new_context(
                viewport={"width": look.width, "height": look.height},
                color_scheme=look.scheme,
                device_scale_factor=look.scale,
            )
            page = context.new_page()
            for tab in TABS:
                page.goto(f"{url}/?tab={tab}&persona={persona}")
                page.wait_for_selector(".ps.strip")
                page.wait_for_timeout(SETTLED_SECONDS * 1000)
                path = folder / f"{tab}-{look.name}.png"
                if whole:
                    # The strip at the foot is fixed and tells about now: on a long picture it would be in the way.
                    page.add_style_tag(content="#strip { display: none !important; }")
                    length = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": look.width, "height": max(look.height, int(length))})
                    page.wait_for_timeout(500)
                page.screenshot(path=str(path), full_page=whole)
                page.set_viewport_size({"width": look.width, "height": look.height})
                yield path
            context.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium of this machine, driven by playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Unsupported(
            "Screenshots need playwright.", "Run `python launch.py test` once; it installs it."
        ) from error
    found = find_chromium()
    if found is None:
        raise NotFound("There is no Chromium on this machine.", "Install it, or name it in STUDIO_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def find_chromium() -> str | None:
    """Where a Chromium lies, if anywhere: the one named in STUDIO_CHROMIUM before those of this machine."""
    names = (os.environ.get("STUDIO_CHROMIUM", ""), *BROWSERS)
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """The address of the workspace's page: of the one that is open, or of one opened for the while."""
    card = holder(open_workspace(workspace), "web")
    if card is not None and card.url:
        yield card.url
        return
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "web.txt"
        process = start_page(workspace, log)
        try:
            yield address(process, log)
        finally:
            process.terminate()
            process.wait()


def page_command(workspace: Path, port: int = 0) -> list[str]:
    """What serves a workspace's page; port 0: any free one."""
    page = [sys.executable, "-m", "studio", "ui", "--no-browser"]
    return [*page, "--port", str(port), "--workspace", str(workspace)]


def start_page(workspace: Path, log: Path, port: int = 0) -> subprocess.Popen[str]:
    """The process that serves the page and says so in `log`."""
    with log.open("w") as said:
        return subprocess.Popen(page_command(workspace, port), stdout=said, stderr=subprocess.STDOUT, text=True)


def address(process: subprocess.Popen[str], log: Path, seconds: float = START_SECONDS) -> str:
    """Where the page is, once it says so. Raises `NotFound` with what it said instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if "is ready at " in (said := log.read_text()):
            return said.split("is ready at ")[1].split()[0]
        time.sleep(0.1)
    raise NotFound(
        f"The page did not start: {log.read_text()[-400:].strip()}", "Try `python -m studio ui` to see why."
    )
