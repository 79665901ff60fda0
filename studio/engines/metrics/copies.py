"""Copies: whether a picture is nearer to a training picture than her pictures usually are to each other.

Not by identity features, which are made to overlook exactly what tells a copy from a new picture of the same person.
"""

from dataclasses import dataclass

import numpy as np

from studio.engines.features import FeatureCache, Floats, Pictures
from studio.engines.metrics.evidence import Column, Evidence
from studio.engines.metrics.layout import NAME, distances, layout, views

CLOSE = 0.55
"""Share of the usual distance within which a picture counts as a copy.

Measured on the example persona: different pictures of hers are at 0.55 or more of layout distance (median 0.8), and
recompressed, blurred, mirrored, recoloured or slightly cropped copies at 0.42 or less.
"""


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each picture the index of the nearest training picture and the distance to it."""

    index: list[int]
    distance: Floats


def measure(evidence: Evidence) -> Column:
    """1.0 for a near copy of a training picture, else 0.0; None when nothing was trained on."""
    bound = closeness_bound(evidence.training, evidence.held_out, evidence.cache)
    if bound is None:
        return [None] * len(evidence.pictures)
    found = nearest(evidence.pictures, evidence.training, evidence.cache)
    return [float(distance < bound) for distance in found.distance]


def nearest(pictures: Pictures, training: Pictures, cache: FeatureCache) -> Nearest:
    """The training picture each picture resembles most, also mirrored or cropped."""
    whole = distances(_features(pictures, cache), _views(training, cache))
    mirrored = distances(_features(_mirrored(pictures), cache), _views(training, cache))
    per_view = np.minimum(whole, mirrored)
    per_picture = per_view.reshape(len(pictures), len(training), -1).min(axis=2)
    return Nearest([int(i) for i in per_picture.argmin(axis=1)], per_picture.min(axis=1))


def closeness_bound(training: Pictures, held_out: Pictures, cache: FeatureCache) -> float | None:
    """The distance below which a picture is a copy: `CLOSE` of what is usual for her held-out pictures.

    Without held-out pictures, of what is usual among the training pictures. None with fewer than two to compare.
    """
    if len(training) and len(held_out):
        usual = nearest(held_out, training, cache).distance
    elif len(training) > 1:
        among = distances(_features(training, cache), _features(training, cache))
        np.fill_diagonal(among, np.inf)
        usual = among.min(axis=1)
    else:
        return None
    return CLOSE * float(np.median(usual))


def _features(pictures: Pictures, cache: FeatureCache) -> Floats:
    return cache.get(NAME, pictures, layout)


def _mirrored(pictures: Pictures) -> Pictures:
    return Pictures(
        tuple(picture[:, ::-1] for picture in pictures.pixels), tuple(f"{sha}-m" for sha in pictures.sha256)
    )


def _views(training: Pictures, cache: FeatureCache) -> Floats:
    """Features of every training picture's views, a picture's views side by side."""
    pixels, names = [], []
    for picture, sha in zip(training.pixels, training.sha256, strict=True):
        for number, view in enumerate(views(picture)):
            pixels.append(view)
            names.append(f"{sha}-v{number}")
    return _features(Pictures(tuple(pixels), tuple(names)), cache)
