"""A model from scratch as an ordinary job: submitted, watched, stopped, gone on with, and refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.actions import jobs, pretraining
from studio.catalog import find_base
from studio.domain.errors import BadInput, Conflict, NotFound
from studio.domain.events import Event, Note, Preview, Progress
from studio.domain.pretraining import PretrainSpec
from studio.domain.records import JobStatus, Rights
from studio.jobs import runner
from studio.jobs.reporting import Reporter
from studio.jobs.runner import run_job
from studio.provenance.keys import load_keys
from studio.provenance.verify import verify
from studio.storage import queue, runs
from studio.storage.opened import Studio, open_studio
from tests.patterns import draw_patterns


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(tmp_path / "work space")
    yield opened
    opened.db.dispose()


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., PretrainSpec]:
    folder = draw_patterns(tmp_path / "patterns", 24)

    def make(**changes: Any) -> PretrainSpec:
        plain = {"folders": (str(folder),), "rights": Rights.OWN, "size": "tiny", "resolution": 32, "steps": 4}
        return PretrainSpec(**(plain | {"batch_size": 8, "checkpoint_every": 2, "samples": 1} | changes))

    return make


def test_from_a_folder_to_a_base(
    studio: Studio, spec: Callable[..., PretrainSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = pretraining.start_pretraining(studio, spec())
    with pytest.raises(Conflict, match="is not done yet"):
        pretraining.start_pretraining(studio, spec())

    class StopsAtThree(Reporter):
        """Stop is pressed while the third step of the codec is made."""

        def __call__(self, event: Event) -> None:
            if isinstance(event, Progress) and (event.step, event.total) == (3, 4):
                jobs.stop(studio, job_id)
                self.asked_at = 0.0
            Reporter.__call__(self, event)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "Reporter", StopsAtThree)
        run_job(studio, job_id)
    assert queue.get(studio.db, job_id).status is JobStatus.CANCELLED

    assert jobs.retry(studio, job_id) == job_id
    run_job(studio, job_id)
    job = queue.get(studio.db, job_id)
    assert job.status is JobStatus.DONE, job.message
    result = json.loads(job.result or "")
    assert result["numbers"]["denoiser"]["held_out_loss"] > 0
    assert find_base(result["base"]).resolution == 32
    notes = [event.text for _, _, event in queue.events(studio.db, job_id, kinds={"note"}) if isinstance(event, Note)]
    assert "Continuing at step 3." in notes
    curves = runs.scalars(studio.db, job_id)
    assert [step for step, _ in curves["autoencoder loss"]] == [1, 2, 3, 4]
    assert len(curves["text loss"]) == len(curves["denoiser loss"]) == 4
    previews = [event for _, _, event in queue.events(studio.db, job_id, kinds={"preview"})]
    shown = [(event.label.split(":")[0], event.step) for event in previews if isinstance(event, Preview)]
    assert {("autoencoder", 2), ("autoencoder", 4), ("denoiser", 2), ("denoiser", 4)} <= set(shown)
    keys = load_keys(studio.workspace.keys)
    for event in previews:
        assert isinstance(event, Preview)
        assert verify(studio.workspace.absolute(event.path), keys).signature == "trusted"


def test_captions_are_shown_to_the_policy_by_the_job(
    studio: Studio, spec: Callable[..., PretrainSpec]
) -> None:
    wanted = spec(stage="text")
    (Path(wanted.folders[0]) / "03.txt").write_text("a nude woman", "utf-8")
    job_id = pretraining.start_pretraining(studio, wanted)
    run_job(studio, job_id)
    job = queue.get(studio.db, job_id)
    assert job.status is JobStatus.FAILED and "nude woman" in job.message
    assert not (studio.workspace.run_dir(job_id) / "text").exists()


def test_what_may_not_be_trained_on_is_said_at_once(studio: Studio, spec: Callable[..., PretrainSpec]) -> None:
    for changes, error, said in (
        ({"folders": ()}, BadInput, "No folder"),
        ({"rights": Rights.UNKNOWN}, BadInput, "on what basis"),
        ({"folders": ("/no/such/place",)}, NotFound, "no folder or file"),
        ({"folders": ("a\0b",)}, BadInput, "cannot be used as a path"),
        ({"folders": (str(studio.workspace.personas),)}, BadInput, "under personas' charters"),
        ({"folders": (str(studio.workspace.inbox),)}, BadInput, "unchecked"),
        ({"folders": (str(studio.workspace.root),)}, BadInput, "under personas' charters"),
        ({"folders": (str(studio.workspace.root.parent),)}, BadInput, "under personas' charters"),
        ({"start": "/no/such/base"}, NotFound, "no base at"),
        ({"start": "a\0b"}, BadInput, "cannot be used as a path"),
    ):
        with pytest.raises(error, match=said):
            pretraining.start_pretraining(studio, spec(**changes))
    assert queue.jobs(studio.db) == []


def test_the_job_gets_whole_paths(
    studio: Studio, spec: Callable[..., PretrainSpec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old base").mkdir()
    monkeypatch.chdir(tmp_path)
    job_id = pretraining.start_pretraining(studio, spec(folders=("patterns",), start="old base"))
    found = PretrainSpec.model_validate_json(queue.get(studio.db, job_id).spec)
    assert (found.folders, found.start) == ((str(tmp_path / "patterns"),), str(tmp_path / "old base"))
