"""Charts as inline SVG. All text goes through markupsafe, so no label can break out of the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from pipelines.pages.words import percent

WIDTH, HEIGHT = 960, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 14, 30
_TICKS = 4
_LABELS_MAX = 12
_DOTS_MAX = 40  # more points make a line without them
_NO_MARKS: Mapping[int, str] = {}
# What the page's style sheet says of charts, for a drawing that stands outside of a page.
_STYLE = Markup(
    "<style>.label{{font:12px sans-serif;fill:#5f6b80}}.grid{{stroke:#e3e8ef}}"
    "polyline.line{{fill:none;stroke-width:2.5}}.line.before{{stroke:#9aa7ba}}.line.after{{stroke:#2456c9}}"
    ".before{{fill:#9aa7ba}}.after{{fill:#2456c9}}.in{{fill:#0f8a6d}}.out{{fill:#c2571a}}</style>"
).format()

_TEXT = Markup('<text x="{}" y="{}" text-anchor="{}" class="label">{}</text>')
_LINE = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="grid"/>')
_RECT = Markup('<rect x="{:.2f}" y="{}" width="{:.2f}" height="{}" class="{}"/>')
_DOT = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3" class="dot {}"><title>{}</title></circle>')
_PATH = Markup('<polyline points="{}" class="line {}"/>')
_BAR = Markup(
    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"><title>{}</title></rect>'
)
_CHART = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
_STRIP = Markup(
    '<svg class="strip" viewBox="0 0 100 {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
)


class Series(NamedTuple):
    """Values over the labels of a chart; `kind` is the CSS class that colours it. None leaves a gap."""

    name: str
    kind: str
    values: Sequence[float | None]


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    told: Callable = percent,
    marks: Mapping[int, str] = _NO_MARKS,
) -> Markup:
    """One line a series over equally spaced labels; `marks` are words for points of the first."""
    scale = _Scale([value for one in series for value in one.values if value is not None], len(labels))
    drawn = [*_axes(scale, labels, told)]
    for one in series:
        known = [
            (scale.x(index), scale.y(v), labels[index], v)
            for index, v in enumerate(one.values)
            if v is not None
        ]
        drawn.append(_PATH.format(" ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in known), one.kind))
        dots = known if len(labels) <= _DOTS_MAX else []
        drawn += [_DOT.format(x, y, one.kind, f"{one.name}, {label}: {told(v)}") for x, y, label, v in dots]
    for index, words in marks.items():
        drawn.append(_DOT.format(scale.x(index), scale.y(series[0].values[index] or 0.0), "out", words))
    return _CHART.format(WIDTH, HEIGHT, title, Markup("").join(drawn))


def standalone(chart: Markup) -> str:
    """A chart as an SVG file of its own."""
    opening, closed, rest = chart.partition(">")
    return f'<svg xmlns="http://www.w3.org/2000/svg"{opening.removeprefix("<svg")}{closed}{_STYLE}{rest}'


def columns(title: str, labels: Sequence[str], series: Sequence[Series], told: Callable = percent) -> Markup:
    """Columns side by side for each label."""
    scale = _Scale(
        [0.0, *(value for one in series for value in one.values if value is not None)], len(labels)
    )
    drawn = [*_axes(scale, labels, told)]
    width = scale.step * 0.7 / len(series)
    for number, one in enumerate(series):
        for index, value in enumerate(one.values):
            left = scale.x(index) - scale.step * 0.35 + number * width
            top = scale.y(value or 0.0)
            hint = f"{one.name}, {labels[index]}: {told(value)}"
            drawn.append(_BAR.format(left, top, width, HEIGHT - _BOTTOM - top, one.kind, hint))
    return _CHART.format(WIDTH, HEIGHT, title, Markup("").join(drawn))


def strip(*bars: tuple[float, float, str]) -> Markup:
    """Thin bars below one another, each from a share of the width to another, in a colour: a row of a waterfall."""
    drawn = [
        _RECT.format(start * 100, index * 10 + 1, max(0.0, end - start) * 100, 8, kind)
        for index, (start, end, kind) in enumerate(bars)
    ]
    return _STRIP.format(len(bars) * 10, Markup("").join(drawn))


class _Scale:
    """Where labels and values stand on the drawing; its ticks are round numbers around the values."""

    def __init__(self, values: Sequence[float], count: int) -> None:
        low, high = min(values, default=0.0), max(values, default=1.0)
        step = _round_step((high - low) or abs(high) or 1.0)
        self.low, self.high = math.floor(low / step) * step, math.ceil(high / step) * step
        if self.low == self.high:
            self.high = self.low + step
        self.ticks = [self.low + step * n for n in range(round((self.high - self.low) / step) + 1)]
        self.step = (WIDTH - _LEFT - _RIGHT) / max(count, 1)

    def x(self, index: int) -> float:
        return _LEFT + self.step * (index + 0.5)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that a span has about _TICKS steps."""
    rough = span / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _axes(scale: _Scale, labels: Sequence[str], told: Callable) -> list[Markup]:
    drawn = []
    for tick in scale.ticks:
        y = round(scale.y(tick), 1)
        drawn += [
            _LINE.format(_LEFT, y, WIDTH - _RIGHT, y),
            _TEXT.format(_LEFT - 8, y + 4, "end", told(tick)),
        ]
    every = -(-len(labels) // _LABELS_MAX) or 1
    shown = [(index, label) for index, label in enumerate(labels) if index % every == 0]
    return drawn + [_TEXT.format(round(scale.x(i), 1), HEIGHT - 8, "middle", label) for i, label in shown]
