"""Every word that a network from scratch learns from, or is measured and shown with, goes past the policy."""

from collections.abc import Iterable, Sequence

from studio.domain.events import Phase, Progress, Report
from studio.domain.policy import check_captions

TOLD_EVERY = 50
"""Captions between two words about how far the reading of them is."""


def check_wordings(captions: Iterable[Sequence[str]], report: Report) -> None:
    """Asks the policy about each wording of each picture's captions, once. Raises `Refused`."""
    report(Phase(title="Reading the captions"))
    wordings = list(dict.fromkeys(text for several in captions for text in several))
    for start in range(0, len(wordings), TOLD_EVERY):
        some = wordings[start : start + TOLD_EVERY]
        # Numbered, because captions of one folder often begin alike.
        check_captions(
            {f"a picture (wording {number}, “{text[:60]}”)": text for number, text in enumerate(some, start + 1)}
        )
        report(Progress(step=start + len(some), total=len(wordings)))
