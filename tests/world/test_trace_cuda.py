"""Kernels for a card, run on the processor: the same source, its one thread a point played by a loop."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.domain.errors import BadInput, StudioError
from studio.jobs.world_pictures import Order, render_folder
from studio.world.identity import sample_identity
from studio.world.people import people
from studio.world.sampling import sample_pair, sample_things
from studio.world.scene import Scene, sample_scene
from studio.world.things import Things
from studio.world.trace import Group, traced
from studio.world.trace_cuda import card_is_missing, compile_kernel, kernel_file, kernel_source

STAND_IN = """#include <math.h>
#define __device__
#define __global__
#define __restrict__
static struct { long x; } blockIdx, blockDim = {1}, threadIdx;
"""
LOOP = """
void all_points(const float *X, const float *Y, const float *Z, float *out, long n, const float *p, int fold) {
  for (blockIdx.x = 0; blockIdx.x < n + 3; blockIdx.x++) field(X, Y, Z, out, n, p, fold);
}
"""


def groups(scene: Scene) -> list[Group]:
    drawn = people(sample_identity(scene.seed), scene)
    return [group for person in drawn for group in (person.head_parts, person.body_parts)] + [Things(scene).parts]


def on_the_processor(source: str, folder: Path) -> ctypes.CDLL:
    written, library = folder / f"{kernel_file(source, 'here')}.c", folder / f"{kernel_file(source, 'here')}.so"
    written.write_text(STAND_IN + source.replace('extern "C" ', "") + LOOP)
    compiler = shutil.which("gcc") or shutil.which("clang") or ""
    command = [compiler, "-O1", "-std=gnu11", "-shared", "-fPIC", "-o", str(library), str(written), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return ctypes.CDLL(str(library))


def distances(kernel: ctypes.CDLL, numbers: NDArray[np.float32], *points: NDArray[np.float32], fold: int, before: float):  # type: ignore[no-untyped-def]
    out = np.full(len(points[0]), before, np.float32)
    places = [ctypes.c_void_p(axis.ctypes.data) for axis in (*points, out)]
    kernel.all_points(*places, ctypes.c_long(len(out)), ctypes.c_void_p(numbers.ctypes.data), ctypes.c_int(fold))
    return out


@pytest.mark.skipif(not (shutil.which("gcc") or shutil.which("clang")), reason="no C compiler on this machine")
@pytest.mark.parametrize("scene", [sample_pair(3), sample_things(8), sample_scene(5, "skiing")], ids=["pair", "things", "skier"])
def test_kernels_work_out_the_same_distances(scene: Scene, tmp_path: Path) -> None:
    luck = np.random.default_rng(scene.seed)
    points = [luck.uniform(-2.2, 2.2, 500).astype(np.float32) for _ in range(3)]
    compared = 0
    for group in groups(scene):
        wanted = group(*map(torch.from_numpy, points))
        for (material, body, name, numbers), (kind, distance) in zip(traced(group), wanted, strict=True):
            kernel = on_the_processor(kernel_source(body, name), tmp_path)
            found = distances(kernel, numbers, *points, fold=0, before=7.0)
            assert material == kind
            assert np.allclose(found, distance.numpy(), atol=2e-4), material
            folded = distances(kernel, numbers, *points, fold=1, before=0.3)
            assert np.array_equal(folded, np.minimum(found, np.float32(0.3)))
            compared += 1
    assert compared >= 1


def test_a_kernel_s_name_tells_its_source_and_its_machine() -> None:
    names = {kernel_file(source, machine) for source in ("a", "b") for machine in ("sm_90", "sm_80")}
    assert len(names) == 4


def test_what_lacks_for_a_card_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert card_is_missing() == "the CUDA compiler nvcc is not installed"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadInput, match="there is no CUDA card"):
        render_folder(Order(2, 1, 2, 1, 32), tmp_path / "new", lambda event: None, device="cuda")
    assert not (tmp_path / "new").exists()


def test_a_compiler_that_fails_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="nvcc cannot compile for sm_90"):
        compile_kernel("no kernel", tmp_path / "a.cubin", shutil.which("false") or "false", "sm_90")
    assert not list(tmp_path.iterdir())
