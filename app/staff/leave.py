"""Days on which somebody is not there: nobody is given work on them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.core import audit, clock
from app.core.errors import Invalid
from app.core.outbox import enqueue
from app.staff import authority
from app.staff.models import PartnerUnavailabilityDate

DAYS_MAX = 366


def add(user_id: UUID, from_date: date, to_date: date, reason: str | None = None) -> list[dict[str, Any]]:
    """Away from one day to another, both counted; days that are there already keep their reason."""
    authority.roles_of(user_id)
    for day in _days(from_date, to_date):
        PartnerUnavailabilityDate.insert(
            partner_user_id=user_id, day=day, reason=reason
        ).on_conflict_ignore().execute()
    after = {"fromDate": from_date.isoformat(), "toDate": to_date.isoformat()}
    audit.record("staff.leave_added", "partner_user", user_id, after=after, reason=reason)
    _today_changed(from_date, to_date)
    return of(user_id)


def remove(user_id: UUID, from_date: date, to_date: date) -> list[dict[str, Any]]:
    """There again from one day to another."""
    authority.roles_of(user_id)
    _days(from_date, to_date)
    mine = PartnerUnavailabilityDate.partner_user_id == user_id
    gone = PartnerUnavailabilityDate.delete().where(
        mine, PartnerUnavailabilityDate.day.between(from_date, to_date)
    )
    before = {"fromDate": from_date.isoformat(), "toDate": to_date.isoformat(), "days": gone.execute()}
    audit.record("staff.leave_removed", "partner_user", user_id, before=before)
    _today_changed(from_date, to_date)
    return of(user_id)


def _today_changed(from_date: date, to_date: date) -> None:
    """Work moves each morning for who is away then; somebody who goes or comes during the day does not wait for it."""
    if from_date <= clock.today() <= to_date:
        enqueue("allocation.cover_leave")
        enqueue("allocation.allot_waiting")


def _days(from_date: date, to_date: date) -> list[date]:
    count = (to_date - from_date).days + 1
    if not 1 <= count <= DAYS_MAX:
        raise Invalid(f"Must be from `fromDate` on, and {DAYS_MAX} days at most.", field="to_date")
    return [from_date + timedelta(days=n) for n in range(count)]


def of(user_id: UUID) -> list[dict[str, Any]]:
    """The days somebody is away, as ranges of days that follow each other for one reason."""
    authority.roles_of(user_id)
    mine = PartnerUnavailabilityDate.partner_user_id == user_id
    ranges: list[dict[str, Any]] = []
    for row in PartnerUnavailabilityDate.select().where(mine).order_by(PartnerUnavailabilityDate.day):
        last = ranges[-1] if ranges else None
        if last and last["reason"] == row.reason and last["to_date"] + timedelta(days=1) == row.day:
            last["to_date"] = row.day
        else:
            ranges.append({"from_date": row.day, "to_date": row.day, "reason": row.reason})
    return ranges
