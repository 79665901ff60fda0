"""Likeness to somebody else: the control that must not rise with the persona's."""

from studio.engines.likeness import likeness
from studio.engines.metrics.evidence import Column, Evidence


def measure(evidence: Evidence) -> Column:
    """Cosine to the template of another invented person, by the judge that reports, -1 to 1."""
    judged = evidence.reporter
    if judged is None or judged.other is None:
        return [None] * len(evidence.pictures)
    return likeness(judged.other, judged.reader.read(evidence.pictures))
