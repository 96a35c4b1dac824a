"""The row that names the columns: found by the words banks use in it, in any order and on one line or several."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipelines.statements.page import Line, Word
from pipelines.statements.values import DATE as DATE_TEXT
from pipelines.statements.values import SURE_AMOUNT

DATE, VALUE_DATE, NARRATION, REFERENCE = "date", "value_date", "narration", "reference"
DEBIT, CREDIT, AMOUNT, SIDE, BALANCE, OTHER = "debit", "credit", "amount", "side", "balance", "other"
MONEY_ROLES = (DEBIT, CREDIT, AMOUNT, BALANCE)

_TXN = r"(?:txn|tran|trans|transaction|trxn|posting|posted|post|entry|booking|book|bill|payment)"
_AMT = r"(?:amount|amt|amnt)"
_UNIT = r"(?: in)?(?: (?:inr|rs|rupees|₹|\(rs\)))?"
_OUT = r"(?:withdrawals?|withdrawls?|withdrawn|debits?|debited|dr|wdl|paid out|money out|payments?|outflow|spent|out)"
_IN = r"(?:deposits?|deposited|credits?|credited|cr|dep|paid in|money in|receipts?|received|lodgements?|inflow|in)"

# Each column by the whole text of its header: lower case, punctuation gone except `/`.
ROLES: dict[str, str] = {
    VALUE_DATE: r"(?:value|val|eff|effective)(?: (?:date|dt|on))?",
    DATE: rf"(?:{_TXN} )?(?:date|dt|dated|on)(?: (?:of )?{_TXN})?(?: (?:&|and|/) time| time)?|date/time|{_TXN} day",
    NARRATION: (
        rf"(?:(?:{_TXN}|account|a/c|mode of) )?(?:narrations?|naration|particulars?|descriptions?|remarks?"
        rf"|details?|desc|information|info)(?: (?:of )?{_TXN}s?)?|{_TXN} reference|(?:narration|particulars|details)"
        r" ?/ ?(?:description|remarks|particulars|narration)|to/from|payee|name/description|memo|transactions?"
        r"|(?:payee|counterparty|beneficiary)(?: name| details)?|description/narration"
    ),
    REFERENCE: (
        r"(?!(?:txn|tran|transaction|trans)s?$|.*\breference ref\b)"
        r"(?:(?:chq|cheque|check|ref|reference|instrument|instrmnt|inst|instr|utr|txn|tran|transaction|trans|dd)"
        r"(?: ?/ ?| )?){1,5}(?: ?(?:no|nos|number|num|id|#))?(?: ?/ ?(?:ref|reference|utr|cheque|chq)"
        r"(?: (?:no|number|id))?)?|utr|rrn|ref|cheque|chq|(?:no|number) ?/ ?ref(?:erence)?(?: no)?"
    ),
    SIDE: rf"(?:{_TXN} )?(?:type|indicator|sign|flag|nature)|(?:dr|debit|d) ?/ ?(?:cr|credit|c)|(?:cr|credit"
        rf"|c) ?/ ?(?:dr|debit|d)"
          r"|(?:cr/dr|dr/cr)(?: (?:type|indicator|flag))?|drcr|crdr",
    AMOUNT: (
        rf"(?:{_TXN} |net )?{_AMT}{_UNIT}|(?:{_OUT}|{_IN})(?: {_AMT})?(?: \(?(?:dr|cr)\)?)? ?/ ?(?:{_IN}|{_OUT})"
        rf"(?: \(?(?:dr|cr)\)?)?(?: {_AMT})?{_UNIT}|value{_UNIT}"
    ),
    DEBIT: rf"(?:{_TXN} |total )?{_OUT}(?: (?:dr|debit|\(dr\)))?(?: {_AMT}s?)?(?: (?:dr|debit))?{_UNIT}"
        rf"|{_AMT} {_OUT}{_UNIT}",
    CREDIT: rf"(?:{_TXN} |total )?{_IN}(?: (?:cr|credit|\(cr\)))?(?: {_AMT}s?)?(?: (?:cr|credit))?{_UNIT}"
        rf"|{_AMT} {_IN}{_UNIT}",
    BALANCE: rf"(?:closing|running|available|avail|total|account|ledger|current|line|book|outstanding"
        rf"|net)? ?(?:balance|bal|balances)"
             rf"(?: {_AMT})?(?: (?:cr/dr|dr/cr|after {_TXN}))?{_UNIT}",
    OTHER: (
        r"(?:s|sr|sl|si|serial|srl|seq)(?: ?no| ?num| ?number)|sno|srno|#|(?:init |soln? |tran |txn "
        r"|transaction |home )?(?:br|branch)(?: code| name)?"
        r"|(?:transaction |txn )?(?:mode|channel|location|time|category|code|status|currency|ccy)|init|user"
        r"|teller|serial"
    ),
}  # fmt: skip
_PATTERNS = {role: re.compile(pattern) for role, pattern in ROLES.items()}
_PUNCTUATION = re.compile(r"[^a-z0-9/&#₹]+")
WORDS_MAX, HEADER_LINES_MAX = 40, 4
TORN_COST = 20  # of a score of 10 a column
NAME_COST = 0.6  # of a column name, in words: `Value Date` is one name rather than two


class Column(NamedTuple):
    """A named column and where its header stands."""

    role: str
    x0: float
    x1: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


class Header(NamedTuple):
    """The columns, left to right, and the lines (indexes) that name them."""

    columns: tuple[Column, ...]
    first: int
    last: int

    @property
    def roles(self) -> list[str]:
        return [column.role for column in self.columns]


@cache
def role_of(text: str) -> str | None:
    """What a header means; None where it is no word of a statement's header."""
    plain = _PUNCTUATION.sub(" ", text.lower()).strip()
    return next((role for role, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)


def find_headers(lines: Sequence[Line]) -> list[Header]:
    """Every header of a document, from the top."""
    found, index = [], 0
    while index < len(lines):
        header = _header_at(lines, index)
        if header:
            # a line above may have been taken in that names nothing: the best of all beginnings counts
            later = (_header_at(lines, first) for first in range(index + 1, header[1].last + 1))
            header = max((header, *filter(None, later)), key=lambda scored: scored[0])
            found.append(header[1])
        index = header[1].last + 1 if header else index + 1
    return found


def _header_at(lines: Sequence[Line], first: int) -> tuple[int, Header] | None:
    """The best reading of a header that begins on this line, with its score, if it is one."""
    best: tuple[int, Header] | None = None
    for last in range(first, min(first + HEADER_LINES_MAX, len(lines))):
        block = lines[first : last + 1]
        if block[-1].page != block[0].page or not _is_tight(block) or not _may_name(block[-1]):
            break
        columns, unknown = _columns(block)
        roles = [column.role for column in columns]
        score = 10 * len({*roles} - {OTHER}) + 3 * roles.count(OTHER) - 4 * unknown - (last - first)
        # `Debit Amount` cut in two: nobody has a column for either side and one for both
        score -= TORN_COST * ({DEBIT, CREDIT, AMOUNT} <= {*roles})
        if _is_header(columns, unknown) and (best is None or score > best[0]):
            best = score, Header(columns, first, last)
    return best


def _may_name(line: Line) -> bool:
    """A header has no dates and no amounts, and is not a paragraph."""
    if len(line.words) > WORDS_MAX or DATE_TEXT.search(line.text):
        return False
    return not any(SURE_AMOUNT.fullmatch(word.text) for word in line.words)


def _is_tight(block: Sequence[Line]) -> bool:
    return all(low.y - high.y <= 2.4 * max(low.height, high.height) for high, low in pairwise(block))


def _is_header(columns: Sequence[Column], unknown: int) -> bool:
    roles = [column.role for column in columns]
    dated = DATE in roles or VALUE_DATE in roles
    moved = AMOUNT in roles or DEBIT in roles or CREDIT in roles
    return dated and moved and len(roles) >= 3 and unknown <= len(roles) // 2


def _columns(block: Sequence[Line]) -> tuple[tuple[Column, ...], int]:
    """Columns of a header on one line, or stacked on several; and how many words mean nothing."""
    if len(block) == 1:
        return _named(block[0].words)
    columns: list[Column] = []
    unknown = 0
    for stack in _stacks(block):
        words = [word for line in stack for word in line]
        role = role_of(" ".join(word.text for word in words))
        if role:
            columns.append(Column(role, min(w.x0 for w in words), max(w.x1 for w in words)))
            continue
        found, missed = max((_named(line) for line in stack), key=lambda named: len(named[0]))
        columns += found
        unknown += missed if found else len(words)
    return _ordered(columns), unknown


def _stacks(block: Sequence[Line]) -> list[list[list[Word]]]:
    """Header words that stand above each other, as lists of lines, left to right."""
    groups: list[tuple[float, float, dict[int, list[Word]]]] = []
    cells = [(number, cell) for number, line in enumerate(block) for cell in _cells(line)]
    for number, cell in sorted(cells, key=lambda item: item[1][0].x0):
        x0, x1 = cell[0].x0, cell[-1].x1
        touching = [group for group in groups if min(x1, group[1]) - max(x0, group[0]) > 0.1]
        for group in touching:
            groups.remove(group)
        merged: dict[int, list[Word]] = {number: list(cell)}
        for *_, members in touching:
            for key, words in members.items():
                merged[key] = merged.get(key, []) + words
        spans = [(x0, x1), *((group[0], group[1]) for group in touching)]
        groups.append((min(a for a, _ in spans), max(b for _, b in spans), merged))
    return [
        [sorted(members[key], key=lambda w: w.x0) for key in sorted(members)]
        for _, _, members in sorted(groups, key=lambda group: group[0])
    ]


def _cells(line: Line) -> list[list[Word]]:
    """Words of a line that stand close together."""
    cells: list[list[Word]] = []
    for word in line.words:
        if cells and word.x0 - cells[-1][-1].x1 < 0.5 * line.height:
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells


def _named(words: Sequence[Word]) -> tuple[tuple[Column, ...], int]:
    """The best way to cut a line of words into column names, and how many words are left over."""
    best: list[tuple[float, tuple[Column, ...], int]] = [(0, (), 0)]
    for end in range(1, len(words) + 1):
        score, columns, unknown = best[end - 1]
        options = [(score - 0.5, columns + _nameless(words, end - 1), unknown + 1)]
        for start in range(max(0, end - 7), end):
            role = role_of(" ".join(word.text for word in words[start:end]))
            if role:
                column = Column(role, words[start].x0, words[end - 1].x1)
                score, columns, unknown = best[start]
                gain = (end - start) - NAME_COST - _stretch(words[start:end])
                options.append((score + gain, (*columns, column), unknown))
        best.append(max(options, key=lambda option: option[0]))
    _, columns, unknown = best[-1]
    return columns, unknown


def _nameless(words: Sequence[Word], index: int) -> tuple[Column, ...]:
    """A word of no known meaning that stands apart from its neighbours is a column of its own."""
    word, letter = words[index], _letter(words[index])
    left = index == 0 or word.x0 - words[index - 1].x1 > 1.5 * letter
    right = index == len(words) - 1 or words[index + 1].x0 - word.x1 > 1.5 * letter
    return (Column(OTHER, word.x0, word.x1),) if left and right else ()


def _letter(word: Word) -> float:
    return max((word.x1 - word.x0) / max(len(word.text), 1), 0.01)


def _stretch(words: Sequence[Word]) -> float:
    """What it costs to take words for one name that stand far apart."""
    if len(words) < 2:
        return 0
    widest = max(b.x0 - a.x1 for a, b in pairwise(words))
    return 1.5 if widest > 3 * _letter(words[0]) else 0


def _ordered(columns: list[Column]) -> tuple[Column, ...]:
    return tuple(sorted(columns, key=lambda column: column.x0))
