"""Reads what a bank says of the debits of a file: a table with reference, status and reason, or records of NACH.

Pure: bytes in, rows out. A row that cannot be read comes out with its fault, and the next one follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.tables_in import FileProblem, amount_of, below_header, day_of, spellings, status_of
from app.payments.presentations import nach_layout
from app.payments.presentations.nach import REASONS

ROWS_MAX = 50_000
PAID, UNPAID, WAITS = "PAID", "RETURNED", "PENDING"

# column of a row -> how files call it, as letters and digits only
_NAMES = {
    "reference": "reference referenceno referencenumber transactionreference transactionreferenceno transactionref "
    "custrefno customerreference userreference",
    "status": "status flag transactionstatus txnstatus debitstatus",
    "code": "reasoncode returncode returnreasoncode returnreason reason rejectcode errorcode",
    "amount": "amount transactionamount txnamount debitamount",
    "bank_reference": "utr utrno utrnumber rrn bankreference bankreferenceno itemseqno itemsequenceno achitemseqno",
    "settled_on": "settlementdate settledon date valuedate transactiondate processeddate",
}
_COLUMNS = spellings(_NAMES)
# 0 to 3 are the flags of NACH: returned, paid, refused before it was presented, not answered yet
_WORDS = {
    PAID: "1 success successful paid processed credited settled accepted",
    UNPAID: "0 2 returned return failed failure rejected reject bounced bounce unpaid dishonoured",
    WAITS: "3 pending inprocess inprogress extended",
}
_STATUS_OF = spellings(_WORDS)
_NO_CODES = ("", "0", "00")


@dataclass(frozen=True)
class ResponseRow:
    """`status` is PAID, RETURNED with a `code` of NACH, or PENDING. `fault` tells what of the row cannot be read."""

    line_no: int
    reference: str | None = None
    status: str | None = None
    code: str | None = None
    amount: Decimal | None = None
    bank_reference: str | None = None
    settled_on: date | None = None
    fault: str | None = None


def rows(data: bytes) -> list[ResponseRow]:
    """The rows of a file. Raises FileProblem where it is none of the two."""
    if nach_layout.is_response(data):
        return _limited(list(_records(data)))
    return [_row(*line) for line in below_header(data, _COLUMNS, ("reference", "status"), ROWS_MAX)]


def _limited(found: list[ResponseRow]) -> list[ResponseRow]:
    if len(found) > ROWS_MAX:
        raise FileProblem(f"More than {ROWS_MAX} rows: send parts.")
    return found


def _records(data: bytes) -> Iterator[ResponseRow]:
    try:
        for told in nach_layout.read(data):
            cells = {"reference": told.reference, "status": told.flag, "code": told.reason}
            yield _row(
                told.line_no, cells | {"amount": f"{told.amount}", "bank_reference": told.item_sequence}
            )
    except ValueError as fault:  # UnicodeDecodeError is one
        raise FileProblem(f"The records of NACH cannot be read: {fault}.") from None


def _row(line_no: int, told: dict[str, str]) -> ResponseRow:
    # ours are capitals, whatever a portal makes of them
    kept = {name: told.get(name, "").upper() or None for name in ("reference", "bank_reference")}
    try:
        if not kept["reference"]:
            raise ValueError("There is no reference.")
        status = status_of(told["status"], _STATUS_OF)
        return ResponseRow(
            line_no,
            **kept,
            status=status,
            code=_code(told.get("code", "")) if status == UNPAID else None,
            amount=amount_of(told["amount"]) if told.get("amount") else None,
            settled_on=day_of(told.get("settled_on", "")),
        )
    except ValueError as fault:
        return ResponseRow(line_no, **kept, fault=str(fault))


def _code(text: str) -> str:
    """Two digits; a spreadsheet may have taken the first one away."""
    code = text.split("-")[0].strip().zfill(2)
    if text in _NO_CODES:
        raise ValueError("A return without a reason code.")
    if code not in REASONS:
        raise ValueError("The reason code is none of NACH.")
    return code
