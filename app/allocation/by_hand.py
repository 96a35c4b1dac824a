"""Work given out and moved by hand: each thing for itself, so that one that cannot move does not hold up the others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.allocation import desk, matters
from app.allocation.choosing import Matter
from app.allocation.desk import MANUAL, Why
from app.allocation.kinds import TABLE, Kind
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core import identity
from app.core.database import db
from app.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound

MOVED_MAX = 500
AUTO = "auto"


def move(
    kind: str, to: str, reason: str, subject_ids: Sequence[UUID] = (), held_by: UUID | None = None
) -> dict[str, Any]:
    """Give customers or loans to somebody, or to whoever should have each ("auto"), also if nobody has them yet.

    `held_by` moves only what they have; without `subject_ids`, all that they have in hand of this kind. Answers one
    result each: {"subject_id", "status", "partner_user_id", "code", "message"}. Raises Forbidden for a kind that
    the actor does not lead, Invalid where nothing is named, NotFound for a `held_by` who never had anything here.
    """
    kind = Kind(kind)
    if not TABLE[kind].leads & identity.actor().roles:
        raise Forbidden(f"{kind.value} is given out by {', '.join(sorted(TABLE[kind].leads))}.", field="kind")
    if not subject_ids and held_by is None:
        raise Invalid("Name them, or whose they are.", field="subject_ids")
    if held_by is not None and not Allotment.select().where(Allotment.partner_user_id == held_by).exists():
        raise NotFound("member of staff")
    desk.one_at_a_time()
    ids = list(dict.fromkeys(subject_ids)) or _held_by(kind, held_by)
    target = None if to == AUTO else UUID(to)
    results = [_one(kind, subject_id, target, reason, held_by) for subject_id in ids]
    return {"results": results, "moved": sum(result["status"] == "MOVED" for result in results)}


def _held_by(kind: Kind, user_id: UUID) -> list[UUID]:
    mine = Allotment.partner_user_id == user_id, Allotment.kind == kind.value
    rows = Allotment.select().where(*mine, Allotment.is_active, Allotment.in_hand).order_by(Allotment.id)
    return [row.loan_id or row.customer_id for row in rows.limit(MOVED_MAX)]


def _one(kind: Kind, subject_id: UUID, to: UUID | None, reason: str, held_by: UUID | None) -> dict[str, Any]:
    told = {"subject_id": subject_id}
    try:
        with db.atomic():
            row = _moved(kind, subject_id, to, reason, held_by)
    except DomainError as error:
        return told | {"status": "FAILED", "code": error.code, "message": error.message}
    return told | {"status": "MOVED", "partner_user_id": row.partner_user_id}


def _moved(kind: Kind, subject_id: UUID, to: UUID | None, reason: str, held_by: UUID | None) -> Allotment:
    matter = matters.of(kind, subject_id)
    if matter is None:
        raise Conflict("There is nothing to do on it now.", code="NOTHING_TO_DO")
    held = desk.holder(matter)
    if held_by is not None and (held is None or held.partner_user_id != held_by):
        raise Conflict("It is not theirs.", field="from", code="NOT_THEIRS")
    row = _given(matter, held, to, Why(MANUAL, reason))
    if row is None:
        raise Conflict("Nobody else may have it now.", code="NOBODY")
    return row


def _given(matter: Matter, held: Allotment | None, to: UUID | None, why: Why) -> Allotment | None:
    if held is None:
        return desk.allot_by_hand(matter, to, why)
    if held.partner_user_id == to:
        raise Conflict("It is theirs already.", field="to", code="THEIRS_ALREADY")
    return desk.hand_over(held, matter, why, to=to)
