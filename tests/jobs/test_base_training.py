"""`base train` on a folder that is not of the world: it learns, stops, survives a kill bit by bit, and says no."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from studio.catalog import find_base
from studio.domain.errors import BadInput, Refused
from studio.domain.pretraining import WHY_NOT_CROSS_ENTROPY
from studio.jobs.base_terminal import interrupts
from studio.jobs.base_training import checked_spec, of_heads, presets_told
from studio.jobs.base_verbs import base
from studio.jobs.caption_check import check_wordings
from studio.provenance.verify import verify
from studio.world.captions import caption
from studio.world.identity import sample_identity
from studio.world.phrasing import wordings
from studio.world.sampling import sample_picture
from studio.world.scene import sample_scene
from tests.patterns import draw_patterns

ROOT = Path(__file__).parents[2]
TINY = ["--size", "tiny", "--resolution", "32", "--batch-size", "16", "--samples", "2", "--threads", "1"]
BARE = ("gradio", "sqlalchemy", "alembic", "fastapi", "starlette", "uvicorn", "c2pa", "psutil")
"""What a bare machine with a graphics card does not have."""


@pytest.fixture(autouse=True)
def _own_threads() -> Iterator[None]:
    """The command computes with one thread here, and whatever comes after it as before."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_patterns(tmp_path_factory.mktemp("patterns"))


def points(out: Path, stage: str, name: str) -> list[tuple[int, float]]:
    """A curve from the log; of steps that were done twice the last."""
    lines = [json.loads(line) for line in (out / "curves.jsonl").read_text("utf-8").splitlines()]
    found = {line["step"]: line["value"] for line in lines if line["name"] == name and line.get("stage") == stage}
    return sorted(found.items())


def command(patterns: Path, out: Path, *more: str) -> list[str]:
    return ["train", "all", str(patterns), "--out", str(out), *TINY, *more]


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_it_learns_stops_survives_a_kill_and_ends_as_if_nothing_had_happened(patterns: Path, tmp_path: Path) -> None:
    rest = [
        "--steps", "24", "--checkpoint-every", "8", "--learning-rate", "3e-3", "--warmup-steps", "2", "--ema", "0.8"
    ]  # fmt: skip
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    assert base(command(patterns, whole, *rest)) == 0
    for number, after in ((signal.SIGKILL, ("autoencoder", 9)), (signal.SIGINT, ("denoiser", 11))):
        child = subprocess.Popen([sys.executable, "-m", "studio", "base", *command(patterns, torn, *rest)], cwd=ROOT)
        deadline = time.monotonic() + 1200
        while child.poll() is None and time.monotonic() < deadline:
            if (torn / "curves.jsonl").is_file() and dict(points(torn, after[0], "loss")).get(after[1]):
                child.send_signal(number)
                break
            time.sleep(0.02)
        assert child.wait(120) == (-signal.SIGKILL if number is signal.SIGKILL else 130)
    assert not (torn / "base").exists()
    assert base(command(patterns, torn, *rest)) == 0
    for stage in ("autoencoder", "text", "denoiser"):
        name = f"{stage}-state.safetensors"
        assert (whole / name).read_bytes() == (torn / name).read_bytes(), stage
    for stage, name, better in (
        ("autoencoder", "psnr", 1), ("text", "next_token", -1), ("denoiser", "held_out_loss", -1)
    ):  # fmt: skip
        [first, *_, last] = [value for _, value in points(whole, stage, name)]
        assert better * (last - first) > 0, f"{name} went from {first} to {last}"
    assert (whole / "base" / "model_index.json").is_file()
    assert {"red", "dots", "white"} <= (find_base(str(whole / "base")).words or frozenset())
    assert verify(whole / "samples" / "denoiser-000024.png").ai_mark
    with Image.open(whole / "samples" / "denoiser-000024.png") as grid:
        assert grid.size == (2 * 32 + 2, 32)


def test_everything_it_needs_is_there_without_page_and_database(patterns: Path, tmp_path: Path) -> None:
    """Trains one step in a process where the libraries of page and database cannot be imported."""
    script = (
        f"import sys\nfor name in {BARE!r}: sys.modules[name] = None\n"
        "import studio.engines.pretrain_evaluation, studio.engines.pretrain_export\n"
        "from studio.jobs.base_verbs import base\n"
        f"sys.exit(base({['train', 'text', str(patterns), '--out', str(tmp_path), *TINY, '--steps', '1']!r}))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert run.returncode == 0, run.stderr[-2000:]
    assert (tmp_path / "text" / "config.json").is_file()


def test_captions_go_through_the_policy(tmp_path: Path) -> None:
    folder = draw_patterns(tmp_path / "pictures", 3)
    (folder / "01.txt").write_text("a nude woman", "utf-8")
    with pytest.raises(Refused, match="caption of .*a nude woman"):
        base(["train", "text", str(folder), "--out", str(tmp_path / "run"), *TINY, "--steps", "1"])


def test_captions_that_begin_alike_are_each_read() -> None:
    start = "a woman with long wavy hair and green eyes at the beach in a red beanie, "
    with pytest.raises(Refused, match="wording 1,.*nude"):
        check_wordings([(start + "nude", start + "smiling")], lambda event: None)
    check_wordings([(start + "smiling", start + "laughing")], lambda event: None)


def test_captions_to_measure_on_are_read_too(tmp_path: Path) -> None:
    folder, held_out = draw_patterns(tmp_path / "pictures", 3), draw_patterns(tmp_path / "held out", 3)
    (held_out / "01.txt").write_text("a nude woman", "utf-8")
    more = ["--held-out-data", str(held_out), "--steps", "1"]
    with pytest.raises(Refused, match="a nude woman"):
        base(["train", "text", str(folder), "--out", str(tmp_path / "run"), *TINY, *more])


def test_a_folder_that_looks_rendered_is_read_like_any_other(tmp_path: Path) -> None:
    folder = draw_patterns(tmp_path / "pictures", 3)
    for caption_file in folder.glob("*.txt"):
        caption_file.unlink()
    lines = [
        {"file_name": f"{number:02d}.png", "text": "a nude woman", "scene": 1, "attributes": {}} for number in range(3)
    ]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with pytest.raises(Refused, match="nude woman"):
        base(["train", "text", str(folder), "--out", str(tmp_path / "run"), *TINY, "--steps", "1"])


def test_the_renderers_own_words_pass_the_policy() -> None:
    scenes = [(sample_identity(7000 + seed), sample_picture(9000 + seed), seed) for seed in range(200)]
    first = [(caption(sample_identity(7000 + seed), sample_scene(9000 + seed), seed),) for seed in range(60)]
    check_wordings([*first, *(wordings(*one) for one in scenes)], lambda event: None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"resolution": 100}, "--resolution 100 cannot be used: Input should be a multiple of 32"),
        ({"loss": "cross_entropy"}, WHY_NOT_CROSS_ENTROPY),
        ({"batch_size": 0}, "--batch-size 0 cannot be used"),
        ({"learning_rate": "fast"}, "--learning-rate fast cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_value(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_spec({"stage": "denoiser", **given})
    assert said in caught.value.message and caught.value.hint


@pytest.mark.parametrize(
    ("stage", "share", "said"),
    [("denoiser", 0.3, "--share is nothing to the stage denoiser"), ("heads", 1.5, "--share 1.5 cannot be used"), ("heads", -0.1, "--share -0.1")],
)
def test_a_share_belongs_to_heads_and_is_a_share(stage: str, share: float, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        of_heads(argparse.Namespace(stage=stage, share=share, everybody=None))
    assert of_heads(argparse.Namespace(stage="heads", share=0.3, everybody=None)) == {"share": 0.3, "everybody": None}


def test_the_help_explains_the_founding_documents_values(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        base(["train", "--help"])
    shown = capsys.readouterr().out
    assert presets_told() in shown and WHY_NOT_CROSS_ENTROPY in presets_told()
    for value in ("optimizer adam", "learning-rate 0.001", "batch-size 64", "epochs 10", "pixel-loss cross_entropy"):
        assert value in presets_told()


def test_a_second_interrupt_ends_at_once(request: pytest.FixtureRequest) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with interrupts() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
