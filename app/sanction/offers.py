"""Counter-offers: staff propose other terms within the memo; the customer reads their key facts and answers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.cam import service as cams
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden, NotFound
from app.loans import service as loans
from app.loans.reasons import OFFER_DECLINED
from app.messaging import service as messaging
from app.sanction import amounts, authority
from app.sanction.models import LoanOffer
from app.sanction.states import OFFER


def propose(loan_id: UUID, amount: Decimal, tenure_days: int, remark: str) -> LoanOffer:
    """Offer other terms; an offer that still waits is withdrawn by it.

    Raises Conflict where nobody works on the loan or it has no memo, Forbidden for who does not work on it at this
    step or may not go so high, Invalid for what the rules or the brand refuse.
    """
    loan = loans.get(loan_id).locked()
    if loan.status not in loans.WORKS_ON:
        raise Conflict(f"The loan is {loan.status}.", state=loan.status)
    if not loans.WORKS_ON[loan.status] & identity.actor().roles:
        raise Forbidden("At this step the loan is somebody else's to make an offer on.")
    cam = cams.required(loan.id)
    limits = brands.settings()["loan_rules"]
    loans.within("tenure_days", tenure_days, limits["tenure_days_min"], limits["tenure_days_max"])
    before = loan.credit_approved_amount or cams.terms(cam).amount
    terms = cams.terms(cam, amount, tenure_days)
    amounts.refuse_outside(amount, before, loan, terms)
    withdraw(loan.id, "Another offer was made")
    return _make(loan, cam, terms, remark)


def _make(loan: loans.Loan, cam: Any, terms: cams.Terms, remark: str) -> LoanOffer:
    details = dict(terms.figures["repayment_details"])
    offer = LoanOffer.create(
        loan_id=loan.id,
        cam_id=cam.id,
        status=OFFER.initial,
        amount=terms.amount,
        tenure_days=terms.columns["tenure_days"],
        key_facts=details.pop("keyFacts"),
        terms=details | {"schedule": terms.figures["repayment_data"]},
        proposed_by=identity.actor().id,
        remark=remark,
        valid_until=clock.today() + timedelta(days=int(authority.policy()["offer_days"])),
    )
    OFFER.start(offer)
    messaging.notify(
        loan.customer_id, "offer_made", loan_id=loan.id, loan_no=loan.loan_no, amount=offer.amount,
        valid_until=offer.valid_until,
    )  # fmt: skip
    return offer


def of_loan(loan_id: UUID) -> list[LoanOffer]:
    """Every offer made on a loan, newest first. Raises NotFound without the loan."""
    mine = LoanOffer.loan_id == loans.get(loan_id).id
    return list(LoanOffer.select().where(mine).order_by(LoanOffer.id.desc()))


def open_of(loan_id: UUID) -> LoanOffer | None:
    """The offer that waits for the customer."""
    return LoanOffer.get_or_none(LoanOffer.loan_id == loan_id, LoanOffer.status == "PROPOSED")


def accepted(loan_id: UUID, cam: Any) -> LoanOffer | None:
    """The newest offer that the customer took, while the memo is the one that it was made from."""
    offer = (
        LoanOffer.select()
        .where(LoanOffer.loan_id == loan_id, LoanOffer.status == "ACCEPTED")
        .order_by(LoanOffer.decided_at.desc())
        .first()
    )
    return offer if offer and offer.cam_id == cam.id else None


def for_customer(loan_id: UUID, customer_id: UUID) -> LoanOffer:
    """The newest offer on one's own loan. Raises NotFound where there is none."""
    found = of_loan(loans.for_customer(loan_id, customer_id).id)
    if not found:
        raise NotFound("offer")
    return found[0]


def accept(loan_id: UUID, customer_id: UUID, offer_id: UUID) -> LoanOffer:
    """The customer takes the offer that they were shown. Raises Conflict where it is out of time or overtaken."""
    loan, offer = _waiting(loan_id, customer_id, offer_id)
    if clock.today() > offer.valid_until:
        raise Conflict(f"The offer was valid until {offer.valid_until}.", code="OFFER_EXPIRED")
    if cams.required(loan.id).id != offer.cam_id:
        raise Conflict("The figures behind this offer have changed.", code="OFFER_OVERTAKEN")
    return OFFER.move(offer, "ACCEPTED", decided_at=clock.now())


def decline(loan_id: UUID, customer_id: UUID, offer_id: UUID) -> LoanOffer:
    """The customer leaves it, and with it the application ends."""
    loan, offer = _waiting(loan_id, customer_id, offer_id)
    declined = OFFER.move(offer, "DECLINED", decided_at=clock.now())
    loans.move(loan.id, "CANCELLED", reason_code=OFFER_DECLINED)
    return declined


def _waiting(loan_id: UUID, customer_id: UUID, offer_id: UUID) -> tuple[loans.Loan, LoanOffer]:
    loan = loans.for_customer(loan_id, customer_id).locked()
    offer = LoanOffer.find(offer_id, loan_id=loan.id)
    if loan.status not in (*loans.WORKS_ON, "HOLD"):
        raise Conflict(f"The loan is {loan.status}.", state=loan.status)
    return loan, offer


def withdraw(loan_id: UUID, remark: str) -> None:
    """Take the offer back that still waits, if any."""
    offer = open_of(loan_id)
    if offer is not None:
        OFFER.move(offer, "WITHDRAWN", remark=remark)


def expire() -> None:
    """End the offers that nobody took in time."""
    late = LoanOffer.select().where(LoanOffer.status == "PROPOSED", LoanOffer.valid_until < clock.today())
    for offer in late:
        OFFER.move(offer, "EXPIRED", remark="Nobody took it in time")
