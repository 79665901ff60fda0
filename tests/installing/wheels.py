"""Small real wheels in a folder, and a project that asks for them: an index of our own, without a network."""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

PROBE = "import torch\nprint(f'torch {torch.__version__} computes')\n"


def make_wheel(folder: Path, name: str, version: str, requirements: Sequence[str] = ()) -> Path:
    """An installable package with one module that knows its version."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requirements]
    files = {
        f"{name}/__init__.py": f'__version__ = "{version}"\n',
        f"{about}/METADATA": "\n".join(metadata) + "\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(path, text)
    return wheel


def make_project(root: Path, dependencies: Sequence[str], constraints: Sequence[str]) -> Path:
    """A checkout as the launcher sees one: metadata, tested versions, and a probe that imports torch."""
    listed = ", ".join(f'"{each}"' for each in dependencies)
    (root / "assets").mkdir(parents=True, exist_ok=True)
    (root / "studio" / "engines").mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(
        f"[project]\ndependencies = [{listed}]\n[project.optional-dependencies]\ntest = ['checker']\n"
    )
    (root / "assets" / "constraints.txt").write_text("\n".join(["# tested", *constraints]) + "\n")
    for package in ("studio", "studio/engines"):
        (root / package / "__init__.py").touch()
    (root / "studio" / "engines" / "probe.py").write_text(PROBE)
    return root


def use_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip know this folder and nothing else, whatever this machine's configuration says."""
    for variable in [each for each in os.environ if each.startswith(("PIP_", "STUDIO_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
