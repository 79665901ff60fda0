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
from studio.domain.records import Charter, Claim, JobStatus, Persona, Picture, PromptCheck, Yardstick
from studio.domain.specs import GenerateSpec, TrainSpec
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
    told = creating.prepare(studio, asked(prompt="ziaxel with a violin and a parka"))
    assert [word.word for word in told.unknown] == ["violin", "parka"]
    assert told.sentences == ("This small base does not know: violin, parka. Try “ski jacket” for “parka”.",)


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
    assert "“ziaxel”" in told.uncalled and told.uncalled in told.sentences
    assert creating.prepare(studio, asked()).uncalled == ""
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


def test_a_checkpoint_is_asked_as_it_was_taught(studio: Studio) -> None:
    train = TrainSpec(persona="zia", description="A woman with red hair.")
    run = studio.workspace.run_dir(queue.submit(studio.db, train, title="Train", persona="zia"))
    (run / "checkpoints").mkdir(parents=True)
    (run / "spec.json").write_text(train.model_dump_json())
    checkpoint = run / "checkpoints" / "step-000001.safetensors"
    checkpoint.touch()
    spec = asked(checkpoint=studio.workspace.relative(checkpoint))
    said, persona = "ziaxel woman with red hair on a beach", personas.load(studio.workspace, "zia")
    told = creating.prepare(studio, spec)
    assert told.completed == said and told.sentences == (), "what is done for a person is no warning"
    job = queue.get(studio.db, creating.generate(studio, spec))
    taken = GenerateSpec.model_validate_json(job.spec)
    assert taken.prompt == said and creating.prepare(studio, taken).completed == ""
    assert creating.as_typed(studio, taken, persona) == spec
    assert creating.as_taught(studio, spec.model_copy(update={"adapter_scale": 0.0}), persona).prompt == spec.prompt
    assert creating.generate(studio, asked()) and creating.prepare(studio, asked()).sentences == ()
    with pytest.raises(BadInput, match="With the description"):
        creating.generate(studio, spec.model_copy(update={"prompt": "ziaxel " + "x" * 3990}))


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
    creating.favourite(studio, "1-2", value=False)
    assert pictures.mark(studio.db) == before
    for call in (creating.favourite, creating.delete, creating.undo_delete, creating.recipe):
        with pytest.raises(NotFound):
            call(studio, "1-99")  # type: ignore[operator]


def test_several_pictures_change_together_or_not_at_all(studio: Studio) -> None:
    for number in range(3):
        pictures.add(studio.db, picture(number))
    creating.favourite(studio, "1-0", "1-2", "1-0")
    assert [one.favourite for one in pictures.pictures(studio.db)] == [True, False, True]
    creating.delete(studio, "1-0", "1-1")
    assert [one.id for one in pictures.pictures(studio.db)] == ["1-2"]
    for call in (creating.favourite, creating.delete, creating.undo_delete):
        with pytest.raises(NotFound, match="1-9"):
            call(studio, "1-1", "1-9", "1-2")
    assert [one.id for one in pictures.pictures(studio.db)] == ["1-2"]
    creating.undo_delete(studio, "1-0", "1-1")
    assert len(pictures.pictures(studio.db)) == 3


def test_an_emptied_bin_keeps_nothing_and_touches_nothing_else(studio: Studio) -> None:
    def files(number: int) -> list[Path]:
        kept = picture(number)
        return [studio.workspace.absolute(kept.path), studio.workspace.thumb(f"{number}" * 64)]

    for number, persona in enumerate(["zia", "zia", "other", "zia"]):
        pictures.add(studio.db, picture(number, persona=persona, sha256=f"{number}" * 64))
        for file in files(number):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
    files(3)[0].unlink()  # as after a crash in the middle of an earlier purge
    creating.delete(studio, "1-1", "1-2", "1-3")
    assert (pictures.binned(studio.db, "zia"), pictures.binned(studio.db)) == (2, 3)
    assert creating.empty_bin(studio, "zia") == 2
    assert [all(file.exists() for file in files(number)) for number in range(4)] == [True, False, True, False]
    assert [one.id for one in pictures.pictures(studio.db, deleted=True)] == ["1-2"]
    with pytest.raises(NotFound):
        creating.undo_delete(studio, "1-1")
    assert creating.empty_bin(studio, None) == 1 and not files(2)[0].exists()
    assert [one.id for one in pictures.pictures(studio.db)] == ["1-0"]


def test_a_picture_keeps_the_scale_its_likeness_was_read_on(studio: Studio) -> None:
    scale = Yardstick(floor=0.1, ceiling=0.8, strangers=48, held_out=6, hers=0.7, stranger=0.4)
    told = PromptCheck(seen=(Claim(name="place", value="beach"),), unknown=("violin",))
    pictures.add(studio.db, picture(0, likeness=0.5, yardstick=scale, prompt_check=told))
    pictures.add(studio.db, picture(1))
    assert pictures.get(studio.db, "1-0").yardstick == scale
    assert pictures.get(studio.db, "1-0").prompt_check == told
    assert pictures.get(studio.db, "1-1").yardstick is None


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
