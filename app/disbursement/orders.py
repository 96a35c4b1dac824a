"""Maker and checker: one person proposes how a loan is paid out, another one releases it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import IntegrityError

from app.brands import service as brands
from app.core import clock, identity
from app.core.database import db
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.outbox import enqueue
from app.disbursement import checklist, payouts
from app.disbursement.models import DisbursalOrder, Payout
from app.disbursement.states import FAILED, ORDER, REJECTED, RELEASED, REVERSED
from app.disbursement.terms import terms_from
from app.kyc import service as kyc
from app.loans import costs
from app.loans import service as loans
from app.loans.service import Loan

ATTEMPTS_MAX = 3
# What a rail carries at most at once, in rupees. Source: NPCI's limits; NEFT has none.
UPI = "UPI"
RAILS: dict[str, Decimal | None] = {"IMPS": Decimal(500_000), "NEFT": None, UPI: Decimal(100_000)}


def propose(
    loan_id: UUID | str, rail: str, channel: str, bank_account_id: UUID | None, remark: str | None
) -> DisbursalOrder:
    """The maker chooses account, rail and channel. Without an account it is the newest that is verified; UPI goes to
    the newest UPI id that is.

    Raises Conflict naming each check that does not hold, or where an order waits or the attempts are used up;
    Invalid where the brand does not use the rail, it cannot carry the loan, or failed for this account before.
    """
    loan = loans.get(loan_id).locked()
    account = _account(loan, bank_account_id)
    checklist.require(loan)
    _refuse_rail(loan, rail, channel)
    vpa = _upi_id(loan) if rail == UPI else None
    _refuse_way_that_failed(loan, rail, vpa.id if vpa else account.id)
    try:
        with db.atomic():
            order = DisbursalOrder.create(
                loan_id=loan.id,
                status=ORDER.initial,
                rail=rail,
                channel=channel,
                bank_account_id=account.id,
                vpa_id=vpa.id if vpa else None,
                proposed_by=identity.actor().id,
                remark=remark,
            )
    except IntegrityError:
        raise Conflict("A payout of this loan waits to be released.", code="ORDER_WAITS") from None
    ORDER.start(order)
    return order


def _account(loan: Loan, bank_account_id: UUID | None) -> Any:
    if bank_account_id is None:
        return kyc.verified_account(loan.customer_id)
    account = kyc.bank_account(loan.customer_id, bank_account_id)
    if not account.verified:
        raise Invalid("Not verified to be the customer's own.", field="bank_account_id", code="NOT_VERIFIED")
    return account


def _upi_id(loan: Loan) -> Any:
    """Where UPI goes to: the newest UPI id that was verified."""
    vpa = kyc.verified_upi_id(loan.customer_id)
    if vpa is None:
        raise Invalid("The customer has named no UPI id of their own.", field="rail", code="NO_UPI_ID")
    return vpa


def _refuse_way_that_failed(loan: Loan, rail: str, target_id: UUID) -> None:
    """A new attempt takes another way than those that failed, and there are few."""
    tried = payouts.of_loan(loan.id)
    if len(tried) >= ATTEMPTS_MAX:
        raise Conflict(f"Tried {len(tried)} times: no more.", code="ATTEMPTS_USED_UP")
    if any(_went_wrong(payout) and _way(payout) == (rail, target_id) for payout in tried):
        raise Invalid(
            f"{rail} to this account failed before: choose another rail or account.",
            field="rail",
            code="RAIL_FAILED",
        )


def _refuse_rail(loan: Loan, rail: str, channel: str) -> None:
    if rail not in brands.settings()["disbursal"]["rails"]:
        raise Invalid("The brand does not pay out this way.", field="rail", code="RAIL_NOT_OFFERED")
    if rail == UPI and channel != payouts.ONLINE:
        raise Invalid("A bank portal pays to no UPI id.", field="channel", code="UPI_IS_ONLINE")
    limit = RAILS[rail]
    if limit is not None and loan.net_disbursal > limit:
        raise Invalid(f"{rail} carries at most {limit}.", field="rail", code="ABOVE_RAIL_LIMIT")


def _went_wrong(payout: Payout) -> bool:
    return payout.status in (FAILED, REVERSED)


def _way(payout: Payout) -> tuple[str, UUID | None]:
    return payout.mode, payout.vpa_id or payout.bank_account_id


def release(loan_id: UUID | str, order_id: UUID | str) -> Payout:
    """The checker lets a proposed payout go, if all still holds today.

    Raises Forbidden for the person who proposed it, Conflict as `propose` does or where it is decided already.
    """
    loan = loans.get(loan_id).locked()
    order = _order(loan, order_id)
    if order.proposed_by == identity.actor().id:
        raise Forbidden("Whoever proposed a payout cannot release it.", code="MAKER_IS_CHECKER")
    _decide(order, RELEASED)
    checklist.require(loan)
    loan = loans.move(loan.id, "DISBURSAL_IN_PROCESS", remark=order.remark)
    # the checklist has found just now that the key facts tell of these
    costs.keep(loan)
    return payouts.begin(loan, order)


def reject(loan_id: UUID | str, order_id: UUID | str, reason: str) -> DisbursalOrder:
    """A proposed payout does not go. Who proposed it may take it back this way."""
    order = _order(loans.get(loan_id).locked(), order_id)
    _decide(order, REJECTED, reason=reason)
    return order


def _order(loan: Loan, order_id: UUID | str) -> DisbursalOrder:
    return DisbursalOrder.find(order_id, loan_id=loan.id)


def _decide(order: DisbursalOrder, status: str, reason: str | None = None) -> None:
    decided = {"decided_by": identity.actor().id, "decided_at": clock.now(), "reason": reason}
    ORDER.move(order, status, remark=reason, **decided)


# the checks that a new signature makes good
_SIGNED_ANEW = ("KFS_VALID", "AMOUNTS_AS_SIGNED", "KFS_ACCEPTED")


def ask_to_sign_anew(loan_id: UUID | str) -> Loan:
    """Have the agreement made again with the amounts of a credit today, where what was signed holds no longer.

    Raises Conflict where it does hold, or the loan is not approved and signed.
    """
    loan = loans.get(loan_id).locked()
    failed = {check.name for check in checklist.failing(loan)}
    if loan.status != "APPROVED" or loan.agreement_status != "SIGNED" or not failed & set(_SIGNED_ANEW):
        raise Conflict("What was signed still holds, or nothing was.", code="NOTHING_TO_SIGN_ANEW")
    enqueue("disbursement.reissue_agreement", loan_id=loan.id)
    return loan


def reissue(loan_id: UUID | str) -> None:
    """Take the signed agreement back and send one with today's amounts. Doing it twice sends one."""
    loan = loans.get(loan_id).locked()
    if loan.status == "APPROVED" and loan.agreement_status == "SIGNED":
        loan.change(**terms_from(loan, clock.today()))
        loans.move_agreement(loan.id, "EXPIRED")
        enqueue("esign.send_agreement", loan_id=loan.id)


def of_loan(loan_id: UUID | str) -> list[DisbursalOrder]:
    """Every order of a loan, newest first."""
    mine = DisbursalOrder.loan_id == loan_id
    return list(DisbursalOrder.select().where(mine).order_by(DisbursalOrder.id.desc()))


def describe(loan_id: UUID | str) -> dict[str, Any]:
    """How far the payout of a loan is: checklist, accounts to choose from, orders and attempts."""
    loan = loans.get(loan_id)
    checks, tried = checklist.results(loan), payouts.of_loan(loan.id)
    return {
        "loan_id": loan.id,
        "amount": loan.net_disbursal,
        "ready": all(check["holds"] for check in checks),
        "checks": checks,
        "accounts": [account for account in kyc.bank_accounts_of(loan.customer_id) if account.verified],
        "upi_ids": [vpa for vpa in kyc.upi_ids_of(loan.customer_id) if vpa.verified],
        "orders": of_loan(loan.id),
        "payouts": tried,
        "attempts_left": max(0, ATTEMPTS_MAX - len(tried)),
    }
