"""An agreement is signed at SignDesk, over real HTTP."""

import base64
from datetime import timedelta

import pytest
import requests

from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.esign import Envelope, Signer
from app.providers.signdesk import SigndeskClient, parse_callback, verify_callback
from app.sandbox.pdf import text_pdf
from tests.providers.conftest import Scripted
from tests.providers.live import BRAND, Sandbox, default_credentials

CREDENTIALS = default_credentials("signdesk")
AGREEMENT = text_pdf(("Loan agreement",))
ASHA = Signer("ASHA VERMA", "9000000001", "asha.verma@example.com", "1234", 1990)


@pytest.fixture
def client(sandbox: Sandbox) -> SigndeskClient:
    return sandbox.client(SigndeskClient)


def send(client: SigndeskClient, document: bytes = AGREEMENT) -> Envelope:
    return client.send_for_signature(
        document,
        title="Loan agreement L-1",
        lender="A Lender Limited",
        reference="agreement-1",
        signer=ASHA,
        callback_url="https://lender.example/callback",
        return_url="https://lender.example/back",
        valid_for=timedelta(days=3),
    )


def act(envelope: Envelope, action: str) -> requests.Response:
    return requests.post(envelope.sign_url, json={"action": action}, timeout=5)


def test_an_agreement_is_signed(sandbox: Sandbox, client: SigndeskClient) -> None:
    envelope = send(client)
    assert client.envelope_state(envelope.id).outcome == "PENDING"
    act(envelope, "sign")
    received = sandbox.listener.next(envelope.id.split("/")[1], "signed")
    assert received.path == f"/partner/brand/{BRAND}/esign/webhook"
    assert verify_callback(received.headers, CREDENTIALS)
    assert parse_callback(received.body) == envelope.id
    state = client.envelope_state(envelope.id)
    signed = client.download(state)
    assert (state.outcome, signed[:5]) == ("SIGNED", b"%PDF-")
    assert signed != AGREEMENT


def test_a_signer_refuses(client: SigndeskClient) -> None:
    envelope = send(client)
    act(envelope, "reject")
    assert client.envelope_state(envelope.id).outcome == "REJECTED"
    assert act(envelope, "sign").status_code == 409


def test_a_person_can_sign_on_the_page(client: SigndeskClient) -> None:
    envelope = send(client)
    assert "Loan agreement L-1" in requests.get(envelope.sign_url, timeout=5).text
    form = {"action": "sign"}
    after = requests.post(envelope.sign_url, form, headers={"Accept": "text/html"}, timeout=5).text
    assert "<dd>signed</dd>" in after


def test_what_is_no_pdf_is_refused(client: SigndeskClient) -> None:
    with pytest.raises(ProviderRejected, match="invalid_document"):
        send(client, b"not a PDF")


def test_an_unknown_envelope_is_refused(client: SigndeskClient) -> None:
    with pytest.raises(ProviderRejected, match="document_not_found"):
        client.envelope_state("docket/document")


def test_another_brand_does_not_see_our_agreement(sandbox: Sandbox, client: SigndeskClient) -> None:
    envelope = send(client)
    keys = {name: value.replace(BRAND, "paisapop") for name, value in CREDENTIALS.items()}
    with pytest.raises(ProviderRejected, match="document_not_found"):
        sandbox.client(SigndeskClient, **keys).envelope_state(envelope.id)


def test_wrong_keys_are_unauthorised(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(SigndeskClient, api_key="another").envelope_state("docket/document")


def test_an_agreement_is_not_sent_again_by_itself(sandbox: Sandbox, client: SigndeskClient, fault) -> None:
    fault("signdesk", "500", operation="sign_request")
    with pytest.raises(ProviderUnavailable):
        send(client)
    assert len(sandbox.records) == 1


def test_half_an_answer_is_malformed(client: SigndeskClient, fault) -> None:
    envelope = send(client)
    fault("signdesk", "malformed", operation="signature_status")
    with pytest.raises(ProviderMalformed):
        client.envelope_state(envelope.id)


@pytest.mark.parametrize(
    ("content", "field"), [("!", "content"), (base64.b64encode(b"<html>").decode(), "content")]
)
def test_a_signed_document_that_is_none(sandbox: Sandbox, upstream, content: str, field: str) -> None:
    client = sandbox.client(SigndeskClient)
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    body = f'{{"status":"success","docket_Info":[{{"content":"{content}"}}]}}'
    upstream.plays(
        Scripted(body=b'{"status":"success","signer_info":[{"status":"Signed"}]}'),
        Scripted(body=body.encode()),
    )
    state = client.envelope_state("docket/document")
    assert state.outcome == "SIGNED"
    with pytest.raises(ProviderMalformed, match=field):
        client.download(state)


@pytest.mark.parametrize("given", [{}, {"x-callback-secret": ""}, {"x-callback-secret": "another"}])
def test_a_callback_without_the_secret_is_nobodys(given: dict[str, str]) -> None:
    assert not verify_callback(given, CREDENTIALS)
    assert not verify_callback(given, CREDENTIALS | {"callback_secret": ""})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"docket_id":"1"}'])
def test_a_malformed_callback_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(ProviderMalformed):
        parse_callback(body)


def test_call_records_name_nobody(sandbox: Sandbox, client: SigndeskClient) -> None:
    envelope = send(client)
    act(envelope, "sign")
    client.download(client.envelope_state(envelope.id))
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "9000000001", "asha.verma", "1990", "JVBER"):
        assert personal not in shown
