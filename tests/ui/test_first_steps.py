"""What a first user saw in a browser and stumbled over: notices over buttons, texts of which nobody says they are saved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from studio.actions import personas
from studio.domain.records import Charter
from studio.storage import datasets
from studio.storage import personas as stored
from studio.ui import job_card
from studio.ui.tabs.new_persona import ADULT
from tests.pictures import encoded, example, scene
from tests.ui.conftest import Site, Visit, until
from tests.ui.test_create import trained

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Visit]
SIZES = [(1280, 900), (1280, 640), (390, 844)]
COVERED = """() => {
  const own = document.querySelector("#notice .say").getBoundingClientRect();
  return [...document.querySelectorAll("button.primary, .button.primary")].filter((button) => {
    const box = button.getBoundingClientRect();
    return box.width && box.left < own.right && own.left < box.right && box.top < own.bottom && own.top < box.bottom;
  }).map((button) => button.textContent);
}"""


def in_sight(page: Page, selector: str) -> bool:
    """Whether all of it can be seen and the line at the foot does not lie over it."""
    return bool(page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect(), foot = document.querySelector("#strip").getBoundingClientRect();
          return box.top >= 0 && box.bottom <= foot.top;
        }""", selector,
    ))  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_a_notice_covers_no_main_button(visit: Open, size: tuple[int, int]) -> None:
    me = visit()
    me.page.set_viewport_size({"width": size[0], "height": size[1]})
    if not me.page.is_visible("#make-persona"):
        me.page.get_by_text("Make a new persona").click()
    me.see("#make-persona")
    for _ in range(2):  # where the button lies at the foot of the page, and where it does not
        me.page.locator("#new-name").locator("input, textarea").fill("Mira Sol")
        me.page.locator("#make-persona").scroll_into_view_if_needed()
        me.page.click("#make-persona")
        me.see("#notice .say.bad")
        me.page.wait_for_timeout(600)
        assert me.page.evaluate(COVERED) == []
        me.page.mouse.wheel(0, -150)
        me.page.wait_for_timeout(300)
        assert me.page.evaluate(COVERED) == []


def test_a_missing_tick_is_red_until_it_is_set(visit: Open) -> None:
    me = visit()
    if not me.page.is_visible("#make-persona"):
        me.page.get_by_text("Make a new persona").click()
    me.see("#make-persona")
    frame = me.page.locator(".form:has(> #new-adult)")
    plain = frame.evaluate("(form) => getComputedStyle(form).borderColor")
    me.page.click("#make-persona")
    me.see("#new-adult.needed")
    assert "Tick this to go on." in me.text("#new-adult")
    assert frame.evaluate("(form) => getComputedStyle(form).borderColor") != plain
    me.page.check("#new-adult input")
    me.gone("#new-adult.needed", 15)
    assert me.text("#new-adult") == ADULT and me.page.is_checked("#new-adult input")
    assert frame.evaluate("(form) => getComputedStyle(form).borderColor") == plain


def test_words_the_base_does_not_know_are_named_while_somebody_types(visit: Open) -> None:
    me = visit()
    if not me.page.is_visible("#new-description"):
        me.page.get_by_text("Make a new persona").click()
    me.see("#known-words summary")
    me.page.click("#known-words summary")
    assert "ponytailed" in me.text("#known-words") and "hazel" in me.text("#known-words")
    area = me.page.locator("#new-description").locator("input, textarea")
    area.press_sequentially("a woman with a monocle and a fedora on")
    me.see("#description-says .chip")
    me.page.wait_for_function("document.querySelector('#description-says').innerText.includes('fedora')")
    assert "does not know: monocle, fedora. They are learned as new words." in me.text("#description-says")
    assert area.evaluate("area => area === document.activeElement"), "and typing goes on"
    area.fill("a woman")
    me.gone("#description-says .chip", 15)


def test_a_description_says_whether_it_is_saved(visit: Open, site: Site) -> None:
    studio = site.open()
    slug = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)).slug
    me = visit(persona=slug)
    me.see("#persona-details")
    me.page.click("#persona-details > summary")
    save, area = me.page.locator("#save-description"), me.page.locator("#persona-details textarea")
    assert save.inner_text() == "Saved" and save.is_disabled()
    area.press_sequentially("a woman with a monocle")
    assert save.inner_text() == "Save" and save.is_enabled()
    save.click()
    me.page.wait_for_function("document.querySelector('#save-description').textContent === 'Saved'")
    assert stored.load(studio.workspace, slug).description == area.input_value() == "a woman with a monocle"
    me.see("#persona-details .chip.warn")
    assert save.is_disabled() and "does not know: monocle" in me.text("#persona-details")


@pytest.mark.parametrize("size", SIZES)
def test_the_captions_that_would_change_come_into_sight_with_the_button_that_changes_them(
    visit: Open, site: Site, size: tuple[int, int]
) -> None:
    studio = site.open()
    slug = personas.create_persona(studio, name=f"Bea{size[0]}{size[1]}", trigger="beavok", charter=Charter(confirmed_adult=True)).slug
    for number in range(20):
        bare = example(number).model_copy(update={"caption": "", "held_out": number < 5})
        datasets.add(studio.workspace, slug, bare, encoded(scene(number)))
    me = visit(persona=slug, tab="dataset")
    me.page.set_viewport_size({"width": size[0], "height": size[1]})
    me.see("#add-caption")
    assert "into 20 captions" in me.text("#add-caption")
    me.page.click("#add-caption")
    me.see("#bulk-apply")
    me.page.wait_for_timeout(400)
    assert in_sight(me.page, "#bulk-apply") and me.text("#bulk-apply") == "Change 20 captions"
    me.page.click("#bulk-apply")
    until(lambda: all(one.caption == "beavok" for one in datasets.examples(studio.workspace, slug)), 15)


PLAN = """<form data-form><p data-plan data-pace="10"></p><input type="checkbox" name="arm-1" checked><input type="checkbox" name="fresh">
  <textarea name="prompts">a</textarea><select name="seeds"><option value="4" selected>4</option></select></form>"""


def test_the_time_of_a_plan_is_told_in_the_words_of_the_page_while_it_changes(visit: Open) -> None:
    me = visit(tab="judge")
    me.see("#judge-plan .ps")
    me.page.evaluate("html => document.querySelector('#judge-plan .ps').innerHTML = html", PLAN)
    for prompts in (1, 3, 40):
        me.page.fill("#judge-plan textarea", "\n".join("abc"[:1] * prompts))
        wanted = f"{4 * prompts} pictures, about {job_card.seconds(40 * prompts)}."
        me.page.wait_for_function("said => document.querySelector('#judge-plan [data-plan]').textContent === said", arg=wanted)


def test_the_count_of_a_plan_is_of_what_its_controls_show_also_after_a_redraw(visit: Open) -> None:
    me = visit(tab="judge")
    me.see("#judge-plan .ps")
    told = me.page.evaluate(
        """async (html) => {
          const element = document.createElement("div");
          let redrawn;
          element.innerHTML = html;
          studio.board(element, () => {}, (_, settle) => { redrawn = settle; });
          element.querySelector("textarea").value = "a\\nb";
          element.querySelector("[data-plan]").textContent = "4 pictures, about 40 seconds.";
          redrawn();
          const first = element.querySelector("[data-plan]").textContent;
          for (let n = 0; n < 100 && element.querySelector("[data-plan]").textContent === first; n++) await new Promise((yes) => setTimeout(yes, 50));
          return element.querySelector("[data-plan]").textContent;
        }""", PLAN,
    )  # fmt: skip
    assert told == f"8 pictures, about {job_card.seconds(80)}."


def judged(site: Site, name: str, trigger: str) -> str:
    """A persona with a training to compare; its name in addresses."""
    studio = site.open()
    run = trained(studio, name, trigger).checkpoint.split("/")[1]
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"UPDATE job SET status = 'done' WHERE id = {run}")
    return name.lower()


def test_a_plan_without_enough_prompts_says_so_beside_its_button(visit: Open, site: Site) -> None:
    me = visit(tab="judge", persona=judged(site, "Cleo", "cleovok"))
    me.see("#compare")
    assert me.page.is_hidden("#too-few")
    me.page.click("#plan-drawer > summary")
    for prompts, warned in ((2, True), (3, False), (1, True)):
        me.page.fill("#plan-prompts", "{who} on a beach\n" * prompts)
        assert me.page.is_visible("#too-few") is warned


def test_what_is_to_be_compared_survives_a_reload_and_is_not_another_personas(visit: Open, site: Site) -> None:
    mine, other = judged(site, "Dora", "doravok"), judged(site, "Edda", "eddavok")
    me = visit(tab="judge", persona=mine)
    me.see("#compare")
    default, written = me.page.input_value("#plan-prompts"), "{who} on a beach\n{who} skiing"
    me.page.click("#plan-drawer > summary")
    me.page.fill("#plan-prompts", written)
    me.page.select_option("#plan-seeds", "2")
    me.page.uncheck("#plan-fresh")
    me.page.uncheck("[name='arm-step 50 at strength 0.8']")

    def chosen() -> list[str | bool]:
        ticks = [me.page.is_checked(f"[name='{name}']") for name in ("fresh", "arm-step 50 at strength 0.8", "arm-step 50 at strength 1")]
        return [me.page.input_value("#plan-prompts"), me.page.input_value("#plan-seeds"), *ticks]

    me.reload()
    me.see("#compare")
    me.page.wait_for_function("document.querySelector('[data-plan]').textContent.startsWith('12 pictures')")  # 2 prompts, 2 seeds, 3 arms
    assert chosen() == [written, "2", False, False, True] and me.page.is_visible("#too-few")
    me.page.select_option("#persona-switch", other)
    me.page.wait_for_function("slug => document.querySelector('[data-keeps]').dataset.keeps.endsWith(slug)", arg=other)
    me.page.wait_for_function("text => document.querySelector('#plan-prompts').value === text", arg=default)
    assert chosen()[2:] == [True, True, True]
    me.page.select_option("#persona-switch", mine)
    me.page.wait_for_function("text => document.querySelector('#plan-prompts').value === text", arg=written)
    assert chosen() == [written, "2", False, False, True]
