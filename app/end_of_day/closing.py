"""The end of a day, a step after the other, each over the whole book: a share of the customers at a time, with one
statement or one frame and one transaction for each.

Every step leaves the same behind however often it runs, so a run that broke off is run again, and so is any past day.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
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
# a share is sorted and joined in memory; compiling its queries takes longer than it saves; and it is a small part of a
# large book: its loans' entries are looked up, where the planner would read all of the journal for fear of a slow disk
_ROOM = "SET LOCAL work_mem TO '64MB'; SET LOCAL jit TO off; SET LOCAL random_page_cost TO 1.1"


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
    late = book.open_loans(on, share, "penal_levied", "charges_hash", overdue=True).collect()
    count, moved = bulk.levy_penal(_penal_charges(late), on, share)
    # borrowers of whom something was told late are looked at once all of their days are closed
    for loan_id in () if share.only else sorted(moved):
        payments.follow(loans.get(loan_id))
    return count


def _penal_charges(late: pl.DataFrame) -> list[dict[str, Any]]:
    """What is due of each loan by the rule set that it keeps; a brand has few of them."""
    due = [
        standing.penal_charges(loans_of.lazy(), policies.ruleset_of("charges", kept))
        for (kept,), loans_of in late.partition_by("charges_hash", as_dict=True).items()
        if not loans_of.is_empty()
    ]
    return [row for frame in pl.collect_all(due) for row in frame.to_dicts()]


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


# the step after which a day is closed
LAST = [*STEPS][-1]


def alone(brand_id: str, work: Callable[[], list[Done]]) -> list[Done]:
    """Do what nothing else of the brand's end of day may run beside: whoever comes second waits for it.

    It is done on a thread that knows nothing of the transaction that keeps others out. Where the process is killed,
    the database ends that transaction, and the next one begins.
    """
    with brand_scope(brand_id):
        db.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"end-of-day|{brand_id}",))
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(work).result()


def close(brand_id: str, on: date) -> list[Done]:
    """Close a day of a brand, all steps anew. Two at once, of whichever days, follow each other."""

    def work() -> list[Done]:
        _mark_later(brand_id, on)
        return [_note(brand_id, do(brand_id, on, name)) for name in STEPS]

    return alone(brand_id, work)


def _mark_later(brand_id: str, on: date) -> None:
    """Days that were closed without this one, or with what it came to before it was to be closed again, are closed
    again. Known before anything is booked, so that it is not forgotten where the run breaks off."""
    with brand_scope(brand_id):
        counted = EodStep.on_date == on, EodStep.step == LAST, ~EodStep.again
        if not EodStep.select().where(*counted).exists():
            EodStep.update(again=True).where(EodStep.on_date > on).execute()


def do(brand_id: str, on: date, name: str, shares: Sequence[Share] | None = None) -> Done:
    """A step over the whole book, or over some shares of it, each in a transaction of its own. Only `alone`."""
    begins = clock.now()
    if shares is None:
        with brand_scope(brand_id):
            shares = book.shares()
    return Done(on, name, _over(brand_id, on, name, shares), begins, clock.now())


def _over(brand_id: str, on: date, name: str, shares: Sequence[Share]) -> int:
    def work(share: Share) -> int:
        # on a thread that knows nothing of our transaction
        with identity.acting(identity.SYSTEM), brand_scope(brand_id):
            db.execute_sql(_ROOM)
            return STEPS[name](on, share)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(work, shares))


def _note(brand_id: str, done: Done) -> Done:
    told = {"row_count": done.rows, "started_at": done.began_at, "finished_at": done.ended_at}
    values = told | {"again": False}
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


def in_order(brand_id: str, on: date) -> Iterator[Done]:
    """Close a day; before it those that were missed and those that are to be closed again, after it those that were
    closed without it. Where it broke off it goes on with what is left."""
    missed, _ = out_of_order(brand_id, on)
    before = {day for day in marked(brand_id) if day < on}
    for day in (*sorted({*missed, *before}), on):
        yield from close(brand_id, day)
    # whichever were marked by this and were not before
    while days := marked(brand_id):
        yield from close(brand_id, days[0])


def marked(brand_id: str) -> list[date]:
    """The days that are to be closed again, for one before them was closed after them; in their order."""
    with brand_scope(brand_id):
        days = EodStep.select(EodStep.on_date).where(EodStep.again, EodStep.step == LAST)
        return [row.on_date for row in days.order_by(EodStep.on_date)]


def out_of_order(brand_id: str, on: date) -> tuple[list[date], list[date]]:
    """The days between the last that is closed before `on` and it; and where it was never closed those after it that
    are, which the penal charges of `on` will count in."""
    with brand_scope(brand_id):
        rows = EodStep.select(EodStep.on_date).where(EodStep.step == LAST)
        closed = {row.on_date for row in rows}
    last = max((day for day in closed if day < on), default=on)
    missed = [last + timedelta(days=n) for n in range(1, (on - last).days)]
    return missed, [] if on in closed else sorted(day for day in closed if day > on)


def _last_closed() -> date | None:
    """The last day that was closed when it was over; one that was closed before is not done with."""
    over = fn.timezone("Asia/Kolkata", EodStep.finished_at).cast("date") > EodStep.on_date
    row = EodStep.select(EodStep.on_date).where(EodStep.step == LAST, over)
    row = row.order_by(EodStep.on_date.desc()).first()
    return row.on_date if row else None
