"""Where the columns of a table end: by the bands that its words form, matched with the headers above them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipelines.statements.headers import DATE, MONEY_ROLES, SIDE, VALUE_DATE, Column
from pipelines.statements.page import Line
from pipelines.statements.values import SURE_AMOUNT, date_in, is_blank, money_of, side_of

STEPS = 8  # how finely the height of a letter is divided
GUTTER_STEPS = 2  # a gap narrower than this is none
ROWS_MIN = 3  # with so many amounts in sight, only their lines tell where columns are
MONEY, DAY, TEXT = "money", "day", "text"

# What it costs, in heights of a letter, to take a band of one kind for a column of another.
_MISFIT = {
    (MONEY, TEXT): 12,
    (MONEY, DAY): 30,
    (DAY, TEXT): 12,
    (DAY, MONEY): 40,
    (TEXT, MONEY): 30,
    (TEXT, DAY): 12,
}
_SECOND_BAND = 15  # of a column of amounts


class Band(NamedTuple):
    """A strip of a table that words fill, and what kind of words most of them are."""

    x0: float
    x1: float
    kind: str


def cell_edges(columns: Sequence[Column]) -> list[float]:
    """Of a sheet: halfway into the gap before each next column."""
    return [right.x0 - 0.25 for right in columns[1:]]


def edges(columns: Sequence[Column], lines: Sequence[Line]) -> list[float]:
    """Of a page: where each column but the last ends."""
    rows = [line for line in lines if any(SURE_AMOUNT.fullmatch(word.text) for word in line.words)]
    rows = rows if len(rows) >= ROWS_MIN else list(lines)  # a foot or a paragraph knows nothing of columns
    step = max(min((line.height for line in rows), default=1.0) / STEPS, 0.01)
    covered = _coverage(rows, step)
    found = _bands(rows, covered, step)
    owners = _assign(found, columns, step * STEPS)
    return [_edge(columns, number, found, owners, covered, step) for number in range(len(columns) - 1)]


def _coverage(lines: Sequence[Line], step: float) -> dict[int, int]:
    """How many words lie over each step of the width."""
    covered: dict[int, int] = {}
    for line in lines:
        for word in line.words:
            for place in range(int(word.x0 / step), int(word.x1 / step) + 1):
                covered[place] = covered.get(place, 0) + 1
    return covered


def _bands(lines: Sequence[Line], covered: dict[int, int], step: float) -> list[Band]:
    noise = len(lines) // 100
    filled = sorted(place for place, count in covered.items() if count > noise)
    spans: list[list[int]] = []
    for place in filled:
        if spans and place - spans[-1][1] <= GUTTER_STEPS:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    return [
        Band(low * step, (high + 1) * step, _kind(lines, low * step, (high + 1) * step))
        for low, high in spans
    ]


def _kind(lines: Sequence[Line], x0: float, x1: float) -> str:
    """What most cells of a band are."""
    cells = [" ".join(word.text for word in line.words if x0 <= word.middle <= x1) for line in lines]
    said = [cell for cell in cells if not is_blank(cell) and not side_of(cell)]
    amounts = sum("." in cell and money_of(cell) is not None for cell in said)
    days = sum(date_in(cell) is not None for cell in said)
    if 2 * amounts > len(said):
        return MONEY
    return DAY if 2 * days > len(said) else TEXT


def _kind_of(column: Column) -> str:
    if column.role in MONEY_ROLES or column.role == SIDE:
        return MONEY
    return DAY if column.role in (DATE, VALUE_DATE) else TEXT


def _assign(bands: Sequence[Band], columns: Sequence[Column], height: float) -> list[int]:
    """For each band the column it belongs to, left to right without crossing, at the least total misfit."""
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for band in bands:
        options: dict[int, tuple[float, list[int]]] = {}
        for last, (cost, owners) in best.items():
            for number in range(last, len(columns)):
                again = _SECOND_BAND if number in owners and columns[number].role in MONEY_ROLES else 0
                total = cost + _misfit(band, columns[number], height) + again
                if number not in options or total < options[number][0]:
                    options[number] = total, [*owners, number]
        best = options
    return min(best.values())[1] if bands else []


def _misfit(band: Band, column: Column, height: float) -> float:
    apart = max(0.0, band.x0 - column.x1, column.x0 - band.x1) / height
    off = abs((band.x0 + band.x1) / 2 - column.middle) / height / 50
    kinds = band.kind, _kind_of(column)
    # a column of the letters D and C may hold words as well as amounts
    return apart + off + (0 if column.role == SIDE and band.kind == TEXT else _MISFIT.get(kinds, 0))


def _edge(
    columns: Sequence[Column],
    number: int,
    bands: Sequence[Band],
    owners: Sequence[int],
    covered: dict[int, int],
    step: float,
) -> float:
    """Between the bands of the two sides; through a band where two columns share it."""
    left, right = columns[number], columns[number + 1]
    before = [band for band, owner in zip(bands, owners, strict=True) if owner <= number]
    after = [band for band, owner in zip(bands, owners, strict=True) if owner > number]
    shared_right = number + 1 not in owners and any(band.x0 < right.middle < band.x1 for band in before)
    shared_left = number not in owners and any(band.x0 < left.middle < band.x1 for band in after)
    if shared_right or shared_left or not (before and after):
        return _thinnest(left, right, covered, step)
    return (max(band.x1 for band in before) + min(band.x0 for band in after)) / 2


def _thinnest(left: Column, right: Column, covered: dict[int, int], step: float) -> float:
    """The middle of the widest strip between two headers that the fewest words cross."""
    places = range(int(left.middle / step), max(int(right.middle / step), int(left.middle / step) + 1) + 1)
    least = min(covered.get(place, 0) for place in places)
    thin = [place for place in places if covered.get(place, 0) == least]
    runs: list[list[int]] = [[thin[0]]]
    for one, two in pairwise(thin):
        if two == one + 1:
            runs[-1].append(two)
        else:
            runs.append([two])
    widest = max(runs, key=len)
    return (widest[0] + widest[-1] + 1) / 2 * step
