"""The brands in numbers, read as los_admin: it counts rows, and reads no customer's."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from app.brands import service as brands
from app.core import clock
from app.core.database import brand_scope, db, role_scope
from app.core.errors import DomainError, NotFound
from app.policies import brand_files
from app.policies import service as policies

OVERDUE_AFTER = timedelta(minutes=5)

# name -> (table, the number of a brand)
_COUNTS = {
    "staff": ("partner_user_brand_role", "count(DISTINCT partner_user_id)"),
    "customers": ("customer", "count(id)"),
    "jobs_overdue": ("outbox", "count(*) FILTER (WHERE status = 'PENDING' AND available_at < %(overdue)s)"),
    "jobs_dead": ("outbox", "count(*) FILTER (WHERE status = 'DEAD')"),
    "open_scopes": ("admin_scope", "count(*) FILTER (WHERE ended_at IS NULL AND expires_at > %(now)s)"),
}
_COUNT = "SELECT brand_id, {} FROM {} WHERE brand_id = ANY(%(brands)s) GROUP BY 1"
_LOANS = "SELECT brand_id, status, count(*) FROM loan WHERE brand_id = ANY(%(brands)s) GROUP BY 1, 2"


def page(args: dict[str, Any]) -> dict[str, Any]:
    """A page of brands, each in numbers."""
    with role_scope("los_admin"):
        found = brands.page(args)
        return found | {"items": _in_numbers(found["items"])}


def one(brand_id: str) -> dict[str, Any]:
    """One brand in numbers, and whether each rule set that it needs can be used. Raises NotFound."""
    with role_scope("los_admin"):
        rows = _in_numbers(brands.named(brand_id))
    if not rows:
        raise NotFound("brand")
    with brand_scope(brand_id):
        return rows[0] | {"rules": [_health(name) for name in brand_files.needed()]}


def _health(name: str) -> dict[str, Any]:
    try:
        return {"ruleset": name, "usable": True, "hash": policies.champion(name).hash}
    except DomainError:
        return {"ruleset": name, "usable": False, "hash": None}


def _in_numbers(found: Iterable[brands.Brand]) -> list[dict[str, Any]]:
    rows, now = list(found), clock.now()
    values = {"brands": [row.id for row in rows], "now": now, "overdue": now - OVERDUE_AFTER}
    counts = {
        name: dict(db.execute_sql(_COUNT.format(number, table), values).fetchall())
        for name, (table, number) in _COUNTS.items()
    }
    loans: dict[str, dict[str, int]] = defaultdict(dict)
    for brand_id, status, count in db.execute_sql(_LOANS, values).fetchall():
        loans[brand_id][status] = count
    return [
        {
            "id": row.id,
            "name": row.name,
            "settings_version": row.settings_number,
            "created_at": row.created_at,
            "loans": loans[row.id],
        }
        | {name: by_brand.get(row.id, 0) for name, by_brand in counts.items()}
        for row in rows
    ]
