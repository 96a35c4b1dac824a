"""Reads what a bank portal says of payouts: CSV or XLSX, a row a payout, under whatever names its columns have.

Pure: bytes in, rows out. A row that cannot be read comes out with its fault, and the next one follows.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.tables_in import amount_of, below_header, day_of, spellings, status_of
from app.disbursement.states import FAILED, PROCESSING, REVERSED, SUCCESS

ROWS_MAX = 5_000

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
_COLUMNS = spellings(_NAMES)
_NEEDED = ("reference", "amount", "account", "status")
_WORDS = {
    SUCCESS: "success successful processed paid completed credited settled",
    FAILED: "failed failure rejected cancelled declined unpaid",
    REVERSED: "reversed returned refunded",
    PROCESSING: "pending processing inprocess inprogress initiated queued submitted",
}
_STATUS_OF = spellings(_WORDS)


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
    return [_row(line_no, told) for line_no, told in below_header(data, _COLUMNS, _NEEDED, ROWS_MAX)]


def _row(line_no: int, told: dict[str, str]) -> BankRow:
    kept = {name: told.get(name) or None for name in ("reference", "utr", "remark")}
    try:
        return BankRow(
            line_no,
            **kept,
            amount=amount_of(told["amount"]),
            account=_account(told["account"]),
            status=status_of(told["status"], _STATUS_OF),
            paid_on=day_of(told.get("paid_on", "")),
        )
    except ValueError as fault:
        return BankRow(line_no, **kept, fault=str(fault))


def _account(text: str) -> str:
    """Digits, or X and the last digits where the portal masks it."""
    account = re.sub(r"\s", "", text).upper().replace("*", "X")
    if not re.fullmatch(r"X*[0-9]{4,20}", account, re.ASCII):
        raise ValueError("The account number cannot be read: write it as text.")
    return account
