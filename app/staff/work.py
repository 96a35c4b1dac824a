"""What work somebody is fit for: where they are, what they speak and, for each role, how much of which loans."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.core import audit
from app.core.errors import Conflict, Invalid
from app.core.identity import Role
from app.staff.models import PartnerUnavailabilityDate, PartnerUser, PartnerUserBrandRole

# as the delinquency policy names them, by days past due; and what was written off
BUCKETS = ("CURRENT", "DPD_1_30", "DPD_31_60", "DPD_61_90", "DPD_91_180", "DPD_ABOVE_180", "WRITTEN_OFF")
# as the allocation policy names them, by amount
TICKET_CLASSES = ("SMALL", "MIDDLE", "LARGE")
# ISO 639-1 where there is one: English and the languages of the Eighth Schedule
# fmt: off
LANGUAGES = (
    "as", "bn", "brx", "doi", "en", "gu", "hi", "kn", "kok", "ks", "mai", "ml", "mni",
    "mr", "ne", "or", "pa", "sa", "sat", "sd", "ta", "te", "ur",
)
# fmt: on


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here in a role, as work is given out. Empty lists: it does not matter."""

    id: UUID
    present: bool
    pincode: str | None = None
    city: str | None = None
    state: str | None = None
    languages: tuple[str, ...] = ()
    capacity: int | None = None
    buckets: tuple[str, ...] = ()
    ticket_classes: tuple[str, ...] = ()


_WORK = ("capacity", "buckets", "ticket_classes", "reports_to")
# how far up is looked for somebody who would report to themselves
_LEVELS_MAX = 20


def colleagues(role: Role, day: date) -> list[Colleague]:
    """Active staff of this brand with `role`, those on leave on `day` too, in a stable order."""
    person = PartnerUser.pincode, PartnerUser.city, PartnerUser.state, PartnerUser.languages
    mine = PartnerUserBrandRole
    rows = (
        mine.select(mine.partner_user_id, mine.capacity, mine.buckets, mine.ticket_classes, *person)
        .join(PartnerUser, on=(PartnerUser.id == mine.partner_user_id))
        .where(mine.role == role.value, PartnerUser.is_active)
        .order_by(mine.partner_user_id)
    )
    away = away_on(day)
    return [_colleague(row, away) for row in rows.objects()]


def _colleague(row: Any, away: set[UUID]) -> Colleague:
    return Colleague(
        id=row.partner_user_id,
        present=row.partner_user_id not in away,
        pincode=row.pincode,
        city=row.city,
        state=row.state,
        languages=tuple(row.languages),
        capacity=row.capacity,
        buckets=tuple(row.buckets),
        ticket_classes=tuple(row.ticket_classes),
    )


def away_on(day: date) -> set[UUID]:
    """Who of this brand is on leave on a day."""
    rows = PartnerUnavailabilityDate.select(PartnerUnavailabilityDate.partner_user_id)
    return {row.partner_user_id for row in rows.where(PartnerUnavailabilityDate.day == day)}


def of(user_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """For each of these people, the work that comes with each role here."""
    found: dict[UUID, list[dict[str, Any]]] = {user_id: [] for user_id in user_ids}
    mine = PartnerUserBrandRole.partner_user_id.in_(list(found))
    for row in PartnerUserBrandRole.select().where(mine).order_by(PartnerUserBrandRole.role):
        found[row.partner_user_id].append({"role": row.role} | _told(row))
    return found


def set_work(user_id: UUID, work: Iterable[dict[str, Any]]) -> None:
    """How much of which loans somebody is given in each of the roles named, and whom they report to. Raises Conflict
    for a role they lack, Invalid for a manager who is not of the brand, or reports to them."""
    for item in work:
        row = PartnerUserBrandRole.get_or_none(partner_user_id=user_id, role=item["role"])
        if row is None:
            raise Conflict(f"They are no {item['role']} here.", field="work", code="ROLE_NOT_HELD")
        _refuse_manager(user_id, item["reports_to"])
        before = _told(row)
        row.change(**{name: item[name] for name in _WORK})
        after = _told(row)
        told = {"before": {"role": row.role} | before, "after": {"role": row.role} | after}
        audit.record("staff.work_set", "partner_user", user_id, **told)


def _refuse_manager(user_id: UUID, manager_id: UUID | None) -> None:
    above = {manager_id} if manager_id else set()
    if above and not _reports(above):
        raise Invalid("Nobody of this brand.", field="work", code="MANAGER_UNKNOWN")
    for _ in range(_LEVELS_MAX):
        if user_id in above:
            raise Invalid("They would report to themselves.", field="work", code="MANAGER_BELOW")
        above = {row.reports_to for row in _reports(above) if row.reports_to}


def _reports(user_ids: set[UUID]) -> list[PartnerUserBrandRole]:
    mine = PartnerUserBrandRole.partner_user_id.in_(list(user_ids))
    return list(PartnerUserBrandRole.select().where(mine)) if user_ids else []


def report_to(role: Role, manager_id: UUID) -> None:
    """Whoever has a role here and reports to nobody yet reports to this manager."""
    free = PartnerUserBrandRole.role == role.value, PartnerUserBrandRole.reports_to.is_null()
    others = PartnerUserBrandRole.partner_user_id != manager_id
    PartnerUserBrandRole.update(reports_to=manager_id).where(*free, others).execute()


def _told(row: PartnerUserBrandRole) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _WORK} | {
        "reports_to": str(row.reports_to) if row.reports_to else None
    }
