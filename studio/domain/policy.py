"""The one gate: what the studio does not make, decided from words alone, with the words that decided it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from studio.domain.errors import BadInput, Refused
from studio.domain.policy_people import person_named
from studio.domain.policy_rules import child_words, sexual_words, together
from studio.domain.policy_text import LONGEST, cjk_only, lightly, normalise, views
from studio.domain.records import Charter

Where = Literal["trigger", "name", "caption", "prompt", "negative prompt", "description"]
Rule = Literal["sexual", "minor", "minor and sexual", "person"]
Purpose = Literal["train", "generate", "publish"]

SPEAKS_OF: Mapping[Where, str] = {
    "trigger": "trigger word",
    "name": "name",
    "caption": "caption",
    "prompt": "prompt",
    "negative prompt": "negative prompt",
    "description": "description",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to refuse; `words` are the words of the text that caused it, as they were written."""

    rule: Rule
    words: str


def findings(text: str, *, where: Where, charter: Charter | None = None) -> tuple[Finding, ...]:
    """Every rule that `text` breaks, with the words that break it; empty when it may pass.

    A negative prompt may name what is not wanted, so there only a sexual phrase about a child, and
    what pushes towards the forbidden ("clothes", "adult"), count. Company of children ("reading to
    her kids") passes in a prompt alone, and only without anything intimate around it.
    """
    if where == "negative prompt":
        return tuple(_in_negative(text, charter))
    rules = [rule for rule in ("sexual", "minor", "person") if _caused(text, rule, where, charter)]
    found = [Finding(rule, _shortest(text, rule, where, charter)) for rule in rules]  # type: ignore[arg-type]
    if {"sexual", "minor"} <= set(rules):
        found = [Finding("minor and sexual", ", ".join(row.words for row in found[:2])), *found[2:]]
    return tuple(found)


def check_text(text: str, *, where: Where, charter: Charter | None = None) -> None:
    """Raise `Refused` with a sentence when `text` breaks a rule, `BadInput` when it is too long to judge."""
    if len(text) > LONGEST:
        raise BadInput(
            f"The {SPEAKS_OF[where]} has {len(text)} characters; at most {LONGEST} are read.", "Shorten it."
        )
    found = findings(text, where=where, charter=charter)
    if found:
        raise Refused(*_sentence(found[0], SPEAKS_OF[where]))


def check_charter(charter: Charter, today: date, purpose: Purpose) -> None:
    """Raise `Refused` unless the persona may be used for `purpose` on this day."""
    if charter.revoked_at is not None:
        raise Refused(
            f"This persona was revoked on {charter.revoked_at:%Y-%m-%d}; nothing more is made with it.",
            "A revoked persona stays revoked. Make a new one if the person agrees again.",
        )
    if not charter.confirmed_adult:
        raise Refused(
            "Nobody has confirmed yet that the person shown is an adult.",
            "Tick that they are an adult; personas are adults only.",
        )
    consent = charter.consent
    if consent is None:
        if charter.kind == "consenting":
            raise Refused(
                "This persona is a real person and there is no consent record.",
                "Add who consents, to what, until when, and the hash of the signed document.",
            )
        return
    if consent.expires is not None and consent.expires < today:
        raise Refused(
            f"The consent of {consent.person} ended on {consent.expires:%Y-%m-%d}.",
            "Ask for a new one, then record it in the Persona tab, under “Renew or widen the consent”.",
        )
    if purpose not in consent.scope:
        raise Refused(
            f"{consent.person} consented to {', '.join(consent.scope)}, not to {purpose}.",
            "Ask the person, then record the wider consent in the Persona tab, under “Renew or widen the consent”.",
        )


def check_generation(
    prompt: str,
    negative_prompt: str,
    charter: Charter | None,
    today: date,
    *,
    guidance_scale: float | None = None,
) -> None:
    """Raise `Refused` when these pictures may not be made; `charter` None means the base alone.

    Below a guidance of 1 the negative prompt pulls the picture towards itself, so then it is judged
    like a prompt.
    """
    if charter is not None:
        check_charter(charter, today, "generate")
    check_text(prompt, where="prompt", charter=charter)
    turned = guidance_scale is not None and guidance_scale < 1
    check_text(negative_prompt, where="prompt" if turned else "negative prompt", charter=charter)
    whole = f"{prompt}\n{negative_prompt}" if turned else prompt
    check_text(whole, where="prompt", charter=charter)


def check_persona(name: str, trigger: str, description: str, charter: Charter, today: date) -> None:
    """Raise `Refused` when a persona with these words and this charter may not exist."""
    if charter.kind == "consenting" or charter.consent is not None:
        check_charter(charter, today, charter.consent.scope[0] if charter.consent is not None else "train")
    check_text(name, where="name", charter=charter)
    check_text(trigger, where="trigger", charter=charter)
    check_text(description, where="description", charter=charter)


def check_training(
    charter: Charter,
    today: date,
    *,
    trigger: str,
    captions: Mapping[str, str],
    prompts: Sequence[str] = (),
    description: str = "",
) -> None:
    """Raise `Refused` when an adapter may not be trained from these captions (by picture name)."""
    check_charter(charter, today, "train")
    check_text(trigger, where="trigger", charter=charter)
    check_text(description, where="description", charter=charter)
    check_captions(captions, charter)
    for prompt in prompts:
        check_text(prompt, where="prompt", charter=charter)


def check_captions(captions: Mapping[str, str], charter: Charter | None = None) -> None:
    """Raise `Refused` when nothing may be learned from one of these captions (by picture name)."""
    for picture, caption in captions.items():
        found = findings(caption[:LONGEST], where="caption", charter=charter)
        if found:
            raise Refused(*_sentence(found[0], f"caption of {picture}"))


def _caused(text: str, rule: str, where: Where, charter: Charter | None) -> str:
    """The words, made plain, that break `rule`; empty when none do."""
    if rule == "person":
        return person_named(text, charter.consent.person if charter is not None and charter.consent else "")
    plain, light = normalise(text), lightly(text)
    hidden = where in ("trigger", "name")
    if rule == "sexual":
        return sexual_words(views(plain), cjk_only(plain), light, plain, inside=hidden)
    return child_words(views(plain), cjk_only(plain), light, company=where == "prompt")


def _in_negative(text: str, charter: Charter | None) -> Iterator[Finding]:
    """A list of unwanted things is harmless; one phrase that describes a child sexually is not."""
    for phrase in re.split(r"[,;\n|]+", text):
        sexual = _caused(phrase, "sexual", "caption", charter)
        minor = _caused(phrase, "minor", "caption", charter)
        if sexual and minor and len(phrase.split()) <= 40:
            yield Finding("minor and sexual", phrase.strip()[:80])
            return
    if pushed := together(views(normalise(text))):
        yield Finding("minor" if pushed[0] == "minor" else "sexual", pushed[1])
    if _caused(text, "person", "negative prompt", charter):
        yield Finding("person", _shortest(text, "person", "negative prompt", charter))


def _shortest(text: str, rule: str, where: Where, charter: Charter | None) -> str:
    """The fewest neighbouring words of the text as written that break the rule by themselves."""
    parts = text.split()
    if len(parts) <= 120:
        for length in range(1, min(9, len(parts) + 1)):
            for start in range(len(parts) - length + 1):
                piece = " ".join(parts[start : start + length])
                if _caused(piece, rule, where, charter):
                    return piece.strip(" ,.;:!?\"'()[]")[:80]
    return _caused(text, rule, where, charter)[:80]


def _sentence(finding: Finding, place: str) -> tuple[str, str]:
    """Message and hint of a refusal."""
    if finding.rule == "person":
        return (
            f'The {place} names or copies a real person ("{finding.words}"), and no consent of theirs is recorded.',
            "Describe an invented person, or make a persona of that person with the consent on record.",
        )
    if finding.rule == "sexual":
        return (
            f'The {place} asks for nudity, undressing or sexual content ("{finding.words}"); '
            "the studio does not make it.",
            "Take these words out; swimwear, sport and fashion are fine. "
            "What a picture should not show belongs into the negative prompt.",
        )
    if finding.rule == "minor and sexual":
        return (
            f'The {place} puts a minor and sexual content together ("{finding.words}"); this is never made.',
            "Personas are adults, and the pictures are not sexual.",
        )
    return (
        f'The {place} shows a child or a teenager ("{finding.words}"); the people in these pictures are adults.',
        "Use an adult: woman, man, student, person. Things that belong to children are fine.",
    )
