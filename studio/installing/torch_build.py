"""Choosing the torch build: what pip offers by the user's own configuration, held against this machine.

No index is named here. pip asks the index the user configured; where its wheel does not suit the machine, uv,
which knows where torch's own builds are kept, is asked for the right one.
"""

import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.domain.errors import StudioError
from studio.installing.environment import Environment, Wanted, output_of
from studio.installing.installers import InstallError, install, pip
from studio.installing.space import GB_ACCELERATED, require_space

BY_HAND = "To name one: STUDIO_TORCH_ARGS='torch --index-url <address of the index that has it>'."


@dataclass(frozen=True, slots=True)
class Offer:
    """The torch that pip would take."""

    version: str
    build: str
    """`cpu`, `cu13`, `rocm7.2`, `xpu` …"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The accelerator that is here, found without torch."""

    kind: Literal["nvidia", "amd", "intel", "apple", "none"]
    cuda: int = 0
    """The newest CUDA major version that the NVIDIA driver allows."""

    def suits(self, build: str) -> bool:
        """Whether a build computes on this accelerator, and is no larger than it has to be."""
        match self.kind:
            case "nvidia":
                found = re.match(r"cu(\d\d)", build)
                return found is not None and int(found[1]) <= self.cuda
            case "amd":
                return build.startswith("rocm")
            case "intel":
                return build.startswith("xpu")
            case "apple":
                return True
        return build == "cpu"

    def __str__(self) -> str:
        return {
            "nvidia": f"an NVIDIA card whose driver allows CUDA {self.cuda}",
            "amd": "an AMD card",
            "intel": "an Intel card",
            "apple": "an Apple machine",
        }.get(self.kind, "no accelerator")


def this_machine() -> Machine:
    """Look for an accelerator: the NVIDIA driver's tool, then the kernel's files for AMD and Intel."""
    if sys.platform == "darwin":
        return Machine("apple")
    tool = shutil.which("nvidia-smi") or r"C:\Windows\System32\nvidia-smi.exe"
    found = re.search(r"CUDA[^:\n]*Version:\s*(\d+)\.", output_of(tool, timeout=20) or "")
    if found:
        return Machine("nvidia", cuda=int(found[1]))
    if Path("/dev/kfd").exists():
        return Machine("amd")
    if any(_is_intel_xe(device) for device in Path("/sys/class/drm").glob("card*/device")):
        return Machine("intel")
    return Machine("none")


def _is_intel_xe(device: Path) -> bool:
    try:
        vendor = (device / "vendor").read_text().strip()
        return vendor == "0x8086" and (device / "driver").resolve().name == "xe"
    except OSError:
        return False


def build_of(version: str, requirements: list[str], platform: str) -> str:
    """What a wheel computes on: its local version label or, without one, the libraries it asks for."""
    label = version.partition("+")[2]
    if label:
        return label
    plain = [each for each in requirements if "extra ==" not in each]
    majors = [re.match(r"(?:nvidia|cuda)-.*?(?:-cu(\d\d)\b|==(\d\d)\.)", each) for each in plain]
    cuda = [int(found[1] or found[2]) for found in majors if found]
    return f"cu{max(cuda)}" if cuda and platform == "linux" else "cpu"


def offer_of_pip(environment: Environment, requirement: list[str]) -> Offer | None:
    """Ask pip, under the user's own configuration, which torch it would take. Nothing is installed."""
    question = pip("--dry-run", "--no-deps", "--ignore-installed", "-q", "--report", "-", *requirement)
    answer = environment.output_of("-m", *question, timeout=1800)
    try:
        metadata = json.loads(answer or "")["install"][0]["metadata"]
    except (ValueError, LookupError):
        return None
    version = str(metadata["version"])
    return Offer(version, build_of(version, metadata.get("requires_dist", []), sys.platform))


def install_torch(environment: Environment, wanted: Wanted, say: Callable[[str], None]) -> None:
    """Bring the build that was asked for or that suits this machine. Raises `StudioError`."""
    if wanted.torch_choice == "skip":
        return
    if wanted.torch_arguments:
        install(environment, pip(*shlex.split(wanted.torch_arguments)), "torch by STUDIO_TORCH_ARGS")
        return
    tested = [wanted.torch, *wanted.tested("torch")]
    offer = offer_of_pip(environment, tested) or offer_of_pip(environment, [wanted.torch])
    machine = this_machine()
    if offer is None:
        install(environment, pip(wanted.torch), "torch")  # pip says itself why there is none
    elif _is_right(offer, wanted.torch_choice, machine):
        _take(environment, offer, say)
    else:
        say(f"here is {machine}; pip offers torch {offer.version} ({offer.build}); asking uv for another")
        try:
            _install_by_uv(environment, wanted, machine)
        except InstallError as trouble:
            if wanted.torch_choice != "auto":
                raise StudioError(trouble.message, f"{trouble.hint} {BY_HAND}") from trouble
            say(f"no other build could be had; torch {offer.version} will do, but fits less well. {BY_HAND}")
            _take(environment, offer, say)


def _is_right(offer: Offer, choice: str, machine: Machine) -> bool:
    if choice == "auto":
        return machine.suits(offer.build)
    return choice == "default" or choice.startswith(offer.build)


def _install_by_uv(environment: Environment, wanted: Wanted, machine: Machine) -> None:
    backend = wanted.torch_choice
    if backend == "auto" and machine.kind == "none":
        backend = "cpu"
    if backend != "cpu":
        require_space(environment.folder, GB_ACCELERATED)
    install(environment, pip("uv", *wanted.tested("uv")), "uv")
    index = ["uv", "pip", "install", "--python", str(environment.python), "--torch-backend", backend]
    install(environment, [*index, wanted.torch, *wanted.tested("torch")], f"torch ({backend})")


def _take(environment: Environment, offer: Offer, say: Callable[[str], None]) -> None:
    if offer.build != "cpu":
        require_space(environment.folder, GB_ACCELERATED)
    say(f"installing torch {offer.version} ({offer.build})")
    install(environment, pip(f"torch=={offer.version}"), "torch")
