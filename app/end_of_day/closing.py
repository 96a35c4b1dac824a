"""The end of a day, a step after the other, each over the whole book: a share of the customers at a time, with one
statement or one frame and one transaction for each.

Every step leaves the same behind however often it runs, so a run that broke off is run again, and so is any past day.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

from app.collections import service as collections
from app.core import audit, clock, identity
from app.core.database import brand_scope, current_brand, db
from app.core.share import Share
from app.end_of_day import book, standing
from app.end_of_day.models import EodStep, LoanDay
from app.ledger import bulk
from app.loans import service as loans
from app.payments import service as payments
from app.policies import service as policies
from app.reminders import service as reminding

# shares in work at once: the database does most of it, and has processors of its own
AT_ONCE = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class Done:
    """A step that was done, in `seconds`."""

    on: date
    step: str
    rows: int
    seconds: float


def interest(on: date, share: Share) -> int:
    """The interest up to the day, in the journal."""
    return bulk.accrue(on, share)


def penal(on: date, share: Share) -> int:
    """Penal charges of the day. They bear no interest, and are charged once a day."""
    late = book.open_loans(on, share, "penal_levied", overdue=True).collect()
    if late.is_empty():
        return bulk.levy_penal([], on, share)
    due = standing.penal_charges(late.lazy(), policies.ruleset_on("charges", on)).collect()
    return bulk.levy_penal(due.to_dicts(), on, share)


def snapshot(on: date, share: Share) -> int:
    """How every loan stands: `loan_day` made anew."""
    LoanDay.delete().where(LoanDay.on_date == on, share.holds(LoanDay.customer_id)).execute()
    open_book = book.open_loans(on, share, "npa_before").collect()
    if open_book.is_empty():
        return 0
    names = [
        name for name in LoanDay._meta.columns if name not in ("id", "brand_id", "created_at", "on_date")
    ]
    delinquency = policies.ruleset_on("delinquency", on)
    stands = standing.stand(open_book.lazy(), delinquency, on).select(names).collect()
    told = ", ".join(names)
    query = f"""INSERT INTO loan_day (brand_id, on_date, {told})
        SELECT %s, %s, {told} FROM json_to_recordset(%s::json) AS stands({book.columns(stands)})"""
    db.execute_sql(query, (current_brand(), on, stands.write_json()))
    return stands.height


def overdue(on: date, share: Share) -> int:
    """Loans past their due date become OVERDUE; only at the end of the newest day, for a state is of now."""
    if LoanDay.select().where(LoanDay.on_date > on).exists():
        return 0
    of_day = LoanDay.on_date == on, share.holds(LoanDay.customer_id)
    return loans.fall_overdue(LoanDay.select(LoanDay.loan_id).where(*of_day, LoanDay.days_past_due > 0))


def reminders(on: date, share: Share) -> int:
    """Reminders of the next day, for what is due soon; none for a day that has passed."""
    return reminding.raise_due(on + timedelta(days=1), share)


def presentations(on: date, share: Share) -> int:
    """The mandates to present the day after the next, which are announced on the next; none where that has passed."""
    return payments.plan_presentations(on + timedelta(days=2), share)


def promises(on: date, share: Share) -> int:
    """Promises whose day has passed are kept, kept in part or broken."""
    return collections.judge_promises(on, share)


STEPS: Mapping[str, Callable[[date, Share], int]] = {
    step.__name__: step for step in (interest, penal, snapshot, overdue, reminders, presentations, promises)
}


def close(brand_id: str, on: date) -> list[Done]:
    """Close a day of a brand, all steps anew. Two at once follow each other."""
    return [_do(brand_id, on, name) for name in STEPS]


def _do(brand_id: str, on: date, name: str) -> Done:
    begins = clock.now()
    with brand_scope(brand_id):
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"end-of-day|{brand_id}",))
        rows = _over(brand_id, on, name, book.shares())
        values = {"row_count": rows, "started_at": begins, "finished_at": clock.now()}
        same = [EodStep.brand_id, EodStep.on_date, EodStep.step]
        EodStep.insert(on_date=on, step=name, **values).on_conflict(
            conflict_target=same, update=values
        ).execute()
        audit.record("end_of_day.step", "eod_step", None, after={"on": str(on), "step": name, "rows": rows})
    return Done(on, name, rows, (clock.now() - begins).total_seconds())


def _over(brand_id: str, on: date, name: str, shares: Sequence[Share]) -> int:
    """A step over shares, each in a transaction of its own on a thread that knows nothing of ours."""

    def work(share: Share) -> int:
        with identity.acting(identity.SYSTEM), brand_scope(brand_id):
            return STEPS[name](on, share)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(work, shares))


def catch_up(brand_id: str, upto: date) -> list[Done]:
    """Close the days since the last that is closed, up to `upto`; only that one where none is yet."""
    with brand_scope(brand_id):
        last = _last_closed()
    first = last + timedelta(days=1) if last else upto
    days = [first + timedelta(days=n) for n in range((upto - first).days + 1)] or [upto]
    return [done for day in days for done in close(brand_id, day)]


def _last_closed() -> date | None:
    row = EodStep.select(EodStep.on_date).where(EodStep.step == [*STEPS][-1])
    row = row.order_by(EodStep.on_date.desc()).first()
    return row.on_date if row else None
