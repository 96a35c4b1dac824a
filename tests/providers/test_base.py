from decimal import Decimal

import pytest

from app.config.providers import ProviderSettings
from app.providers.base import ProviderClient
from app.providers.breaker import Breakers
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.wire import Answer, Operation, encode, operations
from tests.providers.conftest import Scripted

FAILED = Scripted(500, b"oops")


class Probe(ProviderClient):
    provider = "probe"
    operations = operations(
        Operation("read", "GET", "/things/{id}", idempotent=True, timeout_s=0.3, answer_bytes_max=1_000),
        Operation("send", "POST", "/things", idempotent=False, timeout_s=0.3),
    )

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"X-Signed": str(len(body or b""))}

    def read(self, thing: str = "1") -> Decimal:
        return self.call("read", lambda answer: answer.fields.decimal("amount"), path={"id": thing})

    def send(self, **body: object) -> Answer:
        return self.call("send", lambda answer: answer, json=body)


@pytest.fixture
def records() -> list:
    return []


@pytest.fixture
def probe(upstream, records) -> Probe:
    settings = ProviderSettings(upstream.url, {})
    return Probe(settings, "qualoan", record=records.append, breakers=Breakers(), sleep=lambda s: None)


def test_it_works(probe, upstream):
    upstream.plays(Scripted(body=b'{"amount": 0.10}'))
    assert probe.read() == Decimal("0.10")


def test_fractions_are_exact(probe, upstream):
    upstream.plays(Scripted(body=b'{"amount": 1234567890.123456789}'))
    assert str(probe.read()) == "1234567890.123456789"


def test_a_reading_call_is_tried_again(probe, upstream):
    upstream.plays(FAILED, FAILED, Scripted(body=b'{"amount": 5}'))
    assert probe.read() == 5
    assert len(upstream.received) == 3


def test_a_reading_call_gives_up_after_three_attempts(probe, upstream):
    upstream.plays(*[FAILED] * 9)
    with pytest.raises(ProviderUnavailable):
        probe.read()
    assert len(upstream.received) == 3


def test_a_sending_call_is_never_tried_again(probe, upstream):
    upstream.plays(FAILED)
    with pytest.raises(ProviderUnavailable):
        probe.send()
    assert len(upstream.received) == 1


def test_every_attempt_is_recorded(probe, upstream, records):
    upstream.plays(FAILED, Scripted(body=b'{"amount": 5}'))
    probe.read()
    assert [(r.attempt, r.status, r.outcome) for r in records] == [(1, 500, "unavailable"), (2, 200, "ok")]


def test_a_record_says_which_call_of_which_brand(probe, upstream, records):
    upstream.plays(Scripted(body=b'{"amount": 5}'))
    probe.read()
    record = records[0]
    assert (record.brand_id, record.provider, record.operation, record.path) == (
        "qualoan",
        "probe",
        "read",
        "/things/1",
    )


@pytest.mark.parametrize("body", [b"%PDF-1.7 of a few bytes", b"\x89PNG\0\0 of a few bytes"])
def test_a_record_holds_no_piece_of_a_document(probe, upstream, records, body):
    upstream.plays(Scripted(body=body))
    with pytest.raises(ProviderMalformed):
        probe.read()
    assert records[0].response_body == f"<{len(body)} bytes>"


def test_a_record_can_always_be_kept(probe, upstream, records):
    upstream.plays(Scripted(body=b'{"amount": 5, "note": "a\\u0000b\\ud800"}'))
    probe.read()
    assert records[0].response_body["note"] == "ab"


def test_the_wait_before_another_attempt_doubles(upstream):
    waits: list[float] = []
    probe = Probe(ProviderSettings(upstream.url, {}), "qualoan", breakers=Breakers(), sleep=waits.append)
    upstream.plays(FAILED, FAILED, FAILED)
    with pytest.raises(ProviderUnavailable):
        probe.read()
    assert 0.1 <= waits[0] <= 0.2
    assert 0.2 <= waits[1] <= 0.4


def test_no_answer_in_time_is_unavailable_and_may_have_happened(probe, upstream):
    upstream.plays(Scripted(wait_s=0.6))
    with pytest.raises(ProviderUnavailable, match=r"no answer in 0\.3 s") as caught:
        probe.send()
    assert caught.value.may_have_happened


def test_a_refused_connection_cannot_have_happened(records):
    probe = Probe(ProviderSettings("http://127.0.0.1:1", {}), "qualoan", breakers=Breakers())
    with pytest.raises(ProviderUnavailable, match="connection failed") as caught:
        probe.send()
    assert not caught.value.may_have_happened


def test_an_answer_that_drips_is_cut_off(probe, upstream):
    upstream.plays(Scripted(body=b" " * 40, pieces=40, pause_s=0.05))
    with pytest.raises(ProviderUnavailable, match="not complete"):
        probe.send()


def test_a_broken_connection_is_unavailable(probe, upstream):
    upstream.plays(Scripted(body=b"{}", headers={"Content-Length": "100", "Connection": "close"}))
    with pytest.raises(ProviderUnavailable):
        probe.send()


def test_an_answer_that_is_too_long_is_refused(probe, upstream):
    upstream.plays(Scripted(body=b'"' + b"x" * 2_000 + b'"'))
    with pytest.raises(ProviderMalformed, match="longer than 1000 bytes"):
        probe.read()


def test_a_redirect_is_not_followed(probe, upstream):
    upstream.plays(Scripted(302, b"", {"Location": f"{upstream.url}/elsewhere"}))
    with pytest.raises(ProviderMalformed, match="status: HTTP 302"):
        probe.read()
    assert len(upstream.received) == 1


TOO_MUCH = [
    b"[" * 100_000,
    b"[" * 700 + b"]" * 700,
    b'{"amount": 1e999999999}',
    b'{"amount": %s}' % (b"9" * 5000),
]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"amount": 1', b'{"amount": NaN}', b"\xff\xfe", *TOO_MUCH]
)
def test_what_is_not_json_is_malformed(probe, upstream, body):
    upstream.plays(Scripted(body=body))
    with pytest.raises(ProviderMalformed) as caught:
        probe.read()
    assert caught.value.field == "body"


def test_a_malformed_answer_names_the_field(probe, upstream, records):
    upstream.plays(Scripted(body=b'{"amount": "many"}'))
    with pytest.raises(ProviderMalformed) as caught:
        probe.read()
    assert (caught.value.field, caught.value.reason) == ("amount", "expected a number")
    assert records[0].outcome == "malformed"


@pytest.mark.parametrize("status", [401, 403])
def test_bad_credentials_are_unauthorised_and_not_tried_again(probe, upstream, status):
    upstream.plays(Scripted(status))
    with pytest.raises(ProviderUnauthorised):
        probe.read()
    assert len(upstream.received) == 1


def test_too_many_requests_is_unavailable_and_did_not_happen(probe, upstream):
    upstream.plays(Scripted(429))
    with pytest.raises(ProviderUnavailable) as caught:
        probe.send()
    assert not caught.value.may_have_happened


def test_any_other_4xx_is_a_rejection(probe, upstream):
    upstream.plays(Scripted(418))
    with pytest.raises(ProviderRejected) as caught:
        probe.read()
    assert caught.value.code == "418"


def test_a_client_signs_the_bytes_that_go_over_the_wire(probe, upstream):
    probe.send(name="आशा", amount="1.00")
    _, _, headers, body = upstream.received[0]
    assert body == encode({"name": "आशा", "amount": "1.00"})
    assert headers["X-Signed"] == str(len(body))


def test_a_placeholder_cannot_change_the_path(probe, upstream):
    upstream.plays(Scripted(body=b'{"amount": 5}'))
    probe.read("../1?x=y")
    assert upstream.received[0][1] == "/things/..%2F1%3Fx%3Dy"


def test_a_float_is_encoded_as_it_is_and_nan_is_refused():
    with pytest.raises(ValueError, match="Out of range"):
        encode({"amount": float("nan")})


@pytest.mark.parametrize("text", ["1.00", "-0.10", "99999999999999.99", "0.1"])
def test_a_decimal_goes_out_digit_for_digit(text):
    assert encode({"amounts": [Decimal(text)]}) == f'{{"amounts":[{text}]}}'.encode()


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object()])
def test_what_is_no_number_is_not_json(value):
    with pytest.raises(TypeError):
        encode({"amount": value})


def test_a_recorder_that_fails_does_not_lose_the_answer(upstream, caplog):
    def fails(call: object) -> None:
        raise OSError("disk full")

    probe = Probe(ProviderSettings(upstream.url, {}), "qualoan", record=fails, breakers=Breakers())
    upstream.plays(Scripted(body=b'{"amount": 5}'))
    assert probe.read() == 5
    assert "call of probe.read not recorded" in caplog.text


def test_a_record_shows_no_person(probe, upstream, records):
    upstream.plays(Scripted(body=b'{"pan": "ABCPV1234A", "note": "call 9000000001"}'))
    probe.send(mobile="9000000001", otp="482913", name="ASHA VERMA")
    shown = repr(records[0])
    assert not any(secret in shown for secret in ("ABCPV1234A", "9000000001", "482913", "ASHA"))


def test_a_long_answer_is_recorded_by_its_length(probe, upstream, records):
    upstream.plays(Scripted(body=b'"' + b"x" * 30_000 + b'"'))
    probe.send()
    assert records[0].response_body == "<30002 bytes>"


def test_credentials_do_not_show_in_settings():
    assert "hunter2" not in repr(ProviderSettings("https://x.example", {"api_key": "hunter2"}))
