"""A step does what its settings say: rate, gathered batches, longest gradient, loss, rule, others' weight, average."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from studio.collect.adapter_file import read_adapter
from studio.domain.events import Event, Scalar
from studio.domain.learning_rate import learning_rate_factor
from studio.domain.specs import GenerateSpec, PriorSpec
from studio.engines.generate import generate, load_pipeline
from studio.engines.muon import Muon
from studio.engines.optimizers import make_optimizer
from studio.engines.train import error_of, train
from studio.engines.training_inputs import PREVIEW_SEED, PreviewPicture
from studio.engines.watch import STEPS as PREVIEW_STEPS
from tests.engines.gradients import apart, bare, changes_of, gradients, weights_of_steps
from tests.engines.test_adapters import furthest
from tests.engines.training_kit import ignore, inputs, picture
from tests.tiny_base import make_tiny_base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For runs of their own number and one cache."""
    return tmp_path_factory.mktemp("steps")


@pytest.fixture(scope="module")
def start(tiny_base: Path, folder: Path) -> Mapping[str, Tensor]:
    """The adapter after one plain step at next to no rate."""
    return weights_of_steps(bare(), tiny_base, folder)[0]


@pytest.fixture(scope="module")
def full(tiny_base: Path, folder: Path) -> list[Tensor]:
    """Changes at a rate that stays as it is."""
    return changes_of(weights_of_steps(bare(steps=20), tiny_base, folder))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_every_change_is_as_large_as_its_rate(
    schedule: str, full: list[Tensor], tiny_base: Path, folder: Path
) -> None:
    wanted = bare(steps=20, lr_schedule=schedule, warmup_steps=2)
    found = changes_of(weights_of_steps(wanted, tiny_base, folder))
    factors = [float(one @ whole / (whole @ whole)) for one, whole in zip(found, full, strict=True)]
    assert factors[:2] == pytest.approx([1 / 3, 2 / 3], rel=1e-3), "it warms up"
    assert factors == pytest.approx([learning_rate_factor(schedule, step, (20,), 2) for step in range(20)], rel=1e-3)  # type: ignore[arg-type]


def test_gathered_batches_are_one_batch_of_them_all(tiny_base: Path, folder: Path) -> None:
    one_by_one = gradients(tiny_base, folder, steps=3, batch_size=2)
    [together] = gradients(tiny_base, folder, accumulation=3, batch_size=2)
    assert apart(together, torch.stack(one_by_one).mean(0)) < 1e-3
    assert apart(one_by_one[0], one_by_one[1]) > 0.1  # or any of them alone would pass


def test_no_gradient_is_longer_than_allowed(tiny_base: Path, folder: Path) -> None:
    free = gradients(tiny_base, folder, steps=3)
    longest = sorted(float(one.norm()) for one in free)[1]  # one is shorter, and must stay as it is
    for one, other in zip(gradients(tiny_base, folder, steps=3, max_grad_norm=longest * 0.999), free, strict=True):
        length = float(other.norm())
        assert float(one.norm()) == pytest.approx(min(longest * 0.999, length), rel=1e-3)
        assert apart(one * length, other * float(one.norm())) < 1e-3, "it keeps its direction"


ERRORS = (0.2, -1.0, 3.0)


@pytest.mark.parametrize(
    ("loss", "known"),
    [("mse", (0.04, 1.0, 9.0)), ("l1", (0.2, 1.0, 3.0)), ("huber", (0.02, 0.375, 1.375))],
)
def test_a_loss_has_its_known_values(loss: str, known: tuple[float, ...]) -> None:
    target = torch.tensor([0.5, 0.5, 0.5])
    assert error_of(bare(loss=loss), target + torch.tensor(ERRORS), target).tolist() == pytest.approx(known, rel=1e-5)


@pytest.fixture(scope="module")
def dumb_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predicts no noise, ever: its error is the noise itself, normal numbers of deviation 1."""
    base = make_tiny_base(tmp_path_factory.mktemp("bases") / "dumb")
    path = base / "unet/diffusion_pytorch_model.safetensors"
    weights = safetensors.torch.load_file(path)
    for name in ("conv_out.weight", "conv_out.bias"):
        weights[name].zero_()
    safetensors.torch.save_file(weights, path, {"format": "pt"})
    return base


@pytest.mark.parametrize(
    ("loss", "others", "expected"),
    [
        # Of normal numbers x: the mean of x², of |x|, and of Huber's x²/2 up to 0.5 and (|x| - 0.25) / 2 beyond.
        ("mse", 0.0, 1.0),
        ("l1", 0.0, 0.798),
        ("huber", 0.0, 0.290),
        ("mse", 0.5, 1.5),
        ("l1", 2.0, 3 * 0.798),
    ],
)
def test_a_training_counts_errors_by_the_loss_it_names(
    loss: str, others: float, expected: float, dumb_base: Path, folder: Path
) -> None:
    events: list[Event] = []
    wanted = bare(loss=loss, steps=4, batch_size=8, checkpoint_every=4, prior=PriorSpec(count=2, weight=others))
    number = len(list(folder.glob("run-*")))
    train(wanted, inputs(dumb_base, folder, f"run-{number}", held_out=()), events.append)
    told = [event.value for event in events if isinstance(event, Scalar) and event.name == "loss"]
    assert len(told) == 4 and np.mean(told) == pytest.approx(expected, rel=0.03)


def test_others_count_by_their_weight_and_know_nothing_of_her(tiny_base: Path, folder: Path) -> None:
    (folder / "hers").mkdir()
    hers = [picture(folder / "hers", number, (40, 40)) for number in range(4)]

    def told(weight: float, her: int) -> Tensor:
        shown = [type(one)(one.path, f"zyx {number}", one.sha256) for number, one in enumerate(hers[her : her + 2])]
        prior = PriorSpec(count=2, weight=weight)
        return gradients(tiny_base, folder, shown, batch_size=2, prior=prior)[0]

    half, full, twice, another_full, another_twice = (
        told(weight, her) for weight, her in ((0.5, 0), (1.0, 0), (2.0, 0), (1.0, 2), (2.0, 2))
    )
    of_others = twice - full
    assert float(of_others.norm()) > 0.05 * float(full.norm())
    assert apart(2 * (full - half), of_others) < 1e-3, "twice the weight, twice the part of the gradient"
    assert apart(another_twice - another_full, of_others) < 1e-3, "it is of pictures of others alone"
    assert apart(another_full - of_others, full - of_others) > 0.05, "and hers is the rest"


NAMED = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "sgd": torch.optim.SGD, "muon": Muon}
DECAY = 0.1
LEAP = 1e-3


@pytest.mark.parametrize("name", NAMED)
def test_a_rule_is_the_one_that_is_named(
    name: str, start: Mapping[str, Tensor], tiny_base: Path, folder: Path
) -> None:
    wanted = bare(optimizer=name, learning_rate=LEAP, weight_decay=DECAY)
    made = make_optimizer(wanted, [torch.nn.Parameter(torch.ones(4, 4))])
    assert type(made) is NAMED[name]
    assert [(group["lr"], group["weight_decay"]) for group in made.param_groups] == [(LEAP, DECAY)]
    # Its first step from lora_B = 0, where only lora_B has a gradient and only weight decay moves lora_A.
    [found] = weights_of_steps(wanted, tiny_base, folder)
    downs = {layer: (start[layer], found[layer]) for layer in found if "lora_A" in layer}
    ups = [found[layer].flatten(1) for layer in found if "lora_B" in layer]
    if name == "adam":  # decay is part of the gradient, and a gradient of any size gives a leap of the full rate
        assert all(torch.allclose(before - after, LEAP * before.sign(), atol=LEAP / 20) for before, after in downs.values())
    else:
        share = LEAP * DECAY * (1.9 if name == "sgd" else 1.0)
        assert all(torch.allclose(after, before * (1 - share), rtol=2e-6, atol=0) for before, after in downs.values())
    if name in ("adam", "adamw"):
        assert all(float((up.abs() - LEAP).abs().median()) < LEAP / 100 for up in ups)
    elif name == "sgd":  # the gradient itself, 1.9 times with its momentum
        slow = {layer: weight for layer, weight in start.items() if "lora_B" in layer}
        assert all(torch.allclose(found[layer], weight * 1e3, rtol=1e-3, atol=1e-9) for layer, weight in slow.items())
    else:  # Muon's leaps are of one length in the directions of the gradient, whatever its size
        for up in ups:
            lengths = torch.linalg.svdvals(up) / (0.2 * max(up.shape) ** 0.5 * LEAP)
            assert 0.6 < float(lengths[0]) < 1.3 and float(lengths[1]) > 0.5


def test_what_is_saved_and_shown_is_the_average(
    start: Mapping[str, Tensor], tiny_base: Path, folder: Path
) -> None:
    moving = {"steps": 5, "optimizer": "adamw", "learning_rate": 0.03}
    own = weights_of_steps(bare(**moving), tiny_base, folder)
    decay = 0.2
    average: Mapping[str, Tensor] = {
        name: torch.zeros_like(weight) if "lora_B" in name else weight for name, weight in start.items()
    }
    for step, weights in enumerate(own):
        kept = min(decay, (1 + step) / (10 + step))
        average = {name: kept * average[name] + (1 - kept) * weight for name, weight in weights.items()}
    seen: list[PreviewPicture] = []
    run = folder / "averaged"
    given = inputs(tiny_base, folder, run.name, held_out=(), preview_prompts=("zyx",), on_preview=seen.append)
    result = train(bare(ema=decay, **moving), given, ignore)
    saved = safetensors.torch.load_file(run / result.checkpoint)
    assert all(torch.allclose(saved[name], weight, rtol=1e-5, atol=1e-7) for name, weight in average.items())
    assert any(not torch.allclose(saved[name], weight, atol=1e-3) for name, weight in own[-1].items())

    pipeline = load_pipeline(tiny_base)
    asked = GenerateSpec(base=str(tiny_base), prompt="zyx", width=32, height=32, count=1, seed=PREVIEW_SEED,
                         num_inference_steps=PREVIEW_STEPS)  # fmt: skip
    shown = generate(asked, pipeline, read_adapter(run / result.checkpoint), ignore)
    assert furthest(shown, [seen[-1].pixels]) <= 2
    assert furthest(shown, generate(asked, pipeline, None, ignore)) > 5  # or the adapter did nothing
