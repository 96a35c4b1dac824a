"""How much: each step may lower what the one before agreed to, and only a head may raise it, within the eligible."""

from decimal import Decimal

from app.brands import service as brands
from app.cam import service as cams
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.identity import actor
from app.loans import service as loans
from app.sanction.authority import ADMIN, HEAD, HEADS
from app.sanction.models import LoanOffer, SanctionApproval


def agreed(
    asked: Decimal | None,
    loan: loans.Loan,
    memo: cams.Terms,
    said: list[SanctionApproval],
    offer: LoanOffer | None,
) -> Decimal:
    """The amount of this step: what is asked for, else what was agreed before.

    Raises Conflict where the customer accepted an offer of another amount or somebody of the same step agreed to
    another, Forbidden for who may not raise it, Invalid beyond what is eligible or below what the brand lends.
    """
    before = said[-1].amount if said else memo.amount
    amount = asked or (offer.amount if offer else before)
    if offer and amount != offer.amount:
        raise Conflict(f"The customer accepted {offer.amount}.", code="OFFER_ACCEPTED", field="amount")
    if said and said[-1].level in (HEAD, ADMIN) and amount != before:
        raise Conflict(f"It was agreed to for {before}.", code="AMOUNT_AGREED", field="amount")
    if asked or offer:
        refuse_outside(amount, before, loan, memo)
    return amount


def refuse_outside(amount: Decimal, before: Decimal, loan: loans.Loan, memo: cams.Terms) -> None:
    """Raises where `amount` is not the actor's to agree to, when `before` was agreed to so far."""
    if amount > before:
        _refuse_raise(amount, before, min(loan.applied_amount, memo.eligible))
    limits = brands.settings()["loan_rules"]
    loans.within("amount", amount, limits["amount_min"], limits["amount_max"])


def _refuse_raise(amount: Decimal, before: Decimal, eligible: Decimal) -> None:
    if not actor().roles & HEADS:
        raise Forbidden(
            f"Only a head may go above {before}.", code="RAISE_NEEDS_SANCTION_HEAD", field="amount"
        )
    if amount > eligible:
        raise Invalid(f"At most {eligible}.", field="amount", code="ABOVE_ELIGIBLE")
