"""The verbs of `python -m studio`: each is one row here and one function `(arguments) -> exit code`."""

import difflib
import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studio import __version__
from studio.domain.errors import BadInput, StudioError


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb does, and where its function is; that is imported only when the verb is used."""

    about: str
    target: str

    def run(self, arguments: list[str]) -> int:
        module, _, function = self.target.partition(":")
        return int(getattr(importlib.import_module(module), function)(arguments))


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "ui": Verb("serve the page", "studio.ui.web:serve"),
        "demo": Verb("the whole loop without a screen, with a report at the end", "studio.demo:main"),
        "base": Verb("render the small world, train, measure and draw the embedded base", "studio.jobs.base_verbs:base"),
        "doctor": Verb("what is installed, what is missing, what to do about it", "studio.doctor:main"),
        "backup": Verb("put a whole workspace into one file, or bring it back", "studio.backup:main"),
        "bench": Verb("how fast the studio is, side by side with plain diffusers", "studio.bench:main"),
        "shots": Verb("make screenshots of every tab: light, dark and phone", "studio.shots:main"),
        "verify": Verb("what a file says about how it was made", "studio.jobs.verify:main"),
        "job": Verb("run one job of the queue in this process", "studio.jobs.verbs:job"),
        "work": Verb("run jobs of some kinds, keeping what they loaded", "studio.jobs.verbs:work_loop"),
        "supervise": Verb(
            "start the jobs of a workspace and watch over them", "studio.jobs.verbs:supervision"
        ),
    }
)


def usage() -> str:
    """The list of verbs."""
    width = max(len(name) for name in VERBS)
    rows = [f"  {name:<{width}}  {verb.about}" for name, verb in VERBS.items()]
    return "\n".join([f"Persona Studio {__version__}", "usage: python -m studio VERB [--help] …", "", *rows])


def find(name: str) -> Verb:
    """The verb called `name`. Raises `BadInput` with the nearest one."""
    if name in VERBS:
        return VERBS[name]
    near = difflib.get_close_matches(name, VERBS, n=1)
    hint = f"Did you mean “{near[0]}”?" if near else "See: python -m studio --help"
    raise BadInput(f"There is no verb “{name}”.", hint)


def main(arguments: list[str]) -> int:
    """Run one verb. Failures a person can mend are printed as a sentence, without a traceback."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print(__version__)
        return 0
    try:
        return find(arguments[0]).run(arguments[1:])
    except StudioError as trouble:
        print(trouble.sentence(), file=sys.stderr)
        return 1
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "studio":
            raise
        print(f"The package {missing.name} is missing. Start with: python launch.py", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
