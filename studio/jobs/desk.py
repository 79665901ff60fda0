"""What a job's handler is given to work with."""

from collections.abc import MutableMapping
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


@dataclass(frozen=True, slots=True)
class Desk:
    """`report(event)` raises `Cancelled` once after Stop was pressed; then save what there is and let it pass."""

    studio: Studio
    job: Job
    report: Report
    loaded: Loaded
