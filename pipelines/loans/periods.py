"""Due dates, and the interest that a period bears."""

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from pipelines.dates import day_in_month
from pipelines.loans.conventions import Conventions, DayCount, Frequency, Rate


def due_dates(first: date, count: int, frequency: Frequency, anchor_day: int | None = None) -> list[date]:
    """`count` due dates from the first. Monthly ones keep to the day of the month `anchor_day` (31: its last day),
    which is that of the first unless it is given."""
    if frequency.days:
        return [first + timedelta(days=frequency.days * n) for n in range(count)]
    return [_months_later(first, n, anchor_day or first.day) for n in range(count)]


def first_period_start(dues: Sequence[date], frequency: Frequency) -> date:
    """The day on which the whole period that ends on the first due date begins."""
    if frequency.days:
        return dues[0] - timedelta(days=frequency.days)
    return _months_later(dues[0], -1, max(due.day for due in dues))


def _months_later(day: date, months: int, day_of_month: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return day_in_month(index // 12, index % 12 + 1, day_of_month)


def periods_between(start: date, end: date, frequency: Frequency) -> Decimal:
    """How many periods some days are, a month being a twelfth of 365 days; negative when `end` comes first."""
    days = Decimal((end - start).days)
    return days / frequency.days if frequency.days else days * frequency.periods_per_year / 365


def interest_share(
    rate: Rate, start: date, end: date, conventions: Conventions, *, whole: bool = False
) -> Decimal:
    """Interest on 1 from `start` (that day not counted) to `end`. `whole`: it is one whole period of the product."""
    days = (end - start).days
    if rate.per == "DAY":
        return rate.percent * days / 100
    match conventions.day_count:
        case DayCount.EQUAL_PERIODS if whole:
            return rate.percent / (100 * conventions.frequency.periods_per_year)
        case DayCount.ACT_ACT:
            return rate.percent * _years(start, end) / 100
        case DayCount.ACT_360:
            return rate.percent * days / 36_000
    return rate.percent * days / 36_500


def _years(start: date, end: date) -> Decimal:
    """Years from `start` to `end`; each day is a share of the year in which it falls."""
    total = Decimal(0)
    for year in range(start.year, end.year + 1):
        first, last = max(start, date(year, 1, 1) - timedelta(days=1)), min(end, date(year, 12, 31))
        total += Decimal((last - first).days) / (366 if isleap(year) else 365)
    return total
