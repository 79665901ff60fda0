"""What torch can compute on, proved by a matrix product on every device: `python -m studio.engines.probe`.

The launcher prints its one line; `doctor` reads it as JSON with `--json`. Both run it in a process of its
own, so that a driver that crashes takes nothing with it.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass

import torch

SIDE = 512
"""Rows and columns of the matrices."""


@dataclass(frozen=True, slots=True)
class DeviceProof:
    """A device torch names, and whether it multiplied two matrices rightly."""

    device: str
    name: str
    memory_gb: float | None
    milliseconds: float | None
    problem: str | None


def device_names() -> list[str]:
    """Every device this torch can see, accelerators first, the CPU last."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    names += [f"xpu:{index}" for index in range(torch.xpu.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def prove(device: str) -> DeviceProof:
    """Multiply a matrix of ones by itself; every entry of the product must be `SIDE`."""
    name, memory = device, None
    try:
        if device.startswith(("cuda", "xpu")):
            properties = getattr(torch, device.partition(":")[0]).get_device_properties(device)
            name, memory = properties.name, properties.total_memory / 1e9
        ones = torch.ones(SIDE, SIDE, device=device)
        (ones @ ones).sum().item()  # the first product pays for start-up
        began = time.perf_counter()
        product = float((ones @ ones).min().item())
        milliseconds = (time.perf_counter() - began) * 1000
    except RuntimeError as error:
        return DeviceProof(device, name, memory, None, str(error).strip().splitlines()[0])
    problem = None if product == SIDE else f"the product was {product}, not {SIDE}"
    return DeviceProof(device, name, memory, milliseconds, problem)


def line(proofs: list[DeviceProof]) -> str:
    """The best device that computes, and what is wrong with better ones, in one line."""
    best = next(proof for proof in proofs if proof.problem is None)
    detail = f"with {torch.get_num_threads()} threads" if best.device == "cpu" else f"({best.name})"
    product = f"{SIDE}×{SIDE} product in {best.milliseconds:.1f} ms"
    broken = "".join(f"; {proof.device} does not: {proof.problem}" for proof in proofs if proof.problem)
    return f"torch {torch.__version__} computes on {best.device} {detail}: {product}{broken}"


def main(arguments: list[str]) -> int:
    """Print the line, or with `--json` everything. Exit code 1 when nothing computes, not even the CPU."""
    proofs = [prove(device) for device in device_names()]
    if "--json" in arguments:
        devices = [asdict(proof) for proof in proofs]
        print(json.dumps({"torch": torch.__version__, "cuda": torch.version.cuda, "devices": devices}))
    elif any(proof.problem is None for proof in proofs):
        print(line(proofs))
    return 0 if any(proof.problem is None for proof in proofs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
