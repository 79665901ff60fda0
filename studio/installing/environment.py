"""What the environment has to hold, and whether it already does."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that decides what the environment holds."""

    root: Path
    torch: str
    """The requirement of torch, e.g. `torch>=2.10,<2.14`."""
    packages: tuple[str, ...]
    extra_packages: Mapping[str, Sequence[str]]
    constraints: tuple[str, ...]
    torch_choice: str
    torch_arguments: str
    extras: tuple[str, ...]

    @classmethod
    def read(cls, root: Path, variables: Mapping[str, str], extras: Sequence[str]) -> "Wanted":
        """From pyproject.toml, the tested versions, and the STUDIO_TORCH* variables."""
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        torch = next(each for each in project["dependencies"] if re.match(r"torch\b", each))
        constraints = (root / "assets" / "constraints.txt").read_text(encoding="utf-8").splitlines()
        return cls(
            root=root,
            torch=torch,
            packages=tuple(each for each in project["dependencies"] if each != torch),
            extra_packages=project["optional-dependencies"],
            constraints=tuple(line for line in constraints if line and not line.startswith("#")),
            torch_choice=variables.get("STUDIO_TORCH", "").strip().lower() or "auto",
            torch_arguments=variables.get("STUDIO_TORCH_ARGS", "").strip(),
            extras=tuple(extras),
        )

    @property
    def torch_key(self) -> str:
        """Changes when another torch is asked for."""
        return _digest(self.torch, self.torch_choice, self.torch_arguments)

    @property
    def key(self) -> str:
        """Changes when the environment has to be brought up to date."""
        return _digest(self.torch_key, self.packages, dict(self.extra_packages), self.constraints)

    def tested(self, package: str) -> list[str]:
        """The constraint that names the tested version of one package: one entry, or none."""
        return [line for line in self.constraints if line.startswith(f"{package}==")]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment and the marks the launcher leaves in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def made_here(self) -> Path:
        """Exists when the launcher made the folder and may make it afresh."""
        return self.folder / ".studio-made"

    @property
    def unfinished(self) -> Path:
        """Exists while packages are being written; left behind when that was cut short."""
        return self.folder / ".studio-unfinished"

    def read_stamp(self) -> dict[str, object]:
        """`key`, `torch` and `extras` of what was installed; empty when nothing was."""
        try:
            found = json.loads((self.folder / ".studio-stamp").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_stamp(self, **marks: object) -> None:
        (self.folder / ".studio-stamp").write_text(json.dumps(marks), encoding="utf-8")

    def stamped_extras(self) -> set[str]:
        extras = self.read_stamp().get("extras")
        return {str(extra) for extra in extras} if isinstance(extras, list) else set()

    def is_ready(self, wanted: Wanted) -> bool:
        """Whether it holds what is wanted. Reads one small file: every start asks this."""
        return (
            self.read_stamp().get("key") == wanted.key
            and set(wanted.extras) <= self.stamped_extras()
            and self.python.exists()
        )

    def is_usable(self, wanted: Wanted) -> bool:
        """Whether one can build on it: it runs, no install was cut short, its torch is the chosen one."""
        return (
            not self.unfinished.exists()
            and self.read_stamp().get("torch", wanted.torch_key) == wanted.torch_key
            and self.output_of("-c", "import pip") is not None
        )

    def output_of(self, *arguments: str, timeout: float = 60) -> str | None:
        """What the environment's Python prints; None when it cannot be run or fails."""
        return output_of(str(self.python), *arguments, timeout=timeout)


def output_of(*command: str, timeout: float = 60, variables: Mapping[str, str] | None = None) -> str | None:
    """What a command prints, or None when it is missing, fails or takes longer than `timeout` seconds."""
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **(variables or {})},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout if run.returncode == 0 else None


def on_terminal() -> bool:
    """Whether a person watches, who would like to see an installer's progress."""
    return sys.stdout.isatty()
