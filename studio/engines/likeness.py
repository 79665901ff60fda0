"""Likeness: how close a picture is to a persona's held-out pictures, as a judge sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.domain.errors import Unsupported
from studio.domain.records import Yardstick
from studio.engines.features import Floats, Reading

FEWEST = 3
"""Held-out pictures below which the template would be one or two lucky views."""
NINE_IN_TEN, ONE_IN_TWENTY = 0.9, 0.05
"""Shares of her own pictures and of strangers that mark the two ends between which nobody can be sure."""

FEWEST_IMPOSTORS = 20
NOBODY = 0.0
"""Likeness of a picture without a person: not hers, so it counts, and counts against her."""


@dataclass(frozen=True, slots=True)
class Template:
    """What a judge remembers of a person: the mean direction (d,) of `count` pictures of hers.

    `own` is how close her pictures are to each other: the cosine of each to the template of the rest.
    """

    direction: Floats
    own: tuple[float, ...]
    unknown: int = 0
    """Held-out pictures from outside the judge's world, which were left out."""

    @property
    def count(self) -> int:
        """How many pictures it rests on."""
        return len(self.own)


def template(held_out: Reading) -> Template:
    """The template of the pictures that were held out from training.

    Raises `Unsupported` when fewer than `FEWEST` of them are pictures the judge knows.
    """
    known = held_out.embeddings[held_out.in_world].astype(np.float64)
    foreign = int(np.sum(~held_out.in_world))
    if len(known) < FEWEST:
        raise Unsupported(
            f"Likeness needs {FEWEST} held-out pictures that the judge knows; there "
            f"{'is' if len(known) == 1 else 'are'} {len(known)}, and {foreign} from outside its small world.",
            "Add pictures: from 15 on, some are held out. Photographs are not measured, since the judges know "
            "only the studio's own small world.",
        )
    rest = known.sum(axis=0) - known
    own = np.sum(known * _unit(rest), axis=1)
    return Template(_unit(known.mean(axis=0)).astype(np.float32), tuple(own.tolist()), foreign)


def kept_bound(impostors: Sequence[float]) -> float:
    """The likeness from which a picture counts as hers: what one in twenty pictures of other people reaches.

    Raises `Unsupported` when there are too few of them to tell.
    """
    if len(impostors) < FEWEST_IMPOSTORS:
        raise Unsupported(
            f"Where her likeness begins takes {FEWEST_IMPOSTORS} pictures of other people; there are {len(impostors)}.",
            "Draw more prompts.",
        )
    return float(np.quantile(impostors, 1 - ONE_IN_TWENTY))


def likeness(template: Template, pictures: Reading) -> list[float | None]:
    """The cosine of each picture to the template; None where the picture is not of the judge's world.

    Where the judge is sure enough to say that nobody is in it, it is `NOBODY`: what it took for a head there is none.
    """
    cosines = pictures.embeddings @ template.direction
    someone = pictures.attributes.get("person") or ("yes",) * len(cosines)
    return [
        (NOBODY if seen == "no" else float(cosine)) if known else None
        for cosine, known, seen in zip(cosines, pictures.in_world, someone, strict=True)
    ]


def yardstick(template: Template, strangers: Reading) -> Yardstick:
    """Where on the cosine scale strangers and the person herself lie, to show likeness between 0 and 100."""
    cosines = [cosine for cosine in likeness(template, strangers) if cosine is not None]
    return Yardstick(
        floor=float(np.mean(cosines)) if cosines else None,
        ceiling=float(np.mean(template.own)),
        strangers=len(cosines),
        held_out=template.count,
        unknown=template.unknown,
        hers=float(np.quantile(template.own, 1 - NINE_IN_TEN, method="lower")),
        stranger=float(np.quantile(cosines, 1 - ONE_IN_TWENTY, method="higher")) if cosines else None,
    )


def gains_towards(others: Floats, pictures: Reading, before: Reading) -> list[float]:
    """How much closer `pictures` came to each of `others` (k, d) than the same pictures were `before`, on average.

    Pictures are paired by their place; pairs with a picture out of the judge's world are left out. One number per
    other person, none without a pair: people, not pictures, are what a claim about "other people" samples.
    """
    known = pictures.in_world & before.in_world
    if not known.any():
        return []
    moved = (pictures.embeddings - before.embeddings)[known].mean(axis=0)
    return [float(gain) for gain in others @ moved]


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scaled to length 1 over the last axis; a zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)
