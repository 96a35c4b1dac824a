"""An agreement goes out, is signed by its signer, and comes back, over real HTTP."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pikepdf
import pytest
import requests

from app.providers.errors import ProviderMalformed, ProviderRejected, ProviderUnauthorised
from app.providers.signzy import InitiatedContract, Signer, SignzyClient, parse_callback, verify_callback
from app.sandbox.pdf import text_pdf
from tests.providers.live import Sandbox, default_credentials

AGREEMENT = text_pdf(["Loan agreement", "Principal: 30,000.00"])
ASHA = Signer("ASHA VERMA", "9000000001", "asha.verma@example.com", aadhaar_last4="2346", birth_year=1990)
CREDENTIALS = default_credentials("signzy")


@pytest.fixture
def client(sandbox: Sandbox) -> SignzyClient:
    return sandbox.client(SignzyClient)


@pytest.fixture
def initiate(sandbox: Sandbox, client: SignzyClient) -> Callable[..., InitiatedContract]:
    def make(document: bytes | str = AGREEMENT, **more: object) -> InitiatedContract:
        return client.initiate_contract(
            document,
            contract_name="Loan agreement",
            executer="Qualoan",
            signer=ASHA,
            callback_url=f"{sandbox.listener.url}/esign/callback",
            success_url="https://app.example/signed",
            failure_url="https://app.example/not-signed",
            **more,
        )

    return make


def answered(contract: InitiatedContract, action: str) -> requests.Response:
    return requests.post(contract.sign_url, json={"action": action}, timeout=5)


def pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def test_an_agreement_is_signed(sandbox: Sandbox, client: SignzyClient, initiate) -> None:
    contract = initiate()
    assert not client.pull_contract(contract.contract_id).is_completed

    answered(contract, "sign")
    received = sandbox.listener.next(contract.contract_id)
    assert verify_callback(received.headers, CREDENTIALS)
    assert parse_callback(received.body) == contract.contract_id

    state = client.pull_contract(contract.contract_id)
    assert (state.is_completed, state.signers[0].status, state.signers[0].name_match) == (True, "SIGNED", 1)
    signed = client.download_signed(state.signed_pdf_url)
    assert signed != AGREEMENT
    assert pages(signed) == pages(AGREEMENT) + 1
    assert pages(client.download_signed(state.audit_certificate_url)) == 1


def test_an_agreement_is_rejected(sandbox: Sandbox, client: SignzyClient, initiate) -> None:
    contract = initiate()
    answered(contract, "reject")
    assert verify_callback(sandbox.listener.next(contract.contract_id).headers, CREDENTIALS)
    state = client.pull_contract(contract.contract_id)
    assert (state.is_completed, state.status, state.signed_pdf_url) == (False, "REJECTED", None)
    assert state.signers[0].error
    assert answered(contract, "sign").status_code == 400


def test_a_person_can_sign_on_the_page(initiate) -> None:
    contract = initiate()
    assert "<button>Sign with Aadhaar OTP</button>" in requests.get(contract.sign_url, timeout=5).text
    browser = {"Accept": "text/html"}
    after = requests.post(contract.sign_url, {"action": "sign"}, headers=browser, timeout=5).text
    assert "<dd>COMPLETED</dd>" in after
    assert "<button>" not in after


def test_a_document_may_be_given_by_its_address(client: SignzyClient, initiate) -> None:
    first = initiate()
    answered(first, "sign")
    second = initiate(client.pull_contract(first.contract_id).signed_pdf_url)
    answered(second, "sign")
    twice_signed = client.download_signed(client.pull_contract(second.contract_id).signed_pdf_url)
    assert pages(twice_signed) == pages(AGREEMENT) + 2


def test_what_is_no_pdf_is_rejected(initiate) -> None:
    with pytest.raises(ProviderRejected) as caught:
        initiate(b"hello")
    assert caught.value.code == "VALIDATION_ERROR"


def test_a_lapsed_contract_is_not_found(client: SignzyClient, initiate) -> None:
    contract = initiate(valid_for=timedelta(0))
    with pytest.raises(ProviderRejected, match="not found or expired"):
        client.pull_contract(contract.contract_id)


def test_a_wrong_token_is_unauthorised(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(SignzyClient, token="another").pull_contract("c-1")


@pytest.mark.parametrize("given", [None, "", "another", CREDENTIALS["callback_authorization"] + " "])
def test_a_callback_without_our_secret_is_refused(given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    assert not verify_callback(headers, CREDENTIALS)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"contractId": ""}', b'{"contractId": {"$ne": 1}}'])
def test_a_malformed_callback_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(ProviderMalformed):
        parse_callback(body)


@pytest.mark.parametrize(
    "url",
    [
        "http://persist.example/signed.pdf",
        "https://127.0.0.1/signed.pdf",
        "https://[::1]/signed.pdf",
        "https://10.0.0.8/signed.pdf",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/signed.pdf",
        "https://persist.example:8443/signed.pdf",
        "https://user:secret@persist.example/signed.pdf",
        "https:///signed.pdf",
        "https://[bad/signed.pdf",
        "ftp://persist.example/signed.pdf",
        "file:///etc/hostname",
        "/signed.pdf",
        "",
    ],
)
def test_a_download_never_leads_into_our_network(sandbox: Sandbox, client: SignzyClient, url: str) -> None:
    with pytest.raises(ProviderMalformed, match="finalSignedContract"):
        client.download_signed(url)
    assert not sandbox.records


def test_another_port_of_the_providers_host_is_another_host(sandbox: Sandbox, client: SignzyClient) -> None:
    with pytest.raises(ProviderMalformed, match="finalSignedContract"):
        client.download_signed(f"{sandbox.listener.url}/signed.pdf")


def test_a_public_https_address_is_allowed(client: SignzyClient) -> None:
    assert client._may_fetch("https://93.184.216.34/signed.pdf")


def test_the_token_does_not_travel_with_a_download(client: SignzyClient) -> None:
    assert "Authorization" not in client.headers(client.operations["download_signed"], None)


def test_what_is_downloaded_must_be_a_pdf(sandbox: Sandbox, client: SignzyClient) -> None:
    with pytest.raises(ProviderMalformed, match="not a PDF"):
        client.download_signed(f"{sandbox.url}/__sandbox__/health")


def test_call_records_hold_no_document_and_no_secret(sandbox: Sandbox, initiate) -> None:
    initiate()
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for hidden in ("JVBERi0", "ASHA", "9000000001", CREDENTIALS["callback_authorization"]):
        assert hidden not in shown
    # four digits may stand by chance inside an id or a hash, which are hexadecimal
    assert not re.search(r"(?<![0-9a-f-])2346(?![0-9a-f-])", shown)
