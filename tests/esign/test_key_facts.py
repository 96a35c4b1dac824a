"""The key facts come before the signature: offered, accepted in the version that holds, and proven."""

from decimal import Decimal

from app.core.identity import Role
from app.core.outbox import enqueue
from app.disbursement import checklist
from app.loans import service as loans
from tests.lending import Case, accept_key_facts, approved, at_work
from tests.platform import OTHER_BRAND, Platform


def offered(platform: Platform) -> Case:
    case = approved(platform, agreement="NOT_SENT")
    offer(case)
    return case


def offer(case: Case) -> None:
    with at_work():
        enqueue("esign.send_agreement", loan_id=case.loan_id)
    case.platform.drain()


def key_facts(case: Case, expect: int = 200) -> dict:
    return case.app.get(f"/web/loans/{case.loan_id}/key-facts", expect=expect)


def accept(case: Case, version: int, expect: int = 200) -> dict:
    return case.app.post(
        f"/web/loans/{case.loan_id}/key-facts/accept", json={"version": version}, expect=expect
    )


def status(case: Case) -> str:
    return case.app.get(f"/web/loans/{case.loan_id}/agreement")["agreementStatus"]


def kinds(case: Case) -> list[str]:
    return [document["kind"] for document in case.app.get(f"/web/loans/{case.loan_id}/documents")]


def test_nothing_is_sent_to_sign_before_they_are_accepted(platform: Platform):
    case = offered(platform)
    assert status(case) == "NOT_SENT"
    assert {"KFS", "SANCTION_LETTER", "REPAYMENT_SCHEDULE"} <= set(kinds(case))
    assert key_facts(case)["acceptedAt"] is None
    accepted = accept(case, 1)
    assert accepted["acceptedAt"]
    platform.drain()
    assert status(case) == "SENT"


def test_they_are_mailed_with_the_sanction_letter(platform: Platform):
    case = offered(platform)
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    (mail,) = [mail for mail in mails if mail["subject"].startswith("The key facts")]
    assert len(mail["attachments"]) == 3


def test_offering_and_accepting_twice_does_so_once(platform: Platform):
    case = offered(platform)
    offer(case)
    assert kinds(case).count("KFS") == 1
    assert accept(case, 1)["acceptedAt"] == accept(case, 1)["acceptedAt"]
    rows = platform.sql("SELECT version, ip FROM kfs_acceptance WHERE loan_id = %s", str(case.loan_id))
    assert rows == [(1, "127.0.0.1")]


def test_a_version_that_does_not_hold_is_not_accepted(platform: Platform):
    case = offered(platform)
    assert accept(case, 2, expect=409)["error"]["code"] == "KFS_SUPERSEDED"


def test_terms_that_changed_are_offered_anew(platform: Platform):
    case = offered(platform)
    with at_work():
        loans.get(case.loan_id).change(repayment_amount=Decimal("25900.00"))
    assert accept(case, 1, expect=409)["error"]["code"] == "KFS_SUPERSEDED"
    offer(case)
    assert key_facts(case)["version"] == 2
    accept(case, 2)


def test_an_acceptance_does_not_hold_for_other_terms(platform: Platform):
    """The checklist before the payout sees it."""
    case = approved(platform)
    with at_work():
        loan = loans.get(case.loan_id)
        assert "KFS_ACCEPTED" not in [check.name for check in checklist.failing(loan)]
        loan.change(processing_fee=Decimal("1999.00"), net_disbursal=Decimal("17641.00"))
        assert "KFS_ACCEPTED" in [check.name for check in checklist.failing(loan)]


def test_before_they_are_offered_there_are_none(platform: Platform):
    case = approved(platform, agreement="NOT_SENT")
    key_facts(case, expect=404)
    accept(case, 1, expect=404)
    case.staff.get(f"/loans/{case.loan_id}/key-facts", expect=404)


def test_a_loan_that_ended_takes_no_acceptance(platform: Platform):
    case = offered(platform)
    case.app.post(f"/web/loans/{case.loan_id}/cancel")
    assert accept(case, 1, expect=409)["error"]["code"] == "KFS_NOT_DUE"


def test_staff_see_when_they_were_accepted_and_others_do_not(platform: Platform):
    case = approved(platform)
    assert case.staff.get(f"/loans/{case.loan_id}/key-facts")["acceptedAt"]
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"/loans/{case.loan_id}/key-facts", expect=404)
    platform.customer().get(f"/web/loans/{case.loan_id}/key-facts", expect=404)


def test_they_are_in_the_customers_language(platform: Platform):
    case = approved(platform, agreement="NOT_SENT")
    case.app.patch("/web/profile", json={"preferredLanguage": "hi"})
    offer(case)
    assert key_facts(case)["language"] == "hi"
    accept_key_facts(case.loan_id)
    platform.drain()
    documents = case.app.get(f"/web/loans/{case.loan_id}/documents")
    assert {d["language"] for d in documents if d["version"]} == {"hi"}
