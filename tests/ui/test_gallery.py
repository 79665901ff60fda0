"""The gallery and its bin, without a browser: what each button does to the rows, and what a likeness is called."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from studio.actions import creating
from studio.catalog import EMBEDDED
from studio.domain.records import Charter, Claim, Persona, Picture, PromptCheck, Yardstick
from studio.domain.specs import SPEC, ExportSpec, GenerateSpec, TrainSpec
from studio.storage import personas, pictures, queue
from studio.storage.opened import Studio, open_studio
from studio.ui.page import Page, Screen, View
from studio.ui.tabs import deleted, gallery, picture_facts

HERS = Yardstick(floor=0.0, ceiling=0.85, strangers=47, held_out=6, hers=0.74, stranger=0.45)
CLOSE = Yardstick(floor=0.5, ceiling=0.97, strangers=47, held_out=6, hers=0.95, stranger=0.8)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """With a persona and four pictures of hers."""
    opened = open_studio(tmp_path / "workspace")
    persona = Persona(
        slug="zia", name="Zia", trigger="ziaxel", charter=Charter(confirmed_adult=True), base="embedded",
        created=datetime.now(UTC),
    )  # fmt: skip
    personas.create(opened.workspace, persona)
    for number in range(4):
        pictures.add(opened.db, picture(number))
    return opened


def picture(number: int, **changes: Any) -> Picture:
    given = {
        "id": f"1-{number}", "path": f"images/{number}.png", "sha256": f"{number}" * 64, "created": 100.0 + number,
        "job": None, "persona": "zia", "prompt": "p", "seed": number, "width": 32, "height": 32,
    }  # fmt: skip
    return Picture.model_validate(given | changes)


@pytest.fixture
def page(studio: Studio) -> Iterator[Page]:
    with gr.Blocks():
        made = Page(studio)
        made.region("create-pictures", gallery.draw, tab="create", key=gallery.key)
        gallery.deeds(made)
        yield made


def press(page: Page, act: str, view: str = "all", **data: str) -> tuple[str, str]:
    """(notice, gallery) after a button was pressed."""
    looked = View.of({"persona": "zia", "tab": "create", "filter": view})
    changes = page._from_board(gr.EventData(None, {"act": act, **data}), Screen(looked))
    return changes[page.notice], changes[page.regions["create-pictures"].board]


def shown(drawn: str) -> list[str]:
    return re.findall(r'class="tile" data-picture="([^"]+)"', drawn)


def test_several_are_deleted_and_brought_back_by_one_undo(page: Page, studio: Studio) -> None:
    told, drawn = press(page, "delete-picture", picture="1-0 1-2")
    assert "Moved 2 pictures to the bin" in told and shown(drawn) == ["1-3", "1-1"]
    assert "Bin (2)" in drawn
    [undo] = re.findall(r'data-act="undelete" data-picture="([^"]+)"', told)
    told, drawn = press(page, "undelete", picture=undo)
    assert "2 pictures are back" in told and len(shown(drawn)) == 4 and "Bin (" not in drawn


def test_several_become_favourites(page: Page, studio: Studio) -> None:
    _, drawn = press(page, "favourite", "favourites", picture="1-1 1-2", value="yes")
    assert shown(drawn) == ["1-2", "1-1"]


def test_chosen_pictures_are_packed_by_a_job(page: Page, studio: Studio) -> None:
    told, _ = press(page, "zip-pictures", picture="1-3 1-0")
    assert "being packed" in told
    [job] = queue.jobs(studio.db)
    assert SPEC.validate_json(job.spec) == ExportSpec(what="pictures", persona="zia", pictures=("1-3", "1-0"))


def test_a_revoked_persona_is_not_packed(page: Page, studio: Studio) -> None:
    persona = personas.load(studio.workspace, "zia")
    charter = persona.charter.model_copy(update={"revoked_at": datetime.now(UTC)})
    personas.save(studio.workspace, persona.model_copy(update={"charter": charter}))
    told, _ = press(page, "zip-pictures", picture="1-3")
    assert "revoked" in told and 'role="alert"' in told
    assert not queue.jobs(studio.db)


@pytest.mark.parametrize("act", ["zip-pictures", "delete-picture", "undelete", "favourite"])
@pytest.mark.parametrize("chosen", ["", "  ", "1-0 ../../etc"])
def test_nothing_chosen_or_forged_changes_nothing(page: Page, studio: Studio, act: str, chosen: str) -> None:
    before = pictures.mark(studio.db)
    told, _ = press(page, act, picture=chosen, value="yes")
    assert 'role="alert"' in told
    assert pictures.mark(studio.db) == before and not queue.jobs(studio.db)


def test_the_bin_says_how_long_and_is_emptied_after_asking(page: Page, studio: Studio) -> None:
    day, now = pictures.DAY_SECONDS, time.time()
    for number, age in ((0, 0.0), (1, 29.5)):
        pictures.add(studio.db, picture(number, deleted_at=now - age * day))
    pictures.add(studio.db, picture(9, persona="other", deleted_at=now))
    _, drawn = press(page, "show-pictures", value=deleted.FILTER)
    assert "30 days left" in drawn and "1 day left" in drawn and "brought back for 30 days" in drawn
    assert 'data-sure="Remove 2 pictures for good?"' in drawn and "1-9" not in drawn
    told, drawn = press(page, "empty-bin", deleted.FILTER)
    assert "Removed 2 pictures for good" in told and shown(drawn) == ["1-3", "1-2"]
    assert pictures.binned(studio.db) == 1, "the bin of another persona is left alone"
    assert "The bin is empty" in press(page, "show-pictures", value=deleted.FILTER)[1]


@pytest.mark.parametrize(
    ("likeness", "scale", "meaning"),
    [
        (0.80, HERS, "As close"), (0.74, HERS, "As close"), (0.60, HERS, "Closer than"), (0.45, HERS, "No closer"),
        (0.80, CLOSE, "No closer"), (0.94, CLOSE, "Closer than"), (0.96, CLOSE, "As close"),
        (0.80, None, "Where strangers"), (0.80, HERS.model_copy(update={"stranger": 0.75}), "Where strangers"),
    ],
)  # fmt: skip
def test_a_likeness_is_explained_by_her_own_scale_and_praises_no_picture(
    likeness: float, scale: Yardstick | None, meaning: str
) -> None:
    drawn = str(picture_facts.badge(picture(0, likeness=likeness, yardstick=scale)))
    assert f'class="chip likeness" title="{meaning}' in drawn and f"likeness {likeness:.2f}" in drawn
    assert "not how well it is drawn" in drawn


@pytest.mark.parametrize(("likeness", "width"), [(0.425, "50%"), (-0.2, "0%"), (0.95, "100%")])
def test_the_bar_of_a_likeness_runs_from_a_stranger_to_her_own_pictures(likeness: float, width: str) -> None:
    assert f"width:{width}" in str(picture_facts.badge(picture(0, likeness=likeness, yardstick=HERS)))


def test_what_a_likeness_says_stands_above_the_pictures_as_soon_as_one_has_it() -> None:
    told = str(picture_facts.legend([picture(0, likeness=0.8, yardstick=HERS), picture(2)]))
    assert "not how well it is drawn" in told and "empty for a stranger" in told
    bare = str(picture_facts.legend([picture(2, likeness=0.5)]))
    assert "empty for a stranger" not in bare and "From about" not in bare, "there is no bar, and no scale"
    assert picture_facts.legend([picture(3)]) is None and picture_facts.legend([picture(3)], expected=True) is None
    before = str(picture_facts.legend([], expected=True))
    assert "the first one will tell" in before and abs(len(before) - len(told)) < 20, "nothing moves when it lands"


def test_from_which_likeness_on_it_counts_is_said_by_her_own_scale() -> None:
    told = "From about 0.74 on a picture is as close as most of the persona&#x27;s own; 19 of 20 other people stay below 0.45."
    assert told in str(picture_facts.legend([picture(0, likeness=0.8), picture(1, likeness=0.5, yardstick=HERS), picture(2, likeness=0.5, yardstick=CLOSE)]))
    assert told in str(picture_facts.badge(picture(0, likeness=0.2, yardstick=HERS)))
    for silent in (HERS.model_copy(update={"stranger": 0.75}), HERS.model_copy(update={"hers": None})):
        drawn = [picture(0, likeness=0.8, yardstick=silent)]
        assert "From about" not in f"{picture_facts.legend(drawn)} {picture_facts.badge(drawn[0])}", "it cannot tell"


def test_pictures_that_are_expected_have_the_place_they_will_take(page: Page, studio: Studio) -> None:
    spec = GenerateSpec(persona="zia", base=EMBEDDED, prompt="ziaxel skiing", count=3, width=64, height=32)
    job = queue.submit(studio.db, spec, title="Make", persona="zia")
    before = press(page, "show-pictures", value="all")[1].split('class="tile waiting"')
    assert len(before) == 4 and all("aspect-ratio:64/32" in one and 'class="asked' in one and 'class="feet"' in one for one in before[1:])
    assert f'data-job-card="{job}"' in before[1] and "stop-job" in before[1] and "waiting for its turn" in before[1]
    assert "ziaxel skiing" in before[2] and "data-job-card" not in before[2] and "data-job-card" not in before[0], "nothing above moves"


def test_a_tile_shows_what_was_typed_and_gives_it_back(page: Page, studio: Studio) -> None:
    run = queue.submit(studio.db, TrainSpec(persona="zia", description="a tall woman with red hair"), title="Train", persona="zia")
    checkpoint = f"runs/{run}/checkpoints/step-000040.safetensors"
    (studio.workspace.run_dir(run)).mkdir(parents=True)
    (studio.workspace.run_dir(run) / "spec.json").write_text(TrainSpec(persona="zia", description="a tall woman with red hair").model_dump_json())
    spec = creating.as_taught(studio, GenerateSpec(persona="zia", base=EMBEDDED, prompt="ziaxel skiing", checkpoint=checkpoint),
                              personas.load(studio.workspace, "zia"))  # fmt: skip
    assert spec.prompt == "ziaxel tall woman with red hair skiing"
    pictures.add(studio.db, picture(8, prompt=spec.prompt, job=queue.submit(studio.db, spec, title="Make", persona="zia")))
    drawn = press(page, "show-pictures", value="all")[1]
    assert f'title="{spec.prompt}">ziaxel skiing</p>' in drawn
    assert creating.recipe(studio, "1-8").prompt == "ziaxel skiing"


def test_what_a_picture_lacks_of_its_prompt_is_named_on_it() -> None:
    beach, hat = Claim(name="place", value="beach"), Claim(name="hat", value="sunhat")
    others = Claim(name="scarf", value="yes"), Claim(name="glasses", value="no")
    lacks = PromptCheck(seen=(beach,), missed=(hat, *others), unknown=("violin",))
    drawn = str(picture_facts.missing(picture(0, prompt_check=lacks)))
    assert "not seen: sun hat, scarf, no glasses<" in drawn and "not seen: sun hat, scarf, no glasses." in drawn
    assert drawn.index("not drawn: violin<") < drawn.index("not seen"), "what the base cannot draw comes first"
    assert "Not drawn: violin." in str(picture_facts.about(picture(0, prompt_check=lacks))) and "likeness does not mean" in drawn
    assert "Seen: on a beach." in str(picture_facts.about(picture(0, prompt_check=lacks)))
    red = picture(0, prompt="zia woman on a beach, wearing a red sweater", prompt_check=lacks)
    assert "Not checked: woman, sweater, red clothes." in str(picture_facts.about(red))
    assert "Not checked" not in str(picture_facts.about(picture(0, prompt="a violin on a beach", prompt_check=lacks)))
    four = picture(0, prompt_check=PromptCheck(unknown=("astronaut", "moon", "crater", "flag")))
    assert "not drawn: astronaut, moon, crater +1<" in str(picture_facts.missing(four)) and "moon, crater, flag." in str(picture_facts.about(four))
    for nothing in (None, PromptCheck(), PromptCheck(seen=(beach,))):
        assert picture_facts.missing(picture(0, prompt_check=nothing)) == []
        assert "Not drawn" not in str(picture_facts.about(picture(0, prompt_check=nothing)))


def test_the_large_view_tells_the_scale() -> None:
    told = str(picture_facts.about(picture(0, likeness=0.6, yardstick=HERS)))
    assert "most of the 6 held-out pictures reach 0.740" in told
    assert "19 of 20 other people stay below 0.450 (47 were measured)" in told
    assert "other people" not in str(picture_facts.about(picture(0, likeness=0.6)))


def test_pictures_that_no_training_had_a_part_in_say_so(page: Page, studio: Studio) -> None:
    for number, checkpoint in ((8, None), (9, "runs/3/checkpoints/step-000040.safetensors")):
        spec = GenerateSpec(persona="zia", base=EMBEDDED, prompt="p", checkpoint=checkpoint, adapter_scale=0.8 if checkpoint else 1.0)
        job = queue.submit(studio.db, spec, title="Make", persona="zia")
        pictures.add(studio.db, picture(number, job=job))
    _, shown = press(page, "show-pictures", value="all")
    assert shown.count("base alone</span>") == 1
    assert "<dd>the base alone</dd>" in shown and "<dd>step-000040 at strength 0.8</dd>" in shown
