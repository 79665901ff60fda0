"""The floors: who may import whom, as data; and the web process, which knows no torch."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LEAVES = {"domain", "files", "settings", "catalog"}
FLOORS: dict[str, set[str]] = {
    # what everything may talk about
    "domain": set(),
    "files": {"domain"},
    "settings": {"domain"},
    "catalog": {"domain"},
    # the diamond
    "storage": {"domain", "files", "settings"},
    "provenance": {"domain", "files"},
    "collect": {"domain", "files"},
    "engines": {"domain", "files", "catalog", "collect"},
    "world": {"domain"},
    "actions": {*LEAVES, "storage"},
    "jobs": {*LEAVES, "storage", "engines", "collect", "provenance", "world"},
    "ui": {*LEAVES, "storage", "actions"},
    # entrances and what makes the environment
    "__main__": {"domain"},
    "installing": {"domain"},
    "doctor": {"domain", "settings", "storage", "installing"},
    "backup": {"domain", "files", "settings", "storage"},
    "shots": {"domain", "settings", "storage"},
    "bench": {*LEAVES, "storage", "actions", "collect", "engines", "bench_loop"},
    "bench_loop": {"domain", "storage", "shots"},
    "terminal": {"domain"},
    "demo": {*LEAVES, "storage", "actions", "terminal"},
}
"""Package or module of `studio` -> the others it may import."""

DOORS: dict[tuple[str, str], str] = {
    ("studio.ui.web", "studio.jobs.supervisor"): "serving the page starts the supervisor's own process",
    ("studio.ui.app", "studio.jobs.supervisor"): "a page with waiting work starts one that is gone",
    ("studio.demo", "studio.jobs.supervisor"): "the loop without a screen starts it too",
}
"""Single imports that cross floors, each with its reason."""

FOREIGN: dict[str, set[str]] = {
    "torch": {"engines", "world"},
    "diffusers": {"engines"},
    "transformers": {"engines"},
    "peft": {"engines"},
    "accelerate": {"engines"},
    "gradio": {"ui"},
    "sqlalchemy": {"storage", "jobs"},
    "alembic": {"storage"},
    "c2pa": {"provenance"},
}
"""Libraries that only some floors may import, at the top of a file or inside a function."""

HEAVY = ["torch", "diffusers", "transformers", "peft", "accelerate"]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "studio").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(tree: ast.Module) -> Iterator[str]:
    """Full names of the modules a file imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            yield from (f"{source}.{alias.name}" for alias in node.names) if source == "studio" else [source]


def floor(module: str) -> str:
    """`studio.ui.tabs.train` -> `ui`; the package itself -> ``."""
    return (module.split(".") + [""])[1]


def test_every_part_of_the_house_stands_in_the_table() -> None:
    present = {floor(name) for name, _ in modules()} - {""}
    assert present - set(FLOORS) == set(), "add the new package or module to FLOORS, as low as it can stand"


def test_nothing_imports_upward_or_sideways() -> None:
    wrong = []
    for name, tree in modules():
        for target in imports(tree):
            here, there = floor(name), floor(target)
            inside = target.split(".")[0] == "studio" and there not in ("", here)
            if inside and there in FLOORS and there not in FLOORS[here] and (name, target) not in DOORS:
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def test_every_door_is_used() -> None:
    used = {(name, target) for name, tree in modules() for target in imports(tree)}
    assert set(DOORS) - used == set()


def test_libraries_stay_on_their_floors() -> None:
    wrong = []
    for name, tree in modules():
        for target in imports(tree):
            library = target.split(".")[0]
            if library in FOREIGN and floor(name) not in FOREIGN[library]:
                wrong.append(f"{name} imports {library}")
    assert wrong == []


def test_the_table_has_no_circles() -> None:
    below = {name: set(others) for name, others in FLOORS.items()}
    while below:
        lowest = {name for name, others in below.items() if not others}
        assert lowest, f"these import each other in a circle: {sorted(below)}"
        below = {name: others - lowest for name, others in below.items() if name not in lowest}


@pytest.mark.parametrize(
    "module", ["studio.ui.web", "studio.ui.app", "studio.jobs.supervisor", "studio.actions"]
)
def test_no_torch_library_comes_with_the_page_or_the_supervisor(module: str) -> None:
    script = (
        f"import json, sys, {module}; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == []
