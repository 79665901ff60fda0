"""The rows of an evaluation on held-out captions: which claims of a caption each row is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from studio.domain.base_report import AttributeRow
from studio.domain.claims import Atom
from studio.domain.statistics import Estimate
from studio.domain.vocabulary import CREATURES
from studio.domain.witness import Witness

Claims = tuple[Atom, ...]
FEW, MANY = {"1", "2", "3", "4"}, {"5", "6", "7", "8", "9", "10"}


def named(*names: str) -> Callable[[Claims], Claims]:
    """The claims about these attributes."""
    return lambda claims: tuple(atom for atom in claims if atom.name in names)


def _sides(*attributes: str) -> Callable[[Claims], Claims]:
    """The claims about these attributes of what, or who, is on the left and on the right."""
    return named(*(f"{side} {name}" for side in ("left", "right") for name in attributes))


def _bound(claims: Claims) -> Claims:
    """At least two colours, each on its own bearer."""
    colours = tuple(atom for atom in claims if atom.attribute.endswith("colour"))
    if any(atom.subject not in ("", *CREATURES) for atom in colours):  # those are told of by their side already
        colours = tuple(atom for atom in colours if atom.subject not in CREATURES)
    return colours if len({atom.name for atom in colours}) > 1 else ()


OF_TWO = {"gender": "gender", "hair colour": "hair colour", "clothing colour": "garment colour", "hat": "hat"}
ROWS: Mapping[str, Callable[[Claims], Claims]] = {
    "place": named("place"),
    "hair colour": named("hair colour"),
    "clothing colour": named("garment colour"),
    "hats": named("hat"),
    "glasses": named("glasses", "sunglasses", "goggles"),
    "counts 1 to 4": lambda claims: tuple(atom for atom in named("things")(claims) if atom.value in FEW),
    "counts 5 to 10": lambda claims: tuple(atom for atom in named("things")(claims) if atom.value in MANY),
    "left and right": _sides("shape", "kind", "colour", "material", "things"),
    "two colours bound": _bound,
    **{f"{title} of each of two": _sides(name) for title, name in OF_TWO.items()},
    "everything said": lambda claims: claims,
}
"""Title to the claims it is about; a picture follows its caption when all of them are seen."""

IN_PART = frozenset({"two colours bound"})
"""Rows that are about those of a caption's claims that the judge may be asked about, if enough are left."""

TAKEN = frozenset({"place", "hair colour", "garment colour", "hat", "glasses", "sunglasses", "goggles", "things"})
"""Attributes with a row above; every other attribute gets one of its own."""


def attribute_rows(
    captions: Sequence[Claims], seen: Witness, accuracies: Mapping[str, float]
) -> tuple[AttributeRow, ...]:
    """One row per question; `captions` are the claims of each picture's caption.

    `accuracies` are the judge's, offered or not.

    A caption takes part in a row when the judge may be asked about all of its claims there; see `IN_PART`.
    """
    others = {atom.name for claims in captions for atom in claims if not atom.subject} - TAKEN
    rows = dict(ROWS) | {name: named(name) for name in sorted(others)}
    checkable = [tuple(filter(seen.measures, claims)) for claims in captions]
    found = {name: _row(pick, captions, seen, accuracies) for name, pick in rows.items()}
    for name in IN_PART:
        part = _row(rows[name], checkable, seen, accuracies)
        found[name] = part if part.n else found[name]
    return tuple(AttributeRow(name=name, found=estimate) for name, estimate in found.items())


def _row(
    pick: Callable[[Claims], Claims], captions: Sequence[Claims], seen: Witness, accuracies: Mapping[str, float]
) -> Estimate:
    picked = {number: claims for number, whole in enumerate(captions) if (claims := pick(whole))}
    asked = {number: (claims,) for number, claims in picked.items() if all(map(seen.measures, claims))}
    if asked:
        return seen.rate(asked)
    if not picked:
        return Estimate(mean=None, low=None, high=None, n=0, note="no caption says anything of it")
    return Estimate(mean=None, low=None, high=None, n=0, note=_why(picked.values(), seen, accuracies))


def _why(picked: Iterable[Claims], seen: Witness, accuracies: Mapping[str, float]) -> str:
    missing = sorted({atom.name for claims in picked for atom in claims if not seen.measures(atom)})
    said = [f"{name} {accuracies[name]:.3f}" if name in accuracies else f"{name} (not learned)" for name in missing[:3]]
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return f"the judge is not sure enough of {', '.join(said)}{more}"
