"""Plots show what they are given, also when that is nothing, one point, or not a number."""

import math

from studio.ui import plots
from studio.ui.plots import Interval, curve, intervals, smoothed, thinned, ticks


def test_ticks_are_round_and_inside():
    assert ticks(0, 1) == [0, 0.25, 0.5, 0.75, 1.0]
    assert all(-0.3 <= tick <= 0.71 for tick in ticks(-0.3, 0.71))
    assert ticks(2, 2) == [2]


def test_a_long_curve_is_thinned_and_keeps_its_mean_and_end():
    points = [(step, float(step % 2)) for step in range(4000)]
    few = thinned(points)
    assert len(few) <= plots.MOST_POINTS and few[-1][0] == 3999
    assert math.isclose(sum(y for _, y in few) / len(few), 0.5, abs_tol=0.01)


def test_smoothing_starts_at_the_first_value():
    assert smoothed([(0, 4.0), (1, 4.0)]) == [(0, 4.0), (1, 4.0)]


def test_no_numbers_is_said_in_words():
    assert "No numbers yet" in curve("Loss", {})
    assert "No numbers yet" in curve("Loss", {"loss": [(1, math.nan)]})
    assert "Not measured" in intervals("Likeness", [])


def test_one_point_can_be_drawn():
    assert "<circle" in curve("Loss", {"loss": [(0, 1.0)]})


def test_intervals_show_the_chosen_row_and_zero():
    drawn = intervals(
        "Gain", [Interval("step 50", 0.2, 0.1, 0.3, chosen=True), Interval("<b>", 0.0, -0.1, 0.1)], zero=True
    )
    assert drawn.count("<circle") == 2 and 'class="axis"' in drawn and "&lt;b&gt;" in drawn
