"""A proposal or an offer is taken back by whom it stands on, or a head, as long as nothing was paid for it."""

from collections.abc import Mapping
from uuid import UUID

from app.collections.concessions import settling
from app.collections.models import Concession
from app.collections.states import CONCESSION, HEADS, OFFERED, PROPOSED, WITHDRAWN, move_remarked
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden
from app.loans import service as loans
from app.messaging import service as messaging

# where it is -> whose word it stands on
_STANDS_ON: Mapping[str, str] = {PROPOSED: "proposed_by", OFFERED: "decided_by"}


def withdraw(concession_id: UUID | str, remark: str) -> Concession:
    """Take it back. The customer is told of an offer that is gone; all is owed again.

    Raises Conflict where it is over, or a customer has begun to pay for the offer, which binds us then; Forbidden for
    others than a head and who proposed it or, once it is offered, said the last yes.
    """
    found = Concession.find(concession_id)
    # the loan before the concession, as everywhere
    loan = loans.get(found.loan_id).locked()
    concession = found.locked()
    if concession.status not in _STANDS_ON:
        raise Conflict(f"It is {concession.status}.", code="ALREADY_DECIDED")
    _refuse_others(concession)
    was_offered = concession.status == OFFERED
    if was_offered and settling.payments_for(concession, clock.today()):
        raise Conflict("The customer has begun to pay for it.", code="PAID_FOR")
    gone = move_remarked(CONCESSION, concession, WITHDRAWN, remark)
    if was_offered:
        amount = concession.amount
        messaging.notify(
            loan.customer_id, "settlement_withdrawn", loan_id=loan.id, loan_no=loan.loan_no, amount=amount
        )
    return gone


def _refuse_others(concession: Concession) -> None:
    who = identity.actor()
    if who.id != getattr(concession, _STANDS_ON[concession.status]) and not who.roles & set(HEADS):
        raise Forbidden("Whose word it is takes it back, or a head.", code="NOT_THEIRS")
