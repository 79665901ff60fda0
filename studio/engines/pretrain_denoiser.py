"""The denoiser stage: flow matching on latents, steered by captions."""

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import Captioned
from studio.engines.chance import generator
from studio.engines.pretrain_autoencoder import encode
from studio.engines.pretrain_text import chosen, tokens

NOISE_CENTRE, NOISE_SPREAD = 0.2, 0.62
"""Noise levels are drawn logistic with this centre and spread, close to logit-normal (Esser et al. 2024)."""
SHARD = "14MB"


def new_denoiser(
    latent_side: int, channels: int, text_width: int, widths: tuple[int, ...] = (96, 160, 208)
) -> UNet2DConditionModel:
    """An untrained UNet with attention below its first level."""
    inner = len(widths) - 1
    return UNet2DConditionModel(
        sample_size=latent_side,
        in_channels=channels,
        out_channels=channels,
        block_out_channels=widths,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * inner,
        up_block_types=("CrossAttnUpBlock2D",) * inner + ("UpBlock2D",),
        cross_attention_dim=text_width,
        attention_head_dim=4,
        norm_num_groups=16,
        use_linear_projection=True,
    )


class DenoiserStage:
    """Trains a UNet while autoencoder and text encoder stay as they are; each picture is encoded once."""

    plain_layers: tuple[str, ...] = ("conv_in", "conv_out", "time_embedding")

    def __init__(
        self, spec: PretrainSpec, denoiser: UNet2DConditionModel, autoencoder: AutoencoderKL,
        encoder: CLIPTextModel, tokenizer: CLIPTokenizer, train: Captioned, held_out: Captioned,
    ) -> None:  # fmt: skip
        self.spec, self.autoencoder, self.tokenizer = spec, autoencoder.eval(), tokenizer
        self.encoder = encoder.eval()
        self.network: nn.Module = denoiser
        self.denoiser = denoiser
        denoiser.to(memory_format=torch.channels_last)
        self.train, self.held_out = train, held_out
        self.latents: dict[int, Tensor] = {}
        self.held_latents = encode(autoencoder, held_out, torch.arange(min(192, len(held_out))))

    def loss(self, step: int) -> Tensor:
        """Error of the predicted flow (noise minus picture, Lipman et al. 2023), heavier where the focus is."""
        spec = self.spec
        chance = generator(spec.seed, "denoiser", step)
        rows = torch.randint(0, len(self.train), (spec.batch_size,), generator=chance)
        texts = chosen(self.train, rows, chance)
        dropped = torch.rand(len(rows), generator=chance) < spec.caption_dropout
        texts = ["" if gone else text for text, gone in zip(texts, dropped.tolist(), strict=True)]
        clean = self._latents(rows).contiguous(memory_format=torch.channels_last)
        noise = torch.randn(clean.shape, generator=chance)
        order, luck = torch.randperm(len(rows), generator=chance), torch.rand(len(rows), generator=chance)
        level = torch.sigmoid(((order + luck) / len(rows)).clamp(1e-4, 1 - 1e-4).logit() * NOISE_SPREAD + NOISE_CENTRE)
        error = self._error(clean, noise, level, self._read(texts))
        weight = focus_weights(self.train, rows, clean.shape[-1], spec.focus_weight)
        return (error * weight).mean() / weight.mean()

    def measure(self) -> Mapping[str, float]:
        """Flow loss on held-out pictures at fixed noise, over all of the picture and inside the focus."""
        count = len(self.held_latents)
        chance = generator(self.spec.seed, "held-out noise")
        noise = torch.randn(self.held_latents.shape, generator=chance)
        level = ((torch.arange(count) + 0.5) / count)[torch.randperm(count, generator=chance)]
        whole, inside = [], []
        for rows in torch.split(torch.arange(count), 48):
            texts = [self.held_out.captions[row][0] for row in rows.tolist()]
            error = self._error(self.held_latents[rows], noise[rows], level[rows], self._read(texts))
            mask = (focus_weights(self.held_out, rows, error.shape[-1], 1.0) > 1.5).float()
            whole.append(error.mean((1, 2, 3)))
            found = (error.mean(1, keepdim=True) * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp(min=1)
            inside.append(found[mask.sum((1, 2, 3)) > 0])
        numbers = {"held_out_loss": float(torch.cat(whole).mean())}
        focused = torch.cat(inside)
        return numbers | ({"held_out_focus_loss": float(focused.mean())} if len(focused) else {})

    def export(self, folder: Path) -> None:
        """Write the UNet in shards small enough for any host."""
        self.denoiser.save_pretrained(folder, max_shard_size=SHARD)

    def _error(self, clean: Tensor, noise: Tensor, level: Tensor, text: Tensor) -> Tensor:
        share = level.view(-1, 1, 1, 1)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.spec.precision == "bf16"):
            found = self.denoiser((1 - share) * clean + share * noise, level * 1000, text).sample.float()
        error: Tensor = found - (noise - clean)
        if self.spec.loss == "l1":
            return error.abs()
        if self.spec.loss == "huber":
            return F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none", beta=0.5)
        return error.square()

    @torch.no_grad()
    def _read(self, texts: list[str]) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.spec.precision == "bf16"):
            hidden: Tensor = self.encoder(tokens(self.tokenizer, texts)).last_hidden_state
        return hidden.to(torch.bfloat16 if self.spec.precision == "bf16" else torch.float32)

    def _latents(self, rows: Tensor) -> Tensor:
        fresh = [row for row in dict.fromkeys(rows.tolist()) if row not in self.latents]
        if fresh:
            for row, latent in zip(fresh, encode(self.autoencoder, self.train, torch.tensor(fresh)), strict=True):
                self.latents[row] = latent.half()
        return torch.stack([self.latents[row] for row in rows.tolist()]).float()


def focus_weights(data: Captioned, rows: Tensor, side: int, extra: float) -> Tensor:
    """Weights (n, 1, side, side): 1, and up to 1 + `extra` inside each picture's focus."""
    centres = (torch.arange(side) + 0.5) / side * 2 - 1
    down, right = torch.meshgrid(centres, centres, indexing="ij")
    found = []
    for row in rows.tolist():
        place = data.focus[row]
        if place is None:
            found.append(torch.ones(side, side))
            continue
        x, y, radius = place
        away = ((right - x) ** 2 + (down - y) ** 2) / radius**2
        found.append(1 + extra * torch.exp(-(away**2)))
    return torch.stack(found).unsqueeze(1)
