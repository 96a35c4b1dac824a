"""What a loan costs if it is not repaid as agreed, told before it is taken: the brand's own rules, asked what they
would charge (RBI, penal charges, 18 August 2023: amount and reason in the agreement and the Key Facts Statement)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.core.money import rupees
from app.documents.languages import words
from app.documents.render import inr
from app.loans.service import Loan
from rules import Ruleset, compute

# the rules are asked day by day for so long, and once for a day beyond all of theirs
_LOOK_DAYS = 120
_AT_LAST = 3_650
# as much as a loan that is left alone could come to
_GROWN = 20


@dataclass(frozen=True)
class Contingent:
    """In rupees. `penal_from`: the first day past due that costs something, None where none does."""

    penal_from: int | None
    penal_a_day: Decimal
    penal_at_most: Decimal
    returned_mandate: Decimal
    returned_mandate_gst: Decimal


def of(loan: Loan, charges: Ruleset) -> Contingent:
    """What the rule set `charges` comes to for this loan."""
    penal = [_told(charges, loan, days)["penal_charge"] or Decimal(0) for days in range(_LOOK_DAYS)]
    first = next((days for days, amount in enumerate(penal) if amount), None)
    returned = _told(charges, loan, 0)
    return Contingent(
        penal_from=first,
        penal_a_day=rupees(penal[first] - penal[first - 1]) if first else Decimal(0),
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


def values(loan: Loan, charges: Ruleset, repayment: Mapping[str, Any], language: str) -> dict[str, str]:
    """The variables of `words/*.yaml` that say so; `repayment` is the brand's policy of that name."""
    said, costs = words(language)["contingent"], of(loan, charges)
    amounts = ("penal_a_day", "penal_at_most", "returned_mandate", "returned_mandate_gst")
    known = {name: f"₹ {inr(getattr(costs, name))}" for name in amounts} | {
        "penal_from": str(costs.penal_from),
        "foreclosure_percent": f"{repayment['foreclosure_percent'].normalize():f}",
    }
    levied = {
        "penal": costs.penal_from is not None,
        "returned": costs.returned_mandate > 0,
        "foreclosure": repayment["foreclosure_percent"] > 0,
    }
    told = {
        f"{name}_said": said[name if is_levied else f"no_{name}"].format_map(known)
        for name, is_levied in levied.items()
    }
    return told | {"settles": ", ".join(said["parts"][part] for part in repayment["allocation"])}
