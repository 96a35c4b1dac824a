"""Payouts and the bank portal: files out for what is paid offline, files in that say what became of payouts.

A file in may tell of any payout whose end is not known, sent offline or by a gateway. Each row is matched by
reference, amount and account; what does not fit all three changes nothing and waits as an exception for a person.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock, files_in, identity
from app.core.database import insert_rows
from app.core.errors import Conflict, NotFound
from app.core.files_in import READ
from app.core.masking import mask_text
from app.core.numbers import next_number
from app.core.outbox import enqueue
from app.core.spreadsheet import csv_file, xlsx_file
from app.disbursement import bank_reading, payouts
from app.disbursement.bank_reading import BankRow
from app.disbursement.models import BankFile, BankFileRow, Payout, PayoutBatch
from app.disbursement.states import FAILED, PAYOUT, PENDING, PROCESSING, REVERSED, SUCCESS
from app.kyc import service as kyc

BYTES_MAX = 5 * 2**20
# A row waits, then it moved its payout, or found it there already, or waits for a person.
WAITING, SETTLED, UNCHANGED, EXCEPTION = "WAITING", "SETTLED", "UNCHANGED", "EXCEPTION"
OUTCOMES = (WAITING, SETTLED, FAILED, REVERSED, PROCESSING, UNCHANGED, EXCEPTION)
# (state here, state in the file): one of the two is wrong
_CONTRADICTIONS = {(FAILED, SUCCESS), (SUCCESS, FAILED)}


# Files out


def send_to_bank() -> PayoutBatch:
    """Put every released offline payout into one batch, whose files go to the bank portal.

    Raises Conflict where none waits.
    """
    waiting = Payout.status == PENDING, Payout.channel == payouts.OFFLINE
    found = list(Payout.select().where(*waiting).order_by(Payout.id).for_update())
    if not found:
        raise Conflict("No offline payout waits.", code="NOTHING_WAITS")
    batch = PayoutBatch.create(
        batch_no=next_number("B"),
        made_by=identity.actor().id,
        payout_count=len(found),
        amount=sum(payout.amount for payout in found),
    )
    for payout in found:
        payout.change(batch_id=batch.id)
        PAYOUT.move(payout, PROCESSING)
    audit.record("payout_batch.made", "payout_batch", batch.id, after={"count": len(found)})
    return batch


def batches() -> ModelSelect:
    """The batches of the brand."""
    return PayoutBatch.select()


# name of a column -> its cell for a payout with its beneficiary
_PAYOUT_COLUMNS: Mapping[str, Callable[[Payout, Any], Any]] = {
    "Reference": lambda payout, to: payout.reference,
    "Mode": lambda payout, to: payout.mode,
    "Amount": lambda payout, to: f"{payout.amount:.2f}",
    "Beneficiary code": lambda payout, to: to.reference_id,
    "Beneficiary name": lambda payout, to: to.name,
    "Beneficiary account number": lambda payout, to: to.account_number,
    "IFSC": lambda payout, to: to.ifsc,
    "Remark": lambda payout, to: f"Loan {payout.reference}",
}
_BENEFICIARY_COLUMNS = {
    name: _PAYOUT_COLUMNS[name]
    for name in ("Beneficiary code", "Beneficiary name", "Beneficiary account number", "IFSC")
}
FILES = {"PAYOUT": _PAYOUT_COLUMNS, "BENEFICIARY": _BENEFICIARY_COLUMNS}
FORMATS = {"CSV": csv_file, "XLSX": xlsx_file}


def batch_file(batch_id: UUID | str, kind: str, file_format: str) -> tuple[str, bytes]:
    """Name and bytes of a batch's payout or beneficiary file. It holds account numbers: each download is audited."""
    batch = PayoutBatch.find(batch_id)
    columns = FILES[kind]
    mine = list(Payout.select().where(Payout.batch_id == batch.id).order_by(Payout.id))
    paid_to = [(payout, payouts.beneficiary(payout)) for payout in mine]
    cells = [[cell(payout, to) for cell in columns.values()] for payout, to in paid_to]
    audit.record("payout_batch.downloaded", "payout_batch", batch.id, after={"kind": kind, "rows": len(mine)})
    name = f"{batch.batch_no}-{kind.lower()}.{file_format.lower()}"
    return name, FORMATS[file_format](list(columns), cells)


# Files in


def upload(name: str, data: bytes) -> BankFile:
    """Keep the rows of a file; a job settles them. The same bytes again are the same file, and nothing happens.

    Raises Invalid, field `file`, where it is no list of payouts.
    """
    file, read = files_in.keep(
        BankFile, name, data, bank_reading.rows, bytes_max=BYTES_MAX, code="NOT_A_BANK_FILE"
    )
    if read is None:
        return file
    if read:
        insert_rows(BankFileRow, [_stored(file, row) for row in read])
    enqueue("disbursement.settle_bank_file", bank_file_id=file.id)
    audit.record("bank_file.uploaded", "bank_file", file.id, after={"name": file.name, "rows": len(read)})
    return file


def _stored(file: BankFile, row: BankRow) -> dict[str, Any]:
    is_whole = row.account is not None and row.account.isdecimal()
    return {
        "bank_file_id": file.id,
        "line_no": row.line_no,
        "reference": row.reference,
        "amount": row.amount,
        "account_last4": row.account[-4:] if row.account else None,
        "account_hash": kyc.number_hash(row.account) if is_whole else None,
        "bank_status": row.status,
        "utr": row.utr,
        # banks write names and accounts into it
        "remark": mask_text(row.remark) if row.remark else None,
        "paid_on": row.paid_on,
        "fault": row.fault,
        "outcome": WAITING,
    }


def settle_file(bank_file_id: UUID | str) -> None:
    """Take over what each row of a file says. Done once for each row, however often it is called."""
    file = BankFile.find(bank_file_id).locked()
    mine = BankFileRow.bank_file_id == file.id, BankFileRow.outcome == WAITING
    for row in list(BankFileRow.select().where(*mine).order_by(BankFileRow.line_no)):
        payout, outcome, reason = _settle(row)
        row.change(payout_id=payout.id if payout else None, outcome=outcome, reason=reason)
    file.change(status=READ)


def _settle(row: BankFileRow) -> tuple[Payout | None, str, str | None]:
    if row.fault:
        return None, EXCEPTION, row.fault
    try:
        payout = payouts.by_reference(row.reference).locked()
    except NotFound:
        return None, EXCEPTION, "No payout has this reference."
    odd = _odd(row, payout)
    if odd:
        return payout, EXCEPTION, odd
    moved = payouts.settle(
        payout,
        row.bank_status,
        amount=row.amount,
        utr=row.utr,
        reason=row.remark or row.bank_status,
        at=_when(row),
    )
    outcome = SETTLED if row.bank_status == SUCCESS else row.bank_status
    return payout, outcome if moved else UNCHANGED, None


def _odd(row: BankFileRow, payout: Payout) -> str | None:
    """Why a row cannot be about this payout, or not be true of it."""
    number = payouts.beneficiary(payout).account_number
    if row.amount != payout.amount:
        return f"The amount is {row.amount}; {payout.amount} was sent."
    if row.account_last4 != number[-4:] or not (
        row.account_hash is None or kyc.is_number_hash(row.account_hash, number)
    ):
        return "It went to another account than the order names."
    if row.bank_status == SUCCESS and not row.utr:
        return "A success without a UTR is none."
    if row.bank_status == SUCCESS and payout.utr not in (None, row.utr):
        return f"The UTR is {payout.utr} here."
    if (payout.status, row.bank_status) in _CONTRADICTIONS:
        return f"The payout is {payout.status} here."
    if payout.status == PENDING and payout.channel == payouts.OFFLINE:
        return "The payout is in no file that went out."
    return None


def _when(row: BankFileRow) -> datetime:
    """Noon of the day that the bank names, or now."""
    if row.paid_on is None or row.paid_on >= clock.today():
        return clock.now()
    return clock.noon_of(row.paid_on)


def files() -> ModelSelect:
    """The files of the brand."""
    return BankFile.select()


def report(bank_file_id: UUID | str) -> dict[str, Any]:
    """A file with what became of each row."""
    file = BankFile.find(bank_file_id)
    mine = BankFileRow.bank_file_id == file.id
    return file.__data__ | {"rows": list(BankFileRow.select().where(mine).order_by(BankFileRow.line_no))}


def exceptions(*, resolved: bool) -> ModelSelect:
    """Rows that a person has to look at, or did."""
    return BankFileRow.select().where(
        BankFileRow.outcome == EXCEPTION, BankFileRow.resolved_at.is_null(not resolved)
    )


def resolve(row_id: UUID | str, resolution: str) -> BankFileRow:
    """Somebody looked into an exception and says what came of it. Raises Conflict where it is none, or done."""
    row = BankFileRow.find(row_id).locked()
    if row.outcome != EXCEPTION or row.resolved_at:
        raise Conflict("There is nothing to resolve.", code="NOT_OPEN")
    row.change(resolution=resolution, resolved_by=identity.actor().id, resolved_at=clock.now())
    audit.record("bank_file_row.resolved", "bank_file_row", row.id, reason=resolution)
    return row
