"""What a brand can switch on and off without code: every switch with its meaning and what holds if nobody says.

Code asks `brands.is_on("name")` or `brands.require("name")`. A switch that no code asks for is not
declared: a test holds both ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Feature:
    """`meaning` is what holds while it is on."""

    meaning: str
    default: bool = True


FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        "auto_allocation": Feature(
            "Customers, applications and overdue loans are given out by themselves. Off: they wait for a lead."
        ),
        "automatic_assessment": Feature(
            "An application is assessed by itself: bureau report, then the rules once bank data is there. Off: staff "
            "take each step."
        ),
        "account_aggregator": Feature("Bank data can be asked for through the Account Aggregator."),
        "own_work_only": Feature(
            "Executives see in lists and figures only the loans that are theirs.", default=False
        ),
        "dialer": Feature("Staff call customers from the portal, through Acefone.", default=False),
        "statement_upload": Feature("Customers and staff can send bank statements as files."),
        "auto_noc": Feature(
            "The no-objection certificate is mailed when a loan closes. Off: it is only on file."
        ),
    }
)
