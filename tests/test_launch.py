"""launch.py: which Python it takes, what it says without one, what it needs before an environment exists."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from studio.__main__ import VERBS
from studio.installing.environment import Environment, Wanted

ROOT = Path(__file__).resolve().parent.parent
LAUNCH = ROOT / "launch.py"
README = ROOT / "README.md"


@pytest.fixture
def launch() -> ModuleType:
    spec = importlib.util.spec_from_file_location("launch", LAUNCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of everything a file imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_an_old_interpreter_can_read_the_launcher() -> None:
    tree = ast.parse(LAUNCH.read_text(encoding="utf-8"), feature_version=(3, 7))
    top = {
        name for node in tree.body for name in imported(node) if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert "studio" not in top
    assert "tomllib" not in top


@pytest.mark.parametrize(
    "file",
    [
        LAUNCH,
        ROOT / "studio/__init__.py",
        ROOT / "studio/domain/errors.py",
        *(ROOT / "studio/installing").glob("*.py"),
    ],
)
def test_what_runs_before_the_environment_needs_only_the_standard_library(file: Path) -> None:
    foreign = imported(ast.parse(file.read_text(encoding="utf-8"))) - sys.stdlib_module_names - {"studio"}
    assert foreign == set()


def test_nothing_outside_the_installer_and_errors_is_read_before_the_environment() -> None:
    for file in (ROOT / "studio/installing").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("studio"):
                assert node.module == "studio.domain.errors" or node.module.startswith("studio.installing")


def test_this_interpreter_will_do(launch: ModuleType) -> None:
    assert launch.fitting_interpreter() == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for another Python is a shell script")
@pytest.mark.parametrize("version", [(3, 9, 2), (3, 15, 0)])
def test_another_interpreter_is_found(
    launch: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: tuple[int, int, int]
) -> None:
    broken, usable = tmp_path / "python3.12", tmp_path / "python3.11"
    broken.write_text("#!/bin/sh\nexit 1\n")
    usable.write_text("#!/bin/sh\nexit 0\n")
    for tool in (broken, usable):
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(launch.sys, "version_info", version)
    assert launch.fitting_interpreter() == ["python3.11"]
    usable.unlink()
    assert launch.fitting_interpreter() is None
    assert "needs Python 3.11 to 3.13" in launch.advice_on_python()
    assert "Install Python 3.12" in launch.advice_on_python()


def test_a_missing_ensurepip_names_the_package_that_brings_it(
    launch: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda _name: None)
    assert launch.main(["doctor"]) == 1
    assert "apt install python3-venv" in capsys.readouterr().err


def test_help_makes_no_environment(tmp_path: Path) -> None:
    variables = {**os.environ, "STUDIO_VENV": str(tmp_path / "env")}
    run = subprocess.run(
        [sys.executable, str(LAUNCH), "--help"], capture_output=True, text=True, env=variables
    )
    assert run.returncode == 0
    assert "python launch.py test" in run.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def ready(tmp_path: Path) -> dict[str, str]:
    """Variables under which the environment is this one, stamped as ready."""
    folder = tmp_path / "env"
    environment = Environment(folder)
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    variables = {**os.environ, "STUDIO_VENV": str(folder)}
    wanted = Wanted.read(ROOT, variables, ["test"])
    environment.write_stamp(key=wanted.key, torch=wanted.torch_key, extras=["test"])
    # The link alone would look for packages beside itself; the tests' own are named instead.
    variables["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    return variables


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_verbs_and_exit_codes_pass_through_from_any_folder(ready: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "__init__.py").write_text("raise SystemExit('the wrong studio')\n")

    def launched(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(LAUNCH), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=ready, cwd=tmp_path, timeout=120)

    listed = launched("help")
    assert (listed.returncode, "doctor" in listed.stdout) == (0, True), listed.stderr
    wrong = launched("docter")
    assert (wrong.returncode, wrong.stderr.strip()) == (
        1,
        "There is no verb “docter”. Did you mean “doctor”?",
    )
    page = launched("--port", "many")
    assert page.returncode == 1
    assert "--port sets port to 'many'" in page.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize(
    ("test", "exit_code", "summary"), [("assert 1", 0, "1 passed"), ("assert 0", 1, "1 failed")]
)
def test_the_test_command_ends_on_pytests_own_summary(
    ready: dict[str, str], tmp_path: Path, test: str, exit_code: int, summary: str
) -> None:
    (tmp_path / "test_one.py").write_text(f"def test_one():\n    {test}\n")
    command = [sys.executable, str(LAUNCH), "test", "--rootdir", str(tmp_path), str(tmp_path / "test_one.py")]
    run = subprocess.run(command, capture_output=True, text=True, env=ready, timeout=120)
    assert run.returncode == exit_code, run.stdout + run.stderr
    assert summary in run.stdout.strip().splitlines()[-1]


def test_every_dependency_has_a_tested_version_within_its_bounds() -> None:
    wanted = Wanted.read(ROOT, {}, [])
    required = [wanted.torch, *wanted.packages, *wanted.extra_packages["test"]]
    for requirement in map(Requirement, required):
        tested = wanted.tested(requirement.name)
        assert len(tested) == 1, f"{requirement.name} has no tested version in assets/constraints.txt"
        assert requirement.specifier.contains(tested[0].partition("==")[2]), requirement


def test_every_verb_that_is_written_about_exists() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (LAUNCH, README)]
    named = {verb for text in texts for verb in re.findall(r"python (?:launch\.py|-m studio) ([a-z]+)", text)}
    assert named - set(VERBS) == {"test", "help"}


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", README.read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_shows_the_two_commands_and_ci_runs_the_second() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert "python launch.py" in lines
    assert "python launch.py test" in lines
    assert "python launch.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
