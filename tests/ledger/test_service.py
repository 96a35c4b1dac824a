"""The ledger in the database, and over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from peewee import IntegrityError, ProgrammingError

from app.core.clock import now, today
from app.core.errors import Conflict, Invalid
from app.core.identity import Role
from app.ledger import service
from app.ledger.events import Kind, Part
from app.ledger.models import JournalEntry, JournalLine
from app.loans import service as loans
from tests.lending import Case, active, approved, at_work
from tests.platform import OTHER_BRAND, Platform


def pay(case: Case, amount: str, days_ago: int = 0, reference: str = "pay_1") -> service.Outstanding:
    with at_work():
        loan = loans.get(case.loan_id)
        return service.post_payment(
            loan, Decimal(amount), today() - timedelta(days=days_ago), f"{loan.loan_no}:{reference}"
        )


def test_it_works(platform: Platform):
    case = active(platform, days_ago=18)
    assert case.outstanding == Decimal("23600.00")
    assert pay(case, "23600.00").total == 0
    ledger = case.ledger()
    assert [entry["kind"] for entry in ledger["entries"]] == ["DISBURSAL", "INTEREST", "PAYMENT"]
    assert [entry["balance"] for entry in ledger["entries"]] == ["20000.00", "23600.00", "0.00"]


def test_a_loan_that_is_not_paid_out_owes_nothing(platform: Platform):
    assert approved(platform).outstanding == 0


def test_what_is_owed_is_told_in_parts(platform: Platform):
    case = active(platform, days_ago=18)
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")
    assert (owed["principal"], owed["interest"], owed["total"]) == ("20000.00", "3600.00", "23600.00")
    assert owed["daysPastDue"] == 0


def test_days_past_due_are_told(platform: Platform):
    case = active(platform, days_ago=37)
    assert case.app.get(f"/web/loans/{case.loan_id}/outstanding")["daysPastDue"] == 7


def test_a_disbursal_plans_the_repayment(platform: Platform):
    (planned,) = active(platform).ledger()["timeline"]
    assert (planned["principal"], planned["interest"], planned["paidAt"]) == ("20000.00", "6000.00", None)


def test_paying_all_marks_the_instalment_paid(platform: Platform):
    case = active(platform, days_ago=1)
    pay(case, "20200.00")
    assert case.ledger()["timeline"][0]["paidAt"]


def test_the_same_payment_is_booked_once(platform: Platform):
    case = active(platform)
    pay(case, "500.00")
    assert pay(case, "500.00").total == Decimal("19500.00")


def test_a_late_booked_payment_counts_from_its_day(platform: Platform):
    case = active(platform, days_ago=20)
    pay(case, "5000.00", days_ago=5, reference="later")
    left = pay(case, "12000.00", days_ago=10, reference="earlier")
    # day 10: 2,000 of interest and 10,000 of principal; day 15: 500 and 4,500; day 20: 275
    assert (left.principal, left.interest) == (Decimal("5500.00"), Decimal("275.00"))


def test_the_list_of_loans_shows_what_the_ledger_says(platform: Platform):
    case = active(platform, days_ago=10)
    pay(case, "2000.00")
    assert case.loan["outstandingAmount"] == "20000.00"


def test_a_loan_is_disbursed_once(platform: Platform):
    case = active(platform)
    with pytest.raises(Conflict, match="paid out already"), at_work():
        service.post_disbursal(loans.get(case.loan_id), today(), "another")


def test_a_reversed_disbursal_is_owed_no_more(platform: Platform):
    case = active(platform, days_ago=3)
    with at_work():
        loan = loans.get(case.loan_id)
        left = service.reverse_disbursal(loan, today(), f"{loan.loan_no}-D1")
    assert left.total == 0
    assert case.ledger()["entries"][-1]["balance"] == "0.00"


def test_the_trial_balance_is_zero(platform: Platform):
    pay(active(platform, days_ago=9), "3000.00")
    with at_work():
        assert sum(service.trial_balance().values()) == 0


def test_the_database_refuses_an_entry_out_of_balance(platform: Platform):
    def one_sided() -> None:
        with at_work():
            entry = JournalEntry.create(
                loan_id=active_id, kind="PAYMENT", business_date=today(), reference="x"
            )
            JournalLine.create(entry_id=entry.id, account="COLLECTION", debit=Decimal("1.00"))

    active_id = active(platform).loan_id
    with pytest.raises(IntegrityError, match="out of balance"):
        one_sided()


def test_payments_at_the_same_moment_are_booked_one_after_the_other(platform: Platform):
    case = active(platform, days_ago=10)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: pay(case, "1500.00", reference=f"pay_{n}"), range(4)))
    assert case.outstanding == Decimal("16000.00")
    with at_work():
        assert service.differences(case.loan_id) == {}


def test_the_books_prove_themselves(platform: Platform):
    case = active(platform, days_ago=20)
    pay(case, "5000.00", days_ago=5, reference="later")
    pay(case, "12000.00", days_ago=10, reference="earlier")
    with at_work():
        assert service.differences(case.loan_id) == {}
        service.check_since(now() - timedelta(days=1))


def test_a_line_that_was_tampered_with_is_found(platform: Platform):
    case = active(platform)
    platform.sql(
        "UPDATE journal_line SET debit = debit - 1 WHERE account = 'PRINCIPAL' AND entry_id IN"
        " (SELECT id FROM journal_entry WHERE loan_id = %s)",
        str(case.loan_id),
    )
    with pytest.raises(service.BooksDiffer, match=str(case.loan_id)), at_work():
        service.check_since(now() - timedelta(days=1))
    platform.sql("UPDATE journal_line SET debit = debit + 1 WHERE debit = 19999.00")


@pytest.mark.parametrize("statement", ["UPDATE journal_line SET debit = debit", "DELETE FROM journal_entry"])
def test_what_is_booked_stays(platform: Platform, statement: str):
    with pytest.raises(ProgrammingError, match="permission denied"), at_work():
        JournalLine._meta.database.execute_sql(statement)


def test_the_journal_is_of_one_brand(platform: Platform):
    case = active(platform)
    with at_work(OTHER_BRAND):
        assert not JournalEntry.select().where(JournalEntry.loan_id == case.loan_id).exists()


def test_another_customer_does_not_see_it(platform: Platform):
    case = active(platform)
    platform.customer().get(f"/web/loans/{case.loan_id}/outstanding", expect=404)


def test_another_brands_staff_do_not_see_it(platform: Platform):
    case = active(platform)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"/loans/{case.loan_id}/ledger", expect=404)


def test_what_happens_to_a_loan_is_booked_once_each_and_the_books_hold(platform: Platform):
    case = active(platform, days_ago=40)
    with at_work():
        loan, on = loans.get(case.loan_id), today()
        for _ in range(2):  # told twice, booked once
            service.charge(
                loan, Kind.BOUNCE_CHARGE, Decimal("500.00"), on, f"{loan.loan_no}-B", gst=Decimal("90.00")
            )
            service.charge(loan, Kind.PENAL_CHARGE, Decimal("30.00"), on, f"{loan.loan_no}-PC")
            service.waive(loan, Part.PENAL, Decimal("30.00"), on, f"{loan.loan_no}-W")
            service.accrue(loan, on)
        owed = service.outstanding_as_of(loan.id, on)
        assert (owed.charges, owed.penal, owed.total) == (Decimal("590.00"), 0, Decimal("28590.00"))
        with pytest.raises(Invalid):
            service.waive(loan, Part.PENAL, Decimal("1.00"), on, f"{loan.loan_no}-W2")
        service.write_off(loan, on, f"{loan.loan_no}-WO")
        left = service.post_payment(loan, Decimal("30000.00"), on + timedelta(days=1), f"{loan.loan_no}-R")
        assert (left.total, left.lost) == (0, Decimal("28590.00"))  # the recovery is of tomorrow
        assert service.differences(loan.id) == {}
        assert sum(service.trial_balance().values()) == 0


def test_excess_goes_back_once_and_a_payment_of_which_it_was_is_not_taken_back(platform: Platform):
    case = active(platform, days_ago=5)
    with at_work():
        loan, on = loans.get(case.loan_id), today()
        paid, back = f"{loan.loan_no}-P", f"{loan.loan_no}-RF"
        assert service.post_payment(loan, Decimal("21500.00"), on, paid).excess == Decimal("500.00")
        assert service.refund(loan, Decimal("400.00"), on, back).excess == Decimal("100.00")
        assert service.refund(loan, Decimal("400.00"), on, back).excess == Decimal("100.00")
        with pytest.raises(Conflict):
            service.move_out(loan, Decimal("100.01"), on, f"{loan.loan_no}-M")
        with pytest.raises(Conflict, match="paid back"):
            service.reverse(loan, Kind.PAYMENT, paid, on, f"{loan.loan_no}-X")
        with pytest.raises(Conflict, match="no such entry"):
            service.reverse(loan, Kind.PAYMENT, "unknown", on, f"{loan.loan_no}-Y")


def test_the_trial_balance_of_the_brand_is_told(platform: Platform):
    told = platform.staff(Role.ADMIN).get("/ledger/trial-balance")
    assert told["difference"] == "0.00"
    assert {account["account"] for account in told["accounts"]} >= {"PRINCIPAL", "SUSPENSE", "WRITE_OFF"}
    platform.staff(Role.COLLECTION_EXECUTIVE).get("/ledger/trial-balance", expect=403)
