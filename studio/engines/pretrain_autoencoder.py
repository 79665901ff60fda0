"""The autoencoder stage: pictures to small latents of unit size and back."""

import math
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import Captioned
from studio.engines.chance import generator

CHANNELS = 8
LATENT_NOISE = 0.1
SIZE_PENALTY = 2e-3


def new_autoencoder(resolution: int, widths: tuple[int, ...] = (32, 64, 96, 128)) -> AutoencoderKL:
    """An untrained autoencoder that shrinks each side by 2 ** (len(widths) - 1), to eight channels."""
    count = len(widths)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * count,
        up_block_types=("UpDecoderBlock2D",) * count,
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=16,
        sample_size=resolution,
        mid_block_add_attention=False,
        force_upcast=False,
        scaling_factor=1.0,
    )


class AutoencoderStage:
    """Trains all of an autoencoder, or with `decoder_only` just the way back, so that latents stay valid."""

    plain_layers: tuple[str, ...] = ("encoder.conv_in", "decoder.conv_out")

    def __init__(
        self, spec: PretrainSpec, autoencoder: AutoencoderKL, train: Captioned, held_out: Captioned,
        *, decoder_only: bool = False,
    ) -> None:  # fmt: skip
        self.spec, self.train, self.held_out = spec, train, held_out
        self.network: nn.Module = autoencoder
        self.autoencoder = autoencoder
        if decoder_only:
            for part in (autoencoder.encoder, autoencoder.quant_conv):
                part.requires_grad_(False)

    def loss(self, step: int) -> Tensor:
        """L1, squared and edge errors at three scales; noise on the latents keeps the way back smooth."""
        chance = generator(self.spec.seed, "autoencoder", step)
        rows = torch.randint(0, len(self.train), (self.spec.batch_size,), generator=chance)
        x = pictures(self.train, rows)
        mirrored = torch.rand(len(x), 1, 1, 1, generator=chance) < 0.5
        x = torch.where(mirrored, x.flip(-1), x)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.spec.precision == "bf16"):
            latent = self.autoencoder.encode(x).latent_dist.mode()
            noise = torch.randn(latent.shape, generator=chance)
            found = self.autoencoder.decode(latent + LATENT_NOISE * noise).sample.float()
        error = found - x
        half, quarter = F.avg_pool2d(error, 2), F.avg_pool2d(error, 4)
        detail = 0.5 * _edges(error) + 0.25 * _edges(half) + 0.3 * quarter.abs().mean()
        size = latent.float().square().mean()
        total: Tensor = error.abs().mean() + 2 * error.square().mean() + detail + SIZE_PENALTY * size
        return total

    def measure(self) -> Mapping[str, float]:
        """Mean PSNR of held-out pictures in dB."""
        return {"psnr": psnr(self.autoencoder, self.held_out)}

    def export(self, folder: Path) -> None:
        """Write it with latents of mean 0 and deviation 1, so that `scaling_factor` is 1."""
        standardise(self.autoencoder, self.train)
        self.autoencoder.save_pretrained(folder)


def pictures(data: Captioned, rows: Tensor) -> Tensor:
    """Rows of pictures as (n, 3, S, S) in -1..1."""
    x = torch.from_numpy(data.pixels[rows.numpy()]).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return x.contiguous(memory_format=torch.channels_last)


def _edges(error: Tensor) -> Tensor:
    across = (error[..., 1:] - error[..., :-1]).abs().mean()
    return across + (error[..., 1:, :] - error[..., :-1, :]).abs().mean()


@torch.no_grad()
def encode(autoencoder: AutoencoderKL, data: Captioned, rows: Tensor) -> Tensor:
    """Latents (n, c, h, w) of rows of pictures."""
    with torch.autocast("cpu", torch.bfloat16):
        latents: Tensor = autoencoder.encode(pictures(data, rows)).latent_dist.mode()
    return latents.float() * float(autoencoder.config.scaling_factor)


@torch.no_grad()
def psnr(autoencoder: AutoencoderKL, data: Captioned, most: int = 400) -> float:
    """Mean peak signal-to-noise ratio in dB after the round trip, over at most `most` pictures spread evenly."""
    rows = torch.linspace(0, len(data) - 1, min(most, len(data))).long()
    found = []
    for part in torch.split(rows, 16):
        x = pictures(data, part)
        with torch.autocast("cpu", torch.bfloat16):
            y = autoencoder.decode(autoencoder.encode(x).latent_dist.mode()).sample
        error = (y.float().clamp(-1, 1) - x).square().mean((1, 2, 3)).clamp(min=1e-10)
        found += [10 * math.log10(4 / float(value)) for value in error]
    return sum(found) / len(found)


@torch.no_grad()
def standardise(autoencoder: AutoencoderKL, data: Captioned, most: int = 800) -> None:
    """Fold each latent channel's mean and deviation into the convolutions beside it; pictures stay the same."""
    rows = torch.linspace(0, len(data) - 1, min(most, len(data))).long()
    latents = torch.cat([encode(autoencoder, data, part) for part in torch.split(rows, 32)])
    mean = latents.mean((0, 2, 3))
    deviation = latents.std((0, 2, 3)).clamp(min=1e-4)
    count = len(mean)
    into, back = autoencoder.quant_conv, autoencoder.post_quant_conv
    into.bias[:count] = (into.bias[:count] - mean) / deviation
    into.weight[:count] /= deviation.view(-1, 1, 1, 1)
    back.bias += back.weight[:, :, 0, 0] @ mean
    back.weight *= deviation.view(1, -1, 1, 1)
