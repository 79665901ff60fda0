"""The demo, shortened: every stage by the same actions, queue, supervisor and engines as on the page, twice."""

import io
import json
import math
import os
import re
import signal
import subprocess
import sys

import psutil
import pytest

from studio import demo
from studio.actions import personas as actions
from studio.domain.records import JobStatus
from studio.storage import personas, queue
from studio.storage.opened import open_studio
from tests.jobs.conftest import until

pytestmark = pytest.mark.slow
WORKING = {JobStatus.QUEUED, JobStatus.RUNNING}


def end_processes(root):
    """The supervisor and the warm loop outlive the demo on purpose; not this test."""
    for process in psutil.process_iter(["cmdline"]):
        if str(root) in (process.info["cmdline"] or []):
            process.kill()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "work space"
    yield folder
    end_processes(folder.resolve())


@pytest.fixture(scope="module")
def first(root):
    out = io.StringIO()
    assert demo.run_demo(root, seed=3, short=True, out=out) == 0, out.getvalue()
    return out.getvalue(), json.loads((root / "report.json").read_text("utf-8"))


def test_goes_through_every_stage(first, root):
    text, _ = first
    for stage in ("Import", "Train", "Compare", "Report"):
        assert re.search(rf"^{stage} .*\(\d", text, re.MULTILINE), text
    studio = open_studio(root)
    done = {job.kind: job.status for job in queue.jobs(studio.db)}
    assert done == dict.fromkeys(("import", "train", "compare", "export"), JobStatus.DONE)
    studio.db.dispose()


def test_ends_with_a_table(first):
    text, told = first
    for name in ("likeness of the base", "more than the base", "control: strength 0", "control: other people", "recommended", "seconds"):
        assert name in text
    assert "report.html" in text
    assert told["verdict"] in text


def test_the_report_has_what_it_must_have(first):
    _, told = first
    estimates = [told["likeness"][name] for name in ("base", "described", "persona")]
    estimates += [told["likeness"]["difference"][name] for name in ("base", "described")]
    for estimate in estimates:
        assert set(estimate) == {"mean", "low", "high", "n"}
        assert estimate["low"] <= estimate["mean"] <= estimate["high"]
        assert estimate["n"] == 3
    assert told["controls"]["strength_zero"] == {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 3}
    assert told["controls"]["other_identity"]["n"] > 30
    assert 0 <= told["copies"]["rate"] <= 1 and told["copies"]["held_out_rate"] is not None
    assert all(0 <= told["prompt_match"][name] <= 1 for name in ("base", "persona"))
    assert set(told["recommended"]) == {"checkpoint", "strength", "why"}
    assert {"import", "train", "compare"} <= set(told["seconds"])
    assert {"skiing", "swimming", "city"} == set(told["unseen_places"])


def numbers(**changes):
    """What a demo that went well writes, with some of it changed: `a__b=value` stands for told["a"]["b"]."""
    sure = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 12}
    told = {
        "likeness": {"difference": {"base": dict(sure), "described": dict(sure)}},
        "controls": {"strength_zero": {"mean": 0.0}, "other_identity": {"mean": -0.01, "low": -0.02, "high": 0.0, "n": 48}},
        "copies": {"rate": 0.0, "held_out_rate": 0.0},
        "prompt_match": {"base": 0.97, "persona": 0.93},
    }
    for path, value in changes.items():
        *folders, name = path.split("__")
        place = told
        for folder in folders:
            place = place[folder]
        place[name] = value
    return told


def test_numbers_that_show_it_all_are_enough():
    assert demo.not_shown(numbers()) == []


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        ("likeness__difference__base__low", -0.01, "base's"),
        ("likeness__difference__base__low", None, "base's"),
        ("likeness__difference__described__low", 0.0, "description"),
        ("controls__strength_zero__mean", 1e-9, "strength 0"),
        ("controls__strength_zero__mean", None, "strength 0"),
        ("controls__other_identity__low", 0.001, "other people"),
        ("controls__other_identity__mean", None, "other people"),
        ("copies__rate", 0.1, "copies"),
        ("copies__held_out_rate", None, "copies"),
        ("prompt_match__persona", 0.91, "followed"),
        ("prompt_match__base", None, "followed"),
    ],
)
def test_a_number_that_does_not_show_it_is_named(path, value, word):
    (sentence,) = demo.not_shown(numbers(**{path: value}))
    assert word in sentence


def test_the_page_holds_its_pictures(first, root):
    page = (root / "report.html").read_text("utf-8")
    assert page.count("data:image/webp;base64,") > 15
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)


def test_the_persona_uses_what_was_recommended(first, root):
    _, told = first
    studio = open_studio(root)
    (persona,) = personas.personas(studio.workspace)
    studio.db.dispose()
    assert (persona.choice and persona.choice.checkpoint) == told["recommended"]["checkpoint"]


def test_the_same_seed_gives_the_same_scores(first, root, tmp_path):
    try:
        assert demo.run_demo(tmp_path / "again", seed=3, short=True, out=io.StringIO()) == 0
    finally:
        end_processes((tmp_path / "again").resolve())
    again = json.loads((tmp_path / "again" / "report.json").read_text("utf-8"))
    _, told = first
    same = ("likeness", "controls", "copies", "prompt_match", "arms")
    assert {name: told[name] for name in same} == {name: again[name] for name in same}
    assert math.isfinite(told["likeness"]["persona"]["mean"])


def test_a_failed_stage_is_a_sentence_and_a_code(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert demo.run_demo(blocked, short=True, out=io.StringIO()) == 1
    assert "workspace must be a folder" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without telling it.")
def test_a_closed_terminal_leaves_nothing_working(tmp_path):
    """Beside another job on the same cores, one that nobody sees stands in everybody's way."""
    root = (tmp_path / "work").resolve()
    terminal = subprocess.Popen(
        [sys.executable, "-m", "studio", "demo", "--short", "--workspace", str(root)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # these tests may run under nohup
    )  # fmt: skip
    try:
        studio = open_studio(root)
        training = {"statuses": {JobStatus.RUNNING}, "kinds": {"train"}}
        until(lambda: queue.jobs(studio.db, **training) or terminal.poll() is not None, 240)
        for _ in range(2):  # one from the shell, one from the system
            terminal.send_signal(signal.SIGHUP)
        _, said = terminal.communicate(timeout=60)
        assert terminal.returncode == 130, said
        until(lambda: not queue.jobs(studio.db, statuses=WORKING))
        last = queue.jobs(studio.db)[0]
        assert (last.kind, last.status) == ("train", JobStatus.CANCELLED), last.message
        studio.db.dispose()
    finally:
        terminal.kill()
        end_processes(root)


def test_a_stage_whose_reader_is_gone_leaves_nothing_working(tmp_path):
    """As in `studio demo | head -1`."""

    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError(text)

    studio = open_studio(tmp_path / "work")
    try:
        _, importing = actions.load_example(studio)
        with pytest.raises(BrokenPipeError):
            demo.Stage(studio, Gone()).follow("Import", importing, "there")
        until(lambda: not queue.jobs(studio.db, statuses=WORKING))
        (job,) = queue.jobs(studio.db)
        assert job.status is JobStatus.CANCELLED, job.message
    finally:
        studio.db.dispose()
        end_processes((tmp_path / "work").resolve())
