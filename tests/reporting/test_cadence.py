"""When a schedule is due, and of which days."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clock
from app.reporting import cadence

instants = st.integers(0, 200_000_000).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=clock.INDIA) + timedelta(seconds=seconds)
)
schedules = st.one_of(
    st.just({"cadence": "DAILY"}),
    st.sampled_from(cadence.WEEKDAYS).map(lambda day: {"cadence": "WEEKLY", "weekday": day}),
    st.integers(1, 31).map(lambda day: {"cadence": "MONTHLY", "month_day": day}),
)


@given(schedules, st.integers(0, 23), instants)
@settings(max_examples=40)
def test_what_comes_next_follows_what_came_last(asked: dict, hour: int, now: datetime) -> None:
    schedule = SimpleNamespace(**asked, hour=hour)
    last, after = cadence.latest(schedule, now), cadence.next_after(schedule, now)
    assert last <= now < after
    assert (last.hour, last.minute, after.hour, after.minute) == (hour, 0, hour, 0)
    assert cadence.next_after(schedule, last) == after
    assert cadence.latest(schedule, after - timedelta(microseconds=1)) == last
    assert cadence.latest(schedule, after) == after


@pytest.mark.parametrize(
    ("asked", "now", "last", "after"),
    [
        ({"cadence": "DAILY"}, "2026-03-01 06:59", "2026-02-28", "2026-03-01"),
        ({"cadence": "DAILY"}, "2026-03-01 07:00", "2026-03-01", "2026-03-02"),
        ({"cadence": "WEEKLY", "weekday": "MON"}, "2026-03-01 12:00", "2026-02-23", "2026-03-02"),
        ({"cadence": "MONTHLY", "month_day": 31}, "2026-02-28 06:00", "2026-01-31", "2026-02-28"),
        ({"cadence": "MONTHLY", "month_day": 31}, "2028-03-01 06:00", "2028-02-29", "2028-03-31"),
        ({"cadence": "MONTHLY", "month_day": 1}, "2026-12-15 06:00", "2026-12-01", "2027-01-01"),
    ],
)
def test_seven_in_the_morning(asked: dict, now: str, last: str, after: str) -> None:
    schedule = SimpleNamespace(**asked, hour=7)
    at = datetime.fromisoformat(now).replace(tzinfo=clock.INDIA)
    assert cadence.latest(schedule, at).isoformat() == f"{last}T07:00:00+05:30"
    assert cadence.next_after(schedule, at).isoformat() == f"{after}T07:00:00+05:30"


@pytest.mark.parametrize(
    ("days", "today", "first", "last"),
    [
        ("YESTERDAY", "2026-03-01", "2026-02-28", "2026-02-28"),
        ("LAST_7_DAYS", "2026-03-05", "2026-02-26", "2026-03-04"),
        ("LAST_WEEK", "2026-03-01", "2026-02-16", "2026-02-22"),
        ("LAST_WEEK", "2026-03-02", "2026-02-23", "2026-03-01"),
        ("MONTH_TO_DATE", "2026-03-05", "2026-03-01", "2026-03-04"),
        ("MONTH_TO_DATE", "2026-03-01", "2026-02-01", "2026-02-28"),
        ("LAST_MONTH", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("LAST_MONTH", "2026-01-01", "2025-12-01", "2025-12-31"),
    ],
)
def test_the_days_of_a_schedule(days: str, today: str, first: str, last: str) -> None:
    found = cadence.DAYS[days](date.fromisoformat(today))
    assert [day.isoformat() for day in found] == [first, last]
