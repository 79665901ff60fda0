"""What can be asked for: one frozen spec per kind of job; every field's bounds, default and help stand here once."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from studio.domain.pretraining import PretrainSpec
from studio.domain.records import Rights, Slug
from studio.domain.spec import SEED_LIMIT, Spec

LONGEST_PROMPT = 4000
"""Characters."""


class ImportSpec(Spec):
    """Bring pictures into a persona's dataset."""

    kind: Literal["import"] = "import"
    persona: Slug
    source: str = Field(description="A folder or file: an upload in the inbox, or a folder the creator named.")
    uploaded: bool = Field(False, description="The source lies in the inbox and is removed afterwards.")
    rights: Rights = Field(Rights.UNKNOWN, description="On what basis these pictures may be used.")


class PriorSpec(Spec):
    """Pictures of other people that keep the base from forgetting them."""

    count: int = Field(24, ge=0, le=400, description="How many prior pictures the base makes of others.")
    weight: float = Field(0.5, ge=0, le=2, description="How much they count in the loss.")


class TrainSpec(Spec):
    """Fine-tune a LoRA adapter on a persona's kept pictures."""

    kind: Literal["train"] = "train"
    persona: Slug
    preset: Literal["quick", "good", "best", "custom"] = Field("good", description="Where the settings came from.")
    resume_from: int | None = Field(None, description="Continue this earlier run, with its settings and state.")
    rank: int = Field(16, ge=1, le=256, description="Size of the adapter: more can hold more detail, and copy more.")
    lora_alpha: int | None = Field(
        None, ge=1, le=512, description="Strength of the adapter while training; empty: the rank, as is usual."
    )
    targets: Literal["attention", "attention+conv", "attention+conv+text"] = Field(
        "attention+conv", description="Which layers learn; a small base needs the convolutions for a face."
    )
    learning_rate: float = Field(1e-3, gt=0, le=0.1, description="How far one step moves the weights.")
    lr_schedule: Literal["constant", "linear", "cosine"] = Field(
        "cosine", description="How the learning rate changes over the run."
    )
    warmup_steps: int = Field(10, ge=0, le=10_000, description="Steps until the full learning rate is reached.")
    optimizer: Literal["adamw", "adam", "sgd", "muon"] = Field(
        "adamw", description="The rule that turns gradients into changes of the weights."
    )
    weight_decay: float = Field(0.01, ge=0, le=1, description="Pull of the weights towards zero.")
    loss: Literal["mse", "l1", "huber"] = Field(
        "mse", description="How a wrong prediction of the noise is punished; MSE is the denoiser's usual one."
    )
    max_grad_norm: float = Field(1.0, gt=0, le=100, description="Longest gradient that is let through.")
    batch_size: int = Field(4, ge=1, le=256, description="Pictures per step.")
    accumulation: int = Field(1, ge=1, le=64, description="Batches gathered before the weights change.")
    steps: int = Field(300, ge=1, le=200_000, description="How many times the weights change.")
    epochs: int | None = Field(
        None, ge=1, le=10_000, description="Passes over all pictures; when set, it decides the steps."
    )
    resolution: int = Field(256, ge=32, le=2048, multiple_of=8, description="Side of a square picture of equal area.")
    buckets: bool = Field(True, description="Keep wide and tall pictures in their shape instead of cropping square.")
    say_description: bool = Field(
        True, description="Say the persona's written description beside the trigger word, in every caption and prompt."
    )
    description: str = Field("", max_length=400, description="What is said so; filled in when the training starts.")
    caption_dropout: float = Field(0.1, ge=0, le=1, description="Share of steps that see an empty caption.")
    flip: bool = Field(False, description="Show pictures mirrored too; a face is not symmetric, so off.")
    prior: PriorSpec = Field(default_factory=PriorSpec, description="Pictures of others, against forgetting.")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="Number format of the arithmetic; auto takes what this machine is fast at."
    )
    ema: float = Field(0.0, ge=0, lt=1, description="Averaging of the weights over steps; 0 is off.")
    seed: int = Field(0, ge=0, le=SEED_LIMIT, description="Start of every random choice in this run.")
    checkpoint_every: int = Field(50, ge=1, le=100_000, description="Steps between checkpoints.")
    preview_prompts: tuple[str, ...] = Field(
        (), max_length=8, description="Prompts of the preview pictures; empty: a few that suit the persona."
    )


class GenerateSpec(Spec):
    """Make pictures from a prompt."""

    kind: Literal["generate"] = "generate"
    persona: Slug | None = None
    base: str = Field(description="Name of the base in the catalogue, or the path of a folder.")
    checkpoint: str | None = Field(None, description="Adapter, relative to the workspace; empty: the base alone.")
    adapter_scale: float = Field(1.0, ge=0, le=2, description="How strongly the persona shows.")
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT, description="What the picture shows.")
    negative_prompt: str = Field("", max_length=LONGEST_PROMPT, description="What it should not show.")
    width: int = Field(256, ge=32, le=4096, multiple_of=8, description="Pixels across.")
    height: int = Field(256, ge=32, le=4096, multiple_of=8, description="Pixels down.")
    count: int = Field(4, ge=1, le=64, description="How many pictures.")
    seed: int = Field(0, ge=0, le=SEED_LIMIT, description="Seed of the first picture; the next ones count up.")
    num_inference_steps: int = Field(20, ge=1, le=200, description="Denoising steps: more is slower and finer.")
    guidance_scale: float = Field(4.0, ge=0, le=30, description="How strongly the prompt steers the picture.")
    scheduler: str = Field("default", description="Noise scheduler; default is the base's own.")

    @model_validator(mode="after")
    def _seeds_fit(self) -> "GenerateSpec":
        if self.seed + self.count - 1 > SEED_LIMIT:
            raise ValueError(f"seed {self.seed} with {self.count} pictures goes beyond {SEED_LIMIT}")
        return self


class Arm(Spec):
    """One side of a comparison: the base, the base with her description, or a checkpoint at a strength."""

    name: str = Field(min_length=1, max_length=60)
    checkpoint: str | None = None
    adapter_scale: float = Field(1.0, ge=0, le=2)
    described: bool = Field(False, description="Her written description stands where the trigger word would.")


class CompareSpec(Spec):
    """Make the same pictures with every arm and score them."""

    kind: Literal["compare"] = "compare"
    persona: Slug
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=40)
    prompts: tuple[str, ...] = Field(min_length=1, max_length=200, description="With {who} where the person stands.")
    seeds: tuple[int, ...] = Field(min_length=1, max_length=64, description="Every prompt is made with each of these.")
    num_inference_steps: int = Field(20, ge=1, le=200)
    guidance_scale: float = Field(4.0, ge=0, le=30)
    width: int = Field(256, ge=32, le=4096, multiple_of=8)
    height: int = Field(256, ge=32, le=4096, multiple_of=8)
    fresh_seeds: tuple[int, ...] = Field((), max_length=64, description="For the second look at the finalist.")

    @model_validator(mode="after")
    def _distinct(self) -> "CompareSpec":
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names):
            raise ValueError("two arms have the same name")
        if set(self.seeds) & set(self.fresh_seeds):
            raise ValueError("the finalist needs seeds that were not used before")
        return self

    @property
    def one_checkpoint(self) -> bool:
        """Whether all that was trained here is one checkpoint: then nothing tells which one to keep."""
        return len({arm.checkpoint for arm in self.arms if arm.checkpoint and arm.adapter_scale > 0}) == 1

    @property
    def quick_look(self) -> bool:
        """Whether this is one checkpoint, drawn in one round."""
        return self.one_checkpoint and not self.fresh_seeds


class ProbeSpec(Spec):
    """Three real training steps, to tell how long each preset takes on this machine."""

    kind: Literal["probe"] = "probe"
    persona: Slug
    base: str
    train: TrainSpec


class ExportSpec(Spec):
    """Write something that leaves the studio: an adapter, pictures, a comparison report; always marked."""

    kind: Literal["export"] = "export"
    what: Literal["adapter", "pictures", "report"]
    persona: Slug | None = None
    checkpoint: str | None = None
    pictures: tuple[str, ...] = ()
    comparison: int | None = None


class VerifySpec(Spec):
    """Tell what an uploaded file carries: recipe, marks, signature."""

    kind: Literal["verify"] = "verify"
    source: str


AnySpec = Annotated[
    ImportSpec | TrainSpec | PretrainSpec | GenerateSpec | CompareSpec | ProbeSpec | ExportSpec | VerifySpec,
    Field(discriminator="kind"),
]
SPEC: TypeAdapter[AnySpec] = TypeAdapter(AnySpec)
