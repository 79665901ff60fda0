"""Progress in the terminal: one line that updates itself, or few plain ones."""

import io
import os
import re
import signal

import pytest

from studio.domain.events import Note, Phase, Progress, Scalar
from studio.terminal import ProgressLine, clock, ending_like_ctrl_c, remaining


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def now(monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr("studio.terminal.time.monotonic", lambda: seconds[0])
    return seconds


def test_a_terminal_sees_one_line_that_updates_itself(now):
    screen = Screen()
    line = ProgressLine("Train", screen)
    line(Phase(title="Training"))
    for step in range(1, 1001):
        now[0] = step * 0.01
        line(Progress(step=step, total=1000, note="loss 0.5"))
    line.close("Zia was trained")
    text = screen.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("Train     Zia was trained (10 s)\n")
    assert 90 <= text.count("\r\x1b[2KTrain     ") <= 110
    assert re.search(r"4\d\d/1000, about [56] s left  loss 0.5", text)


def test_a_log_sees_few_plain_lines():
    log = io.StringIO()
    line = ProgressLine("Train", log)
    for picture in range(1, 19):
        line(Phase(title=f"Reading picture {picture} of 18"))
    line(Phase(title="Training"))
    for step in range(1, 1001):
        line(Progress(step=step, total=1000))
        line(Scalar(name="loss", step=step, value=0.5))
    line(Note(text="Likeness is not measured."))
    line.close("done")
    assert log.getvalue().splitlines() == [
        "Train     Reading picture 1 of 18",
        "Train     Training",
        "  Likeness is not measured.",
        "Train     done (0 s)",
    ]


def test_a_log_hears_from_a_long_phase_now_and_then(now):
    log = io.StringIO()
    line = ProgressLine("Train", log)
    line(Phase(title="Training"))
    for step in range(1, 61):
        now[0] = float(step)
        line(Progress(step=step, total=120))
    lines = log.getvalue().splitlines()
    assert 5 <= len(lines) <= 8
    assert lines[-1] == "Train     ████████████░░░░░░░░░░░░ 60/120, about 1:00 min left  Training"


def test_an_unknown_total_has_no_bar():
    screen = Screen()
    line = ProgressLine("Import", screen)
    line(Progress(step=7, total=0))
    assert "░" not in screen.getvalue() and "7" in screen.getvalue()


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1:00 min"), (754, "12:34 min")])
def test_clock(seconds, words):
    assert clock(seconds) == words


def test_remaining_needs_a_pace():
    assert remaining(0, 10, 5.0) is None
    assert remaining(5, 10, 0.1) is None
    assert remaining(5, 10, 5.0) == 10.0


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without telling it.")
def test_an_end_from_outside_is_an_interrupt():
    heeded = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may run under nohup
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)
    try:
        for ending in (signal.SIGTERM, signal.SIGHUP):
            with ending_like_ctrl_c():
                with pytest.raises(KeyboardInterrupt):
                    signal.raise_signal(ending)
                signal.raise_signal(ending)  # again, while what was begun is being stopped
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == before
    finally:
        signal.signal(signal.SIGHUP, heeded)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal.")
def test_what_was_started_with_nohup_outlives_its_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_like_ctrl_c():
            signal.raise_signal(signal.SIGHUP)
    except KeyboardInterrupt:
        pytest.fail("The hang-up was heeded.")
    finally:
        signal.signal(signal.SIGHUP, before)
