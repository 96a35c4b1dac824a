"""What an applicant holds besides bank accounts: deposits for a term, a credit card, a provident fund.

A holding is its summary, typed. Of a provident fund the contributions are kept too: month after month they show
that somebody is employed, where, and at what wage.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pipelines.aa.tree import Node, amount_of, date_of, many, one, scalar
from pipelines.dates import months_before
from pipelines.errors import EvidenceError

TERM_DEPOSIT, RECURRING_DEPOSIT = "TERM_DEPOSIT", "RECURRING_DEPOSIT"
CREDIT_CARD, PROVIDENT_FUND = "CREDIT_CARD", "EPF"

CONTRIBUTIONS_MAX = 2_000
EPF_WAGE_SHARE = Decimal("0.12")  # of the wage, by each side
EMPLOYED_WITHIN_MONTHS = 2  # a contribution is paid in the month after its wage

Fact = Decimal | date | str | None


@dataclass(frozen=True)
class Contribution:
    """What one month brought into a provident fund."""

    paid_on: date
    employee: Decimal
    employer: Decimal


@dataclass(frozen=True)
class Holding:
    """One holding. `facts` are those of its kind (FACTS) that the provider states; unknown ones are absent."""

    kind: str
    facts: dict[str, Fact]
    contributions: tuple[Contribution, ...] = field(default=())


def _text(value: str | None, _: str) -> str | None:
    return value


def _number(value: str | None, place: str) -> Decimal | None:
    """A plain number, such as a rate in percent."""
    if value is None:
        return None
    try:
        number = Decimal(value.replace(",", "").removesuffix("%"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise EvidenceError(place, "is not a number")
    return number


Reader = Callable[[str | None, str], Fact]
Facts = Mapping[str, tuple[str, Reader]]

_DEPOSIT: Facts = {
    "principal": ("principalAmount", amount_of),
    "current_value": ("currentValue", amount_of),
    "maturity_amount": ("maturityAmount", amount_of),
    "matures_on": ("maturityDate", date_of),
    "interest_rate_percent": ("interestRate", _number),
    "tenure_days": ("tenureDays", _number),
    "tenure_months": ("tenureMonths", _number),
    "tenure_years": ("tenureYears", _number),
}
# kind -> fact -> attribute of Summary and how it is read
FACTS: Mapping[str, Facts] = {
    TERM_DEPOSIT: _DEPOSIT,
    RECURRING_DEPOSIT: _DEPOSIT
    | {"instalment": ("recurringAmount", amount_of), "instalment_day": ("recurringDepositDay", _text)},
    CREDIT_CARD: {
        "current_due": ("currentDue", amount_of),
        "total_due": ("totalDueAmount", amount_of),
        "minimum_due": ("minDueAmount", amount_of),
        "previous_due": ("previousDueAmount", amount_of),
        "credit_limit": ("creditLimit", amount_of),
        "cash_limit": ("cashLimit", amount_of),
        "available_credit": ("availableCredit", amount_of),
        "finance_charges": ("financeCharges", amount_of),
        "due_on": ("dueDate", date_of),
        "statement_on": ("lastStatementDate", date_of),
    },
    PROVIDENT_FUND: {
        "establishment_name": ("establishmentName", _text),
        "establishment_id": ("establishmentId", _text),
        "employee_balance": ("employeeBalance", amount_of),
        "employer_balance": ("employerBalance", amount_of),
        "total_balance": ("totalBalance", amount_of),
        "current_balance": ("currentBalance", amount_of),
    },
}


def holding_of(account: Node, kind: str) -> Holding:
    """The holding of an account. Raises EvidenceError."""
    summary = one(account.get("summary"), "Summary")
    facts = {
        name: read(scalar(summary, attribute, "Summary"), f"Summary.{attribute}")
        for name, (attribute, read) in FACTS[kind].items()
    }
    known = {name: value for name, value in facts.items() if value is not None}
    return Holding(kind, known, _contributions(account) if kind == PROVIDENT_FUND else ())


def _contributions(account: Node) -> tuple[Contribution, ...]:
    parent = one(account.get("transactions"), "Transactions")
    nodes = many(parent.get("transaction"), "Transactions.Transaction")
    if len(nodes) > CONTRIBUTIONS_MAX:
        raise EvidenceError("Transactions.Transaction", f"has more than {CONTRIBUTIONS_MAX} entries")
    read = [_contribution(node, f"Transactions.Transaction[{number}]") for number, node in enumerate(nodes)]
    return tuple(sorted(filter(None, read), key=lambda contribution: contribution.paid_on))


def _contribution(node: Node, place: str) -> Contribution | None:
    """A deposit into the fund; interest, transfers and withdrawals are none."""
    if (scalar(node, "type", place) or "").upper() != "DEPOSIT":
        return None
    paid_on = date_of(scalar(node, "txnDate", place), f"{place}.txnDate")
    if paid_on is None:
        raise EvidenceError(f"{place}.txnDate", "is missing")
    employee, employer = (
        amount_of(scalar(node, name, place), f"{place}.{name}") or Decimal("0.00")
        for name in ("employeeDepositAmount", "employerDepositAmount")
    )
    return Contribution(paid_on, employee, employer)


def epf_employment(holding: Holding, as_of: date) -> dict[str, Any] | None:
    """What a provident fund says of employment on a day; None for another holding.

    `contributing` is None where no contribution is shown at all: silence is no proof of unemployment. The wage is
    the employee's last share over EPF_WAGE_SHARE: the wage that counts for the fund, not what is paid out.
    """
    if holding.kind != PROVIDENT_FUND:
        return None
    paid = [one for one in holding.contributions if one.paid_on <= as_of and one.employee + one.employer > 0]
    since = months_before(as_of, EMPLOYED_WITHIN_MONTHS).replace(day=1)
    last_year = [one for one in paid if one.paid_on > months_before(as_of, 12)]
    return {
        "employer": holding.facts.get("establishment_name"),
        "establishment_id": holding.facts.get("establishment_id"),
        "contributing": paid[-1].paid_on >= since if paid else None,
        "first_contribution_on": paid[0].paid_on if paid else None,
        "last_contribution_on": paid[-1].paid_on if paid else None,
        "contribution_months_12m": len({(one.paid_on.year, one.paid_on.month) for one in last_year}),
        "wage": _wage(paid[-1]) if paid else None,
    }


def _wage(contribution: Contribution) -> Decimal | None:
    if not contribution.employee:
        return None
    return (contribution.employee / EPF_WAGE_SHARE).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
