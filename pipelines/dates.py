"""Calendar arithmetic that lenders use."""

import calendar
from datetime import date


def last_day(year: int, month: int) -> int:
    """The number of days of a month."""
    return calendar.monthrange(year, month)[1]


def months_before(day: date, months: int) -> date:
    """The same day `months` months earlier; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, last_day(year, month)))


def day_in_month(year: int, month: int, day: int) -> date:
    """That day of the month; its last day where it has no such day (31 means the last day of any month)."""
    return date(year, month, min(day, last_day(year, month)))
