"""The same for a graphics card: the geometry of a picture as kernels, compiled by nvcc, launched by the CUDA driver."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.domain.errors import StudioError
from studio.world.head import Part
from studio.world.trace import Geometry, Group, traced

THREADS = 256
FLAGS = ("-O3", "-ftz=true", "-prec-div=false", "-prec-sqrt=false")
"""Not -use_fast_math: its sine is wrong where hair and knitting ask for the sine of a hundred."""
HEAD = """static __device__ float turn(float y, float x) { return atan2f(y, x); }
extern "C" __global__ void field(const float *__restrict__ X, const float *__restrict__ Y, const float *__restrict__ Z,
                                 float *out, long n, const float *__restrict__ p, int fold) {
  long i = (long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    float v0 = X[i], v1 = Y[i], v2 = Z[i];
"""
TAIL = """
    out[i] = fold ? fminf(out[i], {0}) : {0};
  }}
}}
"""


class Driver:
    """What is needed of the CUDA driver's interface: modules and launches (NVIDIA, "CUDA Driver API")."""

    def __init__(self) -> None:
        torch.zeros(1, device="cuda")  # its context is the one that modules are loaded into
        self.library = ctypes.CDLL("nvcuda.dll" if os.name == "nt" else "libcuda.so.1")

    def load(self, path: Path) -> ctypes.c_void_p:
        """The kernel `field` of a compiled module."""
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("cuModuleLoadData", ctypes.byref(module), path.read_bytes())
        self._call("cuModuleGetFunction", ctypes.byref(function), module, b"field")
        return function

    def launch(self, function: ctypes.c_void_p, count: int, arguments: Sequence[Any]) -> None:
        """Run `function` for `count` points on torch's stream."""
        pointers = (ctypes.c_void_p * len(arguments))(*(ctypes.addressof(argument) for argument in arguments))
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        blocks = (count + THREADS - 1) // THREADS
        self._call("cuLaunchKernel", function, blocks, 1, 1, THREADS, 1, 1, 0, stream, pointers, None)

    def _call(self, name: str, *arguments: Any) -> None:
        if status := getattr(self.library, name)(*arguments):
            raise StudioError(f"The CUDA driver answered {name} with error {status}.", "Render with --device cpu.")


class OnCard:
    """A geometry whose distances are kernels: each part's material, kernel and place among the constants."""

    def __init__(self, driver: Driver, ready: list[tuple[int, ctypes.c_void_p, int]], constants: Tensor) -> None:
        self.driver, self.ready, self.constants = driver, ready, constants

    def parts(self, x: Tensor, y: Tensor, z: Tensor) -> list[Part]:
        """See `Geometry`."""
        return [
            (material, self._run(kernel, first, x, y, z, torch.empty_like(x), 0)) for material, kernel, first in self.ready
        ]

    def lower(self, nearest: Tensor, x: Tensor, y: Tensor, z: Tensor) -> None:
        """See `Geometry`."""
        for _, kernel, first in self.ready:
            self._run(kernel, first, x, y, z, nearest, 1)

    def _run(
        self, kernel: ctypes.c_void_p, first: int, x: Tensor, y: Tensor, z: Tensor, out: Tensor, fold: int
    ) -> Tensor:  # fmt: skip
        if x.numel():
            x, y, z = x.contiguous(), y.contiguous(), z.contiguous()
            places = (x.data_ptr(), y.data_ptr(), z.data_ptr(), out.data_ptr())
            constants = ctypes.c_void_p(self.constants.data_ptr() + 4 * first)
            arguments = [*map(ctypes.c_void_p, places), ctypes.c_long(x.numel()), constants, ctypes.c_int(fold)]
            self.driver.launch(kernel, x.numel(), arguments)
        return out


class CardTracer:
    """Compiles geometries for the graphics card and keeps the kernels in `folder`."""

    def __init__(self, folder: Path, compiler: str, driver: Driver, architecture: str) -> None:
        self.folder, self.compiler, self.driver, self.architecture = folder, compiler, driver, architecture
        self.loaded: dict[Path, ctypes.c_void_p] = {}

    def compiled(self, group: Group) -> Geometry:
        """See `Tracer`."""
        ready: list[tuple[int, ctypes.c_void_p, int]] = []
        constants: list[NDArray[np.float32]] = []
        for material, body, name, numbers in traced(group):
            ready.append((material, self._kernel(kernel_source(body, name)), sum(map(len, constants))))
            constants.append(numbers)
        one_more = np.zeros(1, np.float32)  # a part may have none, and must be told a place
        flat = torch.from_numpy(np.concatenate([*constants, one_more])).to("cuda")
        return OnCard(self.driver, ready, flat)

    def _kernel(self, source: str) -> ctypes.c_void_p:
        path = self.folder / kernel_file(source, self.architecture)
        if path not in self.loaded:
            if not path.exists():
                compile_kernel(source, path, self.compiler, self.architecture)
            self.loaded[path] = self.driver.load(path)
        return self.loaded[path]


def kernel_source(body: str, name: str) -> str:
    """A kernel that works out one distance."""
    return f"{HEAD}{body}{TAIL.format(name)}"


def kernel_file(source: str, architecture: str) -> str:
    """The name of a kernel's file: another for another source, machine or way to compile."""
    digest = hashlib.sha256("\n".join((source, architecture, *FLAGS)).encode()).hexdigest()[:20]
    return f"{digest}.cubin"


def compile_kernel(source: str, path: Path, compiler: str, architecture: str) -> None:
    """Compile `source` with nvcc into `path`, whole or not at all. Raises `StudioError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(f".{os.getpid()}.cu")
    written.write_text(source)
    partial = written.with_suffix(".part")
    command = [compiler, "-cubin", f"-arch={architecture}", *FLAGS, "-o", str(partial), str(written)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        partial.replace(path)
    except subprocess.CalledProcessError as error:
        raise StudioError(f"nvcc cannot compile for {architecture}: {error.stderr[-300:]}", "Render with --device cpu.") from error
    finally:
        written.unlink()


def card_is_missing() -> str:
    """What lacks for a tracer here, in words; empty if nothing does."""
    if not torch.cuda.is_available():
        return "there is no CUDA card"
    return "" if shutil.which("nvcc") else "the CUDA compiler nvcc is not installed"


def card_tracer(folder: Path) -> CardTracer:
    """A tracer that keeps its kernels in `folder`; for where `card_is_missing` says nothing."""
    major, minor = torch.cuda.get_device_capability()
    return CardTracer(folder, "nvcc", Driver(), f"sm_{major}{minor}")
