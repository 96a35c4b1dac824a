"""Reads what a bank portal says of payouts: CSV or XLSX, a row a payout, under whatever names its columns have.

Pure: bytes in, rows out. A row that cannot be read comes out with its fault, and the next one follows.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from app.disbursement.states import FAILED, PROCESSING, REVERSED, SUCCESS
from pipelines.statements import StatementProblem
from pipelines.statements.sheets import read_workbook, text_of

ROWS_MAX = 5_000
TEXT_CHARS_MAX = 200
_DELIMITERS = ",;\t|"
_AMOUNT_MAX = Decimal(10) ** 12

# column of a row -> how files call it, as letters and digits only
_NAMES = {
    "reference": "reference referenceno referencenumber referenceid clientreference customerreference "
    "customerrefno paymentreference paymentref transferid",
    "amount": "amount transactionamount txnamount paymentamount transferamount amountinr",
    "account": "account accountnumber accountno beneficiaryaccount beneficiaryaccountnumber beneficiaryaccountno "
    "beneaccountno beneaccount creditaccount creditaccountnumber",
    "status": "status transactionstatus txnstatus paymentstatus transferstatus",
    "utr": "utr utrno utrnumber bankreference bankreferenceno rrn",
    "remark": "remark remarks reason failurereason rejectreason statusdescription errordescription",
    "paid_on": "date paymentdate valuedate transactiondate txndate processeddate",
}
_COLUMNS = {spelt: column for column, names in _NAMES.items() for spelt in names.split()}
_NEEDED = ("reference", "amount", "account", "status")
_WORDS = {
    SUCCESS: "success successful processed paid completed credited settled",
    FAILED: "failed failure rejected cancelled declined unpaid",
    REVERSED: "reversed returned refunded",
    PROCESSING: "pending processing inprocess inprogress initiated queued submitted",
}
_STATUS_OF = {word: status for status, words in _WORDS.items() for word in words.split()}
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y")


class FileProblem(Exception):
    """The file as a whole is no list of payouts. The text says why, for people."""


@dataclass(frozen=True)
class BankRow:
    """`status` is a state of a payout. `fault` tells what of the row cannot be read; then nothing else is sure."""

    line_no: int
    reference: str | None = None
    amount: Decimal | None = None
    account: str | None = None
    status: str | None = None
    utr: str | None = None
    remark: str | None = None
    paid_on: date | None = None
    fault: str | None = None


def rows(data: bytes) -> list[BankRow]:
    """The rows below the header. Raises FileProblem."""
    lines = list(_cells(data))
    for number, (_, header) in enumerate(lines):
        columns = {
            _COLUMNS[spelt]: place for place, cell in header.items() if (spelt := _letters(cell)) in _COLUMNS
        }
        if all(name in columns for name in _NEEDED):
            below = lines[number + 1 :]
            if len(below) > ROWS_MAX:
                raise FileProblem(f"More than {ROWS_MAX} rows: send parts.")
            return [_row(line_no, cells, columns) for line_no, cells in below]
    raise FileProblem("No row names the columns reference, amount, account number and status.")


def _cells(data: bytes) -> Iterator[tuple[int, dict[int, str]]]:
    """Number and cells, by column, of each line that is not empty."""
    try:
        if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            for line in read_workbook(data).lines:
                yield line.number, {int(word.x0): word.text for word in line.words}
            return
        text = text_of(data)
        first = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(_DELIMITERS, key=first.count)
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            found = {place: cell.strip().lstrip("'") for place, cell in enumerate(cells) if cell.strip()}
            if found:
                yield number, found
    except StatementProblem:
        raise FileProblem("Neither CSV nor a workbook that opens.") from None
    except csv.Error:
        raise FileProblem("The CSV is damaged.") from None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _row(line_no: int, cells: dict[int, str], columns: dict[str, int]) -> BankRow:
    told = {name: cells.get(place, "")[:TEXT_CHARS_MAX] for name, place in columns.items()}
    kept = {name: told.get(name) or None for name in ("reference", "utr", "remark")}
    try:
        return BankRow(
            line_no,
            **kept,
            amount=_amount(told["amount"]),
            account=_account(told["account"]),
            status=_status(told["status"]),
            paid_on=_day(told.get("paid_on", "")),
        )
    except ValueError as fault:
        return BankRow(line_no, **kept, fault=str(fault))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(re.sub(r"^(INR|Rs\.?|₹)|,|\s", "", text, flags=re.IGNORECASE))
    except InvalidOperation:
        raise ValueError("The amount is no number.") from None
    if not amount.is_finite() or not 0 < amount < _AMOUNT_MAX or amount != round(amount, 2):
        raise ValueError("The amount is none that can be paid.")
    return amount


def _account(text: str) -> str:
    """Digits, or X and the last digits where the portal masks it."""
    account = re.sub(r"\s", "", text).upper().replace("*", "X")
    if not re.fullmatch(r"X*[0-9]{4,20}", account, re.ASCII):
        raise ValueError("The account number cannot be read: write it as text.")
    return account


def _status(text: str) -> str:
    status = _STATUS_OF.get(_letters(text))
    if status is None:
        raise ValueError("The status is a word that is not known.")
    return status


def _day(text: str) -> date | None:
    for shape in _DATES if text else ():
        try:
            return datetime.strptime(text.split("T")[0], shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if text:
        raise ValueError("The date cannot be read.")
    return None
