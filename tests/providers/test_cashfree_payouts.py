"""Money out at Cashfree, over real HTTP: transfers, beneficiaries, the penny drop; and keys of its products."""

import base64
import uuid
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.providers.cashfree import CashfreeClient
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.money import Beneficiary
from tests.providers.cashfree import AMOUNT, KEYS, drop, heard, new_link, place, reference, scripted, send
from tests.providers.conftest import Scripted, hasty
from tests.providers.live import BRAND, Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> CashfreeClient:
    return sandbox.client(CashfreeClient)


def test_a_transfer_arrives(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client)
    assert (payout.status, payout.utr, payout.amount) == ("processing", None, AMOUNT)
    sent = heard(sandbox, "TRANSFER_SUCCESS", payout.id, secret="payout_client_secret").payout
    assert sent.status == "processing", "sent is not arrived"
    done = heard(sandbox, "TRANSFER_ACKNOWLEDGED", payout.id, secret="payout_client_secret").payout
    assert (done.status, done.reference_id, len(done.utr)) == ("processed", payout.reference_id, 12)
    assert client.fetch_payout(payout.id).utr == done.utr


def test_a_transfer_fails(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client, account_number="50100000010000")
    failed = heard(sandbox, "TRANSFER_FAILED", payout.id, secret="payout_client_secret").payout
    assert (failed.status, failed.reason, failed.utr) == ("failed", "BENE_BANK_DECLINED", None)


def test_a_transfer_comes_back(client: CashfreeClient) -> None:
    payout = send(client, account_number="50100000011111")
    assert client.fetch_payout(payout.id).status == "reversed"


def test_a_reference_is_sent_once_and_found(client: CashfreeClient, sandbox: Sandbox, fault) -> None:
    reference_id = reference()
    assert client.find_payout(reference_id) is None
    fault("cashfree", "malformed", operation="create_payout")
    with pytest.raises(ProviderMalformed):
        send(client, reference_id=reference_id)
    assert client.find_payout(reference_id).reference_id == reference_id
    with pytest.raises(ProviderRejected, match="transfer_id_already_exists"):
        send(client, reference_id=reference_id)
    assert len([r for r in sandbox.records if r.operation == "create_payout"]) == 2


def test_a_server_error_while_paying_may_have_happened(
    client: CashfreeClient, sandbox: Sandbox, fault
) -> None:
    fault("cashfree", "500", operation="create_payout")
    with pytest.raises(ProviderUnavailable) as caught:
        send(client)
    assert caught.value.may_have_happened
    assert len(sandbox.records) == 1


def test_a_timeout_while_paying_is_not_tried_again(client: CashfreeClient, sandbox: Sandbox, fault) -> None:
    fault("cashfree", "timeout", operation="create_payout")
    with pytest.raises(ProviderUnavailable):
        send(hasty(client))
    assert len(sandbox.records) == 1


def test_a_reference_that_could_not_be_read_back_is_refused(client: CashfreeClient) -> None:
    with pytest.raises(ValueError, match="underscore"):
        send(client, reference_id="L_1")


def test_a_beneficiary_is_kept_and_removed(client: CashfreeClient) -> None:
    person = Beneficiary("ASHA VERMA", "50100000000001", "HDFC0000123", "9000000001", f"C{uuid.uuid4().hex}")
    assert client.register_beneficiary(person).status == "VERIFIED"
    assert client.fetch_beneficiary(person.reference_id).account_number == person.account_number
    with pytest.raises(ProviderRejected, match="already_exists"):
        client.register_beneficiary(person)
    assert client.remove_beneficiary(person.reference_id).status == "DELETED"


def test_a_penny_drop_tells_the_holder_at_once(client: CashfreeClient) -> None:
    told = drop(client, "50100000000001")
    assert (told.status, told.beneficiary_name, told.matching_score) == ("SUCCESS", "ASHA VERMA", 1)
    assert (told.is_name_match, len(told.rrn)) == (True, 12)
    assert drop(client, "50100000000001", "ZOYA KHAN").is_name_match is False


def test_an_invalid_account_is_an_answer(client: CashfreeClient) -> None:
    told = drop(client, "00012345678")
    assert (told.status, told.description, told.beneficiary_name) == ("FAILED", "INVALID_ACCOUNT_FAIL", "")


def test_a_slow_bank_is_asked_again(client: CashfreeClient) -> None:
    begun = drop(client, "99912345678")
    assert begun.status == "PENDING"
    assert client.penny_drop_status(begun.transaction_id).status == "SUCCESS"


def test_trouble_at_the_bank_is_no_refusal(sandbox: Sandbox, upstream) -> None:
    body = b'{"type":"validation_error","code":"npci_unavailable","message":"npci unavailable."}'
    with pytest.raises(ProviderUnavailable, match="npci_unavailable"):
        drop(scripted(sandbox, upstream, Scripted(422, body)), "50100000000001")


def test_an_account_known_for_fraud_is_refused(sandbox: Sandbox, upstream) -> None:
    body = b'{"type":"validation_error","code":"fraud_account","message":"Fraud activity detected."}'
    with pytest.raises(ProviderRejected, match="fraud_account"):
        drop(scripted(sandbox, upstream, Scripted(422, body)), "50100000000001")


def test_amounts_go_out_digit_for_digit(sandbox: Sandbox, upstream) -> None:
    client = scripted(sandbox, upstream)
    with pytest.raises(ProviderMalformed):
        send(client, Decimal("0.10") + Decimal("99999.20"))
    assert b'"transfer_amount":99999.30,' in upstream.received[0][3]


def test_an_address_that_is_not_on_the_list_is_sealed(sandbox: Sandbox, upstream, tmp_path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(public)
    client = sandbox.client(CashfreeClient, public_key_file=str(tmp_path / "key.pem"))
    client.settings = type(client.settings)(upstream.url, client.settings.credentials)
    upstream.plays(Scripted(404, b'{"code":"transfer_id_not_found","message":"unknown"}'))
    assert client.find_payout("L-1") is None
    sealed = base64.b64decode(upstream.received[0][2]["X-Cf-Signature"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    client_id, _, seconds = key.decrypt(sealed, oaep).decode().rpartition(".")
    assert (client_id, seconds.isdecimal()) == (KEYS["payout_client_id"], True)


@pytest.mark.parametrize("key", ["client_secret", "payout_client_secret", "verification_client_secret"])
def test_each_product_has_its_own_key(sandbox: Sandbox, key: str) -> None:
    client = sandbox.client(CashfreeClient, **{key: "another"})
    calls = {
        "client_secret": lambda: client.fetch_order("1"),
        "payout_client_secret": lambda: client.fetch_payout("1"),
        "verification_client_secret": lambda: client.penny_drop_status("1"),
    }
    with pytest.raises(ProviderUnauthorised):
        calls.pop(key)()
    for call in calls.values():
        with pytest.raises(ProviderRejected, match="not_found"):
            call()


def test_another_brand_does_not_see_our_transfer(sandbox: Sandbox, client: CashfreeClient) -> None:
    payout = send(client)
    keys = {name: value.replace(BRAND, "paisapop") for name, value in KEYS.items()}
    with pytest.raises(ProviderRejected, match="not_found"):
        sandbox.client(CashfreeClient, **keys).fetch_payout(payout.id)


def test_call_records_name_nobody(sandbox: Sandbox, client: CashfreeClient) -> None:
    send(client)
    new_link(client)
    place(client)
    drop(client, "50100000000001")
    shown = str([(record.request_body, record.response_body) for record in sandbox.records])
    for personal in ("ASHA", "50100000000001", "9000000001", "asha.verma", "'session_"):
        assert personal not in shown
