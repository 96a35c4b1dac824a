"""What a mandate allows, from the loan and the brand's policy: at most how much a debit, and until when."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_UP, Decimal
from typing import Any

from pipelines.loans import Frequency, due_dates


def amount_max(repayment: Decimal, policy: Mapping[str, Any]) -> Decimal:
    """The repayment times the brand's factor, in whole rupees upwards: room for interest of late days."""
    return (repayment * policy["cap_factor"]).quantize(Decimal(1), ROUND_UP)


def valid_until(due_date: date, policy: Mapping[str, Any]) -> date:
    """So many months after the due date."""
    return due_dates(due_date, policy["months_after_due"] + 1, Frequency.MONTHLY)[-1]
