"""What a job's handler is given to work with."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from studio.domain.events import Report
from studio.domain.records import Job
from studio.storage.opened import Studio

Loaded: TypeAlias = MutableMapping[str, Any]  # noqa: UP040 - `type` needs Python 3.12
"""Things worth keeping between jobs, such as a pipeline, by a key that names their content.

Owned by the loop of `studio work`; starts empty in the child of a single job. A handler that loads another base
removes the old entry first, so that only one lies in memory.
"""


def pipeline_key(base: str) -> str:
    """Under which a loaded base is kept."""
    return f"pipeline:{base}"


def nobody() -> None:
    """Where no other job can come in."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`report(event)` raises `Cancelled` once after Stop was pressed; then save what there is and let it pass.

    `let_guests_in()` runs small jobs that wait, in the warm loop; a loaded pipeline may carry another adapter afterwards.
    """

    studio: Studio
    job: Job
    report: Report
    loaded: Loaded
    let_guests_in: Callable[[], None] = nobody
