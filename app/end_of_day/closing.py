"""The end of a day, a step after the other: each one statement or one frame over the whole book, in one transaction.

Every step leaves the same behind however often it runs, so a run that broke off is run again, and so is any past day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.collections import service as collections
from app.core import audit, clock
from app.core.database import brand_scope, current_brand, db
from app.end_of_day import book, standing
from app.end_of_day.models import EodStep, LoanDay
from app.ledger import bulk
from app.loans import service as loans
from app.policies import service as policies


@dataclass(frozen=True)
class Done:
    """A step that was done, in `seconds`."""

    on: date
    step: str
    rows: int
    seconds: float


def interest(on: date) -> int:
    """The interest up to the day, in the journal."""
    return bulk.accrue(on)


def penal(on: date) -> int:
    """Penal charges of the day. They bear no interest, and are charged once a day."""
    late = book.open_loans(on, "penal_levied", overdue=True)
    if not late.head(1).collect().height:
        return bulk.levy_penal([], on)
    due = standing.penal_charges(late, policies.ruleset_for("charges")).collect()
    return bulk.levy_penal(due.to_dicts(), on)


def snapshot(on: date) -> int:
    """How every loan stands: `loan_day` made anew."""
    LoanDay.delete().where(LoanDay.on_date == on).execute()
    open_book = book.open_loans(on, "npa_before")
    if not open_book.head(1).collect().height:
        return 0
    names = [
        name for name in LoanDay._meta.columns if name not in ("id", "brand_id", "created_at", "on_date")
    ]
    stands = standing.stand(open_book, policies.ruleset_for("delinquency"), on).select(names).collect()
    told = ", ".join(names)
    query = f"""INSERT INTO loan_day (brand_id, on_date, {told})
        SELECT %s, %s, {told} FROM json_to_recordset(%s::json) AS stands({book.columns(stands)})"""
    for rows in book.records(stands):
        db.execute_sql(query, (current_brand(), on, rows))
    return stands.height


def overdue(on: date) -> int:
    """Loans past their due date become OVERDUE; only at the end of the newest day, for a state is of now."""
    if LoanDay.select().where(LoanDay.on_date > on).exists():
        return 0
    late = LoanDay.select(LoanDay.loan_id).where(LoanDay.on_date == on, LoanDay.days_past_due > 0)
    return loans.fall_overdue(late)


def promises(on: date) -> int:
    """Promises whose day has passed are kept, kept in part or broken."""
    return collections.judge_promises(on)


STEPS: Mapping[str, Callable[[date], int]] = {
    step.__name__: step for step in (interest, penal, snapshot, overdue, promises)
}


def close(brand_id: str, on: date) -> list[Done]:
    """Close a day of a brand, all steps anew. Two at once follow each other."""
    return [_do(brand_id, on, name) for name in STEPS]


def _do(brand_id: str, on: date, name: str) -> Done:
    begins = clock.now()
    with brand_scope(brand_id):
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"end-of-day|{brand_id}",))
        rows = STEPS[name](on)
        values = {"row_count": rows, "started_at": begins, "finished_at": clock.now()}
        same = [EodStep.brand_id, EodStep.on_date, EodStep.step]
        EodStep.insert(on_date=on, step=name, **values).on_conflict(
            conflict_target=same, update=values
        ).execute()
        audit.record("end_of_day.step", "eod_step", None, after={"on": str(on), "step": name, "rows": rows})
    return Done(on, name, rows, (clock.now() - begins).total_seconds())


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
