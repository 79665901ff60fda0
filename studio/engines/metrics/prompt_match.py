"""Prompt match: how much of what a prompt claims can be seen, as far as the judge measures it well."""

from studio.domain.suites import check
from studio.engines.metrics.evidence import Column, Evidence


def measure(evidence: Evidence) -> Column:
    """Share of the prompt's checkable claims that hold; None without any, or for a picture the judge does not know.

    What the prompt says about the person is not counted: the description in words would be at an advantage.
    """
    judged = evidence.reporter
    if judged is None:
        return [None] * len(evidence.pictures)
    seen = judged.reader.read(evidence.pictures)
    scores: Column = []
    for index, prompt in enumerate(evidence.prompts):
        known = seen.in_world[index]
        scores.append(check(prompt, judged.reader.labels, seen.of(index)).share if known else None)
    return scores
