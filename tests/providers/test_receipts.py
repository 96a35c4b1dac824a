"""How providers tell what became of a message: every documented shape is read, and only what is theirs is believed."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.providers import aisensy, gupshup, msg91, sendgrid
from app.providers.fields import FieldError
from app.providers.messages import Receipt

READERS = [
    msg91.read_receipts,
    gupshup.read_sms_receipts,
    gupshup.read_whatsapp_receipts,
    aisensy.read_receipts,
    sendgrid.read_receipts,
    sendgrid.read_wishes,
    msg91.read_written,
    gupshup.read_sms_written,
    gupshup.read_whatsapp_written,
    aisensy.read_written,
]
NOW = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


def told(receipt: Receipt) -> tuple[str, str, str, str]:
    return receipt.message_id, receipt.status, receipt.to, receipt.code


# MSG91


REPORT = {
    "date": "2026-05-01 16:00:00",
    "number": "919123456789",
    "senderId": "LOSLOS",
    "requestId": "3660",
    "credit": "1",
    "status": "1",
    "desc": "DELIVERED",
}


def as_form(reports: list) -> bytes:
    return urlencode({"data": json.dumps([{"requestId": "3660", "report": reports}])}).encode()


def test_msg91_version_2_is_a_form_with_json_in_it():
    second = REPORT | {"number": "919123456788", "status": "2", "failedReason": "Absent subscriber"}
    receipts = msg91.read_receipts(as_form([REPORT, second]))
    assert [told(r) for r in receipts] == [
        ("3660", "DELIVERED", "9123456789", ""),
        ("3660", "FAILED", "9123456788", "2"),
    ]
    assert receipts[1].reason == "Absent subscriber"


def test_msg91_version_3_is_an_object_in_indian_time():
    receipt = msg91.read_receipts(json.dumps(REPORT).encode())[0]
    assert told(receipt) == ("3660", "DELIVERED", "9123456789", "")
    assert receipt.at == NOW


def test_msg91_version_4_names_no_message():
    event = [{"event": "delivered", "data": [{"meta": "0", "INMSID": "0", "ts": 1777631400}]}]
    receipt = msg91.read_receipts(json.dumps(event).encode())[0]
    assert (receipt.message_id, receipt.status, receipt.at) == ("", "DELIVERED", NOW)


@pytest.mark.parametrize("code", ["2", "9", "16", "17", "25"])
def test_msg91_codes_of_failure(code):
    assert msg91.read_receipts(as_form([REPORT | {"status": code}]))[0].status == "FAILED"


# Gupshup


SMS_EVENT = {
    "externalId": "327-331",
    "eventType": "DELIVERED",
    "eventTs": "1777631400000",
    "destAddr": "919123456789",
    "srcAddr": "LOSLOS",
    "cause": "SUCCESS",
    "errCode": "000",
    "channel": "SMS",
    "noOfFrags": "1",
}


def test_gupshup_reports_come_in_batches():
    failed = SMS_EVENT | {"eventType": "FAILED", "errCode": "006", "cause": "DND", "eventTs": 1777631400000}
    body = urlencode({"response": json.dumps([SMS_EVENT, failed])}).encode()
    receipts = gupshup.read_sms_receipts(body)
    assert [told(r) for r in receipts] == [
        ("327-331", "DELIVERED", "9123456789", ""),
        ("327-331", "FAILED", "9123456789", "006"),
    ]
    assert {r.at for r in receipts} == {NOW}


def test_a_gupshup_report_may_stand_in_the_query():
    query = {
        "externalId": "327",
        "deliveredTS": "1777631400000",
        "status": "DELIVERED",
        "phoneNo": "919123456789",
    }
    receipt = gupshup.read_sms_receipts(urlencode(query | {"token": "x", "errCode": "000"}).encode())[0]
    assert (told(receipt), receipt.at) == (("327", "DELIVERED", "9123456789", ""), NOW)


def whatsapp(kind: str, inner: dict, **more: object) -> bytes:
    payload = {"id": "wamid.1", "type": kind, "destination": "919123456789", "payload": inner, **more}
    event = {
        "app": "LOS",
        "timestamp": 1777631400000,
        "version": 2,
        "type": "message-event",
        "payload": payload,
    }
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    ("kind", "status"), [("enqueued", "SENT"), ("sent", "SENT"), ("delivered", "DELIVERED"), ("read", "READ")]
)
def test_a_whatsapp_event_is_known_by_the_id_of_the_send(kind, status):
    receipt = gupshup.read_whatsapp_receipts(whatsapp(kind, {"ts": 1777631400}, gsId="ee4a"))[0]
    assert (told(receipt), receipt.at) == (("ee4a", status, "9123456789", ""), NOW)


def test_a_whatsapp_failure_tells_code_and_reason():
    receipt = gupshup.read_whatsapp_receipts(whatsapp("failed", {"code": 1002, "reason": "no WhatsApp"}))[0]
    assert told(receipt) == ("wamid.1", "FAILED", "9123456789", "1002")
    assert receipt.reason == "no WhatsApp"


def test_whatsapp_version_3_looks_like_metas():
    status = {"gs_id": "ee4a", "id": "wamid.1", "recipient_id": "919123456789", "status": "read"}
    value = {"statuses": [status | {"timestamp": "1777631400"}]}
    event = {
        "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": value}]}],
    }
    receipt = gupshup.read_whatsapp_receipts(json.dumps(event).encode())[0]
    assert (told(receipt), receipt.at) == (("ee4a", "READ", "9123456789", ""), NOW)


def test_what_a_customer_writes_is_no_receipt():
    assert gupshup.read_whatsapp_receipts(b'{"type": "message", "payload": {"text": "hello"}}') == []


# AiSensy


def aisensy_event(topic: str = "message.status.updated", **message: object) -> bytes:
    message = {"id": "3", "messageId": "m-1", "phone_number": "919123456789", "status": "DELIVERED"} | message
    return json.dumps({"id": "e-1", "topic": topic, "data": {"message": message}}).encode()


def test_aisensy_writes_statuses_in_any_case():
    receipts = [aisensy.read_receipts(aisensy_event(status=word))[0] for word in ("read", "READ", "Read")]
    assert {told(r) for r in receipts} == {("m-1", "READ", "9123456789", "")}


def test_an_aisensy_failure_tells_why():
    failure = {"code": "131026", "reason": "Message undeliverable"}
    receipt = aisensy.read_receipts(aisensy_event(status="failed", failureResponse=failure))[0]
    assert (receipt.code, receipt.reason) == ("131026", "Message undeliverable")


def test_other_topics_of_aisensy_are_no_receipts():
    assert aisensy.read_receipts(aisensy_event("message.sender.user")) == []


def test_an_aisensy_event_is_known_by_its_envelope_or_its_bytes():
    assert aisensy.event_id(aisensy_event()) == "e-1"
    assert aisensy.event_id(b"{}") == aisensy.event_id(b"{}") != aisensy.event_id(b"{ }")


# SendGrid


def signed(body: bytes, at: datetime = NOW) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = base64.b64encode(KEY.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    return {sendgrid.SIGNATURE_HEADER: signature, sendgrid.TIMESTAMP_HEADER: timestamp}


def is_theirs(body: bytes, headers: dict[str, str], now: datetime = NOW) -> bool:
    return sendgrid.verify_signature(body, headers, {"webhook_public_key": PUBLIC_KEY}, now)


def test_a_signature_over_these_bytes_is_sendgrids():
    assert is_theirs(b"[{}]\r\n", signed(b"[{}]\r\n"))


@given(at=st.integers(0, 5), bit=st.integers(0, 7))
def test_any_changed_byte_is_seen(at, bit):
    body = bytearray(b"[{}]\r\n")
    body[at] ^= 1 << bit
    assert not is_theirs(bytes(body), signed(b"[{}]\r\n"))


def test_a_lost_line_break_is_seen():
    assert not is_theirs(b"[{}]", signed(b"[{}]\r\n"))


def test_a_batch_that_is_played_back_is_refused():
    headers = signed(b"[]")
    assert is_theirs(b"[]", headers, NOW + timedelta(minutes=10))
    assert not is_theirs(b"[]", headers, NOW + timedelta(minutes=16))


def test_another_timestamp_breaks_the_signature():
    headers = signed(b"[]") | {sendgrid.TIMESTAMP_HEADER: str(int(NOW.timestamp()) + 1)}
    assert not is_theirs(b"[]", headers)


@pytest.mark.parametrize("header", ["", "no base64!", "AAAA", "\u00e9"])
def test_what_is_no_signature_is_refused(header):
    assert not is_theirs(b"[]", signed(b"[]") | {sendgrid.SIGNATURE_HEADER: header})
    assert not is_theirs(b"[]", {sendgrid.SIGNATURE_HEADER: header})


def test_events_of_a_mail():
    common = {"email": "asha@example.com", "timestamp": 1777631400, "sg_message_id": "14c5.filter1.0"}
    events = [
        common | {"event": "processed", "sg_event_id": "1"},
        common | {"event": "bounce", "status": "5.1.1", "reason": "550 unknown", "type": "bounce"},
        common | {"event": "unsubscribe"},
        common | {"event": "open", "category": "noc"},
    ]
    receipts = sendgrid.read_receipts(json.dumps(events).encode())
    assert [told(r) for r in receipts] == [
        ("14c5", "SENT", "asha@example.com", ""),
        ("14c5", "BOUNCED", "asha@example.com", "5.1.1"),
        ("14c5", "READ", "asha@example.com", ""),
    ]


# All of them


@pytest.mark.parametrize("read", READERS)
@given(
    body=st.binary(max_size=200)
    | st.sampled_from([b"", b"null", b"1", b"[1]", b"{}", b"[[]]", b"[" * 10_000])
)
def test_nothing_that_comes_breaks_a_reader(read, body):
    with suppress(FieldError):
        assert isinstance(read(body), list)
