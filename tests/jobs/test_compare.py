"""A whole comparison on the embedded base with a real adapter: pictures, scores, controls, stopping, taking over."""

import hashlib
import html
import io
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from studio.actions.datasets import set_rights
from studio.catalog import ASSETS, EMBEDDED, find_base
from studio.collect.adapter_file import read_adapter
from studio.domain.comparisons import Comparison
from studio.domain.errors import BadInput, Cancelled
from studio.domain.events import Event, Preview, Progress
from studio.domain.records import Charter, Checks, Example, Persona, Rights
from studio.domain.specs import Arm, CompareSpec, GenerateSpec, TrainSpec
from studio.domain.statistics import Estimate
from studio.engines.adapters import adapter_metadata, adapter_tensors, add_adapter, pack
from studio.engines.family import family_of
from studio.engines.generate import generate
from studio.files import sha256_of
from studio.jobs import compare, judges, report
from studio.jobs.desk import Desk, nobody, pipeline_key
from studio.jobs.report_plots import interval_plot
from studio.provenance.keys import ensure_keys
from studio.provenance.verify import verify
from studio.storage import comparisons, datasets, personas, queue
from studio.storage.opened import Studio, open_studio
from studio.storage.presence import self_started
from tests.engines.stand_in import StandInJudge, open_stand_in

PROMPTS = ("{who} on a beach", "{who} skiing", "{who} swimming")
EARLY, LATE = "step-000010.safetensors", "step-000020.safetensors"
FEW = ASSETS / "example" / "other"
"""Stand-in strangers: six pictures of one other person."""


def make_adapter(folder: Path, name: str, size: float) -> None:
    """A rank 2 adapter on the embedded base with random weights: it changes every picture."""
    base = find_base(EMBEDDED)
    family = family_of(base.folder)
    parts = family.load(base.folder, torch.device("cpu"), torch.float32)
    add_adapter(family, parts, targets="attention", rank=2, lora_alpha=2, seed=0)
    chance = torch.Generator().manual_seed(1)
    tensors = {
        key: torch.randn(weight.shape, generator=chance) * size if ".lora_B." in key else weight
        for key, weight in adapter_tensors(parts, family.lora_targets("attention")).items()
    }
    metadata = adapter_metadata(
        tensors,
        family=family,
        targets="attention",
        rank=2,
        lora_alpha=2,
        title="zia",
        trigger="zia",
        base=EMBEDDED,
        base_digest=parts.digest,
        resolution=128,
        recipe={},
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(pack(tensors, metadata))


def bring_pictures(studio: Studio) -> None:
    """Six of the example persona's pictures to train on and three held out."""
    for index, path in enumerate(sorted((ASSETS / "example").glob("zia-*.webp"))[:9]):
        stored = io.BytesIO()  # as the importer keeps pictures
        with Image.open(path) as picture:
            picture.save(stored, "PNG")
            checks = Checks(
                width=picture.width, height=picture.height, sharpness=100, brightness=0.5, phash=("0" * 16,)
            )
        sha256 = hashlib.sha256(stored.getvalue()).hexdigest()
        example = Example(
            id=sha256[:16],
            sha256=sha256,
            caption=path.with_suffix(".txt").read_text("utf-8").strip(),
            rights=Rights.GENERATED,
            held_out=index >= 6,
            imported=datetime.now(UTC),
            checks=checks,
        )
        datasets.add(studio.workspace, "zia", example, stored.getvalue())


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    opened = open_studio(tmp_path_factory.mktemp("compare") / "work space")
    personas.create(
        opened.workspace,
        Persona(
            slug="zia",
            name="Zia",
            trigger="zia",
            description="a fair-skinned woman with long auburn hair",
            charter=Charter(confirmed_adult=True),
            base=EMBEDDED,
            created=datetime.now(UTC),
        ),
    )
    bring_pictures(opened)
    assert queue.submit(opened.db, TrainSpec(persona="zia"), title="Train", persona="zia") == 1
    folder = opened.workspace.run_dir(1) / "checkpoints"
    make_adapter(folder, EARLY, 0.02)
    make_adapter(folder, LATE, 0.05)
    taught = TrainSpec(persona="zia", description="a woman with red hair")
    (folder.parent / "spec.json").write_text(taught.model_dump_json())
    yield opened
    opened.db.dispose()


@pytest.fixture(scope="module")
def loaded():
    return {}


@pytest.fixture(autouse=True)
def stand_in_judges(monkeypatch):
    """Judges that go by colour, so that these tests are about comparing and not about weights."""
    judge = StandInJudge()
    monkeypatch.setattr(judges, "open_reader", lambda folder, cache: open_stand_in(judge, cache))
    monkeypatch.setattr(judges, "STRANGERS", FEW)


def plan(**changes) -> CompareSpec:
    run = "runs/1/checkpoints"
    given = {
        "persona": "zia",
        "arms": (
            Arm(name="base"),
            Arm(name="described", described=True),
            Arm(name="zero", checkpoint=f"{run}/{LATE}", adapter_scale=0),
            Arm(name="early", checkpoint=f"{run}/{EARLY}"),
            Arm(name="late", checkpoint=f"{run}/{LATE}"),
        ),
        "prompts": PROMPTS,
        "seeds": (1, 2),
        "fresh_seeds": (3,),
        "num_inference_steps": 2,
        "width": 64,
        "height": 64,
    }
    return CompareSpec(**(given | changes))


class Telling:
    """Collects events and presses Stop after some pictures."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.events: list[Event] = []
        self.stop_at = stop_at

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.stop_at is not None and isinstance(event, Progress) and event.step >= self.stop_at:
            raise Cancelled


def run(studio, loaded, spec, report=None, guest=nobody) -> Comparison:
    job_id = queue.submit(studio.db, spec, title="Compare", persona="zia")
    job = queue.claim(studio.db, kinds={"compare"}, pid=1, pid_started=self_started(), job_id=job_id)
    try:
        compare.run(spec, Desk(studio, job, report or Telling(), loaded, guest))
    finally:
        queue.finish(studio.db, job_id, "done")
    return comparisons.get(studio.db, job_id)


@pytest.fixture(scope="module")
def found(studio, loaded):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judges, "open_reader", lambda folder, cache: open_stand_in(StandInJudge(), cache))
        patch.setattr(judges, "STRANGERS", FEW)
        return run(studio, loaded, plan())


def pixels(studio, shot):
    with Image.open(studio.workspace.absolute(shot.path)) as picture:
        return np.asarray(picture.convert("RGB"))


def of(found, arm, *, fresh=False):
    return [shot for shot in found.shots if shot.arm == arm and shot.fresh == fresh]


def test_every_arm_has_every_prompt_and_seed(found):
    for arm in ("base", "described", "zero", "early", "late"):
        assert [(shot.prompt, shot.seed) for shot in of(found, arm)] == [
            (p, s) for p in range(3) for s in (1, 2)
        ]


def test_guests_in_between_change_no_picture(studio, loaded, found):
    """Each comes with another adapter and leaves it in the pipeline."""
    came = []

    def guest():
        asked = GenerateSpec(base=EMBEDDED, checkpoint=f"runs/1/checkpoints/{EARLY}", prompt="a", count=1, width=64, height=64,
                             num_inference_steps=1)  # fmt: skip
        path = studio.workspace.absolute(asked.checkpoint)
        came.append(generate(asked, loaded[pipeline_key(EMBEDDED)], read_adapter(path), lambda event: None))

    changed = plan(num_inference_steps=3, prompts=PROMPTS[:1], fresh_seeds=())
    first = run(studio, loaded, changed)
    alone = [pixels(studio, shot) for shot in first.shots]
    shutil.rmtree(studio.workspace.comparison_dir(first.job))
    disturbed = run(studio, loaded, changed, guest=guest)
    assert len(came) == len(changed.arms), "made anew, a batch for every arm"
    for before, shot in zip(alone, disturbed.shots, strict=True):
        assert np.array_equal(before, pixels(studio, shot))


def test_what_prompt_match_rests_on_is_told():
    reader = SimpleNamespace(labels={"place": ("beach", "skiing"), "hat": ("none", "beanie")})
    told = list(compare._checked(plan(), SimpleNamespace(reporter=SimpleNamespace(reader=reader))))
    assert told == ["Prompt match is about what the judges can tell: place (in 2 of 3 prompts). All else that the prompts ask for was not checked."]
    assert not list(compare._checked(plan(), judges.Bench()))


def test_strength_0_is_the_base_pixel_by_pixel(studio, found):
    for base, zero, late in zip(of(found, "base"), of(found, "zero"), of(found, "late"), strict=True):
        assert np.array_equal(pixels(studio, base), pixels(studio, zero))
        assert not np.array_equal(pixels(studio, base), pixels(studio, late))
    control = found.controls.strength_zero
    assert (control.mean, control.low, control.high, control.n) == (0.0, 0.0, 0.0, 6)


def test_the_description_stands_where_the_trigger_word_would(studio, found):
    described = verify(studio.workspace.absolute(of(found, "described")[0].path))
    assert described.recipe.prompt == "a fair-skinned woman with long auburn hair on a beach"
    base = verify(studio.workspace.absolute(of(found, "base")[0].path))
    assert base.recipe.prompt == "zia woman on a beach"
    late = verify(studio.workspace.absolute(of(found, "late")[0].path))
    assert late.recipe.prompt == "zia woman with red hair on a beach"
    assert any("where the prompts say “zia woman” a checkpoint was asked for “zia woman with red hair”" in note for note in found.notes)
    assert not any("Prompt match" in note for note in found.notes), "these judges can tell nothing of a prompt"
    assert found.who == "zia woman"
    assert found.prompts[1] == "zia woman skiing"


def test_pictures_carry_their_marks_and_recipe(studio, found):
    shot = of(found, "late")[3]
    verdict = verify(studio.workspace.absolute(shot.path))
    assert verdict.ai_mark
    assert verdict.recipe.seed == shot.seed == 2
    assert verdict.recipe.adapter.adapter_scale == 1.0
    assert verdict.recipe.adapter.name.endswith(LATE)
    assert sha256_of(studio.workspace.absolute(shot.path)) == shot.sha256


def test_the_finalist_is_looked_at_again_with_its_rivals(found):
    assert found.verdict.fresh
    assert found.verdict.arm in ("early", "late")
    for arm in ("base", "described", found.verdict.arm):
        assert [shot.seed for shot in of(found, arm, fresh=True)] == [3, 3, 3]
    assert found.verdict.likeness_persona.n == found.verdict.difference_base.n == 3
    assert {shot.arm for shot in found.shots if shot.fresh} == {"base", "described", found.verdict.arm}


def test_scores_and_neighbours_are_there(studio, found):
    training = {example.id for example in datasets.examples(studio.workspace, "zia") if not example.held_out}
    for shot in found.shots:
        assert set(shot.scores) >= {"likeness", "choosing", "copies", "prompt_match", "variety"}
        assert -1 <= shot.scores["likeness"] <= 1
        assert shot.nearest in training
    assert found.verdict.copies.held_out_rate.n == 3
    assert found.controls.other_identity.n == found.yardstick.strangers == 6, "one number of other people"
    assert found.yardstick.held_out == 3
    assert set(found.seconds) == {"loading", "pictures", "fresh pictures", "scores"}
    assert found.unseen_places == ("skiing", "swimming")


def test_another_comparison_takes_the_pictures_over(studio, loaded, found):
    telling = Telling()
    again = run(studio, loaded, plan(), telling)
    assert again.seconds["pictures"] < 0.5 * found.seconds["pictures"]
    assert [shot.scores for shot in again.shots] == [shot.scores for shot in found.shots]
    assert all(f"comparisons/{again.job}/" in shot.path for shot in again.shots)


def test_stopped_and_started_again_it_gives_the_same(studio, loaded, found):
    spec = plan(arms=plan().arms[:1] + plan().arms[3:], fresh_seeds=(), num_inference_steps=3)
    with pytest.raises(Cancelled):
        run(studio, loaded, spec, Telling(stop_at=8))
    stopped = max(int(path.name) for path in (studio.workspace.root / "comparisons").iterdir())
    kept = len(list(studio.workspace.comparison_dir(stopped).glob("*.png")))
    assert 4 <= kept < 6 * 3
    resumed = run(studio, loaded, spec)
    for job in (stopped, resumed.job):
        shutil.rmtree(studio.workspace.comparison_dir(job))
    whole = run(studio, loaded, spec)
    assert [shot.scores for shot in resumed.shots] == [shot.scores for shot in whole.shots]


def test_progress_reaches_its_total(studio, loaded):
    telling = Telling()
    spec = plan(num_inference_steps=4)
    found = run(studio, loaded, spec, telling)
    pictures = [event for event in telling.events if isinstance(event, Progress)]
    assert {event.total for event in pictures} == {len(found.shots)} == {5 * 3 * 2 + 3 * 3}, "both looks are one plan"
    assert [event.step for event in pictures] == sorted(event.step for event in pictures), "it never goes back"
    assert pictures[-1].step == pictures[-1].total


def test_finished_pictures_are_shown_while_it_goes_on(studio, loaded):
    telling = Telling()
    spec = plan(arms=plan().arms[:2], fresh_seeds=(), num_inference_steps=5)
    found = run(studio, loaded, spec, telling)
    shown = [event for event in telling.events if isinstance(event, Preview)]
    assert {(event.path, event.label) for event in shown} <= {(shot.path, shot.arm) for shot in found.shots}
    assert [event.label for event in shown[:: len(shown) - 1]] == ["base", "described"]
    again = Telling()
    run(studio, loaded, spec, again)
    assert not [event for event in again.events if isinstance(event, Preview)], "taken over, not drawn"


def test_without_checkpoints_there_is_no_verdict(studio, loaded):
    bare = run(studio, loaded, plan(arms=plan().arms[:2]))
    assert bare.verdict is None
    assert bare.recommendation.arm is None
    assert bare.arms[1].gains["likeness"].n == 6


def test_another_base_is_not_measured(studio, loaded, tmp_path_factory):
    from tests.tiny_base import make_tiny_base

    base = make_tiny_base(tmp_path_factory.mktemp("bases") / "tiny")
    persona = personas.load(studio.workspace, "zia")
    personas.save(studio.workspace, persona.model_copy(update={"base": str(base)}))
    try:
        found = run(studio, {}, plan(arms=plan().arms[:2], width=32, height=32))
    finally:
        personas.save(studio.workspace, persona)
    assert {shot.scores["likeness"] for shot in found.shots} == {None}
    assert found.arms[0].scores["likeness"].note == "not measured"
    assert found.yardstick is None
    assert "only the embedded base's small world" in found.notes[0]


def test_a_plan_without_who_is_refused(studio, loaded):
    with pytest.raises(BadInput, match="where the person stands"):
        run(studio, loaded, plan(prompts=("a woman",)))


def test_what_was_trained_on_never_counts_as_held_out(studio):
    examples = datasets.examples(studio.workspace, "zia")
    leaked = next(example for example in examples if example.held_out)
    note = studio.workspace.run_dir(1) / "dataset.json"
    note.write_text(json.dumps([{"id": leaked.id, "held_out": False}]))
    try:
        own = judges.own_pictures(studio.workspace, "zia", [f"runs/1/checkpoints/{LATE}"])
        assert len(judges.unseen_pictures(studio.workspace, "zia", f"runs/1/checkpoints/{LATE}")) == 2
        assert len(judges.unseen_pictures(studio.workspace, "zia", None)) == 3
    finally:
        note.unlink()
    assert leaked in own.examples
    assert (len(own.training), len(own.held_out)) == (7, 2)


def test_the_report_tells_everything_in_one_file(studio, found, tmp_path):
    written = report.write_report(studio, found.job, tmp_path)
    page = written.html.read_text("utf-8")
    assert found.verdict.sentence[1:] in html.unescape(page)
    assert f"<h1>{html.escape(found.headline('Zia'), quote=True) or found.verdict.sentence[:1].upper()}" in page
    top = page.split('class="row hero"')[1].split("</div>")[0]
    assert top.count("<img") == 1 + 3 and top.index("a held-out picture") < top.index(found.spec.prompts[0].replace("{who}", "Zia"))
    assert page.count("data:image/webp;base64,") == 5 * 3 + 3 * 3 + 3 + (1 + 3)
    assert page.count("<svg") == 2
    seen, folded = html.unescape(page).split("<summary>All numbers", 1)
    assert "python -m" not in seen and "python -m studio verify" in folded, "a friend is not asked to type commands"
    assert found.scale() in seen and "of 6 other people" in found.scale() and found.two_rounds() in seen
    assert "“described” is the base, told in words what Zia looks like" in seen and "fictional adult" in seen
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page), "nothing may be loaded from elsewhere"
    assert "skiing, swimming" in page
    assert "Licences of the metrics: Likeness Apache-2.0," in page and "commercially" not in page
    verdict = verify(written.html, ensure_keys(studio.workspace.keys))
    assert verdict.ai_mark


def test_the_report_says_which_pictures_were_not_counted(studio, found):
    persona = personas.load(studio.workspace, "zia")
    assert "Not counted" not in report.page(studio.workspace, found, persona, {})
    scale = found.yardstick.model_copy(update={"unknown": 2})
    page = report.page(studio.workspace, found.model_copy(update={"yardstick": scale}), persona, {})
    assert page.index("2 of 5 held-out pictures") < page.index("<svg"), "above the plots of the likeness"


def test_the_report_says_which_pictures_are_ais_as_their_rights_do(studio, found):
    persona = personas.load(studio.workspace, "zia")

    def told() -> str:
        return re.findall(r"All pictures in this report[^.]*\.", html.unescape(report.page(studio.workspace, found, persona, {})))[0]

    held_out = [example for example in datasets.examples(studio.workspace, "zia") if example.held_out]
    assert told() == "All pictures in this report were made with AI."
    try:
        set_rights(studio, "zia", [held_out[0].id], Rights.OWN)
        assert told() == "All pictures in this report except some of “the held-out pictures” were made with AI."
        set_rights(studio, "zia", [one.id for one in held_out], Rights.OWN)
        assert told() == "All pictures in this report except “the held-out pictures” were made with AI."
    finally:
        set_rights(studio, "zia", [one.id for one in held_out], Rights.GENERATED)


def test_the_reports_numbers(studio, found, tmp_path):
    told = json.loads(report.write_report(studio, found.job, tmp_path).json.read_text("utf-8"))
    assert told["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    for name in ("base", "described", "persona"):
        assert set(told["likeness"][name]) == {"mean", "low", "high", "n"}
        assert told["likeness"][name]["n"] == 3
    for name in ("base", "described"):
        assert set(told["likeness"]["difference"][name]) == {"mean", "low", "high", "n"}
    difference = told["likeness"]["persona"]["mean"] - told["likeness"]["base"]["mean"]
    assert told["likeness"]["difference"]["base"]["mean"] == pytest.approx(difference)
    assert told["controls"]["strength_zero"] == {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 6}
    assert set(told["copies"]) == {"rate", "held_out_rate", "n"}
    assert set(told["prompt_match"]) == {"base", "persona"}
    assert set(told["recommended"]) == {"checkpoint", "strength", "why"}
    assert {"train", "compare", "compare: pictures"} <= set(told["seconds"])


def test_a_report_without_a_verdict_says_why(studio, loaded, tmp_path):
    bare = run(studio, loaded, plan(arms=plan().arms[:2]))
    written = report.write_report(studio, bare.job, tmp_path)
    assert "Likeness could not be measured on any checkpoint" in written.html.read_text("utf-8")
    assert json.loads(written.json.read_text("utf-8"))["likeness"]["persona"]["mean"] is None


def test_interval_plot_draws_what_was_measured():
    rows = [
        ("base", Estimate(mean=0.1, low=0.05, high=0.15, n=24)),
        ("two prompts", Estimate(mean=0.2, low=None, high=None, n=4)),
        ("unmeasured", Estimate(mean=None, low=None, high=None, n=0)),
    ]
    drawing = interval_plot("Likeness", rows, chosen="base", zero=True)
    assert drawing.startswith('<svg role="img" aria-label="Likeness: base 0.100; two prompts 0.200"')
    assert "var(--brand)" in drawing and "#020202" not in drawing
    assert "unmeasured" not in drawing
    assert interval_plot("Likeness", rows[2:], chosen=None, zero=True) == ""
