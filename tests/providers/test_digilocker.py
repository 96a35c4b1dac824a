"""A customer lets us read their documents at DigiLocker, over real HTTP."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.providers.digilocker import DigilockerClient, Token, new_verifier, read_eaadhaar
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.fields import FieldError
from tests.providers.conftest import Scripted
from tests.providers.live import Sandbox

BACK = "https://lender.example/back"
ASHA = "9000000001"


@pytest.fixture
def client(sandbox: Sandbox) -> DigilockerClient:
    return sandbox.client(DigilockerClient)


def ask(client: DigilockerClient, verifier: str, action: str = "allow") -> dict[str, str]:
    """What the browser comes back with."""
    url = client.authorise_url(state="state-1", verifier=verifier, redirect_uri=BACK, mobile=ASHA)
    return requests.post(url, json={"action": action}, timeout=5).json()


def given(client: DigilockerClient) -> Token:
    verifier = new_verifier()
    return client.exchange(ask(client, verifier)["code"], verifier=verifier, redirect_uri=BACK)


def test_leave_is_given_and_documents_are_read(client: DigilockerClient) -> None:
    token = given(client)
    assert (token.name, token.gender, token.has_eaadhaar) == ("ASHA VERMA", "female", True)
    account = client.account(token.access_token)
    assert (account.digilocker_id, account.date_of_birth) == (token.digilocker_id, token.date_of_birth)
    files = {one.doctype: one for one in client.issued_files(token.access_token)}
    assert set(files) == {"ADHAR", "PANCR"}
    pan = client.fetch_file(token.access_token, files["PANCR"].uri)
    assert (pan.content_type, pan.data[:5]) == ("application/pdf", b"%PDF-")
    assert b"ASHA VERMA" in client.fetch_xml(token.access_token, files["PANCR"].uri).data


def test_the_aadhaar_is_read_without_its_number(client: DigilockerClient) -> None:
    aadhaar = client.eaadhaar(given(client).access_token)
    assert (aadhaar.name, aadhaar.gender, len(aadhaar.aadhaar_last4)) == ("ASHA VERMA", "female", 4)
    assert aadhaar.address["country"] == "India"
    assert aadhaar.photo
    assert "ASHA" not in repr(aadhaar)


def test_the_url_has_a_challenge_and_not_the_verifier(client: DigilockerClient) -> None:
    verifier = new_verifier()
    url = client.authorise_url(state="state-1", verifier=verifier, redirect_uri=BACK)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert (query["code_challenge"], query["code_challenge_method"]) == (digest, "S256")
    assert verifier not in url
    assert len(verifier) == 43


def test_the_state_comes_back(client: DigilockerClient) -> None:
    assert ask(client, new_verifier())["state"] == "state-1"


def test_a_customer_who_denies_gives_no_code(client: DigilockerClient) -> None:
    back = ask(client, new_verifier(), "deny")
    assert (back["error"], "code" in back) == ("access_denied", False)


def test_a_person_can_allow_it_on_the_page(client: DigilockerClient) -> None:
    url = client.authorise_url(state="s", verifier=new_verifier(), redirect_uri=BACK, mobile=ASHA)
    assert "Allow" in requests.get(url, timeout=5).text
    answer = requests.post(
        url, {"action": "allow"}, headers={"Accept": "text/html"}, timeout=5, allow_redirects=False
    )
    assert answer.headers["Location"].startswith(f"{BACK}?state=s&code=")


def test_a_stolen_code_is_worth_nothing(client: DigilockerClient) -> None:
    code = ask(client, new_verifier())["code"]
    with pytest.raises(ProviderRejected, match="invalid_grant"):
        client.exchange(code, verifier=new_verifier(), redirect_uri=BACK)


def test_a_code_is_good_once(client: DigilockerClient) -> None:
    verifier = new_verifier()
    code = ask(client, verifier)["code"]
    client.exchange(code, verifier=verifier, redirect_uri=BACK)
    with pytest.raises(ProviderRejected, match="invalid_grant"):
        client.exchange(code, verifier=verifier, redirect_uri=BACK)


def test_a_token_is_renewed_and_given_back(client: DigilockerClient) -> None:
    token = client.refresh(given(client).refresh_token)
    assert client.account(token.access_token).name == "ASHA VERMA"
    client.revoke(token.refresh_token)
    with pytest.raises(ProviderRejected, match="invalid_token"):
        client.account(token.access_token)
    with pytest.raises(ProviderRejected, match="invalid_grant"):
        client.refresh(token.refresh_token)


def test_a_file_that_is_not_there_is_refused(client: DigilockerClient) -> None:
    with pytest.raises(ProviderRejected, match="invalid_uri"):
        client.fetch_file(given(client).access_token, "in.gov.pan-PANCR-nothing")


def test_wrong_keys_are_unauthorised(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(DigilockerClient, client_secret="another").refresh("anything")


def test_an_exchange_is_not_tried_again(sandbox: Sandbox, client: DigilockerClient, fault) -> None:
    verifier = new_verifier()
    code = ask(client, verifier)["code"]
    fault("digilocker", "500", operation="exchange")
    with pytest.raises(ProviderUnavailable):
        client.exchange(code, verifier=verifier, redirect_uri=BACK)
    assert len(sandbox.records) == 1


def scripted(sandbox: Sandbox, upstream, body: bytes, **headers: str) -> DigilockerClient:
    client = sandbox.client(DigilockerClient)
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    upstream.plays(Scripted(body=body, headers=headers))
    return client


def test_a_changed_byte_is_refused(sandbox: Sandbox, upstream) -> None:
    secret = sandbox.client(DigilockerClient).settings.credentials["client_secret"].encode()
    good = base64.b64encode(hmac.digest(secret, b"%PDF-1.7 a", hashlib.sha256)).decode()
    assert scripted(sandbox, upstream, b"%PDF-1.7 a", hmac=good).fetch_file("t", "u").data == b"%PDF-1.7 a"
    for body, given_hmac in ((b"%PDF-1.7 b", good), (b"%PDF-1.7 a", ""), (b"%PDF-1.7 a", good.lower())):
        with pytest.raises(ProviderMalformed, match="hmac"):
            scripted(sandbox, upstream, body, hmac=given_hmac).fetch_file("t", "u")


AADHAAR = (
    '<KycRes><UidData uid="xxxxxxxx1234"><Poi dob="01-01-1990" gender="F" name="A"/><Poa/></UidData></KycRes>'
)


def test_reads_the_smallest_aadhaar() -> None:
    read = read_eaadhaar(AADHAAR.encode())
    assert (read.aadhaar_last4, read.address, read.photo) == ("1234", {}, None)


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<KycRes",
        "<KycRes/>",
        AADHAAR.replace("<Poa/>", ""),
        AADHAAR.replace("01-01-1990", "1990"),
        AADHAAR.replace('"F"', '"X"'),
        AADHAAR.replace("1234", "abcd"),
        AADHAAR.replace("<Poa/>", "<Poa/><Pht>?</Pht>"),
        '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + AADHAAR,
    ],
)
def test_a_document_that_is_none_is_a_typed_error(xml: str) -> None:
    with pytest.raises(FieldError):
        read_eaadhaar(xml.encode())


def test_declarations_hide_in_no_encoding() -> None:
    xml = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE k [<!ENTITY a "b">]>{AADHAAR}'
    with pytest.raises(FieldError, match="document type"):
        read_eaadhaar(xml.encode("utf-16"))


def test_call_records_hold_no_token_and_nobody(sandbox: Sandbox, client: DigilockerClient) -> None:
    token = given(client)
    client.issued_files(token.access_token)
    client.eaadhaar(token.access_token)
    client.revoke(token.refresh_token)
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for secret in ("ASHA", token.access_token, token.refresh_token, token.digilocker_id, "client_secret-"):
        assert secret not in shown
