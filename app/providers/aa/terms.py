"""What a consent lets us do: the templates of the ecosystem (Sahamati) that a lender may use.

Purpose 103 is underwriting, once; 104 is monitoring of a running loan, again and again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.providers.fields import Fields

UNITS: Mapping[str, timedelta] = {
    "HOUR": timedelta(hours=1),
    "DAY": timedelta(days=1),
    "MONTH": timedelta(days=30),
    "YEAR": timedelta(days=365),
}
FOR_EVER = "INF"
STATEMENT_DAYS = 180


@dataclass(frozen=True)
class Period:
    """A number of HOUR, DAY, MONTH (30 days) or YEAR (365); INF has no end."""

    unit: str
    value: int

    @property
    def length(self) -> timedelta | None:
        """How long it is; None without end."""
        return None if self.unit == FOR_EVER else UNITS[self.unit] * self.value

    def after(self, start: datetime) -> datetime | None:
        """When it ends if it begins at `start`."""
        return None if self.length is None else start + self.length

    def as_dict(self) -> dict[str, str | int]:
        """As ReBIT writes it."""
        return {"unit": self.unit, "value": self.value}


@dataclass(frozen=True)
class ConsentTerms:
    """Purpose (ReBIT code), what is read, how far back, how long the consent is valid and the data is kept.

    `frequency` is so many fetches a unit (DAY 2: twice a day); with fetch type ONETIME there is one fetch in all.
    """

    purpose_code: str
    purpose_text: str
    purpose_category: str
    fetch_type: str
    valid_for: timedelta
    data_life: Period
    frequency: Period
    days_back: int = STATEMENT_DAYS
    consent_types: tuple[str, ...] = ("PROFILE", "SUMMARY", "TRANSACTIONS")
    fi_types: tuple[str, ...] = ("DEPOSIT",)


_UNDERWRITING = {
    "purpose_code": "103",
    "purpose_text": "Aggregated statement",
    "purpose_category": "Financial Reporting",
    "fetch_type": "ONETIME",
    "valid_for": timedelta(days=180),
    "data_life": Period("MONTH", 12),
    "frequency": Period("HOUR", 1),
}
UNDERWRITING = ConsentTerms(**_UNDERWRITING)

TERMS: Mapping[str, ConsentTerms] = {
    "UNDERWRITING": UNDERWRITING,
    # credit cards and provident fund are OTHER in the list of FI types
    "UNDERWRITING_WIDE": ConsentTerms(
        **_UNDERWRITING, fi_types=("DEPOSIT", "TERM_DEPOSIT", "RECURRING_DEPOSIT", "OTHER")
    ),
    "MONITORING": ConsentTerms(
        purpose_code="104",
        purpose_text="Explicit consent for monitoring of the accounts",
        purpose_category="Account Query and Monitoring",
        fetch_type="PERIODIC",
        valid_for=timedelta(days=180),
        data_life=Period("DAY", 30),
        frequency=Period("DAY", 1),
        days_back=30,
    ),
}


def read_period(fields: Fields, name: str) -> Period:
    """A period out of a message. Raises FieldError."""
    period = fields.child(name)
    unit, value = period.one_of("unit", *UNITS, FOR_EVER), period.decimal("value")
    if value != int(value) or value < 0:
        raise period.error("value", "expected a whole number")
    return Period(unit, int(value))
