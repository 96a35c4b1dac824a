"""Reports, events and calls as their providers publish them, or as others recorded them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.providers import acefone, aisensy, gupshup, msg91, sendgrid
from app.providers.messages import Receipt
from app.providers.wire import Answer

DELIVERED = {"DELIVERED"}


@pytest.fixture(scope="session")
def payments(samples: Path) -> Path:
    return samples / "payments"


def load(folder: Path, name: str) -> dict:
    return json.loads((folder / name).read_bytes())


def statuses(receipts: list[Receipt]) -> set[str]:
    assert receipts
    return {receipt.status for receipt in receipts}


def test_msg91_reports_of_all_versions_are_read(payments: Path) -> None:
    told = load(payments, "msg91/webhook.sms_delivery_v2_v3_v4.json")
    form = urlencode({"data": told["v2_form_field_data"]}).encode()
    for body in (form, json.dumps(told["v3_json"]).encode()):
        receipt = msg91.read_receipts(body)[0]
        assert (receipt.message_id, receipt.status, receipt.to) == (
            "346000000000000000000130",
            "DELIVERED",
            "9500006558",
        )
    assert statuses(msg91.read_receipts(json.dumps(told["v4_json"]).encode())) == DELIVERED


def test_every_status_of_a_msg91_report_is_known(payments: Path) -> None:
    codes = load(payments, "msg91/webhook.sms_delivery_v2_v3_v4.json")["status_codes"]
    assert set(codes) == set(msg91.REPORT_STATUSES)


def test_gupshup_reports_and_events_are_read(payments: Path) -> None:
    told = load(payments, "gupshup/webhooks.shapes_selfmade_values.json")
    form = urlencode({"response": told["sms_dlr_post_form_field_response"]}).encode()
    assert statuses(gupshup.read_sms_receipts(form)) == DELIVERED
    events = {
        name: gupshup.read_whatsapp_receipts(json.dumps(told[name]).encode())
        for name in told
        if "wa_" in name
    }
    ids = {receipt.message_id for receipts in events.values() for receipt in receipts}
    assert ids == {"ee4a68a0-1203-4c85-8dc3-49d0b3226a35"}
    assert {name: statuses(receipts) for name, receipts in events.items()} == {
        "wa_v2_delivered": DELIVERED,
        "wa_v2_failed": {"FAILED"},
        "wa_v3_status": DELIVERED,
    }


def test_an_aisensy_signature_verifies_and_a_changed_byte_does_not(payments: Path) -> None:
    vector = load(payments, "aisensy/webhook_signature.selfmade.json")
    body, credentials = vector["raw_body"].encode(), {"webhook_secret": vector["secret"]}
    signature = vector["headers"][aisensy.SIGNATURE_HEADER]
    assert aisensy.verify_signature(body, signature, credentials)
    assert not any(
        aisensy.verify_signature(changed, signature, credentials) for changed in one_byte_off(body)
    )
    assert statuses(aisensy.read_receipts(body)) == DELIVERED


def test_sendgrids_own_signature_verifies_and_a_changed_byte_does_not(payments: Path) -> None:
    vector = load(payments, "sendgrid/event_webhook_signature_vector.json")
    credentials = {"webhook_public_key": vector["public_key_spki_base64"]}
    headers = {
        sendgrid.SIGNATURE_HEADER: vector["signature"],
        sendgrid.TIMESTAMP_HEADER: vector["timestamp"],
    }
    body, then = vector["raw_body"].encode(), datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    assert sendgrid.verify_signature(body, headers, credentials, then)
    changed = [*one_byte_off(body), body.rstrip(b"\r\n"), json.dumps(json.loads(body)).encode()]
    assert not any(sendgrid.verify_signature(other, headers, credentials, then) for other in changed)
    assert statuses(sendgrid.read_receipts(body)) == {"FAILED"}


def test_a_batch_of_sendgrid_is_read(payments: Path) -> None:
    batch = (payments / "sendgrid/event_webhook_batch.selfmade.json").read_bytes()
    receipts = sendgrid.read_receipts(batch)
    assert [receipt.status for receipt in receipts] == ["SENT", "DELIVERED", "BOUNCED", "FAILED"]
    assert {receipt.message_id for receipt in receipts} == {"14c5d75ce93"}


def test_recorded_calls_of_acefone_are_read(payments: Path) -> None:
    payloads = load(payments, "acefone/webhook.hangup_inbound.live_anonymised.json")["payloads"]
    assert payloads
    for payload in payloads:
        event = acefone.read_call_event(json.dumps(payload).encode())
        assert event.call_id == payload["call_id"]
        assert event.status == payload["call_status"].upper()
        assert event.direction in ("INBOUND", "OUTBOUND")
        assert len(event.customer_number) == 10
        assert event.started_at <= event.ended_at
        as_form = {name: v if isinstance(v, str) else json.dumps(v) for name, v in payload.items()}
        assert acefone.read_call_event(urlencode(as_form).encode()) == event


def test_a_click_to_call_of_acefone_is_read(payments: Path) -> None:
    payload = load(payments, "acefone/webhook.hangup_clicktocall.selfmade.json")["payload"]
    event = acefone.read_call_event(json.dumps(payload).encode())
    assert (event.custom_identifier, event.ref_id, event.direction) == (
        "LEAD-000123",
        "SELFMADE-REF-1",
        "OUTBOUND",
    )
    assert (event.customer_number, event.duration_s, event.talk_s) == ("9000300001", 52, 44)


def test_records_of_acefone_are_read(payments: Path) -> None:
    response = load(payments, "acefone/call_records.selfmade_shape.json")["response"]
    records = acefone._records(Answer(200, {}, json.dumps(response).encode()))
    assert [(r.customer_number, r.status, r.duration_s) for r in records] == [("9000300001", "ANSWERED", 52)]


def one_byte_off(body: bytes) -> list[bytes]:
    return [body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in range(0, len(body), 7)]
