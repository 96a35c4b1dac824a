"""Reminders as staff make, change and look through them; `app/reminders/sending.py` sends what is due."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect, fn

from app.audit import service as audits
from app.brands import service as brands
from app.collections.collected import RECOVERED_IN
from app.core import audit, clock, identity
from app.core.audit import AuditEvent
from app.core.database import insert_rows
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import paginate
from app.core.ids import new_id
from app.core.share import Share
from app.customers import listing as people
from app.customers import service as customers
from app.loans import service as loans
from app.loans.listing import Days, overdue_among
from app.messaging import service as messaging
from app.messaging.kinds import DUES, REQUIRED
from app.messaging.templates import wording
from app.reminders.models import UserReminder
from app.reminders.states import CANCELLED, PENDING, REMINDER
from app.reminders.values import OF_LOAN

DUE_REMINDER = "due_reminder"
# why a campaign does not tell somebody what is not of their dues
OVERDUE = "OVERDUE"
AHEAD_MAX = timedelta(days=366)
SORTS = {
    "scheduledAt": UserReminder.scheduled_at,
    "createdAt": UserReminder.created_at,
    "status": UserReminder.status,
}


def create(
    *,
    user_id: UUID,
    channel: str,
    template_code: str,
    scheduled_at: datetime,
    payload: Mapping[str, Any],
    loan_id: UUID | None = None,
    provider_message_id: str | None = None,
) -> UserReminder:
    """Have a customer told something at a set time. Raises NotFound, Invalid naming what does not fit."""
    customer = customers.get(user_id)
    loan = loans.for_customer(loan_id, customer.id) if loan_id else None
    _check_time(scheduled_at)
    check_words(
        template_code,
        channel,
        payload,
        of_loan=loan is not None,
        is_late=loan is not None and _is_late(loan, scheduled_at),
        language=customer.preferred_language,
    )
    reminder = UserReminder.create(
        customer_id=customer.id,
        loan_id=loan and loan.id,
        channel=channel,
        template_code=template_code,
        payload=dict(payload),
        scheduled_at=scheduled_at,
        provider_message_id=provider_message_id,
        created_by=identity.actor().id,
    )
    REMINDER.start(reminder)
    return reminder


def _is_late(loan: loans.Loan, at: datetime) -> bool:
    return loan.status in RECOVERED_IN and loan.due_date < clock.business_day(at)


def check_words(
    code: str,
    channel: str,
    payload: Mapping[str, Any],
    *,
    of_loan: bool,
    is_late: bool = False,
    language: str | None = None,
) -> None:
    """Raises Invalid where there is no such template for the channel, it is not one that people send, or the payload
    does not fit its variables; a loan gives those of OF_LOAN by itself. About a loan that is overdue (`is_late`) only
    what is of the kind DUES is said, so that the rules of contact hold."""
    try:
        words = wording.get(code, channel, language)
    except NotFound:
        raise Invalid("There is no template of this code for this channel.", field="template_code") from None
    if words.kind == REQUIRED:
        raise Invalid("This is only said by the platform itself.", field="template_code")
    if is_late and words.kind != DUES:
        text = f"The loan is overdue: what is said about it is of the kind {DUES}."
        raise Invalid(text, field="template_code", code="NOT_OF_DUES")
    own = dict.fromkeys(set(words.variables) & set(OF_LOAN), "") if of_loan else {}
    try:
        words.check(own | dict(payload))
    except Invalid as misfit:
        raise Invalid(misfit.message, field="payload", faults=misfit.faults, code=misfit.code) from None


def barred(customer_ids: Collection[UUID], kind: str | None) -> set[UUID]:
    """Which of these customers no campaign tells something of a kind: who is overdue is told of DUES alone."""
    return set() if kind == DUES else overdue_among(customer_ids, clock.today())


def _check_time(scheduled_at: datetime) -> None:
    if not clock.now() < scheduled_at <= clock.now() + AHEAD_MAX:
        told = f"Must be in the future, at most {AHEAD_MAX.days} days ahead."
        raise Invalid(told, field="scheduled_at")


def create_all(rows: Sequence[Mapping[str, Any]], **same: Any) -> list[UUID]:
    """Many reminders at once, each with its `customer_id` and `loan_id`; the caller has checked the words."""
    made = [{"id": new_id(), "created_by": identity.actor().id, **same, **row} for row in rows]
    insert_rows(UserReminder, made)
    REMINDER.start_all([row["id"] for row in made])
    return [row["id"] for row in made]


def raise_due(day: date, share: Share) -> int:
    """Remind those of a share who have to pay soon, on `day`, by the policy of the brand; how many reminders that made.
    Each is made once. None is made for a day that has passed."""
    policy = brands.settings()["repayment"]
    if day < clock.today():
        return 0
    channels: dict[date, list[str]] = defaultdict(list)
    for one in policy["due_reminders"]:
        channels[day + timedelta(days=one["days_before"])].append(one["channel"])
    rows = [
        {
            "customer_id": loan.customer_id,
            "loan_id": loan.id,
            "channel": channel,
            "raised_for": f"{loan.id}:{loan.due_date}:{day}:{channel}",
        }
        for loan in loans.falling_due(channels, share)
        for channel in channels[loan.due_date]
    ]
    known = _raised([row["raised_for"] for row in rows])
    new = [row for row in rows if row["raised_for"] not in known]
    at = clock.start_of(day) + timedelta(hours=policy["due_reminder_hour"])
    create_all(new, template_code=DUE_REMINDER, payload={}, scheduled_at=at)
    return len(new)


def _raised(reasons: Sequence[str]) -> set[str]:
    rows = UserReminder.select(UserReminder.raised_for).where(UserReminder.raised_for.in_(reasons))
    return {row.raised_for for row in rows}


def page(args: dict[str, Any]) -> dict[str, Any]:
    """One page of reminders that fit every filter, newest first by when they are due."""
    found = paginate(_search(args), args, SORTS)
    return found | {"items": described(found["items"])}


def _search(args: dict[str, Any]) -> ModelSelect:
    query = UserReminder.select().where(
        True, *Days(args["from_date"], args["to_date"]).holds(UserReminder.scheduled_at)
    )
    for name in ("channel", "status", "campaign_id"):
        if args[name] is not None:
            query = query.where(getattr(UserReminder, name) == args[name])
    if args["user_id"]:
        query = query.where(UserReminder.customer_id == args["user_id"])
    if args["search"]:
        whom = UserReminder.customer_id.in_(people.matching(args["search"], None, None))
        query = query.where(whom | UserReminder.template_code.contains(args["search"]))
    return query


def described(reminders: Sequence[UserReminder]) -> list[UserReminder]:
    """With whom they are for, and what providers told of their delivery."""
    whom = people.briefly({reminder.customer_id for reminder in reminders})
    told = messaging.outcomes({r.message_id for r in reminders if r.message_id})
    for reminder in reminders:
        reminder.customer_name = whom[reminder.customer_id].name
        message = told.get(reminder.message_id)
        reminder.delivery = message and message.delivery
    return list(reminders)


def get(reminder_id: UUID) -> UserReminder:
    """One reminder, or NotFound."""
    return described([UserReminder.find(reminder_id)])[0]


def steps(reminder_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """One page of what was done to a reminder, newest first. Raises NotFound."""
    query = audits.changes_of(UserReminder.find(reminder_id).id).order_by()
    return paginate(query, args, {"createdAt": AuditEvent.created_at})


def cancel(reminder_id: UUID, reason: str) -> UserReminder:
    """It is not to be said. Raises Conflict once it is on its way, or over."""
    reminder = _open(reminder_id)
    REMINDER.move(reminder, CANCELLED, remark=reason, reason=reason)
    return get(reminder_id)


def reschedule(reminder_id: UUID, scheduled_at: datetime) -> UserReminder:
    """It is to be said at another time. Raises as `cancel` does, Invalid for a time that cannot be."""
    reminder = _open(reminder_id)
    _check_time(scheduled_at)
    before = {"scheduledAt": reminder.scheduled_at.isoformat()}
    reminder.change(scheduled_at=scheduled_at)
    after = {"scheduledAt": scheduled_at.isoformat()}
    audit.record("user_reminder.rescheduled", "user_reminder", reminder.id, before=before, after=after)
    return get(reminder_id)


def _open(reminder_id: UUID) -> UserReminder:
    """The reminder, locked, while nothing of it has left."""
    reminder = UserReminder.find(reminder_id).locked()
    if reminder.status != PENDING:
        raise Conflict(f"The reminder is {reminder.status}.", code="REMINDER_IS_OVER")
    if reminder.message_id is not None:
        raise Conflict("The reminder is on its way.", code="REMINDER_ON_ITS_WAY")
    return reminder


def cancel_campaign(campaign_id: UUID, after: UUID, rows_max: int) -> UUID | None:
    """Cancel those of a campaign's reminders, some after the one named, of which nothing has left: also those whose
    message waits. The last that was looked at; None where there are no more."""
    mine = UserReminder.campaign_id == campaign_id, UserReminder.status == PENDING, UserReminder.id > after
    found = list(UserReminder.select().where(*mine).order_by(UserReminder.id).limit(rows_max).for_update())
    told = "The campaign was stopped."
    withdrawn = messaging.withdraw({r.message_id for r in found if r.message_id}, told)
    staying = [r for r in found if r.message_id is None or r.message_id in withdrawn]
    REMINDER.move_all(staying, CANCELLED, reason=told)
    return found[-1].id if len(found) == rows_max else None


def counts(campaign_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many reminders of each of these campaigns are in each state."""
    rows = (
        UserReminder.select(UserReminder.campaign_id, UserReminder.status, fn.COUNT(UserReminder.id))
        .where(UserReminder.campaign_id.in_(list(campaign_ids)))
        .group_by(UserReminder.campaign_id, UserReminder.status)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for campaign_id, status, number in rows.tuples():
        found[campaign_id][status] = number
    return found
