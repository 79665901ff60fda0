"""Settings: who wins, where a value came from, and what is said about a wrong one."""

import argparse
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from studio import settings
from studio.domain.errors import BadInput
from studio.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in [each for each in os.environ if each.startswith(settings.PREFIX)]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("STUDIO_WORKSPACE", str(tmp_path))


def write_file(folder: Path, text: str) -> Path:
    file = folder / settings.FILE
    file.write_text(text, encoding="utf-8")
    return file


def test_each_source_beats_the_one_below_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write_file(tmp_path, 'port = 1001\nthreads = 3\nhost = "::1"\n')
    monkeypatch.setenv("STUDIO_PORT", "1002")
    monkeypatch.setenv("STUDIO_THREADS", "5")
    found = load_settings({"port": "1003", "threads": None})
    assert (found.port, found.threads, found.host, found.precision) == (1003, 5, "::1", "auto")
    assert found.origin("port") == "--port"
    assert found.origin("threads") == "STUDIO_THREADS"
    assert found.origin("host") == str(file)
    assert found.origin("precision") == "default"
    assert found.origin("workspace") == "STUDIO_WORKSPACE"


def test_the_file_of_the_chosen_workspace_is_read(tmp_path: Path) -> None:
    other = tmp_path / "Mädchen name" / "ws"
    other.mkdir(parents=True)
    write_file(tmp_path, "port = 1001")
    write_file(other, "port = 1002")
    assert load_settings().port == 1001
    assert load_settings({"workspace": str(other)}).port == 1002


def test_the_default_workspace_is_outside_the_checkout_and_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDIO_WORKSPACE")
    workspace = load_settings().workspace
    assert workspace.is_absolute()
    assert not workspace.is_relative_to(ROOT)


@pytest.mark.parametrize(
    ("platform", "variable"), [("linux", "XDG_DATA_HOME"), ("win32", "LOCALAPPDATA"), ("darwin", "HOME")]
)
def test_the_default_workspace_lies_where_the_platform_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variable: str
) -> None:
    monkeypatch.setattr(settings.sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert settings.default_workspace().is_relative_to(tmp_path)


def test_a_relative_workspace_is_meant_from_where_the_person_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({"workspace": "mine"}).workspace == tmp_path / "mine"
    assert load_settings({"workspace": "~/mine"}).workspace == Path.home() / "mine"


def test_folders_of_bases_come_as_a_list_or_as_a_path_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_file(tmp_path, 'bases = ["/models/one", "/models/two"]')
    assert load_settings().bases == (Path("/models/one"), Path("/models/two"))
    monkeypatch.setenv("STUDIO_BASES", os.pathsep.join(["/a", "/b"]))
    assert load_settings().bases == (Path("/a"), Path("/b"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("prot = 1", ["“prot”", "Did you mean “port”?"]),
        ("zzz = 1", ["“zzz”", "Known are:", "workspace"]),
        ("port = 70000", ["sets port to 70000", "65535"]),
        ('precision = "fp8"', ["sets precision to 'fp8'", "bf16"]),
        ('device = "cuda:x"', ["sets device to 'cuda:x'", "auto, cpu, cuda, xpu, mps"]),
        ('workspace = "/elsewhere"', ["lies in one", "--workspace"]),
        ("port = ", ["cannot be read", "Mend the file"]),
    ],
)
def test_a_wrong_file_is_a_sentence_that_names_it(tmp_path: Path, text: str, parts: list[str]) -> None:
    file = write_file(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        load_settings()
    for part in [str(file), *parts]:
        assert part in caught.value.sentence()


def test_a_wrong_variable_or_option_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_PORT", "many")
    with pytest.raises(BadInput, match="STUDIO_PORT sets port to 'many'"):
        load_settings()
    with pytest.raises(BadInput, match="--port sets port to '-3'"):
        load_settings({"port": "-3"})
    with pytest.raises(BadInput, match="“wrokspace”"):
        load_settings({"wrokspace": "x"})


def test_only_variables_that_look_like_slips_are_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_WORKSPCE", "x")
    monkeypatch.setenv("STUDIO_JDK", "another program's")
    monkeypatch.setenv("STUDIO_TORCH", "cpu")
    assert settings.slips_in_environment() == [
        "STUDIO_WORKSPCE is set but is no setting of the studio. Did you mean STUDIO_WORKSPACE?"
    ]


def test_options_of_a_verb_become_settings(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    settings.add_options(parser, "workspace", "port", "browser")
    parser.add_argument("--seed", type=int)
    chosen = settings.settings_of(parser.parse_args(["--port", "0", "--no-browser", "--seed", "3"]))
    assert (chosen.port, chosen.browser, chosen.workspace) == (0, False, tmp_path)
    assert chosen.origin("browser") == "--no-browser"
    assert settings.settings_of(parser.parse_args([])).browser is True


def test_settings_cannot_be_changed() -> None:
    found = load_settings()
    with pytest.raises(ValidationError):
        found.port = 1  # type: ignore[misc]
