"""Who agrees what is done with money in suspense: one person proposes it and another one agrees, above the brand's
limit; `service` and `refunds` do it."""

from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden
from app.payments.models import SuspenseItem
from app.payments.states import OPEN, PROPOSED, SUSPENSE
from app.payments.suspense import refunds
from app.payments.suspense import service as suspense

PLACE, REFUND = "PLACE", "REFUND"


def place(item_id: UUID | str, loan_id: UUID | str, remark: str) -> SuspenseItem:
    """Propose to use it as a payment of a loan; up to the brand's limit it happens at once.

    Raises Conflict where it does not wait, or nothing is outstanding on the loan.
    """
    item = _open(item_id)
    suspense.owing(loan_id)
    if _is_small(item):
        return suspense.place(item.id, loan_id, remark)
    return _propose(item, PLACE, remark, proposed_loan_id=loan_id)


def refund(item_id: UUID | str, remark: str, bank_reference: str | None) -> SuspenseItem:
    """Propose to give it back; up to the brand's limit it happens at once. Raises as `refunds.ask` does."""
    item = _open(item_id)
    refunds.check_reference(item, bank_reference)
    if _is_small(item):
        refunds.ask(item.id, remark, bank_reference)
        return SuspenseItem.find(item.id)
    return _propose(item, REFUND, remark, proposed_reference=bank_reference)


def _open(item_id: UUID | str) -> SuspenseItem:
    item = SuspenseItem.find(item_id)
    if item.status != OPEN:
        raise Conflict(f"It is {item.status}.", code="NOT_IN_SUSPENSE")
    return item


def _is_small(item: SuspenseItem) -> bool:
    return item.amount <= brands.settings()["repayment"]["suspense_alone_max"]


def _propose(item: SuspenseItem, action: str, remark: str, **what: Any) -> SuspenseItem:
    nothing = {"proposed_loan_id": None, "proposed_reference": None, "decided_by": None}
    who = {"proposed_by": identity.actor().id, "proposed_at": clock.now(), "proposed_remark": remark}
    return SUSPENSE.move(item, PROPOSED, remark=remark, proposed_action=action, **nothing | who | what)


def approve(item_id: UUID | str, remark: str | None) -> SuspenseItem:
    """Another person agrees, and it happens. Raises Forbidden for who proposed it, Conflict where nothing is proposed
    or it is not possible any more."""
    item = _to_decide(item_id)
    return _DONE[item.proposed_action](item, remark or item.proposed_remark)


def _placed(item: SuspenseItem, remark: str) -> SuspenseItem:
    return suspense.place(item.id, item.proposed_loan_id, remark)


def _given_back(item: SuspenseItem, remark: str) -> SuspenseItem:
    refunds.ask(item.id, remark, item.proposed_reference)
    return SuspenseItem.find(item.id)


_DONE = {PLACE: _placed, REFUND: _given_back}


def reject(item_id: UUID | str, remark: str) -> SuspenseItem:
    """Another person does not agree: it waits again. Raises as `approve` does."""
    return SUSPENSE.move(_to_decide(item_id), OPEN, remark=remark, proposed_action=None, proposed_by=None)


def _to_decide(item_id: UUID | str) -> SuspenseItem:
    # whoever else decides waits, and finds it decided
    item = suspense.locked(item_id, SuspenseItem.find(item_id).proposed_loan_id)
    if item.status != PROPOSED:
        raise Conflict(f"It is {item.status}.", code="NOTHING_PROPOSED")
    if item.proposed_by == identity.actor().id:
        raise Forbidden("Whoever proposed it does not agree to it.", code="MAKER_IS_CHECKER")
    return item
