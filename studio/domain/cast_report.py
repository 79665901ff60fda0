"""What a cast of invented people showed of a preset, and the table in which a person reads it."""

from collections.abc import Callable, Sequence

from studio.domain.base_report import grid, percent
from studio.domain.records import Record
from studio.domain.statistics import Estimate, mean, rate, said

DESCRIBED = "described in words"


class Count(Record):
    """So many of so many pictures."""

    hits: int
    of: int


class Part(Record):
    """One arm of one person: mean cosines in places that were trained on and in others, and counts of pictures."""

    name: str
    seen: float | None
    unseen: float | None
    place: Count
    """Pictures that show the place they were asked for, among those whose place the judge can tell."""
    copies: Count


class Member(Record):
    """One person: `floor` is the mean cosine of strangers, `ceiling` that of her held-out pictures among each other."""

    identity: int
    description: str
    floor: float | None
    ceiling: float
    own_copies: Count
    """How many of her held-out pictures count as copies of training pictures."""
    seconds: float
    """What the training took."""
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part:
        """The arm called `name`. Raises `StopIteration` when there is none."""
        return next(part for part in self.parts if part.name == name)


class CastReport(Record):
    """All people of a cast, taught alike."""

    base: str
    judge: str
    preset: str
    adapter_scale: float
    members: tuple[Member, ...]


def table(report: CastReport) -> str:
    """Every arm with 95 % intervals over people, which is what a claim about the next person needs."""
    names = [part.name for part in report.members[0].parts]
    head = ["arm", "of the ceiling, seen places", "unseen places", "more than described", "place shown", "copies"]
    rows = [
        [
            name,
            percent(_over(report, lambda one, name=name: _share(one.part(name).seen, one.ceiling))),  # type: ignore[misc]
            percent(_over(report, lambda one, name=name: _share(one.part(name).unseen, one.ceiling))),  # type: ignore[misc]
            said(_over(report, lambda one, name=name: _gain(one, name)), sign=True),  # type: ignore[misc]
            percent(_pooled([one.part(name).place for one in report.members])),
            percent(_pooled([one.part(name).copies for one in report.members])),
        ]
        for name in names
    ]
    ceiling = _over(report, lambda one: one.ceiling)
    slowest = max(one.seconds for one in report.members)
    return "\n\n".join(
        [
            f"{len(report.members)} people nobody trained on, preset {report.preset}, strength {report.adapter_scale:g}, base "
            f"{report.base}, judge {report.judge}. The ceiling, her held-out pictures among each other: {said(ceiling)}. "
            f"Her held-out pictures that count as copies: {percent(_pooled([one.own_copies for one in report.members]))}. "
            f"Longest training: {slowest:.0f} s.",
            grid(head, rows),
            grid(
                ["person", "looks", "ceiling", *names],
                [
                    [str(one.identity), one.description, f"{one.ceiling:.3f}"]
                    + [_both(one.part(name)) for name in names]
                    for one in report.members
                ],
            ),
        ]
    )


def _over(report: CastReport, value: Callable[[Member], float | None]) -> Estimate:
    return mean({(number, 0): value(one) for number, one in enumerate(report.members)})


def _pooled(counts: Sequence[Count]) -> Estimate:
    """Over all people's pictures: the interval of an average over people is empty where everybody has the same."""
    return rate(sum(count.hits for count in counts), sum(count.of for count in counts))


def _share(cosine: float | None, ceiling: float) -> float | None:
    return None if cosine is None else cosine / ceiling


def _gain(one: Member, name: str) -> float | None:
    """Mean cosine above that of the description, over seen and unseen places alike."""
    pairs = [
        (now, then)
        for now, then in zip(_cosines(one.part(name)), _cosines(one.part(DESCRIBED)), strict=True)
        if now is not None and then is not None
    ]
    return sum(now - then for now, then in pairs) / len(pairs) if pairs else None


def _cosines(part: Part) -> Sequence[float | None]:
    return part.seen, part.unseen


def _both(part: Part) -> str:
    return " / ".join("–" if cosine is None else f"{cosine:.2f}" for cosine in _cosines(part))
