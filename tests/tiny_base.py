"""A base of random weights in the Stable Diffusion layout, of other sizes than the embedded one, for tests."""

from pathlib import Path
from typing import Literal

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    PNDMScheduler,
    SchedulerMixin,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

Kind = Literal["epsilon-ddim", "epsilon-pndm", "v-ddim", "flow"]
SIDE = 32
"""Pixels of a picture of this base; its sides must be multiples of 8."""
ROOM = 20
"""Tokens of a prompt, with the two that mark start and end."""


def tiny_tokenizer() -> CLIPTokenizer:
    """Every byte is a token, with and without the end of a word, and one merge, so that lengths differ."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(code) for code in visible] + [chr(256 + index) for index in range(256 - len(visible))]
    names = [*letters, *(f"{letter}</w>" for letter in letters), "an</w>", "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {name: number for number, name in enumerate(names)}
    return CLIPTokenizer(vocab=vocabulary, merges=[("a", "n</w>")], model_max_length=ROOM)


def tiny_scheduler(kind: Kind) -> SchedulerMixin:
    if kind == "epsilon-ddim":
        return DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False, steps_offset=1)
    if kind == "epsilon-pndm":
        return PNDMScheduler(beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1)
    if kind == "v-ddim":
        return DDIMScheduler(
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            timestep_spacing="trailing",
            clip_sample=False,
            steps_offset=1,
        )
    return DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=2.0, steps_offset=1
    )


def make_tiny_base(folder: Path, kind: Kind = "epsilon-ddim", seed: int = 0) -> Path:
    """Writes the base to `folder` (1 MB, a second) and returns it: 4 latent channels at a quarter of the size."""
    torch.manual_seed(seed)
    tokenizer = tiny_tokenizer()
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=24,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=ROOM,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=SIDE // 4,
        in_channels=4,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=24,
        attention_head_dim=2,
        norm_num_groups=8,
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(8, 8, 16),
        latent_channels=4,
        norm_num_groups=4,
        sample_size=SIDE,
        scaling_factor=0.5,
    )
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=tiny_scheduler(kind),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
