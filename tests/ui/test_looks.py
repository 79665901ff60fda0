"""Every tab in light, dark and on a phone: readable, named, in its width, and quickly there."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from studio.actions import jobs, personas
from tests.timing import allowed
from tests.ui.accessibility import violations
from tests.ui.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABS = ("persona", "dataset", "train", "create", "judge")
READY = {
    "persona": ".trail",
    "dataset": ".tile",
    "train": "#start-training",
    "create": "#prompt textarea",
    "judge": "#judge-plan .ps > *",
}


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    """The site with the example persona in it."""
    studio = site.open()
    _, job = personas.load_example(studio)
    assert jobs.wait(studio, job, timeout=120).result
    return site


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=request.param, reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    yield context.new_page()
    context.close()


def show(page: Page, site: Site, tab: str) -> None:
    page.goto(f"{site.url}/?tab={tab}")
    page.wait_for_selector(f"{READY[tab]} >> visible=true")
    page.wait_for_timeout(600)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_can_be_read_and_named(page: Page, filled: Site, axe: str | None, tab: str) -> None:
    show(page, filled, tab)
    for drawer in page.locator(".ps details summary:visible, .label-wrap:visible").all():
        drawer.click()
    page.get_by_role("button", name="Jobs", exact=True).click()
    page.wait_for_timeout(400)
    assert violations(page, axe) == []


def test_the_first_page_can_be_read_and_named(
    page: Page, tmp_path_factory: pytest.TempPathFactory, axe: str | None
) -> None:
    empty = Site(tmp_path_factory.mktemp("empty") / "workspace")
    empty.start()
    try:
        page.goto(empty.url)
        page.wait_for_selector("#load-example")
        assert violations(page, axe) == []
    finally:
        empty.end()


@pytest.mark.parametrize("tab", TABS)
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, filled: Site, tab: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    show(page, filled, tab)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_role("tab").locator("visible=true").count() == 5
    context.close()


def test_the_page_is_usable_within_two_seconds(browser: Browser, filled: Site) -> None:
    """Two seconds on a machine that does nothing else; on a busy one as much longer as it is busy."""
    took = []
    for _ in range(3):
        context = browser.new_context()
        page = context.new_page()
        start = time.perf_counter()
        page.goto(filled.url)
        page.wait_for_selector(".trail button")
        took.append(time.perf_counter() - start)
        context.close()
    assert min(took) <= allowed(2.0), took


COUNT_FRAMES = """
    window.frames_asked = 0;
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (draw) => { window.frames_asked += 1; return ask(draw); };
"""


def test_a_page_that_nobody_touches_draws_no_frames(browser: Browser, filled: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(COUNT_FRAMES)
    show(page, filled, "train")
    asked = [page.evaluate("window.frames_asked")]
    while len(asked) < 2 or asked[-1] > asked[-2] + 2:
        assert len(asked) < 20, f"Gradio's loading sign never stops: {asked}"
        page.wait_for_timeout(1000)
        asked.append(page.evaluate("window.frames_asked"))
    assert asked[0] > 0
    context.close()


def test_light_and_dark_can_be_switched_and_stay(browser: Browser, filled: Site) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    show(page, filled, "persona")
    page.click("[data-theme-switch]")
    assert page.evaluate("document.body.classList.contains('dark')")
    show(page, filled, "dataset")
    page.wait_for_function("document.body.classList.contains('dark')")
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_no_label_shows_through_the_line_at_the_foot(browser: Browser, filled: Site, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    show(page, filled, "create")
    label = page.locator("#shape [data-testid=block-info]").first
    bar = page.locator("#strip").bounding_box()
    place = label.bounding_box()
    assert bar and place
    page.set_viewport_size({"width": width, "height": int(place["y"] + bar["height"] / 2)})  # it lies behind the line now
    page.wait_for_timeout(300)
    on_top = """(label) => {
      const box = label.getBoundingClientRect(), foot = document.querySelector("#strip");
      return [box.bottom > foot.getBoundingClientRect().top, foot.contains(document.elementFromPoint(box.left + 5, box.top + 5))];
    }"""
    assert label.evaluate(on_top) == [True, True]
    context.close()


@pytest.mark.parametrize("tab", TABS)
def test_nothing_jumps_while_a_page_opens(browser: Browser, filled: Site, tab: str) -> None:
    """The layout shift of a first visit: up to 0.1 is called good, above 0.25 poor; Gradio's own first drawing takes 0.07.

    On a busy machine what comes in one frame comes in two, and 0.12 was seen.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    page = context.new_page()
    show(page, filled, tab)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.shift") < 0.2
    context.close()


def test_the_keyboard_opens_the_list_of_jobs_and_chooses_files(browser: Browser, filled: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    show(page, filled, "dataset")
    jobs_button = page.get_by_role("button", name="Jobs", exact=True)
    for shown in (True, False):
        jobs_button.press("Enter")
        assert page.locator("#all-jobs").is_visible() is shown
        assert jobs_button.get_attribute("aria-expanded") == str(shown).lower()
    for name in ("Choose files", "Choose a folder"):
        with page.expect_file_chooser():
            page.get_by_role("button", name=name).press("Enter")  # in one go: a redrawing in between takes the focus away
    context.close()


def test_escape_shuts_the_list_of_jobs_but_first_the_picture_above_it(browser: Browser, filled: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    show(page, filled, "dataset")
    jobs_button, listed = page.get_by_role("button", name="Jobs", exact=True), page.locator("#all-jobs")
    jobs_button.click()
    page.locator(".tile .frame button").first.press("Enter")
    page.wait_for_selector(".ps.viewer img")
    page.keyboard.press("Escape")
    page.wait_for_selector(".ps.viewer", state="detached")
    assert listed.is_visible(), "one Escape, one thing"
    page.keyboard.press("Escape")
    assert listed.is_hidden() and jobs_button.get_attribute("aria-expanded") == "false"
    assert jobs_button.evaluate("(button) => button === document.activeElement")
    page.locator(".tile .frame button").first.focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('.tile') !== null"), "nothing to shut, nothing to go back to"
    context.close()


def test_the_keyboard_reaches_and_opens_a_picture(browser: Browser, filled: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    show(page, filled, "dataset")
    page.locator(".tile .frame button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ps.viewer img")
    page.keyboard.press("Escape")
    page.wait_for_selector(".ps.viewer", state="detached")
    assert page.evaluate("document.activeElement.closest('.tile') !== null")
    context.close()
