"""Trainings and pictures through the real handlers, on a tiny base, in a workspace of their own."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.actions import creating, exporting, training
from studio.collect.adapter_file import read_adapter
from studio.domain.errors import BadInput, Conflict, NotFound, Refused
from studio.domain.records import Charter, Checks, Example, Job, JobStatus, Persona, Rights
from studio.domain.specs import SPEC, GenerateSpec, PriorSpec, TrainSpec
from studio.jobs.runner import run_job
from studio.provenance.keys import load_keys
from studio.provenance.verify import verify
from studio.storage import datasets, personas, pictures, queue, runs
from studio.storage.opened import Studio, open_studio
from studio.storage.probes import newest_times
from tests.tiny_base import make_tiny_base

TRIGGER = "zyx"


def add_pictures(studio: Studio, slug: str, count: int, rights: Rights = Rights.OWN) -> None:
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 255, (5, 5, 3)).astype(np.uint8)
        target = io.BytesIO()
        Image.fromarray(pixels).resize((40, 40)).save(target, "PNG")
        digest = hashlib.sha256(target.getvalue()).hexdigest()
        checks = Checks(width=40, height=40, sharpness=100.0, brightness=0.5, phash=())
        example = Example(
            id=digest[:16],
            sha256=digest,
            caption=f"{TRIGGER} {number}",
            caption_author="human",
            rights=rights,
            source_name=f"{number}.png",
            imported=datetime.now(UTC),
            checks=checks,
        )
        datasets.add(studio.workspace, slug, example, target.getvalue())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("base") / "tiny", "flow")


@pytest.fixture
def studio(tmp_path: Path, base: Path) -> Iterator[Studio]:
    """With one persona and sixteen pictures."""
    opened = open_studio(tmp_path / "work space")
    persona = Persona(
        slug="zyx",
        name="Zyx",
        trigger=TRIGGER,
        charter=Charter(confirmed_adult=True),
        base=str(base),
        created=datetime.now(UTC),
    )
    personas.create(opened.workspace, persona)
    add_pictures(opened, "zyx", 16)
    yield opened
    opened.db.dispose()


def spec(**changes: Any) -> TrainSpec:
    given: dict[str, Any] = {
        "persona": "zyx",
        "rank": 2,
        "steps": 4,
        "batch_size": 2,
        "resolution": 32,
        "checkpoint_every": 2,
        "prior": PriorSpec(count=2),
        "preview_prompts": ("zyx",),
    }
    return TrainSpec(**(given | changes))


def done(studio: Studio, job_id: int) -> Job:
    """The job, run in this process."""
    run_job(studio, job_id)
    job = queue.get(studio.db, job_id)
    assert job.status is JobStatus.DONE, job.message
    return job


def test_from_pictures_to_a_marked_picture_and_back(studio: Studio, tmp_path: Path) -> None:
    run = done(studio, training.start_training(studio, spec()))
    found = runs.checkpoints(studio.workspace, run.id)
    assert [checkpoint.step for checkpoint in found] == [2, 4]
    assert json.loads(run.result or "")["checkpoint"] == found[-1].path
    curves = runs.scalars(studio.db, run.id)
    assert [step for step, _ in curves["validation_loss"]] == [0, 2, 4] and len(curves["loss"]) == 4
    previews = [event for _, _, event in queue.events(studio.db, run.id, kinds={"preview"})]
    keys = load_keys(studio.workspace.keys)
    assert [event.step for event in previews] == [0, 2, 4]  # type: ignore[union-attr]
    assert all(
        verify(studio.workspace.absolute(event.path), keys).signature == "trusted" for event in previews
    )  # type: ignore[union-attr]

    recipes = [verify(studio.workspace.absolute(event.path), keys).recipe for event in previews]  # type: ignore[union-attr]
    assert [recipe.adapter.name for recipe in recipes] == [  # type: ignore[union-attr]
        f"runs/{run.id}/checkpoints/step-{step:06d}.safetensors" for step in (0, 2, 4)
    ]
    looked = creating.restore(studio, drop(studio, studio.workspace.absolute(previews[-1].path)).id)  # type: ignore[union-attr]
    assert looked.checkpoint == f"sha256-{recipes[-1].adapter.sha256}", "it was drawn in the middle of the training"  # type: ignore[union-attr]

    wanted = GenerateSpec(
        persona="zyx", base=personas.load(studio.workspace, "zyx").base, checkpoint=found[-1].path, prompt="a zyx",
        width=32, height=40, count=3, seed=5, num_inference_steps=3, adapter_scale=0.8, scheduler="unipc",
    )  # fmt: skip
    made = json.loads(done(studio, creating.generate(studio, wanted)).result or "")["pictures"]
    stored = [pictures.get(studio.db, picture) for picture in made]
    assert [picture.seed for picture in stored] == [5, 6, 7]
    assert all(picture.likeness is None and "not measured" in picture.likeness_note for picture in stored)
    path = studio.workspace.absolute(stored[1].path)
    verdict = verify(path, keys)
    assert verdict.signature == "trusted" and verdict.recipe is not None
    assert verdict.recipe.seed == 6 and verdict.recipe.batch.index == 1

    again = json.loads(done(studio, creating.generate(studio, wanted)).result or "")["pictures"]
    for first, second in zip(made, again, strict=True):
        assert np.array_equal(pixels_of(studio, first), pixels_of(studio, second))

    read = drop(studio, path)
    restored = creating.restore(studio, read.id)
    assert restored == wanted.model_copy(update={"seed": 6, "count": 1}) == creating.recipe(studio, made[1])
    [alone] = json.loads(done(studio, creating.generate(studio, restored)).result or "")["pictures"]
    difference = pixels_of(studio, alone).astype(int) - pixels_of(studio, made[1])
    assert np.abs(difference).max() <= 2


def drop(studio: Studio, path: Path) -> Job:
    """The file dropped on the page and read."""
    upload = studio.workspace.inbox / "dropped"
    upload.mkdir()
    (upload / "x.png").write_bytes(path.read_bytes())
    read = done(studio, creating.verify(studio, upload))
    assert not upload.exists()
    return read


def pixels_of(studio: Studio, picture_id: str) -> np.ndarray:
    with Image.open(studio.workspace.absolute(pictures.get(studio.db, picture_id).path)) as picture:
        return np.asarray(picture)


def test_a_picture_without_rights_stops_the_training_twice(studio: Studio) -> None:
    waiting = training.start_training(studio, spec())
    [first, *_] = datasets.examples(studio.workspace, "zyx")
    datasets.edit(studio.workspace, "zyx", {first.id: {"rights": Rights.UNKNOWN}}, "human", expected=None)
    with pytest.raises(BadInput, match=first.source_name):
        training.start_training(studio, spec(seed=1))
    run_job(studio, waiting)
    job = queue.get(studio.db, waiting)
    assert job.status is JobStatus.FAILED and first.source_name in job.message and "rights" in job.message


def test_captions_that_grow_too_long_with_the_description_are_counted(studio: Studio) -> None:
    assert training.long_captions(studio, "zyx") is None
    persona = personas.load(studio.workspace, "zyx")
    personas.save(studio.workspace, persona.model_copy(update={"description": "a woman with " + "a b c d " * 45}))
    found = training.long_captions(studio, "zyx")
    assert found is not None
    counted = re.match(r"(\d+) of (\d+) captions are too long", found[0])
    assert counted and counted[1] == counted[2] != "0"
    assert "a b c d" in found[1] and "Shorten the description" in found[1]


def test_her_description_is_taught_unless_it_is_left_out_or_names_somebody(studio: Studio) -> None:
    def kept(job_id: int) -> TrainSpec:
        queue.request_stop(studio.db, job_id)
        return TrainSpec.model_validate_json(queue.get(studio.db, job_id).spec)

    persona = personas.load(studio.workspace, "zyx")
    personas.save(studio.workspace, persona.model_copy(update={"description": "A tall woman. "}))
    assert kept(training.start_training(studio, spec(description="forged"))).description == "A tall woman"
    assert kept(training.start_training(studio, spec(say_description=False))).description == ""
    forged = persona.model_copy(update={"trigger": "taylor", "description": "swift woman with red hair"})
    personas.save(studio.workspace, forged)
    with pytest.raises(Refused, match="description"):
        training.start_training(studio, spec())


def test_a_revoked_persona_makes_nothing(studio: Studio) -> None:
    run = done(studio, training.start_training(studio, spec(steps=2)))
    [checkpoint] = runs.checkpoints(studio.workspace, run.id)
    base = personas.load(studio.workspace, "zyx").base
    # Naming no persona does not get around her charter: the adapter is hers.
    asked = GenerateSpec(base=base, checkpoint=checkpoint.path, prompt="a", width=32, height=32, count=1)
    waiting = creating.generate(studio, asked)
    persona = personas.load(studio.workspace, "zyx")
    charter = persona.charter.model_copy(update={"revoked_at": datetime.now(UTC)})
    personas.save(studio.workspace, persona.model_copy(update={"charter": charter}))
    for call in (
        lambda: creating.generate(studio, asked),
        lambda: training.start_training(studio, spec()),
        lambda: training.start_probe(studio, "zyx"),
        lambda: exporting.export_adapter(studio, "zyx", checkpoint.path),
    ):
        with pytest.raises(Refused, match="revoked"):
            call()
    run_job(studio, waiting)
    assert "revoked" in queue.get(studio.db, waiting).message


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "a naked zyx"}, {"prompt": "zyx", "negative_prompt": "clothes"}],
    ids=["prompt", "negative"],
)
def test_a_forged_request_is_refused_in_the_child_too(
    changes: dict[str, str], studio: Studio, base: Path
) -> None:
    forged = GenerateSpec.model_validate({"base": str(base), "width": 32, "height": 32, "count": 1} | changes)
    with pytest.raises(Refused):
        creating.generate(studio, forged)
    job = queue.submit(studio.db, forged, title="forged")
    run_job(studio, job)
    assert queue.get(studio.db, job).status is JobStatus.FAILED
    assert not pictures.pictures(studio.db)


def test_a_stopped_training_goes_on_with_the_pictures_it_began_with(studio: Studio) -> None:
    straight = done(studio, training.start_training(studio, spec(steps=6)))
    job = training.start_training(studio, spec(steps=6))
    stop_at(studio, job, step=3)
    assert queue.get(studio.db, job).status is JobStatus.CANCELLED
    assert [one.step for one in runs.checkpoints(studio.workspace, job)] == [2, 3]
    [first, *_] = [one for one in datasets.examples(studio.workspace, "zyx") if not one.held_out]
    datasets.edit(studio.workspace, "zyx", {first.id: {"caption": "zyx changed"}}, "human", expected=None)
    queue.reopen(studio.db, job)
    done(studio, job)
    last = [runs.checkpoints(studio.workspace, one)[-1].sha256 for one in (straight.id, job)]
    assert last[0] == last[1]


def stop_at(studio: Studio, job_id: int, step: int) -> None:
    """Runs the job in this process and presses Stop when it has reached a step."""
    record: Callable[..., None] = queue.record

    def pressing(db: Any, job: int, *events: Any) -> None:
        record(db, job, *events)
        if any(event.kind == "scalar" and event.name == "loss" and event.step >= step for event in events):
            queue.request_stop(db, job)

    import studio.jobs.reporting as reporting

    patch = pytest.MonkeyPatch()
    patch.setattr(queue, "record", pressing)
    patch.setattr(reporting, "WRITE_SECONDS", 0.0)
    patch.setattr(reporting, "ASK_SECONDS", 0.0)
    try:
        run_job(studio, job_id)
    finally:
        patch.undo()


def test_a_picture_rejected_meanwhile_stops_the_resumed_training(studio: Studio) -> None:
    job = training.start_training(studio, spec(steps=6))
    stop_at(studio, job, step=3)
    [first, *_] = [one for one in datasets.examples(studio.workspace, "zyx") if not one.held_out]
    datasets.edit(studio.workspace, "zyx", {first.id: {"kept": False}}, "human", expected=None)
    queue.reopen(studio.db, job)
    run_job(studio, job)
    assert "no longer kept" in queue.get(studio.db, job).message


def test_continuing_longer(studio: Studio) -> None:
    run = done(studio, training.start_training(studio, spec()))
    longer = done(studio, training.continue_longer(studio, run.id, 3))
    assert [one.step for one in runs.checkpoints(studio.workspace, longer.id)] == [6, 7]
    [view, before] = training.trainings(studio, "zyx")
    assert view.spec.resume_from == run.id and before.checkpoints[-1].step == 4
    with pytest.raises(BadInput, match="0 more steps"):
        training.continue_longer(studio, run.id, 0)


def test_the_probe_times_every_preset_and_leaves_no_run(studio: Studio) -> None:
    assert all(card.seconds is None for card in training.preset_cards(studio, "zyx"))
    probe = training.start_probe(studio, "zyx")
    assert training.start_probe(studio, "zyx") == probe
    job = done(studio, probe)
    assert job.step == job.total > 0 and job.note == "Timing three steps", "how far it is was told until the end"
    [_, phase] = [event for _, _, event in queue.events(studio.db, probe, kinds={"phase"})]
    assert getattr(phase, "title", "") == "Timing a training", "one way, so that there is a time left for all of it"
    cards = training.preset_cards(studio, "zyx")
    times = [card.seconds or 0.0 for card in cards]
    assert 0 < times[0] < times[1] < times[2]
    assert not studio.workspace.run_dir(probe).exists() and not training.trainings(studio, "zyx")


def test_a_training_by_a_preset_times_the_presets_as_well(studio: Studio) -> None:
    done(studio, training.start_training(studio, spec(steps=2, preset="quick")))
    assert all(card.seconds is None for card in training.preset_cards(studio, "zyx")), "with settings of its own"
    quick = training.preset_cards(studio, "zyx")[0].spec
    job = training.start_training(studio, quick.model_copy(update={"steps": 6, "checkpoint_every": 2}))
    stop_at(studio, job, step=3)
    assert queue.get(studio.db, job).status is JobStatus.CANCELLED
    cards = training.preset_cards(studio, "zyx")
    assert all(card.seconds for card in cards), "what it measured until it was stopped"
    times = newest_times(studio.db, personas.load(studio.workspace, "zyx").base)
    loading = next(when for _, when, event in queue.events(studio.db, job, kinds={"phase"}) if getattr(event, "title", "") == "Loading the base")
    assert times and times.load >= loading - (queue.get(studio.db, job).started or 0), "with all that comes before the base is loaded"


def test_one_training_at_a_time_per_persona(studio: Studio) -> None:
    training.start_training(studio, spec())
    with pytest.raises(Conflict, match="in training already"):
        training.start_training(studio, spec(seed=2))


def test_what_leaves_is_marked_and_loads(studio: Studio, tmp_path: Path) -> None:
    run = done(studio, training.start_training(studio, spec(steps=2)))
    [checkpoint] = runs.checkpoints(studio.workspace, run.id)
    job = done(studio, exporting.export_adapter(studio, "zyx", checkpoint.path))
    path = studio.workspace.absolute(json.loads(job.result or "")["path"])
    assert verify(path, load_keys(studio.workspace.keys)).signature == "trusted"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
    header = read_adapter(tmp_path / "out/zyx-step-2.safetensors")
    assert header.own["trigger"] == TRIGGER and header.sha256 == checkpoint.sha256
    card = (tmp_path / "out/README.md").read_text("utf-8")
    assert "`zyx`" in card and "fictional adult" in card and header.base_sha256 in card
    with pytest.raises(NotFound):
        exporting.export_adapter(studio, "zyx", "runs/9999/checkpoints/step-000001.safetensors")
    with pytest.raises(BadInput):
        exporting.export_adapter(studio, "zyx", "../etc/passwd")


def test_pictures_leave_only_while_the_persona_of_their_adapter_allows_it(studio: Studio) -> None:
    run = done(studio, training.start_training(studio, spec(steps=2)))
    [checkpoint] = runs.checkpoints(studio.workspace, run.id)
    base = personas.load(studio.workspace, "zyx").base
    # Drawn without naming her: the checkpoint says whom it shows.
    asked = GenerateSpec(base=base, checkpoint=checkpoint.path, prompt="a", width=32, height=32, count=2)
    first, second = json.loads(done(studio, creating.generate(studio, asked)).result or "")["pictures"]
    assert pictures.get(studio.db, first).persona == "zyx"
    job = done(studio, exporting.export_pictures(studio, [first, second, first]))
    with zipfile.ZipFile(studio.workspace.absolute(json.loads(job.result or "")["path"])) as archive:
        packed = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(packed) == 2
    # As a studio before this one stored it.
    pictures.add(studio.db, pictures.get(studio.db, first).model_copy(update={"persona": None}))
    creating.delete(studio, second)
    with pytest.raises(BadInput, match="lies in the bin"):
        exporting.export_pictures(studio, [second])
    waiting = exporting.export_pictures(studio, [first])
    persona = personas.load(studio.workspace, "zyx")
    charter = persona.charter.model_copy(update={"revoked_at": datetime.now(UTC)})
    personas.save(studio.workspace, persona.model_copy(update={"charter": charter}))
    for call in (exporting.published, lambda opened, one: exporting.export_pictures(opened, [one])):
        with pytest.raises(Refused, match="revoked"):
            call(studio, first)
    run_job(studio, waiting)
    assert "revoked" in queue.get(studio.db, waiting).message
    studio.workspace.absolute(checkpoint.path).unlink()
    with pytest.raises(Refused, match="revoked"):
        exporting.published(studio, first)


def test_an_expired_consent_stops_a_waiting_training(studio: Studio) -> None:
    waiting = training.start_training(studio, spec())
    persona = personas.load(studio.workspace, "zyx")
    consent = {
        "person": "Ann Example",
        "scope": ("train",),
        "expires": date(2020, 1, 1),
        "evidence_sha256": "0" * 64,
    }
    charter = Charter(kind="consenting", confirmed_adult=True, consent=consent)  # type: ignore[arg-type]
    personas.save(studio.workspace, persona.model_copy(update={"charter": charter}))
    run_job(studio, waiting)
    assert queue.get(studio.db, waiting).status is JobStatus.FAILED
    assert isinstance(SPEC.validate_json(queue.get(studio.db, waiting).spec), TrainSpec)
