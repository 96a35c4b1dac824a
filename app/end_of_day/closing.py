"""The end of a day, a step after the other, each over the whole book: a share of the customers at a time, with one
statement or one frame and one transaction for each.

Every step leaves the same behind however often it runs, so a run that broke off is run again, and so is any past day.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import fn

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
# a share is sorted and joined in memory; compiling its queries takes longer than it saves
_ROOM = "SET LOCAL work_mem TO '64MB'; SET LOCAL jit TO off"


@dataclass(frozen=True)
class Done:
    """A step that was done."""

    on: date
    step: str
    rows: int
    began_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.began_at).total_seconds()


def interest(on: date, share: Share) -> int:
    """The interest up to the day, in the journal."""
    return bulk.accrue(on, share)


def penal(on: date, share: Share) -> int:
    """Penal charges of the day. They bear no interest, and are charged once a day."""
    late, due = book.open_loans(on, share, "penal_levied", overdue=True).collect(), []
    if not late.is_empty():
        due = standing.penal_charges(late.lazy(), policies.ruleset_on("charges", on)).collect().to_dicts()
    count, moved = bulk.levy_penal(due, on, share)
    # borrowers of whom something was told late are looked at once all of their days are closed
    for loan_id in () if share.only else sorted(moved):
        payments.follow(loans.get(loan_id))
    return count


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


def income(on: date, share: Share) -> int:
    """What loans that turned bad owe is no income from this day on, and of those that are good again it is."""
    return bulk.classify(book.changed_class(on, share), on, share)


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
    step.__name__: step
    for step in (interest, penal, snapshot, income, overdue, reminders, presentations, promises)
}


# what follows of a step over the whole book, for its day; wanted in the transaction that says that it was done
FOLLOWS: Mapping[str, Callable[[date], None]] = {
    "presentations": lambda on: payments.want_presentation_files(on + timedelta(days=2))
}


def close(brand_id: str, on: date) -> list[Done]:
    """Close a day of a brand, all steps anew. Two at once follow each other."""
    return [_note(brand_id, do(brand_id, on, name)) for name in STEPS]


def do(brand_id: str, on: date, name: str, shares: Sequence[Share] | None = None) -> Done:
    """A step over the whole book, or over some shares of it, each in a transaction of its own."""
    begins = clock.now()
    with brand_scope(brand_id):
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"end-of-day|{brand_id}",))
        rows = _over(brand_id, on, name, book.shares() if shares is None else shares)
    return Done(on, name, rows, begins, clock.now())


def _over(brand_id: str, on: date, name: str, shares: Sequence[Share]) -> int:
    def work(share: Share) -> int:
        # on a thread that knows nothing of our transaction
        with identity.acting(identity.SYSTEM), brand_scope(brand_id):
            db.execute_sql(_ROOM)
            return STEPS[name](on, share)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(work, shares))


def _note(brand_id: str, done: Done) -> Done:
    values = {"row_count": done.rows, "started_at": done.began_at, "finished_at": done.ended_at}
    with brand_scope(brand_id):
        same = [EodStep.brand_id, EodStep.on_date, EodStep.step]
        EodStep.insert(on_date=done.on, step=done.step, **values).on_conflict(
            conflict_target=same, update=values
        ).execute()
        after = {"on": str(done.on), "step": done.step, "rows": done.rows}
        audit.record("end_of_day.step", "eod_step", None, after=after)
        if done.step in FOLLOWS:
            FOLLOWS[done.step](done.on)
    return done


def catch_up(brand_id: str, upto: date) -> list[Done]:
    """Close the days since the last that is closed, up to `upto`; only that one where none is yet."""
    with brand_scope(brand_id):
        last = _last_closed()
    first = last + timedelta(days=1) if last else upto
    days = [first + timedelta(days=n) for n in range((upto - first).days + 1)] or [upto]
    return [done for day in days for done in close(brand_id, day)]


def out_of_order(brand_id: str, on: date) -> tuple[list[date], list[date]]:
    """The days between the last that is closed before `on` and it; and where it was never closed those after it that
    are, which the penal charges of `on` will count in: these are to be closed by hand, in their order."""
    with brand_scope(brand_id):
        rows = EodStep.select(EodStep.on_date).where(EodStep.step == [*STEPS][-1])
        closed = {row.on_date for row in rows}
    last = max((day for day in closed if day < on), default=on)
    missed = [last + timedelta(days=n) for n in range(1, (on - last).days)]
    return missed, [] if on in closed else sorted(day for day in closed if day > on)


def _last_closed() -> date | None:
    """The last day that was closed when it was over; one that was closed before is not done with."""
    over = fn.timezone("Asia/Kolkata", EodStep.finished_at).cast("date") > EodStep.on_date
    row = EodStep.select(EodStep.on_date).where(EodStep.step == [*STEPS][-1], over)
    row = row.order_by(EodStep.on_date.desc()).first()
    return row.on_date if row else None
