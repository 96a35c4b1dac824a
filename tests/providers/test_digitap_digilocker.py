"""A customer shares their Aadhaar from DigiLocker on a page of Digitap's, over real HTTP."""

from datetime import timedelta

import pytest
import requests

from app.providers.digitap import DigitapClient
from app.providers.digitap.digilocker import DigilockerPage
from app.providers.errors import ProviderRejected, ProviderUnavailable
from tests.providers.live import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> DigitapClient:
    return sandbox.client(DigitapClient)


def begin(client: DigitapClient, reference: str, **more: object) -> DigilockerPage:
    return client.start_digilocker(
        reference=reference,
        first_name="ASHA",
        last_name="VERMA",
        mobile="9000000001",
        return_url="https://lender.example/back",
        **more,
    )


def act(page: DigilockerPage, action: str) -> None:
    requests.post(page.url, json={"action": action}, timeout=5).raise_for_status()


def test_an_aadhaar_is_shared(client: DigitapClient) -> None:
    page = begin(client, "check-1")
    assert client.digilocker_status(page.transaction_id) == "GENERATED"
    act(page, "allow")
    assert client.digilocker_status(page.transaction_id) == "SUCCESS"
    details = client.digilocker_details(page.transaction_id)
    assert (details.name, details.masked_aadhaar[:8]) == ("ASHA VERMA", "XXXXXXXX")


def test_what_is_not_shared_is_refused_with_its_code(client: DigitapClient) -> None:
    page = begin(client, "check-2")
    with pytest.raises(ProviderRejected, match="DG1007"):
        client.digilocker_details(page.transaction_id)
    act(page, "deny")
    with pytest.raises(ProviderRejected, match="DG1001"):
        client.digilocker_details(page.transaction_id)


def test_a_page_is_good_for_a_week_at_most(client: DigitapClient) -> None:
    with pytest.raises(ValueError, match="seven days"):
        begin(client, "check-3", valid_for=timedelta(days=8))


def test_a_page_is_not_made_twice(sandbox: Sandbox, client: DigitapClient, fault) -> None:
    fault("digitap", "500", operation="start_digilocker")
    with pytest.raises(ProviderUnavailable):
        begin(client, "check-4")
    assert len(sandbox.records) == 1


def test_call_records_name_nobody(sandbox: Sandbox, client: DigitapClient) -> None:
    page = begin(client, "check-5")
    act(page, "allow")
    client.digilocker_details(page.transaction_id)
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    assert "9000000001" not in shown
    assert "VERMA" not in shown
