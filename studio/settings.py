"""Settings: command line > STUDIO_* variables > `studio.toml` in the workspace > defaults, each with its origin."""

import argparse
import difflib
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from studio.domain.errors import BadInput

FILE = "studio.toml"
PREFIX = "STUDIO_"
OF_THE_LAUNCHER = frozenset({"STUDIO_VENV", "STUDIO_TORCH", "STUDIO_TORCH_ARGS"})
TYPO = 0.75
"""How alike a foreign STUDIO_ variable must be to one of ours to be taken for a slip of the pen."""

Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


def default_workspace() -> Path:
    """Where this platform keeps a person's data; never the checkout, which a `git clean` may empty."""
    if sys.platform == "win32":
        parent = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        parent = str(Path.home() / "Library" / "Application Support")
    else:
        parent = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(parent) / "persona-studio"


class Settings(BaseModel):
    """Every setting with its default, its bounds and one sentence of help."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    workspace: Folder = Field(
        default_factory=default_workspace, description="Folder that holds all your work."
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address the page listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port the page listens on; 0 takes any free one.")
    browser: bool = Field(True, description="Open the page in your browser.")
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|(cuda|xpu)(:\d+)?)$",
        description="What computes: auto, cpu, cuda, xpu, mps.",
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = Field(
        "auto", description="Number format of the models."
    )
    threads: int = Field(0, ge=0, le=1024, description="CPU threads of one job; 0 takes one per core.")
    bases: tuple[Folder, ...] = Field((), description="Folders of bases to offer beside the embedded one.")

    origins: Mapping[str, str] = Field({}, exclude=True, repr=False)
    """Where each value comes from: a command-line option, a variable, the file, or `default`."""

    def origin(self, name: str) -> str:
        return self.origins.get(name, "default")


def names() -> tuple[str, ...]:
    """The settings a person can choose."""
    return tuple(name for name in Settings.model_fields if name != "origins")


def option(name: str) -> str:
    """The command-line option of a setting; `browser` is on, so its option turns it off."""
    return "--no-browser" if name == "browser" else f"--{name}"


def add_options(parser: argparse.ArgumentParser, *chosen: str) -> None:
    """Give a verb's parser the options of some settings; `settings_of` reads them back."""
    for name in chosen:
        field = Settings.model_fields[name]
        if name == "browser":
            parser.add_argument(
                "--no-browser", dest=name, action="store_const", const=False, help="do not open it"
            )
        else:
            metavar = "DIR" if name == "workspace" else name.upper()
            default = "" if name == "bases" else f" (default: {field.get_default(call_default_factory=True)})"
            parser.add_argument(
                option(name), metavar=metavar, help=f"{field.description}{default}".replace("%", "%%")
            )


def settings_of(parsed: argparse.Namespace) -> Settings:
    """The settings behind a parsed command line. Raises `BadInput`."""
    given = vars(parsed)
    return load_settings({name: given[name] for name in names() if name in given})


def load_settings(cli: Mapping[str, object] | None = None) -> Settings:
    """Gather all sources; None in `cli` means "not given". Raises `BadInput` naming the source."""
    given = {name: value for name, value in (cli or {}).items() if value is not None}
    _refuse_unknown(given, "The command line")
    values: dict[str, object] = {}
    origins: dict[str, str] = {}

    def take(name: str, value: object, origin: str) -> None:
        if name not in values:
            values[name], origins[name] = value, origin

    for name, value in given.items():
        take(name, value, option(name))
    for name in names():
        variable = PREFIX + name.upper()
        text = os.environ.get(variable, "")
        if text:
            take(name, text.split(os.pathsep) if name == "bases" else text, variable)
    file = (
        _checked({"workspace": values["workspace"]} if "workspace" in values else {}, origins).workspace
        / FILE
    )
    for name, value in _read_file(file).items():
        take(name, value, str(file))
    return _checked(values, origins)


def slips_in_environment() -> list[str]:
    """Sentences about STUDIO_ variables that look like a misspelt setting; the rest are not ours."""
    ours = {PREFIX + name.upper() for name in names()} | OF_THE_LAUNCHER
    sentences = []
    for variable in sorted(each for each in os.environ if each.startswith(PREFIX) and each not in ours):
        near = difflib.get_close_matches(variable, ours, n=1, cutoff=TYPO)
        if near:
            sentences.append(f"{variable} is set but is no setting of the studio. Did you mean {near[0]}?")
    return sentences


def _read_file(file: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"{file} cannot be read: {error}.", "Mend the file, or remove it to use the defaults."
        ) from error
    _refuse_unknown(found, str(file))
    if "workspace" in found:
        raise BadInput(
            f"{file} names a workspace, but it lies in one.",
            "Remove that line; use --workspace or STUDIO_WORKSPACE instead.",
        )
    return found


def _refuse_unknown(given: Iterable[str], source: str) -> None:
    for name in given:
        if name not in names():
            near = difflib.get_close_matches(name, names(), n=1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known are: {', '.join(names())}."
            raise BadInput(f"{source} holds “{name}”, which is no setting.", hint)


def _checked(values: Mapping[str, object], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate({**values, "origins": origins})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        what = Settings.model_fields[name].description
        raise BadInput(
            f"{origins.get(name, name)} sets {name} to {values.get(name)!r}: {first['msg'].lower()}.",
            f"{name}: {what}",
        ) from error
