"""The nightly job: everything in the retention table whose time has passed, batch by batch.

A batch is one transaction, and what is done is seen in the rows, so a night that breaks off goes on where it was.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from peewee import IntegrityError

from app.core import audit, clock
from app.core.database import brand_scope, db
from app.core.holding import Holding
from app.customers import service as customers
from app.messaging import service as messaging
from app.privacy import erasing
from app.privacy.inventory import HOLDINGS
from app.privacy.models import RetentionRun
from app.privacy.retention import RETENTION, Rule

BATCH = 200
# DPDP Rules 2025, rule 8(2): the person is told, and a sign-in stops it
NOTICE = timedelta(hours=48)
PERSONS = "customers"


def plan(brand_id: str) -> dict[str, int]:
    """How many rows and customers a run would take now; nothing is changed."""
    with brand_scope(brand_id):
        counts = Counter({rule.data_class: 0 for rule, _ in _by_age()})
        for rule, holding in _by_age():
            counts[rule.data_class] += erasing.overdue(holding, rule).count()
        ids = list(_candidates(None, None))
        counts[PERSONS] = sum(erasing.standing(customer_id).is_due for customer_id in ids)
        return dict(counts)


def run(brand_id: str) -> dict[str, int]:
    """Do it, and return how many rows by data class; one run a day and brand, which goes on if it broke off."""
    with brand_scope(brand_id):
        today = _today()
    if today.finished_at is None:
        for rule, holding in _by_age():
            while _some_rows(brand_id, rule, holding) == BATCH:
                pass
        while _some_customers(brand_id) == BATCH:
            pass
        with brand_scope(brand_id):
            today = _today()
            today.change(finished_at=clock.now())
            audit.record("retention.finished", "retention_run", today.id, after=today.done)
    return today.done


def _by_age() -> list[tuple[Rule, Holding]]:
    """The rules for rows that go by their own age, each with the tables that it is about."""
    rules = [rule for rule in RETENTION if rule.whose is None and rule.days is not None]
    return [(rule, h) for rule in rules for h in HOLDINGS if h.data_class == rule.data_class]


def _today() -> RetentionRun:
    """The run of this business day, locked."""
    day = clock.today()
    try:
        with db.atomic():
            return RetentionRun.create(day=day)
    except IntegrityError:
        return RetentionRun.get(RetentionRun.day == day).locked()


def _some_rows(brand_id: str, rule: Rule, holding: Holding) -> int:
    with brand_scope(brand_id):
        count = erasing.finish_some(holding, erasing.overdue(holding, rule), BATCH)
        _count(rule.data_class, count)
    return count


def _some_customers(brand_id: str) -> int:
    """Look at the next customers; erase those whose time has passed and who were told."""
    with brand_scope(brand_id):
        today = _today()
        ids = list(_candidates(today.reached_id, BATCH))
        erased = sum(_erase_if_due(customer_id) for customer_id in ids)
        _count(PERSONS, erased)
        if ids:
            _today().change(reached_id=ids[-1])
    return len(ids)


def _candidates(after: UUID | None, limit: int | None) -> list[UUID]:
    """Customers who may be due: old enough, not erased, under no hold."""
    shortest = min(rule.time for rule in RETENTION if rule.whose)
    return customers.unerased_before(clock.now() - shortest, erasing.held(), after, limit)


def _erase_if_due(customer_id: UUID) -> bool:
    if not erasing.standing(customer_id).is_due:
        return False
    told_at = customers.get(customer_id).erasure_notified_at
    if told_at is None:
        messaging.notify(customer_id, "erasure_notice", hours=int(NOTICE.total_seconds()) // 3600)
        customers.erasure_notified(customer_id)
        return False
    if told_at > clock.now() - NOTICE:
        return False
    erasing.erase(customer_id)
    return True


def _count(data_class: str, count: int) -> None:
    if count:
        today = _today()
        today.change(done=today.done | {data_class: today.done.get(data_class, 0) + count})
