"""What a payment settles and what it costs to foreclose are the brand's to say."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.core.clock import today
from app.core.identity import Role
from tests.lending import Case, active
from tests.payments.desk import approve, books_hold, told
from tests.payments.policies import repaid_by
from tests.payments.test_payments import paid, pay, received, until
from tests.platform import Platform


def owed(case: Case) -> tuple[str, str]:
    found = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    return found["principal"], found["interest"]


def test_a_payment_settles_in_the_order_of_the_day_of_the_payout(platform: Platform):
    with repaid_by(platform, allocation=["PRINCIPAL", "INTEREST", "PENAL", "CHARGE"]):
        case = active(platform, days_ago=18)
    paid(case, amount="8600.00")
    assert owed(case) == ("11400.00", "3600.00")
    usual = active(platform, days_ago=18)
    paid(usual, amount="8600.00")
    assert owed(usual) == ("15000.00", "0.00")
    books_hold(case, usual)


def test_what_is_paid_in_advance_costs_less_and_what_is_paid_beyond_it_waits(platform: Platform, admin: Any):
    case = active(platform, days_ago=20)
    first_day = today() - timedelta(days=20)
    approve(admin, told(case, amount="10000.00", receivedOn=first_day.isoformat()))
    assert owed(case) == ("10000.00", "2000.00")
    approve(admin, told(case, amount="12000.01"))
    until(case, "COMPLETED")
    assert case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"] == "0.01"
    books_hold(case)


def test_a_foreclosure_is_charged_and_not_when_its_payment_comes_back(platform: Platform, admin: Any):
    with repaid_by(platform, foreclosurePercent="2.5"):
        case = active(platform, days_ago=10)
        path = f"/web/loans/{case.loan_id}/foreclosure"
        offered = case.app.get(path)
        # 20,000 and 2,000 of interest; 2.5 % of the principal and 18 % of tax on it
        assert (offered["foreclosureCharge"], offered["foreclosureGst"]) == ("500.00", "90.00")
        assert offered["total"] == "22590.00"
        over = case.app.get(f"{path}?on={today() - timedelta(days=1)}", expect=422)
        assert "on" in over["error"]["fields"]
    # what the brand charges of later loans is not for this one
    with repaid_by(platform, foreclosurePercent="9"):
        assert case.staff.get(f"/loans/{case.loan_id}/foreclosure")["total"] == "22590.00"
        link = f"/loans/{case.loan_id}/payment-link"
        both = {"foreclosure": True, "amount": "100.00"}
        assert "amount" in admin.post(link, once=True, expect=422, json=both)["error"]["fields"]
        sent = admin.post(link, once=True, expect=201, json={"foreclosure": True})
        assert (sent["purpose"], sent["amount"]) == ("FORECLOSURE", "22590.00")
        pay(case, sent)
        until(case, "COMPLETED")
    kinds = [entry["kind"] for entry in case.ledger()["entries"]]
    assert kinds[-2:] == ["FORECLOSURE_CHARGE", "FORECLOSURE"]
    (payment,) = received(case)
    body = {"kind": "RETURNED", "reason": "It came back"}
    path = f"/loans/{case.loan_id}/payments/{payment['id']}/reversals"
    reversal = admin.post(path, once=True, expect=201, json=body)
    second = platform.staff(Role.SUPER_ADMIN)
    second.post(f"/payment-reversals/{reversal['id']}/approve", once=True, json={})
    assert (case.loan["status"], case.outstanding) == ("ACTIVE", Decimal("22000.00"))
    books_hold(case)
