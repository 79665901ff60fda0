"""Training learns, says what it does, stops when told, and goes on exactly where it was."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from studio.collect.adapter_file import read_adapter
from studio.domain.errors import BadInput, Cancelled, StudioError
from studio.domain.events import Event, Note, Progress, Saved, Scalar, Timed
from studio.domain.specs import PriorSpec
from studio.engines.checkpoint import newest_state
from studio.engines.train import SURE, train, typical
from studio.engines.training_inputs import PreviewPicture
from tests.engines.training_kit import final, ignore, inputs, spec
from tests.tiny_base import Kind, make_tiny_base


def curve(events: list[Event], name: str) -> dict[int, float]:
    return {event.step: event.value for event in events if isinstance(event, Scalar) and event.name == name}


@pytest.mark.parametrize("kind", ["epsilon-pndm", "v-ddim", "flow"])
def test_the_validation_loss_falls_whatever_the_base_predicts(kind: Kind, tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "base", kind)
    events: list[Event] = []
    wanted = spec(steps=40, learning_rate=1e-2, checkpoint_every=40, accumulation=1, ema=0.0)
    train(wanted, inputs(base, tmp_path), events.append)
    found = curve(events, "validation_loss")
    assert set(found) == {0, 40}
    assert found[40] < 0.97 * found[0]
    assert set(curve(events, "loss")) == set(range(1, 41))
    told = {event.step: event.note for event in events if isinstance(event, Progress) and event.note.startswith("loss")}
    assert told == {step: f"loss of this step {value:.3f}" for step, value in curve(events, "loss").items()}


def test_the_adapter_changes_nothing_at_the_start(tiny_base: Path, tmp_path: Path) -> None:
    def stop_at_once(event: Event) -> None:
        if isinstance(event, Progress):
            raise Cancelled

    with pytest.raises(Cancelled):
        train(spec(learning_rate=1e-30, weight_decay=0), inputs(tiny_base, tmp_path), stop_at_once)
    weights = safetensors.torch.load_file(tmp_path / "run/checkpoints/step-000001.safetensors")
    ups = [weight for name, weight in weights.items() if "lora_B" in name]
    assert ups and all(float(weight.abs().max()) < 1e-25 for weight in ups)
    downs = [weight for name, weight in weights.items() if "lora_A" in name]
    assert all(float(weight.std()) > 0 for weight in downs)


def test_what_is_said_on_the_way(tiny_base: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    seen: list[PreviewPicture] = []
    scored: list[np.ndarray] = []

    def score(pixels: np.ndarray) -> float:
        scored.append(pixels)
        return 0.25

    given = inputs(
        tiny_base, tmp_path, preview_prompts=("a zyx", "zyx in a b"), on_preview=seen.append, score=score
    )
    result = train(spec(steps=5, checkpoint_every=2), given, events.append)
    assert [(event.step, event.path) for event in events if isinstance(event, Saved)] == [
        (step, f"checkpoints/step-{step:06d}.safetensors") for step in (2, 4, 5)
    ]
    assert result.steps == 5 and result.checkpoint == "checkpoints/step-000005.safetensors"
    assert [(picture.step, picture.index) for picture in seen] == [
        (s, i) for s in (0, 2, 4, 5) for i in (0, 1)
    ]
    assert seen[0].pixels.shape == (32, 32, 3) and seen[0].pixels.dtype == np.uint8
    assert curve(events, "likeness") == {0: 0.25, 2: 0.25, 4: 0.25, 5: 0.25}
    assert scored[0].shape == (2, 32, 32, 3)
    assert [event.step for event in events if isinstance(event, Progress)] == [1, 2, 3, 4, 5]
    timed = [event for event in events if isinstance(event, Timed)]
    assert len(timed) == 3 and all(one.step > 0 and one.look > 0 for one in timed), "as soon as there is a checkpoint"


def test_a_step_costs_what_most_of_them_took(tiny_base: Path, tmp_path: Path) -> None:
    assert typical([9.0, 1.0, 2.0]) == 2.0 and typical([8.0, 1.0]) == 1.0
    events: list[Event] = []
    train(spec(steps=SURE + 1, checkpoint_every=100), inputs(tiny_base, tmp_path, held_out=()), events.append)
    told = [next(one.step for one in reversed(events[:at]) if isinstance(one, Progress)) for at, event in enumerate(events) if isinstance(event, Timed)]
    assert told == [SURE - 1, SURE + 1], "before step 8 was told of, long before there is a checkpoint, and at the end"


def test_looking_leaves_no_trace_in_what_is_learnt(tiny_base: Path, tmp_path: Path) -> None:
    looked = inputs(tiny_base, tmp_path, "looked", preview_prompts=("a zyx woman",))
    blind = inputs(tiny_base, tmp_path, "blind", held_out=())
    wanted = spec(targets="attention+conv+text", steps=4, checkpoint_every=2)
    first, second = (one.run_dir / train(wanted, one, ignore).checkpoint for one in (looked, blind))
    assert first.read_bytes() == second.read_bytes()


def test_with_nothing_held_out_there_is_no_validation_loss(tiny_base: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    train(spec(steps=2), inputs(tiny_base, tmp_path, held_out=()), events.append)
    assert curve(events, "loss") and not curve(events, "validation_loss")


def test_epochs_decide_the_steps(tiny_base: Path, tmp_path: Path) -> None:
    # 5 square and 2 wide pictures in batches of 2: 3 + 1 batches an epoch, two of them per step.
    assert train(spec(epochs=3), inputs(tiny_base, tmp_path), ignore).steps == 6


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"targets": "attention+conv+text", "optimizer": "muon"},
        {"optimizer": "sgd", "loss": "huber", "ema": 0.0},
        {"precision": "bf16", "optimizer": "adam", "loss": "l1", "lr_schedule": "linear"},
    ],
    ids=["everything", "text-muon", "sgd-huber", "bf16-adam-l1"],
)
def test_stopped_anywhere_and_continued_it_ends_in_the_same_bytes(
    changes: dict[str, object], tiny_base: Path, tmp_path: Path
) -> None:
    wanted = spec(**changes)
    train(wanted, inputs(tiny_base, tmp_path, "straight"), ignore)
    given = inputs(tiny_base, tmp_path, "broken")
    for place in (4, 5, 9):

        def stop(event: Event, place: int = place) -> None:
            if isinstance(event, Progress) and event.step == place:
                raise Cancelled

        with pytest.raises(Cancelled):
            train(wanted, given, stop)
        state = newest_state(given.run_dir)
        assert state is not None and state.step == place
    train(wanted, given, ignore)
    assert final(given.run_dir) == final(tmp_path / "straight")


def test_a_damaged_state_falls_back_to_the_one_before(tiny_base: Path, tmp_path: Path) -> None:
    train(spec(), inputs(tiny_base, tmp_path), ignore)
    whole = final(tmp_path / "run")
    newest = max((tmp_path / "run/state").iterdir())
    newest.write_bytes(newest.read_bytes()[:-100])
    state = newest_state(tmp_path / "run")
    assert state is not None and state.step == 9
    train(spec(), inputs(tiny_base, tmp_path), ignore)
    assert final(tmp_path / "run") == whole


def test_continuing_longer_starts_the_schedule_again(tiny_base: Path, tmp_path: Path) -> None:
    train(spec(), inputs(tiny_base, tmp_path, "first"), ignore)
    longer = inputs(tiny_base, tmp_path, "second", earlier_run=tmp_path / "first")
    events: list[Event] = []
    train(spec(steps=15), longer, events.append)
    assert min(curve(events, "loss")) == 13
    state = newest_state(tmp_path / "second")
    assert state is not None and state.ends == (12, 15)
    before = safetensors.torch.load(final(tmp_path / "first"))
    after = safetensors.torch.load(final(tmp_path / "second", 15))
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_a_continuation_must_keep_the_settings(tiny_base: Path, tmp_path: Path) -> None:
    train(spec(steps=3), inputs(tiny_base, tmp_path, "first"), ignore)
    longer = inputs(tiny_base, tmp_path, "second", earlier_run=tmp_path / "first")
    with pytest.raises(BadInput, match="rank = 4"):
        train(spec(rank=8), longer, ignore)
    with pytest.raises(BadInput, match="already at step 3"):
        train(spec(steps=2), longer, ignore)
    with pytest.raises(BadInput, match="no state"):
        train(spec(), inputs(tiny_base, tmp_path, "third", earlier_run=tmp_path / "nowhere"), ignore)


def test_changed_pictures_are_mentioned(tiny_base: Path, tmp_path: Path) -> None:
    given = inputs(tiny_base, tmp_path, "first")
    train(spec(steps=3), given, ignore)
    fewer = inputs(tiny_base, tmp_path, "second", earlier_run=tmp_path / "first", examples=given.examples[1:])
    events: list[Event] = []
    train(spec(steps=6), fewer, events.append)
    assert any(isinstance(event, Note) and "pictures" in event.text for event in events)


def test_a_loss_that_is_no_number_stops_the_run(tiny_base: Path, tmp_path: Path) -> None:
    wanted = spec(learning_rate=0.1, optimizer="sgd", max_grad_norm=100, lr_schedule="constant", steps=2000)
    poisoned = make_tiny_base(tmp_path / "poisoned")
    path = poisoned / "unet/diffusion_pytorch_model.safetensors"
    weights = safetensors.torch.load_file(path)
    weights["conv_out.bias"] *= float("nan")
    safetensors.torch.save_file(weights, path, {"format": "pt"})
    with pytest.raises(StudioError, match="step 1: the loss is no longer a number") as caught:
        train(wanted.model_copy(update={"prior": PriorSpec(count=0)}), inputs(poisoned, tmp_path), ignore)
    assert "lower learning rate" in caught.value.hint


def test_no_pictures_and_broken_pictures_are_sentences(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no pictures"):
        train(spec(), inputs(tiny_base, tmp_path, examples=()), ignore)
    given = inputs(tiny_base, tmp_path)
    given.examples[2].path.write_bytes(b"not a picture")
    with pytest.raises(BadInput, match=r"2\.png cannot be read"):
        train(spec(), given, ignore)


def test_the_cache_is_used_and_may_be_deleted(tiny_base: Path, tmp_path: Path) -> None:
    train(spec(steps=1), inputs(tiny_base, tmp_path, "first"), ignore)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.safetensors")}
    kinds = {path.relative_to(tmp_path / "cache").parts[0] for path in files}
    assert kinds == {"latents", "text", "prior"}
    train(spec(steps=1), inputs(tiny_base, tmp_path, "second"), ignore)
    assert files == {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.safetensors")}
    for path in files:
        path.write_bytes(b"damaged")
    train(spec(steps=1), inputs(tiny_base, tmp_path, "third"), ignore)
    assert final(tmp_path / "first", 1) == final(tmp_path / "third", 1)


def test_the_file_says_what_it_is(tiny_base: Path, tmp_path: Path) -> None:
    train(spec(steps=1, targets="attention+conv+text", lora_alpha=8), inputs(tiny_base, tmp_path), ignore)
    header = read_adapter(tmp_path / "run/checkpoints/step-000001.safetensors")
    assert {layer.partition(".")[0] for layer in header.layers} == {"unet", "text_encoder"}
    assert set(header.ranks.values()) == {4} and header.alphas == {"unet": 8.0, "text_encoder": 8.0}
    assert header.own["trigger"] == "zyx" and header.own["step"] == 1
    assert header.own["base_sha256"] and header.metadata["modelspec.trigger_phrase"] == "zyx"
    assert str(tmp_path) not in str(header.metadata)


def test_her_description_is_learned_beside_her_trigger(tiny_base: Path, tmp_path: Path) -> None:
    few: dict[str, Any] = {"steps": 2, "checkpoint_every": 2, "prior": PriorSpec(count=0)}
    given = inputs(tiny_base, tmp_path)
    train(spec(description="A tall woman.", **few), given, ignore)
    in_words = tuple(replace(one, caption=one.caption.replace("zyx woman", "zyx tall woman")) for one in given.examples)
    train(spec(**few), replace(given, examples=in_words, run_dir=tmp_path / "words"), ignore)
    train(spec(**few), replace(given, run_dir=tmp_path / "plain"), ignore)
    said, words, plain = (
        safetensors.torch.load_file(tmp_path / run / "checkpoints" / "step-000002.safetensors") for run in ("run", "words", "plain")
    )
    assert all(torch.equal(value, words[name]) for name, value in said.items())
    assert any(not torch.equal(value, plain[name]) for name, value in said.items())
