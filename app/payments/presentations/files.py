"""The debits of a day as files: a table for whoever watches them, and the input file of NACH for the sponsor bank.

A file is made from its rows alone, so made again it is the same file; where its rows have changed there is a new
version, until the day is there or the file was given to the bank. What changed hands stays as it was.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from peewee import ModelSelect

from app.brands import service as brands
from app.core import audit, clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.money import ZERO
from app.core.spreadsheet import csv_file
from app.files import SEALED, get_sealed, put_sealed
from app.loans.service import Loan
from app.mandates import debits
from app.mandates.service import Mandate
from app.payments.models import MandatePresentation, PaymentRequest, PresentationFile
from app.payments.presentations import nach_layout
from app.payments.presentations.service import BANK, FILE, LESS_OWED, give_up, reference_of
from app.payments.states import (
    FAILED,
    MADE,
    PAYMENT,
    PENDING,
    PRESENTATION,
    PRESENTATION_FILE,
    PRESENTED,
    PROCESSING,
    REPLACED,
    SENT,
)
from reports.balance import balance
from reports.masks import ACCOUNT
from storage import key_for

log = structlog.get_logger()

CSV, NACH = "CSV", "NACH"
SORTABLE = {
    "presentOn": MandatePresentation.present_on,
    "amount": MandatePresentation.amount,
    "createdAt": MandatePresentation.created_at,
}
FILES_SORTABLE = {
    "madeAt": PresentationFile.made_at,
    "presentOn": PresentationFile.present_on,
    "amount": PresentationFile.amount,
}
HEAD = (
    "Presentation", "Reference", "Loan", "Attempt", "Gateway", "Method", "UMRN", "Amount", "Present on",
)  # fmt: skip
# Debits of a day that the bank is to make, of which less will be owed than was announced.
_LESS_OWED = """
    SELECT p.id FROM mandate_presentation p
    JOIN loan l ON l.brand_id = p.brand_id AND l.id = p.loan_id
    CROSS JOIN LATERAL ({owed}) b
    WHERE p.brand_id = %(brand)s AND p.present_on = %(on)s AND p.status = %(pending)s AND p.channel = %(file)s
      AND p.payment_request_id IS NOT NULL AND b.principal + b.interest + b.penal + b.charge < p.amount"""


def search(present_on: date | None = None, status: str | None = None) -> ModelSelect:
    """The presentations of the brand, all or of a day or status."""
    return MandatePresentation.asked(present_on=present_on, status=status)


def files(present_on: date | None, format_: str | None, status: str | None) -> ModelSelect:
    """The files of the brand, every version, by day, format and state."""
    return PresentationFile.asked(present_on=present_on, format=format_, status=status)


@dataclass(frozen=True)
class _Row:
    """A debit with what a file tells of it."""

    presentation: MandatePresentation
    loan: Loan
    mandate: Mandate
    reference: str


@dataclass(frozen=True)
class _Format:
    """How a kind of file is made: of which debits, under which name, and its bytes."""

    channels: tuple[str, ...]
    name: Callable[[date, int], str]
    content: Callable[[date, list[_Row]], bytes]
    content_type: str


def make(present_on: date) -> list[PresentationFile]:
    """The files of a day, made anew where its debits have changed. Doing it again gives the same files."""
    _one_at_a_time(present_on)
    if present_on >= clock.today():
        _leave_out(present_on)
    made = [_make(present_on, format_) for format_ in _FORMATS]
    return [file for file in made if file is not None]


def _one_at_a_time(present_on: date) -> None:
    name = f"presentation-file|{current_brand()}|{present_on}"
    db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def _leave_out(present_on: date) -> None:
    """What was paid meanwhile is not debited, nor what no file can name."""
    values = {
        "brand": current_brand(),
        "on": present_on,
        "pending": PENDING,
        "file": FILE,
    }
    less = db.execute_sql(_LESS_OWED.format(owed=balance("%(on)s::date")), values).fetchall()
    by_file = search(present_on, PENDING).where(MandatePresentation.channel == FILE)
    faults = {row[0]: LESS_OWED for row in less} | {
        row.presentation.id: fault for row in _rows(by_file) if (fault := _fault(row))
    }
    if not faults:
        return
    with identity.acting(identity.SYSTEM):
        for presentation in list(by_file.where(MandatePresentation.id.in_(list(faults)))):
            give_up(presentation, faults[presentation.id])


def _fault(row: _Row) -> str | None:
    """Why the bank's file cannot name a debit."""
    if _sponsor() is None:
        return "The brand has no sponsor bank any more."
    try:
        nach_layout.write(_user(), row.presentation.present_on, [_item(row)])
    except ValueError as fault:
        return f"The file of NACH cannot name it: {fault}."
    return None


def _make(present_on: date, format_: str) -> PresentationFile | None:
    kind, current = _FORMATS[format_], newest(present_on, format_)
    is_over = present_on < clock.today()
    if current is not None and (current.status == SENT or is_over):
        return current
    if format_ == NACH and (is_over or _sponsor() is None):
        return current
    of_day = search(present_on).where(
        MandatePresentation.status != FAILED, MandatePresentation.channel.in_(kind.channels)
    )
    rows = _rows(of_day)
    if not rows and current is None:
        return None
    content = kind.content(present_on, rows)
    sha256 = hashlib.sha256(content).hexdigest()
    if current is not None and current.sha256 == sha256:
        return current
    return _keep(present_on, format_, current, rows, content, sha256)


def _keep(
    present_on: date,
    format_: str,
    current: PresentationFile | None,
    rows: list[_Row],
    content: bytes,
    sha256: str,
) -> PresentationFile:
    with identity.acting(identity.SYSTEM):
        if current is not None:
            PRESENTATION_FILE.move(current, REPLACED)
        file_id, version = new_id(), current.version + 1 if current else 1
        key = key_for(current_brand(), "presentations", f"{present_on}", f"{file_id}{SEALED}")
        put_sealed(key, content)
        file = PresentationFile.create(
            id=file_id,
            present_on=present_on,
            format=format_,
            version=version,
            status=PRESENTATION_FILE.initial,
            row_count=len(rows),
            amount=sum((row.presentation.amount for row in rows), ZERO),
            sha256=sha256,
            name=_FORMATS[format_].name(present_on, version),
            file_key=key,
            made_at=clock.now(),
        )
        PRESENTATION_FILE.start(file)
    return file


def days_ahead() -> list[date]:
    """The days from today on that have debits, or had any: a file whose last one was given up is made anew too."""
    planned = MandatePresentation.select(MandatePresentation.present_on).distinct()
    return sorted(row.present_on for row in planned.where(MandatePresentation.present_on >= clock.today()))


def newest(present_on: date, format_: str) -> PresentationFile | None:
    """The version of a day's file that counts."""
    mine = PresentationFile.present_on == present_on, PresentationFile.format == format_
    return PresentationFile.select().where(*mine, PresentationFile.status != REPLACED).first()


def content_of(file: PresentationFile) -> bytes:
    """The bytes of a file, whose download is on the audit trail. Raises NotFound once they were deleted."""
    if file.file_key is None:
        raise NotFound("file")
    audit.record("presentation_file.downloaded", "presentation_file", file.id, after={"rows": file.row_count})
    return get_sealed(file.file_key)


def of_day(present_on: date) -> PresentationFile:
    """The table of a day as it is kept. Raises NotFound where none was made."""
    file = newest(present_on, CSV)
    if file is None:
        raise NotFound("file")
    return file


def hand_over(file_id: UUID | str) -> PresentationFile:
    """Somebody gave the file to the bank: its debits are presented, and it stays as it is.

    Raises Conflict where it is no file of the bank, was given before, has a newer version, or a debit of it was not
    announced yet.
    """
    file = PresentationFile.find(file_id)
    _one_at_a_time(file.present_on)
    if file.format != NACH:
        raise Conflict("Only the file of NACH goes to the bank.", code="NOT_FOR_THE_BANK")
    planned = list(search(file.present_on, PENDING).where(MandatePresentation.channel == FILE))
    if not all(one.payment_request_id for one in planned):
        raise Conflict("Not all of its debits were announced yet.", code="NOT_ANNOUNCED")
    if file.status == MADE and file.present_on >= clock.today():
        make(file.present_on)
        if newest(file.present_on, NACH).id != file.id:
            raise Conflict("Its debits have changed: take the newer version.", code="NEWER_VERSION")
    sent = PRESENTATION_FILE.move(file, SENT, sent_at=clock.now(), sent_by=identity.actor().id)
    # what is planned in this moment is in no file
    waiting = search(file.present_on, PENDING).where(MandatePresentation.id.in_([one.id for one in planned]))
    of_file = PaymentRequest.id.in_(waiting.select(MandatePresentation.payment_request_id))
    with identity.acting(identity.SYSTEM):
        PAYMENT.move_found(PaymentRequest.select().where(of_file), [PENDING], PROCESSING)
        PRESENTATION.move_found(waiting, [PENDING], PRESENTED)
    return sent


def _rows(found: ModelSelect) -> list[_Row]:
    presentations = list(found.order_by(MandatePresentation.id))
    mandates = _by_id(Mandate, {one.mandate_id for one in presentations})
    loans = _by_id(Loan, {one.loan_id for one in presentations})
    return [
        _Row(one, loan := loans[one.loan_id], mandates[one.mandate_id], reference_of(loan, one))
        for one in presentations
    ]


def _by_id(model: type, ids: Iterable[UUID]) -> dict[UUID, Any]:
    return {one.id: one for one in model.select().where(model.id.in_(list(ids)))}


def _table(present_on: date, rows: list[_Row]) -> bytes:
    return csv_file(HEAD, map(_cells, rows))


def _cells(row: _Row) -> list[object]:
    one, mandate = row.presentation, row.mandate
    provider = BANK if one.channel == FILE else mandate.provider
    umrn = ACCOUNT.text(mandate.umrn)
    return [one.id, row.reference, row.loan.loan_no, one.attempt, provider, mandate.method, umrn, one.amount,
            one.present_on]  # fmt: skip


def _bank_file(present_on: date, rows: list[_Row]) -> bytes:
    return nach_layout.write(_user(), present_on, map(_item, rows))


def _sponsor() -> dict[str, str] | None:
    return brands.settings()["repayment"]["nach"]


def _user() -> nach_layout.User:
    known = _sponsor()
    return nach_layout.User(
        known["user_name"], known["utility_code"], known["sponsor_ifsc"], known["account_number"]
    )


def _item(row: _Row) -> nach_layout.Item:
    account = debits.account_of(row.mandate)
    if account is None:
        raise ValueError("its account is not known")
    return nach_layout.Item(
        reference=row.reference,
        holder_name=account.name,
        account_number=account.account_number,
        ifsc=account.ifsc,
        umrn=row.mandate.umrn,
        amount=Decimal(row.presentation.amount),
    )


def _bank_name(present_on: date, version: int) -> str:
    known = _sponsor()
    bank = known["sponsor_ifsc"][:4]
    return f"ACH-DR-{bank}-{known['login_id']}-{present_on:%d%m%Y}-{version:06d}-INP.txt"


_FORMATS = {
    CSV: _Format(
        ("GATEWAY", FILE), lambda day, version: f"presentations-{day}-{version}.csv", _table, "text/csv"
    ),
    NACH: _Format((FILE,), _bank_name, _bank_file, "text/plain"),
}
FORMATS = tuple(_FORMATS)


def content_type(file: PresentationFile) -> str:
    """As which type a file is served."""
    return _FORMATS[file.format].content_type
