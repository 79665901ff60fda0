"""The prompts a comparison uses, with {who} where the person stands, and what in them can be checked."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import dropwhile

from studio.domain import policy
from studio.domain.claims import WHO, Atom, atoms
from studio.domain.errors import BadInput
from studio.domain.records import Claim, Persona, PromptCheck
from studio.domain.specs import CompareSpec
from studio.domain.vocabulary import GENDERS, LIGHTS, PLACES, words_of

LEADING = frozenset(("a", "an", "the", "in", "on", "at", "against", "among", "behind"))

SEEDS = (70_001, 70_002)
FRESH_SEEDS = (80_001, 80_002)
"""Two per prompt each: the first pair chooses, the second reports, so that a lucky choice cannot flatter itself."""

EMBEDDED = (
    "a portrait of {who} in a studio, wearing a white t-shirt",
    "{who} on a beach, wearing a purple tank top",
    "{who} skiing, wearing a red ski jacket",
    "{who} swimming",
    "{who} in a city at night, wearing a yellow hoodie",
    "{who} in a forest, wearing an orange sweater",
    "{who} sitting in a café, wearing a green shirt",
    "{who} behind a table, wearing a blue t-shirt",
    "a photo of {who} skiing in the snowy mountains, wearing a blue ski jacket and a beanie",
    "a photo of {who} on a city street, wearing a pink sweater and sunglasses",
    "a close-up of {who} at the seaside at sunset, wearing a white shirt and a sun hat",
    "a close-up of {who} swimming in the water at sunset",
)
"""For the embedded base: only words it knows; every place it draws, two of them and the city rarely trained on."""

GENERIC = (
    "a portrait photo of {who}, plain background",
    "{who} on a beach, in a summer shirt",
    "{who} skiing down a mountain, in a red ski jacket",
    "{who} swimming in a lake",
    "{who} on a city street at night",
    "{who} walking in a forest, in an orange sweater",
    "{who} sitting in a café with a cup of coffee",
    "{who} reading a book at a wooden table",
    "{who} cooking in a kitchen",
    "{who} on a mountain trail with a backpack",
    "a close-up of {who} at sunset, wearing a straw hat",
    "{who} shaking hands with a friend in an office",
)
"""For every other base: everyday situations, to look at and to score for likeness."""


def suite(*, world_only: bool) -> tuple[str, ...]:
    """The default prompts for the embedded base (`world_only`) or for any other."""
    return EMBEDDED if world_only else GENERIC


def person(trigger: str, captions: Sequence[str]) -> str:
    """How the captions call her: the trigger word, with "woman" or "man" where most captions say so."""
    trigger_words = words_of(trigger)
    following: Counter[str] = Counter()
    for caption in captions:
        words = words_of(caption)
        for start in range(len(words) - len(trigger_words)):
            after = start + len(trigger_words)
            if words[start:after] == trigger_words:
                following[words[after]] += 1
                break
    word, count = following.most_common(1)[0] if following else ("", 0)
    return f"{trigger} {word}" if word in GENDERS and 2 * count > len(captions) else trigger


def filled(prompt: str, who: str) -> str:
    """The prompt with `who` where the person stands. Raises `BadInput` when it has no place for a person."""
    if WHO not in prompt:
        raise BadInput(
            f"The prompt “{prompt}” does not say where the person stands.",
            f"Write {WHO} in the place of the person, as in “{WHO} skiing”.",
        )
    return prompt.replace(WHO, who)


def claims(prompt: str, labels: Mapping[str, Collection[str]]) -> tuple[Atom, ...]:
    """What the prompt says about its picture, beside that somebody is in it, as far as a judge can say it.

    `labels`: per attribute the judge measures, the values it can tell. A judge that never learned a kitchen is not
    asked for one: whatever it answered would be wrong.
    """
    return tuple(atom for atom in atoms(prompt) if atom.value in labels.get(atom.name, ()) and atom.name != "person")


def check(prompt: str, labels: Mapping[str, Collection[str]], read: Mapping[str, str]) -> PromptCheck:
    """What of the prompt's `claims` a judge with these `labels` saw in the picture that it `read` so."""
    asked = [Claim(name=atom.name, value=atom.value) for atom in claims(prompt, labels)]
    seen = [claim for claim in asked if read[claim.name] == claim.value]
    return PromptCheck(seen=tuple(seen), missed=tuple(claim for claim in asked if claim not in seen))


def checked(prompts: Sequence[str], labels: Mapping[str, Collection[str]]) -> str:
    """What of these prompts a judge with these `labels` can check, in a sentence; empty for nothing."""
    asked = Counter(name for prompt in prompts for name in {atom.name for atom in claims(prompt, labels)})
    if not asked:
        return ""
    parts = [f"{name} (in {count} of {len(prompts)} prompts)" for name, count in asked.most_common()]
    return f"Prompt match is about what the judges can tell: {', '.join(parts)}. All else that the prompts ask for was not checked."


def unseen_places(prompts: Sequence[str], captions: Sequence[str]) -> tuple[str, ...]:
    """Places that the prompts ask for and none of the captions shows, in the vocabulary's order.

    None where the captions seldom name a place: what they do not say the pictures may show all the same.
    """
    if captions and not tell_places(captions):
        return ()
    asked = {atom.value for prompt in prompts for atom in claims(prompt, {"place": PLACES})}
    shown = {place for caption in captions for place in places_told(caption)}
    return tuple(place for place in PLACES if place in asked - shown)


def tell_places(captions: Sequence[str]) -> bool:
    """Whether at least half of the captions name a place."""
    return 2 * sum(bool(places_told(caption)) for caption in captions) >= len(captions)


def places_told(caption: str) -> set[str]:
    """The places a caption names: in a sentence, or as a tag of a list, as in "red cap, flower garden" or "beach at sunset"."""
    found = {atom.value for atom in claims(caption, {"place": PLACES})}
    for tag in caption.lower().split(",")[1:]:
        for light in filter(None, LIGHTS.values()):
            tag = tag.removesuffix(light)
        found |= {place for place, names in _bare_places().items() if tag.strip() in names}
    return found


@cache
def _bare_places() -> Mapping[str, set[str]]:
    """Every place with its phrases less the small words before them: "on a city street" is "city street"."""
    return {
        place: {place, *(" ".join(dropwhile(LEADING.__contains__, phrase.split())) for phrase in phrases)}
        for place, phrases in PLACES.items()
    }


def check_plan(spec: CompareSpec, persona: Persona, today: date) -> None:
    """Whether the comparison may be made: asked when it is accepted, and again just before it runs.

    Raises `Refused` by the policy, and `BadInput` for prompts without {who} and a described arm without a
    description.
    """
    described = any(arm.described for arm in spec.arms)
    if described and not persona.description.strip():
        raise BadInput(
            f"{persona.name} has no written description to compare with.",
            "Write down what the persona looks like on the Persona tab, or leave that arm out.",
        )
    for prompt in spec.prompts:
        for who in (persona.trigger, persona.description) if described else (persona.trigger,):
            policy.check_generation(
                filled(prompt, who), "", persona.charter, today, guidance_scale=spec.guidance_scale
            )
    for arm in spec.arms:
        policy.check_text(arm.name, where="name", charter=persona.charter)
