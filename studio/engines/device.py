"""Which device and which number format to compute with."""

from dataclasses import dataclass
from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from studio.domain.errors import Unsupported

SMALL = 200_000_000
"""Denoisers with fewer parameters generate in fp32 everywhere: fast enough, and every picture repeats exactly."""

Precision = Literal["auto", "fp32", "bf16", "fp16"]


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
    dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    return Machine(accelerator, accelerator.device, dtypes[chosen])


def generation_device() -> torch.device:
    """The fastest device of this machine."""
    return Accelerator().device


def generation_dtype(device: torch.device, parameters: int) -> torch.dtype:
    """fp32 for small denoisers and on CPUs; half precision for large ones on an accelerator."""
    if device.type == "cpu" or parameters < SMALL:
        return torch.float32
    return torch.bfloat16 if best_precision(device) == "bf16" else torch.float16
