"""The Train tab without a browser: trainings are counted per persona, and a measurement says how far it is."""

import re
import time
from datetime import UTC, datetime

from studio.actions import training
from studio.catalog import EMBEDDED
from studio.domain.events import Phase, Preview, Progress, Scalar, Timed
from studio.domain.presets import PRESETS, preset_spec
from studio.domain.records import Charter, JobStatus, Persona
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, ProbeSpec, TrainSpec
from studio.storage import datasets, personas, queue
from studio.storage.opened import Studio
from studio.ui import job_card
from studio.ui.page import Scene, View, scene
from studio.ui.tabs import persona, train
from studio.ui.tabs.checkpoints import training_numbers
from tests.pictures import example


def zia(studio: Studio) -> Persona:
    charter = Charter(kind="fictional", confirmed_adult=True)
    made = Persona(slug="zia", name="Zia", trigger="zia", charter=charter, base=EMBEDDED, created=datetime.now(UTC))
    personas.save(studio.workspace, made)
    return made


def here(studio: Studio) -> Scene:
    return scene(studio, View(persona="zia", tab="train"))


def test_trainings_are_counted_from_the_personas_first_one_on(studio: Studio) -> None:
    zia(studio)
    spec = TrainSpec(persona="zia")
    first = queue.submit(studio.db, spec, title="Train Zia", persona="zia")
    queue.submit(studio.db, GenerateSpec(base=EMBEDDED, prompt="a woman", count=1), title="t", persona="zia")
    queue.submit(studio.db, TrainSpec(persona="mara"), title="Train Mara", persona="mara")
    second = queue.submit(studio.db, spec, title="Train Zia", persona="zia")
    assert training_numbers(here(studio)) == {first: 1, second: 2}


def test_a_measurement_of_times_says_what_it_does_and_how_long_it_still_takes(studio: Studio) -> None:
    zia(studio)
    assert train.times(here(studio)) == "", "there are no pictures"
    for number in range(20):
        datasets.add(studio.workspace, "zia", example(number, caption="zia in a park"), b"never decoded here")
    assert 'data-act="probe"' in train.times(here(studio))
    job = queue.submit(studio.db, ProbeSpec(persona="zia", base=EMBEDDED, train=TrainSpec(persona="zia")), title="Measure", persona="zia")
    put(studio, job, status="running", started=time.time())
    assert "on this machine: starting" in train.times(here(studio))
    queue.record(studio.db, job, Phase(title="Timing a training"), Progress(step=30, total=90, note="Reading picture 7 of 18"))
    with studio.db.begin() as connection:
        connection.exec_driver_sql("UPDATE event SET time = time - 10")
    assert "Reading picture 7 of 18, about 20 seconds left" in train.times(here(studio))


def test_likeness_before_any_learning_is_explained_where_a_description_makes_it(studio: Studio) -> None:
    zia(studio)
    for words, told in (("", False), ("a woman with red hair", True)):
        spec = TrainSpec(persona="zia", description=words)
        job = queue.get(studio.db, queue.submit(studio.db, spec, title="Train Zia", persona="zia"))
        queue.record(studio.db, job.id, Preview(step=0, path="p.png", label="a portrait"))
        assert ("before any learning" in train.training_run.draw(scene(studio, View(persona="zia", job=str(job.id))))) is told


def test_the_loss_of_a_step_and_the_average_do_not_go_by_one_name(studio: Studio) -> None:
    zia(studio)
    job = queue.submit(studio.db, TrainSpec(persona="zia"), title="Train Zia", persona="zia")
    put(studio, job, status="running", started=time.time())
    for step, loss in ((10, 0.5), (20, 0.1)):
        queue.record(studio.db, job, Scalar(name="loss", step=step, value=loss),
                     Progress(step=step, total=100, note=f"loss of this step {loss:.3f}"))  # fmt: skip
    told = " ".join(re.sub(r"<[^>]+>", " ", train.training_run.draw(here(studio))).split())
    assert "loss of this step 0.100" in told and "Average loss now 0.289" in told and "not the loss of a single step" in told


def test_the_trail_marks_what_comes_next_and_nothing_once_all_is_done(studio: Studio) -> None:
    made = zia(studio)
    datasets.add(studio.workspace, "zia", example(1), b"never decoded here")
    plan = CompareSpec(persona="zia", arms=(Arm(name="base"),), prompts=("{who}",), seeds=(1,))
    made_by = {"train": TrainSpec(persona="zia"), "create": GenerateSpec(base=EMBEDDED, prompt="p"), "judge": plan}
    for step, spec in made_by.items():
        [now] = re.findall('<li class="now"><button[^>]* id="go-([a-z]+)"', str(persona.trail(here(studio), made)))
        assert now == step
        put(studio, queue.submit(studio.db, spec, title="t", persona="zia"), status="done")
    assert 'class="now"' not in str(persona.trail(here(studio), made))


def test_a_new_description_says_that_trainings_keep_the_old_one(studio: Studio) -> None:
    zia(studio)
    words = {"value": "a woman with red hair"}
    assert "Trainings from before" not in (persona.describe(here(studio), words).notice or "")
    queue.submit(studio.db, TrainSpec(persona="zia"), title="Train Zia", persona="zia")
    told = persona.describe(here(studio), {"value": "a woman with long red hair"}).notice or ""
    assert "Description saved. Trainings from before keep the old words" in told


def put(studio: Studio, job: int, **columns: object) -> None:
    sets = ", ".join(f"{name} = {value!r}" for name, value in columns.items())
    with studio.db.begin() as connection:
        connection.exec_driver_sql(f"UPDATE job SET {sets} WHERE id = {job}")


def test_a_training_that_went_on_says_how_long_all_of_it_took(studio: Studio) -> None:
    zia(studio)
    job = queue.submit(studio.db, TrainSpec(persona="zia"), title="Train Zia: Quick", persona="zia")
    for when, title in ((1000, queue.FIRST_PHASE), (1040, "Training"), (5000, queue.FIRST_PHASE), (5010, "Training")):
        queue.record(studio.db, job, Phase(title=title))
        with studio.db.begin() as connection:
            connection.exec_driver_sql(f"UPDATE event SET time = {when} WHERE id = (SELECT max(id) FROM event)")
    put(studio, job, status="done", started=4999.5, finished=5054.5, step=80, total=80)
    assert queue.seconds_run(studio.db, queue.get(studio.db, job)) == 95
    assert "done in 95 seconds, 80 of 80 steps" in train.training_run.draw(here(studio))


def test_what_was_measured_is_said_to_the_second() -> None:
    assert [job_card.measured(value) for value in (1, 95.2, 133, 1500)] == ["1 second", "95 seconds", "2 min 13 s", "25 minutes"]


def test_a_training_times_the_presets_while_it_runs(studio: Studio) -> None:
    zia(studio)
    quick = preset_spec(PRESETS[0], "zia", 256)
    probe = queue.submit(studio.db, ProbeSpec(persona="zia", base=EMBEDDED, train=quick), title="Measure", persona="zia")
    job = queue.submit(studio.db, quick, title="Train Zia: Quick", persona="zia")
    train.make_way(here(studio))
    assert queue.get(studio.db, probe).status is JobStatus.CANCELLED
    put(studio, job, status="running", started=time.time())
    before = train.presets_key(here(studio))
    assert train.learning(here(studio)) and not train.may_probe(here(studio))
    queue.record(studio.db, job, Timed(base=EMBEDDED, load=10, step=0.5, look=5))
    [quickly, *_] = training.preset_cards(studio, "zia")
    assert quickly.seconds == 10 + 80 * 0.5 + 3 * 5 and train.presets_key(here(studio)) != before
    assert "about 65 seconds" in train.card(quickly, False, "")


def test_a_measurement_that_made_way_is_tried_again_and_one_stopped_by_hand_is_not(studio: Studio) -> None:
    zia(studio)
    assert train.may_probe(here(studio))
    probe = queue.submit(studio.db, ProbeSpec(persona="zia", base=EMBEDDED, train=TrainSpec(persona="zia")), title="Measure", persona="zia")
    put(studio, probe, status="cancelled")
    assert not train.may_probe(here(studio)), "by hand"
    put(studio, queue.submit(studio.db, TrainSpec(persona="zia"), title="Train Zia", persona="zia"), status="cancelled")
    assert train.may_probe(here(studio))
    queue.submit(studio.db, GenerateSpec(base=EMBEDDED, prompt="a woman", count=1), title="t")
    assert not train.may_probe(here(studio)), "somebody waits for a picture"


def test_one_preset_is_recommended_and_chosen(studio: Studio) -> None:
    zia(studio)
    cards = training.preset_cards(studio, "zia")
    chosen = train.current(cards, View().preset)
    tagged = [one.name for one in cards if "recommended" in train.card(one, False, "")]
    assert tagged == [chosen.name] == ["good"]
