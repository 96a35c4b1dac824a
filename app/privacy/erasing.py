"""Erasing: rows whose time has passed, and one customer, wholly or as far as the law lets us."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import Expression, ModelSelect

from app import files
from app.core import audit, clock
from app.core.database import TenantModel
from app.core.holding import Holding
from app.customers import service as customers
from app.loans import service as loans
from app.privacy import retention
from app.privacy.inventory import HOLDINGS
from app.privacy.models import LegalHold
from app.privacy.retention import LEAD, Rule
from app.sign_in import service as sign_ins

LIVE_LOAN, LEGAL_HOLD, KEPT_BY_LAW = "LIVE_LOAN", "LEGAL_HOLD", "KEPT_BY_LAW"
# how soon these go is the same for everybody, erased or not
_BY_AGE_ALONE = {"one-time codes"}


@dataclass(frozen=True)
class Standing:
    """What a customer is to us, and until when their identity is kept; `rule` is None while a loan runs."""

    kind: str
    rule: Rule | None
    until: datetime | None

    @property
    def is_due(self) -> bool:
        return self.until is not None and self.until < clock.now()


def standing(customer_id: UUID) -> Standing:
    """Where a customer stands in the retention table."""
    kind, since = loans.standing(customer_id)
    if kind == "LIVE":
        return Standing(kind, None, None)
    if kind == LEAD:
        since = sign_ins.last_opened(customer_id) or customers.get(customer_id).created_at
    rule = retention.of_person(kind)
    return Standing(kind, rule, since + rule.time)


def held() -> ModelSelect:
    """The ids of customers of whom nothing may be erased."""
    return LegalHold.select(LegalHold.customer_id).where(LegalHold.released_at.is_null())


def is_held(customer_id: UUID) -> bool:
    """Whether a legal hold is on the customer."""
    return held().where(LegalHold.customer_id == customer_id).exists()


def overdue(holding: Holding, rule: Rule) -> ModelSelect:
    """The rows of a holding whose own time has passed, without those of customers under a hold."""
    query = _open_rows(holding).where(holding.runs_from < clock.now() - rule.time)
    return query.where(holding.customer.not_in(held())) if holding.customer else query


def _open_rows(holding: Holding) -> ModelSelect:
    query = holding.model.select().where(holding.is_open)
    return query.where(holding.only) if holding.only is not None else query


def finish_some(holding: Holding, query: ModelSelect, limit: int) -> int:
    """Bring up to `limit` rows to their end, in the caller's transaction. Returns how many."""
    if holding.deleted:
        ids = [row.id for row in query.order_by(holding.model.id).limit(limit)]
        return holding.model.delete().where(holding.model.id.in_(ids)).execute() if ids else 0
    rows = list(query.order_by(holding.model.id).limit(limit).for_update("FOR UPDATE SKIP LOCKED"))
    for row in rows:
        _finish(holding, row)
    return len(rows)


def _finish(holding: Holding, row: TenantModel) -> None:
    """Bring a row to its end that is not simply deleted. Raises if an object is still there after its removal."""
    if holding.end:
        holding.end(row)
        return
    for key in holding.objects(row) if holding.objects else ():
        files.remove(key)
        if files.storage().exists(key):
            raise RuntimeError(f"{key} is still there")
    values = {name: new(row) if callable(new) else new for name, new in holding.blank.items()}
    row.change(**values, erased_at=clock.now())


def erase(customer_id: UUID, classes: Collection[str] | None = None) -> dict[str, int]:
    """Erase what we hold of a customer: everything, or only some data classes. Returns rows by data class. Audited."""
    done: Counter[str] = Counter()
    for holding in HOLDINGS:
        mine = None if holding.kept or not _goes(holding, classes) else holding.of(customer_id)
        if mine is not None:
            done[holding.data_class] += _finish_all(holding, mine)
    counts = {name: count for name, count in done.items() if count}
    what = "customer.erased" if classes is None else "customer.partly_erased"
    audit.record(what, "customer", customer_id, after={"rows": counts})
    return counts


def _goes(holding: Holding, classes: Collection[str] | None) -> bool:
    return holding.data_class not in _BY_AGE_ALONE and (classes is None or holding.data_class in classes)


def _finish_all(holding: Holding, mine: Expression) -> int:
    if holding.deleted:
        return holding.model.delete().where(mine).execute()
    rows = list(_open_rows(holding).where(mine).for_update())
    for row in rows:
        _finish(holding, row)
    return len(rows)


def schedule(stands: Standing) -> list[dict[str, Any]]:
    """What stays of a customer and until when."""
    rule = stands.rule
    return [
        {
            "dataClass": rule.data_class,
            "until": clock.business_day(stands.until).isoformat(),
            "basis": rule.basis,
        }
    ]
