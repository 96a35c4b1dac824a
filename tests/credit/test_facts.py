"""What the rules are told of repeat customers, sister brands, shared accounts and devices."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.core.clock import now, today
from app.core.database import brand_scope
from app.customers import service as customers
from app.kyc import service as kyc
from app.kyc.models import UserBankAccount
from app.loans import service as loans
from app.loans.models import Loan
from app.sign_in import service as sign_in
from tests.lending import active, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.stages import Stages


def application(platform: Platform, brand_id: str = BRAND) -> tuple[str, str]:
    """A customer who applied: their id and the loan's."""
    app = platform.customer(brand_id=brand_id)
    loan = app.post(
        "/web/loans", once=True, expect=201, json={"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}
    )
    return loan["customerId"], loan["id"]


def loan_facts(loan_id: str) -> dict[str, Any]:
    with brand_scope(BRAND):
        return loans.facts(loans.get(loan_id))


def earlier(customer_id: str, status: str, closed_days_ago: int = 10, days_late: int = 0) -> None:
    """An earlier loan of this customer that ended."""
    closed_at = now() - timedelta(days=closed_days_ago)
    with at_work():
        Loan.create(
            loan_no=f"OLD-{customer_id[-6:]}-{closed_days_ago}",
            customer_id=customer_id,
            status=status,
            purpose="OTHER",
            applied_amount=Decimal(12000),
            applied_tenure_days=30,
            sanctioned_amount=Decimal(12000),
            due_date=today() - timedelta(days=closed_days_ago + days_late),
            closed_at=closed_at,
            created_at=closed_at - timedelta(days=40),
        )


def test_a_first_application_has_no_history(platform: Platform) -> None:
    _, loan_id = application(platform)
    known = loan_facts(loan_id)
    assert (known["completed_loan_count"], known["lost_loan_count"]) == (0, 0)
    assert (known["application_count_30d"], known["rejection_count_90d"]) == (1, 0)
    assert not known.keys() & {"last_loan_amount", "on_time_loan_streak", "days_since_last_closure"}


def test_earlier_loans_are_told_newest_first(platform: Platform) -> None:
    customer_id, loan_id = application(platform)
    earlier(customer_id, "COMPLETED", closed_days_ago=200, days_late=9)
    earlier(customer_id, "COMPLETED", closed_days_ago=120)
    earlier(customer_id, "COMPLETED", closed_days_ago=20)
    known = loan_facts(loan_id)
    assert known["completed_loan_count"] == 3
    assert known["on_time_loan_streak"] == 2
    assert (known["last_loan_days_past_due"], known["days_since_last_closure"]) == (0, 20)
    assert known["last_loan_amount"] == 12000


def test_settled_and_written_off_loans_are_lost(platform: Platform) -> None:
    customer_id, loan_id = application(platform)
    earlier(customer_id, "SETTLED", closed_days_ago=100)
    earlier(customer_id, "WRITE_OFF", closed_days_ago=300)
    assert loan_facts(loan_id)["lost_loan_count"] == 2


def test_loans_of_the_same_pan_in_a_sister_brand_are_counted(platform: Platform) -> None:
    elsewhere = active(platform)
    with brand_scope(BRAND):
        pan = customers.get(elsewhere.customer_id).pan
    customer_id, loan_id = application(platform, OTHER_BRAND)
    with at_work(OTHER_BRAND):
        assert "sister_open_loan_count" not in loans.facts(loans.get(loan_id))
        customers.record_pan(customer_id, pan=pan, name="ASHA VERMA", dob=None, gender=None)
        known = loans.facts(loans.get(loan_id))
    assert (known["sister_open_loan_count"], known["sister_bad_loan_count"]) == (1, 0)
    platform.sql("UPDATE loan SET status = 'OVERDUE' WHERE id = %s", str(elsewhere.loan_id))
    with at_work(OTHER_BRAND):
        assert loans.facts(loans.get(loan_id))["sister_bad_loan_count"] == 1
        assert Loan.get_or_none(Loan.id == elsewhere.loan_id) is None


def test_customers_on_one_device_are_counted(platform: Platform) -> None:
    def signed_in(device_id: str | None) -> str:
        app = platform.customer(signed_in=False)
        phone = {"phone": app.person["phone"]}
        app.post("/web/auth/register", expect=202, json=phone)
        platform.drain()
        code = platform.sandbox.messages(phone["phone"])[0]["otp"]
        body = phone | {"otp": code, "deviceId": device_id}
        return app.post("/web/auth/verify-otp", json=body)["user"]["id"]

    first, second, unknown = signed_in("one-device-of-two"), signed_in("one-device-of-two"), signed_in(None)
    with brand_scope(BRAND):
        assert sign_in.facts(first) == sign_in.facts(second) == {"device_customer_count_30d": 2}
        assert sign_in.facts(unknown) == {}


def test_an_account_or_aadhaar_that_others_gave_is_seen(platform: Platform) -> None:
    one, other = active(platform), active(platform)
    with at_work():
        mine = UserBankAccount.get(UserBankAccount.customer_id == one.customer_id)
        UserBankAccount.get(UserBankAccount.customer_id == other.customer_id).change(
            account_hash=mine.account_hash
        )
        customers.get(other.customer_id).change(aadhaar_hash=customers.get(one.customer_id).aadhaar_hash)
        assert kyc.facts(one.customer_id, today())["shared_account_count"] == 1
        # whom other tests made has the same name, birthday and last four digits, and so the same Aadhaar
        assert customers.facts(one.customer_id, today(), {})["shared_aadhaar_count"] >= 1


def test_account_and_employer_of_the_statement_are_those_of_kyc(platform: Platform) -> None:
    stages = Stages(platform).decided("APPROVE")
    inputs = stages.staff.get(f"/loans/{stages.id}/decisions")[0]["inputs"]
    assert inputs["statement_account_matches"] is True
    assert float(inputs["employer_name_match_percent"]) >= 90
    assert inputs["mobile_verified"] is True
    assert inputs["pincode"] == 560038
    assert (inputs["device_customer_count_30d"], inputs["shared_account_count"]) == (1, 0)
