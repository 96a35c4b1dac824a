"""How well people do: rated by those above them, month by month, criterion by criterion."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from peewee import Expression, fn

from app.core import audit, clock, identity
from app.core.errors import Invalid
from app.core.http import paginate
from app.staff import authority
from app.staff.models import PartnerUserRatingMatrix as Rating


class Criterion(StrEnum):
    """What is rated, 1 to 5."""

    RECOVERY = "RECOVERY"
    PROMISES_KEPT = "PROMISES_KEPT"
    CONTACT_QUALITY = "CONTACT_QUALITY"
    CONDUCT = "CONDUCT"
    TURNAROUND = "TURNAROUND"


SCORE_MIN, SCORE_MAX = 1, 5
MONTHS_COUNTED = 3
ALL = "ALL"


def rate(
    user_id: UUID,
    month: date,
    scores: dict[str, int],
    remark: str | None = None,
    bucket: str = ALL,
    ticket_class: str = ALL,
) -> Rating:
    """The acting person's rating of somebody for the month of `month`; a second one of the same replaces the first.

    It is of all their work, or of one bucket and size of loans.

    Raises Invalid for a month to come, Conflict for oneself.
    """
    authority.roles_of(user_id)
    authority.not_oneself(user_id)
    month = month.replace(day=1)
    if month > clock.today():
        raise Invalid("This month has not begun.", field="month")
    average = (Decimal(sum(scores.values())) / len(scores)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    key = {"partner_user_id": user_id, "period_month": month, "rated_by": identity.actor().id}
    key |= {"bucket": bucket, "ticket_class": ticket_class}
    content = {"scores": scores, "average": average, "remark": remark}
    before = Rating.get_or_none(**key)
    if before is None:
        rating = Rating.create(**key, **content)
    else:
        rating = before.locked()
        rating.change(**content)
    told = {"month": month.isoformat(), "scores": scores, "bucket": bucket, "ticketClass": ticket_class}
    earlier = {"scores": before.scores} if before else None
    audit.record("staff.rated", "partner_user", user_id, before=earlier, after=told, reason=remark)
    return rating


def page(user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """The ratings of somebody, newest month first."""
    authority.roles_of(user_id)
    query = Rating.select().where(Rating.partner_user_id == user_id)
    return paginate(query, args, {"month": Rating.period_month, "average": Rating.average})


def shares(
    user_ids: Iterable[UUID], bucket: str | None = None, ticket_class: str | None = None
) -> dict[UUID, Decimal]:
    """How well each did of late, 0 to 1: the average over the last MONTHS_COUNTED months in which they were rated.

    On such loans, where somebody rated them for these, else on all. Whoever was never rated is absent.
    """
    user_ids = list(user_ids)
    such = Rating.bucket.in_([bucket or ALL, ALL]), Rating.ticket_class.in_([ticket_class or ALL, ALL])
    narrow = (Rating.bucket != ALL) | (Rating.ticket_class != ALL)
    overall = _means(user_ids, Rating.bucket == ALL, Rating.ticket_class == ALL)
    return overall | (_means(user_ids, *such, narrow) if bucket or ticket_class else {})


def _means(user_ids: list[UUID], *which: Expression) -> dict[UUID, Decimal]:
    rank = fn.DENSE_RANK().over(partition_by=[Rating.partner_user_id], order_by=[Rating.period_month.desc()])
    ranked = Rating.select(Rating.partner_user_id, Rating.average, rank.alias("rank")).where(
        Rating.partner_user_id.in_(user_ids), *which
    )
    rows = (
        Rating.select(ranked.c.partner_user_id, fn.AVG(ranked.c.average).alias("mean"))
        .from_(ranked)
        .where(ranked.c.rank <= MONTHS_COUNTED)
        .group_by(ranked.c.partner_user_id)
        .tuples()
    )
    span = SCORE_MAX - SCORE_MIN
    return {user_id: ((Decimal(mean) - SCORE_MIN) / span).quantize(Decimal("0.01")) for user_id, mean in rows}
