"""Small plots as SVG in the page's own colours: curves of a training, and scores with their intervals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.ui.markup import Html, tag

WIDTH, HEIGHT = 360, 210
WIDE = 540
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 10, 36
MOST_POINTS = 400
ROW = 34

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of an interval plot."""

    name: str
    mean: float
    low: float
    high: float
    note: str = ""
    chosen: bool = False


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """About `wanted` round numbers from `low` to `high`."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    rough = span / wanted
    power = 10 ** math.floor(math.log10(rough))
    size = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    first = math.ceil(low / size - 1e-9)
    last = math.floor(high / size + 1e-9)
    return [round(number * size, 10) for number in range(first, last + 1)]


def number(value: float) -> str:
    """Short, without a trailing zero."""
    return f"{value:.3g}" if abs(value) < 1e4 else f"{value:,.0f}"


def thinned(points: Points) -> list[tuple[float, float]]:
    """At most `MOST_POINTS`: neighbours are averaged, so that a noisy curve keeps its course."""
    finite = [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]
    size = math.ceil(len(finite) / MOST_POINTS)
    if size <= 1:
        return finite
    groups = [finite[start : start + size] for start in range(0, len(finite), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def smoothed(points: Points, weight: float = 0.9) -> list[tuple[float, float]]:
    """Exponential average with the bias of the first points taken out."""
    total, share, out = 0.0, 0.0, []
    for x, y in points:
        total = weight * total + (1 - weight) * y
        share = weight * share + (1 - weight)
        out.append((x, total / share))
    return out


AVERAGED = "An average of the latest steps, so it is not the loss of a single step."
"""What is said of a loss that went through `smoothed`, since the progress above tells the single step's."""


def curve(title: str, series: Mapping[str, Points], *, unit: str = "step", about: str = "") -> Html:
    """Lines over steps; the first is petrol, the second sienna."""
    lines = {name: thinned(points) for name, points in series.items()}
    everything = [point for points in lines.values() for point in points]
    if not everything:
        return tag("figure", tag("figcaption", title), tag("p", "No numbers yet.", class_="soft small"))
    xs, ys = [x for x, _ in everything], [y for _, y in everything]
    x_low, x_high = min(0.0, *xs), max(1.0, *xs)
    pad = 0.06 * (max(ys) - min(ys) or abs(max(ys)) or 1.0)
    y_low, y_high = min(ys) - pad, max(ys) + pad

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * (x - x_low) / (x_high - x_low)
        return across, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - y_low) / (y_high - y_low)

    parts = []
    for value in ticks(y_low, y_high):
        _, y = place(x_low, value)
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"))
        parts.append(tag("text", number(value), x=LEFT - 6, y=f"{y + 4:.1f}", text_anchor="end"))
    for value in ticks(x_low, x_high, 4):
        x, _ = place(value, y_low)
        parts.append(tag("text", number(value), x=f"{x:.1f}", y=HEIGHT - BOTTOM + 16, text_anchor="middle"))
    parts.append(tag("text", unit, x=WIDTH - RIGHT, y=HEIGHT - 3, text_anchor="end"))
    for index, points in enumerate(lines.values()):
        placed = [place(x, y) for x, y in points]
        path = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(
            tag("path", d=path, fill="none", stroke_width=2, stroke_linejoin="round", class_=f"c{index % 2}")
        )
        if placed:
            parts.append(
                tag(
                    "circle",
                    cx=f"{placed[-1][0]:.1f}",
                    cy=f"{placed[-1][1]:.1f}",
                    r=3.5,
                    class_=f"f{index % 2}",
                )
            )
    said = ", ".join(f"{name} {number(points[-1][1])}" for name, points in lines.items() if points)
    drawing = _svg(parts, WIDTH, HEIGHT, f"{title}: {said}")
    return tag("figure", tag("figcaption", title, " ", tag("span", said, class_="soft small num")), drawing,
               tag("p", about, class_="soft small") if about else None)  # fmt: skip


def intervals(title: str, rows: Sequence[Interval], *, zero: bool = False, about: str = "") -> Html:
    """A dot with its interval per row; `zero` draws the line of “no difference”."""
    if not rows:
        return tag("figure", tag("figcaption", title), tag("p", "Not measured.", class_="soft small"))
    left, height = 176, ROW * len(rows) + BOTTOM + 6
    values = [value for row in rows for value in (row.low, row.high)] + ([0.0] if zero else [])
    pad = 0.08 * (max(values) - min(values) or 1.0)
    low, high = min(values) - pad, max(values) + pad

    def across(value: float) -> float:
        return left + (WIDE - left - RIGHT) * (value - low) / (high - low)

    parts = []
    for value in ticks(low, high):
        x = f"{across(value):.1f}"
        parts.append(
            tag(
                "line", x1=x, x2=x, y1=4, y2=height - BOTTOM, class_="axis" if zero and value == 0 else "grid"
            )
        )
        parts.append(tag("text", number(value), x=x, y=height - BOTTOM + 16, text_anchor="middle"))
    for index, row in enumerate(rows):
        y = 4 + ROW * index + ROW / 2
        tone = 1 if row.chosen else 0
        name = row.name if len(row.name) <= 25 else row.name[:24] + "…"
        told = f"{row.name}: {row.mean:.3f}, from {row.low:.3f} to {row.high:.3f} {row.note}"
        parts.append(tag("text", name, x=0, y=f"{y + 4:.1f}", font_weight="650" if row.chosen else "400"))
        line = tag("line", x1=f"{across(row.low):.1f}", x2=f"{across(row.high):.1f}", y1=f"{y:.1f}", y2=f"{y:.1f}",
                   stroke_width=3, stroke_linecap="round", class_=f"c{tone}")  # fmt: skip
        dot = tag("circle", cx=f"{across(row.mean):.1f}", cy=f"{y:.1f}", r=5.5, class_=f"f{tone}")
        parts.append(tag("g", tag("title", told), line, dot))
    return tag("figure", tag("figcaption", title), _svg(parts, WIDE, height, title),
               tag("p", about, class_="soft small") if about else None)  # fmt: skip


def _svg(parts: Sequence[Html], width: float, height: float, label: str) -> Html:
    return tag("svg", parts, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=label, class_="plot")
