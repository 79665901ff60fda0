"""What is said before a picture is made, what is refused, and the library's decisions."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studio.actions import creating
from studio.catalog import EMBEDDED, find_base
from studio.domain.errors import BadInput, NotFound, Refused, Unsupported
from studio.domain.records import Charter, JobStatus, Persona, Picture
from studio.domain.specs import GenerateSpec
from studio.storage import personas, pictures, queue
from studio.storage.opened import Studio, open_studio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """With a persona on the embedded base."""
    opened = open_studio(tmp_path)
    persona = Persona(
        slug="zia", name="Zia", trigger="ziaxel", charter=Charter(confirmed_adult=True), base=EMBEDDED,
        created=datetime.now(UTC),
    )  # fmt: skip
    personas.create(opened.workspace, persona)
    yield opened
    opened.db.dispose()


def asked(**changes: Any) -> GenerateSpec:
    given = {"base": EMBEDDED, "persona": "zia", "prompt": "ziaxel on a beach"}
    return GenerateSpec.model_validate(given | changes)


def test_a_plain_prompt_needs_no_remark(studio: Studio) -> None:
    assert creating.prepare(studio, asked()).sentences == ()


def test_unknown_words_are_named_with_nearer_ones(studio: Studio) -> None:
    told = creating.prepare(studio, asked(prompt="ziaxel with a violin and a jumper"))
    assert [word.word for word in told.unknown] == ["violin", "jumper"]
    assert told.sentences == ("This small base does not know: violin, jumper. Try “sweater” for “jumper”.",)


def test_a_long_prompt_says_what_was_cut(studio: Studio) -> None:
    prompt = "ziaxel " + "in a red sweater " * 40 + "skiing"
    [sentence] = creating.prepare(studio, asked(prompt=prompt)).sentences
    room = find_base(EMBEDDED).prompt_tokens - 2
    assert (
        f"{room} fit" in sentence and "sweater" in sentence and sentence.startswith("The prompt is too long")
    )
    told = creating.prepare(studio, asked(negative_prompt="a red ball " * 60)).sentences
    assert told[0].startswith("The negative prompt is too long")


def test_a_missing_trigger_and_a_huge_size_are_mentioned(studio: Studio) -> None:
    told = creating.prepare(
        studio, asked(prompt="a woman", checkpoint="runs/1/checkpoints/step-000001.safetensors")
    )
    assert any("“ziaxel”" in sentence for sentence in told.sentences)
    side = find_base(EMBEDDED).resolution * 4
    assert any(
        "repeat" in sentence
        for sentence in creating.prepare(studio, asked(width=side, height=side)).sentences
    )


def test_what_is_accepted_becomes_one_job(studio: Studio) -> None:
    job = queue.get(studio.db, creating.generate(studio, asked(count=2)))
    assert (
        job.status is JobStatus.QUEUED
        and job.persona == "zia"
        and job.title.startswith("2 pictures of Zia: ")
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "ziaxel naked"}, Refused),
        ({"prompt": "   "}, BadInput),
        ({"scheduler": "ddim"}, Unsupported),
        ({"base": "/nowhere"}, NotFound),
        ({"persona": "nobody"}, NotFound),
        ({"checkpoint": "../../etc/passwd"}, BadInput),
        ({"checkpoint": "personas/zia/persona.json"}, BadInput),
        ({"checkpoint": "runs/7/checkpoints/step-000001.safetensors"}, NotFound),
    ],
)
def test_what_is_not_accepted_leaves_no_job(
    changes: dict[str, str], error: type[Exception], studio: Studio
) -> None:
    with pytest.raises(error):
        creating.generate(studio, asked(**changes))
    assert not queue.jobs(studio.db)


def test_schedulers_of_the_embedded_base() -> None:
    assert creating.schedulers(EMBEDDED)[0] == ("default", "The base's own")


def picture(number: int, **changes: Any) -> Picture:
    given = {
        "id": f"1-{number}", "path": f"images/{number}.png", "sha256": "0" * 64, "created": time.time() + number,
        "job": None, "persona": "zia", "prompt": "p", "seed": number, "width": 32, "height": 32,
    }  # fmt: skip
    return Picture.model_validate(given | changes)


def test_the_library_pages_filters_and_forgets_nothing(studio: Studio) -> None:
    for number in range(5):
        pictures.add(studio.db, picture(number, persona="zia" if number else None))
    before = pictures.mark(studio.db)
    assert [one.seed for one in pictures.pictures(studio.db, limit=2)] == [4, 3]
    assert [one.seed for one in pictures.pictures(studio.db, after="1-3")] == [2, 1, 0]
    assert [one.seed for one in pictures.pictures(studio.db, persona="zia")] == [4, 3, 2, 1]
    creating.favourite(studio, "1-2")
    assert [one.seed for one in pictures.pictures(studio.db, favourites=True)] == [2]
    creating.delete(studio, "1-4")
    assert [one.seed for one in pictures.pictures(studio.db, deleted=True)] == [4]
    assert 4 not in [one.seed for one in pictures.pictures(studio.db)]
    creating.undo_delete(studio, "1-4")
    creating.favourite(studio, "1-2", False)
    assert pictures.mark(studio.db) == before
    pictures.set_likeness(studio.db, "1-1", 0.5)
    assert pictures.get(studio.db, "1-1").likeness == 0.5 and pictures.mark(studio.db) != before
    for call in (creating.favourite, creating.delete, creating.undo_delete, creating.recipe):
        with pytest.raises(NotFound):
            call(studio, "1-99")  # type: ignore[operator]


def test_a_dropped_file_that_was_not_read_restores_nothing(studio: Studio) -> None:
    upload = studio.workspace.inbox / "batch"
    upload.mkdir()
    job = creating.verify(studio, upload)
    with pytest.raises(BadInput, match="not been read"):
        creating.restore(studio, job)
    queue.claim(studio.db, kinds={"verify"}, pid=1, pid_started=0.0)
    queue.finish(studio.db, job, JobStatus.DONE, result='{"lines": [], "recipe": null}')
    with pytest.raises(BadInput, match="no recipe"):
        creating.restore(studio, job)
