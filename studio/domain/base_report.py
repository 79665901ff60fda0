"""What an evaluation of a base found, and the table in which a person reads it."""

from collections.abc import Iterator, Sequence

from studio.domain.hard_prompts import Kind
from studio.domain.records import Record
from studio.domain.statistics import Estimate


class AttributeRow(Record):
    """How often pictures of held-out captions show what the caption says of one thing."""

    name: str
    found: Estimate


class KindRow(Record):
    """One kind of hard prompts. `unknown` prompts hold a word the base was never shown and are in no rate.

    `whole`: prompts all of whose claims were checked. `part`: prompts with what of them could be checked.
    `kept`: prompts with a place for a person that show the persona; None without a persona.
    """

    kind: Kind
    prompts: int
    unknown: int
    whole: Estimate
    part: Estimate
    kept: Estimate | None = None


class ArmRow(Record):
    """The suite drawn by the base or by base and persona. `who` stood where the prompts have a place for a person."""

    name: str
    who: str
    kinds: tuple[KindRow, ...]
    pictures: int
    outside: int
    """Pictures out of the judge's world, counted as failed."""
    kept: Estimate | None = None
    uninvited: Estimate | None = None
    """How often somebody the prompt describes otherwise took on the persona's looks."""


class PersonaRow(Record):
    """How a persona was recognised: likeness of at least `bound`, which `impostors` other people's pictures set."""

    bound: float
    impostors: int
    own: Estimate
    """How many of her own held-out pictures, each against the others, reach the bound."""
    second_face: Estimate


class BaseReport(Record):
    """Everything `base evaluate` found; written beside the pictures as `report.json`."""

    base: str
    judge: str
    offered: dict[str, float]
    """Attributes the judge may be asked about, with its held-out accuracy."""
    partly: dict[str, tuple[str, ...]] = {}
    """Those of them of which it may be asked about some values only."""
    held_back: dict[str, float]
    renders: int
    psnr: float
    losses: dict[str, float]
    seconds_per_picture: float | None
    attributes: tuple[AttributeRow, ...]
    kid: dict[str, Estimate]
    arms: tuple[ArmRow, ...]
    readings: dict[str, dict[str, int]]
    """Ambiguous prompt to how often which of its readings was seen."""
    unknown: dict[str, tuple[str, ...]]
    """Prompt to the words in it that the base was never shown."""
    persona: PersonaRow | None = None


def table(report: BaseReport) -> str:
    """The report as text, rates in per cent with 95 % intervals."""
    parts = [
        f"Base {report.base}, read by the judge {report.judge}, which knows only the small world.",
        f"It is asked about {_listed(report.offered)}; not sure enough of {_listed(report.held_back)}. "
        f"{_partly(report)}Its errors were counted on {report.renders} held-out renders after the autoencoder, and rates are corrected "
        "for them.",
        _numbers(report),
        grid(
            ["held-out captions", "rate", "n", "why"],
            [[row.name, percent(row.found), _n(row.found), _why(row.found)] for row in report.attributes],
        ),
        grid(
            ["KID (unbiased MMD²)", "distance", "95 % interval", "how"],
            [
                [name, _small(one.mean), f"{_small(one.low)} to {_small(one.high)}", one.note]
                for name, one in report.kid.items()
            ],
        ),
        *(part for arm in report.arms for part in _arm(arm)),
    ]
    if report.persona is not None:
        parts.append(_persona(report.persona))
    if report.readings:
        rows = [
            [prompt, reading, str(count)]
            for prompt, seen in report.readings.items()
            for reading, count in seen.items()
        ]
        parts.append(grid(["ambiguous prompt", "reading that was seen", "pictures"], rows))
    if report.unknown:
        lines = (f"  “{prompt}”: {', '.join(words)}" for prompt, words in report.unknown.items())
        title = f"Unknown to this base ({len(report.unknown)} prompts, not drawn, in no rate):"
        parts.append("\n".join([title, *lines]))
    return "\n\n".join(part for part in parts if part)


def _partly(report: BaseReport) -> str:
    return "".join(f"Of {name} it is asked about {', '.join(values)} alone. " for name, values in report.partly.items())


def percent(estimate: Estimate | None) -> str:
    """ "83 % (75 to 90)", "not measured", or a dash where nothing was asked."""
    if estimate is None:
        return "–"
    if estimate.mean is None:
        return "not measured"
    if estimate.low is None or estimate.high is None:
        return f"{100 * estimate.mean:.0f} %"
    return f"{100 * estimate.mean:.0f} % ({100 * estimate.low:.0f} to {100 * estimate.high:.0f})"


def _why(estimate: Estimate) -> str:
    """Why there is no number."""
    return estimate.note if estimate.mean is None else ""


def _numbers(report: BaseReport) -> str:
    losses = "".join(f", {name.replace('_', ' ')} {value:.3f}" for name, value in report.losses.items())
    speed = "" if report.seconds_per_picture is None else f", {report.seconds_per_picture:.2f} s per picture"
    return f"Autoencoder {report.psnr:.2f} dB{losses}{speed}."


def _arm(arm: ArmRow) -> Iterator[str]:
    with_her = arm.kept is not None
    head = ["hard prompts", "prompts", "unknown", "all claims", "n", "claims it can check", "n"]
    rows = [
        [
            row.kind, str(row.prompts), str(row.unknown),
            percent(row.whole), _n(row.whole), percent(row.part), _n(row.part),
        ]
        + ([percent(row.kept), _n(row.kept)] if with_her else [])
        for row in arm.kinds
    ]
    yield f"{arm.name}, with “{arm.who}” where a prompt has a place for a person\n" + grid(
        head + (["persona kept", "n"] if with_her else []), rows
    )
    yield f"{arm.outside} of {arm.pictures} pictures are out of the judge's world and count as failed." + (
        f"\nPersona kept: {percent(arm.kept)} of {_n(arm.kept)}. On people described otherwise: "
        f"{percent(arm.uninvited)} of {_n(arm.uninvited)}."
        if with_her
        else ""
    )


def _persona(persona: PersonaRow) -> str:
    return (
        f"Kept means a likeness of at least {persona.bound:.3f}, reached by 5 % of {persona.impostors} pictures of "
        "other "
        f"people and by {percent(persona.own)} of the persona's own {persona.own.n} held-out pictures.\n"
        "In pictures of her and somebody else, how often the other face takes on hers too: "
        f"{percent(persona.second_face)}{f' ({why})' if (why := _why(persona.second_face)) else ''}."
    )


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be; empty without rows."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [head, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _n(estimate: Estimate | None) -> str:
    return "" if estimate is None else str(estimate.n)


def _small(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _listed(accuracies: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in accuracies.items()) or "nothing"
