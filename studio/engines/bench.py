"""What `bench` compares the engines with: plain diffusers, and the training loop one would write without a studio."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import diffusers
import numpy as np
import torch
import torch.nn.functional as functional
from diffusers.training_utils import cast_training_params
from peft import LoraConfig
from PIL import Image
from torch import Tensor

from studio.catalog import find_base
from studio.domain.adapters import AdapterHeader
from studio.domain.events import Event
from studio.domain.specs import GenerateSpec, PriorSpec, TrainSpec
from studio.engines.device import training_machine
from studio.engines.family import Family, Parts, Targets, family_of, learns_text
from studio.engines.generate import generate, load_pipeline
from studio.engines.material import gather
from studio.engines.session import Session
from studio.engines.train import Run, train
from studio.engines.training_inputs import TrainExample, TrainInputs

Step = Callable[[], object]
PROMPT = "a woman on a beach"


def ignore(_event: Event) -> None:
    """A report nobody reads."""


def picture_steps(
    base: Path, folder: Path, read_adapter: Callable[[Path], AdapterHeader]
) -> tuple[Step, Step, Step, Step]:
    """Make one picture at the default settings: plainly, by the studio, and both again with an adapter."""
    plain, plain_adapter = (
        diffusers.DiffusionPipeline.from_pretrained(base, dtype=torch.float32, local_files_only=True)
        for _ in range(2)
    )
    warm = load_pipeline(base, precision="fp32")
    side, wants = warm.parts.side, find_base(str(base))
    spec = GenerateSpec(
        base=str(base), prompt=PROMPT, count=1, width=side, height=side, num_inference_steps=wants.num_inference_steps,
        guidance_scale=wants.guidance_scale,
    )  # fmt: skip
    wanted = TrainSpec(persona="bench", steps=1, prior=PriorSpec(count=0), resolution=warm.parts.side)
    train(wanted, training_inputs(base, folder, warm.parts.side), ignore)
    path = folder / "run/checkpoints/step-000001.safetensors"
    plain_adapter.load_lora_weights(path.parent, weight_name=path.name)
    carrying = load_pipeline(base, precision="fp32")
    adapter = read_adapter(path)
    for pipeline in (plain, plain_adapter):
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(warm.parts.device)

    def call(pipeline: diffusers.DiffusionPipeline) -> Step:
        return lambda: pipeline(
            PROMPT,
            width=spec.width,
            height=spec.height,
            num_inference_steps=spec.num_inference_steps,
            guidance_scale=spec.guidance_scale,
            generator=torch.Generator("cpu").manual_seed(0),
        )

    return (
        call(plain),
        lambda: generate(spec, warm, None, ignore),
        call(plain_adapter),
        lambda: generate(spec, carrying, adapter, ignore),
    )


def training_steps(base: Path, folder: Path, targets: Targets) -> tuple[Step, Step, Step]:
    """One training step: by the studio, by a plain loop with the same caches, by one without.

    Where the text encoder learns too, as in the presets, latents are all there is to cache.
    """
    family, machine = family_of(base), training_machine("auto")
    parts = family.load(base, machine.device, torch.float32)
    if machine.dtype != torch.float32:
        parts.denoiser.to(machine.dtype)
    spec = TrainSpec(
        persona="bench", steps=100_000, prior=PriorSpec(count=0), resolution=parts.side, caption_dropout=0, targets=targets
    )
    inputs = training_inputs(base, folder, parts.side)
    material = gather(spec, inputs, family, parts, ignore, machine.accelerator.autocast)
    run = Run(Session(spec, inputs, family, parts, material, machine, ignore))

    def ours() -> None:
        run.advance()
        run.step += 1

    other = family.load(base, machine.device, torch.float32)
    latents = torch.stack([variants[0] for variants in material.train.latents])
    texts = torch.stack([ways[0] for ways in material.train.texts])
    pixels = torch.stack([picture_tensor(example.path) for example in inputs.examples])
    captions = [example.caption for example in inputs.examples]
    step = plain_loop(family, other, machine.dtype, spec)

    def cached() -> None:
        members = torch.randint(len(latents), (spec.batch_size,))
        step(latents[members], texts[members])

    def bare() -> None:
        members = torch.randint(len(latents), (spec.batch_size,))
        read = family.tokens(other, [captions[member] for member in members])
        with torch.no_grad():
            some = family.encode_pictures(other, pixels[members])
            step_reads = read if learns_text(family, spec.targets) else family.encode_text(other, read)
        step(some, step_reads)

    return ours, cached, bare


def plain_loop(
    family: Family, parts: Parts, dtype: torch.dtype, spec: TrainSpec
) -> Callable[[Tensor, Tensor], None]:
    """The step of diffusers' own LoRA example: frozen weights in `dtype`, adapters in fp32, AdamW, clipping."""
    unet = parts.pipeline.unet
    unet.to(dtype)
    weights = []
    for component, layers in family.lora_targets(spec.targets).items():
        network = getattr(parts.pipeline, component)
        network.add_adapter(
            LoraConfig(
                r=spec.rank, lora_alpha=spec.rank, init_lora_weights="gaussian", target_modules=list(layers)
            )
        )
        cast_training_params(network, dtype=torch.float32)
        weights += [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, spec.learning_rate, weight_decay=spec.weight_decay)

    def step(latents: Tensor, text: Tensor) -> None:
        device = parts.device
        noise = torch.randn_like(latents)
        moments = parts.objective.moments(len(latents), torch.default_generator)
        noisy = parts.objective.noisy(latents, noise, moments).to(device)
        target = parts.objective.target(latents, noise, moments).to(device)
        timesteps = parts.objective.timesteps(moments).to(device)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            read = family.encode_text(parts, text.to(device)) if learns_text(family, spec.targets) else text.to(device)
            found = unet(noisy, timesteps, read, return_dict=False)[0]
        loss = functional.mse_loss(found.float(), target)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, spec.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        loss.item()

    return step


def training_inputs(base: Path, folder: Path, side: int) -> TrainInputs:
    """Eight pictures of coloured noise."""
    examples = []
    for number in range(8):
        path = folder / f"{number}.png"
        pixels = np.random.default_rng(number).integers(0, 255, (4, 4, 3)).astype(np.uint8)
        Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        examples.append(TrainExample(path, f"a woman in a forest, wearing a red sweater {number}", digest))
    return TrainInputs(
        base=base,
        base_name=str(base),
        title="bench",
        trigger="bench",
        examples=tuple(examples),
        held_out=(),
        run_dir=folder / "run",
        cache_dir=folder / "cache",
    )


def picture_tensor(path: Path) -> Tensor:
    """(3, H, W) in -1..1."""
    with Image.open(path) as picture:
        return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1) / 127.5 - 1
