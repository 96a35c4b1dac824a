"""Small charts as SVG text: they stand in a page or a PDF without a script, a font or a network.

Numbers are drawn, not reckoned with, so floats will do here.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 14, 26
INK, FAINT, GRID = "#1d2733", "#5b6775", "#e3e8ee"
COLOURS = ("#0b6e99", "#e07a1f", "#6a994e", "#8e5ea2")
LABEL_WIDTH = 52


def short_rupees(amount: float) -> str:
    """1,50,000 as 1.5L and 45,000 as 45k: what fits at an axis."""
    for size, unit in ((1e7, "Cr"), (1e5, "L"), (1e3, "k")):
        if abs(amount) >= size:
            return f"{amount / size:.3g}{unit}"
    return f"{amount:.3g}"


def line_chart(points: Sequence[tuple[date, float]], marks: Iterable[tuple[date, str]] = ()) -> str:
    """A value by day, with marked days (a dot on the line and its words as a tooltip)."""
    if not points:
        return _nothing()
    first, last = points[0][0], points[-1][0]
    ticks = _ticks([value for _, value in points])
    by_day = dict(points)

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / max(1, (last - first).days)

    def y(value: float) -> float:
        return _height_of(value, ticks)

    path = " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in points)
    dots = [
        f'<circle cx="{x(day):.1f}" cy="{y(by_day[day]):.1f}" r="4.5" fill="{COLOURS[1]}">'
        f"<title>{escape(words)}</title></circle>"
        for day, words in marks
        if day in by_day
    ]
    months = sorted({day.replace(day=1) for day, _ in points})
    labels = [(x(max(day, first)), f"{day:%b %Y}") for day in months]
    return _svg(
        _axis(ticks),
        *[_label(at, words, anchor="start") for at, words in _thinned(labels)],
        f'<polyline points="{path}" fill="none" stroke="{COLOURS[0]}" stroke-width="1.6"/>',
        *dots,
    )


def bar_chart(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """Bars side by side for each label, one colour a series, with a legend."""
    if not labels:
        return _nothing()
    ticks = _ticks([value for line in series.values() for value in line])
    step = (WIDTH - LEFT - RIGHT) / len(labels)
    width = min(34.0, step * 0.8 / len(series))
    bars = [
        _bar(LEFT + step * (index + 0.5) + width * (place - len(series) / 2), width, value, ticks, colour)
        for place, (line, colour) in enumerate(zip(series.values(), COLOURS, strict=False))
        for index, value in enumerate(line)
    ]
    middle = [(LEFT + step * (index + 0.5), words) for index, words in enumerate(labels)]
    return _svg(_axis(ticks), *bars, *[_label(at, words) for at, words in _thinned(middle)], _legend(series))


def _bar(left: float, width: float, value: float, ticks: Sequence[float], colour: str) -> str:
    top, bottom = sorted((_height_of(value, ticks), _height_of(0.0, ticks)))
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width - 1:.1f}" height="{max(bottom - top, 0.5):.1f}" '
        f'fill="{colour}"><title>{short_rupees(value)}</title></rect>'
    )


def _ticks(values: Sequence[float]) -> list[float]:
    """About four round numbers that hold zero and every value between them."""
    low, high = min(0.0, *values), max(0.0, *values)
    rough = max(high - low, 1.0) / 4  # less than a rupee is nothing to see
    size = 10 ** math.floor(math.log10(rough))
    step = size * next(factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    bottom, top = math.floor(low / step), math.ceil(high / step)
    return [step * number for number in range(bottom, max(top, bottom + 1) + 1)]


def _height_of(value: float, ticks: Sequence[float]) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (ticks[-1] - value) / (ticks[-1] - ticks[0])


def _axis(ticks: Sequence[float]) -> str:
    return "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_height_of(tick, ticks):.1f}" '
        f'y2="{_height_of(tick, ticks):.1f}" stroke="{GRID if tick else FAINT}"/>'
        + _text(LEFT - 6, _height_of(tick, ticks) + 3.5, short_rupees(tick), "end")
        for tick in ticks
    )


def _thinned(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Those that can be read: of two that would touch, the later one, as a first month is often cut short."""
    kept: list[tuple[float, str]] = []
    for at, words in labels:
        if kept and at - kept[-1][0] < LABEL_WIDTH:
            if len(kept) > 1:
                continue
            kept.pop()
        kept.append((at, words))
    return kept


def _label(at: float, words: str, anchor: str = "middle") -> str:
    return _text(at, HEIGHT - 8, words, anchor)


def _legend(series: Iterable[str]) -> str:
    parts = []
    for place, (name, colour) in enumerate(zip(series, COLOURS, strict=False)):
        left = LEFT + 8 + 110 * place
        parts.append(f'<rect x="{left}" y="2" width="9" height="9" fill="{colour}"/>')
        parts.append(_text(left + 13, 10, name, "start"))
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10.5" fill="{FAINT}">'
        f"{escape(words)}</text>"
    )


def _svg(*parts: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" role="img">{"".join(parts)}</svg>'
    )


def _nothing() -> str:
    return _svg(_text(WIDTH / 2, HEIGHT / 2, "nothing to show", "middle"))
