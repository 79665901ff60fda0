"""Running pip or uv inside the environment, and a remedy when it fails."""

import subprocess
import sys

from studio.domain.errors import StudioError
from studio.installing.environment import Environment, on_terminal

REMEDIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("No space left", "Errno 28"), "The disk is full: free some space and start again."),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError", "invalid peer certificate"),
        "The index's certificate is not trusted: set PIP_CERT to your network's certificate file.",
    ),
    (
        ("NewConnectionError", "NameResolution", "Max retries", "ConnectTimeout", "ProxyError", "dns error"),
        "No package index could be reached. Check the network or the proxy and start again; without a "
        "network, put the wheels into a folder and set PIP_FIND_LINKS to it and PIP_NO_INDEX=1.",
    ),
    (("Permission denied", "Errno 13"), "A folder may not be written to: set STUDIO_VENV to one that may."),
    (
        ("No matching distribution", "ResolutionImpossible", "No solution found"),
        "The package index does not offer the versions that pyproject.toml asks for: use another index.",
    ),
)


LAST_WORDS = 12
"""Lines of an installer's complaint that are shown; warnings about a working configuration are not."""


class InstallError(StudioError):
    """An installer ended with an error; `words` is what it wrote."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(f"Installing {what} did not work.", remedy_for(words))
        self.words = words

    @property
    def lacks_versions(self) -> bool:
        """Whether the index was reached but does not have the versions asked for."""
        return self.hint == REMEDIES[-1][1]


def remedy_for(words: str) -> str:
    """What to do about an installer's complaint."""
    for signs, remedy in REMEDIES:
        if any(sign in words for sign in signs):
            return remedy
    return "The installer's own words stand above. Start again: what is already there is kept."


def pip(*arguments: str) -> list[str]:
    """The command line of `pip install`, to be run by the environment's Python."""
    return ["pip", "install", "--disable-pip-version-check", "--no-input", *arguments]


def install(environment: Environment, command: list[str], what: str) -> None:
    """Run `python -m command` in the environment.

    Raises `InstallError`, after showing the installer's last words.
    """
    quiet = [] if on_terminal() else ["-q"]
    full = [str(environment.python), "-m", *command, *quiet]
    environment.unfinished.touch()  # stays when this is killed half-way: the next start then begins afresh
    run = subprocess.run(full, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    environment.unfinished.unlink()
    if run.returncode:
        sys.stderr.write("".join(run.stderr.splitlines(keepends=True)[-LAST_WORDS:]))
        raise InstallError(what, run.stderr)
