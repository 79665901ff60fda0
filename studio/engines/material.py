"""What a training reads at every step, made once: latents, text and pictures of others, all cached by content."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.catalog import Base, find_base
from studio.domain.buckets import Bucket, bucket_sizes, cover, nearest_bucket
from studio.domain.errors import BadInput
from studio.domain.events import Phase, Report
from studio.domain.prompts import in_full, prior_prompts, ways_to_say
from studio.domain.specs import TrainSpec
from studio.engines.cache import TensorCache, component_digest
from studio.engines.family import Family, Parts, learns_text
from studio.engines.training_inputs import TrainExample, TrainInputs

PRIOR_TOGETHER = 4
"""Prior pictures made at once; part of the cache key, because the batch size moves the last bits."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Latents and text of pictures that belong together, one entry per picture.

    `latents[i]` is (variants, C, h, w): as it is, and mirrored where the spec asks for it. `texts[i]` is (ways, T, D)
    embeddings of the ways to say its caption, or (ways, T) token numbers while the text encoder learns.
    """

    buckets: tuple[Bucket, ...]
    latents: tuple[Tensor, ...]
    texts: tuple[Tensor, ...]

    def __len__(self) -> int:
        return len(self.buckets)


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a training loop draws from. `empty` is the text of an empty caption, (T, D) or (T,)."""

    train: Shelf
    held_out: Shelf
    prior: dict[Bucket, Shelf]
    empty: Tensor


def gather(
    spec: TrainSpec,
    inputs: TrainInputs,
    family: Family,
    parts: Parts,
    report: Report,
    arithmetic: Callable[[], AbstractContextManager[None]],
) -> Material:
    """Reads, encodes and caches all pictures and captions. Raises `BadInput` when a picture cannot be read."""
    cache = TensorCache(inputs.cache_dir)
    sizes = bucket_sizes(spec.resolution, parts.multiple)
    sizes = sizes if spec.buckets else sizes[:1]
    learning_text = learns_text(family, spec.targets)
    encoder = "" if learning_text else component_digest(parts.folder / "text_encoder")
    autoencoder = component_digest(parts.folder / "vae")

    def texts(captions: Sequence[str]) -> Tensor:
        tokens = family.tokens(parts, captions)
        if learning_text:
            return tokens
        rows = [
            cache.get("text", [encoder, row.tolist()], lambda row=row: _embed(family, parts, row))  # type: ignore[misc]
            for row in tokens
        ]
        return torch.stack(rows)

    def shelf(examples: Sequence[TrainExample], what: str, ways: Callable[[str], tuple[str, ...]]) -> Shelf:
        buckets, latents = [], []
        for number, example in enumerate(examples, 1):
            report(Phase(title=f"Reading {what} {number} of {len(examples)}"))
            bucket, variants = _picture(example, sizes, spec.flip, family, parts, cache, autoencoder)
            buckets.append(bucket)
            latents.append(variants)
        said = tuple(texts(ways(example.caption)) for example in examples)
        return Shelf(tuple(buckets), tuple(latents), said)

    def ways(caption: str) -> tuple[str, ...]:
        said = in_full(caption, inputs.trigger, spec.description)
        return (said,) if spec.description else ways_to_say(caption, inputs.trigger)

    train = shelf(inputs.examples, "picture", ways)
    held_out = shelf(inputs.held_out, "held-out picture", lambda caption: ways(caption)[:1])
    prior: dict[Bucket, Shelf] = {}
    if spec.prior.count and spec.prior.weight:
        for bucket in sorted(set(train.buckets)):
            count = max(1, round(spec.prior.count * train.buckets.count(bucket) / len(train)))
            prompts = prior_prompts(
                [example.caption for example in inputs.examples], inputs.trigger, count, spec.seed
            )
            with arithmetic():
                latents = _prior(find_base(str(inputs.base)), prompts, bucket, spec.seed, parts, cache, report)
            prior[bucket] = Shelf((bucket,) * count, tuple(latents[:, None]), tuple(texts(prompts)[:, None]))
    return Material(train, held_out, prior, texts([""])[0])


@torch.no_grad()
def _embed(family: Family, parts: Parts, tokens: Tensor) -> Tensor:
    return family.encode_text(parts, tokens[None])[0].float()


def _picture(
    example: TrainExample,
    sizes: Sequence[Bucket],
    flip: bool,
    family: Family,
    parts: Parts,
    cache: TensorCache,
    autoencoder: str,
) -> tuple[Bucket, Tensor]:
    """The picture's bucket and its latents (variants, C, h, w); pictures are encoded one by one, so that what is
    cached does not depend on its neighbours."""
    try:
        with Image.open(example.path) as opened:
            picture = opened.convert("RGB")
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The picture {example.path.name} cannot be read ({error}).", "Reject it, or import it again."
        ) from error
    bucket = nearest_bucket(picture.width, picture.height, sizes)
    crop = cover(picture.width, picture.height, bucket)

    def encode(mirrored: bool) -> Tensor:
        scaled = picture.resize((crop.width, crop.height), Image.Resampling.LANCZOS)
        box = (crop.left, crop.top, crop.left + bucket.width, crop.top + bucket.height)
        pixels = np.array(scaled.crop(box), np.float32) / 127.5 - 1
        tensor = torch.from_numpy(pixels[:, ::-1].copy() if mirrored else pixels)
        return family.encode_pictures(parts, tensor.permute(2, 0, 1)[None])[0]

    variants = [
        cache.get(
            "latents",
            [autoencoder, example.sha256, crop, bucket, mirrored],
            lambda mirrored=mirrored: encode(mirrored),  # type: ignore[misc]
        )
        for mirrored in ((False, True) if flip else (False,))
    ]
    return bucket, torch.stack(variants)


@torch.no_grad()
def _prior(
    base: Base, prompts: Sequence[str], bucket: Bucket, seed: int, parts: Parts, cache: TensorCache, report: Report
) -> Tensor:
    """Latents (N, C, h, w) of what the base shows for `prompts`, a few at a time."""
    rows = []
    for start in range(0, len(prompts), PRIOR_TOGETHER):
        some = list(prompts[start : start + PRIOR_TOGETHER])
        report(Phase(title=f"Drawing other people, so that not everybody becomes the persona: {start} of {len(prompts)}"))
        seeds = [(seed + start + offset) % 2**32 for offset in range(len(some))]

        def make(some: list[str] = some, seeds: list[int] = seeds) -> Tensor:
            made = parts.pipeline(
                some,
                width=bucket.width,
                height=bucket.height,
                num_inference_steps=base.num_inference_steps,
                guidance_scale=base.guidance_scale,
                generator=[torch.Generator("cpu").manual_seed(number) for number in seeds],
                output_type="latent",
            )
            return made.images.float()  # type: ignore[no-any-return]

        sampling = base.num_inference_steps, base.guidance_scale
        key = [parts.digest, str(parts.denoiser.dtype), *sampling, bucket, some, seeds]
        rows.append(cache.get("prior", key, make))
    return torch.cat(rows)
