"""When a schedule is due, and of which days: functions of the schedule and the clock's word.

Days and hours are those of India, which knows no summer time. A schedule has `cadence`, `weekday` or `month_day` by it,
and `hour`.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Protocol

from app.core import clock

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_DAY = timedelta(days=1)


class Timed(Protocol):
    """What says when it is due."""

    cadence: str
    weekday: str | None
    month_day: int | None
    hour: int


# cadence -> what it needs beside the hour
NEEDS: dict[str, str | None] = {"DAILY": None, "WEEKLY": "weekday", "MONTHLY": "month_day"}

_FALLS_ON: dict[str, Callable[[Timed, date], bool]] = {
    "DAILY": lambda timed, day: True,
    "WEEKLY": lambda timed, day: WEEKDAYS[day.weekday()] == timed.weekday,
    # a day that a month does not have is its last
    "MONTHLY": lambda timed, day: day.day == min(timed.month_day, monthrange(day.year, day.month)[1]),
}


def _month_before(day: date) -> tuple[date, date]:
    last = day.replace(day=1) - _DAY
    return last.replace(day=1), last


def _week_before(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday - timedelta(days=7), monday - _DAY


# the days of a scheduled report, told from the day on which it is due
DAYS: dict[str, Callable[[date], tuple[date, date]]] = {
    "YESTERDAY": lambda day: (day - _DAY, day - _DAY),
    "LAST_7_DAYS": lambda day: (day - timedelta(days=7), day - _DAY),
    # from Monday to Sunday
    "LAST_WEEK": _week_before,
    # on the first of a month all of the month before
    "MONTH_TO_DATE": lambda day: ((day - _DAY).replace(day=1), day - _DAY),
    "LAST_MONTH": _month_before,
}


def next_after(timed: Timed, instant: datetime) -> datetime:
    """When it is due next."""
    return next(due for due in _dues(timed, clock.business_day(instant), _DAY) if due > instant)


def latest(timed: Timed, instant: datetime) -> datetime:
    """When it was due last, that instant included."""
    return next(due for due in _dues(timed, clock.business_day(instant), -_DAY) if due <= instant)


def _dues(timed: Timed, start: date, step: timedelta) -> Iterator[datetime]:
    falls_on = _FALLS_ON[timed.cadence]
    days = (start + n * step for n in count())
    return (clock.start_of(day) + timedelta(hours=timed.hour) for day in days if falls_on(timed, day))
