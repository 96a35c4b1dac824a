"""Promises to pay: taken within the brand's policy, and kept or broken by what comes in."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import service as brands
from app.collections.models import PromiseToPay
from app.collections.states import BROKEN, CANCELLED, KEPT, OPEN, PARTIAL, PROMISE
from app.core import clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, Invalid
from app.core.share import Share
from app.ledger import service as ledger
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging.service import To
from reports.balance import VALUE_DATE

# money may arrive a day after it was sent
GRACE = timedelta(days=1)
# payments are told late; for so long what was found is looked at again
LOOKS_BACK = timedelta(days=14)


def policy() -> dict[str, Any]:
    """The brand's policy of collections."""
    return brands.settings()["collections"]


def take(
    loan_id: UUID | str, amount: Decimal, due_on: date, mode: str, remark: str | None = None
) -> PromiseToPay:
    """Write down what the customer promised. Raises Invalid beyond what is owed or the days of the policy, Conflict
    with an open promise, or with as many broken ones as the policy lets a loan have."""
    loan = loans.get(loan_id).locked()
    today, days_max = clock.today(), policy()["promise_days_max"]
    if not today <= due_on <= today + timedelta(days=days_max):
        raise Invalid(f"From today, and at most {days_max} days ahead.", field="due_on")
    owed = ledger.outstanding_as_of(loan.id, due_on).payable
    if not 0 < amount <= owed:
        raise Invalid(f"{owed} will be owed on that day.", field="amount", code="MORE_THAN_OUTSTANDING")
    _refuse_another(loan.id)
    promise = PromiseToPay.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        status=OPEN,
        amount=amount,
        due_on=due_on,
        mode=mode,
        remark=remark,
        made_by=identity.actor().id,
        made_on=today,
    )
    PROMISE.start(promise)
    return promise


def _refuse_another(loan_id: UUID) -> None:
    earlier = [promise.status for promise in of_loan(loan_id)]
    if OPEN in earlier:
        raise Conflict("A promise is open on this loan.", code="PROMISE_OPEN")
    broken = earlier.count(BROKEN) + earlier.count(PARTIAL)
    if broken > policy()["promise_renewals_max"]:
        raise Conflict(f"{broken} promises on this loan were not kept.", code="PROMISES_BROKEN")


def cancel(promise_id: UUID | str, remark: str) -> PromiseToPay:
    """Take an open promise back."""
    return PROMISE.move(PromiseToPay.find(promise_id), CANCELLED, remark=remark)


def of_loan(loan_id: UUID | str) -> ModelSelect:
    """Every promise on a loan."""
    return PromiseToPay.select().where(PromiseToPay.loan_id == loans.get(loan_id).id)


def remind(on: date) -> int:
    """Tell the customers who promised to pay on a day that it has come, once a promise, but for those who have paid
    already; how many."""
    open_ = PromiseToPay.select().where(PromiseToPay.status == OPEN, PromiseToPay.due_on == on)
    kept = {promise_id for promise_id, verdict, _ in _found(on, _kept_from(), Share()) if verdict == KEPT}
    due = [promise for promise in open_ if promise.id not in kept]
    numbers = loans.numbers({promise.loan_id for promise in due})
    round_ = [
        To(
            promise.customer_id,
            f"promise:{promise.id}",
            {"loan_no": numbers[promise.loan_id], "amount": str(promise.amount)},
            promise.loan_id,
        )
        for promise in due
    ]
    return len(messaging.send_all("promise_due", "SMS", round_)) if round_ else 0


def judge(on: date, share: Share) -> int:
    """What the promises of a share of the customers turned out to be whose day has passed by `on`, and open ones that
    are kept already; how many changed. One statement over all of them."""
    changed: dict[str, dict[UUID, Decimal]] = defaultdict(dict)
    for promise_id, verdict, received in _found(on, _kept_from(), share):
        changed[verdict][promise_id] = received
    for verdict, ids in changed.items():
        PROMISE.move_all(
            list(PromiseToPay.select().where(PromiseToPay.id.in_(list(ids)))), verdict, judged_on=on
        )
        _keep_received(ids)
    return sum(map(len, changed.values()))


def _kept_from() -> Decimal:
    return Decimal(policy()["promise_kept_percent"]) / 100


_FOUND = """
    WITH judged AS (
      SELECT p.id, p.status, m.received, CASE
        WHEN m.received >= p.amount * %(kept_from)s THEN 'KEPT'
        WHEN p.due_on + %(grace)s >= %(on)s THEN p.status
        WHEN m.received > 0 THEN 'PARTIAL' ELSE 'BROKEN' END AS verdict
      FROM promise_to_pay p CROSS JOIN LATERAL (
        SELECT coalesce(sum((e.facts ->> 'amount')::numeric), 0) AS received
        FROM journal_entry e WHERE e.brand_id = p.brand_id AND e.loan_id = p.loan_id
          AND e.kind IN ('PAYMENT', 'FORECLOSURE', 'RECOVERY')
          AND {value_date} BETWEEN p.made_on AND p.due_on + %(grace)s AND e.business_date <= %(on)s
          -- what was taken back since does not count
          AND NOT EXISTS (SELECT FROM journal_entry r
            WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
              AND r.business_date <= %(on)s
              AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference)) m
      WHERE p.brand_id = %(brand)s AND {among} AND p.made_on <= %(on)s
        AND (p.status = 'OPEN' OR (p.status <> 'CANCELLED' AND p.due_on >= %(from)s)))
    SELECT id, verdict, received FROM judged WHERE verdict <> status"""


def _found(on: date, kept_from: Decimal, share: Share) -> list[tuple[UUID, str, Decimal]]:
    days = {"on": on, "grace": GRACE.days, "from": on - LOOKS_BACK}
    values = {"brand": current_brand(), "kept_from": kept_from, **days, **share.values}
    return db.execute_sql(
        _FOUND.format(among=share.sql("p.customer_id"), value_date=VALUE_DATE), values
    ).fetchall()


def _keep_received(received: dict[UUID, Decimal]) -> None:
    for promise_id, amount in received.items():
        PromiseToPay.update(received=amount).where(PromiseToPay.id == promise_id).execute()
