"""What a loan costs and when it is repaid: schedules, charges, APR and the figures of a Key Facts Statement.

Functions of their arguments, in exact decimals. The conventions in which lenders differ are arguments too, so that a
schedule of another system can be told again.
"""

from pipelines.loans.apr import apr_percent, bullet_apr_percent, present_value
from pipelines.loans.charges import Charge, ChargeLine, PayableTo, Treatment, charge_lines
from pipelines.loans.conventions import (
    EXACT,
    PAISA,
    RUPEE,
    BrokenPeriod,
    Conventions,
    DayCount,
    Frequency,
    Moratorium,
    Rate,
    Rounding,
    TermsError,
)
from pipelines.loans.kfs import KfsRow, kfs_rows
from pipelines.loans.periods import due_dates
from pipelines.loans.quotes import Quote, Request, quote
from pipelines.loans.schedules import Instalment, Schedule, bullet, equal_instalments

__all__ = [
    "EXACT",
    "PAISA",
    "RUPEE",
    "BrokenPeriod",
    "Charge",
    "ChargeLine",
    "Conventions",
    "DayCount",
    "Frequency",
    "Instalment",
    "KfsRow",
    "Moratorium",
    "PayableTo",
    "Quote",
    "Rate",
    "Request",
    "Rounding",
    "Schedule",
    "TermsError",
    "Treatment",
    "apr_percent",
    "bullet",
    "bullet_apr_percent",
    "charge_lines",
    "due_dates",
    "equal_instalments",
    "kfs_rows",
    "present_value",
    "quote",
]
