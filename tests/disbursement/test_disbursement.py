"""Money goes out once: releasing, the bank's answer, and everything that can come late, twice or never."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from peewee import IntegrityError

from app.core.clock import now, today
from app.core.identity import Role
from app.core.outbox import enqueue
from app.demo.client import Portal
from app.disbursement import service
from app.disbursement.models import Payout
from app.ledger import service as ledger
from app.loans import service as loans
from app.providers import money
from tests.lending import Case, approved, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform


def propose(case: Case, expect: int = 201, **order: Any) -> dict[str, Any]:
    return case.staff.post(f"/loans/{case.loan_id}/disbursement", once=True, expect=expect, json=order)


def release(case: Case, expect: int = 202, **order: Any) -> dict[str, Any]:
    """Proposed by one administrator, released by another."""
    path = f"/loans/{case.loan_id}/disbursement/{propose(case, **order)['id']}/release"
    return checker(case).post(path, once=True, expect=expect)


def checker(case: Case) -> Portal:
    return case.platform.staff(Role.SUPER_ADMIN)


def payouts(case: Case) -> list[dict[str, Any]]:
    return case.staff.get(f"/loans/{case.loan_id}/payouts")


def until(case: Case, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        loan = case.loan
        return loan if loan["status"] == status else None

    return case.platform.until(reached, f"the loan to be {status}")


def fault(case: Case, name: str, operation: str | None = None, times: int = 1) -> None:
    body = {"provider": "razorpay", "fault": name, "operation": operation, "match": case.loan["loanNo"]}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=body | {"times": times}, expect=201)


def at_provider(case: Case) -> list[dict[str, Any]]:
    """The payouts that the provider has under the reference of the newest attempt."""
    credentials = case.platform.settings.provider("razorpay", BRAND).credentials
    query = {"account_number": credentials["account_number"], "reference_id": payouts(case)[0]["reference"]}
    pair = (credentials["key_id"], credentials["key_secret"])
    return case.app.sandbox.call("GET", "/razorpay/v1/payouts", params=query, auth=pair)["items"]


def times_sent(platform: Platform) -> int:
    """How often any payout was handed to the provider so far."""
    query = {"provider": "razorpay", "operation": "create_payout"}
    return len(platform.sandbox.call("GET", "/__sandbox__/calls", params=query)["calls"])


def told(case: Case, status: str, utr: str | None = "412345678901", amount: str | None = None) -> None:
    """What the provider says of the newest payout."""
    with at_work():
        payout = service.of_loan(case.loan_id)[0]
        service.hear(
            money.Payout(
                id="pout_00000000000001",
                reference_id=payout.reference,
                amount=Decimal(amount) if amount else payout.amount,
                status=status,
                mode="IMPS",
                utr=utr,
                fees=None,
                tax=None,
                reason=None,
                description=None,
                notes={},
                created_at=now(),
            ),
            now(),
        )


def released(platform: Platform) -> Case:
    """A loan whose payout waits to be sent: no job has run yet."""
    case = approved(platform)
    with at_work(role=Role.ADMIN):
        order = service.propose(
            case.loan_id, rail="IMPS", channel="ONLINE", bank_account_id=None, remark=None
        )
    with at_work(role=Role.SUPER_ADMIN):
        service.release(case.loan_id, order.id)
    return case


def test_it_works(platform: Platform):
    case = approved(platform)
    payout = release(case)
    assert (payout["status"], payout["amount"]) == ("PENDING", "17640.00")
    assert payout["reference"] == f"{case.loan['loanNo']}-D1"
    loan = until(case, "ACTIVE")
    assert loan["disbursedAt"]
    assert case.outstanding == Decimal("20000.00")
    (settled,) = payouts(case)
    assert settled["status"] == "SUCCESS"
    assert settled["utr"]


def test_the_loan_took_every_step(platform: Platform):
    case = approved(platform)
    release(case)
    until(case, "ACTIVE")
    assert case.states()[-3:] == ["DISBURSAL_IN_PROCESS", "DISBURSED", "ACTIVE"]


def test_the_ledger_has_the_fee_and_the_tax(platform: Platform):
    case = approved(platform)
    release(case)
    until(case, "ACTIVE")
    booked = case.platform.sql(
        "SELECT account, debit - credit FROM journal_line l JOIN journal_entry e"
        " ON e.brand_id = l.brand_id AND e.id = l.entry_id WHERE e.loan_id = %s",
        str(case.loan_id),
    )
    assert dict(booked) == {
        "PRINCIPAL": Decimal("20000.00"),
        "BANK": Decimal("-17640.00"),
        "FEE_INCOME": Decimal("-2000.00"),
        "GST_PAYABLE": Decimal("-360.00"),
    }


def test_the_customer_is_told_the_banks_reference(platform: Platform):
    case = approved(platform)
    release(case)
    until(case, "ACTIVE")
    platform.drain()
    utr = payouts(case)[0]["utr"]
    assert any(utr in message["text"] for message in case.app.sandbox.messages(case.app.person["phone"]))


# What is taken away from a loan that is ready, and the check that then fails.
MISSING = {
    "AGREEMENT_SIGNED": {"agreement_status": "SENT"},
    "TERMS_COMPLETE": {"roi_percent_per_day": None},
    "AMOUNTS_ADD_UP": {"net_disbursal": Decimal("17640.01")},
    "DUE_DATE_IN_WINDOW": {"due_date": today() + timedelta(days=6)},
}


@pytest.mark.parametrize("check", MISSING)
def test_a_failing_check_is_named(platform: Platform, check: str):
    case = approved(platform)
    with at_work():
        loans.get(case.loan_id).change(**MISSING[check])
    answer = propose(case, expect=409)
    assert answer["error"]["code"] == "CHECKLIST_FAILED"
    # other terms than those accepted are that check's as well
    assert set(answer["error"]["details"]["failed"]) - {"KFS_ACCEPTED"} == {check}
    assert payouts(case) == []


def test_an_account_of_somebody_else_is_not_paid(platform: Platform):
    case = approved(platform)
    platform.sql(
        "UPDATE user_bank_account SET verified = false WHERE customer_id = %s", str(case.customer_id)
    )
    assert propose(case, expect=409)["error"]["details"]["failed"] == ["OWN_ACCOUNT_VERIFIED"]


def test_a_loan_that_nobody_sanctioned_is_not_paid(platform: Platform):
    case = approved(platform)
    platform.sql("DELETE FROM state_change WHERE entity_id = %s AND to_state = 'APPROVED'", str(case.loan_id))
    assert propose(case, expect=409)["error"]["details"]["failed"] == ["SANCTION_PRESENT"]


def test_releasing_twice_pays_once(platform: Platform):
    case = approved(platform)
    release(case)
    assert propose(case, expect=409)["error"]["details"]["failed"] == ["LOAN_APPROVED"]
    until(case, "ACTIVE")
    assert len(payouts(case)) == 1


def test_the_same_request_twice_gets_the_same_answer(platform: Platform):
    case = approved(platform)
    path = case.staff.path(f"/loans/{case.loan_id}/disbursement/{propose(case)['id']}/release")
    headers = checker(case)._headers | {"Idempotency-Key": "release-once"}
    answers = [case.staff.api.call("POST", path, expect=202, headers=headers) for _ in "12"]
    assert answers[0] == answers[1]


def test_without_a_key_nothing_is_released(platform: Platform):
    case = approved(platform)
    order = propose(case)
    case.staff.post(f"/loans/{case.loan_id}/disbursement", expect=422, json={})
    checker(case).post(f"/loans/{case.loan_id}/disbursement/{order['id']}/release", expect=422)


def test_sending_the_payout_twice_sends_it_once(platform: Platform):
    case, before = released(platform), times_sent(platform)
    with at_work():
        enqueue("disbursement.send_payout", payout_id=payouts(case)[0]["id"])
    until(case, "ACTIVE")
    platform.drain()
    assert times_sent(platform) - before == 1


def test_a_worker_that_died_after_the_call_pays_once(platform: Platform):
    """The provider has the payout, nothing of it was committed here, and its webhooks are lost too."""
    case = released(platform)
    fault(case, "no_webhook", times=2)
    with pytest.raises(RuntimeError, match="killed"), at_work():
        _send_and_die(case)
    assert payouts(case)[0]["status"] == "PENDING"
    until(case, "ACTIVE")
    assert len(at_provider(case)) == 1


def _send_and_die(case: Case) -> None:
    service.send(payouts(case)[0]["id"])
    raise RuntimeError("killed")


def test_a_lost_answer_is_looked_for(platform: Platform):
    case = released(platform)
    before = times_sent(platform)
    fault(case, "malformed", "create_payout")
    fault(case, "no_webhook", times=2)
    until(case, "ACTIVE")
    assert (len(at_provider(case)), times_sent(platform) - before) == (1, 1)


def test_a_provider_that_is_down_is_asked_again(platform: Platform):
    case = released(platform)
    fault(case, "500", "create_payout")
    platform.drain()
    assert payouts(case)[0]["status"] == "PENDING"
    until(case, "ACTIVE")


def test_a_payout_that_fails_gives_the_loan_back(platform: Platform):
    case = approved(platform, account="0000")
    release(case)
    loan = until(case, "APPROVED")
    assert loan["disbursedAt"] is None
    assert payouts(case)[0]["status"] == "FAILED"
    assert payouts(case)[0]["failureReason"]
    assert case.ledger()["entries"] == []


def test_a_failed_payout_can_be_tried_again_on_another_rail_under_a_new_reference(platform: Platform):
    case = approved(platform, account="0000")
    release(case)
    until(case, "APPROVED")
    refused = propose(case, expect=422, rail="IMPS")
    assert refused["error"]["code"] == "RAIL_FAILED"
    assert release(case, rail="NEFT")["reference"].endswith("-D2")


def test_a_payout_that_comes_back_is_reversed(platform: Platform):
    case = approved(platform, account="1111")
    release(case)
    platform.until(lambda: payouts(case)[0]["status"] == "REVERSED", "the reversal")
    assert case.loan["status"] == "APPROVED"
    assert case.outstanding == 0


def test_the_reversal_overtaking_the_success_ends_the_same(platform: Platform):
    case = approved(platform, account="1111")
    fault(case, "out_of_order", "payout.processed")
    release(case)
    platform.until(lambda: payouts(case)[0]["status"] == "REVERSED", "the reversal")
    platform.drain()
    assert case.loan["status"] == "APPROVED"
    assert case.outstanding == 0


def test_every_webhook_twice_and_out_of_order_changes_nothing(platform: Platform):
    case = released(platform)
    for status in ("processed", "processing", "processed", "queued", "processed"):
        told(case, status)
    assert case.loan["status"] == "ACTIVE"
    assert [entry["kind"] for entry in case.ledger()["entries"]] == ["DISBURSAL"]


def test_a_success_without_the_banks_reference_is_not_one_yet(platform: Platform):
    case = released(platform)
    told(case, "processed", utr=None)
    assert (payouts(case)[0]["status"], case.loan["status"]) == ("PROCESSING", "DISBURSAL_IN_PROCESS")
    told(case, "processed")
    assert case.loan["status"] == "ACTIVE"


def test_another_amount_than_was_sent_needs_a_person(platform: Platform):
    case = released(platform)
    with pytest.raises(service.PayoutMismatch):
        told(case, "processed", amount="17640.01")
    assert payouts(case)[0]["status"] == "PENDING"


def test_a_success_after_a_failure_needs_a_person(platform: Platform):
    case = released(platform)
    told(case, "failed")
    with pytest.raises(service.PayoutMismatch):
        told(case, "processed")
    assert case.loan["status"] == "APPROVED"


def test_polling_finds_what_no_webhook_told(platform: Platform):
    case = released(platform)
    fault(case, "no_webhook", times=2)
    platform.drain()
    assert payouts(case)[0]["status"] == "PROCESSING"
    with at_work():
        enqueue("disbursement.poll_unsettled")
    until(case, "ACTIVE")


def test_a_late_credit_costs_the_customer_less(platform: Platform):
    case = released(platform)
    with at_work():
        loan = loans.get(case.loan_id)
        terms = service.terms_from(loan, today() + timedelta(days=3))
    assert terms == {
        "due_date": loan.due_date,
        "tenure_days": 27,
        "repayment_amount": Decimal("25400.00"),
    }


def test_an_early_credit_does_not_make_the_loan_longer(platform: Platform):
    case = released(platform)
    with at_work():
        terms = service.terms_from(loans.get(case.loan_id), today() - timedelta(days=2))
    assert terms["tenure_days"] == 30
    assert terms["repayment_amount"] == Decimal("26000.00")


def test_the_trial_balance_stays_at_zero(platform: Platform):
    case = approved(platform, account="1111")
    release(case)
    platform.until(lambda: payouts(case)[0]["status"] == "REVERSED", "the reversal")
    with at_work():
        assert sum(ledger.trial_balance().values()) == 0


def test_the_database_allows_one_payout_at_a_time(platform: Platform):
    case = released(platform)
    with at_work():
        first = service.of_loan(case.loan_id)[0]
    columns = {"loan_id": case.loan_id, "status": "PENDING", "provider": "razorpay", "mode": "IMPS"}
    with pytest.raises(IntegrityError, match="one_open_payout_per_loan"), at_work():
        Payout.create(**columns, attempt=2, reference=f"{first.reference}x", amount=first.amount)


def test_a_webhook_with_a_wrong_signature_gets_401(platform: Platform):
    path, body = f"/partner/brand/{BRAND}/payout/webhook", json.dumps({"event": "payout.processed"})
    for headers in ({}, {"X-Razorpay-Signature": "0" * 64}):
        headers = headers | {"x-razorpay-event-id": "evt-forged-payout"}
        platform.api.call("POST", path, data=body, headers=headers, expect=401)
    assert platform.sql("SELECT 1 FROM webhook_event WHERE event_id = 'evt-forged-payout'") == []


def test_another_brands_staff_cannot_release_it(platform: Platform):
    case = approved(platform)
    stranger = platform.staff(Role.ADMIN, OTHER_BRAND)
    path = f"/loans/{case.loan_id}/disbursement"
    stranger.post(path, once=True, expect=404, json={})
    stranger.post(f"{path}/{propose(case)['id']}/release", once=True, expect=404)


@pytest.mark.parametrize("role", [Role.SANCTION_HEAD, Role.CREDIT_EXECUTIVE, Role.COLLECTION_HEAD])
def test_only_loan_ops_may_release(platform: Platform, role: Role):
    case = approved(platform)
    path = f"/loans/{case.loan_id}/disbursement"
    platform.staff(role).post(path, once=True, expect=403, json={})
    platform.staff(role).post(f"{path}/{propose(case)['id']}/release", once=True, expect=403)
