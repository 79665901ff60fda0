"""Training from scratch on a small captioned folder that is not of the world: it learns, resumes exactly, refuses."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from diffusers import DiffusionPipeline
from PIL import Image, ImageDraw
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPTextModel

from studio.catalog import WORDS
from studio.domain.errors import BadInput, Cancelled, DiskTrouble, MissingWeights, NotFound, StudioError
from studio.domain.events import Event, Scalar
from studio.domain.pretraining import FOUNDING, PretrainSpec
from studio.engines import pretrain_denoiser, reframe
from studio.engines.captioned import (
    Captioned,
    focus_weights,
    read_captioned,
    rows_of_step,
    split,
    with_mirrored,
)
from studio.engines.chance import generator
from studio.engines.pixel_loss import HALF_LEVEL, Levels
from studio.engines.pretrain import finished, pretrain, rate_factor, writing_networks
from studio.engines.pretrain_autoencoder import AutoencoderStage, encode, new_autoencoder, psnr, standardise
from studio.engines.pretrain_denoiser import DenoiserStage, min_snr, new_denoiser
from studio.engines.pretrain_export import export_base
from studio.engines.pretrain_stages import Material, find_part, train_from_scratch, words_taught
from studio.engines.pretrain_text import TextStage, learn_tokenizer, new_text_encoder, written

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


def stopped_and_resumed(name: str, chosen: PretrainSpec, folder: Path, tmp_path: Path) -> Mapping[str, float]:
    """Its last numbers; the state must be, bit by bit, that of the run in `tmp_path / "whole"`."""
    with pytest.raises(Cancelled):
        pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "parts", Curve(stop_after=3))
    rest = Curve()
    numbers = pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "parts", rest)
    assert len(rest.losses()) == chosen.steps - 3
    first, second = ((tmp_path / side / f"{name}-state.safetensors").read_bytes() for side in ("whole", "parts"))
    assert first == second
    return numbers


@pytest.mark.parametrize("name", ["autoencoder", "text", "denoiser"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_stopped_run_goes_on_bit_by_bit(name: str, optimizer: str, folder: Path, tmp_path: Path) -> None:
    chosen = spec(name, steps=7, optimizer=optimizer)
    whole = pretrain(chosen, stage_of(name, chosen, folder), tmp_path / "whole", Curve())
    assert stopped_and_resumed(name, chosen, folder, tmp_path) == whole


def test_reframed_pictures_are_others_at_every_step_and_a_stopped_run_goes_on_with_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Tensor] = []

    def through(some: Tensor, seen: Tensor) -> Tensor:
        shown.append(some)
        return reframe.through(some, seen)

    monkeypatch.setattr(pretrain_denoiser, "through", through)
    chosen = spec("denoiser", steps=6, reframed=True)
    curve = Curve()
    pretrain(chosen, stage_of("denoiser", chosen, folder), tmp_path / "whole", curve)
    assert 12 <= sum(len(some) for some in shown) <= 36, "about half of six batches of eight"
    plain = Curve()
    pretrain(spec("denoiser", steps=6), stage_of("denoiser", spec("denoiser"), folder), tmp_path / "plain", plain)
    assert curve.losses()[0] != plain.losses()[0]
    stopped_and_resumed("denoiser", chosen, folder, tmp_path)


def test_a_text_encoder_learns_along_and_is_the_runs_own(folder: Path, tmp_path: Path) -> None:
    chosen = spec("denoiser", steps=7, train_text_encoder=True, ema=0.5)
    stage = stage_of("denoiser", chosen, folder)
    assert isinstance(stage, DenoiserStage)
    before = {name: weight.clone() for name, weight in stage.encoder.state_dict().items()}
    pretrain(chosen, stage, tmp_path / "whole", Curve())
    kept = CLIPTextModel.from_pretrained(tmp_path / "whole" / "text").state_dict()
    assert all(not torch.equal(kept[name], weight) for name, weight in before.items() if weight.ndim > 1)
    assert any(not torch.equal(kept[name], weight) for name, weight in stage.encoder.state_dict().items()), "averaged"
    stopped_and_resumed("denoiser", chosen, folder, tmp_path)


def test_a_base_takes_the_reader_that_learned_along(folder: Path, tmp_path: Path) -> None:
    data = read_captioned(folder, SIDE)
    chosen = spec("all", steps=4, size="tiny", learning_rate=0.02, train_text_encoder=True)
    train_from_scratch(chosen, Material(data, data), tmp_path, lambda stage: Curve(), lambda *_: None)
    first = {
        name.removeprefix("average/encoder."): weight
        for name, weight in load_file(tmp_path / "text-state.safetensors").items() if name.startswith("average/encoder.")
    }  # fmt: skip
    last, shipped = (load_file(tmp_path / part / "model.safetensors") for part in ("text", "base/text_encoder"))
    moved = [name for name, weight in first.items() if (last[name] - weight).abs().max() > 0.01]
    assert len(moved) > len(first) / 2, "the painter's lesson taught it too"
    assert all(torch.equal(shipped[name], weight.half()) for name, weight in last.items())


def test_a_state_from_before_a_setting_was_there_is_no_start_for_it(folder: Path, tmp_path: Path) -> None:
    pretrain(spec("denoiser", steps=2), stage_of("denoiser", spec("denoiser"), folder), tmp_path, Curve())
    path = tmp_path / "denoiser-state.safetensors"
    with safe_open(path, "pt") as file:
        note = json.loads(file.metadata()["state"])
    del note["settings"]["train_text_encoder"]
    save_file(load_file(path), path, {"state": json.dumps(note)})
    pretrain(spec("denoiser", steps=3), stage_of("denoiser", spec("denoiser"), folder), tmp_path, Curve())
    chosen = spec("denoiser", steps=4, train_text_encoder=True)
    save_file(load_file(path), path, {"state": json.dumps(note)})
    with pytest.raises(BadInput, match="train_text_encoder = False, not True"):
        pretrain(chosen, stage_of("denoiser", chosen, folder), tmp_path, Curve())


def test_without_being_told_to_the_text_encoder_stays(folder: Path, tmp_path: Path) -> None:
    chosen = spec("denoiser", steps=3)
    stage = stage_of("denoiser", chosen, folder)
    assert isinstance(stage, DenoiserStage)
    before = {name: weight.clone() for name, weight in stage.encoder.state_dict().items()}
    pretrain(chosen, stage, tmp_path, Curve())
    assert all(torch.equal(before[name], weight) for name, weight in stage.encoder.state_dict().items())
    assert find_part(tmp_path, "text") is None


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
    assert not (tmp_path / "autoencoder-state.safetensors").exists()


def test_a_gradient_that_is_no_number_is_never_saved(folder: Path, tmp_path: Path) -> None:
    chosen = spec("text", steps=3, checkpoint_every=1)
    stage = stage_of("text", chosen, folder)
    weight = next(stage.encoder.parameters())
    usual = stage.loss
    bent = lambda: (weight.sum() * 0).abs().sqrt()  # noqa: E731 - the root of 0 has no slope
    stage.loss = lambda step: usual(step) + bent() if step == 1 else usual(step)
    curve = Curve()
    with pytest.raises(StudioError, match="gradient became nan at step 2"):
        pretrain(chosen, stage, tmp_path, curve)
    kept = load_file(tmp_path / "text-state.safetensors")
    assert len(curve.losses()) == 1 and all(bool(tensor.isfinite().all()) for tensor in kept.values())


def test_held_out_pictures_are_encoded_a_few_at_a_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stage_of("denoiser", spec("denoiser"), folder).held_latents
    sizes = []

    def counted(autoencoder: Any, data: Captioned, rows: Tensor) -> Tensor:
        sizes.append(len(rows))
        return encode(autoencoder, data, rows)

    monkeypatch.setattr(pretrain_denoiser, "AT_ONCE", 3)
    monkeypatch.setattr(pretrain_denoiser, "encode", counted)
    parts = stage_of("denoiser", spec("denoiser"), folder).held_latents
    assert sizes == [3, 3, 2]
    assert torch.allclose(parts, whole, atol=0.02)


def test_three_stages_make_a_base_that_plain_diffusers_loads(folder: Path, tmp_path: Path) -> None:
    for name in ("autoencoder", "text", "denoiser"):
        chosen = spec(name, steps=2)
        pretrain(chosen, stage_of(name, chosen, folder), tmp_path, Curve())
    export_base(
        tmp_path / "base", autoencoder=tmp_path / "autoencoder", text=[tmp_path / "text"],
        tokenizer=tmp_path / "tokenizer", denoiser=[tmp_path / "denoiser"], flow_shift=2.0,
    )  # fmt: skip
    pipeline = DiffusionPipeline.from_pretrained(str(tmp_path / "base"), local_files_only=True)  # no precision asked for
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a red disc on white", num_inference_steps=2, output_type="np").images[0]
    assert picture.shape == (SIDE, SIDE, 3)
    assert np.isfinite(picture).all()
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "base").rglob("*.safetensors"))


def test_of_several_lessons_a_base_takes_the_mean(tmp_path: Path) -> None:
    tokenizer = learn_tokenizer(["a red disc on white"])
    new_autoencoder(SIDE, WIDTHS).save_pretrained(tmp_path / "vae")
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    for number in range(2):
        torch.manual_seed(number)
        new_text_encoder(tokenizer, 32, 2).save_pretrained(tmp_path / f"text{number}")
        new_denoiser(SIDE // 4, 8, 32, (32, 64)).save_pretrained(tmp_path / f"denoiser{number}")
    for width, name in ((32, "other"), (64, "deeper")):
        new_denoiser(SIDE // 4, 8, 32, (32, width, 64)[: 2 if name == "other" else 3]).save_pretrained(tmp_path / name)

    def export(*denoisers: str) -> None:
        export_base(
            tmp_path / "base", autoencoder=tmp_path / "vae", text=[tmp_path / "text0", tmp_path / "text1"],
            tokenizer=tmp_path / "tokenizer", denoiser=[tmp_path / name for name in denoisers], flow_shift=2.0,
        )  # fmt: skip

    def weights(name: str) -> dict[str, Tensor]:
        return load_file(next((tmp_path / name).glob("*.safetensors")))

    export("denoiser0", "denoiser1", "denoiser1")
    for part, shares in (("unet", (1 / 3, 2 / 3)), ("text_encoder", (0.5, 0.5))):
        one, two = (weights(f"{'denoiser' if part == 'unet' else 'text'}{number}") for number in range(2))
        for name, weight in weights(f"base/{part}").items():
            assert torch.allclose(weight.float(), one[name] * shares[0] + two[name] * shares[1], atol=1e-3), name
    for other in ("other", "deeper"):
        with pytest.raises(MissingWeights, match="no mean of networks of different shapes"):
            export("denoiser0", other)


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
    assert moved == {"decoder", "post_quant_conv"}, "latents stay what a denoiser has learned"


def test_focus_weighs_the_marked_place(folder: Path) -> None:
    data = read_captioned(folder, SIDE)
    marked = type(data)(data.pixels, data.captions, ((0.5, -0.5, 0.3), *data.focus[1:]), data.attributes)
    weights = focus_weights(marked, torch.tensor([0, 1]), 16, 1.6)
    assert weights[0, 0].argmax() == 4 * 16 + 12 or weights[0, 0, 4, 12] > 2.4
    assert torch.equal(weights[1], torch.ones(1, 16, 16))


@torch.no_grad()
@pytest.mark.parametrize("loss", ["mixed", "mse", "cross_entropy"])
def test_an_autoencoder_minds_the_marked_place_most(loss: str, folder: Path) -> None:
    train, held_out = split(read_captioned(folder, SIDE), 0.2, 0)
    marked = replace(train, focus=((0.5, 0.5, 0.2),) * len(train))
    chosen = spec("autoencoder", pixel_loss=loss)
    stage = AutoencoderStage(chosen, new_autoencoder(SIDE, WIDTHS), marked, held_out)
    wanted = torch.zeros(1, 3, SIDE, SIDE)
    weight = focus_weights(marked, torch.tensor([0]), SIDE, 4.0)
    weight = weight / weight.mean()
    least, found = float(stage._error(wanted, wanted, weight)), []
    for corner in (slice(0, 8), slice(SIDE * 3 // 4 - 4, SIDE * 3 // 4 + 4)):
        off = wanted.clone()
        off[..., corner, corner] = 0.5
        found.append(float(stage._error(off, wanted, weight)) - least)
    assert found[1] > 1.5 * found[0]


def test_mirror_images_are_told_in_words_that_name_no_side(folder: Path) -> None:
    data = read_captioned(folder, SIDE)
    captions = (("a ball on the left", "a ball"), ("a ball right of a cup",), *data.captions[2:])
    told = replace(data, captions=captions, focus=((0.5, -0.25, 0.3), None, *data.focus[2:]))
    both = with_mirrored(told)
    assert len(both) == 2 * len(data) - 1, "one caption has no wording without a side"
    assert both.captions[: len(data)] == captions and both.captions[len(data)] == ("a ball",)
    assert both.focus[len(data)] == (-0.5, -0.25, 0.3)
    assert np.array_equal(both.pixels[len(data)], data.pixels[0][:, ::-1])
    assert both.captions[len(data) + 1] == captions[2], "the second picture has no mirror image"


def test_each_picture_is_told_in_one_of_its_own_wordings(folder: Path) -> None:
    data = read_captioned(folder, SIDE)
    words_of = [("one", "two", "three")[: 1 + number % 3] for number in range(len(data))]
    captions = tuple(
        tuple(f"{'red' if number % 2 else 'blue'} {word}" for word in some) for number, some in enumerate(words_of)
    )
    data = replace(data, captions=captions)
    tokenizer = learn_tokenizer([text for wordings in captions for text in wordings])
    words = written(tokenizer, data)
    rows, seen = torch.arange(len(data)), set()
    for step in range(20):
        for row, found in zip(rows.tolist(), words.chosen(rows, generator(0, step)), strict=True):
            text = tokenizer.decode(found, skip_special_tokens=True).strip()
            assert text in captions[row]
            seen.add((row, text))
    assert seen == {(row, text) for row, wordings in enumerate(captions) for text in wordings}, "each has its turn"


def levels() -> Tensor:
    """All 256 levels of a pixel in -1..1."""
    return torch.arange(256).float() / 127.5 - 1


@torch.no_grad()
def test_cross_entropy_compares_the_256_levels_of_a_pixel() -> None:
    """It is the cross-entropy of 256 classes: their probabilities sum to one, the loss is -log p of the right one."""
    head = Levels()
    found = torch.tensor([-1.0, -0.3, 0.999]).view(1, 3, 1, 1)
    logits = torch.stack([head.log_probability(found, level.expand(1, 3, 1, 1)) for level in levels()], dim=-1)
    assert logits.exp().sum(-1) == pytest.approx(torch.ones(1, 3, 1, 1), abs=1e-4)
    wanted = torch.tensor([0, 90, 255])
    expected = F.cross_entropy(logits.view(3, 256), wanted)
    assert float(head(found, levels()[wanted].view(1, 3, 1, 1)).mean()) == pytest.approx(float(expected), rel=1e-4)
    assert float(logits[0, 1, 0, 0].argmax()) == pytest.approx((1 - 0.3) * 127.5, abs=0.5 + HALF_LEVEL)


def test_min_snr_weighs_the_error_of_the_clean_picture_by_at_most_five() -> None:
    level = torch.tensor([0.05, 0.3, 0.5, 0.9])
    signal_to_noise = ((1 - level) / level) ** 2
    assert min_snr(level) == pytest.approx(signal_to_noise.clamp(max=5) * level**2, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "changes"),
    [("autoencoder", {"pixel_loss": loss}) for loss in ("mse", "l1", "huber", "cross_entropy")]
    + [("denoiser", {"loss": "l1"}), ("denoiser", {"loss": "huber", "weighting": "min_snr"})],
)
def test_every_loss_is_finite_and_teaches_all_layers(name: str, changes: dict[str, Any], folder: Path) -> None:
    stage = stage_of(name, spec(name, **changes), folder)
    stage.loss(0).backward()
    gradients = [weight.grad for weight in stage.network.parameters() if weight.requires_grad]
    assert all(gradient is not None and bool(gradient.isfinite().all()) for gradient in gradients)


def test_the_founding_preset_trains(folder: Path, tmp_path: Path) -> None:
    founding = spec("autoencoder", **(dict(FOUNDING.settings) | {"epochs": 1}))
    chosen = founding.alone("autoencoder", 32)
    assert (chosen.steps, chosen.batch_size, chosen.optimizer, chosen.learning_rate) == (1, 64, "adam", 0.001)
    curve = Curve()
    pretrain(chosen, stage_of("autoencoder", chosen, folder), tmp_path, curve)
    assert 1 < curve.losses()[0] < 20
    assert "log_width" not in str(list((tmp_path / "autoencoder").iterdir()))


def test_every_pass_shows_every_picture_once() -> None:
    rows = torch.cat([rows_of_step(10, 4, 0, "text", step) for step in range(5)])
    assert sorted(rows[:10].tolist()) == sorted(rows[10:].tolist()) == list(range(10))
    assert rows[:10].tolist() != rows[10:].tolist()
    larger = rows_of_step(3, 8, 0, "text", 1)
    assert len(larger) == 8 and set(larger.tolist()) == {0, 1, 2}


def test_a_batch_larger_than_the_dataset_works(folder: Path) -> None:
    chosen = spec("autoencoder", batch_size=70)
    assert float(stage_of("autoencoder", chosen, folder).loss(0).detach()) > 0


def red(path: Path, size: tuple[int, int] = (50, 40)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "red").save(path)


def test_metadata_lines_carry_wordings_attributes_and_focus(tmp_path: Path) -> None:
    red(tmp_path / "a.png")
    red(tmp_path / "b.png")
    lines = [
        {"file_name": "a.png", "texts": ["one", "two"], "attributes": {"place": "beach"}, "focus": [0, 0, 0.5]},
        {"file_name": "b.png", "text": "three"},
    ]
    (tmp_path / "metadata.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    data = read_captioned(tmp_path, SIDE)
    assert data.captions == (("one", "two"), ("three",))
    assert data.attributes[0] == {"place": "beach"}
    assert data.focus == ((0.0, 0.0, 0.5), None)


def test_kohya_folders_and_huggingface_splits_are_read(tmp_path: Path) -> None:
    kohya, splits = tmp_path / "kohya", tmp_path / "splits"
    for number in range(3):
        red(kohya / "10_red paint" / f"{number}.png")
    (kohya / "10_red paint" / "0.txt").write_text("very red", "utf-8")
    assert sorted(read_captioned(kohya, SIDE).captions) == [("red paint",), ("red paint",), ("very red",)]
    for part, count in (("train", 3), ("test", 2)):
        for number in range(count):
            red(splits / part / f"{number}.png", (40 + number, 60))
        lines = [json.dumps({"file_name": f"{number}.png", "text": part}) for number in range(count)]
        (splits / part / "metadata.jsonl").write_text("\n".join(lines), "utf-8")
    train, held_out = split(read_captioned(splits, SIDE), 0.5, 0)
    assert train.captions == (("train",),) * 3 and held_out.captions == (("test",),) * 2


def test_bad_folders_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        read_captioned(tmp_path / "absent", SIDE)
    folder = tmp_path / "few"
    red(folder / "a.png")
    with pytest.raises(BadInput, match="holds 0 captioned pictures.*1 had no caption"):
        read_captioned(folder, SIDE)
    (folder / "a.txt").write_text("a picture", "utf-8")
    with pytest.raises(BadInput, match="holds 1 captioned pictures"):
        read_captioned(folder, SIDE)
    (folder / "b.png").write_bytes(b"not a picture")
    (folder / "b.txt").write_text("broken", "utf-8")
    with pytest.raises(BadInput, match=r"holds 1 captioned pictures.*b\.png cannot be read"):
        read_captioned(folder, SIDE)
    red(folder / "c.png", (33, 90))
    (folder / "c.txt").write_text("a tall one", "utf-8")
    told: list[str] = []
    data = read_captioned(folder, SIDE, lambda event: told.append(getattr(event, "text", "")))
    assert len(data) == 2 and any("b.png cannot be read" in sentence for sentence in told)


def test_metadata_opens_nothing_outside_its_folder(tmp_path: Path) -> None:
    red(tmp_path / "outside.png")
    red(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "metadata.jsonl").write_text('{"file_name": "../outside.png", "text": "x"}', "utf-8")
    with pytest.raises(BadInput, match="There is no ../outside.png in this source"):
        read_captioned(tmp_path / "in", SIDE)


def test_a_full_disk_gets_a_sentence_and_keeps_the_state_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = spec("text", steps=4, checkpoint_every=2)
    writes = 0

    def full(handle: int) -> None:
        nonlocal writes
        writes += 1  # a file and its folder at every checkpoint
        if writes > 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskTrouble, match="The disk is full"):
        pretrain(chosen, stage_of("text", chosen, folder), tmp_path, Curve())
    monkeypatch.undo()
    rest = Curve()
    pretrain(chosen, stage_of("text", chosen, folder), tmp_path, rest)
    assert len(rest.losses()) == 2


def test_a_disk_that_fills_up_while_the_networks_are_written_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DiskTrouble, match="The disk is full"), writing_networks(tmp_path):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
    with pytest.raises(DiskTrouble, match="The disk is read-only"), writing_networks(tmp_path):
        raise OSError(30, "Read-only file system")


@pytest.mark.parametrize("fails", ["tokenizer", "encoder"])
def test_a_disk_that_fills_up_during_the_export_spoils_nothing(
    fails: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(place: Path) -> None:
        (Path(place) / "config.json").write_text("{", "utf-8")
        raise OSError(28, "No space left on device")

    chosen = spec("text", steps=2)
    stage = stage_of("text", chosen, folder)
    monkeypatch.setattr(getattr(stage, fails), "save_pretrained", half)
    with pytest.raises(DiskTrouble, match="The disk is full"):
        pretrain(chosen, stage, tmp_path, Curve())
    assert not finished(chosen, tmp_path, stage.train.digest)
    assert find_part(tmp_path, "text") is None

    rest = Curve()
    again = stage_of("text", chosen, folder)
    pretrain(chosen, again, tmp_path, rest)
    assert rest.losses() == [] and finished(chosen, tmp_path, again.train.digest)
    assert (tmp_path / "text" / "model.safetensors").is_file() and (tmp_path / "tokenizer").is_dir()
    assert not list(tmp_path.glob("*.partial"))
    pretrain(chosen, again, tmp_path, rest)
    assert (tmp_path / "text" / "model.safetensors").is_file()


def test_only_safetensors_is_read(folder: Path, tmp_path: Path) -> None:
    start, data = tmp_path / "start", read_captioned(folder, SIDE)
    new_autoencoder(SIDE, WIDTHS).save_pretrained(start / "vae", safe_serialization=False)
    new_text_encoder(learn_tokenizer(["a red disc"]), 32, 2).save_pretrained(start / "text_encoder")
    weights = start / "text_encoder" / "model.safetensors"
    torch.save(load_file(weights), weights.with_name("pytorch_model.bin"))
    weights.unlink()
    for name, part in (("autoencoder", "vae"), ("text", "text_encoder")):
        chosen = spec(name, steps=1, start=str(start))
        with pytest.raises(MissingWeights, match=f"{part} cannot be loaded"):
            train_from_scratch(chosen, Material(data, data), tmp_path / "out", lambda stage: Curve(), lambda *_: None)
    with pytest.raises(MissingWeights, match="do not make a base"):
        export_base(
            tmp_path / "base", autoencoder=start / "vae", text=[start / "text_encoder"], tokenizer=start,
            denoiser=[start], flow_shift=2.0,
        )  # fmt: skip


def test_a_base_says_every_word_it_was_taught(folder: Path, tmp_path: Path) -> None:
    few = read_captioned(folder, SIDE).part(np.arange(3))
    mine = ["a", "blue", "disc", "green", "on", "red", "square", "white"]
    assert words_taught(spec("denoiser"), few, tmp_path) == mine
    old = tmp_path / "old"
    chosen = spec("denoiser", start=str(old))
    (old / "unet").mkdir(parents=True)
    assert words_taught(chosen, few, tmp_path) is None, "nobody knows what the base before was taught"
    (old / WORDS).write_text("violin\nred\n", "utf-8")
    assert words_taught(chosen, few, tmp_path) == sorted([*mine, "violin"])
    (old / "unet").rmdir()
    assert words_taught(chosen, few, tmp_path) == mine, "an autoencoder alone knows no words"


def test_other_pictures_are_no_continuation(folder: Path, tmp_path: Path) -> None:
    chosen = spec("text", steps=2)
    pretrain(chosen, stage_of("text", chosen, folder), tmp_path, Curve())
    other = stage_of("text", chosen, folder)
    data = other.train
    other.train = Captioned(data.pixels, (("another caption",), *data.captions[1:]), data.focus, data.attributes)
    with pytest.raises(BadInput, match="pictures or captions are not those"):
        pretrain(chosen, other, tmp_path, Curve())


def test_the_held_rate_falls_in_the_second_half() -> None:
    chosen = spec("text", steps=100, warmup_steps=10)
    factors = [rate_factor(chosen, step) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[20] == factors[49] == 1.0
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
