"""What the sponsor bank answers to the files of debits: each row gives its presentation an outcome, once.

A row is matched by reference and, where it is told, by amount. What does not fit changes nothing and says why.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core import audit, clock, files_in
from app.core.database import brand_scope, insert_rows
from app.core.files_in import READ, READING
from app.core.outbox import enqueue
from app.payments import service
from app.payments.models import (
    MandatePresentation,
    PaymentRequest,
    PresentationResponse,
    PresentationResponseRow,
)
from app.payments.presentations import reading
from app.payments.presentations.nach import REASONS
from app.payments.presentations.reading import PAID, UNPAID, WAITS, ResponseRow
from app.payments.presentations.service import BANK
from app.payments.states import PENDING, RETURNED, SUCCESS
from app.providers import money

BYTES_MAX = 20 * 2**20
STATES = (READING, READ)
WAITING, TAKEN, UNCHANGED, REFUSED = "WAITING", "TAKEN", "UNCHANGED", "REFUSED"
OUTCOMES = (WAITING, TAKEN, UNCHANGED, REFUSED)
SORTABLE = {"createdAt": PresentationResponse.created_at}
ROWS_SORTABLE = {"lineNo": PresentationResponseRow.line_no}
_AT_ONCE = 100
_METHOD = "nach"
# what the bank says -> as a gateway would say it, and what the presentation then is
_AS_PAYMENT = {PAID: "captured", UNPAID: "failed"}
_BECOMES = {PAID: SUCCESS, UNPAID: RETURNED}


def search(status: str | None) -> ModelSelect:
    """The files of the bank that were sent in."""
    return PresentationResponse.asked(status=status)


def rows_of(response_id: UUID | str, outcome: str | None) -> ModelSelect:
    """What became of the rows of a file."""
    file = PresentationResponse.find(response_id)
    return PresentationResponseRow.asked(response_id=file.id, outcome=outcome)


def upload(name: str, data: bytes) -> PresentationResponse:
    """Keep the rows of a file; a job takes them over. The same bytes again are the same file, and nothing happens.

    Raises Invalid, field `file`, where it is none.
    """
    file, read = files_in.keep(
        PresentationResponse, name, data, reading.rows, bytes_max=BYTES_MAX, code="NOT_A_RESPONSE_FILE"
    )
    if read is None:
        return file
    if read:
        insert_rows(PresentationResponseRow, [_stored(file, row) for row in read])
    enqueue("payments.take_response", brand_id=file.brand_id, response_id=file.id)
    after = {"name": file.name, "rows": len(read)}
    audit.record("presentation_response.uploaded", "presentation_response", file.id, after=after)
    return file


def _stored(file: PresentationResponse, row: ResponseRow) -> dict[str, Any]:
    return {
        "response_id": file.id,
        "line_no": row.line_no,
        "reference": row.reference,
        "amount": row.amount,
        "bank_status": row.status,
        "code": row.code,
        "bank_reference": row.bank_reference,
        "settled_on": row.settled_on,
        "fault": row.fault,
        "outcome": WAITING,
    }


def take(brand_id: str, response_id: UUID | str) -> None:
    """Take over what each row says, some rows a transaction. Done once for each row, however often it is called."""
    while True:
        with brand_scope(brand_id):
            file = PresentationResponse.find(response_id).locked()
            waiting = _waiting(file)
            if not waiting:
                file.change(status=READ)
                return
            for row in waiting:
                presentation, outcome, reason = _settle(row)
                found = presentation.id if presentation else None
                row.change(presentation_id=found, outcome=outcome, reason=reason)
            outcomes = [row.outcome for row in waiting]
            file.change(
                taken_count=file.taken_count + outcomes.count(TAKEN),
                refused_count=file.refused_count + outcomes.count(REFUSED),
            )


def _waiting(file: PresentationResponse) -> Sequence[PresentationResponseRow]:
    mine = PresentationResponseRow.response_id == file.id, PresentationResponseRow.outcome == WAITING
    rows = PresentationResponseRow.select().where(*mine).order_by(PresentationResponseRow.line_no)
    return list(rows.limit(_AT_ONCE))


def _settle(row: PresentationResponseRow) -> tuple[MandatePresentation | None, str, str | None]:
    if row.fault:
        return None, REFUSED, row.fault
    request = PaymentRequest.get_or_none(
        PaymentRequest.reference == row.reference, PaymentRequest.provider == BANK
    )
    if request is None:
        return None, REFUSED, "No debit that was announced has this reference."
    presentation = MandatePresentation.get(MandatePresentation.payment_request_id == request.id)
    odd = _odd(row, request, presentation)
    if odd:
        return presentation, REFUSED, odd
    if row.bank_status == WAITS or presentation.status == _BECOMES[row.bank_status]:
        return presentation, UNCHANGED, None
    told = money.PaymentEvent("presentation.response", clock.now(), _payment(row, request, presentation))
    service.hear(told, BANK)
    return presentation, TAKEN, None


def _odd(
    row: PresentationResponseRow, request: PaymentRequest, presentation: MandatePresentation
) -> str | None:
    """Why a row cannot be about this debit, or not be true of it."""
    if row.amount is not None and row.amount != request.amount:
        return f"The amount is {row.amount}; {request.amount} was to be debited."
    if presentation.status == PENDING:
        return "It is in no file that was given to the bank."
    if row.settled_on and not presentation.present_on <= row.settled_on <= clock.today():
        return f"It was presented on {presentation.present_on}, and today is {clock.today()}."
    if row.bank_status == UNPAID and presentation.status not in _MAY_RETURN:
        return f"It is {presentation.status} here."
    return None


_MAY_RETURN = ("PRESENTED", RETURNED)


def _payment(
    row: PresentationResponseRow, request: PaymentRequest, presentation: MandatePresentation
) -> money.Payment:
    """What the bank says, as a gateway would say it: a debit has one payment, under our reference."""
    on = min(row.settled_on or presentation.present_on, clock.today())
    return money.Payment(
        id=request.reference,
        order_id=None,
        amount=request.amount,
        status=_AS_PAYMENT[row.bank_status],
        method=_METHOD,
        fee=None,
        tax=None,
        bank_reference=row.bank_reference,
        error_reason=row.code,
        error_description=REASONS[row.code].meaning if row.code else None,
        notes={"debit": request.reference},
        created_at=clock.noon_of(on),
    )
