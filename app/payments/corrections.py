"""What was charged or waived in error is taken back."""

from uuid import UUID

from app.closure import service as closure
from app.core import audit, clock, identity
from app.core.ids import new_id
from app.ledger import service as ledger
from app.ledger.events import Kind
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.payments import booking
from app.payments.suspense import service as suspense

# Money that came in is not among them: it is placed elsewhere or given back.
KINDS = (Kind.PENAL_CHARGE, Kind.BOUNCE_CHARGE, Kind.FORECLOSURE_CHARGE, Kind.WAIVER)


def take_back(loan_id: UUID | str, kind: str, reference: str, remark: str) -> Outstanding:
    """Reverse a charge or a waiver of a loan, by the reference that its ledger shows: from today it was never made.

    Raises Conflict where there is no such entry, or it was taken back before.
    """
    loan = loans.get(loan_id).locked()
    left = ledger.reverse(loan, Kind(kind), reference, clock.today(), str(new_id()))
    audit.record(
        "ledger.taken_back", "loan", loan.id, after={"kind": kind, "reference": reference}, reason=remark
    )
    suspense.fit(loan, left)
    if left.total:
        with identity.acting(identity.SYSTEM):
            closure.reopen(loans.get(loan.id), left, remark)
    else:
        booking.advance(loan.id, left)
    return left
