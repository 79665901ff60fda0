"""What a comparison found: every picture with its scores, every arm with its intervals, and the verdict."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from studio.domain.ranking import Recommendation
from studio.domain.records import Record, Sha256, Slug, Yardstick
from studio.domain.specs import Arm, CompareSpec
from studio.domain.statistics import Estimate, Scores


class Shot(Record):
    """One picture of a comparison."""

    arm: str
    prompt: int = Field(ge=0, description="Index among the prompts.")
    seed: int
    fresh: bool = Field(description="Made with a seed that did not take part in choosing.")
    path: str = Field(description="Relative to the workspace.")
    sha256: Sha256
    scores: dict[str, float | None] = Field(default_factory=dict, description="By metric; empty: not measured.")
    nearest: str | None = Field(default=None, description="Id of the training picture it resembles most.")


class ArmResult(Record):
    """One arm: what its pictures scored, and how that differs from the base on the same prompts and seeds."""

    name: str
    checkpoint: str | None
    step: int | None = Field(default=None, description="Training steps of the checkpoint.")
    adapter_scale: float
    described: bool
    scores: dict[str, Estimate] = Field(default_factory=dict)
    gains: dict[str, Estimate] = Field(default_factory=dict)


class Controls(Record):
    """Two questions whose answers are known beforehand; another answer means that the scoring is wrong."""

    strength_zero: Estimate | None = Field(description="Likeness at strength 0 minus the base: exactly 0.")
    other_identity: Estimate | None = Field(
        description="What the persona's pictures gain in likeness to other people, over people: nothing."
    )


class Copies(Record):
    """How many pictures are near copies of training pictures, with her held-out pictures as the yardstick."""

    rate: Estimate
    held_out_rate: Estimate


class Verdict(Record):
    """The finalist against the base and the description, on seeds that did not choose it where there are such."""

    arm: str
    fresh: bool
    likeness_base: Estimate
    likeness_described: Estimate | None
    likeness_persona: Estimate
    difference_base: Estimate
    difference_described: Estimate | None
    prompt_match_base: Estimate | None
    prompt_match_persona: Estimate | None
    copies: Copies | None
    unmeasured: int = Field(description="The finalist's pictures without a likeness, out of the judge's world.")
    total: int = Field(description="The finalist's pictures.")
    sentence: str


class Comparison(Record):
    """Everything the page and the report show."""

    job: int
    persona: Slug
    created: float
    spec: CompareSpec
    who: str = Field(description="How the prompts call her.")
    prompts: tuple[str, ...] = Field(description="As the base read them, with her trigger word.")
    unseen_places: tuple[str, ...] = ()
    arms: tuple[ArmResult, ...]
    shots: tuple[Shot, ...]
    yardstick: Yardstick | None = Field(description="Of the judge that reports; empty: likeness was not measured.")
    recommendation: Recommendation
    verdict: Verdict | None
    controls: Controls
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)

    def arm(self, name: str) -> ArmResult | None:
        """The arm called `name`."""
        return next((arm for arm in self.arms if arm.name == name), None)

    @property
    def finalist(self) -> Arm | None:
        """The arm that the verdict is about; None where none was measured."""
        return self.spec_arm(self.verdict.arm) if self.verdict else None

    def spec_arm(self, name: str | None) -> Arm | None:
        """The arm of the plan that is called so."""
        return next((arm for arm in self.spec.arms if arm.name == name), None)

    def not_counted(self) -> str:
        """Which pictures have no likeness because the judge does not know their kind; empty where it knew all.

        Without a yardstick nothing was measured at all, which the notes say.
        """
        if self.yardstick is None:
            return ""
        parts = []
        for arm in self.spec.arms:
            measured = [shot.scores.get("likeness") is not None for shot in self.shots if shot.arm == arm.name]
            if missing := measured.count(False):
                parts.append(f"{missing} of {len(measured)} drawn with {arm.name}")
        if foreign := self.yardstick.unknown:
            parts.append(f"{foreign} of {foreign + self.yardstick.held_out} held-out pictures")
        if not parts:
            return ""
        return f"Not counted in the likeness, because they do not look like pictures of this base's world: {', '.join(parts)}."

    def headline(self, name: str) -> str:
        """What to keep, unless only one checkpoint was compared, and how close it is, for who reads no statistics.

        Empty where nothing is recommended, where it is not settled to be more like her than the base, and where her
        description in words is settled to do better.
        """
        final, scale = self.verdict, self.yardstick
        shown = scale.shown(final.likeness_persona.mean) if final and scale else None
        if final is None or shown is None or self.recommendation.arm != final.arm:
            return ""
        described = final.difference_described
        if (final.difference_base.low or 0) <= 0 or (described and described.high is not None and described.high < 0):
            return ""
        keep = begun(final.arm) if self.spec.one_checkpoint else f"Keep {final.arm}"
        return f"{keep}: {on_the_way(shown)} {name}'s own pictures (100)."

    def only_one(self) -> str:
        """That this cannot tell which checkpoint to keep; empty where several were compared."""
        if not self.spec.one_checkpoint:
            return ""
        return "Only one checkpoint was compared here. A whole comparison, of several, tells which one to keep."

    def why_this(self) -> str:
        """What the reason for the recommendation is called."""
        final = self.spec_arm(self.recommendation.arm)
        if final is not None and self.spec.one_checkpoint:
            return f"Why strength {final.adapter_scale:g}"
        return f"Why {self.recommendation.arm} and not another"

    def way(self, name: str) -> str:
        """How close the finalist is and how close its rivals are, whether it is recommended or not; empty: not measured."""
        final, scale = self.verdict, self.yardstick
        if final is None or scale is None:
            return ""
        mine, beside = scale.shown(final.likeness_persona.mean), self.beside()
        if mine is None:
            return ""
        return f"{final.arm} is at {on_the_way(mine)} {name}'s own pictures (100){f'; {beside}' if beside else ''}."

    def beside(self) -> str:
        """Where the base and the description in words alone stand on the same way; empty: not measured."""
        final, scale = self.verdict, self.yardstick
        if final is None or scale is None:
            return ""
        base = scale.shown(final.likeness_base.mean)
        words = scale.shown(final.likeness_described.mean) if final.likeness_described else None
        told = [f"the base is at {max(base, 0.0):.0f}"] if base is not None else []
        told += [f"words alone {'' if told else 'are '}at {max(words, 0.0):.0f}"] if words is not None else []
        return ", ".join(told)

    def scale(self) -> str:
        """What 0 and 100 of the headline are, in the judge's own numbers; empty: nothing to compare with."""
        yard = self.yardstick
        if yard is None or yard.floor is None or yard.ceiling is None:
            return ""
        return (
            f"0 is what pictures of {yard.strangers} other people reach on average (a likeness of {round(yard.floor, 2) + 0.0:.2f}); 100 is "
            f"what the {yard.held_out} held-out pictures reach, each measured against the rest of them ({yard.ceiling:.2f})."
        )

    def two_rounds(self) -> str:
        """Why the charts differ a little from the verdict; empty where both tell of the same pictures."""
        if self.verdict is None or not self.verdict.fresh:
            return ""
        return (
            f"These are of the first round, whose pictures chose. {begun(self.verdict.arm)} was then drawn again on new seeds; "
            "the numbers at the top are of that second round, so they differ a little."
        )


def begun(sentence: str) -> str:
    """As a sentence begins; arms are named in small letters."""
    return sentence[:1].upper() + sentence[1:]


def on_the_way(shown: float) -> str:
    """A place on the scale. Her own pictures differ too, so one may come closer than they do to each other."""
    return f"{min(max(shown, 0.0), 100.0):.0f} of 100 on the way from a stranger (0) to"


def scores_of(shots: Iterable[Shot], arm: str, metric: str, *, fresh: bool = False) -> Scores:
    """One arm's scores of one metric by prompt and seed."""
    return {
        (shot.prompt, shot.seed): shot.scores.get(metric)
        for shot in shots
        if shot.arm == arm and shot.fresh == fresh
    }


def figures(estimate: Estimate | None) -> Mapping[str, float | int | None]:
    """The four numbers of an estimate as they stand in `report.json`."""
    if estimate is None:
        return {"mean": None, "low": None, "high": None, "n": 0}
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high, "n": estimate.n}


def verdict_sentence(verdict_arm: str, name: str, gain: Estimate, described: Estimate | None, *, fresh: bool) -> str:
    """One sentence on whether it is her, for a person who reads nothing else."""
    where = "measured again on new pictures" if fresh else "measured on the same pictures it was picked by, not on new ones"
    if gain.mean is None:
        reason = f": {gain.note}" if gain.note else ""
        return f"Whether {verdict_arm} looks more like {name} than the base does was not measured{reason}."
    if gain.low is None or gain.high is None:
        return f"{verdict_arm} differs from the base by {gain.mean:+.3f}, but there are too few prompts to be sure."
    interval = f"{gain.mean:+.3f}, 95 % interval {gain.low:+.3f} to {gain.high:+.3f}, {where}"
    if gain.low <= 0:
        return f"It is not settled that {verdict_arm} looks more like {name} than the base does ({interval})."
    beside = beside_description(described)
    return f"{verdict_arm} looks more like {name} than the base does ({interval}){beside}."


def beside_description(difference: Estimate | None) -> str:
    """How the sentence goes on about her description in words; `difference` is persona less description."""
    if difference is None or difference.low is None or difference.high is None:
        return ""
    if difference.low > 0:
        return " and more than the description in words does"
    if difference.high < 0:
        return f", but less than the description in words does (by at least {-difference.high:.3f})"
    return "; whether more than the description in words does is not settled"
