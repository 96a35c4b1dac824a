"""What the documents of a loan say of it: the variables of `words/*.yaml`, as text in a language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.brands import service as brands
from app.core.clock import business_day
from app.customers.service import Customer
from app.documents.languages import key_fact, long_date, words
from app.documents.render import inr, postal_address
from app.ledger import service as ledger
from app.ledger.events import Part
from app.loans.service import Loan
from pipelines.loans import (
    EXACT,
    Charge,
    ChargeLine,
    Conventions,
    Instalment,
    KfsRow,
    Quote,
    Rate,
    Request,
    Schedule,
    kfs_rows,
)

# Working days for which an offer binds the lender, by the shortest term in days (RBI, Key Facts Statement, 2024).
VALID_DAYS = ((7, 3), (0, 1))
PAY_WITHIN_DAYS = 7
_MONEY = re.compile(r"\d+\.\d\d")
_A_RATE = ("B", "3")
Rows = list[list[str]]


def quote_of(loan: Loan) -> Quote:
    """The loan as sanctioned, in the terms of the shared core: its own amounts, worked out by nobody anew."""
    start = loan.due_date - timedelta(days=loan.tenure_days)
    row = Instalment(
        1,
        loan.due_date,
        loan.tenure_days,
        opening=loan.sanctioned_amount,
        principal=loan.sanctioned_amount,
        interest=loan.repayment_amount - loan.sanctioned_amount,
        amount=loan.repayment_amount,
        after_periods=Decimal(1),
    )
    return Quote(
        Request(loan.sanctioned_amount, Rate(loan.roi_percent_per_day, "DAY"), start, dues=(loan.due_date,)),
        Conventions(interest=EXACT),
        Schedule(loan.sanctioned_amount, (row,), Decimal(365) / loan.tenure_days),
        (ChargeLine(Charge("Processing fee"), loan.processing_fee, loan.gst_amount),),
    )


def values(
    loan: Loan, customer: Customer, account: str | None, brand: Mapping[str, Any], language: str, on: date
) -> dict[str, str]:
    """What every document may say. `account` is the one to be credited, as text; `brand` as brands describe it."""
    said, lender, made = words(language)["values"], brand["settings"]["lender"], quote_of(loan)
    plain = {
        "date": long_date(on, language),
        "valid_until": long_date(valid_until(loan.tenure_days, on), language),
        "sanction_until": long_date(loan.sanction_valid_until or valid_until(loan.tenure_days, on), language),
        "brand": brand["name"],
        "lender": lender["name"],
        "lender_address": lender["address"],
        "officer": lender["grievance_officer"],
        "officer_phone": lender["grievance_phone"],
        "officer_email": lender["grievance_email"],
        "name": customer.name or "",
        "pan": customer.pan or "",
        "address": postal_address(customer.address),
        "contact": ", ".join(part for part in (customer.phone, customer.email) if part),
        "account": account or said["no_account"],
        "loan_no": loan.loan_no,
        "loan_type": said["loan_type"],
        "purpose": loan.purpose.lower().replace("_", " "),
        "rate": f"{loan.roi_percent_per_day.normalize():f}",
        "tenure_days": str(loan.tenure_days),
        "due_date": long_date(loan.due_date, language),
        "instalments": str(len(made.schedule.rows)),
        "apr": f"{made.apr_percent} %",
        "cooling_off_days": str(brand["settings"]["loan_rules"]["cooling_off_days"]),
        "cooling_off_fee": said["fee_kept" if _keeps_fee(brand) else "fee_returned"],
        **clause_numbers(language),
    }
    return plain | {name: f"₹ {inr(amount)}" for name, amount in _amounts(loan).items()}


def _keeps_fee(brand: Mapping[str, Any]) -> bool:
    return brand["settings"]["disbursal"]["cooling_off_keeps_fee"]


def _amounts(loan: Loan) -> dict[str, Decimal]:
    return {
        "sanctioned_amount": loan.sanctioned_amount,
        "processing_fee": loan.processing_fee,
        "gst_amount": loan.gst_amount,
        "deducted": loan.sanctioned_amount - loan.net_disbursal,
        "net_disbursal": loan.net_disbursal,
        "interest": loan.repayment_amount - loan.sanctioned_amount,
        "repayment_amount": loan.repayment_amount,
    }


def valid_until(tenure_days: int, on: date) -> date:
    """The last day on which an offer binds; Saturdays and Sundays are no working days."""
    left, day = next(days for shortest, days in VALID_DAYS if tenure_days >= shortest), on
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def clause_numbers(language: str) -> dict[str, str]:
    """Where a clause of the agreement stands, for what refers to it."""
    blocks = words(language)["kinds"]["LOAN_AGREEMENT"]["blocks"]
    clauses = next(block["clauses"] for block in blocks if "clauses" in block)
    return {f"clause_{clause['id']}": str(number) for number, clause in enumerate(clauses, 1)}


@dataclass(frozen=True)
class Settlement:
    """What was agreed on about a loan: `amount` instead of `total_due`, so much by each day."""

    amount: Decimal
    total_due: Decimal
    instalments: Sequence[tuple[date, Decimal]]
    grace_days: int


def settlement_values(agreed: Settlement, language: str) -> dict[str, str]:
    """Of a loan that may be settled."""
    last = agreed.instalments[-1][0]
    return {
        "total_due": f"₹ {inr(agreed.total_due)}",
        "settlement_amount": f"₹ {inr(agreed.amount)}",
        "settle_by": long_date(last, language),
        "grace_days": str(agreed.grace_days),
    }


def settlement_rows(agreed: Settlement, language: str) -> Rows:
    """Number, day and amount of each instalment; the sum last."""
    lines = [
        [str(number), long_date(day, language), f"₹ {inr(amount)}"]
        for number, (day, amount) in enumerate(agreed.instalments, 1)
    ]
    return [*lines, ["", words(language)["tables"]["total"], f"₹ {inr(agreed.amount)}"]]


def closing_values(loan: Loan, language: str, on: date) -> dict[str, str]:
    """Of a loan that is repaid."""
    closed_on = business_day(loan.closed_at) if loan.closed_at else on
    owed = ledger.outstanding_as_of(loan.id, on).total
    return _received(loan, language) | {
        "outstanding": f"₹ {inr(owed)}",
        "closed_on": long_date(closed_on, language),
    }


def lost_values(loan: Loan, language: str, on: date) -> dict[str, str]:
    """Of a loan that was written off: `lost` of it is not recovered."""
    return _received(loan, language) | {
        "written_off_on": long_date(business_day(loan.closed_at), language),
        "lost": f"₹ {inr(ledger.outstanding_as_of(loan.id, on).lost)}",
    }


def demand_values(loan: Loan, language: str, on: date) -> dict[str, str]:
    """Of a loan that is overdue, to be paid within a week."""
    return _overdue(loan, language, on, PAY_WITHIN_DAYS)


def legal_values(loan: Loan, language: str, on: date) -> dict[str, str]:
    """The same, to be paid within the days that the brand gives before it goes to law."""
    answer_days = brands.settings()["collections"]["legal_notice_answer_days"]
    goes_on = loan.status != "WRITE_OFF"
    said = words(language)["values"]["further_interest"] if goes_on else ""
    further = {"further_interest": said.format(rate=f"{loan.roi_percent_per_day.normalize():f}")}
    return _overdue(loan, language, on, answer_days) | further


def _overdue(loan: Loan, language: str, on: date, days: int) -> dict[str, str]:
    owed = ledger.claimed_as_of(loan.id, on)
    amounts = {
        "principal_due": owed[Part.PRINCIPAL],
        "interest_due": owed[Part.INTEREST],
        "charges_due": owed[Part.PENAL] + owed[Part.CHARGE],
        "total_due": sum(owed.values()),
    }
    return (
        _received(loan, language)
        | {name: f"₹ {inr(amount)}" for name, amount in amounts.items()}
        | {
            "days_past_due": str(max(0, (on - loan.due_date).days)),
            "pay_by": long_date(on + timedelta(days=days), language),
        }
    )


def _received(loan: Loan, language: str) -> dict[str, str]:
    return {
        "received": f"₹ {inr(ledger.received(loan.id))}",
        "disbursed_on": long_date(business_day(loan.disbursed_at), language),
    }


def key_facts(made: Quote, known: Mapping[str, str], language: str) -> dict[str, Rows]:
    """The rows of the Key Facts Statement, `part_1`, `part_2` and `computation`: number, title, value."""
    said, rows = words(language)["key_facts"], kfs_rows(made)
    facts = [_key_fact_row(row, language) for row in rows if row.part == "A"]
    before_apr = next(place for place, row in enumerate(facts) if row[0] == "9")
    if not any(row.title.endswith("to a third party, once") for row in rows):
        facts.insert(before_apr, said["no_third_party"])
    return {
        "part_1": _filled(said["before"], known) + facts + _filled(said["after"], known),
        "part_2": _filled(said["part_2"], known),
        "computation": [_key_fact_row(row, language) for row in rows if row.part == "B"],
    }


def _key_fact_row(row: KfsRow, language: str) -> list[str]:
    is_money = _MONEY.fullmatch(row.value) and (row.part, row.number) != _A_RATE
    value = f"₹ {inr(Decimal(row.value))}" if is_money else key_fact(row.value, language)
    return [row.number, key_fact(row.title, language), value]


def _filled(rows: Rows, known: Mapping[str, str]) -> Rows:
    return [[cell.format_map(known) for cell in row] for row in rows]


def schedule_rows(made: Quote, language: str) -> Rows:
    """Annex C: number, due date, principal before it, principal, interest, instalment; the totals last."""
    rows = made.schedule.shown().rows
    lines = [
        [str(row.number), long_date(row.due_date, language)]
        + [f"₹ {inr(amount)}" for amount in (row.opening, row.principal, row.interest, row.amount)]
        for row in rows
    ]
    totals = [
        sum((getattr(row, name) for row in rows), Decimal(0)) for name in ("principal", "interest", "amount")
    ]
    return [*lines, ["", words(language)["tables"]["total"], "", *(f"₹ {inr(amount)}" for amount in totals)]]
