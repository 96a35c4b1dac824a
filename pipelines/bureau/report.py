"""The one shape that every bureau reader delivers, whichever bureau the report came from.

A reader is one file with one function: read_<bureau>(raw, report_id=...) -> BureauReport. Its frames hold the
columns below; several reports concatenate into one frame, told apart by report_id.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from pipelines.money import MONEY

Outcome = Literal["SCORED", "THIN_FILE", "NO_HIT"]

HISTORY_MONTHS_MAX = 36

ACCOUNTS: dict[str, pl.DataType] = {
    "report_id": pl.String(),
    "account_id": pl.String(),
    "lender": pl.String(),
    "product": pl.String(),
    "secured": pl.Boolean(),  # null: cannot be told
    "revolving": pl.Boolean(),
    "ownership": pl.String(),
    "opened_on": pl.Date(),
    "reported_on": pl.Date(),
    "closed_on": pl.Date(),  # or the day on which it was reported as closed
    "sanctioned": MONEY,
    "outstanding": MONEY,
    "overdue": MONEY,
    "credit_limit": MONEY,
    "emi": MONEY,
    "payments_per_year": pl.Int64(),
    "tenure_months": pl.Int64(),
    "condition": pl.String(),  # WRITTEN_OFF, SETTLED, RESTRUCTURED or null
    "written_off": MONEY,
}

HISTORY: dict[str, pl.DataType] = {
    "report_id": pl.String(),
    "account_id": pl.String(),
    "month": pl.Date(),  # its first day
    "status": pl.String(),  # as the bureau wrote it
    "days_past_due": pl.Int64(),  # null: not reported
}

ENQUIRIES: dict[str, pl.DataType] = {
    "report_id": pl.String(),
    "enquiry_id": pl.String(),
    "enquired_on": pl.Date(),
    "lender": pl.String(),
    "product": pl.String(),
    "secured": pl.Boolean(),
    "amount": MONEY,
}

IDENTITIES: dict[str, pl.DataType] = {
    "report_id": pl.String(),
    "kind": pl.String(),  # NAME, DOB, PHONE, EMAIL, ADDRESS, PAN ...
    "value": pl.String(),
}


@dataclass(frozen=True)
class BureauReport:
    """One bureau report.

    outcome: SCORED; THIN_FILE (the bureau knows the person, too little for a score); NO_HIT (it does not).
    score is None unless SCORED.
    """

    bureau: str
    report_id: str
    outcome: Outcome
    score: int | None
    pulled_on: date | None
    control_number: str | None
    accounts: pl.LazyFrame
    history: pl.LazyFrame
    enquiries: pl.LazyFrame
    identities: pl.LazyFrame
    # what is odd about the report, and no reason to refuse it
    warnings: tuple[str, ...] = ()
    # False when the report speaks of accounts and lists none: nothing is known of them then
    has_accounts: bool = True

    @property
    def hit(self) -> bool:
        """The bureau has a file on this person."""
        return self.outcome != "NO_HIT"
