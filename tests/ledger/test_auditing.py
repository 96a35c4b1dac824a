"""What auditors read: the journal with its lines, and the balances of any day."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.clock import today
from app.core.identity import Role
from app.ledger import auditing, service
from app.loans import service as loans
from tests.lending import Case, active, at_work
from tests.platform import OTHER_BRAND, Platform, Portal


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    """20,000 paid out ten days ago, of which 5,000 came back three days ago."""
    made = active(platform, days_ago=10)
    with at_work():
        loan = loans.get(made.loan_id)
        service.post_payment(loan, Decimal(5_000), today() - timedelta(days=3), f"{loan.loan_no}:part")
    return made


@pytest.fixture
def auditor(platform: Platform) -> Portal:
    return platform.staff(Role.ADMIN)


def journal(auditor: Portal, case: Case, **filters: Any) -> list[dict[str, Any]]:
    told = auditor.get("/ledger/journal", params={"loanId": str(case.loan_id), "sort": "date", **filters})
    return told["items"]


def test_every_entry_has_its_lines_and_they_balance(auditor: Portal, case: Case):
    entries = journal(auditor, case)
    assert [entry["kind"] for entry in entries] == ["DISBURSAL", "INTEREST", "PAYMENT"]
    assert {entry["loanNo"] for entry in entries} == {case.loan["loanNo"]}
    for entry in entries:
        assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in entry["lines"]) == 0
    (paid,) = [line for line in entries[2]["lines"] if line["account"] == "COLLECTION"]
    assert (paid["debit"], paid["credit"]) == ("5000.00", "0.00")


def test_entries_are_found_by_day_kind_account_and_reference(auditor: Portal, case: Case):
    paid_on = str(today() - timedelta(days=3))
    of_day = journal(auditor, case, fromDate=paid_on, toDate=paid_on)
    assert {entry["kind"] for entry in of_day} == {"INTEREST", "PAYMENT"}
    assert journal(auditor, case, toDate=str(today() - timedelta(days=11))) == []
    for filters in ({"kind": "PAYMENT"}, {"account": "COLLECTION"}, {"reference": of_day[1]["reference"]}):
        assert len(journal(auditor, case, **filters)) == 1


def test_the_file_has_the_same_lines(auditor: Portal, case: Case):
    data = auditor.get("/ledger/journal.csv", params={"loanId": str(case.loan_id)})
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    told = [
        (entry["kind"], line["account"], line["debit"], line["credit"])
        for entry in journal(auditor, case)
        for line in entry["lines"]
    ]
    assert sorted((r["kind"], r["account"], r["debit"], r["credit"]) for r in rows) == sorted(told)


def test_a_file_that_is_too_long_is_refused(auditor: Portal, case: Case, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(auditing, "EXPORT_LINES_MAX", 3)
    refused = auditor.get("/ledger/journal.csv", params={"loanId": str(case.loan_id)}, expect=422)
    assert "narrow the days" in refused["error"]["fields"]["fromDate"][0]


def test_balances_of_a_day_are_those_of_its_end(auditor: Portal, case: Case):
    def bank(as_of: int) -> Decimal:
        told = auditor.get("/ledger/trial-balance", params={"asOf": str(today() - timedelta(days=as_of))})
        assert told["difference"] == "0.00"
        return next(Decimal(row["balance"]) for row in told["accounts"] if row["account"] == "COLLECTION")

    assert bank(3) - bank(4) >= 5_000


def test_what_makes_no_sense_is_refused(auditor: Portal):
    wrong = {"fromDate": str(today()), "toDate": str(today() - timedelta(days=1))}
    assert "toDate" in auditor.get("/ledger/journal", params=wrong, expect=422)["error"]["fields"]
    assert "account" in auditor.get("/ledger/journal?account=GOLD", expect=422)["error"]["fields"]


def test_who_may_not_and_another_brand_see_nothing(platform: Platform, case: Case):
    assert platform.staff(Role.CREDIT_EXECUTIVE).get("/ledger/journal", expect=403)
    elsewhere = platform.staff(Role.ADMIN, OTHER_BRAND)
    assert elsewhere.get(f"/ledger/journal?loanId={case.loan_id}", expect=404)
