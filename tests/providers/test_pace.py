"""A provider's rate: in one process and shared by all."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config.providers import ProviderSettings
from app.providers.breaker import FAILURES_MAX, Breakers
from app.providers.errors import RateLimited
from app.providers.pace import Paces, Rate, SharedPaces
from tests.platform import Platform
from tests.providers.test_base import Probe
from tests.providers.test_breaker import Clock

SLOW = Rate(calls=2, per_s=3600, wait_s_max=0)


@pytest.fixture
def memory(platform: Platform) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(platform.settings.redis_url, decode_responses=True) as connection:
        yield connection


@pytest.fixture
def silent() -> redis.Redis:
    """A Redis that is not there."""
    return redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2)


def test_as_many_as_allowed_go_at_once_and_the_next_waits_its_turn():
    paces = Paces(Clock())
    rate = Rate(calls=2, per_s=1.0)
    assert [paces.take("q", rate) for _ in range(4)] == [0, 0, 0.5, 1.0]


def test_who_would_wait_too_long_takes_no_place():
    clock = Clock()
    paces, rate = Paces(clock), Rate(calls=1, per_s=1.0, wait_s_max=1.0)
    assert [paces.take("q", rate) for _ in range(4)] == [0, 1.0, None, None]
    clock.now_s += 1.0
    assert paces.take("q", rate) == 1.0


def test_brands_do_not_wait_for_each_other():
    paces = Paces(Clock())
    assert [paces.take(queue, Rate(1)) for queue in ("a", "b")] == [0, 0]


@given(
    calls=st.integers(1, 20),
    per_s=st.floats(0.1, 60),
    gaps=st.lists(st.floats(0, 5), min_size=30, max_size=60),
)
@settings(max_examples=50, deadline=None)
def test_no_span_of_time_ever_sees_more_than_twice_the_calls(calls, per_s, gaps):
    """A burst may meet the end of another one, so a sliding window holds less than 2 x calls."""
    clock = Clock()
    paces, went = Paces(clock), []
    for gap in gaps:
        clock.now_s += gap
        wait_s = paces.take("q", Rate(calls, per_s, wait_s_max=3.0))
        if wait_s is not None:
            went.append(clock.now_s + wait_s)
    went.sort()
    assert all(
        later - earlier > per_s - 1e-6 for earlier, later in zip(went, went[2 * calls :], strict=False)
    )


def test_processes_share_a_queue(memory):
    queue = f"test:{uuid4()}"
    one, other = SharedPaces(memory, Paces()), SharedPaces(memory, Paces())
    assert [paces.take(queue, SLOW) for paces in (one, other, one)] == [0, 0, None]


def test_shared_places_are_taken_in_order(memory):
    queue, paces = f"test:{uuid4()}", SharedPaces(memory)
    waits = [paces.take(queue, Rate(calls=1, per_s=100.0, wait_s_max=1000)) for _ in range(3)]
    assert waits[0] == 0
    assert 99 < waits[1] <= 100
    assert 199 < waits[2] <= 200


def test_without_redis_each_process_keeps_its_own(silent):
    paces = SharedPaces(silent, Paces())
    assert [paces.take("q", SLOW) for _ in range(3)] == [0, 0, None]


def test_a_call_over_the_rate_is_not_made_and_says_so(upstream):
    records, breakers = [], Breakers()
    options = {"record": records.append, "breakers": breakers, "paces": Paces()}
    probe = Probe(ProviderSettings(upstream.url, {}, "1/hour"), "qualoan", **options)
    probe.send()
    for _ in range(FAILURES_MAX + 1):
        with pytest.raises(RateLimited, match="1 calls in 3600 s") as caught:
            probe.send()
        assert not caught.value.may_have_happened
    assert len(upstream.received) == 1
    assert [records[1].outcome, records[1].is_billable] == ["rate_limited", False]
    assert breakers.of("probe", "qualoan").state().state == "CLOSED"


def test_a_call_waits_for_its_turn(upstream):
    waits = []
    probe = Probe(
        ProviderSettings(upstream.url, {}, "20/second"),
        "qualoan",
        breakers=Breakers(),
        paces=Paces(Clock()),
        sleep=waits.append,
    )
    for _ in range(22):
        probe.send()
    assert waits == pytest.approx([0.05, 0.1])
