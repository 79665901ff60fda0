"""A person's way through the page on real jobs: pictures, training, creating, judging. The tests go in order."""

import hashlib
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import httpx
import psutil
import pytest
from PIL import Image

from studio.domain.records import RIGHTS_TITLES, JobStatus, Rights
from studio.storage import datasets, pictures, queue
from studio.ui.app import SESSIONS
from tests.timing import allowed
from tests.ui.accessibility import violations
from tests.ui.conftest import PATIENCE, Site, Visit, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Visit]
HOSTILE = '<img src=x onerror="window.hacked=1"> ${window.hacked=1} {{1}} zia woman on a beach'


def test_the_first_page_teaches_and_one_click_loads_the_example(visit: Open) -> None:
    me = visit()
    assert "One person, the same in every picture." in me.text("#persona-card")
    assert me.page.locator("#persona-card img").count() == 6
    for name in ("Dataset", "Train", "Judge"):
        me.tab(name).see("text=First, a persona")
    me.tab("Persona").page.click("#load-example")
    me.see(".trail")
    assert "persona=" in me.page.url
    me.page.click("#go-dataset")
    me.see("#import-report", PATIENCE)
    me.see("text=Ready to train.")
    assert re.findall(r"\d+", me.text("#dataset-counts")) == ["24", "18", "6", "0"]
    assert me.page.locator("#dataset-state .tile").count() == 24


def test_the_menu_of_personas_leads_to_a_new_one_from_any_tab(visit: Open) -> None:
    me = visit(tab="dataset")
    me.see("#persona-switch")
    me.page.select_option("#persona-switch", "+")
    me.see("#new-adult")
    assert me.page.input_value("#persona-switch") != "+"


@pytest.mark.parametrize("own", [False, True], ids=["browser's", "ours"])
def test_the_fingerprint_of_a_document_is_made_in_the_browser(visit: Open, tmp_path: Path, *, own: bool) -> None:
    """Over plain http from another computer a browser withholds its own way to make one."""
    document = tmp_path / "consent.pdf"
    document.write_bytes(b"I, Jane Roe, consent. " * 50)
    me = visit()
    if own:
        me.page.evaluate("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    me.page.select_option("#persona-switch", "+")
    me.see("#new-charter")
    me.page.get_by_label("Another adult, whose consent I have on record").check()
    me.see("#consent-evidence")
    me.page.set_input_files("#consent-file", document)
    wanted = hashlib.sha256(document.read_bytes()).hexdigest()
    me.page.wait_for_function(
        "wanted => document.querySelector('#consent-evidence textarea, #consent-evidence input').value === wanted",
        arg=wanted,
    )


def test_a_caption_is_saved_and_another_tab_shows_it(visit: Open, site: Site) -> None:
    one, other = visit(tab="dataset"), visit(tab="dataset")
    one.see(".tile textarea")
    other.see(".tile textarea")
    area = one.page.locator(".tile textarea").first
    identity = area.get_attribute("id")
    area.fill("zia woman smiling on a beach")
    area.blur()
    other.page.wait_for_function(
        "([id, text]) => document.getElementById(id).value === text",
        arg=[identity, "zia woman smiling on a beach"],
    )
    stored = datasets.examples(site.open().workspace, "zia")
    assert [example.caption for example in stored if f"caption-{example.id}" == identity] == [
        "zia woman smiling on a beach"
    ]


def test_the_large_view_of_a_picture_tells_the_caption_and_rights_of_now(visit: Open) -> None:
    me = visit(tab="dataset")
    me.see(".tile textarea")
    tile = me.page.locator(".tile").first
    tile.locator("textarea").fill("zia woman laughing in a garden")
    tile.locator("textarea").blur()
    me.page.wait_for_function("document.querySelector('.tile textarea').dataset.saved === 'zia woman laughing in a garden'")
    tile.locator("select").select_option("licensed")
    me.page.wait_for_function("document.querySelector('.tile select').getAttribute('value') === 'licensed'")
    tile.locator("[data-big]").click()
    told = me.text(".ps.viewer dl")
    assert "zia woman laughing in a garden" in told and RIGHTS_TITLES[Rights.LICENSED] in told
    me.page.keyboard.press("Escape")


def test_two_people_at_one_caption_lose_nothing(visit: Open) -> None:
    one, other = visit(tab="dataset"), visit(tab="dataset")
    one.see(".tile textarea")
    other.see(".tile textarea")
    mine, theirs = one.page.locator(".tile textarea").nth(1), other.page.locator(".tile textarea").nth(1)
    mine.click()
    mine.press_sequentially("mine ")
    theirs.fill("zia woman, theirs")
    theirs.blur()
    time.sleep(2)
    kept = mine.input_value()
    assert "mine" in kept
    mine.blur()
    one.see("#notice .say.bad")
    assert "changed in the meantime" in one.text("#notice") and "theirs" in one.text("#notice")
    assert mine.input_value() == kept
    one.page.locator("[data-act=caption]:visible").first.click()
    other.page.wait_for_function(
        "text => document.querySelectorAll('.tile textarea')[1].value === text", arg=" ".join(kept.split())
    )


def test_captions_change_in_bulk_after_a_look_and_can_be_undone(visit: Open, site: Site) -> None:
    me = visit(tab="dataset")
    before = [example.caption for example in datasets.examples(site.open().workspace, "zia")]
    me.see("#bulk")
    me.page.click("#bulk summary")
    me.page.select_option("#bulk-action", "append")
    me.page.fill("#bulk-text", "soft light")
    me.page.click("#bulk-look")
    me.see("#bulk-preview")
    assert "24 of 24 captions change" in me.text("#bulk-preview")
    assert [example.caption for example in datasets.examples(site.open().workspace, "zia")] == before
    me.page.click("#bulk-apply")
    me.see("#notice .say.good")
    assert all(
        example.caption.endswith("soft light") for example in datasets.examples(site.open().workspace, "zia")
    )
    me.page.click("#notice [data-act=undo-dataset]")
    me.see("text=Taken back")
    assert [example.caption for example in datasets.examples(site.open().workspace, "zia")] == before


def test_rejecting_and_unknown_rights_are_seen_at_once(visit: Open) -> None:
    me = visit(tab="dataset")
    me.see(".tile")
    me.page.locator(".tile [data-act=keep]").first.click()
    me.see(".tile.rejected")
    assert "1 rejected" in me.text("#dataset-counts")
    me.page.locator(".tile.rejected [data-act=keep]").click()
    me.gone(".tile.rejected")
    me.page.select_option("#rights-all", "unknown")
    me.see("text=no rights basis")
    me.tab("Train").see("text=The pictures are not ready yet")
    me.tab("Dataset").page.select_option("#rights-all", "generated")
    me.see("text=Ready to train.")


def test_hostile_drops_become_sentences(visit: Open, tmp_path: Path) -> None:
    me = visit(tab="dataset")
    me.see("#drop-pictures")
    fake = tmp_path / "evil&<b>x.png"
    fake.write_bytes(b"GIF89a not a picture at all")
    huge = tmp_path / "bomb.png"
    huge.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"\x00\x00\x00\rIHDR"
        + (60000).to_bytes(4, "big") * 2
        + b"\x08\x02\x00\x00\x00"
    )
    me.page.set_input_files("#pick-files", [fake, huge])
    me.see("#import-report", PATIENCE)
    me.page.wait_for_function(
        "document.querySelector('#import-report').innerText.includes('2 left out')", timeout=PATIENCE * 1000
    )
    assert "bomb.png" in me.text("#import-report")  # where nothing was added, the reasons are open
    assert "Traceback" not in me.page.content()
    assert "24" in me.text("#dataset-counts")


def test_nothing_a_person_types_becomes_part_of_the_page(visit: Open) -> None:
    me = visit(tab="dataset")
    me.see(".tile textarea")
    area = me.page.locator(".tile textarea").nth(2)
    area.fill(HOSTILE)
    area.blur()
    time.sleep(2)
    me.tab("Create").see("#prompt textarea")
    me.page.fill("#prompt textarea", HOSTILE)
    me.page.locator("#prompt textarea").blur()
    me.see("#prompt-says .chip")
    assert me.page.evaluate("window.hacked") is None
    assert me.page.locator("img[src=x]").count() == 0
    me.page.fill("#prompt textarea", "")
    me.gone("#prompt-says .chip", 30)


def test_two_quick_presses_both_count(visit: Open) -> None:
    me = visit(tab="dataset")
    me.see(".tile")
    press = "(button, place) => setTimeout(() => button.click(), 20 * place)"  # while the first is on its way
    me.page.evaluate(f"[...document.querySelectorAll('.tile [data-act=keep]')].slice(0, 2).forEach({press})")
    for count in (2, 1, 0):
        me.page.wait_for_function("count => document.querySelectorAll('.tile.rejected').length === count", arg=count)
        if count:
            me.page.locator(".tile.rejected [data-act=keep]").first.click()


def test_a_button_that_was_refused_can_be_pressed_again(visit: Open) -> None:
    me = visit(tab="persona")
    me.see("#persona-details")
    me.page.click("#persona-details > summary")
    me.page.click("#persona-deletion > summary")
    for _ in range(2):
        me.page.fill("#persona-deletion input", "Somebody else")
        me.page.click("#erase")
        me.see("#notice .say.bad")
        assert "is not this persona's name" in me.text("#notice")
        me.page.wait_for_function("!document.querySelector('#erase').disabled")
        assert me.text("#erase").endswith("for good")


def test_a_training_survives_the_death_of_the_web_process_and_two_tabs_agree(visit: Open, site: Site) -> None:
    me = visit(tab="train")
    me.see("#start-training")
    settings(me, Steps="100", Checkpoint_every="50", Prior_count="0", Preview_prompts="zia woman on a beach")
    me.page.click("#train-own")
    me.see("#train-run [data-job-card][data-status=running]", PATIENCE)
    studio = site.open()
    job = queue.jobs(studio.db, kinds={"train"})[0].id
    until(lambda: queue.get(studio.db, job).step >= 2)
    site.kill()
    site.start()
    assert queue.get(studio.db, job).status is JobStatus.RUNNING
    again, other = visit(tab="train"), visit(tab="train")
    again.see("#train-run [data-job-card]", 30)
    other.see("#train-run [data-job-card]", 30)
    for tab in (again, other):
        tab.gone("#train-run [data-job-card]")
        tab.see("#train-run .growth img")
        assert "done" in tab.text("#train-run")
    assert queue.get(studio.db, job).status is JobStatus.DONE
    assert queue.get(studio.db, job).attempt == 1
    until(lambda: again.text("#train-run") == other.text("#train-run"), 30)  # each asks for news at its own moments
    assert again.page.locator("#train-run .growth img").count() >= 3


def test_stop_says_stopping_at_once_and_keeps_what_was_learned(visit: Open, site: Site) -> None:
    me = visit(tab="train")
    me.see("#start-training")
    settings(me, Steps="400", Checkpoint_every="400", Prior_count="0", Preview_prompts="zia woman on a beach")
    me.page.click("#train-own")
    studio = site.open()
    running = {JobStatus.RUNNING}
    until(lambda: any(one.step >= 2 for one in queue.jobs(studio.db, kinds={"train"}, statuses=running)))
    job = queue.jobs(studio.db, kinds={"train"}, statuses=running)[0].id
    me.see(f"#stop-{job}")
    try:
        start = time.monotonic()
        me.page.click(f"#train-run #stop-{job}")
        me.page.wait_for_function(
            "document.querySelector('#train-run').innerText.toLowerCase().includes('stopping')"
        )
        took = time.monotonic() - start
        me.gone("#train-run [data-job-card]")
    finally:
        if queue.get(studio.db, job).status is JobStatus.RUNNING:  # nothing after this may wait for it
            queue.request_stop(studio.db, job)
    # 0.3 s on an idle machine; the training and the browser share two cores here.
    assert took < allowed(1.5), took
    assert queue.get(studio.db, job).status is JobStatus.CANCELLED
    me.see("text=What it learned so far is kept below.")


def test_a_model_from_scratch_is_started_from_the_drawer(visit: Open, site: Site, tmp_path: Path) -> None:
    for number in range(6):
        Image.new("RGB", (32, 32), (40 * number, 120, 200)).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text(f"colour {number}")
    me = visit(tab="train")
    me.page.click("#scratch-drawer .label-wrap")
    drawer = me.page.locator("#scratch-drawer")
    me.see("#scratch-start")
    me.page.fill("#scratch-folder textarea, #scratch-folder input", str(tmp_path))
    for label, choice in (("Rights", "I made it"), ("Stage", "Autoencoder"), ("Size", "Tiny")):
        drawer.get_by_label(label, exact=True).click()
        me.page.get_by_role("option", name=re.compile(choice, re.IGNORECASE)).first.click()
    for label, value in (("Resolution", "32"), ("Steps", "2"), ("Batch size", "2")):
        drawer.get_by_label(label, exact=True).fill(value)
    assert drawer.get_by_label("Epochs").input_value() == "", "no number of epochs is no number, not 0"
    me.page.click("#scratch-start")
    me.see("text=A model of your own", 30)
    me.see("text=/Its networks lie in the run|The base lies in/", PATIENCE)
    assert queue.jobs(site.open().db, kinds={"pretrain"})[0].status is JobStatus.DONE


def test_pictures_come_from_ctrl_enter_and_unknown_words_are_named(visit: Open, site: Site) -> None:
    me = visit(tab="create")
    me.see("#pick-checkpoint")
    me.page.fill("#prompt textarea", "zia woman with a violin on a beach, wearing a red t-shirt")
    me.page.click("#count input")
    me.page.get_by_role("option", name="1 picture", exact=True).click()
    me.page.focus("#prompt textarea")
    me.page.keyboard.press("Control+Enter")
    me.see("text=This small base does not know: violin.")
    me.see("#create-pictures [data-picture]", PATIENCE)
    picture = pictures.pictures(site.open().db)[0]
    assert picture.prompt.startswith("zia brown-skinned woman"), "she learned her description; Create says it too"
    assert picture.prompt.endswith(" with a violin on a beach, wearing a red t-shirt")
    assert "likeness" in me.text("#create-pictures .tile") and "not drawn: violin" in me.text("#create-pictures .tile")
    assert "zia woman with a violin" in me.text("#create-pictures .tile .asked") or "zia with a violin" in me.text("#create-pictures .tile .asked")
    me.page.click("#create-pictures .tile [data-act=favourite]")
    me.see("#create-pictures .tile [data-act=favourite][aria-pressed=true]")
    me.page.click("#create-pictures .tile [data-act=delete-picture]")
    me.gone("#create-pictures [data-picture]", 10)
    me.page.click("#notice [data-act=undelete]")
    me.see("#create-pictures [data-picture]")


def test_chosen_pictures_come_as_one_zip(visit: Open, site: Site, tmp_path: Path) -> None:
    me = visit(tab="create")
    me.see("#create-pictures .tile")
    assert not me.page.is_visible("#zip-chosen")
    me.page.locator("#create-pictures .choose input").first.check()
    assert me.text("#create-pictures .chosen [role=status]") == "1 chosen"
    me.page.click("#create-pictures .chosen [data-act=favourite]")
    me.see("#create-pictures .tile [data-act=favourite][aria-pressed=true]")
    assert me.page.locator("#create-pictures .choose input").first.is_checked(), "the redrawing unticked it"
    me.page.click("#zip-chosen")
    me.see("#strip a.primary", PATIENCE)
    with me.page.expect_download() as download:
        me.page.click("#strip a.primary")
    download.value.save_as(tmp_path / "chosen.zip")
    with zipfile.ZipFile(tmp_path / "chosen.zip") as archive:
        assert sum(name.endswith(".png") for name in archive.namelist()) == 1


def test_a_dropped_picture_gives_its_settings_back(visit: Open, site: Site, tmp_path: Path) -> None:
    picture = pictures.pictures(site.open().db)[0]
    file = tmp_path / "saved.png"
    file.write_bytes(httpx.get(f"{site.url}/-/picture/{picture.id}?download=true").raise_for_status().content)
    me = visit(tab="create")
    me.see("#drop-recipe")
    assert me.page.input_value("#prompt textarea") == ""
    me.page.set_input_files("#drop-recipe-file", file)
    me.see("#use-recipe", PATIENCE)
    me.page.click("#use-recipe")
    me.page.wait_for_function(
        "document.querySelector('#prompt textarea').value.includes(' with a violin on a beach')"
    )
    me.page.click("#create-drawer .label-wrap")
    assert me.page.input_value("#seed input") == str(picture.seed)
    me.tab("Judge").see("#drop-verify")
    me.page.set_input_files("#drop-verify-file", file)
    me.page.wait_for_function(
        "document.querySelector('#judge-verify')?.innerText.includes('by this studio')",
        timeout=PATIENCE * 1000,
    )


def test_a_short_comparison_is_shown_side_by_side(visit: Open) -> None:
    me = visit(tab="judge")
    me.see("#compare")
    me.page.click("#plan-drawer summary")
    me.page.fill(
        "#plan-prompts", "{who} on a beach, wearing a purple tank top\n{who} skiing, wearing a red ski jacket"
    )
    me.page.select_option("#plan-seeds", "1")
    me.page.uncheck("#plan-fresh")
    arms = me.page.locator("#plan-drawer input[name^=arm-]")
    for place in range(1, arms.count() - 1):
        arms.nth(place).uncheck()
    assert me.page.inner_text("[data-plan]").startswith("4 pictures"), "two prompts, two arms, one seed"
    me.page.click("#compare")
    me.see("#judge-plan [data-job-card]")
    me.see("#verdict", PATIENCE)
    assert me.page.locator("table.matrix tbody tr").count() == 2
    assert me.page.locator("table.matrix tbody img").count() == 4
    me.page.locator("[data-pick]").nth(3).click()
    assert me.page.get_attribute(".versus img.second", "src") == me.page.locator("[data-pick]").nth(
        3
    ).get_attribute("data-pick")
    me.page.locator("#cut").fill("20")
    assert me.page.evaluate("document.querySelector('.versus').style.getPropertyValue('--cut')") == "20%"
    me.page.click("#make-report")
    me.see("#report-link", PATIENCE)
    with me.page.expect_download() as download:
        me.page.click("#report-link")
    assert Path(download.value.path()).stat().st_size > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["Train", "Create", "Judge"])
def test_finished_work_can_be_read_and_named(visit: Open, axe: str | None, tab: str, scheme: Literal["light", "dark"]) -> None:
    """`test_looks` sees the tabs before anything was made."""
    me = visit(tab=tab.lower())
    me.page.emulate_media(color_scheme=scheme)
    me.see({"Train": "#train-run .ps", "Create": "#create-pictures .tile", "Judge": "table.matrix"}[tab])
    for drawer in me.page.locator(".ps details summary:visible, .label-wrap:visible").all():
        drawer.click()
    me.page.wait_for_timeout(400)
    assert violations(me.page, axe) == []


def test_no_tab_brings_torch_into_the_web_process(visit: Open, site: Site) -> None:
    me = visit()
    for name in ("Dataset", "Train", "Create", "Judge", "Persona"):
        me.tab(name)
        time.sleep(1)
    assert site.process is not None
    maps = Path(f"/proc/{site.process.pid}/maps")
    if not maps.exists():
        pytest.skip("this system does not show what a process has mapped")
    mapped = maps.read_text()
    assert not [name for name in ("libtorch", "/torch/", "/diffusers/", "/transformers/") if name in mapped]
    held = psutil.Process(site.process.pid).memory_info().rss
    assert held < 200e6 + SESSIONS * 2.5e6, "`bench` holds it to 200 MB for one page; here many were opened before"


def test_a_revoked_persona_is_used_no_more(visit: Open, site: Site) -> None:
    me = visit(tab="create")
    me.see("#prompt textarea")
    me.tab("Persona").see("#persona-details")
    me.page.click("#persona-details summary")
    me.page.click("#revoke")
    me.page.click("#revoke")
    me.see("text=revoked")
    before = len(queue.jobs(site.open().db))
    me.tab("Create").page.fill("#prompt textarea", "zia woman on a beach")
    me.page.click("#generate")
    me.see("#notice .say.bad")
    assert "revoked" in me.text("#notice").lower()
    assert len(queue.jobs(site.open().db)) == before


def settings(me: Visit, **values: str) -> None:
    """Opens the drawer and types into it; labels have spaces where names have underscores."""
    me.page.click("#train-drawer .label-wrap")
    me.see("#train-own")
    for name, value in values.items():
        label = name.replace("_", " ")
        drawer = me.page.locator("#train-drawer")
        exactly = drawer.get_by_label(label, exact=True)
        (exactly if exactly.count() else drawer.get_by_label(label)).fill(value)
    me.page.locator("#train-drawer .label-wrap").first.focus()
    time.sleep(0.5)
