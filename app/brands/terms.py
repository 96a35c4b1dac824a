"""What the credit policy says of amounts, days and rates. The rules own these; settings show them and stay within."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid, NotFound
from app.policies import service as policies

# our name -> the parameter of the rule set `cam`, and how it is told
_PARAMETERS = {
    "amount_min": ("minimum_loan", Decimal),
    "amount_max": ("maximum_loan", Decimal),
    "tenure_days_min": ("minimum_tenure_days", int),
    "tenure_days_max": ("maximum_tenure_days", int),
    "roi_percent_per_day_min": ("minimum_rate", Decimal),
    "roi_percent_per_day_max": ("maximum_rate", Decimal),
    "processing_fee_percent": ("fee_percent", Decimal),
    "processing_fee_percent_max": ("maximum_fee_percent", Decimal),
    "gst_percent": ("gst_percent", Decimal),
    "gst_mode": ("gst_mode", str),
}
_LIMITS = (("amount_min", "amount_max"), ("tenure_days_min", "tenure_days_max"))


def of_policy() -> dict[str, Any] | None:
    """The terms of the credit policy in force; None where the brand has no such rule set."""
    try:
        parameters = policies.ruleset_for("cam").parameters
    except NotFound:
        return None
    return {
        name: kind(str(parameters[parameter]))
        for name, (parameter, kind) in _PARAMETERS.items()
        if parameter in parameters
    }


def refuse_beyond_policy(loan_rules: Mapping[str, Any]) -> None:
    """Raises Invalid naming the first limit that lies outside of what the credit policy allows."""
    allowed = of_policy() or {}
    for low, high in _LIMITS:
        if not {low, high} <= allowed.keys():
            continue
        for name in (low, high):
            if not allowed[low] <= loan_rules[name] <= allowed[high]:
                raise Invalid(
                    f"The credit policy allows {allowed[low]} to {allowed[high]}.",
                    field=f"settings.loan_rules.{name}",
                    code="BEYOND_POLICY",
                )
