"""The circuit in Redis: what one process learns spares the others."""

from uuid import uuid4

import pytest
import redis

from app.providers import breaker as breaker_module
from app.providers.breaker import FAILURES_MAX, Breaker, Breakers, BreakerState, SharedBreakers
from app.providers.errors import CircuitOpen, ProviderUnavailable
from tests.platform import Platform
from tests.providers.test_pace import memory, silent  # noqa: F401 - fixtures


@pytest.fixture
def brand() -> str:
    """One that no other test knows."""
    return f"test-{uuid4()}"


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ProviderUnavailable), breaker.guard("probe", "send"):
            raise ProviderUnavailable("probe", "send", "no answer")


def call(breaker: Breaker) -> None:
    with breaker.guard("probe", "send"):
        pass


def two_processes(memory: redis.Redis, brand: str) -> tuple[Breaker, Breaker]:  # noqa: F811
    return tuple(SharedBreakers(memory, Breakers()).of("probe", brand) for _ in range(2))


def test_a_circuit_opened_by_one_is_open_for_all(memory, brand):  # noqa: F811
    one, other = two_processes(memory, brand)
    fail(one, FAILURES_MAX - 1)
    fail(other, 1)
    for breaker in (one, other):
        with pytest.raises(CircuitOpen):
            call(breaker)
    assert one.state().state == "OPEN"


def test_an_answer_to_anybody_starts_the_count_again(memory, brand):  # noqa: F811
    one, other = two_processes(memory, brand)
    fail(one, FAILURES_MAX - 1)
    call(other)
    assert one.state() == BreakerState("CLOSED", 0, 0.0)


def test_one_probe_of_all_processes_goes_out_and_closes_it(memory, brand, monkeypatch):  # noqa: F811
    monkeypatch.setattr(breaker_module, "OPEN_FOR_S", 0.0)
    one, other = two_processes(memory, brand)
    fail(one, FAILURES_MAX)
    assert one.state().state == "HALF_OPEN"
    with one.guard("probe", "send"), pytest.raises(CircuitOpen):
        call(other)
    call(other)
    assert other.state().state == "CLOSED"


def test_a_probe_that_tells_nothing_lets_the_next_one_try(memory, brand, monkeypatch):  # noqa: F811
    monkeypatch.setattr(breaker_module, "OPEN_FOR_S", 0.0)
    one, other = two_processes(memory, brand)
    fail(one, FAILURES_MAX)
    with pytest.raises(ZeroDivisionError), one.guard("probe", "send"):
        _ = 1 / 0
    call(other)


def test_without_redis_each_process_learns_on_its_own(silent, brand):  # noqa: F811
    one, other = two_processes(silent, brand)
    fail(one, FAILURES_MAX)
    with pytest.raises(CircuitOpen):
        call(one)
    call(other)
    assert one.state().failures == FAILURES_MAX


def test_the_clients_of_the_service_share_theirs(platform: Platform):
    from app.providers import circuit, client

    brand_id = f"test-{uuid4()}"
    fail(client("msg91", brand_id)._breaker, FAILURES_MAX)
    assert circuit("msg91", brand_id).state == "OPEN"
