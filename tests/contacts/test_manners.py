"""When and how often a customer may be contacted about a debt."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.contacts.manners import COUNTED_WITH, WEEK_DAYS, Channel, Policy, Rule, refusal
from app.core.clock import INDIA

NOON = datetime(2026, 3, 4, 12, tzinfo=INDIA)
POLICY = Policy()


def at(hour: int, minute: int = 0) -> datetime:
    return NOON.replace(hour=hour, minute=minute)


@pytest.mark.parametrize("channel", COUNTED_WITH)
@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        (at(7, 59), at(8)),
        (at(8), None),
        (at(18, 59), None),
        (at(19), at(8) + timedelta(days=1)),
        (at(23), at(8) + timedelta(days=1)),
    ],
)
def test_only_in_the_hours_of_india(channel: Channel, instant: datetime, opens: datetime | None):
    found = refusal(channel, instant, POLICY, [])
    assert (found and (found.rule, found.until)) == (opens and (Rule.HOURS, opens))


def test_a_mail_may_be_read_at_any_time():
    assert refusal(Channel.EMAIL, at(3), POLICY, []) is None


def test_three_times_a_day():
    attempts = [at(9), at(10), at(11)]
    assert refusal(Channel.CALL, NOON, POLICY, attempts[:2]) is None
    found = refusal(Channel.VISIT, NOON, POLICY, attempts)
    assert (found.rule, found.until) == (Rule.DAILY, at(8) + timedelta(days=1))


def test_ten_times_in_seven_days():
    attempts = [NOON - timedelta(days=age) for age in (6, 6, 5, 5, 4, 4, 3, 3, 2, 1)]
    assert refusal(Channel.CALL, NOON, POLICY, attempts[1:]) is None
    found = refusal(Channel.CALL, NOON, POLICY, attempts)
    assert (found.rule, found.until) == (Rule.WEEKLY, at(8) + timedelta(days=1))


def test_a_brand_narrows():
    policy = Policy(opens=time(10), closes=time(17), messages_per_day=1)
    assert refusal(Channel.CALL, at(9), policy, []).until == at(10)
    assert refusal(Channel.SMS, NOON, policy, [at(11)]).rule is Rule.DAILY


@settings(max_examples=60, deadline=None)
@given(
    minute=st.integers(0, 14 * 24 * 60),
    ages=st.lists(st.integers(0, 8 * 24 * 60), max_size=14),
    channel=st.sampled_from(list(COUNTED_WITH)),
)
def test_who_waits_as_told_gets_through_in_the_hours(minute: int, ages: list[int], channel: Channel):
    now = NOON + timedelta(minutes=minute)
    attempts = [now - timedelta(minutes=age) for age in ages]
    for _ in range(WEEK_DAYS):
        found = refusal(channel, now, POLICY, attempts)
        if found is None:
            break
        assert found.until > now
        now = found.until
    assert time(8) <= now.time() < time(19)
    assert refusal(channel, now, POLICY, attempts) is None
