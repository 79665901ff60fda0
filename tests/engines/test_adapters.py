"""One adapter file: read by plain diffusers, merged and taken off bit by bit, refused when it does not belong."""

from pathlib import Path

import diffusers
import numpy as np
import pytest
import safetensors.torch
import torch

from studio.collect.adapter_file import read_adapter
from studio.domain.errors import Unsupported
from studio.domain.specs import GenerateSpec
from studio.engines.adapters import add_adapter, carried
from studio.engines.chance import generator
from studio.engines.family import family_of
from studio.engines.generate import generate, load_pipeline
from studio.engines.kohya import kohya_file
from studio.engines.train import train
from tests.engines.training_kit import ignore, inputs, spec
from tests.tiny_base import make_tiny_base


def asked(base: Path, **changes: object) -> GenerateSpec:
    given = {
        "base": str(base),
        "prompt": "a zyx",
        "width": 32,
        "height": 40,
        "count": 2,
        "num_inference_steps": 4,
    }
    return GenerateSpec.model_validate(given | changes)


@pytest.fixture(scope="module")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that changes every kind of layer, much."""
    folder = tmp_path_factory.mktemp("trained")
    wanted = spec(
        steps=6, targets="attention+conv+text", lora_alpha=8, learning_rate=0.05, ema=0.0, warmup_steps=0
    )
    result = train(wanted, inputs(tiny_base, folder), ignore)
    return folder / "run" / result.checkpoint


def plain(base: Path, wanted: GenerateSpec, adapter: Path | None) -> list[np.ndarray]:
    """The same pictures by diffusers alone."""
    pipeline = diffusers.DiffusionPipeline.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    if adapter is not None:
        pipeline.load_lora_weights(adapter.parent, weight_name=adapter.name, adapter_name="zyx")
        pipeline.set_adapters(["zyx"], [wanted.adapter_scale])
    made = pipeline(
        [wanted.prompt] * wanted.count,
        width=wanted.width,
        height=wanted.height,
        num_inference_steps=wanted.num_inference_steps,
        guidance_scale=wanted.guidance_scale,
        generator=[torch.Generator("cpu").manual_seed(wanted.seed + index) for index in range(wanted.count)],
        output_type="np",
    )
    return [(picture * 255).round().astype(np.uint8) for picture in made.images]


def furthest(first: list[np.ndarray], second: list[np.ndarray]) -> int:
    """Largest difference of any colour, out of 255."""
    pairs = zip(first, second, strict=True)
    return max(int(np.abs(one.astype(int) - other).max()) for one, other in pairs)


@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_plain_diffusers_gives_the_same_picture(scale: float, tiny_base: Path, trained: Path) -> None:
    wanted = asked(tiny_base, adapter_scale=scale)
    ours = generate(wanted, load_pipeline(tiny_base), read_adapter(trained), ignore)
    assert furthest(ours, plain(tiny_base, wanted, trained)) <= 2
    assert (
        furthest(ours, plain(tiny_base, wanted, None)) > 5
    )  # or the adapter did nothing and this proves nothing


def test_carried_while_looked_at_and_put_down_bit_by_bit(tiny_base: Path) -> None:
    family = family_of(tiny_base)
    parts = family.load(tiny_base, torch.device("cpu"), torch.float32)
    targets = "attention+conv+text"
    learning = add_adapter(family, parts, targets=targets, rank=4, lora_alpha=8, seed=0)
    networks = [parts.pipeline.unet, parts.pipeline.text_encoder]
    before = [weight.detach().clone() for network in networks for weight in network.parameters()]

    def predicted() -> torch.Tensor:
        text = family.encode_text(parts, family.tokens(parts, ["a zyx"]))
        return family.predict(parts, torch.ones(1, *shape), torch.tensor([500]), text)

    side = parts.pipeline.unet.config.sample_size
    shape = (parts.pipeline.unet.config.in_channels, side, side)
    with torch.no_grad():
        base = predicted()
        with carried(parts, family.lora_targets(targets)):
            assert torch.equal(predicted(), base)  # a fresh adapter changes nothing
        for name, weight in learning.items():
            if ".lora_B." in name:
                weight.copy_(torch.randn(weight.shape, generator=generator(1, name)) / 10)
        beside = predicted()
        with pytest.raises(RuntimeError, match="stopped"), carried(parts, family.lora_targets(targets)):
            assert torch.allclose(predicted(), beside, atol=1e-4)
            raise RuntimeError("stopped")
        assert torch.equal(predicted(), beside)
    assert not torch.allclose(beside, base, atol=1e-2)  # or the adapter did nothing and this proves nothing
    after = [weight for network in networks for weight in network.parameters()]
    frozen = [(one, other) for one, other in zip(before, after, strict=True) if not other.requires_grad]
    assert frozen and all(torch.equal(one, other) for one, other in frozen)


def test_swapping_and_taking_off_leave_no_trace(tiny_base: Path, trained: Path) -> None:
    pipeline, header = load_pipeline(tiny_base), read_adapter(trained)
    before = {name: weight.clone() for name, weight in pipeline.parts.denoiser.state_dict().items()}
    bare = generate(asked(tiny_base), pipeline, None, ignore)
    strong = generate(asked(tiny_base, adapter_scale=1.5), pipeline, header, ignore)
    weak = generate(asked(tiny_base, adapter_scale=0.5), pipeline, header, ignore)
    assert furthest(strong, weak) > 0 < furthest(weak, bare)
    again = generate(asked(tiny_base, adapter_scale=0.0), pipeline, header, ignore)
    assert furthest(again, bare) == 0
    after = pipeline.parts.denoiser.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_an_adapter_of_another_base_is_refused(trained: Path, tmp_path: Path) -> None:
    other = load_pipeline(make_tiny_base(tmp_path / "other", seed=5))
    with pytest.raises(Unsupported, match="trained on another base"):
        generate(asked(other.parts.folder), other, read_adapter(trained), ignore)


def test_an_adapter_that_names_strange_layers_is_refused_and_leaves_the_base_alone(
    tiny_base: Path, trained: Path, tmp_path: Path
) -> None:
    pipeline = load_pipeline(tiny_base)
    before = {name: weight.clone() for name, weight in pipeline.parts.denoiser.state_dict().items()}
    body = trained.read_bytes().replace(b"unet.up_blocks.0.res", b"unet.xy_blocks.0.res")
    strange = tmp_path / "strange.safetensors"
    strange.write_bytes(body)
    with pytest.raises(Unsupported, match="which this base does not have"):
        pipeline.merged.show(read_adapter(strange), 1.0)
    after = pipeline.parts.denoiser.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_kohyas_names_give_the_same_pictures(tiny_base: Path, trained: Path, tmp_path: Path) -> None:
    header = read_adapter(trained)
    path = tmp_path / "kohya.safetensors"
    path.write_bytes(kohya_file(header))
    names = safetensors.torch.load_file(path)
    assert "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight" in names
    assert "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight" in names
    assert {float(value) for name, value in names.items() if name.endswith(".alpha")} == {8.0}
    assert len(names) == 3 * len(header.layers)
    # What the two halves multiply to is what diffusers' file says, layer by layer.
    own = safetensors.torch.load_file(trained)
    for layer in header.layers:
        component, _, name = layer.partition(".")
        key = f"{'lora_unet' if component == 'unet' else 'lora_te'}_{name.replace('.', '_')}"
        scale = float(names[f"{key}.alpha"]) / names[f"{key}.lora_down.weight"].shape[0]
        assert scale == header.scaling(layer)
        assert torch.equal(names[f"{key}.lora_up.weight"], own[f"{layer}.lora_B.weight"])
    wanted = asked(tiny_base)
    ours = generate(wanted, load_pipeline(tiny_base), header, ignore)
    assert furthest(ours, plain(tiny_base, wanted, path)) <= 2
