"""What is wrong with a dataset's pictures, which are kept aside for measuring, and whether training may start."""

import hashlib
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.domain.captions import has_word
from studio.domain.records import Example, Rights, Twin

FEWEST_TO_TRAIN = 4
FEWEST_TO_HOLD_OUT = 15
HELD_OUT_AT_LEAST = 5
HELD_OUT_SHARE = 0.2

BLURRED_SHARE = 0.2
"""A picture with less than this share of the set's median sharpness stands out as blurred."""

FEWEST_TO_CALL_BLURRED = 4
"""Below this many pictures there is no set to compare with."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to know about a picture, in a few words and in a sentence."""

    code: str
    title: str
    blocking: bool
    """True: training refuses while this picture is kept as it is."""
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether training may start: `sentences` say what stands in the way, `advice` what could be better.

    `remedies` go with the sentences: "rights", "caption" and "trigger" where one press helps all pictures, else "".
    """

    ok: bool
    sentences: tuple[str, ...]
    advice: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


# ---------------------------------------------------------------- duplicates


def twins(examples: Sequence[Example]) -> dict[str, tuple[Twin, ...]]:
    """Near duplicates by picture id, seen from both sides; pictures without any are absent.

    They were found on the pixels at import (see `studio.collect.duplicates`) and are remembered with
    the later picture; twins that are no longer in the dataset are left out.
    """
    present = {example.id for example in examples}
    found: dict[str, list[Twin]] = {}
    for example in examples:
        for twin in example.checks.twins:
            if twin.other in present:
                found.setdefault(example.id, []).append(twin)
                found.setdefault(twin.other, []).append(Twin(other=example.id, how=twin.how))
    return {name: tuple(others) for name, others in found.items()}


def groups(examples: Sequence[Example]) -> list[tuple[Example, ...]]:
    """The pictures in groups that show the same thing; most groups hold one picture."""
    pairs = twins(examples)
    by_id = {example.id: example for example in examples}
    seen: set[str] = set()
    result = []
    for example in examples:
        if example.id in seen:
            continue
        group, waiting = [], [example.id]
        seen.add(example.id)
        while waiting:
            current = waiting.pop()
            group.append(by_id[current])
            fresh = [twin.other for twin in pairs.get(current, ()) if twin.other not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        result.append(tuple(group))
    return result


# ---------------------------------------------------------------- held out


def held_out_count(kept: int) -> int:
    """How many of `kept` pictures are set aside: 20 %, at least 5; none below 15."""
    if kept < FEWEST_TO_HOLD_OUT:
        return 0
    return max(HELD_OUT_AT_LEAST, round(HELD_OUT_SHARE * kept))


def split(examples: Sequence[Example], seed: int) -> frozenset[str]:
    """Ids of the pictures that are never trained on, so that likeness can be measured on them.

    Deterministic in `seed` and the pictures' contents, whatever their order. Groups of near
    duplicates stay on one side. Pictures that are already held out stay so while there are enough
    pictures to hold any out; with a group that lies on both sides, all of it is held out. More than
    half of the pictures is never held out.
    """
    kept = [example for example in examples if example.kept]
    wanted = held_out_count(len(kept))
    if wanted == 0:
        return frozenset()
    ordered = sorted(groups(kept), key=lambda group: min(_draw(example, seed) for example in group))
    ordered.sort(key=lambda group: not any(example.held_out for example in group))
    most = len(kept) // 2
    chosen: set[str] = set()
    for group in ordered:
        already = any(example.held_out for example in group)
        limit = most if already else wanted
        if len(chosen) + len(group) <= limit:
            chosen.update(example.id for example in group)
    if len(chosen) < wanted:
        # Only large groups are left: the smallest one that leaves half of the pictures to train on.
        rest = sorted((group for group in ordered if group[0].id not in chosen), key=len)
        if rest and len(chosen) + len(rest[0]) <= most:
            chosen.update(example.id for example in rest[0])
    return frozenset(chosen)


def _draw(example: Example, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{example.sha256}".encode()).hexdigest()


# ---------------------------------------------------------------- reasons


def reasons(
    examples: Sequence[Example], *, trigger: str, resolution: int, world_only: bool = False
) -> dict[str, tuple[Reason, ...]]:
    """What to know about each picture, most serious first; every id is present.

    `resolution` is the base's side in pixels; `world_only` says that the base draws only its own
    small world. Sharpness is judged against the rest of this set, never as an absolute number.
    """
    pairs = twins(examples)
    names = {example.id: example.source_name or example.id for example in examples}
    kept = {example.id for example in examples if example.kept}
    usual = _usual_sharpness(examples)
    result = {}
    for example in examples:
        found = [
            *_rights(example),
            *_caption(example, trigger),
            *_size(example, resolution),
            *_blur(example, usual),
            *_twins(example, pairs.get(example.id, ()), names, kept),
            *_world(example, world_only),
        ]
        result[example.id] = tuple(sorted(found, key=lambda reason: not reason.blocking))
    return result


def _usual_sharpness(examples: Iterable[Example]) -> float | None:
    values = [example.checks.sharpness for example in examples if example.kept]
    return statistics.median(values) if len(values) >= FEWEST_TO_CALL_BLURRED else None


def _rights(example: Example) -> list[Reason]:
    if example.rights is not Rights.UNKNOWN:
        return []
    return [
        Reason("rights", "rights unknown", True, "Say on what basis this picture may be used, or reject it.")
    ]


def _caption(example: Example, trigger: str) -> list[Reason]:
    if not example.caption:
        return [
            Reason(
                "no-caption",
                "no caption",
                True,
                "Write what the picture shows, clothes and place too; the trigger word alone will do for a first try.",
            )
        ]
    if not has_word(example.caption, trigger):
        detail = f"The caption does not contain “{trigger}”, so this picture teaches the word nothing."
        return [Reason("no-trigger", "no trigger word", False, detail)]
    return []


def _size(example: Example, resolution: int) -> list[Reason]:
    width, height = example.checks.width, example.checks.height
    if min(width, height) >= resolution:
        return []
    detail = f"It is {width}×{height}; this base works at {resolution} pixels, so it would be enlarged."
    return [Reason("small", "too small", False, detail)]


def _blur(example: Example, usual: float | None) -> list[Reason]:
    if usual is None or example.checks.sharpness >= BLURRED_SHARE * usual:
        return []
    share = example.checks.sharpness / usual
    detail = f"It has {share:.0%} of the sharpness that is usual in this set."
    return [Reason("blurred", "blurred", False, detail)]


def _twins(
    example: Example, others: tuple[Twin, ...], names: Mapping[str, str], kept: set[str]
) -> list[Reason]:
    if example.id not in kept:
        return []
    # A rejected twin is settled: nothing is said about it.
    shown = [twin for twin in others if twin.other in kept][:3]
    return [
        Reason(
            "duplicate",
            "near duplicate",
            False,
            f"It is {_HOW[twin.how].format(names[twin.other])}; keep one of them.",
        )
        for twin in shown
    ]


_HOW = {
    "same": "almost the same as {}",
    "mirrored": "{} mirrored",
    "cropped": "the same picture as {}, one of them cropped",
    "cropped and mirrored": "the same picture as {}, cropped and mirrored",
}


def _world(example: Example, world_only: bool) -> list[Reason]:
    if not world_only or example.checks.in_world is not False:
        return []
    detail = (
        "This base draws its own small world; it can train on this picture, but likeness is not measured."
    )
    return [Reason("out-of-world", "not from this base's world", False, detail)]


# ---------------------------------------------------------------- readiness


def readiness(examples: Sequence[Example], trigger: str) -> Readiness:
    """Whether these pictures can be trained on, and if not, which of them stand in the way."""
    kept = [example for example in examples if example.kept]
    train = [example for example in kept if not example.held_out]
    if not kept:
        what = "All pictures are rejected" if examples else "There are no pictures yet"
        return Readiness(False, (f"{what}: keep at least {FEWEST_TO_TRAIN}.",), remedies=("",))
    blocking: dict[str, str] = {}
    if len(train) < FEWEST_TO_TRAIN:
        blocking[
            f"{_count(len(train), 'picture')} to train on {'is' if len(train) == 1 else 'are'} too few: "
            f"keep at least {FEWEST_TO_TRAIN}, better 15 or more."
        ] = ""
    unknown = [example for example in kept if example.rights is Rights.UNKNOWN]
    if unknown:
        blocking[
            f"{_count(len(unknown), 'picture')} {'has' if len(unknown) == 1 else 'have'} no rights basis"
            f"{_which(unknown, kept)}. Say on what basis they may be used, or reject them."
        ] = "rights"
    silent = [example for example in train if not example.caption]
    missing = [example for example in train if example.caption and not has_word(example.caption, trigger)]
    untaught = bool(missing) and len(missing) + len(silent) == len(train)
    if untaught:
        blocking[
            f"No caption contains the trigger word “{trigger}”, so nothing would be learnt for it. "
            "Put it into the captions."
        ] = "trigger"
        missing = []
    if silent:
        mute = [example for example in kept if not example.caption]  # as the tiles say it, those held out among them
        blocking[
            f"{_count(len(mute), 'picture')} {'has' if len(mute) == 1 else 'have'} no caption"
            f"{_which(mute, kept)}. Write what they show, clothes and places above all: what captions do not name is learned as part "
            "of the person. The trigger word alone will do for a first try."
        ] = "" if untaught else "caption"  # one rule after the other: both would write the same word
    return Readiness(
        not blocking, tuple(blocking), tuple(_advice(kept, train, missing, trigger)), tuple(blocking.values())
    )


def _advice(kept: list[Example], train: list[Example], missing: list[Example], trigger: str) -> Iterable[str]:
    if missing:
        yield f"{_count(len(missing), 'caption')} without “{trigger}”: {_names(missing)}."
    bare = [example for example in train if example.caption.strip(" ,.").casefold() == trigger.casefold()]
    if 2 * len(bare) > len(train):
        yield (
            f"{_count(len(bare), 'caption')} say only “{trigger}”: whatever else is often in those pictures, such as clothes, "
            "sunglasses or a place, is learned as part of the person. Captions that name it keep it apart."
        )
    if len(kept) < FEWEST_TO_HOLD_OUT:
        yield (
            f"{_count(len(kept), 'picture')} are too few to hold any out, so likeness will not be measured; "
            f"from {FEWEST_TO_HOLD_OUT} on it is."
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _which(some: Sequence[Example], whole: Sequence[Example]) -> str:
    """Their names, where that tells them from others."""
    return f": {_names(some)}" if len(some) < len(whole) else ""


def _names(examples: Sequence[Example], most: int = 4) -> str:
    names = [example.source_name or example.id for example in examples[:most]]
    more = len(examples) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
