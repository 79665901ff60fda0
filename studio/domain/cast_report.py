"""What a cast of invented people showed of a preset, and the table in which a person reads it."""

from collections.abc import Callable, Sequence

from studio.domain.base_report import grid, percent
from studio.domain.records import Record, Yardstick
from studio.domain.statistics import Scores, mean, mean_share, said

DESCRIBED = "described in words"


class Count(Record):
    """So many of so many pictures."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        return self.hits / self.of if self.of else None


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
    head = ["arm", "from a stranger to herself, seen places", "unseen places", "more than described", "place shown", "copies"]
    ceiling = mean(_over(report, lambda one: one.ceiling))
    own = percent(mean_share(_over(report, lambda one: one.own_copies.share)))
    slowest = max(one.seconds for one in report.members)
    about = (
        f"{len(report.members)} held-out people, preset {report.preset}, strength {report.adapter_scale:g}, base "
        f"{report.base}, judge {report.judge}. Her held-out pictures among each other: {said(ceiling)}; that is 100 %, and "
        f"strangers' pictures are 0 %. Her held-out pictures that count as copies: {own}. Longest training: {slowest:.0f} s."
    )
    people = [
        [str(one.identity), one.description, f"{one.ceiling:.3f}", *(_both(one.part(name)) for name in names)]
        for one in report.members
    ]
    arms = grid(head, [_row(report, name) for name in names])
    return "\n\n".join([about, arms, grid(["person", "looks", "ceiling", *names], people)])


def _row(report: CastReport, name: str) -> list[str]:
    return [
        name,
        percent(mean(_over(report, lambda one: _way(one, one.part(name).seen)))),
        percent(mean(_over(report, lambda one: _way(one, one.part(name).unseen)))),
        said(mean(_over(report, lambda one: _gain(one, name))), sign=True),
        percent(mean_share(_over(report, lambda one: one.part(name).place.share))),
        percent(mean_share(_over(report, lambda one: one.part(name).copies.share))),
    ]


def _over(report: CastReport, value: Callable[[Member], float | None]) -> Scores:
    """One score per person, each a prompt of its own to the statistics."""
    return {(number, 0): value(one) for number, one in enumerate(report.members)}


def _way(one: Member, cosine: float | None) -> float | None:
    """How far from a stranger (0) to herself (1); None where the judge cannot tell her from strangers."""
    shown = Yardstick(floor=one.floor, ceiling=one.ceiling).shown(cosine)
    return None if shown is None else shown / 100


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
