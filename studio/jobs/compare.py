"""Compares: the same prompts and seeds with every arm, scored, ranked, and the finalist looked at once more."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from studio.catalog import METRICS
from studio.domain import verdicts
from studio.domain.comparisons import Comparison, Controls, Shot
from studio.domain.events import Note, Phase
from studio.domain.prompts import in_full
from studio.domain.records import Record
from studio.domain.specs import Arm, CompareSpec
from studio.domain.statistics import Estimate
from studio.domain.suites import checked, filled, person, tell_places, unseen_places
from studio.jobs.desk import Desk
from studio.jobs.judges import Bench, feature_cache, open_bench, own_pictures
from studio.jobs.scoring import Scorer
from studio.jobs.shooting import Counter, Scene, shoot
from studio.jobs.warm import warm_pipeline
from studio.provenance.keys import ensure_keys
from studio.storage import comparisons, gate, runs
from studio.storage.runs import NAME
from studio.storage.workspace import Workspace


class Compared(Record):
    """What the job leaves in its row; the rest is `studio.storage.comparisons.get`."""

    sentence: str
    recommended: str | None


@dataclass(slots=True)
class Stages:
    """Seconds per stage of the work."""

    seconds: dict[str, float] = field(default_factory=dict)
    elsewhere: float = 0.0
    """Of what was left out."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start, before = time.monotonic(), self.elsewhere
        yield
        took = time.monotonic() - start - (self.elsewhere - before)
        self.seconds[stage] = self.seconds.get(stage, 0.0) + took

    def leave_out(self, visit: Callable[[], None]) -> None:
        """Something that takes its time and belongs to no stage."""
        start = time.monotonic()
        visit()
        self.elsewhere += time.monotonic() - start


def run(spec: CompareSpec, desk: Desk) -> Compared:
    """Makes and scores all pictures, recommends, looks at the finalist on fresh seeds, and stores what was found.

    Stopped and started again, it takes over every batch that was finished. Raises what `gate.check_comparison` and
    making pictures raise.
    """
    studio, stages = desk.studio, Stages()
    persona = gate.check_comparison(studio, spec)
    own = own_pictures(studio.workspace, persona.slug, [arm.checkpoint for arm in spec.arms if arm.checkpoint])
    who = person(persona.trigger, own.captions)
    comparisons.begin(studio.db, desk.job.id, spec)
    desk.report(Phase(title="Loading the base and the judges"))
    with stages.timed("loading"):
        bench = open_bench(studio.workspace, persona, own.held_out)
        pipeline = warm_pipeline(desk, persona.base)
    scorer = Scorer(METRICS, own, bench, feature_cache(studio.workspace), studio.workspace)
    scene = Scene(
        spec=spec,
        base=persona.base,
        who=who,
        trigger=persona.trigger,
        description=persona.description,
        workspace=studio.workspace,
        folder=studio.workspace.comparison_dir(desk.job.id),
        pipeline=pipeline,
        keys=ensure_keys(studio.workspace.keys),
        let_guests_in=partial(stages.leave_out, desk.let_guests_in),
    )
    steps = {arm.checkpoint: _step(arm.checkpoint) for arm in spec.arms if arm.checkpoint}
    held_out_copies = scorer.held_out_copies()
    counter = Counter(desk.report, total=verdicts.pictures_in(spec if bench.chooser else spec.model_copy(update={"fresh_seeds": ()})))

    shots = _look(scene, spec.arms, spec.seeds, scorer, counter, stages, fresh=False)
    recommendation = verdicts.choose(spec, shots, steps, held_out_copies)
    final = verdicts.finalist(spec, shots, recommendation)
    fresh = final is not None and bool(spec.fresh_seeds)
    if final is not None and fresh:
        again = verdicts.looked_at_again(spec, final)
        shots += _look(scene, again, spec.fresh_seeds, scorer, counter, stages, fresh=True)

    verdict = verdicts.judge(spec, shots, final, held_out_copies, persona.name, fresh=fresh) if final else None
    controls = Controls(
        strength_zero=verdicts.strength_zero(spec, shots),
        other_identity=_towards_others(scorer, spec, shots, final, fresh=fresh),
    )
    found = Comparison(
        job=desk.job.id,
        persona=persona.slug,
        created=time.time(),
        spec=spec,
        who=who,
        prompts=tuple(filled(prompt, who) for prompt in spec.prompts),
        unseen_places=unseen_places(spec.prompts, own.captions),
        arms=verdicts.arm_results(
            spec,
            shots,
            steps,
            {name: row.minimum for name, row in METRICS.items()},
            {name: row.unit for name, row in METRICS.items()},
        ),
        shots=tuple(shots),
        yardstick=bench.scale,
        recommendation=recommendation,
        verdict=verdict,
        controls=controls,
        notes=(*notes(spec, controls, bench.note), *_checked(spec, bench), *_told_of_places(own.captions), *_asked_with(studio.workspace, spec, persona.trigger, who)),
        seconds={name: round(seconds, 3) for name, seconds in stages.seconds.items()},
    )
    comparisons.finish(studio.db, found)
    sentence = verdict.sentence if verdict else recommendation.why
    desk.report(Note(text=sentence))
    return Compared(sentence=sentence, recommended=recommendation.arm)


def _checked(spec: CompareSpec, bench: Bench) -> Iterator[str]:
    """What prompt match rests on."""
    if bench.reporter and (told := checked(spec.prompts, bench.reporter.reader.labels)):
        yield told


def _told_of_places(captions: Sequence[str]) -> Iterator[str]:
    """Why it is not known which places are new to her, where it is not."""
    if captions and not tell_places(captions):
        yield "Fewer than half of the captions name a place in words that can be checked, so which of these places the training pictures show is not known."


def _asked_with(workspace: Workspace, spec: CompareSpec, trigger: str, who: str) -> Iterator[str]:
    """What checkpoints were asked for, where that was more than the prompts say."""
    learned = {runs.said_with(workspace, arm.checkpoint, arm.adapter_scale) for arm in spec.arms} - {""}
    for said in sorted(learned):
        yield f"Trained together with the description, so where the prompts say “{who}” a checkpoint was asked for “{in_full(who, trigger, said)}”."


def notes(spec: CompareSpec, controls: Controls, judged: str) -> tuple[str, ...]:
    """Sentences on what limits this comparison."""
    found = [judged] if judged else []
    if len(spec.prompts) < 3:
        some = "one prompt" if len(spec.prompts) == 1 else f"{len(spec.prompts)} prompts"
        found.append(f"With {some} there are no intervals; at least 3 are needed.")
    if not spec.fresh_seeds:
        found.append("The checkpoint was picked by the same pictures that it is measured on, which flatters it a little.")
    zero, other = controls.strength_zero, controls.other_identity
    if zero is not None and zero.mean not in (None, 0.0):
        found.append("At strength 0 the pictures differ from the base's: do not trust this comparison; report it.")
    if other is not None and other.low is not None and other.low > 0:
        found.append(
            "The persona's pictures also came closer to other people: part of the gain is not about this person. Add prior "
            "pictures, or train for fewer steps."
        )
    return tuple(found)


def _towards_others(
    scorer: Scorer, spec: CompareSpec, shots: Sequence[Shot], final: Arm | None, *, fresh: bool
) -> Estimate | None:
    """How much closer the finalist comes to other people than whoever was asked with the same words."""
    said = final is not None and runs.said_with(scorer.workspace, final.checkpoint)
    rival = (verdicts.described_arm(spec) if said else None) or verdicts.base_arm(spec)
    if final is None or rival is None:
        return None
    mine, before = ([shot for shot in shots if shot.arm == arm.name and shot.fresh == fresh] for arm in (final, rival))
    return scorer.gain_towards_others(mine, before)


def _look(
    scene: Scene, arms: Sequence[Arm], seeds: Sequence[int], scorer: Scorer, counter: Counter, stages: Stages, *, fresh: bool
) -> list[Shot]:
    """Pictures and scores of `arms`. The counter goes on over both looks and stands still while pictures are scored."""
    title = "new pictures with the best checkpoint" if fresh else "the same pictures with each checkpoint"
    counter.report(Phase(title=f"Round {2 if fresh else 1} of 2: {title}" if scene.spec.fresh_seeds else f"Drawing {title}"))
    with stages.timed("fresh pictures" if fresh else "pictures"):
        shots = {arm.name: shoot(scene, arm, seeds, counter, fresh=fresh) for arm in arms}
    counter.report(Phase(title="Scoring the pictures"))
    scored: list[Shot] = []
    with stages.timed("scores"):
        for name, some in shots.items():
            scored += scorer.scored(some, scene.spec.prompts)
            counter.tell(name)
    return scored


def _step(checkpoint: str) -> int:
    """Training steps of a checkpoint by its file name; 0 for an adapter from elsewhere."""
    match = NAME.match(checkpoint.rpartition("/")[2])
    return int(match[1]) if match else 0
