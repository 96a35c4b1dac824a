"""What the sandbox knows of a person: the shapes behind the table in personas.py.

Money is Decimal rupees. Everything in the past is told as days or months before today, so that a
persona is as fresh next year as it is now.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

NOTHING_DUE = "000"


@dataclass(frozen=True)
class Address:
    house: str
    street: str
    locality: str
    city: str
    district: str
    state: str
    state_code: str
    pincode: str


@dataclass(frozen=True)
class Emi:
    """A loan instalment debited from the salary account every month on `day`."""

    lender: str
    amount: Decimal
    day: int


@dataclass(frozen=True)
class Movement:
    """One transaction outside the monthly rhythm: a payday loan received, a bet placed."""

    party: str
    amount: Decimal
    days_ago: int


@dataclass(frozen=True)
class Account:
    """One loan or card at the bureau.

    account_type is the bureau's two-digit code; dpd is one three-character mark a month, newest
    first (days past due, STD, SMA, SUB, DBT, LSS or XXX). written_off is the bureau's
    written-off/settled code, None where there is none.
    """

    account_type: str
    opened_months_ago: int
    high_credit: Decimal
    balance: Decimal
    dpd: tuple[str, ...]
    emi: Decimal | None = None
    overdue: Decimal | None = None
    credit_limit: Decimal | None = None
    closed_months_ago: int | None = None
    written_off: str | None = None


@dataclass(frozen=True)
class Enquiry:
    days_ago: int
    purpose: str
    amount: Decimal


@dataclass(frozen=True)
class Persona:
    """One way of being an applicant, shared by everybody who plays it.

    pan_prefix: an unknown PAN that starts with it plays this persona. other_name is what Aadhaar
    and the bank say when it is not the name on the PAN. salaries are the last six months, newest
    first, 0 for a month without one. score None means that the bureau has no record.
    """

    key: str
    gist: str
    pan_prefix: str
    employer: str
    joined_months_ago: int
    salary_day: int
    salaries: tuple[Decimal, ...]
    monthly_spend: Decimal
    opening_balance: Decimal
    score: int | None
    left_months_ago: int | None = None
    other_name: str | None = None
    emis: tuple[Emi, ...] = ()
    bounces_days_ago: tuple[int, ...] = ()
    payday_credits: tuple[Movement, ...] = ()
    gambling: tuple[Movement, ...] = ()
    accounts: tuple[Account, ...] = ()
    enquiries: tuple[Enquiry, ...] = ()


@dataclass(frozen=True)
class Person:
    """Somebody who plays a persona, with identifiers of their own (check digits valid)."""

    persona: Persona
    name: str
    pan: str
    date_of_birth: date
    gender: str
    phone: str
    email: str
    aadhaar: str
    uan: str
    account_number: str
    ifsc: str
    address: Address

    @property
    def kyc_name(self) -> str:
        """The name as Aadhaar and the bank have it."""
        return self.persona.other_name or self.name

    @property
    def care_of(self) -> str:
        """Whose child they are, as the Aadhaar says it."""
        of = "D/O" if self.gender == "female" else "S/O"
        return f"{of}: MOHAN {self.kyc_name.split()[-1]}"

    @property
    def masked_aadhaar(self) -> str:
        return f"XXXXXXXX{self.aadhaar[-4:]}"

    def joined_on(self, today: date) -> date:
        return months_before(today, self.persona.joined_months_ago)

    def left_on(self, today: date) -> date | None:
        left = self.persona.left_months_ago
        return None if left is None else months_before(today, left)


def months_before(today: date, months: int) -> date:
    """The first day of the month that many months ago."""
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


class Recent(OrderedDict[str, Any]):
    """A dictionary that forgets its oldest entries: a simulator must not grow for ever."""

    def __init__(self, entries_max: int = 10_000) -> None:
        super().__init__()
        self.entries_max = entries_max

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self.entries_max:
            self.popitem(last=False)
