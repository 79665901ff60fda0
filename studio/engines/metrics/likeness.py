"""Likeness to the persona, by the judge that reports."""

from studio.engines.likeness import likeness
from studio.engines.metrics.evidence import Column, Evidence


def measure(evidence: Evidence) -> Column:
    """Cosine to the template of her held-out pictures, -1 to 1."""
    judged = evidence.reporter
    if judged is None:
        return [None] * len(evidence.pictures)
    return likeness(judged.persona, judged.reader.read(evidence.pictures))
