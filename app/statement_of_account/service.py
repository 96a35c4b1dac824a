"""The statement of account of a loan: what was charged, paid and given up, and what is left, as data, CSV and PDF."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.brands import service as brands
from app.core import clock
from app.core.database import current_brand
from app.core.spreadsheet import csv_file
from app.customers import service as customers
from app.documents.languages import long_date
from app.documents.render import inr, letterhead, render
from app.ledger import lines
from app.ledger import service as ledger
from app.ledger.lines import LoanLedgerEntry
from app.ledger.service import Outstanding
from app.loans import service as loans
from app.loans.service import Loan

# What people read for the kind of an entry.
WORDS = {
    "DISBURSAL": "Loan paid out",
    "INTEREST": "Interest",
    "PENAL_CHARGE": "Penal charge",
    "BOUNCE_CHARGE": "Returned debit, charge and GST",
    "FORECLOSURE_CHARGE": "Foreclosure, charge and GST",
    "COOLING_OFF": "Given back, fee and GST returned",
    "WAIVER": "Waived",
    "PAYMENT": "Payment received",
    "FORECLOSURE": "Payment received, foreclosure",
    "RECOVERY": "Payment received after write-off",
    "SUSPENSE_IN": "Payment received, not placed yet",
    "SUSPENSE_PLACED": "Payment placed",
    "SUSPENSE_OUT": "Excess moved to another loan",
    "REFUND": "Excess paid back",
    "SETTLEMENT": "Settled, rest given up",
    "WRITE_OFF": "Written off",
    "DISBURSAL_REVERSAL": "Payout came back",
    "REVERSAL": "Taken back",
}
COLUMNS = ("Date", "What", "Reference", "Charged", "Credited", "Balance")


@dataclass(frozen=True)
class Line:
    """A line of the statement. `debit` came to be owed, `credit` is owed no more, `balance` is left."""

    date: date
    kind: str
    description: str
    reference: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Statement:
    """Of one loan, up to and with `as_of`."""

    loan: Loan
    loan_no: str
    customer_name: str
    as_of: date
    principal: Decimal
    rate_percent_per_day: Decimal
    due_date: date | None
    lines: list[Line]
    outstanding: Outstanding


def of_loan(loan: Loan, as_of: date | None = None) -> Statement:
    """The statement up to `as_of`: today, if not said, and never later."""
    as_of = min(as_of or clock.today(), clock.today())
    return Statement(
        loan=loan,
        loan_no=loan.loan_no,
        customer_name=customers.get(loan.customer_id).name or "",
        as_of=as_of,
        principal=loan.sanctioned_amount or Decimal(0),
        rate_percent_per_day=loan.roi_percent_per_day or Decimal(0),
        due_date=loan.due_date,
        lines=_lines(loan.id, as_of),
        outstanding=ledger.outstanding_as_of(loan.id, as_of),
    )


def _lines(loan_id: UUID, as_of: date) -> list[Line]:
    told = [_line(entry) for entry in lines.of_loan(loan_id) if entry.date <= as_of]
    owed = ledger.outstanding_as_of(loan_id, as_of).total
    left = told[-1].balance if told else Decimal(0)
    # interest of the days since the last entry is owed before it is booked
    rest = owed - left
    if rest > 0:
        told.append(Line(as_of, "INTEREST", "Interest until this day", "", rest, Decimal("0.00"), owed))
    elif rest < 0:
        told.append(Line(as_of, "INTEREST", "Corrected later", "", Decimal("0.00"), -rest, owed))
    return told


def _line(entry: LoanLedgerEntry) -> Line:
    return Line(
        date=entry.date,
        kind=entry.kind,
        description=WORDS[entry.kind] + (f", of {long_date(entry.value_date)}" if entry.value_date else ""),
        reference="" if entry.kind == "INTEREST" else entry.reference,
        debit=entry.debit,
        credit=entry.credit,
        balance=entry.balance,
    )


def as_csv(statement: Statement) -> bytes:
    """The lines for a spreadsheet."""
    lines = statement.lines
    cells = [
        (line.date, line.description, line.reference, line.debit, line.credit, line.balance) for line in lines
    ]
    return csv_file(COLUMNS, cells)


def as_pdf(statement: Statement) -> bytes:
    """The statement on the brand's paper."""
    owed = statement.outstanding
    facts = {
        "Loan": statement.loan_no,
        "Name": statement.customer_name,
        "Amount": f"Rs {inr(statement.principal)}",
        "Interest": f"{statement.rate_percent_per_day.normalize():f} % a day",
        "Due": long_date(statement.due_date) if statement.due_date else "not yet",
    }
    owing = {
        "Principal": owed.principal,
        "Interest": owed.interest,
        "Penal charges": owed.penal,
        "Other charges": owed.charges,
        "Outstanding": owed.total,
        "Paid beyond it": owed.excess,
    }
    data = letterhead(brands.describe(), statement.as_of) | {
        "loan_no": statement.loan_no,
        "facts": list(facts.items()),
        "head": COLUMNS,
        "rows": [
            [
                f"{line.date:%d-%m-%Y}",
                line.description,
                line.reference,
                *(inr(amount) for amount in (line.debit, line.credit, line.balance)),
            ]
            for line in statement.lines
        ],
        "owed": [(name, f"Rs {inr(amount)}") for name, amount in owing.items()],
    }
    return render("statement", data, current_brand())


def for_customer(loan_id: UUID | str, customer_id: UUID | str, as_of: date | None) -> Statement:
    """The customer's own. Raises NotFound for somebody else's loan."""
    return of_loan(loans.for_customer(loan_id, customer_id), as_of)


def for_staff(loan_id: UUID | str, as_of: date | None) -> Statement:
    """Any of the brand's."""
    return of_loan(loans.get(loan_id), as_of)
