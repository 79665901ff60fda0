"""What is said of one picture: how much it is her, what of its prompt is missing, and all there is to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.claims import atoms, in_words
from studio.domain.records import Claim, Picture, PromptCheck, Yardstick
from studio.ui import markup
from studio.ui.markup import Html, tag

NAMED = 3
"""So many things that a picture lacks are named on it; all of them beside its large view."""
BASE_ALONE = "the base alone"
PLACES = {
    "herself": "As close to the held-out pictures as most of those are to each other.",
    "between": "Closer than strangers come, but less close than most of the persona's own pictures.",
    "stranger": "No closer to the persona than some strangers come.",
    None: "Where strangers lie on that scale is not known.",
}
"""What a likeness means by where it lies on her own scale."""
LEFT_OUT = "This base does not know these words and left them out; a high likeness does not mean that they are in the picture."
WHOM = "Likeness says whom a picture looks like, not how well it is drawn."
BOUNDS_TO_COME = "From which number on a picture is as close as most of the persona's own, the first one will tell."
"""About as long as what takes its place, so that nothing moves."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drew a picture, a checkpoint at a strength or the base alone, and the prompt as it was typed; empty: not known."""

    by: str = ""
    asked: str = ""


UNKNOWN = Drawn()


def legend(found: Sequence[Picture], *, expected: bool = False) -> Html | None:
    """What a likeness means, where one of these pictures shows one or the first ones are expected."""
    if all(picture.likeness is None for picture in found) and (found or not expected):
        return None
    scaled = not found or any(way(picture) is not None for picture in found)
    ends = " Its bar is empty for a stranger and full for a picture like the persona's own." if scaled else ""
    newest = next((told for picture in found if (told := bounds(picture.yardstick))), "") if found else BOUNDS_TO_COME
    return tag("p", WHOM, ends, f" {newest}" if newest else "", class_="soft small", id="legend")


def bounds(yard: Yardstick | None) -> str:
    """From which likeness on a picture is like her own, and where strangers end; empty: the judge cannot tell."""
    if yard is None or yard.hers is None or yard.stranger is None or yard.place(yard.hers) is None:
        return ""
    return f"From about {yard.hers:.2f} on a picture is as close as most of the persona's own; 19 of 20 other people stay below {yard.stranger:.2f}."


def way(picture: Picture) -> float | None:
    """How far the picture is on the way from a stranger (0) to her own pictures (100); None: not measured."""
    shown = picture.yardstick.shown(picture.likeness) if picture.yardstick else None
    return None if shown is None else min(100.0, max(0.0, shown))


def alone(picture: Picture, drawn: Drawn) -> Html | None:
    """Among a persona's pictures, those that her training had no part in say so."""
    if picture.persona is None or drawn.by != BASE_ALONE:
        return None
    return tag("span", "base alone", class_="chip", title="No training had a part in this picture")


def badge(picture: Picture) -> Html | None:
    """How much it is her, without a colour that would praise the picture; never a number where none was measured."""
    if picture.likeness is not None:
        place = picture.yardstick.place(picture.likeness) if picture.yardstick else None
        far = way(picture)
        meter = tag("i", tag("i", style=f"width:{far:.0f}%"), class_="meter") if far is not None else None
        told = " ".join(part for part in (PLACES[place], bounds(picture.yardstick), WHOM) if part)
        return tag("span", f"likeness {picture.likeness:.2f}", meter, class_="chip likeness", title=told)
    if picture.likeness_note:
        return tag("span", "likeness not measured", class_="chip", title=picture.likeness_note)
    return None


def missing(picture: Picture) -> list[Html]:
    """What the prompt asks for and the base cannot draw, then what the judge does not see; nothing where all is there."""
    told = picture.prompt_check or PromptCheck()
    found = (("not drawn", list(told.unknown), "chip warn", LEFT_OUT),
             ("not seen", named_claims(told.missed), "chip", " ".join(explained(told))))  # fmt: skip
    return [
        tag("span", f"{what}: {', '.join(words[:NAMED])}{f' +{len(words) - NAMED}' if len(words) > NAMED else ''}",
            class_=look, title=title)
        for what, words, look, title in found if words
    ]  # fmt: skip


def explained(told: PromptCheck) -> list[str]:
    """What the judge saw of the prompt, in sentences."""
    lines = [f"Seen: {', '.join(named_claims(told.seen))}."] if told.seen else []
    if told.missed:
        lines.append(
            f"Asked for and not seen: {', '.join(named_claims(told.missed))}. "
            "The judge can err, and looks at the middle square of the picture only."
        )
    return lines


def unchecked(prompt: str, check: PromptCheck) -> list[str]:
    """What a prompt asks for and nobody looked at, in a sentence; nothing where a judge could tell nothing at all."""
    told = {(claim.name, claim.value) for claim in (*check.seen, *check.missed)}
    rest = [in_words(atom.name, atom.value) for atom in atoms(prompt) if atom.attribute != "person" and (atom.name, atom.value) not in told]
    return [f"Not checked: {', '.join(rest)}."] if told and rest else []


def named_claims(found: Sequence[Claim]) -> list[str]:
    return [in_words(claim.name, claim.value) for claim in found]


def about(picture: Picture, drawn: Drawn = UNKNOWN) -> Html:
    """What the large view tells beside the picture; no `template`, whose content Gradio leaves as it was first drawn."""
    likeness = (
        f"{picture.likeness:.3f}" if picture.likeness is not None else picture.likeness_note or "not measured"
    )
    check = picture.prompt_check or PromptCheck()
    rows = [
        ("Prompt", picture.prompt),
        *([("Drawn with", drawn.by)] if drawn.by else []),
        ("Seed", str(picture.seed)),
        ("Size", f"{picture.width} × {picture.height}"),
        ("Likeness", likeness),
        *scale(picture),
        *([("Of the prompt", " ".join(told))] if (told := [*explained(check), *unchecked(picture.prompt, check)]) else []),
    ]
    listed = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in rows], class_="facts")
    unknown = markup.say(f"Not drawn: {', '.join(check.unknown)}.", hint=LEFT_OUT, tone="warn") if check.unknown else None
    note = tag("p", "The file carries its whole recipe, the AI mark and a signature.", class_="soft small")
    return tag(
        "div",
        unknown,
        listed,
        note,
        tag("a", "Download", href=f"/-/picture/{picture.id}?download=true", class_="button", download=True),
        hidden=True,
        data_about=True,
    )


def scale(picture: Picture) -> list[tuple[str, str]]:
    """What her own pictures and strangers reach, where that was measured with the likeness."""
    yard = picture.yardstick
    if yard is None or yard.hers is None or yard.stranger is None:
        return []
    return [
        ("Own pictures", f"most of the {yard.held_out} held-out pictures reach {yard.hers:.3f}"),
        ("Strangers", f"19 of 20 other people stay below {yard.stranger:.3f} ({yard.strangers} were measured)"),
    ]
