"""Which torch build is taken: what a wheel computes on, what this machine has, and what pip offers."""

import os
from pathlib import Path

import pytest

from studio.installing import torch_build
from studio.installing.torch_build import Machine, build_of, this_machine

CUDA_12 = ["filelock", 'nvidia-cuda-runtime-cu12==12.8.90; platform_system == "Linux"']
CUDA_13 = ["sympy", 'cuda-toolkit[cudart]==13.0.2; platform_system == "Linux"', "nvidia-cudnn-cu13==9.15.1"]


@pytest.mark.parametrize(
    ("version", "requirements", "platform", "build"),
    [
        ("2.13.0+cpu", [], "linux", "cpu"),
        ("2.13.0+cu130", CUDA_13, "linux", "cu130"),
        ("2.13.0+rocm7.2", [], "linux", "rocm7.2"),
        ("2.13.0", CUDA_12, "linux", "cu12"),
        ("2.13.0", CUDA_13, "linux", "cu13"),
        ("2.13.0", CUDA_13, "win32", "cpu"),
        ("2.13.0", [], "darwin", "cpu"),
        ("2.13.0", ['nvidia-nvtx-cu12==12.8; extra == "profile"'], "linux", "cpu"),
    ],
)
def test_a_wheel_tells_what_it_computes_on(
    version: str, requirements: list[str], platform: str, build: str
) -> None:
    assert build_of(version, requirements, platform) == build


@pytest.mark.parametrize(
    ("machine", "suited", "unsuited"),
    [
        (Machine("none"), ["cpu"], ["cu13", "cu130", "rocm7.2", "xpu"]),
        (Machine("nvidia", cuda=13), ["cu130", "cu13", "cu12", "cu128"], ["cpu", "rocm7.2"]),
        (Machine("nvidia", cuda=12), ["cu126", "cu12"], ["cu130", "cu13", "cpu"]),
        (Machine("amd"), ["rocm7.2"], ["cpu", "cu13"]),
        (Machine("intel"), ["xpu"], ["cpu", "cu13"]),
        (Machine("apple"), ["cpu"], []),
    ],
)
def test_a_build_suits_a_machine_or_not(machine: Machine, suited: list[str], unsuited: list[str]) -> None:
    assert [build for build in suited if not machine.suits(build)] == []
    assert [build for build in unsuited if machine.suits(build)] == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the driver's tool is a shell script")
@pytest.mark.parametrize(
    ("printed", "exit_code", "expected"),
    [
        ("| NVIDIA-SMI 580.65   Driver Version: 580.65   CUDA Version: 13.0 |", 0, ("nvidia", 13)),
        ("| NVIDIA-SMI 550.54   Driver Version: 550.54   CUDA Version: 12.4 |", 0, ("nvidia", 12)),
        ("| NVIDIA-SMI 590.1  KMD Version: 590.1  CUDA UMD Version: 13.1 |", 0, ("nvidia", 13)),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9, None),
    ],
)
def test_the_drivers_own_tool_is_believed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    printed: str,
    exit_code: int,
    expected: tuple[str, int] | None,
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f'#!/bin/sh\necho "{printed}"\nexit {exit_code}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(torch_build.sys, "platform", "linux")
    machine = this_machine()
    if expected is None:
        assert machine.kind != "nvidia"
    else:
        assert (machine.kind, machine.cuda) == expected
        assert f"CUDA {expected[1]}" in str(machine)
