"""Cooling-off: for some days a customer can give the loan back for what was used of it.

They pay the principal and the interest of the days in between, and no penalty (RBI, Digital Lending Directions 2025).
The processing fee and its tax are returned, unless the brand keeps them and says so in the Key Facts Statement.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core import audit, clock
from app.core.clock import business_day
from app.core.errors import Conflict
from app.core.money import ZERO
from app.core.outbox import enqueue
from app.disbursement.models import CoolingOffExit
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging
from app.payments import service as payments

CHOSEN, DONE, LAPSED = "CHOSEN", "DONE", "LAPSED"
RUNNING = ("ACTIVE", "PARTIALLY_PAID")


@dataclass(frozen=True)
class ExitQuote:
    """What gives the loan back on `as_of`: principal and interest still owed, and what was charged before, as for a
    cheque that came back, less what is returned of the fee."""

    until: date
    as_of: date
    principal: Decimal
    interest: Decimal
    charges: Decimal
    fee_returned: Decimal
    gst_returned: Decimal
    fee_kept: Decimal
    total: Decimal


def until(loan: Loan) -> date:
    """The last day on which a loan that was paid out can be given back."""
    days = brands.settings()["loan_rules"]["cooling_off_days"]
    return business_day(loan.disbursed_at) + timedelta(days=days)


def quote(loan: Loan) -> ExitQuote:
    """What gives the loan back today. Raises Conflict where it is not running, or the days are over (with the date)."""
    if loan.status not in RUNNING:
        raise Conflict(f"The loan is {loan.status}: there is nothing to give back.", code="NOT_RUNNING")
    last_day = until(loan)
    if clock.today() > last_day:
        raise Conflict(
            f"The loan could be given back until {last_day}.",
            code="COOLING_OFF_OVER",
            until=last_day.isoformat(),
        )
    return _quote(loan, clock.today(), last_day)


def _quote(loan: Loan, as_of: date, last_day: date) -> ExitQuote:
    fee, gst = _returned(loan)
    owed = ledger.outstanding_in_hindsight(loan.id, as_of)
    return ExitQuote(
        until=last_day,
        as_of=as_of,
        principal=owed.principal,
        interest=owed.interest,
        charges=owed.penal + owed.charges,
        fee_returned=fee,
        gst_returned=gst,
        fee_kept=loan.processing_fee + loan.gst_amount - fee - gst,
        total=owed.total - fee - gst,
    )


def _returned(loan: Loan) -> tuple[Decimal, Decimal]:
    """Of the processing fee and of its tax."""
    if brands.settings()["disbursal"]["cooling_off_keeps_fee"]:
        return ZERO, ZERO
    return loan.processing_fee, loan.gst_amount


def choose(loan: Loan) -> dict[str, Any]:
    """The customer gives the loan back: the choice is kept, and a page made to pay exactly that today.

    Choosing again on the same day gives the same page. Raises Conflict as `quote` does, Unavailable without a page.
    """
    offered, before = quote(loan), _chosen_today(loan.id)
    if before:
        return _told(before)
    # the gateway is asked before anything is locked
    request = payments.request_payment(loan, offered.total, purpose=payments.COOLING_OFF)
    return _told(_keep(loan.locked(), offered, request))


def _keep(loan: Loan, offered: ExitQuote, request: payments.PaymentRequest) -> CoolingOffExit:
    """The choice with its page. Of two that are made at once the first counts, and the other's page only repays."""
    before = _chosen_today(loan.id)
    if before:
        payments.only_repays(request)
        return before
    earlier = _latest(loan.id)
    # a loan that runs was not given back, or is no more: its payment was taken back
    if earlier:
        earlier.change(status=LAPSED)
    chosen = CoolingOffExit.create(
        loan_id=loan.id,
        status=CHOSEN,
        chosen_on=offered.as_of,
        principal=offered.principal,
        interest=offered.interest,
        fee_returned=offered.fee_returned,
        gst_returned=offered.gst_returned,
        total=offered.total,
        payment_request_id=request.id,
    )
    audit.record("cooling_off.chosen", "loan", loan.id, after={"total": str(offered.total)})
    return chosen


def _chosen_today(loan_id: UUID) -> CoolingOffExit | None:
    latest = _latest(loan_id)
    is_standing = latest and latest.status == CHOSEN and latest.chosen_on == clock.today()
    return latest if is_standing else None


def _latest(loan_id: UUID) -> CoolingOffExit | None:
    mine = CoolingOffExit.loan_id == loan_id
    return CoolingOffExit.select().where(mine).order_by(CoolingOffExit.id.desc()).first()


def _told(chosen: CoolingOffExit) -> dict[str, Any]:
    page = next(r for r in payments.requests_of(chosen.loan_id) if r.id == chosen.payment_request_id)
    return chosen.__data__ | {"charges": chosen.charges, "short_url": page.short_url}


def describe(loan_id: UUID | str) -> dict[str, Any]:
    """For staff: until when, what it costs today while it is possible, and every choice that was made."""
    loan = loans.get(loan_id)
    if loan.disbursed_at is None:
        return {"until": None, "quote": None, "exits": []}
    last_day, mine = until(loan), CoolingOffExit.loan_id == loan.id
    is_open = loan.status in RUNNING and clock.today() <= last_day
    return {
        "until": last_day,
        "quote": _quote(loan, clock.today(), last_day) if is_open else None,
        "exits": list(CoolingOffExit.select().where(mine).order_by(CoolingOffExit.id.desc())),
    }


def conclude(request_id: UUID | str) -> None:
    """The page of a choice was paid: the loan ends as given back. Doing it twice changes nothing.

    Money that came after the days, or on the page of an earlier day and too little, is an ordinary payment; what was
    taken back meanwhile, as by a lost dispute, is none.
    """
    chosen = CoolingOffExit.get(CoolingOffExit.payment_request_id == request_id)
    loan = loans.get(chosen.loan_id).locked()
    chosen = chosen.locked()
    if chosen.status == DONE:
        return
    paid_on = payments.paid_on(chosen.payment_request_id)
    if paid_on is None:
        chosen.change(status=LAPSED)
        return
    last_day = until(loan)
    if loan.status not in RUNNING or paid_on > last_day or _quote(loan, paid_on, last_day).total > 0:
        chosen.change(status=LAPSED)
        payments.advance(loan.id)
        return
    _end(loan, chosen, paid_on)


def undo(loan_id: UUID | str) -> None:
    """A payment of a loan that was given back was taken back: so it was not. Doing it twice changes nothing."""
    done = CoolingOffExit.loan_id == loan_id, CoolingOffExit.status == DONE
    for chosen in list(CoolingOffExit.select().where(*done)):
        chosen.change(status=LAPSED)


def _end(loan: Loan, chosen: CoolingOffExit, on: date) -> None:
    fee, gst = chosen.fee_returned, chosen.gst_returned
    ledger.post_cooling_off(loan, on, str(chosen.id), fee, gst)
    chosen.change(status=DONE, done_at=clock.now())
    loans.move(loan.id, "DISBURSED_WAIVED", reason_code="COOLING_OFF", remark="Given back by the customer")
    # what else was paid that day is beyond what giving it back costs
    payments.follow(loan)
    enqueue("closure.close_loan", loan_id=loan.id)
    messaging.notify(
        loan.customer_id, "cooled_off", loan_id=loan.id, loan_no=loan.loan_no, amount=chosen.total
    )
