"""What a judge's answers prove about prompts: what of them it may be asked, what it saw, and how often that is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.domain.claims import Atom
from studio.domain.judged_rates import Errors, Question, corrected
from studio.domain.statistics import Estimate

Meanings = tuple[tuple[Atom, ...], ...]
"""The atoms of each reading of a prompt; any reading counts."""

TRIVIAL = frozenset({"person"})
"""Attributes that alone do not tell whether a picture follows its prompt."""


def key(atom: Atom) -> str:
    """How a claim is named among a judge's errors."""
    return f"{atom.name} = {atom.value}"


@dataclass(frozen=True, slots=True)
class Witness:
    """A judge's answers on N pictures: per attribute it may be asked about the label of each picture.

    A picture that is not of the judge's world shows nothing that was asked for. `errors` are by `key`.
    """

    labels: Mapping[str, Sequence[str]]
    in_world: Sequence[bool]
    errors: Mapping[str, Errors]

    def measures(self, atom: Atom) -> bool:
        """Whether the judge may be asked about this claim: it is sure enough, and its errors were counted."""
        return atom.name in self.labels and key(atom) in self.errors

    def shows(self, picture: int, meanings: Meanings) -> bool:
        """Whether all claims of some reading are seen in the picture with this number."""
        return bool(self.in_world[picture]) and any(
            all(self.labels[atom.name][picture] == atom.value for atom in reading) for reading in meanings
        )

    def rate(self, asked: Mapping[int, Meanings]) -> Estimate:
        """How often pictures truly show what was asked of each (by its number), corrected for the judge's errors."""
        yes = sum(self.shows(picture, meanings) for picture, meanings in asked.items())
        return corrected(yes, [question(meanings) for meanings in asked.values()], self.errors)

    def whole(self, meanings: Meanings) -> Meanings | None:
        """The meanings if the judge may be asked about every claim of them; a prompt that claims nothing has none."""
        measured = all(self.measures(atom) for reading in meanings for atom in reading)
        return meanings if measured and _tells(meanings) else None

    def part(self, meanings: Meanings) -> Meanings | None:
        """The claims of each reading that the judge may be asked about, if they tell anything."""
        kept = tuple(tuple(atom for atom in reading if self.measures(atom)) for reading in meanings)
        return tuple(dict.fromkeys(kept)) if _tells(kept) else None


def question(meanings: Meanings) -> Question:
    """The meanings as keys of errors, in an order of their own, so that equal questions are equal."""
    return tuple(tuple(sorted(key(atom) for atom in reading)) for reading in meanings)


def _tells(meanings: Meanings) -> bool:
    return all(any(atom.name not in TRIVIAL for atom in reading) for reading in meanings)
