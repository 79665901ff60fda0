"""The Train tab without a browser: trainings are counted per persona, and a slow measurement says why."""

import time
from datetime import UTC, datetime

from studio.catalog import EMBEDDED
from studio.domain.records import Charter, JobStatus, Persona
from studio.domain.specs import GenerateSpec, ProbeSpec, TrainSpec
from studio.storage import personas, queue
from studio.storage.opened import Studio
from studio.ui.page import Scene, View, scene
from studio.ui.tabs import persona, train
from studio.ui.tabs.checkpoints import training_numbers


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


def test_a_measurement_of_times_that_takes_long_says_why(studio: Studio) -> None:
    zia(studio)
    job = queue.submit(studio.db, ProbeSpec(persona="zia", base=EMBEDDED, train=TrainSpec(persona="zia")), title="Measure", persona="zia")
    for ago, slow in ((5, False), (train.SLOW + 5, True)):
        with studio.db.begin() as connection:
            connection.exec_driver_sql(
                f"UPDATE job SET status = '{JobStatus.RUNNING.value}', started = {time.time() - ago} WHERE id = {job}"
            )
        assert train.slowly(here(studio)) is slow
        assert ("longer than usual" in str(train.timing(here(studio), None, []))) is slow  # type: ignore[arg-type]


def test_a_new_description_says_that_trainings_keep_the_old_one(studio: Studio) -> None:
    zia(studio)
    words = {"value": "a woman with red hair"}
    assert "Trainings from before" not in (persona.describe(here(studio), words).notice or "")
    queue.submit(studio.db, TrainSpec(persona="zia"), title="Train Zia", persona="zia")
    told = persona.describe(here(studio), {"value": "a woman with long red hair"}).notice or ""
    assert "Description saved. Trainings from before keep the old words" in told
