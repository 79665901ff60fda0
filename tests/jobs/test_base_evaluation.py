"""`base evaluate` end to end on a base of random weights: honest rates, unknown words, a persona, and going on."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.catalog import ASSETS, WORDS
from studio.collect.adapter_file import read_adapter
from studio.domain.base_report import BaseReport
from studio.domain.errors import BadInput, Cancelled, Refused
from studio.domain.hard_prompts import hard_prompts
from studio.domain.records import Charter, Choice, Consent, Persona
from studio.domain.vocabulary import PLACES
from studio.engines import album
from studio.engines.generate import load_pipeline
from studio.engines.likeness import Template
from studio.jobs import base_evaluation
from studio.jobs.base_evaluation import _of_two, second_faces
from studio.jobs.base_verbs import base
from studio.storage import personas
from studio.storage.workspace import open_workspace
from tests.tiny_base import SIDE, make_tiny_base

RENDERS = 48
KNOWN = "beach skiing forest city café swimming man woman laughing sunglasses wearing beanie"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_base(tmp_path_factory.mktemp("tiny") / "base", "flow")
    (folder / WORDS).write_text("\n".join(KNOWN.split()), "utf-8")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder such as `base render` makes, of coloured noise: places in turn, each with its caption."""
    folder = tmp_path_factory.mktemp("world")
    chance = np.random.default_rng(0)
    lines = []
    for number in range(RENDERS):
        Image.fromarray(chance.integers(0, 255, (SIDE, SIDE, 3), np.uint8)).save(folder / f"{number}.png")
        place = tuple(PLACES)[number % 4]
        lines.append(
            {"file_name": f"{number}.png", "text": f"a woman {PLACES[place][0]}",
             "attributes": {"place": place, "person": "yes", "hair colour": "red"}}
        )  # fmt: skip
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return folder


def adapter(folder: Path, of: Path) -> Path:
    """An adapter with one layer that changes nothing."""
    pipeline = load_pipeline(of)
    name, layer = next(
        (name, layer) for name, layer in pipeline.parts.denoiser.named_modules() if name.endswith("attn2.to_q")
    )
    tensors = {
        f"unet.{name}.lora_A.weight": torch.zeros(2, layer.in_features),
        f"unet.{name}.lora_B.weight": torch.zeros(layer.out_features, 2),
    }
    save_file(tensors, folder / "adapter.safetensors", metadata={"format": "pt"})
    read_adapter(folder / "adapter.safetensors")
    return folder / "adapter.safetensors"


def command(world: Path, tiny: Path, out: Path, *more: str) -> list[str]:
    quick = ["--num-inference-steps", "1", "--pictures", "30"]
    return ["evaluate", str(world), "--base", str(tiny), "--out", str(out), *quick, *more]


@pytest.fixture(scope="module")
def evaluated(world: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("evaluated")
    hers = ["--adapter", str(adapter(out, tiny)), "--trigger", "zia woman", "--own-pictures", str(ASSETS / "example")]
    assert base(command(world, tiny, out, "--kinds", "one attribute; counts", *hers)) == 0
    return out


def report(out: Path) -> BaseReport:
    return BaseReport.model_validate_json((out / "report.json").read_text("utf-8"))


def test_noise_shows_nothing_that_was_asked_for(evaluated: Path) -> None:
    found = report(evaluated)
    rates = {row.name: row.found for row in found.attributes}
    assert rates["hair colour"].mean is None
    assert rates["place"].mean in (None, 0.0)
    assert "place" in found.offered and "freckles" in found.held_back
    assert "blonde" in found.partly["hair colour"] and "auburn" not in found.partly["hair colour"]
    assert "Of hair colour it is asked about" in (evaluated / "report.txt").read_text("utf-8")
    arm = found.arms[0]
    assert arm.outside == arm.pictures > 0


def test_prompts_with_unknown_words_are_listed_and_counted_apart(evaluated: Path) -> None:
    found = report(evaluated)
    counts = next(row for row in found.arms[0].kinds if row.kind == "counts")
    assert counts.unknown == counts.prompts > 0
    assert all(prompt in {one.text for one in hard_prompts()} for prompt in found.unknown)
    assert sum(row.unknown for row in found.arms[0].kinds) == len(found.unknown)
    assert found.arms[0].pictures == sum(row.prompts for row in found.arms[0].kinds) - len(found.unknown)
    assert "Unknown to this base" in (evaluated / "report.txt").read_text("utf-8")


def test_the_persona_is_looked_for_and_a_second_face_is_not_guessed(evaluated: Path) -> None:
    found = report(evaluated)
    assert [arm.name for arm in found.arms] == ["The base alone", "Base and persona"]
    assert found.persona is not None and found.persona.own.mean > 0.9
    assert found.persona.impostors >= 20
    assert found.arms[1].kept.mean == 0.0, "noise is nobody"
    assert found.persona.second_face.mean is None and "no picture" in found.persona.second_face.note


def test_a_second_face_is_hers_when_it_reaches_the_bound_beside_her() -> None:
    memory = Template(np.array([1.0, 0.0], np.float32), (0.9, 0.9))
    near, far = np.array([0.9, 0.1], np.float32), np.array([0.1, 0.9], np.float32)
    both, she_alone, nobody = np.stack([near, near]), np.stack([far, near]), np.stack([far, far])
    found = second_faces([both, she_alone, she_alone, nobody, near[None], np.stack([near] * 3)], memory, 0.5)
    assert (found.mean, found.n) == (pytest.approx(1 / 3), 3), "of pictures of two with her among them"
    assert second_faces([nobody, near[None]], memory, 0.5).n == 0
    asked = [prompt.text for prompt in hard_prompts() if _of_two(prompt)]
    assert "{who} and a man on a beach" in asked and "{who} on a beach" not in asked


def test_kid_stands_beside_that_of_two_halves(evaluated: Path) -> None:
    found = report(evaluated).kid
    drawn, halves = found["drawn and renders"], found["two halves of the renders"]
    assert drawn.mean > abs(halves.mean)
    assert (drawn.n, halves.n) == (30, 24) and "disjoint" in halves.note


def test_repeating_it_draws_nothing_again(
    evaluated: Path, world: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a picture was drawn again")

    before = report(evaluated)
    monkeypatch.setattr(album, "make", refuse)
    assert base(command(world, tiny, evaluated, "--kinds", "one attribute; counts")) == 0
    again = report(evaluated)
    assert again.arms[0] == before.arms[0]
    assert again.attributes == before.attributes
    assert again.seconds_per_picture is None


def test_another_denoiser_finds_the_renders_after_the_same_autoencoder(
    evaluated: Path, world: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the autoencoder was asked again")

    lesson, out = shutil.copytree(tiny, tmp_path / "lesson"), shutil.copytree(evaluated, tmp_path / "out")
    weights = next((lesson / "unet").glob("*.safetensors"))
    save_file({name: tensor * 0.5 for name, tensor in load_file(weights).items()}, weights, metadata={"format": "pt"})
    monkeypatch.setattr(base_evaluation, "round_trip", refuse)
    assert base(command(world, lesson, out, "--kinds", "counts")) == 0
    assert report(out).seconds_per_picture is not None, "the pictures themselves are another denoiser's"


def test_an_interrupt_ends_it_with_a_sentence(
    world: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise Cancelled

    monkeypatch.setattr(album, "make", interrupted)
    assert base(command(world, tiny, tmp_path, "--kinds", "counts")) == 130
    assert "the same command goes on from there" in capsys.readouterr().out


def test_what_cannot_be_asked_gets_a_sentence(world: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no kind of hard prompts called “moon”"):
        base(command(world, tiny, tmp_path, "--kinds", "moon"))
    with pytest.raises(BadInput, match="--own-pictures is missing"):
        base(command(world, tiny, tmp_path, "--adapter", "a.safetensors", "--trigger", "zia"))
    with pytest.raises(BadInput, match="0 pictures cannot be drawn"):
        base(["evaluate", str(world), "--pictures", "0"])


def test_a_persona_who_may_not_be_shown_is_not(world: Path, tiny: Path, tmp_path: Path) -> None:
    """Her charter is asked before anything is loaded: revoked, or consent to training alone."""
    workspace = open_workspace(tmp_path / "studio")
    now = datetime.now(UTC)
    revoked = Charter(confirmed_adult=True, revoked_at=now)
    consent = Consent(person="Mara Vell", scope=("train",), evidence_sha256="0" * 64)
    for_training = Charter(kind="consenting", confirmed_adult=True, consent=consent)
    for slug, charter, said in (("zia", revoked, "was revoked"), ("mara", for_training, "not to generate")):
        zia = Persona(slug=slug, name=slug, trigger=slug, charter=charter, base="embedded", created=now)
        personas.create(workspace, zia.model_copy(update={"choice": Choice(checkpoint="runs/1/checkpoints/step-1")}))
        with pytest.raises(Refused, match=said):
            base(command(world, tiny, tmp_path, "--persona", slug, "--workspace", str(workspace.root)))


def test_what_prompts_call_her_goes_through_the_policy(world: Path, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nude"):
        base(command(world, tiny, tmp_path, "--who", "a nude woman"))
    hers = ["--adapter", "a.safetensors", "--trigger", "nude woman", "--own-pictures", str(tmp_path)]
    with pytest.raises(Refused, match="nude"):
        base(command(world, tiny, tmp_path, *hers))


def test_held_out_captions_go_through_the_policy(tiny: Path, tmp_path: Path) -> None:
    lines = []
    for number, text in enumerate(("a woman at the beach", "a nude woman at the beach")):
        Image.new("RGB", (SIDE, SIDE), "gold").save(tmp_path / f"{number}.png")
        lines.append(json.dumps({"file_name": f"{number}.png", "text": text, "attributes": {"place": "beach"}}))
    (tmp_path / "metadata.jsonl").write_text("\n".join(lines), "utf-8")
    with pytest.raises(Refused, match="wording 2, .*nude"):
        base(command(tmp_path, tiny, tmp_path / "out"))
