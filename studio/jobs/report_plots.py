"""Interval plots of a comparison as SVG that takes its colours from the page it stands in."""

import io
from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.figure import Figure

from studio.domain.statistics import Estimate

INK, BRAND, GRID = "#010101", "#020202", "#030303"
"""Stand-ins, replaced by the page's own colours so that the plot is right in light and dark."""

COLOURS = {INK: "currentColor", BRAND: "var(--brand)", GRID: "var(--line)"}
ROW_INCHES = 0.34
WIDTH_INCHES = 6.2


def interval_plot(title: str, rows: Sequence[tuple[str, Estimate]], *, chosen: str | None, zero: bool) -> str:
    """A dot and its interval per row, first row on top; `zero` draws the line of no difference.

    Rows without a number are left out; an empty text when none has one.
    """
    shown = [(name, found) for name, found in rows if found.mean is not None]
    if not shown:
        return ""
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "persona-studio", "font.family": "sans-serif"}):
        figure = Figure(figsize=(WIDTH_INCHES, 0.9 + ROW_INCHES * len(shown)), layout="constrained")
        axes = figure.add_subplot()
        for place, (name, found) in enumerate(reversed(shown)):
            colour = BRAND if name == chosen else INK
            if found.low is not None and found.high is not None:
                axes.hlines(place, found.low, found.high, colors=colour, linewidth=2.2)
            axes.scatter(found.mean or 0.0, place, color=colour, s=46, zorder=3)
        axes.set_yticks(range(len(shown)), [name for name, _ in reversed(shown)], color=INK)
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.set_title(title, loc="left", fontsize=11, color=INK)
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=0, colors=INK)
        axes.spines[:].set_visible(False)
        if zero:
            axes.axvline(0, color=INK, linewidth=1)
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = target.getvalue()
    for stand_in, colour in COLOURS.items():
        drawing = drawing.replace(stand_in, colour)
    said = "; ".join(f"{name} {found.mean:.3f}" for name, found in shown)
    return drawing[drawing.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}: {said}"', 1)
