"""How well people do: rated by those above them, month by month, criterion by criterion."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from peewee import fn

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


def rate(user_id: UUID, month: date, scores: dict[str, int], remark: str | None = None) -> Rating:
    """The acting person's rating of somebody for the month of `month`; a second one replaces the first.

    Raises Invalid for a month to come, Conflict for oneself.
    """
    authority.roles_of(user_id)
    authority.not_oneself(user_id)
    month = month.replace(day=1)
    if month > clock.today():
        raise Invalid("This month has not begun.", field="month")
    average = (Decimal(sum(scores.values())) / len(scores)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    key = {"partner_user_id": user_id, "period_month": month, "rated_by": identity.actor().id}
    content = {"scores": scores, "average": average, "remark": remark}
    before = Rating.get_or_none(**key)
    if before is None:
        rating = Rating.create(**key, **content)
    else:
        rating = before.locked()
        rating.change(**content)
    told = {"month": month.isoformat(), "scores": scores}
    earlier = {"scores": before.scores} if before else None
    audit.record("staff.rated", "partner_user", user_id, before=earlier, after=told, reason=remark)
    return rating


def page(user_id: UUID, args: dict[str, Any]) -> dict[str, Any]:
    """The ratings of somebody, newest month first."""
    authority.roles_of(user_id)
    query = Rating.select().where(Rating.partner_user_id == user_id)
    return paginate(query, args, {"month": Rating.period_month, "average": Rating.average})


def shares(user_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """How well each did of late, 0 to 1: the average over the last MONTHS_COUNTED months in which they were rated.

    Whoever was never rated is absent.
    """
    rank = fn.DENSE_RANK().over(partition_by=[Rating.partner_user_id], order_by=[Rating.period_month.desc()])
    ranked = Rating.select(Rating.partner_user_id, Rating.average, rank.alias("rank")).where(
        Rating.partner_user_id.in_(list(user_ids))
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
