"""Reads tables by the order of what stands on a line: text without positions, or with misleading ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pipelines.statements.headers import AMOUNT, BALANCE, CREDIT, DEBIT, MONEY_ROLES, Header, find_headers
from pipelines.statements.page import Line
from pipelines.statements.rows import CARRIED, OPENING, STOP, RawRow, Table
from pipelines.statements.values import DATE, SURE_AMOUNT, Money, money_of, side_of

# What the amounts of a row are when no header says it, by how many there are.
USUAL_ORDER = {1: (AMOUNT,), 2: (AMOUNT, BALANCE), 3: (DEBIT, CREDIT, BALANCE)}
LEADING_WORDS_MAX = 2  # a serial number or the like may stand before the date
_EMPTY = re.compile(r"[-\u2013\u2014]{1,3}|nil", re.IGNORECASE)


@dataclass
class _Block:
    """A dated line and what follows it."""

    last: int
    line: Line
    date: str
    texts: list[str] = field(default_factory=list)
    has_figures: bool = False

    def add(self, text: str) -> None:
        """A text more. What it holds is looked at once: a file may have nothing but such lines."""
        self.texts.append(text)
        self.has_figures = self.has_figures or any(SURE_AMOUNT.fullmatch(word) for word in text.split())


def read_lines(lines: Sequence[Line]) -> list[Table]:
    """Every table, or one of all dated lines where no header is recognised."""
    headers = find_headers(lines) or [Header((), -1, -1)]
    ends = [*(header.first for header in headers[1:]), len(lines)]
    return [
        _table(header, lines, range(header.last + 1, end)) for header, end in zip(headers, ends, strict=True)
    ]


def _table(header: Header, lines: Sequence[Line], body: range) -> Table:
    table = Table(header.roles, header.first, header.last)
    order = [role for role in header.roles if role in MONEY_ROLES]
    for block in _blocks(table, lines, body):
        row = _row(block, order)
        if row.money or table.rows or header.columns:
            table.rows.append(row)
            table.last = block.last
    return table


def _blocks(table: Table, lines: Sequence[Line], body: range) -> list[_Block]:
    blocks: list[_Block] = []
    stopped = False
    for index in body:
        line = lines[index]
        date, rest = _dated(line)
        # a date that begins a wrapped line is no row while the row before it has no amount yet
        begins = date and (not blocks or stopped or blocks[-1].has_figures)
        if begins:
            blocks.append(_Block(index, line, date))
            blocks[-1].add(rest)
            stopped = False
        elif _is_opening(line):
            if not blocks and table.opening is None:
                table.opening = _figures(line.text.split())[-1]
        elif STOP.search(line.text) or CARRIED.match(line.text):
            stopped = True
        elif blocks and not stopped and blocks[-1].has_figures and _count(line.text.split()) >= 2:
            # this bank prints the date of a day only once
            blocks.append(_Block(index, line, blocks[-1].date))
            blocks[-1].add(line.text)
        elif blocks and not stopped:
            blocks[-1].add(line.text)
            blocks[-1].last = index
    return blocks


def _dated(line: Line) -> tuple[str, str]:
    """The date near the beginning of a line, and the line without it."""
    words = line.text.split(" ")
    for start in range(min(LEADING_WORDS_MAX + 1, len(words))):
        found = DATE.match(" ".join(words[start:]))
        if found and (start == 0 or words[0].strip(".").isdigit()):
            before = " ".join(words[min(start, 1) : start])
            return found[0], f"{before} {' '.join(words[start:])[found.end() :]}".strip()
    return "", line.text


def _is_opening(line: Line) -> bool:
    return OPENING.match(line.text) is not None and any(_figures(line.text.split()))


def _row(block: _Block, order: Sequence[str]) -> RawRow:
    """The amounts are the longest run of amounts side by side, the last such; the rest is narration."""
    words = [word for text in block.texts for word in text.split()]
    start, end = _run(words)
    figures = _figures(words[start:end])
    narration = " ".join(words[:start] + words[end:])
    side = next((word for word in words[end : end + 1] if side_of(word)), "")
    money = {role: found for role, found in _roles(figures, order).items() if found}
    return RawRow(block.line.page, block.line.number, block.date, narration=narration, side=side, money=money)


def _run(words: Sequence[str]) -> tuple[int, int]:
    runs, start = [(0, 0)], 0
    kinds = [_is_figure(words, index) for index in range(len(words))]
    for is_figure, run in groupby(kinds):
        length = len(list(run))
        if is_figure and any(SURE_AMOUNT.fullmatch(word) for word in words[start : start + length]):
            runs.append((start, start + length))
        start += length
    return max(runs, key=lambda span: (_count(words[span[0] : span[1]]), span[0]))


def _count(words: Sequence[str]) -> int:
    return sum(SURE_AMOUNT.fullmatch(word) is not None for word in words)


def _is_figure(words: Sequence[str], index: int) -> bool:
    word = words[index]
    if SURE_AMOUNT.fullmatch(word) or _EMPTY.fullmatch(word):
        return True
    return bool(side_of(word) and index and SURE_AMOUNT.fullmatch(words[index - 1]))


def _figures(words: Sequence[str]) -> list[Money | None]:
    """Amounts in order, None for a cell that says it is empty; CR or DR belongs to the amount before it."""
    figures: list[Money | None] = []
    for index, word in enumerate(words):
        if _EMPTY.fullmatch(word):
            figures.append(None)
        elif SURE_AMOUNT.fullmatch(word):
            after = words[index + 1] if index + 1 < len(words) else ""
            figures.append(money_of(f"{word} {after}" if side_of(after) else word))
    return figures


def _roles(figures: list[Money | None], order: Sequence[str]) -> dict[str, Money | None]:
    """What each amount is: by the header where the numbers agree, else as statements usually go."""
    stated = [figure for figure in figures if figure]
    if order and len(figures) > len(order) and order[-1] == BALANCE:
        figures = figures[-len(order) :]
    if order and len(figures) == len(order):
        return dict(zip(order, figures, strict=True))
    if len(stated) == 3 and order[:1] == [CREDIT]:
        return dict(zip((CREDIT, DEBIT, BALANCE), stated, strict=True))
    if len(stated) == 1 and BALANCE in order and AMOUNT not in order:
        return {BALANCE: stated[0]}
    return dict(zip(USUAL_ORDER.get(len(stated), ()), stated, strict=False))
