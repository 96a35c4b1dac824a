"""How the providers of a brand are, from the record of their calls, and what they cost."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.brands import service as brands
from app.core import audit, clock
from app.core.database import current_brand, db
from app.core.errors import Conflict, Invalid, NotFound
from app.core.http import paginate
from app.provider_calls.models import ProviderCall, ProviderPrice
from app.providers import CLIENTS, circuit

RECENT = timedelta(minutes=15)
DAYS_MAX = 366
# An answer that says no is an answer; these are none.
FAILURES = ("unavailable", "malformed", "unauthorised", "circuit_open", "rate_limited", "error")
NOT_CALLED = ("circuit_open", "rate_limited")
# What the brand's settings call by another name than its client, or do without any.
CLIENT_OF = {("account_aggregator", "cart"): "cart_aa", ("bank_statements", "own"): None}

_RECENT = """
SELECT provider,
       count(*) FILTER (WHERE created_at >= %(recent)s),
       count(*) FILTER (WHERE created_at >= %(recent)s AND outcome = ANY(%(failures)s)),
       percentile_disc(0.50) WITHIN GROUP (ORDER BY duration_ms)
         FILTER (WHERE created_at >= %(recent)s AND outcome <> ALL(%(not_called)s)),
       percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms)
         FILTER (WHERE created_at >= %(recent)s AND outcome <> ALL(%(not_called)s)),
       count(*) FILTER (WHERE created_at >= %(today)s),
       COALESCE(sum(cost_paise) FILTER (WHERE created_at >= %(today)s), 0)
FROM provider_call WHERE created_at >= LEAST(%(recent)s, %(today)s) GROUP BY provider
"""
# one look at the end of the index for each outcome
_LAST = """
SELECT name,
       (SELECT max(created_at) FROM provider_call WHERE provider = name AND outcome = 'ok'),
       (SELECT max(at) FROM unnest(%(failures)s) AS failure, LATERAL (
          SELECT max(created_at) AS at FROM provider_call WHERE provider = name AND outcome = failure) AS newest)
FROM unnest(%(names)s) AS name
"""
_COSTS = """
SELECT (created_at AT TIME ZONE 'Asia/Kolkata')::date AS day, provider, count(*),
       count(*) FILTER (WHERE cost_paise > 0), sum(cost_paise)
FROM provider_call
WHERE created_at >= %(start)s AND created_at < %(end)s AND provider = COALESCE(%(provider)s, provider)
GROUP BY day, provider ORDER BY day, provider
"""


def status() -> list[dict[str, Any]]:
    """Every provider that the brand's settings choose or that was called today, by name."""
    serving = _serving()
    called = _called()
    names = sorted(serving.keys() | called.keys())
    last = {row[0]: row[1:] for row in _rows(_LAST, names=names, failures=list(FAILURES))}
    return [_status(name, serving.get(name, []), called.get(name), last[name]) for name in names]


def _serving() -> dict[str, list[str]]:
    """Provider to the settings that name it."""
    settings = brands.settings()
    serving: dict[str, list[str]] = {}
    chosen = [*settings["providers"].items()]
    chosen += [("bureau fallback", name) for name in settings["bureau_policy"]["fallbacks"]]
    chosen += [
        (f"{channel} stand-in", name)
        for channel, names in settings["messages"]["stand_ins"].items()
        for name in names
        if name != settings["providers"][channel]
    ]
    for use, choice in chosen:
        name = CLIENT_OF.get((use, choice), choice)
        if name:
            serving.setdefault(name, []).append(use)
    return serving


def _called() -> dict[str, tuple]:
    rows = _rows(
        _RECENT,
        recent=clock.now() - RECENT,
        today=clock.start_of(clock.today()),
        failures=list(FAILURES),
        not_called=list(NOT_CALLED),
    )
    return {row[0]: row[1:] for row in rows}


def _status(
    name: str, serves: list[str], called: tuple | None, last: tuple[datetime | None, datetime | None]
) -> dict[str, Any]:
    calls, failures, p50, p95, calls_today, cost = called or (0, 0, None, None, 0, Decimal(0))
    return {
        "provider": name,
        "serves": sorted(serves),
        "circuit": asdict(circuit(name, current_brand())),
        "last_success_at": last[0],
        "last_failure_at": last[1],
        "recent": {
            "minutes": RECENT // timedelta(minutes=1),
            "calls": calls,
            "failures": failures,
            "error_rate": round(failures / calls, 4) if calls else None,
            "p50_ms": p50,
            "p95_ms": p95,
        },
        "calls_today": calls_today,
        "cost_paise_today": cost,
    }


def calls(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of calls, newest first; the dates are days in India, both included."""
    query = ProviderCall.select()
    wanted = {name: args[name] for name in ("provider", "operation", "outcome") if args[name]}
    if wanted:
        query = query.filter(**wanted)
    query = _within(query, args["from_date"], args["to_date"])
    sortable = {"createdAt": ProviderCall.created_at, "durationMs": ProviderCall.duration_ms}
    return paginate(query, args, sortable)


def _within(query: ModelSelect, first: date | None, last: date | None) -> ModelSelect:
    if first:
        query = query.where(ProviderCall.created_at >= clock.start_of(first))
    if last:
        query = query.where(ProviderCall.created_at < _end_of(last))
    return query


def call(call_id: UUID) -> ProviderCall:
    """One call with its bodies. Raises NotFound."""
    return ProviderCall.find(call_id)


def costs(from_date: date, to_date: date, provider: str | None) -> list[dict[str, Any]]:
    """What was spent, one row a day and provider. Raises Invalid for a range that is none or too long."""
    if not 0 <= (to_date - from_date).days < DAYS_MAX:
        raise Invalid(f"Ask for 1 to {DAYS_MAX} days.", field="to_date")
    rows = _rows(_COSTS, start=clock.start_of(from_date), end=_end_of(to_date), provider=provider)
    return [dict(zip(("day", "provider", "calls", "billed", "cost_paise"), row, strict=True)) for row in rows]


def prices() -> list[ProviderPrice]:
    """Every price there is or was, by provider, operation and day."""
    order = (ProviderPrice.provider, ProviderPrice.operation, ProviderPrice.valid_from)
    return list(ProviderPrice.select().order_by(*order))


def price(provider: str, operation: str) -> Decimal:
    """What a call costs today, in paise; nothing where no price is set. `app.providers.recording` bills by the same
    rule."""
    same = {"provider": provider, "operation": operation}
    found = (
        ProviderPrice.select()
        .filter(**same)
        .where(ProviderPrice.valid_from <= clock.today())
        .order_by(ProviderPrice.valid_from.desc())
        .first()
    )
    return found.paise if found else Decimal(0)


def set_price(provider: str, operation: str, paise: Decimal, valid_from: date) -> ProviderPrice:
    """What each call costs from `valid_from` on. What was paid stays as it was, so no day of the past will do."""
    if operation not in CLIENTS[provider].operations:
        raise Invalid(f"{provider} has no such operation.", field="operation")
    if valid_from < clock.today():
        raise Invalid("Calls of the past keep their cost: from today on.", field="valid_from")
    same = {"provider": provider, "operation": operation, "valid_from": valid_from}
    if ProviderPrice.select().filter(**same).exists():
        raise Conflict("There is a price from this day on.")
    price = ProviderPrice.create(**same, paise=paise)
    after = {"provider": provider, "operation": operation, "paise": str(paise), "valid_from": str(valid_from)}
    audit.record("provider_price.set", "provider_price", price.id, after=after)
    return price


def seed_prices(price_list: Mapping[str, Mapping[str, int | float]], valid_from: date) -> None:
    """The prices of a new brand, {provider: {operation: paise}}. One that has any is left alone."""
    if ProviderPrice.select().exists():
        return
    for provider, of_provider in price_list.items():
        for operation, paise in of_provider.items():
            if operation not in CLIENTS[provider].operations:
                raise NotFound(f"operation {provider}.{operation}")
            ProviderPrice.create(
                provider=provider, operation=operation, paise=Decimal(str(paise)), valid_from=valid_from
            )


def _end_of(day: date) -> datetime:
    return clock.start_of(day) + timedelta(days=1)


def _rows(statement: str, **values: Any) -> Iterable[tuple]:
    return db.execute_sql(statement, values).fetchall()
