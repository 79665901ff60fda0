"""The report as one HTML page: what a person reads, with every picture inside."""

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template

from PIL import Image

from studio import __version__
from studio.catalog import ASSETS, METRICS, Entry, find_base
from studio.domain import verdicts
from studio.domain.claims import WHO
from studio.domain.comparisons import Comparison, Shot, begun
from studio.domain.records import Example, Persona, Rights
from studio.domain.statistics import Estimate, said
from studio.jobs.judges import own_pictures
from studio.jobs.report_plots import interval_plot
from studio.provenance.marks import mark_picture
from studio.storage import datasets
from studio.storage.workspace import Workspace

SIDE = 160
QUALITY = 82
HERO = 6
"""So many pictures of the finalist stand at the top of the page."""


def page(workspace: Workspace, found: Comparison, persona: Persona, seconds: Mapping[str, float]) -> str:
    """The whole page, without signature."""
    final, advice = found.verdict, found.recommendation
    return Template((ASSETS / "report" / "report.html").read_text("utf-8")).substitute(
        title=escape(f"{persona.name}: report"),
        persona=escape(persona.name),
        headline=escape(found.headline(persona.name) or begun(final.sentence if final else advice.why)),
        verdict=f"<p>{escape(begun(final.sentence))}</p>" if final and found.headline(persona.name) else "",
        recommendation=_small(found.only_one()) + _recommendation(found),
        scale=_small(found.scale()),
        made_with_ai=escape(_made_with_ai(workspace, found)),
        charter=escape(_charter(persona)),
        numbers="\n".join(_numbers(found, persona.name)),
        names=_small(verdicts.arms_in_words(found, persona.name)),
        not_counted=_small(found.not_counted()),
        two_rounds=_small(found.two_rounds()),
        plots="\n".join(_plots(found)),
        finalist=_finalist(workspace, found, persona.name),
        hero=_hero(workspace, found, persona.name),
        unseen=escape(_unseen(found)),
        matrix=_matrix(workspace, found, persona.name, fresh=False),
        held_out="\n".join(_held_out(workspace, found)),
        table=_table(found),
        trust=_items(_trust(found, persona)),
        made=_items(_made(found, persona, seconds)),
    )


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"<li>{escape(line)}</li>" for line in lines)


def _small(sentence: str) -> str:
    """A remark in small letters; nothing for nothing."""
    return f'<p class="soft small">{escape(sentence)}</p>' if sentence else ""


def _recommendation(found: Comparison) -> str:
    """Why it is this checkpoint, for who asks; why it is none, for everybody."""
    advice = found.recommendation
    why = f'<p class="soft">{escape(begun(advice.why))}</p>'
    return f"<details><summary>{escape(found.why_this())}</summary>{why}</details>" if advice.arm else why


def _charter(persona: Persona) -> str:
    who = {
        "fictional": "a fictional adult",
        "self": "the creator",
        "consenting": "an adult whose consent is recorded",
    }
    return f"{persona.name} is {who[persona.charter.kind]}."


def _made_with_ai(workspace: Workspace, found: Comparison) -> str:
    """Which pictures are AI's, by what is said of the rights in those that were brought."""
    generated = {example.rights is Rights.GENERATED for example in _left_out(workspace, found)}
    if generated == {True}:
        return "All pictures in this report were made with AI."
    some = "some of " if True in generated else ""
    return f"All pictures in this report except {some}“the held-out pictures” were made with AI."


def _numbers(found: Comparison, name: str) -> Iterable[str]:
    final = found.verdict
    if final is None:
        return
    scale = found.yardstick
    shown = scale.shown(final.likeness_persona.mean) if scale else None
    if shown is not None and found.beside():
        yield _number(f"From a stranger (0) to {name} (100)", f"{shown:.0f}", found.beside())
    yield _estimate("Likeness of the persona", final.likeness_persona)
    yield _estimate("More than the base", final.difference_base, sign=True)
    yield _estimate("More than the description in words", final.difference_described, sign=True)
    match = final.prompt_match_persona
    if match is not None and match.mean is not None:
        before = final.prompt_match_base.mean if final.prompt_match_base else None
        beside = f"the base: {100 * before:.0f} %" if before is not None else ""
        yield _number("Of what was asked for, seen", f"{100 * match.mean:.0f} %", beside)
    if final.copies is not None and final.copies.rate.mean is not None:
        rate, own = final.copies.rate, final.copies.held_out_rate.mean
        beside = f"0 to {100 * (rate.high or 0):.0f} % possible" if rate.mean == 0 else "95 % interval in the table"
        own_rate = f"; the held-out pictures: {100 * own:.0f} %" if own is not None else ""
        yield _number("Near copies of training pictures", f"{100 * (rate.mean or 0):.0f} %", beside + own_rate)


def _estimate(name: str, estimate: Estimate | None, *, sign: bool = False) -> str:
    if estimate is None or estimate.mean is None:
        return _number(name, "not measured", estimate.note if estimate else "")
    form = "+.3f" if sign else ".3f"
    number = format(estimate.mean, form)
    interval = (
        f"{estimate.low:{form}} to {estimate.high:{form}}, {estimate.n} pictures"
        if estimate.low is not None and estimate.high is not None
        else estimate.note
    )
    return _number(name, number, interval)


def _number(name: str, value: str, beside: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(beside)}</small></dd></div>"


def _plots(found: Comparison) -> Iterable[str]:
    chosen = found.recommendation.arm
    likeness = [(arm.name, arm.scores[verdicts.LIKENESS]) for arm in found.arms if verdicts.LIKENESS in arm.scores]
    gains = [(arm.name, arm.gains[verdicts.LIKENESS]) for arm in found.arms if verdicts.LIKENESS in arm.gains]
    yield interval_plot("Likeness", likeness, chosen=chosen, zero=False) or "<p>Likeness: not measured.</p>"
    yield interval_plot("Gain over the base", gains, chosen=chosen, zero=True)


def _prompts(found: Comparison, name: str) -> list[str]:
    """As a person says them: with the name where the base read the trigger word."""
    return [prompt.replace(WHO, name) for prompt in found.spec.prompts]


def _hero(workspace: Workspace, found: Comparison, name: str) -> str:
    """One picture of hers that nothing learned from, and what the finalist made of the first prompts."""
    final = found.verdict
    if final is None:
        return ""
    prompts = _prompts(found, name)
    seed = (found.spec.fresh_seeds if final.fresh else found.spec.seeds)[0]
    made = [shot for shot in found.shots if (shot.arm, shot.seed, shot.fresh) == (final.arm, seed, final.fresh)]
    shown = [
        _figure(workspace.absolute(shot.path), f"{shot.arm}: {words}", words, made=True)
        for shot in sorted(made, key=lambda shot: shot.prompt)[:HERO]
        for words in [prompts[shot.prompt]]
    ]
    own = next(_held_out(workspace, found, f"a held-out picture of {name}: nothing learned from it"), "")
    return f'<div class="row hero">{own}{"".join(shown)}</div>'


def _finalist(workspace: Workspace, found: Comparison, name: str) -> str:
    final = found.verdict
    if final is None or not final.fresh:
        return ""
    matrix = _matrix(workspace, found, name, fresh=True)
    return f"""<section>
<h2>Measured again on new pictures</h2>
<p class="soft small">The numbers at the top come from these pictures, which took no part in choosing {escape(final.arm)}:
a checkpoint that was merely lucky would fall back here.</p>
<div class="scroll" tabindex="0" role="region" aria-label="New pictures">
{matrix}
</div>
</section>"""


def _unseen(found: Comparison) -> str:
    if not found.unseen_places:
        return ""
    return f"Not among the training pictures: {', '.join(found.unseen_places)}."


def _matrix(workspace: Workspace, found: Comparison, name: str, *, fresh: bool) -> str:
    """A row for each prompt and a column for each arm that was drawn in this round: they are few enough for a screen."""
    seed = (found.spec.fresh_seeds if fresh else found.spec.seeds)[0]
    cells = {(shot.arm, shot.prompt): shot for shot in found.shots if shot.seed == seed and shot.fresh == fresh}
    arms = [(arm.name, ' class="chosen"' if arm.name == found.recommendation.arm else "") for arm in found.arms
            if any(shot.arm == arm.name for shot in cells.values())]  # fmt: skip
    head = "".join(f'<th scope="col"{chosen}>{escape(arm)}</th>' for arm, chosen in arms)
    rows = [
        f'<tr><th scope="row">{escape(prompt)}</th>'
        + "".join(f"<td{chosen}>{_shot(workspace, cells.get((arm, place)), prompt)}</td>" for arm, chosen in arms) + "</tr>"
        for place, prompt in enumerate(_prompts(found, name))
    ]  # fmt: skip
    return (
        f'<table class="matrix" style="--arms:{len(arms)}"><thead><tr><th scope="col">Asked for</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _shot(workspace: Workspace, shot: Shot | None, prompt: str) -> str:
    if shot is None:
        return ""
    likeness = shot.scores.get(verdicts.LIKENESS)
    told = f"{likeness:.2f}" if likeness is not None else "not measured"
    return _figure(workspace.absolute(shot.path), f"{shot.arm}: {prompt}", told, made=True)


def _held_out(workspace: Workspace, found: Comparison, told: str = "") -> Iterator[str]:
    for example in _left_out(workspace, found):
        path = datasets.picture_path(workspace, found.persona, example.id)
        yield _figure(path, example.caption, told, made=False)


def _left_out(workspace: Workspace, found: Comparison) -> list[Example]:
    """The persona's pictures that no compared checkpoint learned from."""
    learnt = [arm.checkpoint for arm in found.spec.arms if arm.checkpoint]
    trained = {example.id for example in own_pictures(workspace, found.persona, learnt).examples}
    return [one for one in datasets.examples(workspace, found.persona) if one.kept and one.id not in trained]


def _figure(path: Path, words: str, told: str, *, made: bool) -> str:
    """A small WebP inside the page; `made` ones say in their own XMP that they are AI's."""
    with Image.open(path, formats=("PNG",)) as stored:
        picture = stored.convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    payload = mark_picture(picture, "WEBP", None, None, quality=QUALITY) if made else _plain(picture)
    address = f"data:image/webp;base64,{base64.b64encode(payload).decode('ascii')}"
    caption = f"<figcaption>{escape(told)}</figcaption>" if told else ""
    return f'<figure><img src="{address}" alt="{escape(words)}">{caption}</figure>'


def _rows(found: Comparison) -> list[Entry]:
    """The metrics that were asked in this comparison."""
    return [row for name, row in METRICS.items() if any(name in arm.scores for arm in found.arms)]


def _table(found: Comparison) -> str:
    rows = _rows(found)
    head = "".join(f'<th scope="col">{escape(row.title)}</th>' for row in rows)
    body = "".join(
        f'<tr><th scope="row">{escape(arm.name)}</th>'
        + "".join(f"<td>{escape(_score(row, arm.scores.get(row.name)))}</td>" for row in rows)
        + "</tr>"
        for arm in found.arms
    )
    about = "".join(f"<li>{escape(row.title)}: {escape(row.about)}</li>" for row in rows)
    return (
        f'<table class="plain"><thead><tr><th scope="col">Drawn with</th>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<ul class="soft small">{about}</ul>'
    )


def _score(row: Entry, estimate: Estimate | None) -> str:
    return said(estimate, share=row.is_share)


def _trust(found: Comparison, persona: Persona) -> Iterable[str]:
    """What a reader must know before believing the numbers."""
    zero, other = found.controls.strength_zero, found.controls.other_identity
    if zero is not None and zero.mean is not None:
        right = "as it must be" if zero.mean == 0 else "which is wrong: do not trust this report"
        yield f"Check: with the training turned off (strength 0) the likeness differs from the base's by {zero.mean:g} on {zero.n} pictures, {right}."
    if other is not None and other.mean is not None:
        gains = other.low is not None and other.low > 0
        gained = found.verdict is not None and (found.verdict.difference_base.low or 0) > 0
        verdict = "so part of the gain is not about this person" if gains else "so the gain is about this person" if gained else "as it should be"
        yield f"Check: the training changed the likeness to {other.n} other people by {said(other, sign=True)}, {verdict}."
    yield "The checkpoint was chosen by one judge and is reported by another, trained on other people."
    yield from found.notes
    yield (
        "The base draws only its own small world of rendered people; the judges know nothing else and recognise no real face."
        if find_base(persona.base).world_only
        else "Likeness and prompt match are not measured on this base."
    )


def _made(found: Comparison, persona: Persona, seconds: Mapping[str, float]) -> Iterable[str]:
    """What an engineer needs to make it again."""
    base = find_base(persona.base)
    yield f"Base: {base.title}, licence {base.licence}."
    yield "Licences of the metrics: " + ", ".join(f"{row.title} {row.licence}" for row in _rows(found)) + "."
    yield f"The prompts call the person “{found.who}”."
    yield "Intervals treat prompts, not pictures, as independent, and hold the true value about 95 times in 100."
    yield (
        f"{len(found.spec.prompts)} prompts, seeds {', '.join(map(str, found.spec.seeds))}"
        + (f", then {', '.join(map(str, found.spec.fresh_seeds))}" if found.spec.fresh_seeds else "")
        + f"; {found.spec.num_inference_steps} steps, guidance {found.spec.guidance_scale:g}, "
        f"{found.spec.width}×{found.spec.height} pixels."
    )
    yield "Time: " + ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items()) + "."
    yield f"Persona Studio {__version__}. The page is signed: dropped into the Judge tab, or by “python -m studio verify report.html”, it tells whether it was changed."


def _plain(picture: Image.Image) -> bytes:
    """Without marks: the creator's own pictures are not called AI's."""
    target = io.BytesIO()
    picture.save(target, "WEBP", quality=QUALITY)
    return target.getvalue()
