"""Pictures of the embedded base are read by the judge that knows its world: what of the prompt is there."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from studio.actions import creating
from studio.domain.records import Charter, Claim, JobStatus, Persona, PromptCheck, Yardstick
from studio.domain.specs import GenerateSpec
from studio.engines.features import FeatureCache, Pictures
from studio.engines.likeness import template
from studio.engines.metrics.evidence import Judged
from studio.jobs import generate, judges
from studio.jobs.desk import Desk
from studio.jobs.generate import measure_for
from studio.jobs.judges import Bench
from studio.jobs.runner import run_job
from studio.storage import pictures, queue
from studio.storage.opened import Studio
from tests.engines.stand_in import StandInJudge, open_stand_in


def made(studio: Studio, prompt: str) -> PromptCheck | None:
    """What was found in one small picture of nobody in particular."""
    spec = GenerateSpec(base="embedded", prompt=prompt, count=1, num_inference_steps=8, seed=4)
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
    assert Claim(name="place", value="beach") in found.seen and found.unknown == ("violin",)


HERS = Yardstick(floor=0.0, ceiling=0.9, strangers=9, held_out=6, hers=0.8, stranger=0.4)
LABELS = {"place": ("beach", "café"), "scarf": ("no", "yes"), "gender": ("woman", "man"), "skin": ("brown", "other")}


@pytest.mark.parametrize(("measured", "known"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_persona_s_picture_is_read_once_for_likeness_and_prompt(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, measured: bool, known: bool
) -> None:
    """With and without a scale, of the judge's world and of another."""
    red = np.full((128, 128, 3), (200, 20, 20), np.uint8)
    judge = StandInJudge(LABELS, {"place": ["beach"] * 3, "scarf": ["no"] * 3, "gender": ["man"] * 3, "skin": ["other"] * 3})
    reader = open_stand_in(judge, FeatureCache(tmp_path / "features"))
    hers = Judged(reader, template(reader.read(Pictures.of([red, red // 2, red // 3]))))
    bench = Bench(reporter=hers, scale=HERS) if measured else Bench(note="Too few pictures.")
    monkeypatch.setattr(generate, "open_bench", lambda *given: bench)
    monkeypatch.setattr(generate, "open_reporter", lambda workspace: reader)
    judge.known = [known] * 3
    zia = Persona(
        slug="zia", name="Zia", trigger="zia", base="embedded", created=datetime.now(UTC),
        charter=Charter(confirmed_adult=True), description="a brown-skinned woman with a lute",
    )  # fmt: skip
    spec = GenerateSpec(persona="zia", base="embedded", prompt="zia, a brown-skinned woman with a lute and a violin, on a beach, in a scarf")
    job = queue.get(studio.db, queue.submit(studio.db, spec, title="p", persona="zia"))
    found = measure_for(Desk(studio, job, lambda event: None, {}), zia, spec)(red - 5)
    assert (found.likeness is not None and found.likeness > 0.8) == (measured and known)
    assert found.yardstick == (HERS if measured and known else None)
    assert bool(found.note) == (not measured or not known)
    told = found.prompt_check
    assert told is not None and told.unknown == ("violin",), "the lute came with her description"
    assert told.seen == ((Claim(name="place", value="beach"),) if known else ())
    assert told.missed == ((Claim(name="scarf", value="yes"),) if known else ())


def test_without_the_judge_only_unknown_words_are_told(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "JUDGES", tmp_path / "gone")
    assert made(studio, "a woman on a beach with a violin") == PromptCheck(unknown=("violin",))
    assert made(studio, "a woman on a beach") is None
