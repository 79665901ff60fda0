"""Evaluates a base: held-out captions, hard prompts with and without a persona, and the distance to the renders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.catalog import find_base
from studio.domain.adapters import AdapterHeader
from studio.domain.base_report import ArmRow, BaseReport, PersonaRow, table
from studio.domain.caption_rows import attribute_rows
from studio.domain.claims import WHO, Atom, atoms
from studio.domain.errors import BadInput
from studio.domain.events import Phase, Report
from studio.domain.hard_prompts import HardPrompt, hard_prompts, some
from studio.domain.judged_rates import Errors, errors_of
from studio.domain.kid import kid
from studio.domain.pointed import OTHER
from studio.domain.specs import GenerateSpec
from studio.domain.statistics import Estimate, rate
from studio.domain.suite_rows import Drawn, arm_row, readings_seen, unknown_prompts
from studio.domain.witness import Witness, key
from studio.engines.album import Album
from studio.engines.cache import component_digest
from studio.engines.captioned import Captioned, read_captioned
from studio.engines.features import FeatureCache, Floats, Pictures, Reader, Reading, open_reader
from studio.engines.generate import GenerationPipeline, Request, load_pipeline
from studio.engines.judge import OFFERED_FROM, Judge, Pixels, resized
from studio.engines.likeness import Template, kept_bound, likeness, template
from studio.engines.pretrain_evaluation import MEASURED, losses, round_trip
from studio.files import write_atomic
from studio.jobs.caption_check import check_wordings
from studio.jobs.judges import STRANGERS, load_folder

CAPTIONS = 512
"""Held-out captions that are drawn unless fewer are asked for."""

CAPTION_SEED, PROMPT_SEED = 1_000_000, 2_000_000
"""Added to the seed, so that captions and hard prompts never share their noise."""

NO_PAIR = "the judge saw no picture of the persona beside somebody else"
ONE_HEAD = "this judge finds one head in a picture, so it cannot say whose face the second person has"


@dataclass(frozen=True, slots=True)
class Her:
    """A persona to evaluate: her adapter and its strength, how prompts call her, and pictures it was not trained on."""

    adapter: AdapterHeader
    scale: float
    who: str
    own: Pictures


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated, by which judge, on which rendered folder, and where everything is kept.

    `pictures`: at most this many for each of captions and prompts; None: all. `kinds`: empty for all.
    """

    base: Path
    judge: Path
    data: Path
    out: Path
    who: str
    pictures: int | None
    kinds: Collection[str]
    num_inference_steps: int
    guidance_scale: float
    seed: int
    her: Her | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that stays the same while pictures are drawn and read."""

    plan: Plan
    pipeline: GenerationPipeline
    album: Album
    reader: Reader
    errors: dict[str, Errors]
    report: Report

    def read(self, pixels: Pixels) -> tuple[Witness, Reading]:
        """What the judge sees in pictures (N, H, W, 3)."""
        reading = self.reader.read(Pictures.of(pixels))
        return Witness(reading.attributes, [bool(known) for known in reading.in_world], self.errors), reading


def evaluate_base(plan: Plan, report: Report) -> BaseReport:
    """Draws, reads and counts; writes `report.json` and `report.txt` to `plan.out`.

    Interrupted and repeated, it takes over every batch of pictures that was finished. Raises `BadInput` for a folder
    without known truth, and what loading, reading and drawing raise.
    """
    report(Phase(title="Loading the base, the judge and the held-out pictures"))
    pipeline = load_pipeline(plan.base)
    data = read_captioned(plan.data, pipeline.parts.side)
    if not any(data.attributes):
        raise BadInput(
            f"{plan.data} does not say what is in its pictures.", "Render one: python -m studio base render."
        )
    check_wordings([several[:1] for several in data.captions], report)  # the wordings that are drawn
    side = pipeline.parts.side
    settings = GenerateSpec(
        base=str(plan.base), prompt=plan.who, width=side, height=side, num_inference_steps=plan.num_inference_steps,
        guidance_scale=plan.guidance_scale,
    )  # fmt: skip
    album = Album(plan.out / "pictures", pipeline, settings)
    reader = open_reader(plan.judge, FeatureCache(plan.out / "features"))
    report(Phase(title="Counting the judge's errors on renders after the autoencoder"))
    autoencoder = component_digest(pipeline.parts.folder / "vae")  # not the whole base: a denoiser's next lesson finds them
    soft = album.kept(f"soft-{autoencoder[:12]}-{data.digest[:12]}", lambda: round_trip(pipeline, data.pixels))
    evaluation = Evaluation(plan, pipeline, album, reader, judge_errors(reader, soft, data), report)
    found = _evaluated(evaluation, data, soft)
    write_atomic(plan.out / "report.json", (found.model_dump_json(indent=1) + "\n").encode())
    write_atomic(plan.out / "report.txt", (table(found) + "\n").encode())
    return found


def judge_errors(reader: Reader, soft: Pixels, data: Captioned) -> dict[str, Errors]:
    """The judge's errors for every claim it may be asked about, on renders whose truth is known.

    A render that the judge takes for another world shows nothing, as a drawn picture would: see `Witness.shows`.
    """
    reading = reader.read(Pictures.of(soft))
    found: dict[str, Errors] = {}
    for name, labels in reader.labels.items():
        truth = [known.get(name) for known in data.attributes]
        seen = [
            label if inside else "" for label, inside in zip(reading.attributes[name], reading.in_world, strict=True)
        ]
        for value, errors in errors_of(seen, truth, labels).items():
            found[key(Atom(name, value))] = errors
    return found


def _evaluated(evaluation: Evaluation, data: Captioned, soft: Pixels) -> BaseReport:
    plan, reader = evaluation.plan, evaluation.reader
    evaluation.report(Phase(title="Measuring losses"))
    measured = losses(evaluation.pipeline, data, min(plan.pictures or MEASURED, MEASURED))
    rows = np.linspace(0, len(data) - 1, min(plan.pictures or CAPTIONS, CAPTIONS, len(data))).astype(int)
    captions = [data.captions[row][0] for row in rows]
    drawn = evaluation.album.pictures(
        [Request(text, plan.seed + CAPTION_SEED + number) for number, text in enumerate(captions)],
        evaluation.report, title="Drawing held-out captions",
    )  # fmt: skip
    seen, _ = evaluation.read(drawn)
    table_of = reader.judge.table
    accuracies = {name: float(entry["accuracy"]) for name, entry in table_of.items()}
    suite = some(hard_prompts(), plan.kinds, plan.pictures)
    words = find_base(str(plan.base)).words
    unknown = unknown_prompts(suite, words, plan.who)
    arms, persona, readings = _arms(evaluation, suite, [one for one in suite if one.text not in unknown])
    return BaseReport(
        base=evaluation.pipeline.name,
        judge=plan.judge.name,
        offered={name: accuracy for name, accuracy in accuracies.items() if name in reader.labels},
        partly={
            name: tuple(label for label in labels if label != OTHER)
            for name, labels in reader.labels.items()
            if accuracies[name] < OFFERED_FROM
        },
        held_back={name: accuracy for name, accuracy in accuracies.items() if name not in reader.labels},
        renders=len(data),
        psnr=measured.pop("psnr"),
        losses=measured,
        seconds_per_picture=evaluation.album.seconds_per_picture,
        attributes=attribute_rows([atoms(text) for text in captions], seen, accuracies),
        kid=_distances(reader, drawn, data.pixels, soft, plan.seed),
        arms=arms,
        readings=readings,
        unknown=dict(unknown),
        persona=persona,
    )


def _arms(
    evaluation: Evaluation, suite: Sequence[HardPrompt], known: Sequence[HardPrompt]
) -> tuple[tuple[ArmRow, ...], PersonaRow | None, dict[str, dict[str, int]]]:
    """The suite drawn by the base and, if there is one, by base and persona."""
    plan, her = evaluation.plan, evaluation.plan.her
    if not known:
        nothing = Drawn((), Witness({}, (), {}))
        return (arm_row("The base alone", plan.who, nothing, suite),), None, {}
    requests = [Request(one.said(plan.who), plan.seed + PROMPT_SEED + number) for number, one in enumerate(known)]
    pixels = evaluation.album.pictures(requests, evaluation.report, title="Drawing hard prompts with the base")
    seen, reading = evaluation.read(pixels)
    alone = Drawn(known, seen)
    base = arm_row("The base alone", plan.who, alone, suite)
    if her is None:
        return (base,), None, readings_seen(alone)
    of_others = pixels[[bool(inside) and WHO in one.text for one, inside in zip(known, seen.in_world, strict=True)]]
    memory, bound, row = _recognised(evaluation.reader, her, _with_people(reading, known))
    requests = [Request(one.said(her.who), request.seed) for one, request in zip(known, requests, strict=True)]
    settings = evaluation.album.settings.model_copy(update={"adapter_scale": her.scale})
    album = Album(evaluation.album.folder, evaluation.pipeline, settings)
    pixels = album.pictures(requests, evaluation.report, adapter=her.adapter, title="Drawing them with the persona")
    seen, reading = evaluation.read(pixels)
    hers = [cosine is not None and cosine >= bound for cosine in likeness(memory, reading)]
    two = [number for number, one in enumerate(known) if _of_two(one) and seen.in_world[number]]
    second = _second_faces(evaluation.reader.judge, memory, of_others, pixels[two])
    arm = arm_row("Base and persona", her.who, Drawn(known, seen, hers), suite)
    return (base, arm), row.model_copy(update={"second_face": second}), readings_seen(alone)


def _of_two(prompt: HardPrompt) -> bool:
    """Whether the prompt is for the persona and somebody else."""
    return WHO in prompt.text and all(Atom("people", "2") in reading for reading in prompt.meanings)


def _second_faces(judge: Judge, memory: Template, of_others: Pixels, of_two: Pixels) -> Estimate:
    """Of pictures with two people, one of them hers by her likeness: how often the other reaches the bound too.

    The bound is set as in `_recognised`, by faces that are pointed at in pictures of others as they are here.
    """
    if judge.objects is None:
        return Estimate(mean=None, low=None, high=None, n=0, note=ONE_HEAD)
    if not len(of_two) or not len(of_others):
        return Estimate(mean=None, low=None, high=None, n=0, note=NO_PAIR)
    strangers = judge.faces(np.stack([resized(picture) for picture in load_folder(STRANGERS).pixels]))
    impostors = np.concatenate([*judge.faces(of_others), *strangers]) @ memory.direction
    return second_faces(judge.faces(of_two), memory, kept_bound(impostors.tolist()))


def second_faces(faces: Sequence[Floats], memory: Template, bound: float) -> Estimate:
    """How often, in pictures whose two faces (2, d) reach the bound at all, both do."""
    cosines = [np.sort(some @ memory.direction) for some in faces if len(some) == 2]
    hers = [lower for lower, higher in cosines if higher >= bound]
    if not hers:
        return Estimate(mean=None, low=None, high=None, n=0, note=NO_PAIR)
    return rate(sum(bool(lower >= bound) for lower in hers), len(hers))


def _with_people(reading: Reading, prompts: Sequence[HardPrompt]) -> Reading:
    """The pictures of prompts with a place for a person."""
    rows = np.array([WHO in prompt.text for prompt in prompts])
    return Reading(reading.embeddings[rows], reading.in_world[rows], {})


def _recognised(reader: Reader, her: Her, others: Reading) -> tuple[Template, float, PersonaRow]:
    """Her template, the bound above which a picture is hers, and what both rest on.

    Other people are the base's own pictures of the same prompts and seeds, the hardest there are, and strangers.
    """
    own = reader.read(her.own)
    memory = template(own)
    strangers = reader.read(load_folder(STRANGERS))
    cosines = [*likeness(memory, others), *likeness(memory, strangers)]
    impostors = [cosine for cosine in cosines if cosine is not None]
    bound = kept_bound(impostors)
    hers = memory.own
    row = PersonaRow(
        bound=bound,
        impostors=len(impostors),
        own=rate(sum(cosine >= bound for cosine in hers), len(hers)),
        second_face=Estimate(mean=None, low=None, high=None, n=0, note=NO_PAIR),
    )
    return memory, bound, row


def _distances(reader: Reader, drawn: Pixels, renders: Pixels, soft: Pixels, seed: int) -> dict[str, Estimate]:
    """KID of drawn pictures to renders, beside what two halves of the renders and the autoencoder alone give."""

    def features(pixels: Pixels) -> Floats:
        return reader.cache.get(
            f"{reader.name}-pooled", Pictures.of(pixels), lambda some: reader.judge.features(np.stack(some))
        )

    order = np.random.default_rng(seed).permutation(len(renders))
    first, second = order[::2], order[1::2]
    plain = features(renders)
    return {
        "drawn and renders": kid(features(drawn), plain, seed),
        "two halves of the renders": kid(plain[first], plain[second], seed),
        "renders and others after the autoencoder": kid(plain[first], features(soft[second]), seed),
    }
