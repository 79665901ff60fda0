"""What a person can do to judge a persona: plan a comparison, run it, read it, use what it recommends."""

from collections.abc import Sequence

from studio.actions.personas import choose
from studio.catalog import find_base
from studio.domain.comparisons import Comparison
from studio.domain.errors import BadInput, Conflict
from studio.domain.records import Choice, Persona
from studio.domain.specs import Arm, CompareSpec, ExportSpec
from studio.domain.suites import FRESH_SEEDS, SEEDS, suite
from studio.storage import comparisons, gate, personas, queue
from studio.storage.opened import Studio
from studio.storage.runs import Checkpoint, checkpoints

LOOKS = 3
"""Checkpoints a default plan looks at: the last one and others evenly before it."""

STRENGTHS = (0.8, 1.0)
MOST_PICTURES = 3000


def default_plan(studio: Studio, slug: str, run_id: int) -> CompareSpec:
    """What to compare after a training: base, description, strength 0 as a control, checkpoints at two strengths.

    Raises `NotFound` for an unknown persona, `BadInput` when the run has no checkpoint.
    """
    persona = personas.load(studio.workspace, slug)
    found = checkpoints(studio.workspace, run_id)
    if not found:
        raise BadInput(f"Run {run_id} has no checkpoint yet.", "Train the persona first, or choose another run.")
    base = find_base(persona.base)
    some = _spread(found)
    arms = [Arm(name="base")]
    if persona.description.strip():
        arms.append(Arm(name="described in words", described=True))
    arms.append(Arm(name="strength 0", checkpoint=some[-1].path, adapter_scale=0.0))
    arms += [
        Arm(name=f"step {one.step} at strength {strength:g}", checkpoint=one.path, adapter_scale=strength)
        for one in some
        for strength in STRENGTHS
    ]
    return CompareSpec(
        persona=slug,
        arms=tuple(arms),
        prompts=suite(world_only=base.world_only),
        seeds=SEEDS,
        fresh_seeds=FRESH_SEEDS,
        width=base.resolution,
        height=base.resolution,
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
    )


def quick(plan: CompareSpec) -> CompareSpec:
    """A first look: of the default plan only base, description and the last checkpoint, one picture each, and no second look."""
    last = [arm for arm in plan.arms if arm.checkpoint == plan.arms[-1].checkpoint and arm.adapter_scale > 0]
    arms = (*(arm for arm in plan.arms if arm.checkpoint is None), *last)
    return plan.model_copy(update={"arms": arms, "seeds": plan.seeds[:1], "fresh_seeds": ()})


def compare(studio: Studio, spec: CompareSpec) -> int:
    """Puts the comparison into the queue and returns its job's id.

    Raises `Refused` by the policy, `NotFound`, and `BadInput` for a plan that cannot be made.
    """
    _refuse_too_many(spec)
    persona = gate.check_comparison(studio, spec)
    title = f"Quick look at {persona.name}" if spec.quick_look else f"Compare {persona.name}"
    return queue.submit(studio.db, spec, title=title, persona=persona.slug)


def comparison(studio: Studio, job_id: int) -> Comparison:
    """Everything a finished comparison found. Raises `NotFound` while it is not done."""
    return comparisons.get(studio.db, job_id)


def finished(studio: Studio, slug: str) -> list[int]:
    """Job ids of the persona's finished comparisons, newest first."""
    return comparisons.finished(studio.db, slug)


def report(studio: Studio, job_id: int) -> int:
    """Asks for the comparison's report (`report.html`, `report.json`) as an export; returns that job's id.

    Raises `NotFound` while the comparison is not done, `Refused` when she may not be published.
    """
    found = comparisons.get(studio.db, job_id)
    persona = gate.check_publishing(studio, found.persona)
    spec = ExportSpec(what="report", persona=persona.slug, comparison=job_id)
    return queue.submit(studio.db, spec, title=f"Report on {persona.name}", persona=persona.slug)


def use_recommended(studio: Studio, job_id: int) -> Persona:
    """From now on the persona is used with the checkpoint and strength the comparison recommends.

    Raises `Conflict` when it recommends none, `BadInput` when the checkpoint is no longer there.
    """
    found = comparisons.get(studio.db, job_id)
    advice = found.recommendation
    if advice.checkpoint is None or advice.adapter_scale is None:
        raise Conflict(f"This comparison recommends nothing: {advice.why}", "Choose a checkpoint yourself.")
    choice = Choice(checkpoint=advice.checkpoint, adapter_scale=advice.adapter_scale, why=advice.why)
    return choose(studio, found.persona, choice)


def use_finalist(studio: Studio, job_id: int) -> Persona:
    """From now on the persona is used with the best checkpoint of a comparison, though it recommends none.

    Raises `Conflict` when there is no best one, `BadInput` when the checkpoint is no longer there.
    """
    found = comparisons.get(studio.db, job_id)
    final = found.finalist
    if final is None or final.checkpoint is None:
        raise Conflict("This comparison could not tell which checkpoint is best.", "Choose a checkpoint yourself.")
    why = f"chosen by hand after comparison {job_id}, which did not recommend it: {found.recommendation.why}"
    return choose(studio, found.persona, Choice(checkpoint=final.checkpoint, adapter_scale=final.adapter_scale, why=why))


def _spread(found: Sequence[Checkpoint]) -> list[Checkpoint]:
    """At most `LOOKS` checkpoints, evenly over the run, the last one among them."""
    count = min(LOOKS, len(found))
    return [found[len(found) * (place + 1) // count - 1] for place in range(count)]


def _refuse_too_many(spec: CompareSpec) -> None:
    pictures = len(spec.arms) * len(spec.prompts) * len(spec.seeds)
    if pictures > MOST_PICTURES:
        raise BadInput(
            f"This plan makes {pictures:,} pictures; at most {MOST_PICTURES:,} are possible.",
            "Compare fewer checkpoints, prompts or seeds.",
        )
