"""A loan that is paid in full is closed, once, with its certificate."""

from datetime import timedelta
from decimal import Decimal

import pytest

import rules
from app.closure import service
from app.core.clock import today
from app.core.errors import Conflict
from app.core.identity import Role
from app.core.outbox import enqueue
from app.ledger import plan
from app.ledger import service as ledger
from app.loans import service as loans
from app.payments import bounces
from app.policies import service as policies
from tests.lending import Case, active, at_work
from tests.platform import Platform


def paid(platform: Platform, days_ago: int = 0, amount: str = "20000.00") -> Case:
    case = active(platform, days_ago=days_ago)
    with at_work():
        loan = loans.get(case.loan_id)
        ledger.post_payment(loan, Decimal(amount), today() - timedelta(days=days_ago), f"{loan.loan_no}:pay")
        loans.move(case.loan_id, "PAID")
    return case


def close(case: Case) -> None:
    with at_work():
        enqueue("closure.close_loan", loan_id=case.loan_id)
    case.platform.drain()


def certificates(case: Case) -> list[dict]:
    documents = case.app.get(f"/web/loans/{case.loan_id}/documents")
    return [document for document in documents if document["kind"] == "NOC"]


def test_it_works(platform: Platform):
    case = paid(platform)
    close(case)
    assert case.loan["status"] == "COMPLETED"
    assert case.loan["closedAt"]
    (noc,) = certificates(case)
    assert case.app.get(f"/web/loans/{case.loan_id}/documents/{noc['id']}/file").startswith(b"%PDF-")


def test_closing_twice_closes_once(platform: Platform):
    case = paid(platform)
    close(case)
    close(case)
    assert len(certificates(case)) == 1
    assert case.states().count("COMPLETED") == 1


def test_the_certificate_is_mailed(platform: Platform):
    case = paid(platform)
    close(case)
    mails = case.app.sandbox.messages(f"{case.customer_id}@mail.example")
    (mail,) = [mail for mail in mails if "No-objection" in mail["subject"]]
    assert len(mail["attachments"]) == 2, "no objection, and no dues"


def test_a_debt_keeps_the_loan_open(platform: Platform):
    case = paid(platform, amount="19999.99")
    with pytest.raises(Conflict, match=r"0\.01 is still outstanding"), at_work():
        service.close(case.loan_id)
    assert case.loan["status"] == "PAID"
    assert certificates(case) == []


def test_a_closed_loan_allows_another(platform: Platform):
    case = paid(platform)
    close(case)
    body = {"amount": "10000.00", "tenureDays": 20, "purpose": "TRAVEL"}
    again = case.app.post("/web/loans", once=True, expect=201, json=body)
    assert again["status"] == "APPLIED"
    # the ladder goes up from the last loan, which was repaid in time, however late it was closed
    with at_work():
        known = loans.facts(loans.get(again["id"]))
        said = rules.decide(policies.ruleset_for("bre", case.customer_id), known)
    assert (known["completed_loan_count"], known["on_time_loan_streak"]) == (1, 1)
    assert said.derived["ladder_amount"] == Decimal("22000")


# how a loan ends without being paid in full -> what its customer reads of it
ENDS = {"SETTLED": "is settled", "WRITE_OFF": None}


@pytest.mark.parametrize("status", ENDS)
def test_a_loan_that_was_not_repaid_ends_without_a_certificate_and_counts_against_the_next(
    platform: Platform, status: str
):
    case = active(platform, days_ago=40)
    give_up = {"SETTLED": ledger.settle, "WRITE_OFF": ledger.write_off}[status]
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    with at_work(role=Role.COLLECTION_HEAD):
        loan = loans.get(case.loan_id)
        with pytest.raises(Conflict, match="still outstanding"):
            service.end_in(loan, status)
        give_up(loan, today(), f"{loan.loan_no}:{status}")
        service.end_in(loan, status)
    assert platform.sql(
        "SELECT count(*) FROM outbox WHERE job = 'mandates.end_for_loan' AND args->>'loan_id' = %s",
        str(case.loan_id),
    ) == [(1,)]
    case.platform.drain()
    assert (case.loan["status"], certificates(case)) == (status, [])
    # what is lost was not paid
    assert (case.ledger()["timeline"][0]["paidAt"] is None) == (status == "WRITE_OFF")
    mails = [mail["subject"] for mail in case.app.sandbox.messages(f"{case.customer_id}@mail.example")]
    assert any("is settled" in subject for subject in mails) == bool(ENDS[status])
    body = {"amount": "10000.00", "tenureDays": 20, "purpose": "TRAVEL"}
    again = case.app.post("/web/loans", once=True, expect=201, json=body)
    with at_work():
        known = loans.facts(loans.get(again["id"]))
        said = rules.decide(policies.ruleset_for("bre", case.customer_id), known)
    assert (known["lost_loan_count"], said.outcome) == (1, "REJECT")
    assert "LOAN_LOST" in [reason.rule_id for reason in said.reasons]


def test_a_rupee_on_what_was_lost_pays_no_instalment(platform: Platform):
    case = active(platform, days_ago=40)
    with at_work(role=Role.COLLECTION_HEAD):
        loan = loans.get(case.loan_id)
        ledger.write_off(loan, today() - timedelta(days=1), f"{loan.loan_no}:lost")
        left = ledger.post_payment(loan, Decimal(1), today(), f"{loan.loan_no}:1")
        assert (left.total, left.lost > 0) == (0, True)
        assert plan.of_loan(loan.id)[0].paid_at is None
        ledger.post_payment(loan, left.lost, today(), f"{loan.loan_no}:2")
        assert plan.of_loan(loan.id)[0].paid_at


def test_a_debit_that_is_returned_when_all_is_paid_costs_nothing(platform: Platform):
    case = paid(platform)
    with at_work():
        assert bounces.charge(loans.get(case.loan_id), f"{case.loan_id}") == 0
    close(case)
    assert case.loan["status"] == "COMPLETED"
