"""From asking a customer for consent to reading the bank statement, over real HTTP."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import requests

from app.core import clock
from app.providers.aa import (
    TERMS,
    ConsentNotification,
    FinduitClient,
    FINotification,
    KeyMaterial,
    Period,
    SignedConsent,
    decrypt,
    jws,
    verify_notification,
)
from app.providers.aa.client import check_envelope
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.fields import FieldError, Fields
from app.providers.wire import encode
from app.sandbox.keys import FIU_PUBLIC_JWK
from tests.providers.live import Sandbox, default_credentials

ASHA = "9000000001"
TO = clock.today()
FROM = TO - timedelta(days=180)
DEPOSIT = "{http://api.rebit.org.in/FISchema/deposit}"


@pytest.fixture
def client(sandbox: Sandbox) -> FinduitClient:
    return sandbox.client(FinduitClient)


def notified(sandbox: Sandbox, about: str) -> ConsentNotification | FINotification:
    received = sandbox.listener.next(about)
    return verify_notification(
        received.body, received.headers, default_credentials("finduit"), datetime.now(UTC)
    )


def decide(consent_url: str, decision: str) -> requests.Response:
    return requests.post(f"{consent_url}/{decision}", timeout=5)


def approved(sandbox: Sandbox, client: FinduitClient, mobile: str = ASHA) -> SignedConsent:
    requested = client.request_consent(mobile, FROM, TO)
    decide(requested.consent_url, "approve")
    return client.fetch_consent(notified(sandbox, requested.consent_handle).consent_id)


def test_the_whole_way_to_the_statement(sandbox: Sandbox, client: FinduitClient) -> None:
    requested = client.request_consent(ASHA, FROM, TO)
    assert client.consent_handle(requested.consent_handle).status == "PENDING"

    decide(requested.consent_url, "approve")
    consent_news = notified(sandbox, requested.consent_handle)
    assert (consent_news.status, consent_news.consent_handle) == ("ACTIVE", requested.consent_handle)

    consent = client.fetch_consent(consent_news.consent_id)
    our = KeyMaterial.generate()
    session = client.request_fi(consent, FROM, TO, our)
    news = notified(sandbox, session.session_id)
    assert (news.session_id, news.status) == (session.session_id, "COMPLETED")

    stored = KeyMaterial.from_json(our.to_json())
    (account,) = client.fetch_fi(session.session_id)
    document = ElementTree.fromstring(decrypt(stored, account.key_material, account.encrypted_fi))
    assert document.find(f"{DEPOSIT}Profile/{DEPOSIT}Holders/{DEPOSIT}Holder").get("name") == "ASHA VERMA"
    narrations = [line.get("narration") for line in document.iter(f"{DEPOSIT}Transaction")]
    assert sum("ACME TECHNOLOGIES-ASHA VERMA-SALARY" in text for text in narrations) == 6
    assert document.get("linkedAccRef") == account.link_ref_number == consent.accounts[0].link_ref_number


def test_the_artefact_tells_what_was_agreed(sandbox: Sandbox, client: FinduitClient) -> None:
    consent = approved(sandbox, client)
    assert (consent.status, clock.business_day(consent.data_from)) == ("ACTIVE", FROM)
    assert clock.business_day(consent.data_to) == TO
    assert consent.accounts[0].masked_account_number == "XXXXXXXXXX0001"


def test_the_handle_tells_the_consent_id_when_no_notification_comes(client: FinduitClient) -> None:
    requested = client.request_consent(ASHA, FROM, TO)
    shown = decide(requested.consent_url, "approve").json()
    handle = client.consent_handle(requested.consent_handle)
    assert (handle.status, handle.consent_id) == ("APPROVED", shown["consentId"])


def test_a_customer_says_no(sandbox: Sandbox, client: FinduitClient) -> None:
    requested = client.request_consent(ASHA, FROM, TO)
    decide(requested.consent_url, "reject")
    news = notified(sandbox, requested.consent_handle)
    assert (news.status, news.consent_id) == ("REJECTED", None)
    assert client.consent_handle(requested.consent_handle).status == "REJECTED"
    assert decide(requested.consent_url, "approve").status_code == 409


def test_a_person_can_answer_on_the_page(sandbox: Sandbox, client: FinduitClient) -> None:
    url = client.request_consent(ASHA, FROM, TO).consent_url
    assert "<button>Approve</button>" in requests.get(url, timeout=5).text
    after = requests.post(f"{url}/approve", headers={"Accept": "text/html"}, timeout=5)
    assert "ACTIVE" in after.text
    assert "<button>Approve</button>" not in after.text


def test_no_information_without_a_valid_consent(sandbox: Sandbox, client: FinduitClient) -> None:
    requested = client.request_consent(ASHA, FROM, TO)
    decide(requested.consent_url, "approve")
    consent = client.fetch_consent(notified(sandbox, requested.consent_handle).consent_id)
    session = client.request_fi(consent, FROM, TO, KeyMaterial.generate())
    decide(requested.consent_url, "revoke")
    with pytest.raises(ProviderRejected, match="InvalidConsentStatus"):
        client.request_fi(consent, FROM, TO, KeyMaterial.generate())
    with pytest.raises(ProviderRejected, match="ConsentRevoked"):
        client.fetch_fi(session.session_id)


def test_no_information_outside_the_agreed_days(sandbox: Sandbox, client: FinduitClient) -> None:
    consent = approved(sandbox, client)
    with pytest.raises(ProviderRejected, match="InvalidDateRange"):
        client.request_fi(consent, FROM - timedelta(days=1), TO, KeyMaterial.generate())


def test_unknown_ids_are_refused_with_rebits_codes(client: FinduitClient) -> None:
    for call, code in (
        (client.consent_handle, "InvalidConsentHandle"),
        (client.fetch_consent, "InvalidConsentId"),
        (client.fetch_fi, "InvalidSessionId"),
    ):
        with pytest.raises(ProviderRejected) as caught:
            call("nothing-by-this-id")
        assert caught.value.code == code


def test_a_wrong_api_key_is_unauthorised(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderUnauthorised):
        sandbox.client(FinduitClient, client_api_key="another").consent_handle("h")


def test_the_other_side_refuses_a_changed_body(sandbox: Sandbox, client: FinduitClient) -> None:
    body = encode({"ver": "2.0.0", "ConsentHandle": "h-1"})
    headers = client.headers(client.operations["consent_handle"], body)
    answer = requests.post(f"{sandbox.url}/finduit/Consent/handle", body + b" ", headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "SignatureDoesNotMatch")


def test_an_answer_signed_by_another_key_is_discarded(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderMalformed, match=jws.HEADER):
        sandbox.client(FinduitClient, aa_public_jwk=FIU_PUBLIC_JWK).request_consent(ASHA, FROM, TO)


def test_a_broken_answer_is_discarded(client: FinduitClient, fault) -> None:
    fault("finduit", "malformed")
    with pytest.raises(ProviderMalformed):
        client.request_consent(ASHA, FROM, TO)


def test_a_consent_request_is_not_sent_twice(sandbox: Sandbox, client: FinduitClient) -> None:
    requests.post(
        f"{sandbox.url}/__sandbox__/faults", json={"provider": "finduit", "fault": "500"}, timeout=5
    )
    with pytest.raises(ProviderUnavailable):
        client.request_consent(ASHA, FROM, TO)
    assert [record.attempt for record in sandbox.records] == [1]


def test_the_same_message_twice_is_refused(sandbox: Sandbox, client: FinduitClient) -> None:
    client.request_consent(ASHA, FROM, TO)
    calls: list[bytes] = []
    client.headers = lambda operation, body, make=client.headers: calls.append(body) or make(operation, body)
    client.request_consent(ASHA, FROM, TO)
    headers = client.headers(client.operations["request_consent"], calls[0])
    again = requests.post(f"{sandbox.url}/finduit/Consent", calls[0], headers=headers, timeout=5)
    assert (again.status_code, again.json()["errorCode"]) == (409, "IdempotencyError")


def test_call_records_hold_no_information(sandbox: Sandbox, client: FinduitClient) -> None:
    consent = approved(sandbox, client)
    session = client.request_fi(consent, FROM, TO, KeyMaterial.generate())
    (account,) = client.fetch_fi(session.session_id)
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    assert ASHA not in shown
    assert consent.token not in shown
    assert consent.digital_signature not in shown
    assert account.encrypted_fi[:60] not in shown


ANSWER = {"ver": "2.0.0", "timestamp": "2026-05-01T10:00:00.000Z", "txnid": "t-1"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ver": "1.0"}, "ver"),
        ({"txnid": "t-2"}, "txnid"),
        ({"timestamp": "2026-05-01T09:40:00.000Z"}, "timestamp"),
        ({"timestamp": "now"}, "timestamp"),
    ],
)
def test_an_answer_to_something_else_is_discarded(change: dict, field: str) -> None:
    now = datetime(2026, 5, 1, 10, 1, tzinfo=UTC)
    check_envelope(Fields(ANSWER), "t-1", now)
    with pytest.raises(FieldError) as caught:
        check_envelope(Fields(ANSWER | change), "t-1", now)
    assert caught.value.field == field


@pytest.mark.parametrize(("mobile", "name"), [("9000000005", "EESHA QURESHI"), ("9812345678", "TEST ")])
def test_everybody_has_a_bank_account(
    sandbox: Sandbox, client: FinduitClient, mobile: str, name: str
) -> None:
    consent = approved(sandbox, client, mobile)
    our = KeyMaterial.generate()
    (account,) = client.fetch_fi(client.request_fi(consent, FROM, TO, our).session_id)
    assert f'name="{name}' in decrypt(our, account.key_material, account.encrypted_fi).decode()


def test_an_answer_with_a_tampered_signature_is_discarded(
    sandbox: Sandbox, client: FinduitClient, fault
) -> None:
    consent = approved(sandbox, client)
    keys = KeyMaterial.generate()
    session = client.request_fi(consent, FROM, TO, keys)
    calls = {
        "request_consent": lambda: client.request_consent(ASHA, FROM, TO),
        "fetch_consent": lambda: client.fetch_consent(consent.consent_id),
        "fetch_fi": lambda: client.fetch_fi(session.session_id),
    }
    for operation, call in calls.items():
        fault("finduit", "bad_signature", operation=operation)
        with pytest.raises(ProviderMalformed) as caught:
            call()
        assert caught.value.field == "x-jws-signature"
    assert len(client.fetch_fi(session.session_id)) == 1


def test_several_banks_deliver_and_one_is_down(sandbox: Sandbox, client: FinduitClient) -> None:
    requested = client.request_consent(ASHA, FROM, TO, TERMS["UNDERWRITING_WIDE"])
    requests.post(f"{requested.consent_url}/approve", json={"unavailableFips": ["ICICI-FIP"]}, timeout=5)
    consent = client.fetch_consent(notified(sandbox, requested.consent_handle).consent_id)
    keys = KeyMaterial.generate()
    session = client.request_fi(consent, FROM, TO, keys)
    statuses = {account.fip_id: account.status for account in notified(sandbox, session.session_id).accounts}
    assert statuses == {"HDFC-FIP": "READY", "ICICI-FIP": "TIMEOUT", "CARD-FIP": "READY", "EPFO-FIP": "READY"}
    delivered = client.fetch_fi(session.session_id)
    assert {account.fip_id for account in delivered} == {"HDFC-FIP", "CARD-FIP", "EPFO-FIP"}
    assert all(decrypt(keys, account.key_material, account.encrypted_fi) for account in delivered)


def test_a_consent_for_once_is_used_once(sandbox: Sandbox, client: FinduitClient) -> None:
    consent = approved(sandbox, client)
    client.request_fi(consent, FROM, TO, KeyMaterial.generate())
    with pytest.raises(ProviderRejected, match="InvalidConsentUse"):
        client.request_fi(consent, FROM, TO, KeyMaterial.generate())


@pytest.mark.parametrize(
    ("period", "days"), [(Period("DAY", 3), 3), (Period("MONTH", 2), 60), (Period("YEAR", 1), 365)]
)
def test_periods(period: Period, days: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert period.after(start) == start + timedelta(days=days)
    assert Period("INF", 0).after(start) is None
