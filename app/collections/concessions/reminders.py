"""Who agreed to a settlement is reminded before each of its days, while something of what is due then is missing."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from app.collections.concessions import instalments, settling
from app.collections.models import Concession
from app.collections.promises import policy
from app.collections.states import OFFERED
from app.core.money import ZERO
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging.service import To

EVENT = "settlement_due"


def remind(on: date) -> int:
    """Tell them on a day what is due on the days of the policy; each once on each channel. How many messages."""
    offered = list(Concession.select().where(Concession.status == OFFERED).order_by(Concession.id))
    numbers = loans.numbers({concession.loan_id for concession in offered})
    return sum(_round(offered, numbers, on, **rule) for rule in policy()["settlement_reminders"])


def _round(
    offered: list[Concession], numbers: Mapping[UUID, str], on: date, days_before: int, channel: str
) -> int:
    due_on = on + timedelta(days=days_before)
    round_ = [
        To(
            concession.customer_id,
            f"settlement:{concession.id}:{due_on}:{days_before}:{channel}",
            {"loan_no": numbers[concession.loan_id], "amount": str(missing), "due_date": str(due_on)},
            concession.loan_id,
        )
        for concession in offered
        if (missing := _missing(concession, due_on, on))
    ]
    return len(messaging.send_all(EVENT, channel, round_)) if round_ else 0


def _missing(concession: Concession, due_on: date, on: date) -> Decimal:
    plan = settling.plan_of(concession)
    if due_on not in {part.due_on for part in plan}:
        return ZERO
    received = sum((amount for _, amount in settling.payments_for(concession, on)), ZERO)
    return instalments.missing(plan, received, due_on)
