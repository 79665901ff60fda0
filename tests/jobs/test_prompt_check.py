"""Pictures of the embedded base are read by the judge that knows its world: what of the prompt is there."""

import json
from pathlib import Path

import pytest

from studio.actions import creating
from studio.domain.records import JobStatus, PromptCheck
from studio.domain.specs import GenerateSpec
from studio.jobs import judges
from studio.jobs.runner import run_job
from studio.storage import pictures, queue
from studio.storage.opened import Studio


def made(studio: Studio, prompt: str) -> PromptCheck | None:
    """What was found in one small picture of nobody in particular."""
    spec = GenerateSpec(base="embedded", prompt=prompt, count=1, width=128, height=128, num_inference_steps=8, seed=4)
    job = creating.generate(studio, spec)
    run_job(studio, job)
    row = queue.get(studio.db, job)
    assert row.status is JobStatus.DONE, row.message
    [name] = json.loads(row.result or "")["pictures"]
    stored = pictures.get(studio.db, name)
    assert stored.likeness is None and not stored.likeness_note
    return stored.prompt_check


def test_a_picture_of_nobody_says_what_of_its_prompt_is_there(studio: Studio) -> None:
    found = made(studio, "a woman on a beach with a violin")
    assert found is not None
    assert "beach" in found.seen and found.unknown == ("violin",)


def test_without_the_judge_only_unknown_words_are_told(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "JUDGES", tmp_path / "gone")
    assert made(studio, "a woman on a beach with a violin") == PromptCheck(unknown=("violin",))
    assert made(studio, "a woman on a beach") is None
