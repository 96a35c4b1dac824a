"""Maker and checker, the ways that a payout can take, the checklist, and the queue of Loan Ops."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from peewee import IntegrityError

from app.brands import service as brands
from app.core.clock import today
from app.core.diagrams import mermaid
from app.core.identity import Role
from app.customers import service as customers
from app.disbursement.checklist import CHECKS
from app.disbursement.models import DisbursalOrder
from app.disbursement.states import PAYOUT
from app.kyc.models import UserBankAccount, UserVpa
from app.loans import service as loans
from tests.lending import Case, accept_key_facts, approved, at_work
from tests.platform import BRAND, Platform

DOCS = Path(__file__).parents[2] / "docs/disbursement.md"


@pytest.fixture
def case(platform: Platform) -> Case:
    return approved(platform)


def path(case: Case, order: dict[str, Any] | None = None, act: str = "") -> str:
    return f"/loans/{case.loan_id}/disbursement" + (f"/{order['id']}/{act}" if order else "")


def propose(case: Case, expect: int = 201, **order: Any) -> dict[str, Any]:
    return case.staff.post(path(case), once=True, expect=expect, json=order)


def release(case: Case, order: dict[str, Any], expect: int = 202) -> dict[str, Any]:
    checker = case.platform.staff(Role.SUPER_ADMIN)
    return checker.post(path(case, order, "release"), once=True, expect=expect)


def described(case: Case) -> dict[str, Any]:
    return case.staff.get(path(case))


def queued(case: Case, **filters: str) -> dict[str, Any] | None:
    filters |= {"search": case.loan["loanNo"]}
    items = case.staff.get("/disbursements", params=filters)["items"]
    return items[0] if items else None


def test_it_works(case: Case):
    order = propose(case, rail="NEFT", remark="Bank of the customer is slow by IMPS")
    assert (order["status"], order["rail"], order["channel"]) == ("PROPOSED", "NEFT", "ONLINE")
    assert case.loan["status"] == "APPROVED"
    payout = release(case, order)
    assert (payout["mode"], payout["status"]) == ("NEFT", "PENDING")
    (decided,) = described(case)["orders"]
    assert decided["status"] == "RELEASED"
    assert decided["decidedBy"] != decided["proposedBy"] == case.staff.user["id"]


def test_who_proposed_does_not_release(case: Case):
    order = propose(case)
    refused = case.staff.post(path(case, order, "release"), once=True, expect=403)
    assert refused["error"]["code"] == "MAKER_IS_CHECKER"
    assert described(case)["payouts"] == []


def test_the_database_holds_maker_and_checker_apart(case: Case):
    order = propose(case)
    with pytest.raises(IntegrityError, match="disbursal_order_check"), at_work():
        DisbursalOrder.find(order["id"]).change(status="RELEASED", decided_by=order["proposedBy"])


def test_a_rejected_order_tells_why_and_another_can_follow(case: Case):
    order = propose(case)
    body = {"reason": "Pay by NEFT, IMPS of this bank is down"}
    assert case.staff.post(path(case, order, "reject"), json=body)["reason"] == body["reason"]
    release(case, order, expect=409)
    release(case, propose(case, rail="NEFT"))


def test_a_reject_needs_a_reason(case: Case):
    case.staff.post(path(case, propose(case), "reject"), expect=422, json={})


def test_one_order_waits_at_a_time(case: Case):
    propose(case)
    assert propose(case, expect=409)["error"]["code"] == "ORDER_WAITS"


def test_what_held_in_the_morning_must_hold_at_the_release(case: Case):
    order = propose(case)
    with at_work():
        loans.get(case.loan_id).change(due_date=today() + timedelta(days=2))
    answer = release(case, order, expect=409)
    assert answer["error"]["details"]["failed"] == ["KFS_ACCEPTED", "DUE_DATE_IN_WINDOW"]
    assert described(case)["orders"][0]["status"] == "PROPOSED"


def test_a_rail_carries_only_so_much(case: Case):
    with at_work():
        loan = loans.get(case.loan_id)
        loan.change(sanctioned_amount=Decimal("200000"), repayment_amount=Decimal("260000"))
        loan.change(net_disbursal=Decimal("197640"))
    accept_key_facts(case.loan_id)
    answer = propose(case, expect=422, rail="UPI")
    assert (answer["error"]["code"], list(answer["error"]["fields"])) == ("ABOVE_RAIL_LIMIT", ["rail"])
    propose(case, rail="IMPS")


def test_an_account_of_somebody_else_cannot_be_chosen(platform: Platform, case: Case):
    stranger = approved(platform)
    with at_work():
        other = UserBankAccount.get(UserBankAccount.customer_id == stranger.customer_id)
    propose(case, expect=404, bankAccountId=str(other.id))


def test_a_chosen_account_is_paid(platform: Platform, case: Case):
    (account,) = described(case)["accounts"]
    order = propose(case, bankAccountId=account["id"])
    assert order["bankAccountId"] == account["id"]


def name_upi_id(case: Case, vpa: str) -> None:
    with at_work():
        UserVpa.create(
            customer_id=case.customer_id, vpa=vpa, vpa_hash=vpa, name_match_percent=100, verified=True
        )


def test_a_failed_payout_is_retried_to_a_upi_id(platform: Platform):
    case = approved(platform, account="0000")
    release(case, propose(case))
    platform.until(lambda: case.loan["status"] == "APPROVED", "the failure")
    assert propose(case, expect=422, rail="UPI")["error"]["code"] == "NO_UPI_ID"
    name_upi_id(case, "9876543210@okaxis")
    assert propose(case, expect=422, rail="UPI", channel="OFFLINE")["error"]["code"] == "UPI_IS_ONLINE"
    assert described(case)["upiIds"] == [{"vpa": "9***@okaxis", "nameMatchPercent": 100}]
    release(case, propose(case, rail="UPI"))
    platform.until(lambda: case.loan["status"] == "ACTIVE", "the loan to be active")
    assert [payout["mode"] for payout in described(case)["payouts"]] == ["UPI", "IMPS"]


def test_a_brand_says_which_rails_it_uses(case: Case, monkeypatch: pytest.MonkeyPatch):
    name_upi_id(case, "9876543210@okaxis")
    settings = brands.settings
    known = {"rails": ["NEFT"]}
    monkeypatch.setattr(
        brands, "settings", lambda: settings() | {"disbursal": settings()["disbursal"] | known}
    )
    assert propose(case, expect=422)["error"]["code"] == "RAIL_NOT_OFFERED"


def test_three_attempts_are_all(platform: Platform):
    case = approved(platform, account="0000")
    name_upi_id(case, "9876540000@okaxis")
    for rail in ("IMPS", "NEFT", "UPI"):
        release(case, propose(case, rail=rail))
        platform.until(lambda: case.loan["status"] == "APPROVED", "the failure")
    assert described(case)["attemptsLeft"] == 0
    assert propose(case, expect=409, rail="IMPS")["error"]["code"] == "ATTEMPTS_USED_UP"
    references = {payout["reference"] for payout in described(case)["payouts"]}
    assert len(references) == 3


def test_what_holds_no_longer_is_signed_anew(platform: Platform, case: Case):
    """The Key Facts Statement told less than a credit today costs: the customer gets today's to sign."""
    case.staff.post(path(case) + "/sign-anew", expect=409)
    with at_work():
        loans.get(case.loan_id).change(repayment_amount=Decimal("25999.00"))
    case.staff.post(path(case) + "/sign-anew", expect=202)
    platform.until(lambda: case.loan["agreementStatus"] == "SENT", "the new agreement")
    assert case.loan["repaymentAmount"] == "26000.00"
    assert propose(case, expect=409)["error"]["details"]["failed"] == ["AGREEMENT_SIGNED"]


def _policy(section: str = "disbursal", **changes: Any) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        statement = "UPDATE brand SET settings = settings || %s::jsonb WHERE id = %s"
        case.platform.sql(statement, json.dumps({section: changes}), BRAND)

    return change


def _long_ago(case: Case, entity: str, state: str) -> None:
    case.platform.sql(
        "UPDATE state_change SET created_at = created_at - interval '40 days'"
        " WHERE entity = %s AND entity_id = %s AND to_state = %s",
        entity,
        str(case.loan_id),
        state,
    )


# What is wrong with a loan, and the check that says so.
WRONG = {
    "NOT_BLACKLISTED": lambda case: customers.get(case.customer_id).change(is_blacklisted=True),
    "AMOUNTS_AS_SIGNED": lambda case: loans.get(case.loan_id).change(repayment_amount=Decimal("25999.00")),
    "SANCTION_VALID": lambda case: _long_ago(case, "loan", "APPROVED"),
    "KFS_VALID": lambda case: _long_ago(case, "agreement", "SIGNED"),
    "MANDATE_REGISTERED": _policy("mandate", need="REQUIRED"),
    "REFERENCES_CONFIRMED": _policy(referencesConfirmed=1),
    "OTHER_PHONE_CONFIRMED": _policy(alternatePhoneConfirmed=True),
    "PAYING_DAY": _policy(holidays=[today().isoformat()]),
}
# Other terms than those accepted are another check's as well.
ALSO = {"AMOUNTS_AS_SIGNED": ["KFS_ACCEPTED"]}


@pytest.mark.parametrize("name", WRONG)
def test_a_check_says_what_is_wrong(platform: Platform, case: Case, name: str):
    kept = platform.sql("SELECT settings::text FROM brand WHERE id = %s", BRAND)[0][0]
    try:
        with at_work():
            WRONG[name](case)
        failed = [name, *ALSO.get(name, [])]
        assert propose(case, expect=409)["error"]["details"]["failed"] == failed
        assert [check["name"] for check in described(case)["checks"] if not check["holds"]] == failed
        assert queued(case)["missing"] == failed
    finally:
        platform.sql("UPDATE brand SET settings = %s::jsonb WHERE id = %s", kept, BRAND)


def test_the_queue_follows_a_loan(platform: Platform, case: Case):
    assert queued(case)["stage"] == "TO_PROPOSE"
    order = propose(case, channel="OFFLINE")
    waits = queued(case, stage="TO_RELEASE", channel="OFFLINE")
    assert (waits["stage"], waits["ageDays"], waits["missing"]) == ("TO_RELEASE", 0, [])
    assert queued(case, stage="TO_PROPOSE") is None
    release(case, order)
    assert queued(case)["stage"] == "ON_ITS_WAY"
    platform.sql(
        "UPDATE payout SET created_at = now() - interval '1 hour' WHERE loan_id = %s", str(case.loan_id)
    )
    assert queued(case)["stage"] == "UNKNOWN_OUTCOME"


def test_a_failed_loan_waits_for_another_try(platform: Platform):
    case = approved(platform, account="0000")
    release(case, propose(case))
    platform.until(lambda: case.loan["status"] == "APPROVED", "the failure")
    assert queued(case)["stage"] == "TO_RETRY"


def test_the_counts_name_every_stage(case: Case):
    counts = {row["stage"]: row for row in case.staff.get("/disbursements/counts")}
    assert list(counts) == ["TO_PROPOSE", "TO_RETRY", "TO_RELEASE", "ON_ITS_WAY", "UNKNOWN_OUTCOME"]
    assert counts["TO_PROPOSE"]["count"] >= 1
    assert Decimal(counts["TO_PROPOSE"]["amount"]) >= Decimal("17640.00")


def test_the_documented_states_are_those_of_a_payout():
    assert mermaid(PAYOUT) in DOCS.read_text(encoding="utf-8")


def test_the_documented_checklist_is_the_one_that_is_asked():
    rows = re.findall(r"^\| ([A-Z_]+) \| (.+?) \| (.+?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row for row in rows if row[0] in {c.name for c in CHECKS}] == [
        (check.name, check.reads, check.sentence) for check in CHECKS
    ]
