"""Where customers come from: visits, what brought each customer first and last, and affiliates."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect, fn

from app.acquisition.channels import Visit, channel_of, host_of, platform_of
from app.acquisition.models import Affiliate, Click, CustomerTouch
from app.core import audit, clock
from app.core.database import db
from app.core.errors import Conflict

# A visit counts for what a customer does after it for so long.
WINDOW_DAYS = 30
UTM = ("source", "medium", "campaign", "term", "content")
# Grouped by what a summary may be asked for.
GROUPS = {
    "channel": Click.channel,
    "source": Click.utm_source,
    "medium": Click.utm_medium,
    "campaign": Click.utm_campaign,
    "platform": Click.platform,
    "domain": Click.domain,
    "affiliate": Click.affiliate_id,
}


def visit(told: dict[str, Any]) -> Click:
    """Keep a visit: utm, landing page, referrer, the id of an advertisement's click, an affiliate's code."""
    landing_page, referrer = told.get("landing_page"), host_of(told.get("referrer"))
    domain = host_of(landing_page)
    utm = {f"utm_{name}": value.strip() or None for name, value in told.get("utm", {}).items()}
    affiliate = _affiliate(told.get("affiliate"), utm.get("utm_source"), domain)
    known = Visit(
        source=_small(utm.get("utm_source")),
        medium=_small(utm.get("utm_medium")),
        ad_click_id=told.get("ad_click_id"),
        # a page of our own that leads to another is no referrer
        referrer_host=referrer if referrer != domain else None,
        is_affiliate=affiliate is not None,
    )
    return Click.create(
        **utm,
        channel=channel_of(known),
        platform=platform_of(known),
        affiliate_id=affiliate.id if affiliate else None,
        ad_click_id=known.ad_click_id,
        referrer_host=known.referrer_host,
        domain=domain,
        landing_page=landing_page.partition("?")[0] if landing_page else None,
    )


def _small(text: str | None) -> str | None:
    return text.lower() if text else None


def _affiliate(code: str | None, source: str | None, domain: str | None) -> Affiliate | None:
    """The active affiliate that a visit names: by code, else by source, else by domain."""
    for column, told in ((Affiliate.code, code), (Affiliate.utm_source, source), (Affiliate.domain, domain)):
        found = Affiliate.get_or_none(column == told.lower(), Affiliate.is_active) if told else None
        if found:
            return found
    return None


def touched(customer_id: UUID, click_id: UUID | None, utm: dict[str, str]) -> None:
    """A customer gave their phone in a visit. A visit that we do not know is passed over: nobody is turned away for it.

    Without a visit but with `utm` (a page that tells of none), the tags make one.
    """
    click = Click.get_or_none(Click.id == click_id) if click_id else None
    if click is None and utm:
        click = visit({"utm": utm})
    if click is None:
        return
    is_first = not CustomerTouch.select().where(CustomerTouch.customer_id == customer_id).exists()
    # the same visit again changes nothing; of two at once the other is the first
    CustomerTouch.insert(
        customer_id=customer_id, click_id=click.id, is_first=is_first
    ).on_conflict_ignore().execute()


def tags_of(click_id: UUID | None) -> dict[str, str]:
    """What the link of a visit said, as `utm` of a registration says it; nothing of a visit that we do not know."""
    click = Click.get_or_none(Click.id == click_id) if click_id else None
    told = {name: getattr(click, f"utm_{name}", None) for name in UTM}
    return {name: text for name, text in told.items() if text}


def attribution(customer_id: UUID) -> dict[str, Any]:
    """What brought a customer first, what last (within WINDOW_DAYS of now), and every visit between, oldest first."""
    rows = (
        Click.select(Click, CustomerTouch.created_at.alias("touched_at"))
        .join(CustomerTouch, on=(CustomerTouch.click_id == Click.id))
        .where(CustomerTouch.customer_id == customer_id)
        .order_by(CustomerTouch.id)
    )
    touches = list(rows.objects())
    since = clock.now() - timedelta(days=WINDOW_DAYS)
    recent = [touch for touch in touches if touch.touched_at >= since]
    return {
        "first": touches[0] if touches else None,
        "last": recent[-1] if recent else None,
        "touches": touches,
    }


def summary(group_by: str, from_date: date, to_date: date) -> list[dict[str, Any]]:
    """Visits of the days, and how many customers they made, by channel, source, campaign, ... largest first."""
    column = GROUPS[group_by]
    first = (CustomerTouch.click_id == Click.id) & CustomerTouch.is_first
    rows = (
        Click.select(
            column.alias("key"),
            fn.COUNT(Click.id).alias("clicks"),
            fn.COUNT(CustomerTouch.id).alias("customers"),
        )
        .left_outer_join(CustomerTouch, on=first)
        .where(
            Click.created_at >= clock.start_of(from_date),
            Click.created_at < clock.start_of(to_date + timedelta(days=1)),
        )
        .group_by(column)
        .order_by(fn.COUNT(Click.id).desc(), column)
    )
    names = _names() if group_by == "affiliate" else {}
    return [
        {"key": names.get(key, str(key) if key else None), "clicks": clicks, "customers": customers}
        for key, clicks, customers in rows.tuples()
    ]


def _names() -> dict[UUID, str]:
    return {row.id: row.name for row in Affiliate.select(Affiliate.id, Affiliate.name)}


def affiliates(search: str | None) -> ModelSelect:
    """The affiliates of the brand; `search` is a part of the name or the whole code."""
    query = Affiliate.select()
    return (
        query.where(Affiliate.name.contains(search) | (Affiliate.code == search.lower())) if search else query
    )


def affiliate(affiliate_id: UUID) -> Affiliate:
    """One affiliate, or NotFound."""
    return Affiliate.find(affiliate_id)


def add_affiliate(**told: Any) -> Affiliate:
    """A new affiliate. Raises Conflict naming what another one has already."""
    return _written(lambda: Affiliate.create(**told), "affiliate.added")


def change_affiliate(affiliate_id: UUID, **told: Any) -> Affiliate:
    """Change an affiliate; visits that were counted stay as they were."""
    found = affiliate(affiliate_id).locked()
    before = {name: str(getattr(found, name)) for name in told}

    def write() -> Affiliate:
        found.change(**told)
        return found

    return _written(write, "affiliate.changed", before)


def _written(write: Any, action: str, before: dict[str, str] | None = None) -> Affiliate:
    try:
        with db.atomic():
            found = write()
    except IntegrityError as error:
        field = next(
            (name for name in ("code", "utm_source", "domain") if f"({name})" in _key(error)), "code"
        )
        raise Conflict("Another affiliate has this already.", field=field, code="AFFILIATE_TAKEN") from None
    after = {name: str(value) for name, value in found.__data__.items() if name not in ("id", "created_at")}
    audit.record(action, "affiliate", found.id, before=before, after=after)
    return found


def _key(error: IntegrityError) -> str:
    """The columns of the index that was violated, as the driver names it: ``(code)``."""
    name = error.orig.diag.constraint_name or ""
    return "".join(f"({column})" for column in ("code", "utm_source", "domain") if column in name)
