"""A loan costs what its key facts said, however the brand's rules change: the old one keeps its own, a new one has the
new."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import today
from app.core.identity import Role
from app.documents import papers
from app.end_of_day import closing
from app.loans import service as loans
from tests.disbursement.test_disbursement import released, told
from tests.lending import Case, active, approved, at_work, credited
from tests.payments.desk import books_hold
from tests.payments.policies import repaid_by
from tests.payments.test_desk import cheque
from tests.platform import BRAND, Platform

NEW = f"""\
ruleset: charges
brand: {BRAND}
extends: base/charges

parameters:
  returned_mandate_charge: 1200
  gst_percent: 28
  penal_percent_maximum: 20

derive:
  penal_charge_per_day: 90
switch_off: [PENAL_SLAB]
"""
CASES = """\
cases:
  - {id: RETURNED, ruleset: charges, with: {principal: 20000, overdue_amount: 26000, days_past_due: 3, returned_mandate_count: 1}, expect: {outcome: APPROVE, derived: {penal_charge: 180, returned_mandate_charges: 1200, returned_mandate_gst: 336}}}
"""  # noqa: E501


@contextmanager
def charging(platform: Platform) -> Iterator[None]:
    """The brand with other rules for its charges, drafted by one person and approved by another, while a test lasts."""
    maker, checker = platform.staff(Role.CREDIT_EXECUTIVE), platform.staff(Role.SANCTION_HEAD)
    files = {f"brands/{BRAND}/charges.yaml": NEW, f"brands/{BRAND}/cases.yaml": CASES}
    body = {"files": files, "remark": "Costs more"}
    version = maker.post("/policies/charges/versions", expect=201, json=body)
    path = f"/policies/versions/{version['id']}"
    run = maker.post(f"{path}/backtest", expect=202, json={})
    ended = f"/policies/backtests/{run['id']}"
    platform.until(lambda: maker.get(ended)["status"] == "READY", "the backtest")
    maker.post(f"{path}/submit", json={"remark": "Please"})
    checker.post(f"{path}/approve", json={"remark": "Yes"})
    try:
        yield
    finally:
        checker.post(f"{path}/roll-back", json={"remark": "For other tests"})


@dataclass
class Loans:
    """`old` was paid out before the rules changed, `ordered` on its way then, `older` kept no rules; `new` came after.
    `waiting` was approved before and is paid out by nobody."""

    old: Case
    older: Case
    ordered: Case
    waiting: Case
    new: Case


def costs(case: Case) -> dict[str, Any]:
    return case.staff.get(f"/loans/{case.loan_id}/costs")


def key_facts_hold(case: Case) -> bool:
    with at_work():
        loan = loans.get(case.loan_id)
        return papers.says_the_same(papers.latest(loan, "KFS"), loan)


@pytest.fixture(scope="module")
def changed(platform: Platform) -> Iterator[Loans]:
    old, older = active(platform, days_ago=32), active(platform, days_ago=32)
    platform.sql("UPDATE loan SET charges_hash = NULL WHERE id = %s", str(older.loan_id))
    ordered, waiting = released(platform), approved(platform)
    more = {"foreclosurePercent": "4.00", "allocation": ["CHARGE", "PENAL", "INTEREST", "PRINCIPAL"]}
    with charging(platform), repaid_by(platform, **more):
        told(ordered, "processed")
        new = credited(approved(platform), days_ago=32)
        closing.close(BRAND, today())
        yield Loans(old, older, ordered, waiting, new)


OLD = {
    "returnedMandate": "1000.00",
    "returnedMandateGst": "180.00",
    "penalFrom": 2,
    "penalADay": "50.00",
    "penalAtMost": "2000.00",
    "foreclosurePercent": "0.00",
    "paymentOrder": ["INTEREST", "PRINCIPAL", "PENAL", "CHARGE"],
    "isOwn": True,
}
LATER = {
    "returnedMandate": "1200.00",
    "returnedMandateGst": "336.00",
    "penalFrom": 2,
    "penalADay": "90.00",
    "penalAtMost": "2700.00",
    "foreclosurePercent": "4.00",
    "paymentOrder": ["CHARGE", "PENAL", "INTEREST", "PRINCIPAL"],
    "isOwn": True,
}


def test_what_is_told_of_each_is_its_own(changed: Loans):
    for case in (changed.old, changed.older, changed.ordered):
        assert costs(case).items() >= OLD.items()
    assert costs(changed.new).items() >= LATER.items()
    assert costs(changed.new)["rulesetHash"] != costs(changed.old)["rulesetHash"]


def test_until_the_payout_is_ordered_key_facts_and_loan_change_together(changed: Loans):
    assert costs(changed.waiting).items() >= (LATER | {"isOwn": False}).items()
    assert not key_facts_hold(changed.waiting)
    step = changed.waiting.staff.get(f"/loans/{changed.waiting.loan_id}/disbursement")
    assert "KFS_ACCEPTED" in [check["name"] for check in step["checks"] if not check["holds"]]


def test_a_day_past_due_costs_what_it_did(changed: Loans):
    levied = {
        name: [
            entry["debit"]
            for entry in getattr(changed, name).ledger()["entries"]
            if entry["kind"] == "PENAL_CHARGE" and entry["date"] == f"{today()}"
        ]
        for name in ("old", "older", "new")
    }
    assert levied == {"old": ["50.00"], "older": ["50.00"], "new": ["90.00"]}


def test_a_returned_cheque_costs_what_it_did(platform: Platform, changed: Loans):
    admin, body = platform.staff(Role.ADMIN), {"reason": "FUNDS_INSUFFICIENT", "remark": "As the bank says"}
    owed = {}
    for name in ("old", "older", "new"):
        case = getattr(changed, name)
        waits = cheque(case)
        admin.post(f"/payment-approval/{waits['id']}/bounce", once=True, json=body)
        owed[name] = case.app.get(f"/web/loans/{case.loan_id}/outstanding")["charges"]
    assert owed == {"old": "1180.00", "older": "1180.00", "new": "1536.00"}
    books_hold(changed.old, changed.older, changed.new)


def test_a_foreclosure_and_its_tax_cost_what_they_did(platform: Platform, changed: Loans):
    with repaid_by(platform, foreclosurePercent="9"):
        late = active(platform, days_ago=2)
    ahead = today() + timedelta(days=1)
    offered = late.app.get(f"/web/loans/{late.loan_id}/foreclosure?on={ahead}")
    assert (offered["foreclosureCharge"], offered["foreclosureGst"]) == ("1800.00", "504.00")
    offered = changed.ordered.app.get(f"/web/loans/{changed.ordered.loan_id}/foreclosure?on={ahead}")
    assert (offered["foreclosureCharge"], offered["foreclosureGst"]) == ("0.00", "0.00")


def test_a_loan_that_is_not_sanctioned_costs_nothing_yet(platform: Platform):
    app = platform.customer()
    with at_work():
        loan = loans.apply(app.get("/web/me")["id"], 10_000, 20, "MEDICAL")
    refused = platform.staff().get(f"/loans/{loan.id}/costs", expect=409)
    assert refused["error"]["code"] == "NOT_SANCTIONED"
