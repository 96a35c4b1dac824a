"""The conventions in which lenders differ: how days count, how amounts are rounded, what a broken period does."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum

# Digits that calculations carry. Amounts have at most 14, so what is rounded at the end is exact.
DIGITS = 28


class TermsError(ValueError):
    """These terms make no loan. The message says why."""


class DayCount(StrEnum):
    """What share of a year a period is.

    EQUAL_PERIODS: a whole period is one of those that make a year (a month 1/12, a week 1/52) whatever its days, and
    only days outside of whole periods are counted, of 365. Spreadsheets, RBI's illustration and "30/360" do so.
    """

    ACT_365 = "ACT_365"
    ACT_360 = "ACT_360"
    ACT_ACT = "ACT_ACT"
    EQUAL_PERIODS = "EQUAL_PERIODS"


class Frequency(StrEnum):
    """How often an instalment is due."""

    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"

    @property
    def periods_per_year(self) -> int:
        return {"WEEKLY": 52, "FORTNIGHTLY": 26, "MONTHLY": 12}[self]

    @property
    def days(self) -> int | None:
        """Days of a period; None for months, which have as many as they have."""
        return {"WEEKLY": 7, "FORTNIGHTLY": 14, "MONTHLY": None}[self]


class BrokenPeriod(StrEnum):
    """What becomes of the interest of the days before the first whole period.

    SPREAD: the first period is simply longer, and all instalments bear it. FIRST_INSTALMENT: it is due with the first
    one. UPFRONT: it is kept back from the disbursal. SEPARATE: it is due by itself when the first whole period begins.
    """

    SPREAD = "SPREAD"
    FIRST_INSTALMENT = "FIRST_INSTALMENT"
    UPFRONT = "UPFRONT"
    SEPARATE = "SEPARATE"


class Moratorium(StrEnum):
    """What happens in the periods before principal is repaid: interest is paid, or added to the principal."""

    INTEREST_PAID = "INTEREST_PAID"
    CAPITALISED = "CAPITALISED"


_MODES = {"HALF_UP": ROUND_HALF_UP, "HALF_EVEN": ROUND_HALF_EVEN, "UP": ROUND_UP, "DOWN": ROUND_DOWN}


@dataclass(frozen=True)
class Rounding:
    """To a multiple of `step`, a power of ten. Without a step an amount stays as exact as it was worked out."""

    step: Decimal | None
    mode: str = "HALF_UP"

    def __call__(self, amount: Decimal) -> Decimal:
        return amount if self.step is None else amount.quantize(self.step, _MODES[self.mode])


EXACT = Rounding(None)
PAISA = Rounding(Decimal("0.01"))
RUPEE = Rounding(Decimal(1))


@dataclass(frozen=True)
class Rate:
    """Simple interest in percent. A rate by the day bears no question of day count."""

    percent: Decimal
    per: str = "YEAR"  # or DAY

    @property
    def per_year_percent(self) -> Decimal:
        return self.percent * 365 if self.per == "DAY" else self.percent


@dataclass(frozen=True)
class Conventions:
    """How one product is worked out. The defaults are those of the brands' own loans: whole rupees, actual days.

    `disbursal_day_counts`: the day of disbursal bears interest as well, one day more in all.
    """

    day_count: DayCount = DayCount.ACT_365
    frequency: Frequency = Frequency.MONTHLY
    instalment: Rounding = RUPEE
    interest: Rounding = PAISA
    broken_period: BrokenPeriod = BrokenPeriod.FIRST_INSTALMENT
    moratorium: Moratorium = Moratorium.INTEREST_PAID
    moratorium_periods: int = 0
    disbursal_day_counts: bool = False
