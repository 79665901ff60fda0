"""Variety: how different the pictures of one prompt are from each other when only the seed differs."""

import numpy as np

from studio.engines.metrics.evidence import Column, Evidence
from studio.engines.metrics.layout import NAME, distances, layout


def measure(evidence: Evidence) -> Column:
    """Mean layout distance of a picture to the others of its prompt, 0 to about 2; None where it is the only one."""
    features = evidence.cache.get(NAME, evidence.pictures, layout)
    apart = distances(features, features)
    prompts = np.array([prompt for prompt, _ in evidence.cells])
    scores: Column = []
    for index, prompt in enumerate(prompts):
        fellows = (prompts == prompt) & (np.arange(len(prompts)) != index)
        scores.append(float(apart[index, fellows].mean()) if fellows.any() else None)
    return scores
