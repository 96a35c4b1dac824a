"""What a gateway settled to our bank on a day against what we booked."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import providers
from app.core import audit, clock, identity, webhooks
from app.core.errors import Conflict, Invalid
from app.core.money import ZERO
from app.core.outbox import enqueue
from app.mandates import service as mandates
from app.payments.booking import UNKNOWN
from app.payments.models import (
    PaymentCollectionTransaction,
    PaymentDispute,
    PaymentRefund,
    Reconciliation,
    ReconciliationException,
    SettlementLine,
    SuspenseItem,
)
from app.payments.states import FAILED, LOST, PROCESSED
from app.providers import money
from app.providers.hearing import GATEWAYS
from app.providers.rupees import MALFORMED

NOT_BOOKED, AMOUNT_DIFFERS, NOT_SETTLED = "NOT_BOOKED", "AMOUNT_DIFFERS", "NOT_SETTLED"
REFUND_NOT_BOOKED, REFUND_DIFFERS, REFUND_NOT_SETTLED = (
    "REFUND_NOT_BOOKED",
    "REFUND_DIFFERS",
    "REFUND_NOT_SETTLED",
)
# What reached the bank is not the amount less the fee, or that is not what the payment was told to cost; and what the
# gateway took or gave beside payments and refunds.
NET_DIFFERS, FEE_DIFFERS, ADJUSTED = "NET_DIFFERS", "FEE_DIFFERS", "ADJUSTED"
# It was settled, and not in rupees: nothing of it is booked or counted.
OTHER_CURRENCY = "OTHER_CURRENCY"
# One payment or refund was settled by more than one transfer, or more than once in one.
SETTLED_TWICE = "SETTLED_TWICE"
KINDS = (
    *(NOT_BOOKED, AMOUNT_DIFFERS, NET_DIFFERS, FEE_DIFFERS, NOT_SETTLED),
    *(REFUND_NOT_BOOKED, REFUND_DIFFERS, REFUND_NOT_SETTLED, ADJUSTED),
    *(OTHER_CURRENCY, SETTLED_TWICE),
)
# These are of no line of the day: they fit once a line of that kind is there, on whichever day.
_MISSING = {NOT_SETTLED: "payment", REFUND_NOT_SETTLED: "refund"}
OPEN, RESOLVED = "OPEN", "RESOLVED"
# how one was resolved
FITS, LOOKED_INTO, BOOKED, IN_SUSPENSE = RESOLUTIONS = ("FITS", "LOOKED_INTO", "BOOKED", "IN_SUSPENSE")
# A gateway settles within so many days; what is older than the second number is nobody's surprise any more.
SETTLES_WITHIN, LOOKS_BACK = timedelta(days=4), timedelta(days=30)

SORTABLE = {"day": ReconciliationException.day, "createdAt": ReconciliationException.created_at}
RUNS_SORTABLE = {"day": Reconciliation.day, "reconciledAt": Reconciliation.reconciled_at}

# An exception: kind, the id of the payment, refund or adjustment at the provider, what we booked, what was settled.
Found = tuple[str, str, Decimal | None, Decimal | None]


def ask(day: date) -> list[str]:
    """Have jobs reconcile a day with the gateway of the brand, and with those by which money came in lately; which
    they are. Raises Invalid for a day that has not come."""
    if day > clock.today():
        raise Invalid("Nothing was settled on it yet.", field="day", code="NOT_POSSIBLE")
    asked = sorted({providers.chosen("payments")} | _used_lately(day) & set(GATEWAYS))
    for provider in asked:
        enqueue("payments.reconcile", provider=provider, day=day.isoformat())
    return asked


def _used_lately(day: date) -> set[str]:
    used: set[str] = set()
    for model in (PaymentCollectionTransaction, SuspenseItem):
        rows = model.select(model.provider).where(model.received_on >= day - LOOKS_BACK).distinct()
        used |= {row.provider for row in rows}
    return used


def reconcile(provider: str, day: date) -> Reconciliation:
    """Take over what was settled on a day, and list what does not fit. Doing it again corrects what it said before.

    Raises ProviderError.
    """
    told = providers.payments(provider).settlement_lines(day)
    lines = [line for line in told if line.currency == money.RUPEES]
    _keep(provider, day, lines)
    found = [
        *_in_other_currencies(provider, told),
        *_twice(provider, lines),
        *_payments(provider, lines),
        *_refunds(provider, lines),
        *_adjustments(provider, lines),
        *_not_settled(provider, day),
        *_refunds_not_settled(provider, day),
    ]
    _list(provider, day, found)
    counted = {
        "line_count": len(told),
        "matched_count": len(told) - len({line_id for kind, line_id, *_ in found if kind not in _MISSING}),
        "settled_amount": sum((line.net for line in lines), ZERO),
        "fee_amount": sum((line.fee for line in lines), ZERO),
        "tax_amount": sum((line.tax for line in lines), ZERO),
        "reconciled_at": clock.now(),
    }
    run = Reconciliation.get_or_none(Reconciliation.provider == provider, Reconciliation.day == day)
    if run is None:
        return Reconciliation.create(provider=provider, day=day, **counted)
    run.change(**counted)
    return run


def unread(provider: str, day: date, reason: str) -> None:
    """The report of a day could not be read: people see it among what was refused, and reconcile the day again."""
    told = json.dumps({"day": day.isoformat()})
    webhooks.refuse_unread(provider, f"report:{day}", told, MALFORMED, reason)


def _keep(provider: str, day: date, lines: Iterable[money.SettlementLine]) -> None:
    rows = [
        {
            "provider": provider,
            "day": day,
            "kind": line.kind,
            "provider_line_id": line.id,
            "amount": line.amount,
            "fee": line.fee,
            "tax": line.tax,
            "net": line.net,
            "settlement_id": line.settlement_id,
            "provider_order_id": line.order_id,
            "utr": line.utr,
            "settled_at": line.settled_at,
            "dispute_id": line.dispute_id,
        }
        for line in lines
    ]
    if rows:
        SettlementLine.insert_many(rows).on_conflict_ignore().execute()


def _in_other_currencies(provider: str, lines: Iterable[money.SettlementLine]) -> Iterable[Found]:
    others = [line.id for line in lines if line.currency != money.RUPEES]
    booked = _booked(provider, others)
    for line_id in others:
        yield OTHER_CURRENCY, line_id, booked.get(line_id), None


def _twice(provider: str, lines: Iterable[money.SettlementLine]) -> Iterable[Found]:
    """What this report has more than once, or another transfer had before."""
    told: dict[tuple[str, str], list[money.SettlementLine]] = defaultdict(list)
    for line in lines:
        if line.kind in _MISSING.values():
            told[line.kind, line.id].append(line)
    ids = [line_id for _, line_id in told]
    booked = _booked(provider, ids)
    for first in _lines(provider).where(SettlementLine.provider_line_id.in_(ids)):
        same = told.get((first.kind, first.provider_line_id), [])
        amounts = [line.amount for line in same]
        if same and first.settlement_id not in {line.settlement_id for line in same}:
            amounts.append(first.amount)
        if len(amounts) > 1:
            line_id = first.provider_line_id
            yield SETTLED_TWICE, line_id, booked.get(line_id), sum(amounts, ZERO)


def _payments(provider: str, lines: Iterable[money.SettlementLine]) -> Iterable[Found]:
    paid = {line.id: line for line in lines if line.kind == "payment" and line.amount}
    booked, fees = _booked(provider, list(paid)), _fees(provider, list(paid))
    for payment_id, line in paid.items():
        if payment_id not in booked and not mandates.is_registration(line, provider):
            yield NOT_BOOKED, payment_id, None, line.amount
        elif payment_id in booked and booked[payment_id] != line.amount:
            yield AMOUNT_DIFFERS, payment_id, booked[payment_id], line.amount
        if line.net != line.amount - line.fee:
            yield NET_DIFFERS, payment_id, line.amount - line.fee, line.net
        if fees.get(payment_id, line.fee) != line.fee:
            yield FEE_DIFFERS, payment_id, fees[payment_id], line.fee


def _fees(provider: str, payment_ids: list[str]) -> dict[str, Decimal]:
    """What each was told to cost, where the gateway said so."""
    row = PaymentCollectionTransaction
    told = row.provider == provider, row.provider_payment_id.in_(payment_ids), row.fee.is_null(False)
    return {each.provider_payment_id: each.fee for each in row.select().where(*told)}


def _booked(provider: str, payment_ids: list[str]) -> dict[str, Decimal]:
    """On loans, or in suspense for nobody known."""
    known: dict[str, Decimal] = {}
    for model, only in _BOOKED:
        mine = model.provider == provider, model.provider_payment_id.in_(payment_ids)
        known |= {row.provider_payment_id: _whole(row) for row in model.select().where(*mine, *only)}
    return known


# a payment that was placed later is in both, and on its loan it may be a part only
_BOOKED = ((PaymentCollectionTransaction, []), (SuspenseItem, [SuspenseItem.kind == UNKNOWN]))


def _whole(row: PaymentCollectionTransaction | SuspenseItem) -> Decimal:
    return row.payment_amount if isinstance(row, SuspenseItem) else row.amount


def _refunds(provider: str, lines: Iterable[money.SettlementLine]) -> Iterable[Found]:
    back = {line.id: line for line in lines if line.kind == "refund"}
    ours = PaymentRefund.provider == provider, PaymentRefund.provider_refund_id.in_(list(back))
    # the money of one that failed waits again
    ours += (PaymentRefund.status != FAILED,)
    known = {refund.provider_refund_id: refund.amount for refund in PaymentRefund.select().where(*ours)}
    for refund_id, line in back.items():
        if refund_id not in known:
            yield REFUND_NOT_BOOKED, refund_id, None, line.amount
        elif known[refund_id] != line.amount:
            yield REFUND_DIFFERS, refund_id, known[refund_id], line.amount


def _adjustments(provider: str, lines: Iterable[money.SettlementLine]) -> Iterable[Found]:
    """What was taken for a dispute that we know as lost, and booked, fits."""
    beside = {line.id: line for line in lines if line.kind == "adjustment"}
    named = [line.dispute_id for line in beside.values() if line.dispute_id]
    ours = PaymentDispute.provider == provider, PaymentDispute.provider_dispute_id.in_(named)
    is_booked = PaymentDispute.status == LOST, PaymentDispute.booked_at.is_null(False)
    lost = PaymentDispute.select().where(*ours, *is_booked)
    known = {dispute.provider_dispute_id: -dispute.amount for dispute in lost}
    for line_id, line in beside.items():
        if known.get(line.dispute_id) != line.net:
            yield ADJUSTED, line_id, known.get(line.dispute_id), line.net


def _not_settled(provider: str, day: date) -> Iterable[Found]:
    """On loans, or in suspense for nobody known."""
    late: dict[str, Decimal] = {}
    for model, only in _BOOKED:
        then = model.received_on.between(day - LOOKS_BACK, day - SETTLES_WITHIN)
        missing = model.provider_payment_id.not_in(_settled(provider, "payment"))
        rows = model.select().where(model.provider == provider, then, missing, *only)
        late |= {row.provider_payment_id: _whole(row) for row in rows}
    for payment_id, amount in late.items():
        yield NOT_SETTLED, payment_id, amount, None


def _refunds_not_settled(provider: str, day: date) -> Iterable[Found]:
    row = PaymentRefund
    first, last = (clock.start_of(day - back) for back in (LOOKS_BACK, SETTLES_WITHIN))
    then = row.provider == provider, row.status == PROCESSED, row.created_at.between(first, last)
    for refund in row.select().where(*then, row.provider_refund_id.not_in(_settled(provider, "refund"))):
        yield REFUND_NOT_SETTLED, refund.provider_refund_id, refund.amount, None


def _lines(provider: str) -> ModelSelect:
    return SettlementLine.select().where(SettlementLine.provider == provider)


def _settled(provider: str, kind: str) -> ModelSelect:
    ids = SettlementLine.select(SettlementLine.provider_line_id)
    return ids.where(SettlementLine.provider == provider, SettlementLine.kind == kind)


def _list(provider: str, day: date, found: list[Found]) -> None:
    for kind, payment_id, booked, settled in found:
        ReconciliationException.insert(
            provider=provider,
            day=day,
            kind=kind,
            provider_payment_id=payment_id,
            booked_amount=booked,
            settled_amount=settled,
            status=OPEN,
        ).on_conflict_ignore().execute()
    still = {(kind, payment_id) for kind, payment_id, *_ in found}
    of_day = ReconciliationException.kind.not_in(list(_MISSING)), ReconciliationException.day == day
    for known in _open(provider).where(*of_day):
        if (known.kind, known.provider_payment_id) not in still:
            close(known, FITS, "It fits now.")
    for kind, of_kind in _MISSING.items():
        there = ReconciliationException.provider_payment_id.in_(_settled(provider, of_kind))
        for known in _open(provider).where(ReconciliationException.kind == kind, there):
            close(known, FITS, "It is settled now.")


def _open(provider: str) -> ModelSelect:
    mine = ReconciliationException.provider == provider, ReconciliationException.status == OPEN
    return ReconciliationException.select().where(*mine)


def exceptions(status: str | None, kind: str | None, day: date | None) -> ModelSelect:
    """Where gateway and books differ."""
    return ReconciliationException.asked(status=status, kind=kind, day=day)


def runs() -> ModelSelect:
    """Every day that was reconciled."""
    return Reconciliation.select()


def resolve(exception_id: UUID | str, remark: str) -> ReconciliationException:
    """Somebody looked into it. Raises Conflict where it was resolved before."""
    exception = ReconciliationException.find(exception_id).locked()
    refuse_resolved(exception)
    return close(exception, LOOKED_INTO, remark)


def refuse_resolved(exception: ReconciliationException) -> None:
    """Raises Conflict where it is not open any more."""
    if exception.status != OPEN:
        raise Conflict("It is resolved already.", code="RESOLVED")


def close(exception: ReconciliationException, resolution: str, remark: str) -> ReconciliationException:
    """It is resolved, in one of RESOLUTIONS."""
    told: dict[str, Any] = {"resolved_by": identity.actor().id, "resolved_at": clock.now(), "remark": remark}
    exception.change(status=RESOLVED, resolution=resolution, **told)
    after = {"resolution": resolution}
    audit.record(
        "reconciliation.resolved", "reconciliation_exception", exception.id, after=after, reason=remark
    )
    return exception
