"""Training from scratch on a small captioned folder that is not of the world: it learns, resumes exactly, refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from PIL import Image, ImageDraw

from studio.domain.errors import BadInput, Cancelled, NotFound, StudioError
from studio.domain.events import Event, Scalar
from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import read_captioned, split
from studio.engines.pretrain import pretrain, rate_factor
from studio.engines.pretrain_autoencoder import AutoencoderStage, encode, new_autoencoder, psnr, standardise
from studio.engines.pretrain_denoiser import DenoiserStage, focus_weights, new_denoiser
from studio.engines.pretrain_export import export_base
from studio.engines.pretrain_text import TextStage, learn_tokenizer, new_text_encoder

COLOURS = ("red", "blue", "green", "gold")
WIDTHS = (16, 32, 32)
SIDE = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty drawn shapes with captions in `.txt` files, of mixed sizes."""
    place = tmp_path_factory.mktemp("shapes")
    for number in range(40):
        colour, shape = COLOURS[number % 4], ("disc", "square")[number % 2]
        picture = Image.new("RGB", (40, 36) if number % 3 else (64, 64), "white")
        draw = ImageDraw.Draw(picture)
        (draw.ellipse if shape == "disc" else draw.rectangle)((8, 8, 28, 28), fill=colour)
        picture.save(place / f"{number:02d}.png")
        (place / f"{number:02d}.txt").write_text(f"a {colour} {shape} on white", "utf-8")
    return place


def spec(stage: str, **given: Any) -> PretrainSpec:
    plain = {"steps": 12, "batch_size": 8, "resolution": SIDE, "warmup_steps": 2, "checkpoint_every": 100}
    return PretrainSpec.model_validate(plain | {"stage": stage, "precision": "fp32", "ema": 0.5} | given)


class Curve:
    """Collects curve points; may press Stop after some step."""

    def __init__(self, stop_after: int = 0) -> None:
        self.points: list[tuple[str, int, float]] = []
        self.stop_after = stop_after

    def __call__(self, event: Event) -> None:
        if isinstance(event, Scalar):
            self.points.append((event.name, event.step, event.value))
            if event.name == "loss" and event.step == self.stop_after:
                raise Cancelled

    def losses(self) -> list[float]:
        return [value for name, _, value in self.points if name == "loss"]


def stage_of(name: str, chosen: PretrainSpec, folder: Path) -> Any:
    torch.manual_seed(1)
    train, held_out = split(read_captioned(folder, SIDE), 0.2, 0)
    if name == "autoencoder":
        return AutoencoderStage(chosen, new_autoencoder(SIDE, WIDTHS), train, held_out)
    captions = [wording for wordings in train.captions for wording in wordings]
    tokenizer = learn_tokenizer(captions, vocabulary=600, longest=16)
    encoder = new_text_encoder(tokenizer, width=32, layers=2)
    if name == "text":
        return TextStage(chosen, tokenizer, encoder, train, held_out)
    autoencoder = new_autoencoder(SIDE, WIDTHS)
    denoiser = new_denoiser(SIDE // 4, 8, 32, (32, 64))
    return DenoiserStage(chosen, denoiser, autoencoder, encoder, tokenizer, train, held_out)


@pytest.mark.parametrize(("name", "steps", "rate"), [("autoencoder", 30, 3e-3), ("text", 30, 3e-3), ("denoiser", 30, 3e-3)])
def test_the_loss_falls(name: str, steps: int, rate: float, folder: Path, tmp_path: Path) -> None:
    chosen = spec(name, steps=steps, learning_rate=rate)
    curve = Curve()
    numbers = pretrain(chosen, stage_of(name, chosen, folder), tmp_path, curve)
    losses = curve.losses()
    assert len(losses) == steps
    assert np.mean(losses[-6:]) < 0.9 * np.mean(losses[:6])
    assert all(np.isfinite(value) for value in numbers.values())
    assert (tmp_path / name).is_dir()


@pytest.mark.parametrize("name", ["autoencoder", "text", "denoiser"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_stopped_run_goes_on_bit_by_bit(name: str, optimizer: str, folder: Path, tmp_path: Path) -> None:
    chosen = spec(name, steps=7, optimizer=optimizer)
    whole = pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "whole", Curve())
    with pytest.raises(Cancelled):
        pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "parts", Curve(stop_after=3))
    rest = Curve()
    resumed = pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "parts", rest)
    assert len(rest.losses()) == 4
    assert resumed == whole
    first, second = ((tmp_path / side / f"{name}-state.safetensors").read_bytes() for side in ("whole", "parts"))
    assert first == second


def test_another_setting_is_no_continuation(folder: Path, tmp_path: Path) -> None:
    chosen = spec("text", steps=2)
    pretrain(chosen, stage_of("text", chosen, folder), tmp_path, Curve())
    other = spec("text", steps=4, seed=9)
    with pytest.raises(BadInput, match="seed = 0"):
        pretrain(other, stage_of("text", other, folder), tmp_path, Curve())


def test_a_loss_that_is_no_number_stops_with_a_sentence(folder: Path, tmp_path: Path) -> None:
    chosen = spec("autoencoder", steps=3)
    stage = stage_of("autoencoder", chosen, folder)
    with torch.no_grad():
        stage.autoencoder.decoder.conv_out.weight.fill_(float("nan"))
    with pytest.raises(StudioError, match="loss became nan at step 1"):
        pretrain(chosen, stage, tmp_path, Curve())


def test_three_stages_make_a_base_that_plain_diffusers_loads(folder: Path, tmp_path: Path) -> None:
    for name in ("autoencoder", "text", "denoiser"):
        chosen = spec(name, steps=2)
        pretrain(chosen, stage_of(name, chosen, folder), tmp_path, Curve())
    export_base(
        tmp_path / "base", autoencoder=tmp_path / "autoencoder", text=tmp_path / "text",
        tokenizer=tmp_path / "tokenizer", denoiser=tmp_path / "denoiser", flow_shift=2.0,
    )  # fmt: skip
    pipeline = DiffusionPipeline.from_pretrained(str(tmp_path / "base"), local_files_only=True, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a red disc on white", num_inference_steps=2, output_type="np").images[0]
    assert picture.shape == (SIDE, SIDE, 3)
    assert np.isfinite(picture).all()
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "base").rglob("*.safetensors"))


def test_standardised_latents_have_unit_size_and_the_same_pictures(folder: Path) -> None:
    data = read_captioned(folder, SIDE)
    torch.manual_seed(0)
    autoencoder = new_autoencoder(SIDE, WIDTHS)
    before = psnr(autoencoder, data)
    standardise(autoencoder, data)
    latents = encode(autoencoder, data, torch.arange(len(data)))
    assert latents.std((0, 2, 3)) == pytest.approx(torch.ones(8), abs=0.05)
    assert latents.mean((0, 2, 3)) == pytest.approx(torch.zeros(8), abs=0.05)
    assert psnr(autoencoder, data) == pytest.approx(before, abs=0.1)


def test_only_the_way_back_learns(folder: Path, tmp_path: Path) -> None:
    chosen = spec("autoencoder", steps=2)
    train, held_out = split(read_captioned(folder, SIDE), 0.2, 0)
    stage = AutoencoderStage(chosen, new_autoencoder(SIDE, WIDTHS), train, held_out, decoder_only=True)
    before = {name: weight.clone() for name, weight in stage.network.named_parameters()}
    pretrain(chosen, stage, tmp_path / "run", Curve())
    moved = {name.split(".")[0] for name, weight in stage.network.named_parameters() if not torch.equal(weight, before[name])}
    assert "decoder" in moved
    assert "encoder" not in moved


def test_focus_weighs_the_marked_place(folder: Path) -> None:
    data = read_captioned(folder, SIDE)
    marked = type(data)(data.pixels, data.captions, ((0.5, -0.5, 0.3), *data.focus[1:]), data.attributes)
    weights = focus_weights(marked, torch.tensor([0, 1]), 16, 1.6)
    assert weights[0, 0].argmax() == 4 * 16 + 12 or weights[0, 0, 4, 12] > 2.4
    assert torch.equal(weights[1], torch.ones(1, 16, 16))


def test_metadata_lines_carry_wordings_attributes_and_focus(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (50, 40), "red").save(tmp_path / name)
    lines = [
        {"file_name": "a.png", "texts": ["one", "two"], "attributes": {"place": "beach"}, "focus": [0, 0, 0.5]},
        {"file_name": "b.png", "text": "three"},
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    data = read_captioned(tmp_path, SIDE)
    assert data.captions == (("one", "two"), ("three",))
    assert data.attributes[0] == {"place": "beach"}
    assert data.focus == ((0.0, 0.0, 0.5), None)


def test_bad_folders_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        read_captioned(tmp_path / "absent", SIDE)
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match="holds 0 captioned pictures.*1 had no caption"):
        read_captioned(tmp_path, SIDE)
    (tmp_path / "a.txt").write_text("a picture", "utf-8")
    with pytest.raises(BadInput, match="holds 1 captioned pictures"):
        read_captioned(tmp_path, SIDE)
    (tmp_path / "b.png").write_bytes(b"not a picture")
    (tmp_path / "b.txt").write_text("broken", "utf-8")
    with pytest.raises(BadInput, match=r"b\.png cannot be read"):
        read_captioned(tmp_path, SIDE)
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "../outside.png", "text": "x"}', "utf-8")
    with pytest.raises(BadInput, match="outside the folder"):
        read_captioned(tmp_path, SIDE)


def test_the_held_rate_falls_in_the_second_half() -> None:
    chosen = spec("text", steps=100, warmup_steps=10)
    factors = [rate_factor(chosen, step) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[20] == factors[49] == 1.0
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
