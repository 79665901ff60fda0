"""Likeness by the judge that chooses checkpoints, so that the judge that reports cannot be played to."""

from studio.engines.likeness import likeness
from studio.engines.metrics.evidence import Column, Evidence


def measure(evidence: Evidence) -> Column:
    """Cosine to the template of her held-out pictures, -1 to 1."""
    judged = evidence.chooser
    if judged is None:
        return [None] * len(evidence.pictures)
    return likeness(judged.persona, judged.reader.read(evidence.pictures))
