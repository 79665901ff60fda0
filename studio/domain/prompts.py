"""Prompts as words: previews, pictures of others, and the sentence about what a long prompt loses."""

import random
import re
from collections.abc import Sequence

OTHERS = (
    "a woman", "a man", "an older woman", "an older man", "a woman with short black hair", "a man with a beard",
    "a woman with long blonde hair", "a man with short brown hair", "a woman with curly red hair", "a man with glasses",
)  # fmt: skip
"""Who stands in for the persona in pictures of others; words that every base knows."""

PREVIEWS = ("a portrait of {who}", "{who} on a beach", "{who} in a city at night", "{who} skiing")
"""A close view, two usual places, and one that is rarely among the training pictures."""


def preview_prompts(trigger: str) -> tuple[str, ...]:
    """What to look at while a persona trains."""
    return tuple(prompt.format(who=trigger) for prompt in PREVIEWS)


def mentions(prompt: str, trigger: str) -> bool:
    """Whether the trigger stands in the prompt as words of its own, in any case of its letters."""
    return bool(trigger) and _whole(trigger).search(prompt) is not None


def replace_trigger(prompt: str, trigger: str, words: str) -> str:
    """The prompt with `words` where the trigger stood; any following "woman" or "man" goes with it."""
    return _called(trigger).sub(lambda _: words, prompt)


def in_full(prompt: str, trigger: str, description: str) -> str:
    """The prompt with her description beside her trigger: “zia tall woman with red hair skiing” for “zia skiing”.

    A description that does not say what she is follows what the prompt says: “zia woman, red hair, skiing”. Without a
    description, or where it stands there already, the prompt as it is.
    """
    words = _bare(description)
    if not words or words.casefold() in prompt.casefold():
        return prompt
    if re.search(r"\b(?:woman|man|person)\b", words, re.IGNORECASE):
        return replace_trigger(prompt, trigger, f"{trigger} {words}")
    return _called(trigger).sub(lambda found: f"{found[0]}, {words},", prompt).rstrip(",")


def in_short(prompt: str, trigger: str, description: str) -> str:
    """What was typed before `in_full` made this prompt of it: “zia skiing”; the prompt as it is where it did not."""
    if not (words := _bare(description)):
        return prompt
    short = prompt.replace(f"{trigger} {words}", trigger).replace(f", {words},", "").removesuffix(f", {words}")
    return short if in_full(short, trigger, description) == prompt else prompt


def _bare(description: str) -> str:
    """Without article and full stop, as it goes on after a trigger."""
    return re.sub(r"^(?:an?|the)\s+", "", description.strip(" ."), flags=re.IGNORECASE)


def ways_to_say(caption: str, trigger: str) -> tuple[str, ...]:
    """The caption, and if it says "zia woman", also with the trigger alone.

    People write both. Trained on "zia woman" only, "zia" alone reached a likeness of 0.46 where both words reached
    0.77, so a training shows either, half of the time each.
    """
    alone = re.sub(
        _whole(trigger).pattern + r"\s+(?:woman|man|person)\b",
        lambda _: trigger,
        caption,
        flags=re.IGNORECASE,
    )
    return tuple(dict.fromkeys((caption, alone)))


def prior_prompts(captions: Sequence[str], trigger: str, count: int, seed: int) -> tuple[str, ...]:
    """`count` prompts for pictures of other people, in the places of the persona's own captions.

    Prior preservation (Ruiz et al., DreamBooth, 2023): what the base shows for these is shown to it again during
    training, so that "a woman" does not turn into the persona. A caption without the trigger is used as it is.
    """
    chance = random.Random(f"prior:{seed}")
    places = sorted({caption for caption in captions if caption.strip()}) or [trigger]
    chance.shuffle(places)
    found = []
    for index in range(count):
        who = OTHERS[index % len(OTHERS)]
        place = places[index % len(places)]
        found.append(replace_trigger(place, trigger, who) if mentions(place, trigger) else f"{who}, {place}")
    return tuple(found)


def cut_sentence(prompt: str, spans: Sequence[tuple[int, int]], room: int) -> str | None:
    """What a base with room for `room` tokens loses of a prompt whose tokens lie at `spans`; None: nothing.

    `spans` are (start, end) in characters, one per token, without the tokens that mark start and end.
    """
    if len(spans) <= room:
        return None
    lost = prompt[spans[room][0] :].strip()
    shown = lost if len(lost) <= 120 else f"{lost[:117].rstrip()}…"
    return f"The prompt is too long for this base ({len(spans)} tokens, {room} fit). Left out: “{shown}”."


def _called(trigger: str) -> re.Pattern[str]:
    """Matches the trigger as `_whole` does, with any "woman" or "man" that follows."""
    return re.compile(_whole(trigger).pattern + r"(?:\s+(?:woman|man|person)\b)?", re.IGNORECASE)


def _whole(trigger: str) -> re.Pattern[str]:
    """Matches the trigger as words of its own."""
    words = r"\s+".join(re.escape(word) for word in trigger.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
