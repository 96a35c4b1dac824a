"""What the bureaus are told: which accounts, what each owes on the day, in their codes, and what they would reject."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from app.core.clock import today
from app.core.identity import Role
from app.core.ids import new_id
from app.customers import papers
from app.customers import service as customers
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.models import Loan
from app.payments.models import PaymentCollectionTransaction, PaymentRequest
from tests.lending import ADDRESS, Case, active, at_work, noon
from tests.platform import Platform
from tests.reporting.conftest import Desk
from tests.stages import Stages

NAMES = ["cic-report", "equifax-credit-report", "transunion-report"]
EVERY = pytest.mark.parametrize("name", NAMES)
TODAY = today()
# credited 100 days before; the days that are asked for end before today
FROM, TO = TODAY - timedelta(days=20), TODAY - timedelta(days=5)
RANGE = {"fromDate": FROM.isoformat(), "toDate": TO.isoformat()}


OFFICE = {
    "house": "Tower 2",
    "street": "Baner Road",
    "town": "Pune",
    "state": "Maharashtra",
    "pincode": "411045",
}
PAPERS = [
    {
        "kind": "PASSPORT",
        "number": "M1234567",
        "issued_on": date(2020, 1, 31),
        "expires_on": date(2030, 1, 30),
    },
    {"kind": "VOTER_ID", "number": "ABC1234567"},
    {"kind": "CKYC", "number": "50012345678901"},
]
PROFILE = {
    "permanent_residence": "OWNED",
    "home_phone": "8023456789",
    "office_phone": "2026000123",
    "office_extension": "204",
    "employer_address": OFFICE,
    "father_name": "MOHAN VERMA",
    "marital_status": "WIDOWED",
    "current_address": ADDRESS | {"residence": "RENTED", "residing_since": "2021-04-01"},
}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def pay(case: Case, amount: str | None, on: date) -> None:
    """A payment on a day, as the provider's webhook books it; without an amount all that is owed."""
    with at_work():
        loan = loans.get(case.loan_id)
        paid = Decimal(amount) if amount else ledger.outstanding_as_of(loan.id, on).total
        known = {"loan_id": loan.id, "amount": paid, "provider": "razorpay", "status": "SUCCESS"}
        request = PaymentRequest.create(**known, reference=f"R{new_id()}", requested_by="test")
        paid_as = f"pay_{new_id()}"
        PaymentCollectionTransaction.create(
            **known,
            payment_request_id=request.id,
            provider_payment_id=paid_as,
            received_at=noon(on),
            received_on=on,
        )
        ledger.post_payment(loan, paid, on, paid_as)


def close(case: Case, on: date) -> None:
    with at_work():
        loans.move(case.loan_id, "PAID")
        loans.move(case.loan_id, "COMPLETED", closed_at=noon(on))


def end(case: Case, status: str, on: date) -> None:
    """As a write-off or a settlement leaves the loan."""
    with at_work():
        loan = loans.get(case.loan_id)
        {"WRITE_OFF": ledger.write_off, "SETTLED": ledger.settle}[status](
            loan, on, f"{loan.loan_no}-{status}"
        )
        loans.get(case.loan_id).change(status=status, closed_at=noon(on))


@dataclass(frozen=True)
class Book:
    """Loans at every stage of their life, by name."""

    cases: dict[str, Case]
    numbers: dict[str, str]

    def row(self, rows: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
        return next((row for row in rows if row["currNewAccountNo"] == self.numbers[name]), None)

    def loan(self, name: str) -> Loan:
        with at_work():
            return loans.get(self.cases[name].loan_id)


@pytest.fixture(scope="module")
def book(platform: Platform) -> Book:
    days_ago = {
        **dict.fromkeys(("part_paid", "late", "closed", "closed_before", "closed_after"), 50),
        **dict.fromkeys(("written_off", "settled", "lost_before", "recovered"), 60),
        "open": 10,
        "young": 4,
    }
    cases = {name: active(platform, days_ago=days) for name, days in days_ago.items()}
    with at_work():
        customers.update_profile(cases["open"].customer_id, **PROFILE)
        papers.replace(cases["open"].customer_id, PAPERS)
    pay(cases["part_paid"], "7000.55", ago(30))
    pay(cases["part_paid"], "1000.00", ago(12))
    pay(cases["part_paid"], "400.00", ago(2))
    for name, on in {"closed": ago(8), "closed_before": ago(21), "closed_after": ago(4)}.items():
        pay(cases[name], None, on)
        close(cases[name], on)
    pay(cases["settled"], "9000.00", ago(9))
    end(cases["settled"], "SETTLED", ago(9))
    end(cases["written_off"], "WRITE_OFF", ago(7))
    for name in ("lost_before", "recovered"):
        end(cases[name], "WRITE_OFF", ago(25))
    pay(cases["recovered"], "500.00", ago(9))
    with at_work():
        numbers = {name: loans.get(case.loan_id).loan_no for name, case in cases.items()}
    return Book(cases, numbers)


@pytest.fixture(scope="module")
def told(platform: Platform, book: Book) -> dict[str, list[dict[str, Any]]]:
    """The rows of each of the three files."""
    desk = Desk(platform, platform.staff(Role.ADMIN))
    return {name: desk.rows(name, **RANGE) for name in NAMES}


@EVERY
def test_open_accounts_and_those_closed_within_the_days(told, book: Book, name: str):
    found = {known for known in book.numbers if book.row(told[name], known)}
    assert found == set(book.numbers) - {"closed_before", "young", "lost_before"}


def test_what_a_customer_told_of_home_and_work_is_told(platform: Platform, told, book: Book):
    full, compact, nobody = (
        book.row(told["equifax-credit-report"], "open"),
        book.row(told["cic-report"], "open"),
        book.row(told["equifax-credit-report"], "part_paid"),
    )
    assert (full["residenceCode1"], full["residenceCode2"], full["extensionOffice"]) == ("01", "02", "204")
    assert (full["telephoneNoResidence"], full["telephoneNoOffice"]) == ("80xxxxxx89", "20xxxxxx23")
    assert (compact["telephoneNoResidence"], compact["residenceCode1"]) == ("80xxxxxx89", "01")
    members = [(row["currentNewMemberCode"], row["currentNewMemberShortName"]) for row in (compact, full)]
    assert members == [("NB40110001", "NAMAN FINLEASE"), ("NBFC40110001", "NAMAN FINLEASE")]
    assert (full["passportNumber"], full["voterIdNumber"], full["additionalId2"]) == (
        "***",
        "XXXX4567",
        "XXXX8901",
    )
    assert (full["passportIssueDate"], full["passportExpiryDate"]) == ("2020-01-31", "2030-01-30")
    assert book.row(told["transunion-report"], "open")["ckyc"] == "XXXX8901"
    assert (nobody["telephoneNoOffice"], nobody["residenceCode1"]) == (None, None)
    desk = Desk(platform, platform.staff(Role.ADMIN))
    (row,) = [
        row
        for row in desk.rows("master-report", fromDate=TODAY.isoformat(), toDate=TODAY.isoformat())
        if book.numbers["open"] in (row["loanNos"] or "")
    ]
    assert (row["maritalStatus"], row["fatherName"], row["residingSince"]) == ("WIDOWED", "***", "2021-04-01")
    told_of_work = [row[f"company{part}"] for part in ("Address", "City", "Pincode")]
    assert told_of_work == ["Tower 2, Baner Road", "Pune", "411045"]


def whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@EVERY
@pytest.mark.parametrize("known", ["open", "part_paid", "late", "closed_after"])
def test_an_open_account_owes_what_the_ledger_says_of_the_last_day(told, book: Book, name, known):
    row, loan = book.row(told[name], known), book.loan(known)
    with at_work():
        owed = ledger.outstanding_as_of(loan.id, TO)
    late = loan.due_date < TO
    assert (row["currentBalance"], row["amtOverdue"]) == (
        whole(owed.total),
        whole(owed.total) if late else 0,
    )
    assert (row["noOfDaysPastDue"], row["dateClosed"]) == (owed.days_past_due, None)
    assert (row["dateReported"], row["assetClassification"]) == (TO.isoformat(), "01")


def test_the_balance_by_hand(told, book: Book):
    # 1 % a day on 20,000: after 20 days 4,000 of 7,000.55 is interest; on 16,999.45 then 18 days cost 3,060 in
    # whole rupees, 1,000 of them paid; 7 more days 1,190: 16,999.45 + 4,250 - 1,000
    row = book.row(told["cic-report"], "part_paid")
    assert (row["currentBalance"], row["noOfDaysPastDue"]) == (20249, 15)
    assert row["dateOfLastPayment"] == ago(12).isoformat()


@EVERY
def test_a_closed_account_owes_nothing(told, book: Book, name: str):
    row = book.row(told[name], "closed")
    assert (row["currentBalance"], row["amtOverdue"], row["noOfDaysPastDue"]) == (0, 0, 0)
    assert row["dateClosed"] == row["dateOfLastPayment"] == ago(8).isoformat()


@pytest.mark.parametrize(
    ("name", "status"),
    [("equifax-credit-report", "writtenOffSettledStatus"), ("transunion-report", "creditFacilityStatus")],
)
def test_how_an_account_ended(told, book: Book, name: str, status: str):
    rows = told[name]
    settled, lost = book.row(rows, "settled"), book.row(rows, "written_off")
    assert (settled[status], settled["settlementAmt"], settled["currentBalance"]) == ("03", 9000, 0)
    assert (settled["writtenOffAmountTotal"], book.row(rows, "closed")[status]) == (None, None)
    # 53 days at 1 % a day
    assert (lost[status], lost["writtenOffAmountTotal"]) == ("02", 30600)
    assert (lost["writtenOffPrincipalAmount"], lost["currentBalance"]) == (20000, 0)
    assert (lost["assetClassification"], lost["settlementAmt"]) == ("04", None)
    # what was written off in an earlier file, and paid on since
    again = book.row(rows, "recovered")
    assert (again[status], again["actualPaymentAmt"], again["dateClosed"]) == ("02", 500, ago(25).isoformat())


def test_the_terms_of_an_account(told, book: Book):
    row = book.row(told["equifax-credit-report"], "part_paid")
    assert (row["rateOfInterest"], row["repaymentTenure"], row["emiAmount"]) == ("365.00", 1, 26000)
    assert (row["highCreditSanctionedAmt"], row["actualPaymentAmt"]) == (20000, 1000)
    assert (row["accountType"], row["ownershipIndicator"], row["paymentFrequency"]) == ("69", "1", "05")
    assert (row["gender"], row["stateCode1"], row["pinCode1"]) == ("1", "29", "560001")
    assert (row["dateOpenedDisbursed"], row["dateOfBirth"]) == (ago(50).isoformat(), "1992-01-01")


@EVERY
def test_personal_data_is_masked(told, book: Book, name: str):
    row = book.row(told[name], "open")
    assert "xxxxx" in row["incomeTaxIdNumber"]
    assert "xxxxxx" in row["telephoneNoMobile"]
    assert "***" in row["emailId1"]
    assert row["universalIdNumber"] == "XXXXXXXX2346"
    assert row["errors"] is None


def test_the_totals_are_those_of_the_rows(admin: Desk, book: Book):
    run = admin.produced("transunion-report", **RANGE)
    rows, totals = admin.rows_of(run), run["totals"]
    assert totals["accounts"] == len(rows) == totals["open"] + totals["closed"]
    assert totals["closed"] == sum(row["dateClosed"] is not None for row in rows)
    assert totals["currentBalance"] == sum(row["currentBalance"] for row in rows)
    assert totals["amtOverdue"] == sum(row["amtOverdue"] for row in rows)
    assert all((row["amtOverdue"] > 0) == (row["noOfDaysPastDue"] > 0) for row in rows)


def test_dates_in_the_file_are_digits(admin: Desk, book: Book):
    run = admin.produced("cic-report", **RANGE)
    data = admin.portal.get("/report/cic-report/csv", params={"runId": run["runId"]})
    lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    row = next(line for line in lines if line["curr_new_account_no"] == book.numbers["closed"])
    assert row["date_closed"] == ago(8).strftime("%d%m%Y")
    assert (row["date_of_birth"], row["date_reported"]) == ("01011992", TO.strftime("%d%m%Y"))


@pytest.mark.parametrize(
    ("days_past_due", "told_days", "asset_class"),
    [(0, 0, "01"), (90, 90, "01"), (91, 91, "02"), (181, 181, "03"), (361, 361, "04"), (1200, 999, "04")],
)
def test_the_class_follows_the_days_past_due(platform, admin: Desk, days_past_due, told_days, asset_class):
    case = active(platform, days_ago=30 + days_past_due)
    (row,) = [row for row in admin.rows("cic-report") if row["currNewAccountNo"] == case.loan["loanNo"]]
    assert (row["noOfDaysPastDue"], row["assetClassification"]) == (told_days, asset_class)
    assert (row["amtOverdue"] > 0) == (days_past_due > 0)


def address(**changes: str) -> dict[str, Any]:
    return {"address": ADDRESS | changes}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"pan": "ABCDE12345"}, "income_tax_id_number"),
        ({"pan": None}, "income_tax_id_number"),
        ({"phone": "12345"}, "telephone_no_mobile"),
        (address(pincode="110001"), "pin_code_1"),
        (address(pincode="56001"), "pin_code_1"),
        (address(state="Atlantis"), "state_code_1; pin_code_1"),
        ({"address": None, "dob": None}, "date_of_birth; state_code_1; pin_code_1"),
        ({"name": None}, "consumer_name"),
    ],
)
def test_what_a_bureau_would_reject_is_named_and_kept(platform, admin: Desk, changes, errors):
    case = active(platform, days_ago=1)
    with at_work():
        customers.get(case.customer_id).change(**changes)
    run = admin.produced("cic-report")
    (row,) = [row for row in admin.rows_of(run) if row["currNewAccountNo"] == case.loan["loanNo"]]
    assert (row["errors"], row["file"]) == (errors, "errors")
    assert run["totals"]["rejected"] >= 1


def test_what_is_rejected_is_a_list_of_its_own(platform, admin: Desk):
    case = active(platform, days_ago=1)
    with at_work():
        customers.get(case.customer_id).change(pan=None)
    everything = admin.produced("transunion-report")
    accounts, errors = (admin.produced("transunion-report", groupBy=by) for by in ("accounts", "errors"))
    assert errors["rowCount"] == everything["totals"]["rejected"]
    assert accounts["rowCount"] + errors["rowCount"] == everything["rowCount"]
    assert case.loan["loanNo"] in {row["currNewAccountNo"] for row in admin.rows_of(errors)}
    assert {row["errors"] for row in admin.rows_of(accounts)} == {None}


PULL = ("bureau", "outcome", "score", "controlNumber", "accounts", "activeAccounts", "overdueAmount")


def test_the_pull_that_the_decision_rested_on(admin: Desk, closed: Stages):
    (row,) = [row for row in admin.rows("cic-report") if row["currNewAccountNo"] == closed.loan["loanNo"]]
    pulled = closed.world.admin.get(f"/loans/{closed.id}/bureau")
    summary = pulled["summary"]
    assert tuple(row[name] for name in PULL) == (
        pulled["bureau"].upper(),
        pulled["outcome"],
        pulled["score"],
        pulled["controlNumber"],
        summary["account_count"],
        summary["account_count"] - summary["closed_account_count"],
        summary["overdue"],
    )
    assert (row["enquiries"], row["pulledOn"]) == (summary["enquiry_count"], pulled["pulledOn"])


def test_each_bureau_has_its_own_newest_pull(admin: Desk, closed: Stages):
    admin.platform.sql(
        "INSERT INTO bureau_report (brand_id, id, customer_id, loan_id, bureau, status, outcome, score, raw_key,"
        " features, lineage, summary, consent_id) SELECT brand_id, %s, customer_id, loan_id, 'equifax', status,"
        " outcome, 701, raw_key, features, lineage, summary, consent_id FROM bureau_report WHERE loan_id = %s",
        str(new_id()),
        closed.id,
    )
    found = {
        name: next(row for row in admin.rows(name) if row["currNewAccountNo"] == closed.loan["loanNo"])
        for name in NAMES
    }
    assert (found["equifax-credit-report"]["bureau"], found["equifax-credit-report"]["score"]) == (
        "EQUIFAX",
        701,
    )
    # the later one is not what the decision rested on
    for name in ("cic-report", "transunion-report"):
        assert (found[name]["bureau"], found[name]["score"] != 701) == ("CIBIL", True)


def test_without_a_pull_nothing_is_told_of_one(told, book: Book):
    row = book.row(told["equifax-credit-report"], "open")
    assert {row[name] for name in PULL} == {None}
