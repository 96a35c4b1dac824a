"""On which day salary comes, and the repayment date that follows from it."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from pipelines.dates import day_in_month

LAST_DAY_OF_MONTH = 31
_MONTH_END_FROM = 28


def pay_day(credited_on: Sequence[date]) -> int:
    """The usual day of month of salary credits, 31 for the last day of any month.

    Of equally frequent days the latest credit's counts. Credits all on the 28th or later: a month-end salary.
    """
    if all(day.day >= _MONTH_END_FROM for day in credited_on):
        return LAST_DAY_OF_MONTH
    latest_first = [day.day for day in sorted(credited_on, reverse=True)]
    return Counter(latest_first).most_common(1)[0][0]


def next_pay_date(pay_day: int, *, after: date, days_min: int = 1) -> date:
    """The first pay day at least `days_min` days later than `after`."""
    month, wait = after, timedelta(days=days_min)
    while (candidate := day_in_month(month.year, month.month, pay_day)) < after + wait:
        month = day_in_month(month.year, month.month, LAST_DAY_OF_MONTH) + timedelta(days=1)
    return candidate


def repay_date(
    pay_day: int,
    *,
    disbursed_on: date,
    tenure_days_min: int,
    tenure_days_max: int,
    closed_days: Collection[date] = (),
) -> date | None:
    """The repayment date of a bullet loan: the first pay day within the tenure, or None (a person decides).

    A pay day that is one of `closed_days` moves to the open day before it, or after it where that would make
    the tenure too short. Tenure counts the days between disbursal and repayment.
    """
    pay_date = next_pay_date(pay_day, after=disbursed_on, days_min=tenure_days_min)
    earliest = disbursed_on + timedelta(days=tenure_days_min)
    latest = disbursed_on + timedelta(days=tenure_days_max)
    moved = _open_day(pay_date, closed_days, step=-1)
    if moved < earliest:
        moved = _open_day(pay_date, closed_days, step=1)
    return moved if moved <= latest else None


def _open_day(day: date, closed_days: Collection[date], *, step: int) -> date:
    while day in closed_days:
        day += timedelta(days=step)
    return day
