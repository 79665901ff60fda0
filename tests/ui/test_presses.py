"""Presses of a mouse count, whatever the page does between press and release, and count once, in their order."""

from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Route

from studio.actions.datasets import set_kept
from studio.storage import datasets
from tests.ui.conftest import PATIENCE, Site, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Visit]
REJECT = ".tile [data-act=keep][data-value=no]"
SHOWN = "count => document.querySelectorAll('.tile.rejected').length === count"


def listen(me: Visit) -> None:
    """From now on the page remembers which deeds were clicked for."""
    acts = "window.heard = []; addEventListener('click', ({ target }) => window.heard.push(target.closest('[data-act]')?.dataset.act || ''))"
    me.page.evaluate(acts)


def heard(me: Visit) -> list[str]:
    return [act for act in me.page.evaluate("window.heard") if act]


def press(me: Visit, selector: str, from_left: float | None = None) -> None:
    """The mouse goes to the middle of something, or so many pixels into it, and is held down."""
    me.page.locator(selector).first.scroll_into_view_if_needed()
    box = me.page.locator(selector).first.bounding_box()
    assert box is not None
    me.page.mouse.move(box["x"] + (from_left or box["width"] / 2), box["y"] + box["height"] / 2)
    me.page.mouse.down()


def rejected(site: Site) -> set[str]:
    return {example.id for example in datasets.examples(site.open().workspace, "zia") if not example.kept}


def test_what_was_pressed_counts_though_its_board_is_drawn_anew(visit: Open, site: Site) -> None:
    """A picture of the filter leaves, and the next one takes its place under the mouse."""
    me = visit()
    me.page.click("#load-example")
    me.see(".trail")
    me.page.click("#go-dataset")
    me.see("text=Ready to train.", PATIENCE)
    me.page.select_option("#filter", "kept")
    me.page.wait_for_function("new URLSearchParams(location.search).get('filter') === 'kept'")
    first, second, third = (one.get_attribute("data-example") or "" for one in me.page.locator(REJECT).all()[:3])
    me.page.locator(REJECT).nth(1).evaluate("(button) => button.classList.add('second')")
    press(me, ".second")
    set_kept(site.open(), "zia", [first], kept=False)
    me.page.wait_for_function(f"document.querySelector('{REJECT}').dataset.example === '{second}'")
    under = me.page.evaluate("document.querySelectorAll('.tile')[1].querySelector('[data-act=keep]').dataset.example")
    assert under == third
    me.page.mouse.up()
    me.page.wait_for_function("count => document.querySelectorAll('.tile').length === count", arg=22)
    assert rejected(site) == {first, second}


def test_a_press_for_what_is_gone_by_its_release_is_for_nothing(visit: Open, site: Site) -> None:
    me = visit(tab="dataset", filter="kept")
    me.see(".tile")
    listen(me)
    before, gone = rejected(site), me.page.locator(REJECT).first.get_attribute("data-example") or ""
    press(me, REJECT)
    set_kept(site.open(), "zia", [gone], kept=False)
    me.page.wait_for_function(f"document.querySelector('{REJECT}').dataset.example !== '{gone}'")
    me.page.mouse.up()
    me.page.wait_for_timeout(300)
    assert heard(me) == [] and rejected(site) == before | {gone}


def test_a_shaky_hand_does_not_press_what_came_under_it(visit: Open, site: Site) -> None:
    """Let go a little further on, on the same button, which stands for another picture by then."""
    me = visit(tab="dataset", filter="kept")
    me.see(".tile")
    listen(me)
    before, gone = rejected(site), me.page.locator(REJECT).first.get_attribute("data-example") or ""
    press(me, REJECT, from_left=8)
    set_kept(site.open(), "zia", [gone], kept=False)
    me.page.wait_for_function(f"document.querySelector('{REJECT}').dataset.example !== '{gone}'")
    box = me.page.locator(REJECT).first.bounding_box()
    assert box is not None
    me.page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    me.page.mouse.up()
    me.page.wait_for_timeout(300)
    assert heard(me) == [] and rejected(site) == before | {gone}


def test_what_a_tile_says_may_change_while_it_is_pressed(visit: Open) -> None:
    """A caption is saved when its box is left, so pressing the picture beside it changes what the picture is called."""
    me = visit(tab="dataset")
    me.see(".tile")
    press(me, ".tile [data-big]")
    me.page.evaluate("document.querySelector('.tile [data-big]').dataset.alt = 'zia woman in a garden'")
    me.page.evaluate("document.querySelector('.tile [data-big]').replaceChildren()")  # what was under the mouse is gone
    me.page.mouse.up()
    me.see(".ps.viewer")


def test_links_and_ticks_are_told_apart_by_what_they_lead_to(visit: Open) -> None:
    """Boards are changed in place: while a tick or a link is pressed, another picture takes its place."""
    me = visit(tab="dataset")
    me.see(".tile")
    row = '<p><label><input type="checkbox" value="{0}">Choose</label> <a href="#{0}">Download</a></p>'
    draw = "html => { document.querySelector('#dataset-state').innerHTML = html; }"
    swap = """() => [...document.querySelectorAll('#dataset-state p')].forEach((row, place) => {
        row.querySelector('input').setAttribute('value', ['two', 'one'][place]);
        row.querySelector('a').setAttribute('href', ['#two', '#one'][place]);
    })"""
    me.page.evaluate("""window.led = []; addEventListener('click', (event) => {
        const link = event.target.closest('a');
        if (link) { event.preventDefault(); window.led.push(link.getAttribute('href')); }
    })""")
    me.page.evaluate(draw, row.format("one") + row.format("two"))
    press(me, "#dataset-state label")
    me.page.evaluate(swap)
    me.page.mouse.up()
    ticked = "[...document.querySelectorAll('#dataset-state input:checked')].map((box) => box.value)"
    assert me.page.evaluate(ticked) == ["one"]
    me.page.evaluate(draw, row.format("one") + row.format("two"))
    press(me, "#dataset-state a")
    me.page.evaluate(swap)
    me.page.mouse.up()
    assert me.page.evaluate("window.led") == ["#one"]


def test_a_button_that_moves_away_while_it_is_pressed_still_counts(visit: Open) -> None:
    me = visit()
    if not me.page.is_visible("#make-persona"):
        me.page.get_by_text("Make a new persona").click()
    me.see("#make-persona")
    press(me, "#make-persona")
    me.page.evaluate("document.querySelector('#make-persona').style.transform = 'translateY(-150px)'")
    me.page.mouse.up()
    me.see("#notice .say.bad")


def test_a_press_counts_once_and_one_let_go_elsewhere_not_at_all(visit: Open, site: Site) -> None:
    me = visit(tab="dataset")
    me.see(".tile")
    listen(me)
    before = rejected(site)
    press(me, REJECT)
    me.page.mouse.move(5, 5)
    me.page.mouse.up()
    me.page.wait_for_timeout(300)
    assert heard(me) == [] and rejected(site) == before
    press(me, REJECT)
    me.page.mouse.up()
    me.page.wait_for_timeout(300)
    assert heard(me) == ["keep"]
    me.page.wait_for_function(SHOWN, arg=len(before) + 1)
    me.page.locator(REJECT).first.focus()
    me.page.keyboard.press("Enter")
    me.page.wait_for_function(SHOWN, arg=len(before) + 2)


def test_a_slow_answer_does_not_bring_back_what_was_true_before(visit: Open, site: Site) -> None:
    me = visit(tab="dataset")
    me.see(".tile")
    before = len(rejected(site))
    slow: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if slow or '"keep"' not in (route.request.post_data or ""):
            route.continue_()
        else:
            slow.append((route, route.fetch()))

    me.page.route("**/gradio_api/run/**", hold_the_first)
    me.page.locator(REJECT).first.evaluate("(button) => button.click()")
    me.page.wait_for_timeout(300)
    me.page.locator(REJECT).nth(1).evaluate("(button) => button.click()")
    for _ in range(100):
        if slow:
            break
        me.page.wait_for_timeout(100)
    me.page.wait_for_timeout(700)  # time enough for the second answer, if it is not made to wait
    route, answer = slow[0]
    route.fulfill(response=answer)
    me.page.wait_for_function(SHOWN, arg=before + 2)
    me.page.wait_for_timeout(300)
    assert me.page.locator(".tile.rejected").count() == len(rejected(site)) == before + 2
