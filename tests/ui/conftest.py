"""A real page for the browser tests: its own process on a free port, a workspace that is thrown away, Chromium."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from studio.shots import FLAGS, address, find_chromium, start_page
from studio.storage.opened import Studio, open_studio
from studio.storage.presence import holder
from tests.ui.accessibility import axe_source

PATIENCE = 600.0
"""Seconds for real work on a slow machine; nothing waits that long when all is well."""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """An empty workspace, for tests without a browser."""
    opened = open_studio(tmp_path / "workspace")
    yield opened
    opened.db.dispose()


@dataclass
class Site:
    """The page's process; `kill` and `start` again keep port and workspace."""

    workspace: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    url: str = ""
    log: Path = field(default_factory=Path)

    def start(self) -> None:
        self.log = self.workspace.parent / f"web-{time.monotonic_ns()}.txt"
        self.process = start_page(self.workspace, self.log, self.port)
        self.url = address(self.process, self.log)
        self.port = int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def open(self) -> Studio:
        """The same workspace, looked at from the test."""
        return open_studio(self.workspace)

    def end(self) -> None:
        """Everything this site started, the detached supervisor and its loop included."""
        roles = [holder(self.open().workspace, role) for role in ("supervisor", "starting", "work")]
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        for card in roles:
            if card is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    for child in psutil.Process(card.pid).children(recursive=True):
                        child.kill()
                    psutil.Process(card.pid).kill()


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def missing_browser() -> str | None:
    """Why the tests of the page are skipped; None: there is a browser, or they have to fail without one."""
    if find_chromium() is not None or os.environ.get("BROWSER_TESTS") == "required":
        return None
    return "no Chromium on this machine: install it, or name it in STUDIO_CHROMIUM"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: while one is open, nothing else in this process may drive a browser."""
    missing = missing_browser()
    if missing is not None:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    return axe_source(tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One per file of tests: they walk through it in order, as a person would."""
    running = Site(tmp_path_factory.mktemp("site") / "my werkstatt ü")
    running.start()
    yield running
    running.end()


@dataclass
class Visit:
    """A browser tab on the site, and what must not happen in it."""

    page: Page
    site: Site
    complaints: list[str]

    def go(self, **query: str) -> "Visit":
        self.page.goto(str(httpx.URL(self.site.url, params=query)))
        return self._there()

    def reload(self) -> "Visit":
        self.page.reload()
        return self._there()

    def _there(self) -> "Visit":
        """Waits for the boards, and until `endLoading` of studio.js has been: it ends every frame asked for past it, and
        Playwright's `wait_for_function` is such a frame, which would wait for ever."""
        self.page.wait_for_selector(".ps.top")
        self.page.wait_for_selector(".ps.strip")
        self.page.wait_for_function("/native code/.test(String(requestAnimationFrame))", polling=50)
        return self

    def tab(self, name: str) -> "Visit":
        """Opens it, and waits until the studio knows: what is pressed before that is drawn for the tab left behind."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        known = "name => new URLSearchParams(location.search).get('tab') === name"
        self.page.wait_for_function(known, arg=name.lower())
        return self

    def see(self, selector: str, seconds: float = 15) -> None:
        """Tabs that were visited stay in the page, hidden: what counts is what can be seen."""
        self.page.wait_for_selector(f"{selector} >> visible=true", timeout=seconds * 1000)

    def gone(self, selector: str, seconds: float = PATIENCE) -> None:
        self.page.wait_for_selector(selector, state="detached", timeout=seconds * 1000)

    def text(self, selector: str) -> str:
        """What a reader reads, with single spaces."""
        return " ".join(self.page.inner_text(selector).split())


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """Opens tabs; at the end none of them may have complained or asked anybody outside."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce"
    )
    opened: list[Visit] = []

    def new(**query: str) -> Visit:
        page = context.new_page()
        made = Visit(page, site, [])
        page.on("pageerror", lambda error: made.complaints.append(f"page error: {error}"))
        page.on(
            "request",
            lambda request: (
                made.complaints.append(f"outside: {request.url}") if outside(request.url, site) else None
            ),
        )
        page.on(
            "console",
            lambda message: (
                made.complaints.append(f"{message.text} at {message.location['url']}")
                if serious(message.type, message.text)
                else None
            ),
        )
        opened.append(made)
        return made.go(**query)

    yield new
    complaints = [line for made in opened for line in made.complaints]
    context.close()
    assert not complaints, complaints


def outside(url: str, site: Site) -> bool:
    return not url.startswith((site.url, "data:", "blob:"))


def serious(kind: str, text: str) -> bool:
    """Console errors of our making; a server that was killed on purpose breaks connections."""
    return kind == "error" and "net::ERR_" not in text and "status of 5" not in text
