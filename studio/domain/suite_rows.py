"""The rows of an evaluation on hard prompts: how each kind fares, and how often the persona is kept."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from studio.domain.base_report import ArmRow, KindRow
from studio.domain.claims import WHO, meanings
from studio.domain.hard_prompts import KINDS, HardPrompt, Kind
from studio.domain.statistics import Estimate, rate
from studio.domain.witness import Witness


@dataclass(frozen=True, slots=True)
class Drawn:
    """The prompts a base could be asked, in the order of the pictures, and what a judge saw in those.

    `hers`: per picture whether its likeness reaches the persona's bound; None without a persona.
    """

    prompts: Sequence[HardPrompt]
    seen: Witness
    hers: Sequence[bool] | None = None


def arm_row(name: str, who: str, drawn: Drawn, suite: Sequence[HardPrompt]) -> ArmRow:
    """One arm's table; `suite` are all prompts that were meant to be drawn, those with unknown words among them."""
    kinds = Counter(prompt.kind for prompt in suite)
    return ArmRow(
        name=name,
        who=who,
        kinds=tuple(_kind_row(kind, kinds[kind], drawn) for kind in KINDS if kinds[kind]),
        pictures=len(drawn.prompts),
        outside=sum(not known for known in drawn.seen.in_world),
        kept=_share(drawn, [WHO in prompt.text for prompt in drawn.prompts]),
        uninvited=_share(drawn, [_others(prompt) for prompt in drawn.prompts]),
    )


def readings_seen(drawn: Drawn) -> dict[str, dict[str, int]]:
    """Ambiguous prompts whose readings the judge can check, to the reading that was seen, "none" where none was."""
    found: dict[str, dict[str, int]] = {}
    for number, prompt in enumerate(drawn.prompts):
        if prompt.readings and drawn.seen.whole(prompt.meanings):
            shown = [reading for reading in prompt.readings if drawn.seen.shows(number, meanings(reading))]
            seen = found.setdefault(prompt.text, {})
            seen[shown[0] if shown else "none"] = seen.get(shown[0] if shown else "none", 0) + 1
    return found


def unknown_prompts(
    suite: Sequence[HardPrompt], words: Collection[str] | None, who: str
) -> Mapping[str, tuple[str, ...]]:
    """Prompts with words that the base was never shown, and those words."""
    found = {prompt.text: tuple(one.word for one in prompt.unknown(words, who)) for prompt in suite}
    return {text: unknown for text, unknown in found.items() if unknown}


def _kind_row(kind: Kind, prompts: int, drawn: Drawn) -> KindRow:
    numbers = [number for number, prompt in enumerate(drawn.prompts) if prompt.kind == kind]
    seen = drawn.seen
    asked_of = {number: drawn.prompts[number].meanings for number in numbers}
    whole = {number: found for number, asked in asked_of.items() if (found := seen.whole(asked))}
    part = {number: found for number, asked in asked_of.items() if (found := seen.part(asked))}
    return KindRow(
        kind=kind,
        prompts=prompts,
        unknown=prompts - len(numbers),
        whole=seen.rate(whole),
        part=seen.rate(part),
        kept=_share(drawn, [prompt.kind == kind and WHO in prompt.text for prompt in drawn.prompts]),
    )


def _share(drawn: Drawn, counted: Sequence[bool]) -> Estimate | None:
    """How many of the counted pictures are hers."""
    if drawn.hers is None:
        return None
    hers = [one for one, counts in zip(drawn.hers, counted, strict=True) if counts]
    return rate(sum(hers), len(hers))


def _others(prompt: HardPrompt) -> bool:
    """Whether the prompt describes somebody and has no place for the persona."""
    return WHO not in prompt.text and any(atom.name == "person" for reading in prompt.meanings for atom in reading)
