"""Gupshup and AiSensy: what is sent, what arrives, what is told of it, and how they say no."""

import json
from urllib.parse import parse_qs

import pytest
import requests

from app.config.providers import ProviderSettings
from app.providers.aisensy import SIGNATURE_HEADER, AisensyClient, verify_signature
from app.providers.aisensy import read_receipts as read_aisensy
from app.providers.breaker import Breakers
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.gupshup import (
    GupshupClient,
    GupshupWhatsAppClient,
    read_sms_receipts,
    read_whatsapp_receipts,
)
from tests.providers.conftest import Scripted, hasty
from tests.providers.live import default_credentials
from tests.providers.test_messages import newest_message

WHATSAPP = [GupshupWhatsAppClient, AisensyClient]


def send_sms(client: GupshupClient, to: str = "9123450001", text: str = "482913 is your OTP."):
    return client.send_sms(to=to, template_id="1107", variables={}, text=text)


def send_template(client, to: str = "9123450001", template_id: str = "emi_reminder"):
    return client.send_template(
        to=to, name="ASHA VERMA", template_id=template_id, parameters=["Asha", "5000"]
    )


def act(sandbox, provider: str, action: str, message_id: str) -> requests.Response:
    body = {"provider": provider, "action": action, "id": message_id}
    return requests.post(f"{sandbox.url}/__sandbox__/act", json=body, timeout=5)


# SMS


def test_an_sms(sandbox):
    accepted = send_sms(sandbox.client(GupshupClient), to="9123450011")
    assert accepted.message_id
    message = newest_message(sandbox, "9123450011")
    assert (message["channel"], message["otp"], message["templateId"]) == ("sms", "482913", "1107")


def test_what_goes_over_the_wire(upstream):
    upstream.plays(
        Scripted(body=b'{"response": {"id": "1", "phone": "91", "details": "", "status": "success"}}')
    )
    settings = ProviderSettings(upstream.url, default_credentials("gupshup"))
    send_sms(GupshupClient(settings, "qualoan", breakers=Breakers()), text="नमस्ते")
    method, path, headers, body = upstream.received[0]
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert (method, path) == ("POST", "/GatewayAPI/rest")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (form["method"], form["send_to"], form["msg"], form["msg_type"]) == (
        "SendMessage",
        "919123450001",
        "नमस्ते",
        "Unicode_text",
    )
    assert (form["auth_scheme"], form["v"], form["format"], form["dltTemplateId"]) == (
        "plain",
        "1.1",
        "json",
        "1107",
    )


def test_a_refusal_comes_as_http_200(sandbox):
    with pytest.raises(ProviderRejected) as caught:
        send_sms(sandbox.client(GupshupClient), to="123")
    assert (caught.value.code, sandbox.records[0].status) == ("105", 200)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"error | 105 | The phone number is not valid", ProviderRejected),
        (b"error | 102 | Authentication failed", ProviderUnauthorised),
        (b'{"response": {"id": "175", "details": "disabled", "status": "error"}}', ProviderUnauthorised),
        (b"<html>", ProviderMalformed),
    ],
)
def test_the_gateway_says_no_in_two_ways(upstream, body, error):
    upstream.plays(Scripted(body=body))
    settings = ProviderSettings(upstream.url, default_credentials("gupshup"))
    with pytest.raises(error):
        send_sms(GupshupClient(settings, "qualoan", breakers=Breakers()))


def test_the_gateway_says_yes_in_text(upstream):
    upstream.plays(Scripted(body=b"success | 919123450001 | 3270637570192393521-331166354051551677"))
    settings = ProviderSettings(upstream.url, default_credentials("gupshup"))
    accepted = send_sms(GupshupClient(settings, "qualoan", breakers=Breakers()))
    assert accepted.message_id == "3270637570192393521-331166354051551677"


def test_an_sms_is_reported_with_the_secret_of_the_account(sandbox):
    accepted = send_sms(sandbox.client(GupshupClient))
    webhook = sandbox.listener.next(accepted.message_id, "DELIVERED")
    assert webhook.path == (
        "/partner/brand/qualoan/messages/gupshup/receipts?token=sandbox-gupshup-webhook_secret-qualoan"
    )
    receipt = read_sms_receipts(webhook.body)[0]
    assert (receipt.message_id, receipt.status, receipt.to) == (
        accepted.message_id,
        "DELIVERED",
        "9123450001",
    )


def test_a_number_that_is_not_reached_and_one_that_is_blocked(sandbox):
    client = sandbox.client(GupshupClient)
    for to, code in (("9123459001", "001"), ("9123459002", "007")):
        accepted = send_sms(client, to=to)
        receipt = read_sms_receipts(sandbox.listener.next(accepted.message_id).body)[0]
        assert (receipt.status, receipt.code) == ("FAILED", code)


# WhatsApp


@pytest.mark.parametrize("kind", WHATSAPP)
def test_a_template(sandbox, kind):
    assert send_template(sandbox.client(kind), to="9123450022").message_id
    message = newest_message(sandbox, "9123450022")
    assert (message["channel"], message["templateId"]) == ("whatsapp", "emi_reminder")
    assert message["variables"] == {"1": "Asha", "2": "5000"}


@pytest.mark.parametrize("kind", WHATSAPP)
def test_a_template_is_refused_for_a_number_that_is_none(sandbox, kind):
    with pytest.raises(ProviderRejected, match="Invalid"):
        send_template(sandbox.client(kind), to="123")


@pytest.mark.parametrize("kind", WHATSAPP)
def test_a_wrong_key(sandbox, kind):
    with pytest.raises(ProviderUnauthorised):
        send_template(sandbox.client(kind, api_key="wrong"))


@pytest.mark.parametrize("kind", [*WHATSAPP, GupshupClient])
@pytest.mark.parametrize("trouble", ["500", "timeout"])
def test_a_message_is_never_sent_twice(sandbox, fault, kind, trouble):
    fault(kind.provider, trouble, times=3)
    client = hasty(sandbox.client(kind))
    with pytest.raises(ProviderUnavailable):
        (send_sms if kind is GupshupClient else send_template)(client)
    assert len(sandbox.records) == 1


@pytest.mark.parametrize("kind", WHATSAPP)
def test_garbage_is_malformed(sandbox, fault, kind):
    fault(kind.provider, "malformed")
    with pytest.raises(ProviderMalformed):
        send_template(sandbox.client(kind))


@pytest.mark.parametrize("kind", [*WHATSAPP, GupshupClient])
def test_the_record_shows_nobody(sandbox, kind):
    (send_sms if kind is GupshupClient else send_template)(sandbox.client(kind))
    shown = repr(sandbox.records[0])
    assert not any(
        secret in shown
        for secret in ("9123450001", "ASHA", "Asha", "482913", "-password", "-api_key", "5000")
    )


def test_a_campaign_that_is_not_live(sandbox):
    with pytest.raises(ProviderRejected, match="Campaign does not exist") as caught:
        send_template(sandbox.client(AisensyClient), template_id="draft_1")
    assert caught.value.code == "400"


@pytest.mark.parametrize(
    "body",
    [b'{"success": "true"}', b'{"success": true}', b'{"success": "true", "submitted_message_id": null}'],
)
def test_some_accounts_of_aisensy_answer_without_an_id(upstream, body):
    upstream.plays(Scripted(body=body))
    settings = ProviderSettings(upstream.url, default_credentials("aisensy"))
    assert send_template(AisensyClient(settings, "qualoan", breakers=Breakers())).message_id == ""


def test_no_credits_are_told_in_their_words(upstream):
    refusal = {
        "name": "ERR402",
        "errorCode": 402,
        "errorMessage": "Insufficient WhatsApp Conversation Credits (WCC)!",
    }
    upstream.plays(Scripted(402, json.dumps(refusal).encode()))
    settings = ProviderSettings(upstream.url, default_credentials("aisensy"))
    with pytest.raises(ProviderRejected, match="Insufficient WhatsApp Conversation Credits"):
        send_template(AisensyClient(settings, "qualoan", breakers=Breakers()))


def test_aisensy_signs_what_it_tells(sandbox):
    accepted = send_template(sandbox.client(AisensyClient))
    webhook = sandbox.listener.next(accepted.message_id, "DELIVERED")
    credentials = default_credentials("aisensy")
    signature = webhook.headers[SIGNATURE_HEADER]
    assert verify_signature(webhook.body, signature, credentials)
    assert verify_signature(webhook.body, f"sha256={signature}", credentials)
    assert not verify_signature(webhook.body.replace(b"DELIVERED", b"delivered"), signature, credentials)
    assert not verify_signature(webhook.body, None, credentials)
    assert read_aisensy(webhook.body)[0].message_id == accepted.message_id


def test_what_was_read_is_told_when_it_is(sandbox):
    accepted = send_template(sandbox.client(GupshupWhatsAppClient))
    assert act(sandbox, "gupshup_whatsapp", "read", accepted.message_id).status_code == 202
    receipt = read_whatsapp_receipts(sandbox.listener.next(accepted.message_id, '"read"').body)[0]
    assert (receipt.message_id, receipt.status) == (accepted.message_id, "READ")


def test_a_number_without_whatsapp(sandbox):
    accepted = send_template(sandbox.client(GupshupWhatsAppClient), to="9123459001")
    receipt = read_whatsapp_receipts(sandbox.listener.next(accepted.message_id, "failed").body)[0]
    assert (receipt.message_id, receipt.status, receipt.code) == (accepted.message_id, "FAILED", "1002")
