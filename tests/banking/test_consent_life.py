"""A consent pauses, ends, is withdrawn; with it goes the data, provably. Fetches are as many as it allows."""

import pytest

from app.banking import service
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.files import storage
from tests.banking.aa import Case, new_case
from tests.platform import BRAND, Platform

AGGREGATORS = {"finduit": BRAND, "cart": "fastsalary"}


@pytest.fixture
def case(platform: Platform, request: pytest.FixtureRequest) -> Case:
    return new_case(platform, brand_id=getattr(request, "param", BRAND))


# what the two speak differently; the rest is ours, and the same for both
with_each = pytest.mark.parametrize("case", AGGREGATORS.values(), ids=AGGREGATORS, indirect=True)


def objects(case: Case) -> list[str]:
    """Where the data lies."""
    found = case.platform.sql(
        "SELECT raw_key, report_key FROM bda_report WHERE loan_id = %s", case.loan["id"]
    )
    return [key for row in found for key in row if key]


def run(case: Case, job: str) -> None:
    with brand_scope(case.brand_id):
        enqueue(job)
    case.platform.drain()


@with_each
def test_it_works(case: Case) -> None:
    bsa = case.analysed()
    assert bsa["features"]["average_salary_3m"] == "61100.00"
    detail = case.detail()
    assert (detail["status"], detail["provider"]) == (
        "APPROVED",
        "cart" if case.brand_id != BRAND else "finduit",
    )
    assert [session["status"] for session in detail["sessions"]] == ["DELIVERED"]
    assert detail["sessions"][0]["accounts"][0]["status"] == "DELIVERED"
    assert detail["consentExpiresAt"]
    assert bsa["deleteAfter"]


@with_each
def test_a_refusal_is_taken_over(case: Case) -> None:
    case.answer(case.ask(), "reject")
    case.until_consent("REJECTED")


@with_each
@pytest.mark.parametrize(("decision", "status"), [("revoke", "REVOKED"), ("expire", "EXPIRED")])
def test_the_data_goes_when_the_consent_ends(case: Case, decision: str, status: str) -> None:
    case.analysed()
    keys = objects(case)
    case.answer(case.consent(), decision)
    row = case.platform.until(lambda: _deleted(case), "deletion")
    assert case.consent()["status"] == status
    assert row == ("DELETED", None, None, None, None)
    assert keys
    assert not any(storage().exists(key) for key in keys)
    with brand_scope(case.brand_id):
        assert service.features(case.loan["id"]) == {}


def _deleted(case: Case) -> tuple | None:
    row = case.platform.sql(
        "SELECT status, features, lineage, cam_prefill, report_key FROM bda_report WHERE loan_id = %s",
        case.loan["id"],
    )[0]
    return row if row[0] == "DELETED" else None


def test_the_audit_trail_proves_the_deletion(case: Case) -> None:
    case.analysed()
    keys = objects(case)
    case.act("cancel", remark="Customer asked us to")
    case.platform.until(lambda: _deleted(case), "deletion")
    after = case.platform.sql(
        "SELECT e.after FROM audit_event e JOIN bda_report b ON b.id = e.entity_id"
        " WHERE e.action = 'bank_data.deleted' AND b.loan_id = %s",
        case.loan["id"],
    )
    assert len(after) == 1
    assert after[0][0]["why"] == "REVOKED"
    assert len(after[0][0]["objects"]) == len(keys)


def test_the_data_goes_when_its_life_has_passed(case: Case) -> None:
    case.analysed()
    passed = "UPDATE bda_report SET delete_after = now() - interval '1 minute' WHERE loan_id = %s"
    case.platform.sql(passed, case.loan["id"])
    run(case, "banking.end_consents")
    assert _deleted(case)
    assert case.bsa()["status"] == "DELETED"
    assert case.consent()["status"] == "APPROVED"


def test_a_consent_whose_time_has_passed_expires_without_a_word(case: Case) -> None:
    case.analysed()
    passed = (
        "UPDATE aa_consent_request SET consent_expires_at = now() - interval '1 minute' WHERE loan_id = %s"
    )
    case.platform.sql(passed, case.loan["id"])
    run(case, "banking.end_consents")
    assert case.consent()["status"] == "EXPIRED"
    assert _deleted(case)


def test_a_request_that_nobody_answers_expires(case: Case) -> None:
    case.ask()
    old = "UPDATE aa_consent_request SET created_at = created_at - interval '25 hours' WHERE loan_id = %s"
    case.platform.sql(old, case.loan["id"])
    run(case, "banking.end_consents")
    assert case.consent()["status"] == "EXPIRED"


@with_each
def test_a_session_that_brings_nothing_is_given_up(case: Case) -> None:
    consent = case.ask()
    case.fault("no_webhook", "Consent/Notification" if case.brand_id == BRAND else "notification")
    case.answer(consent, "approve")
    case.fault("no_webhook", "FI/Notification" if case.brand_id == BRAND else "notification")
    case.act("refresh")
    case.platform.until(lambda: case.detail()["sessions"], "a session")
    case.platform.sql(
        "UPDATE aa_session SET created_at = created_at - interval '25 hours' WHERE consent_request_id = %s",
        consent["id"],
    )
    run(case, "banking.end_consents")
    assert case.detail()["sessions"][0]["status"] == "FAILED"
    assert case.bsa()["reason"] == "The aggregator did not deliver in time."


def test_what_is_not_due_stays(case: Case) -> None:
    case.analysed()
    run(case, "banking.end_consents")
    assert (case.consent()["status"], case.bsa()["status"]) == ("APPROVED", "READY")


@with_each
def test_a_paused_consent_keeps_its_data_and_allows_no_fetch(case: Case) -> None:
    case.analysed()
    case.answer(case.consent(), "pause")
    case.until_consent("PAUSED")
    assert all(storage().exists(key) for key in objects(case))
    assert case.act("fetch", expect=409)["error"]["details"] == {"state": "PAUSED"}
    case.answer(case.consent(), "approve")
    case.until_consent("APPROVED")
    assert len(case.detail()["sessions"]) == 1


def test_a_consent_for_once_is_fetched_once(case: Case) -> None:
    case.analysed()
    assert case.act("fetch", expect=409)["error"]["code"] == "FETCHED_ONCE"


def test_a_periodic_consent_is_fetched_as_often_as_it_allows(case: Case) -> None:
    case.analysed("MONITORING")
    refused = case.act("fetch", expect=429)["error"]
    assert refused["details"]["nextAt"]
    earlier = """
        UPDATE aa_session SET created_at = created_at - interval '25 hours'
        WHERE consent_request_id = (SELECT id FROM aa_consent_request WHERE loan_id = %s)
    """
    case.platform.sql(earlier, case.loan["id"])
    case.act("fetch", expect=202)
    case.platform.until(
        lambda: [s["status"] for s in case.detail()["sessions"]] == ["DELIVERED", "DELIVERED"], "second"
    )


@with_each
def test_an_answer_that_got_lost_is_found_by_looking(case: Case) -> None:
    consent = case.ask()
    case.fault("no_webhook", "Consent/Notification" if case.brand_id == BRAND else "notification")
    case.answer(consent, "approve")
    assert case.act("refresh")["status"] == "APPROVED"


def test_a_request_is_withdrawn_with_a_remark(case: Case) -> None:
    consent = case.ask()
    case.act("cancel", expect=422)
    assert case.act("cancel", remark="Asked the wrong person")["status"] == "REVOKED"
    case.act("cancel", expect=409, remark="Once more")
    case.answer(consent, "approve")
    case.platform.drain()
    assert (case.consent()["status"], case.detail()["sessions"]) == ("REVOKED", [])


def test_a_request_on_other_terms_waits_its_turn(case: Case) -> None:
    case.ask()
    case.ask(expect=409, template="MONITORING")
    case.ask(expect=422, template="EVERYTHING")


def test_an_unknown_request_is_not_found(case: Case) -> None:
    other = new_case(case.platform, brand_id="paisapop")
    other.ask()
    case.staff.get(f"/aa/consent-requests/{other.consent()['id']}", expect=404)


WIDE = "UNDERWRITING_WIDE"


@with_each
def test_all_kinds_of_accounts_from_several_banks(case: Case) -> None:
    bsa = case.analysed(WIDE)
    assert bsa["missing"] is None
    held = {holding["kind"]: holding for holding in bsa["report"]["holdings"]}
    assert held["TERM_DEPOSIT"]["principal"] == "50000.00"
    assert held["RECURRING_DEPOSIT"]["instalment"] == "2000.00"
    assert held["CREDIT_CARD"]["credit_limit"] == "150000.00"
    assert bsa["report"]["employment"]["employer"] == "ACME TECHNOLOGIES"
    assert bsa["report"]["employment"]["contributing"] is True
    # card spends are no bank debits
    assert [account["ifsc"] for account in bsa["report"]["accounts"]] == [case.app.person["ifsc"]]


@with_each
def test_what_one_bank_does_not_deliver_is_named(case: Case) -> None:
    bsa = case.analysed(WIDE, unavailableFips=["ICICI-FIP"])
    assert {account["fipId"] for account in bsa["missing"]} == {"ICICI-FIP"}
    assert all(account["reason"] for account in bsa["missing"])
    assert case.detail()["sessions"][0]["status"] == "PARTIAL"
    assert bsa["features"]["average_salary_3m"] == "61100.00"


@with_each
def test_what_is_encrypted_for_somebody_else_is_named(case: Case) -> None:
    bsa = case.analysed(WIDE, wrongKeyFips=["EPFO-FIP"])
    assert [(account["fipId"], account["status"]) for account in bsa["missing"]] == [("EPFO-FIP", "MISSING")]
    assert "cannot be decrypted" in bsa["missing"][0]["reason"]
    assert bsa["report"]["employment"] is None


def test_when_nothing_can_be_opened_there_is_no_statement(case: Case) -> None:
    case.answer(case.ask(), "approve", wrongKeyFips=["HDFC-FIP"])
    assert "cannot be decrypted" in case.until("FAILED")["reason"]


@with_each
def test_a_tampered_notification_is_refused_and_changes_nothing(case: Case) -> None:
    consent = case.ask()
    operation, provider = (
        ("Consent/Notification", "finduit") if case.brand_id == BRAND else ("notification", "cart_aa")
    )
    case.fault("bad_signature", operation)
    case.answer(consent, "approve")
    refused = case.platform.until(lambda: _first_try(case, provider, consent), "a try")
    assert refused["status"] == 400
    case.platform.drain()
    assert case.consent()["status"] == "PENDING"


def _first_try(case: Case, provider: str, consent: dict) -> dict | None:
    sent = case.platform.sandbox.call("GET", "/__sandbox__/webhooks", params={"provider": provider})
    mine = [one for one in sent["webhooks"] if consent["consentHandle"] in one["body"]]
    return mine[0]["tries"][0] if mine and mine[0]["tries"] else None


@with_each
def test_a_replayed_notification_changes_nothing(case: Case) -> None:
    case.analysed()
    provider = "finduit" if case.brand_id == BRAND else "cart_aa"
    before = case.detail()
    again = case.platform.sandbox.call(
        "POST", "/__sandbox__/webhooks/resend", expect=202, json={"provider": provider}
    )
    case.platform.until(lambda: _tries(case, provider, again["webhooks"][0]["eventId"]) >= 2, "the replay")
    assert case.detail() == before


def _tries(case: Case, provider: str, event_id: str) -> int:
    sent = case.platform.sandbox.call("GET", "/__sandbox__/webhooks", params={"provider": provider})[
        "webhooks"
    ]
    return next(len(one["tries"]) for one in sent if one["eventId"] == event_id)
