"""The autoencoder stage: pictures to small latents of unit size and back."""

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from studio.domain.pretraining import PretrainSpec
from studio.engines.captioned import Captioned, focus_weights, rows_of_step
from studio.engines.chance import generator
from studio.engines.device import bf16_arithmetic
from studio.engines.pixel_loss import Levels, mixed, punished
from studio.engines.pretrain_samples import Sample

CHANNELS = 8
LATENT_NOISE = 0.1
SIZE_PENALTY = 2e-3


def new_autoencoder(
    resolution: int, widths: tuple[int, ...] = (32, 64, 96, 128), channels: int = CHANNELS
) -> AutoencoderKL:
    """An untrained autoencoder that shrinks each side by 2 ** (len(widths) - 1)."""
    count = len(widths)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * count,
        up_block_types=("UpDecoderBlock2D",) * count,
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=channels,
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
        self.spec, self.train, self.held_out, self.decoder_only = spec, train, held_out, decoder_only
        self.autoencoder = autoencoder
        self.levels = Levels().to(autoencoder.device) if spec.pixel_loss == "cross_entropy" else None
        self.network: nn.Module = autoencoder if self.levels is None else nn.ModuleList([autoencoder, self.levels])
        if decoder_only:
            for part in (autoencoder.encoder, autoencoder.quant_conv):
                part.requires_grad_(False)

    def loss(self, step: int) -> Tensor:
        """Error of the way there and back; noise on the latents keeps the way back smooth."""
        spec, device = self.spec, self.autoencoder.device
        chance = generator(spec.seed, "autoencoder", step)
        rows = rows_of_step(len(self.train), spec.batch_size, spec.seed, "autoencoder", step)
        x = pictures(self.train, rows, device)
        mirrored = torch.rand(len(x), 1, 1, 1, generator=chance).to(device) < 0.5
        x = torch.where(mirrored, x.flip(-1), x)
        with bf16_arithmetic(device, spec.precision):
            latent = self.autoencoder.encode(x).latent_dist.mode()
            noise = torch.randn(latent.shape, generator=chance).to(device)
            found = self.autoencoder.decode(latent + LATENT_NOISE * noise).sample.float()
        weight = focus_weights(self.train, rows, x.shape[-1], spec.focus_weight, device)
        weight = torch.where(mirrored, weight.flip(-1), weight)
        size = latent.float().square().mean()
        total: Tensor = self._error(found, x, weight / weight.mean()) + SIZE_PENALTY * size
        return total

    def _error(self, found: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        if self.spec.pixel_loss == "mixed":
            return mixed(found, x, weight)
        every = punished(self.spec.pixel_loss, found, x) if self.levels is None else self.levels(found, x)
        return (every * weight).mean()

    def measure(self) -> Mapping[str, float]:
        """Mean PSNR of held-out pictures in dB."""
        return {"psnr": psnr(self.autoencoder, self.held_out)}

    def samples(self) -> list[Sample]:
        """Held-out pictures, each beside its way there and back."""
        count = min(self.spec.samples, len(self.held_out))
        if not count:
            return []
        x = pictures(self.held_out, torch.arange(count), self.autoencoder.device)
        beside = torch.cat([x, round_trip(self.autoencoder, x)], dim=3).add(1).mul(127.5).round().byte()
        labels = [wordings[0] for wordings in self.held_out.captions]
        return [Sample(labels[row], picture.permute(1, 2, 0).cpu().numpy()) for row, picture in enumerate(beside)]

    def export(self, folder: Path) -> None:
        """Write it with latents of mean 0 and deviation 1, so that `scaling_factor` is 1; as they were, if only the way back learned."""
        if not self.decoder_only:
            standardise(self.autoencoder, self.train)
        self.autoencoder.save_pretrained(folder)


def pictures(data: Captioned, rows: Tensor, device: torch.device | str = "cpu") -> Tensor:
    """Rows of pictures as (n, 3, S, S) in -1..1."""
    x = torch.from_numpy(data.pixels[rows.numpy()]).to(device).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return x.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def round_trip(autoencoder: AutoencoderKL, x: Tensor) -> Tensor:
    """Pictures (n, 3, S, S) in -1..1 after the way there and back."""
    with bf16_arithmetic(x.device):
        found: Tensor = autoencoder.decode(autoencoder.encode(x).latent_dist.mode()).sample
    return found.float().clamp(-1, 1)


@torch.no_grad()
def encode(autoencoder: AutoencoderKL, data: Captioned, rows: Tensor) -> Tensor:
    """Latents (n, c, h, w) of rows of pictures."""
    return encoded(autoencoder, pictures(data, rows, autoencoder.device))


@torch.no_grad()
def encoded(autoencoder: AutoencoderKL, x: Tensor) -> Tensor:
    """Latents (n, c, h, w) of pictures (n, 3, S, S) in -1..1."""
    with bf16_arithmetic(autoencoder.device):
        latents: Tensor = autoencoder.encode(x).latent_dist.mode()
    return latents.float() * float(autoencoder.config.scaling_factor)


@torch.no_grad()
def psnr(autoencoder: AutoencoderKL, data: Captioned, most: int = 400) -> float:
    """Mean peak signal-to-noise ratio in dB after the round trip, over at most `most` pictures spread evenly."""
    rows = torch.linspace(0, len(data) - 1, min(most, len(data))).long()
    found = []
    for part in torch.split(rows, 16):
        x = pictures(data, part, autoencoder.device)
        error = (round_trip(autoencoder, x) - x).square().mean((1, 2, 3)).clamp(min=1e-10)
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
