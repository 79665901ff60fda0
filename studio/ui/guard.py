"""The edge of the page: whatever goes wrong in a handler becomes a sentence with a way out, never a traceback."""

import logging
import secrets
from typing import Any

from pydantic import ValidationError

from studio.domain.errors import BadInput, NotFound, StudioError
from studio.ui import markup

LOG = logging.getLogger("studio.ui")


def sentence(error: Exception) -> StudioError:
    """The error a person may read. Anything unexpected goes to the log under a number that the sentence names."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, ValidationError):
        return BadInput(*_invalid(error))
    number = secrets.token_hex(4)
    LOG.error("handler failed, log number %s", number, exc_info=error)
    return StudioError(
        "Something went wrong inside the studio; nothing that was saved is lost.",
        f"Try once more. If it stays, the terminal and the log tell more under number {number}.",
    )


def notice(error: Exception) -> str:
    """The same as a board."""
    said = sentence(error)
    more = markup.button("Dismiss", "dismiss", class_="plain")
    once = markup.tag("i", hidden=True, data_once=secrets.token_hex(4))  # the same refusal again is news again
    return markup.studio([markup.say(said.message, hint=said.hint, tone="bad", more=more), once])


def good_news(text: str, *, undo: str | None = None, picture: str | None = None) -> str:
    """A success with, where there is one, the button that takes it back (for this `picture`)."""
    buttons = [markup.button("Dismiss", "dismiss", class_="plain")]
    if undo is not None:
        buttons.insert(0, markup.button("Undo", undo, data_picture=picture))
    return markup.studio(markup.say(text, tone="good", more=buttons))


def half_news(text: str, but: str) -> str:
    """A success with what is missing from it; it stays until it is dismissed."""
    more = markup.button("Dismiss", "dismiss", class_="plain")
    return markup.studio(markup.say(text, hint=but, tone="warn", more=more))


def _invalid(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_url=False)[0]
    field = " ".join(str(part) for part in first["loc"]).replace("_", " ") or "The settings"
    if first["type"] == "string_too_short" and not first.get("input"):
        return f"The {field} is empty.", "Write something into it and try again."
    given = first.get("input")
    value = f" (it is {given!r:.80})" if isinstance(given, str | int | float) and given != "" else ""
    problem = first["msg"].removeprefix("Value error, ")
    return f"{field.capitalize()}{value}: {problem[:1].lower()}{problem[1:]}.", "Change it and try again."


def text(data: dict[str, Any], name: str, limit: int = 4000) -> str:
    """A string from a message of the browser. Raises `BadInput`: anyone who reaches the port can send one."""
    value = data.get(name)
    if not isinstance(value, str) or len(value) > limit:
        raise BadInput(f"The page sent no usable “{name}”.", "Reload the page.")
    return value


def whole(data: dict[str, Any], name: str) -> int:
    """A number of a row from a message of the browser. Raises `NotFound` for anything else."""
    try:
        return int(data.get(name, ""))
    except (TypeError, ValueError) as error:
        raise NotFound(f"The page sent no usable “{name}”.", "Reload the page.") from error
