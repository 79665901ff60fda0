"""The denoiser stage: flow matching on latents, steered by captions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.domain.events import Progress, Report
from studio.domain.pretraining import PretrainSpec
from studio.engines.cache import TensorCache
from studio.engines.captioned import Captioned, focus_places, focus_weights, rows_of_step, weights_at
from studio.engines.chance import generator
from studio.engines.device import bf16_arithmetic, quick_attention
from studio.engines.pixel_loss import punished
from studio.engines.pretrain_autoencoder import encode, encoded, pictures
from studio.engines.pretrain_samples import FLOW_SHIFT, Sample, assemble, draw_samples
from studio.engines.pretrain_text import tokens, written
from studio.engines.reframe import moved, through, windows
from studio.files import whole_folder

NOISE_CENTRE, NOISE_SPREAD = 0.2, 0.62
"""Noise levels are drawn logistic with this centre and spread, close to logit-normal (Esser et al. 2024)."""
SHARD = "14MB"
HELD_OUT = 192
"""Held-out pictures the loss is measured on, at most."""
AT_ONCE = 32
"""Pictures that are encoded together."""


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
    """Trains a UNet, and the text encoder with it if the spec says so; the autoencoder stays, each picture is encoded once."""

    plain_layers: tuple[str, ...] = ("conv_in", "conv_out", "time_embedding", "token_embedding", "position_embedding")

    def __init__(
        self, spec: PretrainSpec, denoiser: UNet2DConditionModel, autoencoder: AutoencoderKL,
        encoder: CLIPTextModel, tokenizer: CLIPTokenizer, train: Captioned, held_out: Captioned,
        *, cache: TensorCache | None = None, report: Report = lambda event: None,
    ) -> None:  # fmt: skip
        self.spec, self.autoencoder, self.tokenizer = spec, autoencoder.eval(), tokenizer
        self.encoder = encoder.eval()
        self.network: nn.Module = denoiser
        if spec.train_text_encoder:
            encoder.requires_grad_(True)
            self.network = nn.ModuleDict({"denoiser": denoiser, "text_encoder": encoder})
        self.denoiser, self.device, self.cache, self.report = denoiser, denoiser.device, cache, report
        denoiser.to(memory_format=torch.channels_last)
        # Compiling pays off only where the denoiser, not Python, takes the time.
        on_card = spec.compile and self.device.type == "cuda"
        self.predict: Callable[..., Any] = torch.compile(denoiser) if on_card else denoiser
        self.train, self.held_out = train, held_out
        self.written, self.silence = written(tokenizer, train), tokens(tokenizer, [""])
        self.latents: Tensor | None = None
        parts = torch.split(torch.arange(min(HELD_OUT, len(held_out))), AT_ONCE)
        self.held_latents = torch.cat([encode(autoencoder, held_out, part) for part in parts])

    def loss(self, step: int) -> Tensor:
        """Error of the predicted flow (noise minus picture, Lipman et al. 2023), heavier where the focus is."""
        spec = self.spec
        chance = generator(spec.seed, "denoiser", step)
        rows = rows_of_step(len(self.train), spec.batch_size, spec.seed, "denoiser", step)
        words = self.written.chosen(rows, chance)
        dropped = torch.rand(len(rows), generator=chance) < spec.caption_dropout
        words = torch.where(dropped.unsqueeze(1), self.silence, words)
        clean, places = self._clean(rows), focus_places(self.train, rows)
        if spec.reframed:
            clean, places = self._reframed(rows, clean, places, chance)
        order, luck = torch.randperm(len(rows), generator=chance), torch.rand(len(rows), generator=chance)
        level = torch.sigmoid(((order + luck) / len(rows)).clamp(1e-4, 1 - 1e-4).logit() * NOISE_SPREAD + NOISE_CENTRE)
        level = level.to(self.device)
        noise = torch.randn(
            clean.shape, generator=generator(spec.seed, "noise", step, device=self.device), device=self.device
        )
        weight = weights_at(places.to(self.device), clean.shape[-1], spec.focus_weight)
        if spec.weighting == "min_snr":
            weight = weight * min_snr(level).view(-1, 1, 1, 1)
        with torch.set_grad_enabled(spec.train_text_encoder):
            text = self._read(words)
        with quick_attention(self.device, clean.shape[-1] * clean.shape[-2]):
            error = self._error(self.predict, clean, noise, level, text)
        return (error * weight).mean() / weight.mean()

    def measure(self) -> Mapping[str, float]:
        """Flow loss on held-out pictures at fixed noise, over all of the picture and inside the focus."""
        count = len(self.held_latents)
        chance = generator(self.spec.seed, "held-out noise")
        noise = torch.randn(self.held_latents.shape, generator=chance).to(self.device)
        level = ((torch.arange(count) + 0.5) / count)[torch.randperm(count, generator=chance)].to(self.device)
        whole, inside = [], []
        for rows in torch.split(torch.arange(count), 48):
            words = tokens(self.tokenizer, [self.held_out.captions[row][0] for row in rows.tolist()])
            # Not the compiled one: it would be compiled anew for this batch.
            error = self._error(self.denoiser, self.held_latents[rows], noise[rows], level[rows], self._read(words))
            mask = (focus_weights(self.held_out, rows, error.shape[-1], 1.0, self.device) > 1.5).float()
            whole.append(error.mean((1, 2, 3)))
            found = (error.mean(1, keepdim=True) * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3)).clamp(min=1)
            inside.append(found[mask.sum((1, 2, 3)) > 0])
        numbers = {"held_out_loss": float(torch.cat(whole).mean())}
        focused = torch.cat(inside)
        return numbers | ({"held_out_focus_loss": float(focused.mean())} if len(focused) else {})

    def samples(self) -> list[Sample]:
        """Pictures of the first held-out captions."""
        pipeline = assemble(self.autoencoder, self.encoder, self.tokenizer, self.denoiser, FLOW_SHIFT)
        captions = [wordings[0] for wordings in self.held_out.captions[: self.spec.samples]]
        with bf16_arithmetic(self.device, self.spec.precision):
            return draw_samples(pipeline, captions)

    def export(self, folder: Path) -> None:
        """Write the UNet in shards small enough for any host, and beside `folder` the text encoder, if it learned too."""
        if self.spec.train_text_encoder:
            with whole_folder(folder.with_name("text")) as beside:
                self.encoder.save_pretrained(beside)
        self.denoiser.save_pretrained(folder, max_shard_size=SHARD)

    def _error(
        self, predict: Callable[..., Any], clean: Tensor, noise: Tensor, level: Tensor, text: Tensor
    ) -> Tensor:  # fmt: skip
        share = level.view(-1, 1, 1, 1)
        with bf16_arithmetic(self.device, self.spec.precision):
            found = predict((1 - share) * clean + share * noise, level * 1000, text).sample.float()
        return punished(self.spec.loss, found, noise - clean)

    def _read(self, words: Tensor) -> Tensor:
        with bf16_arithmetic(self.device, self.spec.precision):
            hidden: Tensor = self.encoder(words.to(self.device)).last_hidden_state
        return hidden

    def _clean(self, rows: Tensor) -> Tensor:
        """Latents of these rows, kept on the device in half precision."""
        if self.latents is None:
            self.latents = self._encoded().to(self.device)
        return self.latents[rows.to(self.device)].float().contiguous(memory_format=torch.channels_last)

    def _reframed(
        self, rows: Tensor, clean: Tensor, places: Tensor, chance: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Latents and focuses, of half the pictures as they are seen through a smaller window, a new one at every step."""
        seen = windows(places, chance)
        some = (torch.rand(len(rows), generator=chance) < 0.5).nonzero()[:, 0]
        for part in torch.split(some, AT_ONCE):
            closer = through(pictures(self.train, rows[part], self.device), seen[part])
            clean[part.to(self.device)] = encoded(self.autoencoder, closer)
        places[some] = moved(places[some], seen[some])
        return clean, places

    def _encoded(self) -> Tensor:
        """Latents (n, c, h, w) of all pictures, in parts that are always the same: neighbours may change last bits."""

        def make() -> Tensor:
            found = []
            for part in torch.split(torch.arange(len(self.train)), AT_ONCE):
                found.append(encode(self.autoencoder, self.train, part).half().cpu())
                self.report(Progress(step=int(part[-1]) + 1, total=len(self.train), note="encoding the pictures"))
            return torch.cat(found)

        if self.cache is None:
            return make()
        weights = {name: weight.double().sum().item() for name, weight in self.autoencoder.state_dict().items()}
        return self.cache.get("latents", [self.train.digest, weights, self.device.type], make)


def min_snr(level: Tensor, most: float = 5.0) -> Tensor:
    """Weight of every noise level for a predicted flow (Hang et al. 2023, "Min-SNR").

    There the error of the clean picture is weighed by its signal-to-noise ratio, ((1 - s) / s)², but at most by
    `most`; it is s² times the error of the flow, which leaves min((1 - s)², `most` s²).
    """
    return torch.minimum((1 - level) ** 2, most * level**2)
