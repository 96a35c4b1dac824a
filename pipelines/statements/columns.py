"""Reads tables by where words stand: in a PDF with positions, in a sheet."""

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from pipelines.statements import layout
from pipelines.statements.headers import (
    AMOUNT,
    BALANCE,
    DATE,
    MONEY_ROLES,
    NARRATION,
    OTHER,
    REFERENCE,
    SIDE,
    VALUE_DATE,
    Column,
    Header,
    find_headers,
)
from pipelines.statements.page import Document, Line
from pipelines.statements.rows import CARRIED, MOVED, OPENING, STOP, RawRow, Table
from pipelines.statements.values import SURE_AMOUNT, Money, date_in, is_blank, money_of, side_of, whole_date

SPLIT_RATIO = 1.04  # a gap this much wider than the others of a row ends the row
ROW_GAP_SHARE = 0.985  # of the distance between rows of one line: a gap as wide lies between rows
CLOSE_RATIO = 1.5  # lines less than so many heights apart may be one cell
FAR_RATIO = 4.0  # what stands this many letter heights below the last row is not its narration
_YEAR = re.compile(r"(?:19|20)?\d{2}")
_TIME_OF_DAY = re.compile(r"\(?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\)?(?:\s?[ap]\.?m\.?)?", re.IGNORECASE)


@dataclass
class _Placed:
    """A line of a table, its words put into their columns."""

    index: int
    line: Line
    cells: dict[str, str]
    money: dict[str, Money] = field(default_factory=dict)
    date: str = ""

    @property
    def is_moved(self) -> bool:
        return any(role in self.money and self.money[role].value for role in MOVED)

    @property
    def is_whole(self) -> bool:
        """Whether the line alone states an amount and the balance after it."""
        return self.is_moved and BALANCE in self.money

    @property
    def text(self) -> str:
        return " ".join(filter(None, (self.cells.get(NARRATION, ""), self.cells.get(REFERENCE, ""))))


def read_columns(document: Document) -> list[Table]:
    """Every table with a header that is recognised, from the top."""
    lines = document.lines
    headers = find_headers(lines)
    ends = [*(header.first for header in headers[1:]), len(lines)][: len(headers)]
    bodies = [range(header.last + 1, end) for header, end in zip(headers, ends, strict=True)]
    repeated = set() if document.cells else _repeated(lines)
    parts: list[tuple[Table, list[_Placed]]] = []
    for header, body, right_edges in zip(headers, bodies, _layouts(document, headers, bodies), strict=True):
        placed = [
            _place(index, lines[index], header.columns, right_edges)
            for index in body
            if index not in repeated
        ]
        _date(placed)
        table = Table(header.roles, header.first, header.last)
        parts.append((table, _of_rows(table, placed)))
    for _, run in groupby(parts, key=lambda part: part[0].roles):
        _fill(list(run))
    return [table for table, _ in parts]


def _repeated(lines: Sequence[Line]) -> set[int]:
    """Heads and feet of pages: lines that stand at one place of nearly all pages, and not among rows."""
    places: dict[tuple[str, int], set[int]] = {}
    for line in lines:
        places.setdefault(_place_of(line), set()).add(line.page)
    needed = max(2, len({line.page for line in lines}) - 1)
    among = _among_rows(lines)
    return {
        index
        for index, line in enumerate(lines)
        if len(places[_place_of(line)]) >= needed and index not in among
    }


def _place_of(line: Line) -> tuple[str, int]:
    return re.sub(r"\b\d{1,3}\b", "#", line.text), round(line.y / max(line.height, 0.1))


def _among_rows(lines: Sequence[Line]) -> set[int]:
    """Indexes of lines with amounts and of all that follow or precede them closely."""
    among = {
        index
        for index, line in enumerate(lines)
        if any(SURE_AMOUNT.fullmatch(word.text) for word in line.words)
    }
    for order in (range(1, len(lines)), range(len(lines) - 2, -1, -1)):
        step = order.step
        for index in order:
            gap = _gap(lines[index - step], lines[index]) if index - step in among else None
            if gap is not None and abs(gap) < CLOSE_RATIO * lines[index].height:
                among.add(index)
    return among


# --- columns ----------------------------------------------------------------------------------------------


def _layouts(document: Document, headers: Sequence[Header], bodies: Sequence[range]) -> list[list[float]]:
    """The right edges of the columns of each table; tables with equal headers are measured together."""
    if document.cells:
        return [layout.cell_edges(header.columns) for header in headers]
    alike: dict[tuple, list[int]] = {}
    for header, body in zip(headers, bodies, strict=True):
        alike.setdefault(_shape(header, document.lines), []).extend(body)
    measured = {}
    for header in headers:
        shape = _shape(header, document.lines)
        if shape not in measured:
            measured[shape] = layout.edges(header.columns, [document.lines[index] for index in alike[shape]])
    return [measured[_shape(header, document.lines)] for header in headers]


def _shape(header: Header, lines: Sequence[Line]) -> tuple:
    height = max(lines[header.first].height, 0.1)
    return tuple((column.role, round(column.x0 / height)) for column in header.columns)


def _place(index: int, line: Line, columns: Sequence[Column], edges: Sequence[float]) -> _Placed:
    cells: dict[str, str] = {}
    for word in line.words:
        role = columns[bisect(edges, word.middle)].role
        cells[role] = f"{cells[role]} {word.text}" if role in cells else word.text
    cells.pop(OTHER, None)
    # `Debit / Credit` may name a column of amounts as well as one of the letters D and C
    if SIDE in cells and money_of(cells[SIDE]) and not side_of(cells[SIDE]) and AMOUNT not in cells:
        cells[AMOUNT] = cells.pop(SIDE)
    money = {role: found for role in MONEY_ROLES if role in cells and (found := money_of(cells[role]))}
    return _Placed(index, line, cells, money)


def _date(placed: Sequence[_Placed]) -> None:
    """Gives the lines that begin a row their date, also where a narrow column breaks it in two."""
    for line, below in zip(placed, [*placed[1:], None], strict=True):
        text = line.cells.get(DATE) or line.cells.get(VALUE_DATE, "")
        if _is_date(text):
            line.date = text
        elif text and below and len(text) < 12:
            rest = below.cells.get(DATE) or below.cells.get(VALUE_DATE, "")
            joined = next((j for j in (f"{text} {rest}", text + rest) if rest and _is_date(j)), "")
            if joined and not _is_date(rest) and re.search(r"\d", text):
                line.date = joined


def _is_date(text: str) -> bool:
    if not text or not text[0].isalnum():
        return False
    return (
        whole_date(text) is not None or _month_first(text) or (date_in(text) is not None and len(text) < 24)
    )


def _month_first(text: str) -> bool:
    """`04/25/2024`: which way the parts go is decided later, over all rows."""
    return re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:\s.*)?", text) is not None


# --- rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spacing:
    """How a bank sets its rows. `row_gap`: the distance of two rows of one line, None where there are none;
    `above`: a narration begins above its dated line."""

    row_gap: float | None
    above: bool

    def ends_row(self, gap: float | None) -> bool:
        return gap is not None and self.row_gap is not None and gap >= ROW_GAP_SHARE * self.row_gap


def _fill(parts: Sequence[tuple[Table, list[_Placed]]]) -> None:
    """Adds the rows of tables that continue each other, page by page, each to the table of its dated line."""
    lines = [line for _, placed in parts for line in placed]
    owner = {line.index: table for table, placed in parts for line in placed}
    for group in _groups(lines):
        anchor = next(line for line in group if line.date)
        table = owner[anchor.index]
        table.rows.append(_row(anchor, group))
        own = [line.index for line in group if owner[line.index] is table]
        table.last = max(table.last, *own)


def _of_rows(table: Table, placed: Sequence[_Placed]) -> list[_Placed]:
    """The lines that belong to rows; notes the opening balance where a line without a date states it."""
    kept: list[_Placed] = []
    dated: _Placed | None = None
    stopped = False
    for line in placed:
        if dated and dated.is_whole and line.is_whole and not line.date and not _is_foreign(line):
            line.date = dated.date  # this bank prints the date of a day only once
        if line.date:
            dated, stopped = line, False
        elif OPENING.match(line.text or line.line.text) and not line.is_moved:
            if table.opening is None and not kept:
                table.opening = line.money.get(BALANCE) or _last_money(line.line)
            continue
        elif _is_foreign(line) or (kept and _is_far(kept[-1], line)):
            # what stands before the first row is the rest of a header, not the end of the table
            stopped = stopped or bool(kept)
            continue
        if not stopped:
            kept.append(line)
    while kept and not kept[-1].date and not kept[-1].cells:
        kept.pop()
    return kept


def _last_money(line: Line) -> Money | None:
    return next(
        (found for word in reversed(line.words) if "." in word.text and (found := money_of(word.text))), None
    )


def _is_foreign(line: _Placed) -> bool:
    """Whether a line without a date belongs to no row: a total, a foot, a legend."""
    if STOP.search(line.line.text) or CARRIED.match(line.text):
        return True
    dated = line.cells.get(DATE, "") or line.cells.get(VALUE_DATE, "")
    if dated and not (
        _YEAR.fullmatch(dated) or _TIME_OF_DAY.fullmatch(dated) or is_blank(dated) or _is_date(dated)
    ):
        return re.search(r"[A-Za-z]{2}", dated) is not None
    texts = [line.cells.get(role, "") for role in MONEY_ROLES]
    return any(re.search(r"[A-Za-z]{4}", text) for text in texts)


def _is_far(above: _Placed, line: _Placed) -> bool:
    same_page = above.line.page == line.line.page
    return same_page and line.line.y - above.line.y > FAR_RATIO * max(line.line.height, above.line.height)


def _groups(lines: Sequence[_Placed]) -> list[list[_Placed]]:
    """Each row's lines: the dated one, and those above and below that are its own."""
    anchors = [position for position, line in enumerate(lines) if line.date]
    if not anchors:
        return []
    spacing = _spacing(lines, anchors)
    starts = [_first(lines, anchors[0], spacing)]
    starts += [_split(lines, one, two, spacing) for one, two in pairwise(anchors)]
    ends = [*starts[1:], _end(lines, anchors[-1], spacing)]
    return [list(lines[start:end]) for start, end in zip(starts, ends, strict=True)]


def _spacing(lines: Sequence[_Placed], anchors: Sequence[int]) -> _Spacing:
    next_to = [_gap(lines[one].line, lines[two].line) for one, two in pairwise(anchors) if two == one + 1]
    row_gap = min((gap for gap in next_to if gap), default=None)
    starts_above = anchors[0] > 0 and _gap(lines[anchors[0] - 1].line, lines[anchors[0]].line) is not None
    return _Spacing(row_gap, above=starts_above and anchors[-1] == len(lines) - 1)


def _first(lines: Sequence[_Placed], anchor: int, spacing: _Spacing) -> int:
    """Where the first row begins: cells that are centred or set low reach above their dated line."""
    start = anchor
    while start and (gap := _gap(lines[start - 1].line, lines[start].line)) is not None:
        near = gap < CLOSE_RATIO * lines[start].line.height and not spacing.ends_row(gap)
        if not (near or spacing.above):
            break
        start -= 1
    return start


def _end(lines: Sequence[_Placed], anchor: int, spacing: _Spacing) -> int:
    """Where the last row ends: at the first gap as wide as between rows, where rows are set apart."""
    last = anchor
    while last + 1 < len(lines):
        gap = _gap(lines[last].line, lines[last + 1].line)
        if spacing.ends_row(gap) and _has_tight(lines, spacing):
            break
        last += 1
    return last + 1


def _has_tight(lines: Sequence[_Placed], spacing: _Spacing) -> bool:
    """Whether lines of one cell stand closer than rows."""
    gaps = [_gap(one.line, two.line) for one, two in pairwise(lines) if not (one.date and two.date)]
    return any(gap is not None and not spacing.ends_row(gap) for gap in gaps)


def _split(lines: Sequence[_Placed], one: int, two: int, spacing: _Spacing) -> int:
    """Where the row of `two` begins: at the gap that lies between rows, else as this bank does it."""
    gaps = [_gap(lines[n].line, lines[n + 1].line) for n in range(one, two)]
    wide = [n for n, gap in enumerate(gaps) if spacing.ends_row(gap)]
    if len(wide) == 1:
        return one + 1 + wide[0]
    known = [gap for gap in gaps if gap is not None]
    if len(known) == len(gaps) > 1 and max(known) > SPLIT_RATIO * min(known):
        widest = [n for n, gap in enumerate(known) if gap > max(known) / SPLIT_RATIO]
        if len(widest) == 1:
            return one + 1 + widest[0]
    if None in gaps and not wide:
        return one + 1 + gaps.index(None)
    return one + 1 if spacing.above else two


def _gap(upper: Line, lower: Line) -> float | None:
    return lower.y - upper.y if upper.page == lower.page else None


def _row(anchor: _Placed, group: Sequence[_Placed]) -> RawRow:
    money: dict[str, Money] = {}
    for line in (anchor, *group):
        for role, found in line.money.items():
            money.setdefault(role, found)
    return RawRow(
        page=anchor.line.page,
        number=anchor.line.number,
        date=anchor.date,
        value_date=anchor.cells.get(VALUE_DATE, "") if anchor.cells.get(DATE) else "",
        narration=_joined(line.cells.get(NARRATION, "") for line in group),
        reference=_joined(line.cells.get(REFERENCE, "") for line in group),
        side=anchor.cells.get(SIDE, ""),
        money=money,
        garbled=any(role not in money and not is_blank(anchor.cells.get(role, "")) for role in MONEY_ROLES),
    )


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text and not is_blank(text)).strip()
