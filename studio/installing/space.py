"""Room on the disk for an environment."""

import shutil
from pathlib import Path

from studio.domain.errors import DiskTrouble

GB_CPU = 3.0
"""What an environment with the CPU build takes while it is being made."""
GB_ACCELERATED = 9.0
"""The same with a CUDA, ROCm or XPU build."""


def require_space(folder: Path, gigabytes: float) -> None:
    """Raise `DiskTrouble` when the disk that holds (or will hold) `folder` has less than this free."""
    standing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(standing).free / 1e9
    if free < gigabytes:
        raise DiskTrouble(
            f"Only {free:.1f} GB are free at {standing}; the environment needs about {gigabytes:.0f} GB.",
            "Free some space, or set STUDIO_VENV to a folder on a larger disk, and start again.",
        )
