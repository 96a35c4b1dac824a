"""Sanction: the credit executive recommends, managers and heads decide, never the same person twice.

Whose yes it takes is policy (the brand's `sanction` rule file): amount, tier, deviations. See docs/sanction.md.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.allocation import service as allocation
from app.cam import service as cams
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.identity import SYSTEM, Role, acting
from app.core.outbox import enqueue
from app.credit import service as credit
from app.loans import reasons
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging.staff import mails as to_staff
from app.sanction import amounts, approvals, authority, checklist, deviations, offers
from app.sanction.authority import ADMIN, EXECUTIVE, HEAD, LEVELS, MANAGER

BEFORE = {
    "CREDIT_EXECUTIVE_APPROVED": ("APPLIED", (EXECUTIVE, MANAGER, HEAD, ADMIN)),
    "SANCTION_MANAGER_APPROVED": ("CREDIT_EXECUTIVE_APPROVED", (MANAGER, HEAD, ADMIN)),
}


def recommend(loan_id: UUID, remark: str, amount: Decimal | None = None) -> loans.Loan:
    """Send the loan up with its memo and decision, for at most what the memo recommends.

    Raises Conflict naming what is missing on the file.
    """
    loan = loans.get(loan_id).locked()
    cam = cams.required(loan.id)
    if credit.latest(loan.id) is None:
        raise Conflict("Run the rules first: there is no decision.", code="DECISION_MISSING")
    checklist.require(loan)
    offer = offers.accepted(loan.id, cam)
    agreed = amounts.agreed(amount, loan, cams.terms(cam), [], offer)
    terms = _terms(cam, agreed, offer)
    loans.move(loan.id, "CREDIT_EXECUTIVE_APPROVED", remark=remark, credit_approved_amount=agreed)
    approvals.supersede(loan.id, authority.MAY_SIGN)
    approvals.sign(loan.id, EXECUTIVE, agreed, remark)
    deviations.start_over(loan.id)
    deviations.record(loan.id, deviations.departures(loan, cam, terms), remark)
    return loans.get(loan.id)


def _terms(cam: Any, amount: Decimal, offer: Any) -> cams.Terms:
    memo = cams.terms(cam)
    if amount == memo.amount and offer is None:
        return memo
    return cams.terms(cam, amount, offer.tenure_days if offer else None)


def approve(loan_id: UUID, remark: str, amount: Decimal | None = None) -> loans.Loan:
    """Say yes at one's level; with the last yes the loan is sanctioned and the agreement goes out.

    Raises Conflict naming what is missing on the file, or where nobody may sanction it; Forbidden for who had a
    hand in the file before, or whose level it is not.
    """
    loan = loans.get(loan_id).locked()
    if loan.status not in BEFORE:
        raise Conflict(
            f"The loan is {loan.status}; there is nothing to approve.",
            code="ILLEGAL_TRANSITION",
            state=loan.status,
        )
    approvals.refuse_maker(loan.id)
    cam, said = cams.required(loan.id), approvals.standing(loan.id)
    checklist.require(loan)
    offer = offers.accepted(loan.id, cam)
    agreed = amounts.agreed(amount, loan, cams.terms(cam), said, offer)
    terms = _terms(cam, agreed, offer)
    departing = deviations.departures(loan, cam, terms)
    needed = authority.needed(loan, terms, len(departing))
    signed = {approval.level for approval in said}
    level = authority.level_to_sign(needed, signed, final=loan.status == "SANCTION_MANAGER_APPROVED")
    approvals.sign(loan.id, level, agreed, remark)
    deviations.record(loan.id, departing, remark)
    if loan.status == "CREDIT_EXECUTIVE_APPROVED":
        loan = loans.move(loan.id, "SANCTION_MANAGER_APPROVED", remark=remark)
    if authority.is_complete(needed, {*signed, level}):
        loan = _sanction(loan, terms, remark)
    return loan


def _sanction(loan: loans.Loan, terms: cams.Terms, remark: str) -> loans.Loan:
    valid_until = clock.today() + timedelta(days=int(authority.policy()["sanction_days"]))
    loan = loans.move(loan.id, "APPROVED", remark=remark, sanction_valid_until=valid_until, **terms.columns)
    deviations.approve(loan.id, valid_until)
    enqueue("esign.send_agreement", loan_id=loan.id)
    messaging.notify(
        loan.customer_id, "sanctioned", loan_id=loan.id, loan_no=loan.loan_no, amount=loan.sanctioned_amount
    )
    return loan


def reject(loan_id: UUID, reason_code: str, remark: str) -> loans.Loan:
    """End the application for a reason of the catalogue; the customer hears its words for customers."""
    reason = reasons.for_rejecting(reason_code)
    loan = _as_checker(loan_id)
    offers.withdraw(loan.id, "The application was declined")
    loan = loans.move(loan.id, "REJECTED", reason_code=reason_code, remark=remark)
    messaging.notify(
        loan.customer_id,
        "application_rejected",
        loan_id=loan.id,
        loan_no=loan.loan_no,
        reasons=reason.customer,
    )
    return loan


def cancel(loan_id: UUID, reason_code: str, remark: str) -> loans.Loan:
    """Close an application of which nothing comes: the customer is not interested, or not reached."""
    reasons.for_cancelling(reason_code)
    loan = loans.move(loan_id, "CANCELLED", reason_code=reason_code, remark=remark)
    offers.withdraw(loan.id, "The application was closed")
    return loan


def withdraw(loan_id: UUID, customer_id: UUID) -> loans.Loan:
    """The customer withdraws what is not disbursed yet."""
    loan = loans.for_customer(loan_id, customer_id)
    loan = loans.move(loan.id, "CANCELLED", reason_code=reasons.WITHDRAWN)
    offers.withdraw(loan.id, "The customer withdrew")
    return loan


def _as_checker(loan_id: UUID) -> loans.Loan:
    """The loan, locked, for a decision above the credit executive: by nobody who made what they decide on."""
    loan = loans.get(loan_id).locked()
    if loan.status in BEFORE:
        approvals.refuse_maker(loan.id)
    return loan


def send_back(loan_id: UUID, remark: str) -> loans.Loan:
    """Return the file to the step before, where the rules have to run again.

    Raises Conflict once it went back as often as the policy allows: then it is decided as it is.
    """
    loan = _as_checker(loan_id)
    if loan.status not in BEFORE:
        raise Conflict(
            f"The loan is {loan.status} and cannot be sent back.",
            code="ILLEGAL_TRANSITION",
            state=loan.status,
        )
    if not authority.may_send_back(loan):
        raise Conflict(
            f"It was sent back {loan.send_back_count} times: a head decides on it now.",
            code="SEND_BACKS_SPENT",
        )
    target, levels = BEFORE[loan.status]
    offers.withdraw(loan.id, "The file was sent back")
    loan = loans.move(
        loan.id, target, reason_code=loans.SENT_BACK, remark=remark, send_back_count=loan.send_back_count + 1
    )
    approvals.supersede(loan.id, levels)
    executive = allocation.executive_of(loan.id, Role.CREDIT_EXECUTIVE)
    if executive is not None:
        to_staff.tell(executive, "sent_back", loan_no=loan.loan_no)
    return loan


def hold(loan_id: UUID, remark: str, until: date) -> loans.Loan:
    """Let the file rest where it is, until a day. Raises Invalid for a day beyond what the policy allows."""
    loan, days = loans.get(loan_id).locked(), int(authority.policy()["hold_days"])
    if not 0 < (until - clock.today()).days <= days:
        raise Invalid(f"A day from tomorrow to {days} days on.", field="until")
    return loans.move(loan.id, "HOLD", remark=remark, held_from=loan.status, held_until=until)


def resume(loan_id: UUID, remark: str) -> loans.Loan:
    """Take it up again at the step where it rested."""
    loan = loans.get(loan_id).locked()
    if loan.status != "HOLD":
        raise Conflict(f"The loan is {loan.status}, not on hold.", code="NOT_ON_HOLD", state=loan.status)
    loan = loans.move(loan.id, loan.held_from, remark=remark, held_from=None, held_until=None)
    loans.evidence_came(loan.customer_id)
    return loan


_REOPENED: dict[str, Any] = dict.fromkeys(
    (
        "credit_approved_amount",
        "sanctioned_amount",
        "processing_fee",
        "gst_amount",
        "net_disbursal",
        "repayment_amount",
        "roi_percent_per_day",
        "tenure_days",
        "planned_disbursal_date",
        "due_date",
        "sanction_valid_until",
    )
)


def reactivate(loan_id: UUID, remark: str) -> loans.Loan:
    """Take up a rejected application again, or one whose sanction ran out; the rules have to run on it again.

    Raises Conflict for any other, for an agreement that is still out, and where the customer has applied anew.
    """
    loan = loans.get(loan_id).locked()
    ran_out = loan.status == "CANCELLED" and (
        loans.last_step(loan.id).reason_code == reasons.SANCTION_EXPIRED
    )
    if loan.status != "REJECTED" and not ran_out:
        raise Conflict(
            f"The loan is {loan.status}; only a rejection or a sanction that ran out can be taken up again.",
            code="NOT_REACTIVABLE",
            state=loan.status,
        )
    if loan.agreement_status == "SENT":
        raise Conflict("The old agreement is still out.", code="AGREEMENT_OUT")
    if loan.agreement_status == "SIGNED":
        _end_agreement(loan)
    loan = loans.reopen(loan.id, remark, send_back_count=0, **_REOPENED)
    approvals.supersede(loan.id, authority.MAY_SIGN)
    deviations.start_over(loan.id)
    return loan


def summary(loan_id: UUID) -> dict[str, Any]:
    """Where the file stands: the amount of each step, what is missing, whose yes it has and whose it needs."""
    loan = loans.get(loan_id)
    cam, said = cams.latest(loan.id), approvals.standing(loan.id)
    return {
        "loan_id": loan.id,
        "status": loan.status,
        "applied_amount": loan.applied_amount,
        "credit_approved_amount": loan.credit_approved_amount,
        "sanctioned_amount": loan.sanctioned_amount,
        "send_back_count": loan.send_back_count,
        "may_send_back": loan.status in BEFORE and authority.may_send_back(loan),
        "checklist": checklist.of_loan(loan.id),
        "approvals": said,
        **_needed(loan, cam, said),
    }


def _needed(loan: loans.Loan, cam: Any, said: list[Any]) -> dict[str, Any]:
    if cam is None or loan.status not in loans.WORKS_ON:
        return {"authority": None, "open_levels": [], "refusal": None}
    offer = offers.accepted(loan.id, cam)
    terms = _terms(cam, said[-1].amount if said else cams.terms(cam).amount, offer)
    try:
        needed = authority.needed(loan, terms, len(deviations.departures(loan, cam, terms)))
    except Conflict as refusal:
        return {"authority": None, "open_levels": [], "refusal": refusal.message}
    signed = {approval.level for approval in said}
    open_levels = [level for level in (EXECUTIVE, *LEVELS[needed]) if level not in signed]
    return {"authority": needed, "open_levels": open_levels, "refusal": None}


def expire_sanctions() -> None:
    """End the sanctions that were not used in time: the agreement ends with them, and the customer is told."""
    for loan in loans.past_sanction():
        loan = loans.move(
            loan.id, "CANCELLED", reason_code=reasons.SANCTION_EXPIRED, remark="The sanction ran out"
        )
        if loan.agreement_status == "SIGNED":
            _end_agreement(loan)
        messaging.notify(loan.customer_id, "sanction_expired", loan_id=loan.id, loan_no=loan.loan_no)


def _end_agreement(loan: loans.Loan) -> None:
    """What was signed was signed for a sanction that stands no more."""
    with acting(SYSTEM):
        loans.move_agreement(loan.id, "EXPIRED")


def end_holds() -> None:
    """Take up what rested until today."""
    for loan in loans.held_until_now():
        resume(loan.id, "The day has come")
