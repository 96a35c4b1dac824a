"""Reads tables of what was spent: CSV or XLSX with a day, a source, a campaign or none, and an amount.

Pure but for the day that is today: bytes in, rows out. A row that cannot be read comes out with its faults, and the
next one follows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import marshmallow as ma

from app.core.tables_in import amount_of, below_header, day_of, spellings
from app.spend.schemas import SpendIn

ROWS_MAX = 10_000

# column of a row -> how files call it, as letters and digits only
_NAMES = {
    "day": "day date spenton spenddate reportingstarts",
    "source": "source utmsource channel platform",
    "campaign": "campaign utmcampaign campaignname",
    "amount": "amount spend cost amountspent amountspentinr costinr amountinr",
}
_COLUMNS = spellings(_NAMES)
# what spreadsheets write in many ways, in the one way of the API
_READ: dict[str, Callable[[str], Any]] = {
    "day": day_of,
    "amount": partial(amount_of, least=Decimal(0)),
}


@dataclass(frozen=True)
class Row:
    """What a line tells, or by field why it tells nothing."""

    line_no: int
    told: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)


def rows(data: bytes) -> Iterator[Row]:
    """The lines below the header. Raises FileProblem where the file is no such table."""
    for line_no, cells in below_header(data, _COLUMNS, ("day", "source", "amount"), ROWS_MAX):
        written, faults = _written(cells)
        try:
            told = SpendIn().load(written)
        except ma.ValidationError as problem:
            faults = problem.normalized_messages() | faults
        yield Row(line_no, faults=faults) if faults else Row(line_no, told)


def _written(cells: dict[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The cells as the API would be told them, and by field what is wrong with those that cannot be."""
    told = {name: cell for name, cell in cells.items() if cell}
    faults: dict[str, list[str]] = {}
    for name in _READ.keys() & told.keys():
        try:
            told[name] = str(_READ[name](told[name]))
        except ValueError as fault:
            faults[name] = [str(fault)]
            del told[name]
    return told, faults
