import pytest

from app.config.providers import ProviderSettings
from app.providers.breaker import FAILURES_MAX, OPEN_FOR_S, Breakers
from app.providers.errors import CircuitOpen, ProviderRejected, ProviderUnavailable
from tests.providers.conftest import Scripted
from tests.providers.test_base import FAILED, Probe


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock) -> Breakers:
    return Breakers(clock)


@pytest.fixture
def probe(upstream, breakers) -> Probe:
    return Probe(ProviderSettings(upstream.url, {}), "qualoan", breakers=breakers, sleep=lambda s: None)


def fail(probe: Probe, upstream, times: int) -> None:
    for _ in range(times):
        upstream.plays(FAILED)
        with pytest.raises(ProviderUnavailable):
            probe.send()


def test_it_opens_after_failures_in_a_row(probe, upstream):
    fail(probe, upstream, FAILURES_MAX)
    with pytest.raises(CircuitOpen):
        probe.send()
    assert len(upstream.received) == FAILURES_MAX


def test_an_answer_starts_the_count_again(probe, upstream):
    fail(probe, upstream, FAILURES_MAX - 1)
    probe.send()
    fail(probe, upstream, FAILURES_MAX - 1)
    probe.send()


def test_a_rejection_is_an_answer(probe, upstream):
    fail(probe, upstream, FAILURES_MAX - 1)
    upstream.plays(Scripted(400))
    with pytest.raises(ProviderRejected):
        probe.send()
    fail(probe, upstream, 1)
    probe.send()


def test_an_open_circuit_was_not_called_for_sure(probe, upstream):
    fail(probe, upstream, FAILURES_MAX)
    with pytest.raises(CircuitOpen) as caught:
        probe.send()
    assert not caught.value.may_have_happened


def test_an_open_circuit_is_recorded(upstream, breakers):
    records = []
    probe = Probe(ProviderSettings(upstream.url, {}), "qualoan", record=records.append, breakers=breakers)
    fail(probe, upstream, FAILURES_MAX)
    with pytest.raises(CircuitOpen):
        probe.send()
    assert (records[-1].outcome, records[-1].status) == ("circuit_open", None)


def test_another_brand_is_not_affected(probe, upstream, breakers):
    fail(probe, upstream, FAILURES_MAX)
    Probe(ProviderSettings(upstream.url, {}), "paisapop", breakers=breakers).send()


def test_a_probe_that_succeeds_closes_it(probe, upstream, clock):
    fail(probe, upstream, FAILURES_MAX)
    clock.now_s += OPEN_FOR_S
    probe.send()
    probe.send()


def test_a_probe_that_fails_opens_it_again(probe, upstream, clock):
    fail(probe, upstream, FAILURES_MAX)
    clock.now_s += OPEN_FOR_S
    fail(probe, upstream, 1)
    with pytest.raises(CircuitOpen):
        probe.send()


def test_half_open_lets_one_call_through_at_a_time(probe, upstream, breakers, clock):
    fail(probe, upstream, FAILURES_MAX)
    clock.now_s += OPEN_FOR_S
    with breakers.of("probe", "qualoan").guard("probe", "send"), pytest.raises(CircuitOpen):
        probe.send()


def test_a_probe_that_crashes_lets_the_next_one_try(probe, upstream, breakers, clock):
    fail(probe, upstream, FAILURES_MAX)
    clock.now_s += OPEN_FOR_S
    with pytest.raises(ZeroDivisionError), breakers.of("probe", "qualoan").guard("probe", "send"):
        _ = 1 / 0
    probe.send()


def test_attempts_of_one_call_stop_when_it_opens(probe, upstream):
    fail(probe, upstream, FAILURES_MAX - 1)
    upstream.plays(FAILED, FAILED, FAILED)
    with pytest.raises(CircuitOpen):
        probe.read()
    assert len(upstream.received) == FAILURES_MAX
