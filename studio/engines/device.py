"""Which device and which number format to compute with."""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from torch.nn.attention import SDPBackend, sdpa_kernel

from studio.domain.errors import Unsupported

SMALL = 200_000_000
"""Denoisers with fewer parameters generate in fp32 everywhere: fast enough, and every picture repeats exactly."""

FEW_TOKENS = 1024
"""Places of a picture up to which plain attention's table of all pairs is small beside the rest of a step."""

Precision = Literal["auto", "fp32", "bf16", "fp16"]
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Machine:
    """What a training computes with. `accelerator` places tensors, casts and scales."""

    accelerator: Accelerator
    device: torch.device
    dtype: torch.dtype
    """Of the arithmetic; the weights that learn stay in fp32."""


def cpu_has_fast_bf16() -> bool:
    """True where the CPU multiplies bf16 in hardware (AVX512-BF16 or AMX).

    Measured on an AVX512-BF16 machine: a training step of a 15 M denoiser takes 0.5 of the time of fp32. Without
    the instructions bf16 is emulated and slower than fp32.
    """
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def best_precision(device: torch.device) -> Literal["fp32", "bf16", "fp16"]:
    """The format this device trains fastest in without losing the run."""
    if device.type == "cpu":
        return "bf16" if cpu_has_fast_bf16() else "fp32"
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if device.type == "xpu" else "fp32"


def training_machine(precision: Precision) -> Machine:
    """The device accelerate finds, with the number format `precision` ("auto": what it is fast at).

    Raises `Unsupported` for a format the device cannot train in.
    """
    AcceleratorState._reset_state(reset_partial_state=False)  # a process may train twice with two formats
    device = Accelerator().device
    chosen = best_precision(device) if precision == "auto" else precision
    if chosen == "fp16" and device.type in ("cpu", "mps"):
        raise Unsupported(
            f"Training in fp16 needs a graphics card; this machine computes on {device.type}.",
            "Set precision to auto.",
        )
    AcceleratorState._reset_state(reset_partial_state=False)
    mixed: Literal["no", "bf16", "fp16"] = "no" if chosen == "fp32" else chosen
    accelerator = Accelerator(mixed_precision=mixed)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
    return Machine(accelerator, accelerator.device, DTYPES[chosen])


def bf16_arithmetic(device: torch.device, precision: Literal["auto", "fp32", "bf16"] = "auto") -> torch.autocast:
    """Autocast to bf16 where it was asked for, or where "auto" finds the device fast at it; else nothing changes."""
    chosen = best_precision(device) if precision == "auto" else precision
    return torch.autocast(device.type, torch.bfloat16, enabled=chosen == "bf16")


def quick_attention(device: torch.device, tokens: int) -> AbstractContextManager[None]:
    """Attention for a step that is differentiated, over `tokens` places of a picture.

    On a CPU the fused attention has a slow backward pass: with few tokens plain matrix products take 0.76 of the
    time of a whole fine-tuning step at 128 pixels, and 0.85 of a step from scratch; with many they would take too
    much memory.
    """
    if device.type == "cpu" and tokens <= FEW_TOKENS:
        return sdpa_kernel(SDPBackend.MATH)
    return nullcontext()


def use_device(name: str, threads: int) -> None:
    """Makes this process compute on `name` ("auto": what accelerate finds) with `threads` CPU threads (0: all).

    Raises `Unsupported` when the device is not there.
    """
    if threads:
        torch.set_num_threads(threads)
    if name == "auto":
        os.environ.pop("ACCELERATE_TORCH_DEVICE", None)
        return
    kind, _, index = name.partition(":")
    module = {"cuda": torch.cuda, "xpu": torch.xpu, "mps": torch.backends.mps}.get(kind)
    if module is not None and (not module.is_available() or (index and int(index) >= module.device_count())):
        raise Unsupported(
            f'The setting device = "{name}" names a device that this machine does not have.',
            "Set it to auto, or run `python launch.py doctor` to see which devices there are.",
        )
    os.environ["ACCELERATE_TORCH_DEVICE"] = name
    PartialState._reset_state()


def generation_device() -> torch.device:
    """The fastest device of this machine, or the one `use_device` named."""
    device: torch.device = Accelerator().device
    return device


def generation_dtype(device: torch.device, parameters: int, precision: Precision = "auto") -> torch.dtype:
    """As asked; "auto": fp32 for small denoisers and on CPUs, half precision for large ones on an accelerator."""
    if precision != "auto":
        return DTYPES[precision]
    if device.type == "cpu" or parameters < SMALL:
        return torch.float32
    return DTYPES[best_precision(device)]
