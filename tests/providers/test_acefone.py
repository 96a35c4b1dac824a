"""Acefone: a click, what is told of the call, its record and its recording."""

import io
import json
import wave
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
import requests

from app.config.providers import ProviderSettings
from app.core.clock import INDIA
from app.providers import acefone
from app.providers.acefone import AcefoneClient, CallEvent, event_id, read_call_event, verify_webhook
from app.providers.breaker import Breakers
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.fields import FieldError
from tests.providers.conftest import Scripted, hasty
from tests.providers.live import default_credentials

AGENT = "0602000000001"


@pytest.fixture
def client(sandbox) -> AcefoneClient:
    return sandbox.client(AcefoneClient)


@pytest.fixture
def scripted(upstream) -> AcefoneClient:
    settings = ProviderSettings(upstream.url, default_credentials("acefone"))
    return AcefoneClient(settings, "qualoan", breakers=Breakers(), sleep=lambda s: None)


def ring(client: AcefoneClient, to: str = "9123450001", identifier: str = "L-1"):
    return client.click_to_call(agent=AGENT, to=to, identifier=identifier)


def records(client: AcefoneClient, to: str) -> list[CallEvent]:
    now = datetime.now(INDIA)
    day = timedelta(days=1)
    return client.call_records(now - day, now + day, customer_number=to)


def event(**values: object) -> bytes:
    told = {
        "call_id": "1783784576.231947",
        "direction": "clicktocall",
        "call_to_number": "919000300001",
        "caller_id_number": "+919000007179",
        "call_status": "answered",
        "start_stamp": "2026-07-12 17:34:58",
        "answer_stamp": "2026-07-12 17:35:05",
        "end_stamp": "2026-07-12 17:35:49",
        "duration": "52",
        "billsec": "44",
        "hangup_cause": "disconnected_by_caller",
        "answered_agent_name": "Test Agent",
        "answered_agent_number": "Extension-0602",
        "recording_url": "",
        "ref_id": "R1",
        "custom_identifier": "L-1",
    }
    return json.dumps(told | values).encode()


def test_a_click(client):
    assert ring(client).ref_id.startswith("REF")


def test_the_number_goes_out_without_a_plus(scripted, upstream):
    upstream.plays(Scripted(body=b'{"success": true, "message": "Originate successfully queued"}'))
    assert ring(scripted).ref_id == ""
    body = json.loads(upstream.received[0][3])
    assert (body["destination_number"], body["caller_id"], body["async"]) == (
        "919123450001",
        "918000000001",
        "1",
    )
    assert upstream.received[0][2]["Authorization"].startswith("Bearer ")


def test_a_call_is_told_when_it_is_answered_and_when_it_ends(client, sandbox):
    ring(client, identifier="L-answered")
    events = [read_call_event(sandbox.listener.next("L-answered").body) for _ in range(2)]
    assert [(e.status, e.ended_at is not None) for e in events] == [(None, False), ("ANSWERED", True)]
    ended = events[1]
    assert (ended.direction, ended.customer_number, ended.duration_s, ended.talk_s) == (
        "OUTBOUND",
        "9123450001",
        52,
        44,
    )
    assert (ended.agent_name, ended.custom_identifier) == ("Test Agent", "L-answered")
    assert ended.recording_url
    assert len({event_id(e, b"") for e in events}) == 2


def test_the_secret_of_the_account_goes_along(client, sandbox):
    ring(client, identifier="L-secret")
    webhook = sandbox.listener.next("L-secret")
    assert webhook.path == "/acefone/dialer/outbound"
    assert webhook.headers["X-Brand-Id"] == "qualoan"
    credentials = default_credentials("acefone")
    assert verify_webhook(webhook.headers, credentials)
    assert not verify_webhook({"X-API-Key": "wrong"}, credentials)
    assert not verify_webhook({}, credentials)


def test_who_does_not_answer_is_missed(client, sandbox):
    ring(client, to="9123459001", identifier="L-missed")
    told = read_call_event(sandbox.listener.next("L-missed").body)
    assert (told.status, told.talk_s, told.recording_url, told.answered_at) == ("MISSED", None, "", None)


def test_a_call_that_rings_is_live_until_somebody_picks_up(client, sandbox):
    queued = ring(client, to="9123459003", identifier="L-live")
    assert "9123459003" in {call.customer_number for call in client.live_calls()}
    body = {"provider": "acefone", "action": "answer", "id": queued.ref_id}
    assert requests.post(f"{sandbox.url}/__sandbox__/act", json=body, timeout=5).status_code == 202
    assert records(client, "9123459003")[-1].status == "ANSWERED"
    assert requests.post(f"{sandbox.url}/__sandbox__/act", json=body, timeout=5).status_code == 409


def test_records_are_those_of_the_customer_though_the_provider_does_not_filter(client):
    ring(client, to="9123450777", identifier="L-mine")
    ring(client, to="9123450778", identifier="L-other")
    found = records(client, "9123450777")
    assert {(r.customer_number, r.custom_identifier, r.status) for r in found} >= {
        ("9123450777", "", "ANSWERED")
    }
    assert {r.customer_number for r in found} == {"9123450777"}
    assert found[0].duration_s == 52


def test_records_are_read_to_the_last_page(scripted, upstream):
    def page(count: int) -> Scripted:
        rows = [
            {"call_id": str(n), "status": "missed", "client_number": "+919000300001"} for n in range(count)
        ]
        return Scripted(body=json.dumps({"results": rows}).encode())

    upstream.plays(page(100), page(1))
    assert len(records(scripted, "9000300001")) == 101
    assert ["page=1" in upstream.received[0][1], "page=2" in upstream.received[1][1]] == [True, True]


def test_everybody_is_listed_and_who_has_a_phone_can_call(client):
    users = client.users()
    assert [(u.name, u.agent_id, u.is_available) for u in users] == [
        ("Test Agent", AGENT, True),
        ("Busy Agent", "0602000000002", False),
        ("Back Office", None, False),
    ]


def test_a_recording_is_audio(client):
    ring(client, to="9123450555")
    audio = client.recording(records(client, "9123450555")[-1].recording_url)
    with wave.open(io.BytesIO(audio)) as file:
        assert file.getnframes() == 8000


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/x", "https://127.0.0.1/x", "file:///etc/passwd", "x"]
)
def test_our_token_goes_to_no_other_host(client, sandbox, url):
    with pytest.raises(ProviderMalformed, match="host for recordings"):
        client.recording(url)
    assert sandbox.records == []


def test_a_recording_that_is_not_there(client, sandbox):
    with pytest.raises(ProviderRejected, match="Recording not found"):
        client.recording(f"{sandbox.url}/acefone/recordings/none")


def test_a_number_that_is_none_is_refused_in_their_words(client):
    with pytest.raises(ProviderRejected, match="Unable to process this request"):
        ring(client, to="123")


def test_a_refusal_may_come_as_http_200(scripted, upstream):
    upstream.plays(Scripted(body=b'{"success": "false", "message": "Agent is busy"}'))
    with pytest.raises(ProviderRejected, match="Agent is busy"):
        ring(scripted)


def test_a_refusal_by_field(scripted, upstream):
    body = {"success": False, "errors": {"code": "E1", "message": "destination is wrong"}, "trace_id": "t"}
    upstream.plays(Scripted(422, json.dumps(body).encode()))
    with pytest.raises(ProviderRejected, match="destination is wrong"):
        ring(scripted)


def test_a_wrong_token(sandbox):
    with pytest.raises(ProviderUnauthorised):
        ring(sandbox.client(AcefoneClient, token="wrong"))


@pytest.mark.parametrize("trouble", ["500", "timeout"])
def test_a_customer_is_never_rung_twice(client, sandbox, fault, trouble):
    fault("acefone", trouble, times=3)
    with pytest.raises(ProviderUnavailable):
        ring(hasty(client))
    assert len(sandbox.records) == 1


def test_the_record_shows_nobody(client, sandbox):
    ring(client)
    assert not any(
        secret in repr(sandbox.records[0]) for secret in ("9123450001", AGENT, "sandbox-acefone-token")
    )


def test_both_formats_of_time_are_indian():
    one = read_call_event(event(end_stamp="2026-07-11 21:14:45"))
    other = read_call_event(event(end_stamp="7/11/2026, 9:14:45 PM"))
    assert one.ended_at == other.ended_at == datetime(2026, 7, 11, 21, 14, 45, tzinfo=INDIA)


@pytest.mark.parametrize(
    ("direction", "known", "customer"),
    [
        ("inbound", "INBOUND", "9000007179"),
        ("Dialer (inbound)", "INBOUND", "9000007179"),
        ("clicktocall", "OUTBOUND", "9000300001"),
        ("click_to_call", "OUTBOUND", "9000300001"),
        ("sideways", "sideways", "9000300001"),
    ],
)
def test_who_called_whom(direction, known, customer):
    told = read_call_event(event(direction=direction))
    assert (told.direction, told.customer_number) == (known, customer)


def test_a_form_reads_like_json():
    told = json.loads(event())
    form = {**told, "answered_agent": '[{"id": "1"}]', "customer_no_with_prefix ": "x"}
    assert read_call_event(urlencode(form).encode()) == read_call_event(event())


@pytest.mark.parametrize("values", [{"call_status": "busy"}, {"call_id": ""}, {"start_stamp": "yesterday"}])
def test_what_cannot_be_is_told_by_its_field(values):
    with pytest.raises(FieldError) as caught:
        read_call_event(event(**values))
    assert caught.value.field == next(iter(values))


def test_absent_is_the_empty_text():
    told = read_call_event(event(call_status="", end_stamp="", duration="", billsec="", ref_id=""))
    assert (told.status, told.ended_at, told.duration_s, told.talk_s, told.ref_id) == (
        None,
        None,
        None,
        None,
        "",
    )


def test_an_agents_word_for_a_direction_is_known():
    assert set(acefone.DIRECTIONS.values()) == {"INBOUND", "OUTBOUND"}
