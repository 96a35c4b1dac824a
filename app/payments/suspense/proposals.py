"""Who agrees what is done with money in suspense: one person proposes it and another one agrees, above the brand's
limit; `service` and `refunds` do it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden, Invalid
from app.payments.models import SuspenseItem
from app.payments.states import OPEN, PROPOSED, SUSPENSE
from app.payments.suspense import refunds
from app.payments.suspense import service as suspense

PLACE, REFUND = "PLACE", "REFUND"


def place(
    item_id: UUID | str, loan_id: UUID | str, remark: str, amount: Decimal | None = None
) -> SuspenseItem:
    """Propose to use it, or `amount` of it, as a payment of a loan; up to the brand's limit it happens at once.

    Raises Conflict where it does not wait, or nothing is outstanding on the loan; Invalid for more than waits.
    """
    item = _open(item_id, amount)
    suspense.owing(loan_id)
    if _is_small(item):
        return suspense.place(item.id, loan_id, remark, amount)
    return _propose(item, PLACE, remark, proposed_loan_id=loan_id, proposed_amount=amount)


def refund(
    item_id: UUID | str, remark: str, bank_reference: str | None, amount: Decimal | None = None
) -> SuspenseItem:
    """Propose to give it, or `amount` of it, back; up to the brand's limit it happens at once. Raises as
    `refunds.ask` does, and Invalid for more than waits."""
    item = _open(item_id, amount)
    refunds.check_reference(item, bank_reference)
    if _is_small(item):
        refunds.ask(item.id, remark, bank_reference, amount)
        return SuspenseItem.find(item.id)
    return _propose(item, REFUND, remark, proposed_reference=bank_reference, proposed_amount=amount)


def _open(item_id: UUID | str, amount: Decimal | None) -> SuspenseItem:
    item = SuspenseItem.find(item_id)
    if item.status != OPEN:
        raise Conflict(f"It is {item.status}.", code="NOT_IN_SUSPENSE")
    if amount is not None and amount > item.amount:
        raise Invalid(f"Only {item.amount} of it waits.", field="amount", code="MORE_THAN_WAITS")
    return item


def _is_small(item: SuspenseItem) -> bool:
    # by all that waits: in small parts nobody gives away alone what is beyond the limit
    return item.amount <= brands.settings()["repayment"]["suspense_alone_max"]


def _propose(item: SuspenseItem, action: str, remark: str, **what: Any) -> SuspenseItem:
    nothing = dict.fromkeys(("proposed_loan_id", "proposed_reference", "proposed_amount", "decided_by"))
    who = {"proposed_by": identity.actor().id, "proposed_at": clock.now(), "proposed_remark": remark}
    return SUSPENSE.move(item, PROPOSED, remark=remark, proposed_action=action, **nothing | who | what)


def approve(item_id: UUID | str, remark: str | None) -> SuspenseItem:
    """Another person agrees, and it happens. Raises Forbidden for who proposed it, Conflict where nothing is proposed
    or it is not possible any more."""
    item = _to_decide(item_id)
    return _DONE[item.proposed_action](item, remark or item.proposed_remark)


def _placed(item: SuspenseItem, remark: str) -> SuspenseItem:
    return suspense.place(item.id, item.proposed_loan_id, remark, item.proposed_amount)


def _given_back(item: SuspenseItem, remark: str) -> SuspenseItem:
    refunds.ask(item.id, remark, item.proposed_reference, item.proposed_amount)
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
