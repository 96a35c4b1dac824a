"""What a loan may cost beside its interest, and the order in which payments settle it: the brand's until its payout is
ordered, the loan's own from then on. So what its key facts tell is what is charged (RBI, Key Facts Statement, 15 April
2024: no charge that is not in it), however the brand's rules change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.brands import service as brands
from app.core.errors import Conflict
from app.core.money import rupees
from app.loans.models import Loan
from app.policies import service as policies
from rules import Ruleset, compute

# the rules are asked day by day for so long, and once for a day beyond all of theirs
_LOOK_DAYS = 120
_AT_LAST = 3_650
# as much as a loan that is left alone could come to
_GROWN = 20


@dataclass(frozen=True)
class Terms:
    """The rule set `charges`, what a foreclosure costs of the principal, and the order in which a payment settles."""

    charges: Ruleset
    foreclosure_percent: Decimal
    payment_order: tuple[str, ...]


@dataclass(frozen=True)
class Contingent:
    """In rupees. `penal_from`: the first day past due that costs something, None where none does."""

    penal_from: int | None
    penal_a_day: Decimal
    penal_at_most: Decimal
    returned_mandate: Decimal
    returned_mandate_gst: Decimal


def of(loan: Loan) -> Terms:
    """The loan's own terms, or those that its brand has now while it has none."""
    if not _has_own(loan):
        return _of_brand()
    charges = policies.ruleset_of("charges", loan.charges_hash)
    return Terms(charges, loan.foreclosure_percent, tuple(loan.payment_order))


def keep(loan: Loan) -> None:
    """Make what the brand has now the loan's own. What a loan has already stays."""
    if loan.charges_hash is None:
        now = _of_brand()
        loan.change(
            charges_hash=policies.keep(now.charges),
            foreclosure_percent=now.foreclosure_percent,
            payment_order=list(now.payment_order),
        )


def _has_own(loan: Loan) -> bool:
    # of loans from before rule sets were kept, that of the files
    return loan.charges_hash is not None or loan.disbursed_at is not None


def _of_brand() -> Terms:
    policy = brands.settings()["repayment"]
    charges = policies.ruleset_for("charges")
    return Terms(charges, policy["foreclosure_percent"], tuple(policy["allocation"]))


def contingent(loan: Loan, charges: Ruleset) -> Contingent:
    """What the rule set `charges` comes to for this loan."""
    penal = (_told(charges, loan, days)["penal_charge"] or Decimal(0) for days in range(_LOOK_DAYS))
    first, a_day = next(((days, amount) for days, amount in enumerate(penal) if amount), (None, Decimal(0)))
    returned = _told(charges, loan, 0)
    return Contingent(
        penal_from=first,
        penal_a_day=rupees(a_day) if first else Decimal(0),
        penal_at_most=rupees(_told(charges, loan, _AT_LAST, grown=_GROWN)["penal_charge"] or 0),
        returned_mandate=rupees(returned["returned_mandate_charges"] or 0),
        returned_mandate_gst=rupees(returned["returned_mandate_gst"] or 0),
    )


def _told(charges: Ruleset, loan: Loan, days: int, grown: int = 1) -> Mapping[str, Any]:
    asked = {
        "principal": loan.sanctioned_amount,
        "overdue_amount": loan.repayment_amount * grown,
        "days_past_due": days,
        "returned_mandate_count": 1,
    }
    return compute(charges, asked)


def describe(loan_id: UUID | str) -> dict[str, Any]:
    """The terms of a loan in figures. Raises Conflict before it is sanctioned."""
    loan = Loan.find(loan_id)
    if loan.repayment_amount is None:
        raise Conflict(f"The loan is {loan.status}: nothing is sanctioned yet.", code="NOT_SANCTIONED")
    terms = of(loan)
    return asdict(contingent(loan, terms.charges)) | {
        "is_own": _has_own(loan),
        "ruleset_hash": terms.charges.hash,
        "foreclosure_percent": terms.foreclosure_percent,
        "payment_order": terms.payment_order,
    }
