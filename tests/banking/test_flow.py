"""From the customer's yes to features: notifications in any order, analysis on a worker."""

import pytest

from app.banking import service, vault
from app.banking.models import BdaReport
from app.core.crypto import encrypt
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.files import get_sealed, storage
from app.providers.aa import KeyMaterial
from tests.banking.aa import Case, any_id, consent_message, new_case, send, session_message
from tests.platform import BRAND, Platform


@pytest.fixture
def case(platform: Platform) -> Case:
    return new_case(platform)


def session_of(case: Case) -> str:
    """The session, once the consent is given and information was asked for."""
    query = """
        SELECT s.session_id FROM aa_session s JOIN aa_consent_request r ON r.id = s.consent_request_id
        WHERE r.loan_id = %s
    """
    return case.platform.until(lambda: case.platform.sql(query, case.loan["id"]), "a session")[0][0]


def link_of(case: Case) -> str:
    """The link of the customer's bank account."""
    query = "SELECT accounts -> 0 ->> 'link_ref_number' FROM aa_session WHERE session_id = %s"
    return case.platform.sql(query, session_of(case))[0][0]


def reports(case: Case) -> list[tuple]:
    return case.platform.sql("SELECT status FROM bda_report WHERE loan_id = %s", case.loan["id"])


def test_it_works(case: Case) -> None:
    bsa = case.analysed()
    assert bsa["consentStatus"] == "APPROVED"
    assert bsa["features"]["salary_credit_count_3m"] in (3, 4)  # four when one falls on today
    assert bsa["features"]["average_salary_3m"] == "61100.00"
    assert len(bsa["lineage"]["average_salary_3m"]) == 3
    assert bsa["report"]["accounts"][0]["ifsc"] == case.app.person["ifsc"]


def test_people_get_a_page_and_a_pdf(case: Case) -> None:
    path = f"/loans/{case.loan['id']}/bsa"
    refused = case.platform.staff().get(f"{path}/page", expect=409)
    assert refused["error"]["code"] == "NO_ANALYSIS"
    case.analysed()
    page = case.platform.staff().get(f"{path}/page").decode()
    assert "₹61,100" in page
    assert page.count("<svg") == 3
    assert case.platform.staff().get(f"{path}/pdf").startswith(b"%PDF-")


def test_it_says_where_it_stands(case: Case) -> None:
    assert case.bsa()["status"] == "NOT_REQUESTED"
    case.ask()
    assert case.bsa()["status"] == "AWAITING_CONSENT"


def test_other_domains_get_features_and_the_memos_prefill(case: Case) -> None:
    with brand_scope(BRAND):
        assert (service.features(case.loan["id"]), service.cam_prefill(case.loan["id"])) == ({}, {})
    case.analysed()
    with brand_scope(BRAND):
        assert service.features(case.loan["id"])["salary_credit_count_3m"] in (3, 4)
        prefill = service.cam_prefill(case.loan["id"])
    assert [prefill[f"salary_amount_{n}"] for n in (1, 2, 3)] == ["61500.00", "60800.00", "61000.00"]
    assert set(prefill) >= {"salary_credit_date_1", "obligations", "next_pay_date"}


def test_what_is_kept_is_encrypted_and_the_key_forgotten(case: Case) -> None:
    case.analysed()
    raw_key, report_key = case.platform.sql(
        "SELECT raw_key, report_key FROM bda_report WHERE loan_id = %s", case.loan["id"]
    )[0]
    for key in (raw_key, report_key):
        stored = storage().get(key)
        assert case.app.person["ifsc"].encode() not in stored
        with brand_scope(BRAND):
            assert case.app.person["ifsc"].encode() in get_sealed(key)
    keys = "SELECT key_material_enc FROM aa_session WHERE session_id = %s"
    assert case.platform.sql(keys, session_of(case)) == [(None,)]


def test_the_signed_consent_is_kept_as_evidence(case: Case) -> None:
    case.analysed()
    with brand_scope(BRAND):
        token = get_sealed(f"{BRAND}/banking/{case.consent()['id']}/consent.enc")
    assert token.count(b".") == 2


@pytest.mark.parametrize(
    ("decision", "status"), [("reject", "REJECTED"), ("approve", "APPROVED")], ids=["no", "yes"]
)
def test_the_answer_is_taken_over(case: Case, decision: str, status: str) -> None:
    case.answer(case.ask(), decision)
    case.until_consent(status)


def test_a_no_is_told(case: Case) -> None:
    case.answer(case.ask(), "reject")
    case.until_consent("REJECTED")
    assert (case.bsa()["status"], case.bsa()["reason"]) == ("FAILED", "The customer did not agree.")


def test_after_a_no_one_may_ask_again(case: Case) -> None:
    first = case.ask()
    case.answer(first, "reject")
    case.until_consent("REJECTED")
    assert case.ask()["id"] != first["id"]


def test_what_a_notification_claims_is_not_believed(case: Case) -> None:
    consent = case.ask()
    send(case.platform, "Consent", consent_message(consent, "ACTIVE"))
    case.platform.drain()
    assert case.consent()["status"] == "PENDING"


def test_notifications_in_the_wrong_order_end_in_the_truth(case: Case) -> None:
    consent = case.ask()
    case.fault("out_of_order", "Consent/Notification")
    case.answer(consent, "approve")
    case.answer(consent, "revoke")
    case.until_consent("REVOKED")
    send(case.platform, "Consent", consent_message(consent, "ACTIVE"))
    case.platform.drain()
    assert case.consent()["status"] == "REVOKED"
    assert reports(case) == []


def test_duplicates_change_nothing(case: Case) -> None:
    case.fault("duplicate", "Consent/Notification")
    case.fault("duplicate", "FI/Notification")
    case.analysed()
    send(case.platform, "FI", session_message(session_of(case)))
    case.platform.drain()
    assert reports(case) == [("READY",)]
    assert len(case.detail()["sessions"]) == 1


def test_a_lost_yes_is_found_when_asked_again(case: Case) -> None:
    consent = case.ask()
    case.fault("no_webhook", "Consent/Notification")
    case.answer(consent, "approve")
    case.ask()
    case.until_consent("APPROVED")


def test_lost_word_that_the_data_is_there_is_made_up_for(case: Case) -> None:
    case.fault("no_webhook", "FI/Notification")
    case.answer(case.ask(), "approve")
    session_of(case)
    case.platform.sql("UPDATE outbox SET available_at = now() WHERE job = 'banking.fetch_information'")
    case.until("READY")


def test_a_session_that_failed_is_told(case: Case) -> None:
    case.fault("no_webhook", "FI/Notification")
    case.answer(case.ask(), "approve")
    message = session_message(session_of(case), "FAILED", "DENIED", link_of(case))
    send(case.platform, "FI", message)
    assert case.until("FAILED")["reason"] == "The aggregator could not collect the statement."


def test_a_session_still_collecting_is_left_alone(case: Case) -> None:
    case.fault("no_webhook", "FI/Notification")
    case.answer(case.ask(), "approve")
    send(case.platform, "FI", session_message(session_of(case), "ACTIVE", "PENDING", link_of(case)))
    case.platform.drain()
    assert case.bsa()["status"] == "FETCHING"


def test_a_consent_taken_back_before_the_fetch_gives_no_statement(case: Case) -> None:
    consent = case.ask()
    case.fault("no_webhook", "FI/Notification")
    case.answer(consent, "approve")
    session_id = session_of(case)
    case.answer(consent, "revoke")
    case.until_consent("REVOKED")
    send(case.platform, "FI", session_message(session_id))
    assert case.until("FAILED")["reason"] == "The consent has ended."


def test_evidence_that_cannot_be_read_is_told(case: Case) -> None:
    with brand_scope(BRAND):
        raw_key = vault.key_of(any_id(), "fi.enc")
        vault.put(raw_key, [{"fi": "<Account type='insurance'/>"}])
        owner = {"customer_id": case.loan["customerId"], "loan_id": case.loan["id"]}
        report = BdaReport.create(**owner, source="ACCOUNT_AGGREGATOR", status="PROCESSING", raw_key=raw_key)
        enqueue("banking.analyse", report_id=report.id)
    assert "cannot be read" in case.until("FAILED")["reason"]


def test_a_statement_for_another_key_is_told(case: Case) -> None:
    case.fault("no_webhook", "FI/Notification")
    case.answer(case.ask(), "approve")
    session_id = session_of(case)
    with brand_scope(BRAND):
        other = encrypt(KeyMaterial.generate().to_json().encode(), "aa_session.key_material_enc")
    case.platform.sql("UPDATE aa_session SET key_material_enc = %s WHERE session_id = %s", other, session_id)
    send(case.platform, "FI", session_message(session_id))
    assert "cannot be decrypted" in case.until("FAILED")["reason"]
