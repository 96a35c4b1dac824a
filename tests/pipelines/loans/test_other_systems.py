"""Schedules that other systems work out, told again by choosing their conventions.

Apache Fineract: expectations of its EMI calculator tests (`ProgressiveEMICalculatorTest`) and of its end-to-end
features (Loan, LoanRepayment, LoanChargeOff). Frappe Lending: `test_loan`. NumPy Financial: the examples of `ipmt`
and `pmt`. Spreadsheets: the documented examples of PMT, IPMT, PPMT, CUMIPMT and CUMPRINC, and the closed formulas of
these functions in floats.
"""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from pipelines.loans import (
    EXACT,
    PAISA,
    RUPEE,
    BrokenPeriod,
    Conventions,
    DayCount,
    Frequency,
    Rate,
    Rounding,
    bullet,
    due_dates,
    equal_instalments,
)

BANKERS = Rounding(D("0.01"), "HALF_EVEN")
MONTHLY, WEEKLY, FORTNIGHTLY = Frequency
START = date(2024, 1, 1)
MONTHS = due_dates(date(2024, 2, 1), 12, Frequency.MONTHLY)


def fineract(principal, percent, dues, day_count, start=START, **conventions):
    chosen = {"interest": BANKERS, "instalment": BANKERS, "broken_period": BrokenPeriod.SPREAD} | conventions
    made = Conventions(day_count=day_count, **chosen)
    return equal_instalments(D(principal), Rate(D(percent)), start, dues, made)


FINERACT = {
    "365 days, actual months": (
        fineract(100, "15.678", MONTHS[:6], DayCount.ACT_365),
        "17.43 1.33 83.90, 17.43 1.05 67.52, 17.43 0.90 50.99, 17.43 0.66 34.22, 17.43 0.46 17.25, 17.47 0.22 0",
    ),
    "360 days, months of 30": (
        fineract(100, "9.4822", MONTHS[:6], DayCount.EQUAL_PERIODS),
        "17.13 0.79 83.66, 17.13 0.66 67.19, 17.13 0.53 50.59, 17.13 0.40 33.86, 17.13 0.27 17.00, 17.13 0.13 0",
    ),
    "actual years, over a new year": (
        fineract(
            100,
            "9.4822",
            due_dates(date(2024, 1, 12), 6, Frequency.MONTHLY),
            DayCount.ACT_ACT,
            date(2023, 12, 12),
        ),
        "17.13 0.80 83.67, 17.13 0.67 67.21, 17.13 0.50 50.58, 17.13 0.41 33.86, 17.13 0.26 16.99, 17.13 0.14 0",
    ),
    "weeks, 364 days": (
        fineract(
            100,
            "9.4822",
            due_dates(date(2024, 1, 8), 6, Frequency.WEEKLY),
            DayCount.EQUAL_PERIODS,
            frequency=Frequency.WEEKLY,
        ),
        "16.77 0.18 83.41, 16.77 0.15 66.79, 16.77 0.12 50.14, 16.77 0.09 33.46, 16.77 0.06 16.75, 16.78 0.03 0",
    ),
    "fortnights, 364 days": (
        fineract(
            100,
            "9.4822",
            due_dates(date(2024, 1, 15), 3, Frequency.FORTNIGHTLY),
            DayCount.EQUAL_PERIODS,
            frequency=Frequency.FORTNIGHTLY,
            instalment=Rounding(D("0.01"), "DOWN"),
        ),
        "33.57 0.36 66.79, 33.57 0.24 33.46, 33.58 0.12 0",
    ),
    "every 15 days, 360 days": (
        fineract(100, "9.4822", [START + timedelta(days=15 * n) for n in range(1, 7)], DayCount.ACT_360),
        "16.90 0.40 83.50, 16.90 0.33 66.93, 16.90 0.26 50.29, 16.90 0.20 33.59, 16.90 0.13 16.82, 16.89 0.07 0",
    ),
    "no interest": (
        fineract(1_000, 0, MONTHS[:4], DayCount.ACT_ACT),
        "250 0 750, 250 0 500, 250 0 250, 250 0 0",
    ),
    "Loan.feature, early pay-off": (
        fineract(100, 7, MONTHS[:6], DayCount.EQUAL_PERIODS),
        "17.01 0.58 83.57, 17.01 0.49 67.05, 17.01 0.39 50.43, 17.01 0.29 33.71, 17.01 0.20 16.90, 17.00 0.10 0",
    ),
    "LoanRepayment.feature, instalments of whole units": (
        fineract(
            1_250,
            15,
            due_dates(date(2023, 10, 1), 4, Frequency.MONTHLY),
            DayCount.EQUAL_PERIODS,
            date(2023, 9, 1),
            instalment=RUPEE,
        ),
        "322 15.62 943.62, 322 11.80 633.42, 322 7.92 319.34, 323.33 3.99 0",
    ),
    "LoanChargeOff.feature, one month by days": (
        bullet(
            D(1_000),
            Rate(D(12)),
            date(2023, 1, 1),
            date(2023, 2, 1),
            Conventions(instalment=BANKERS, interest=BANKERS),
        ),
        "1010.19 10.19 0",
    ),
}


@pytest.mark.parametrize("name", FINERACT)
def test_fineract(name):
    schedule, expected = FINERACT[name]
    told = [(row.amount, row.interest, row.closing) for row in schedule.rows]
    assert told == [tuple(map(D, row.split())) for row in expected.split(",")]


def test_fineract_twelve_equal_instalments():
    """7 % on 100, 360/30: eleven instalments of 8.65 and one that closes the loan."""
    schedule = fineract(100, 7, MONTHS, DayCount.EQUAL_PERIODS)
    assert {row.amount for row in schedule.rows[:-1]} == {D("8.65")}
    assert schedule.rows[-1].closing == 0


def test_frappe_lending():
    """280,000 at 8.4 % in 20 months: the instalment is rounded up, interest is not rounded."""
    conventions = Conventions(
        day_count=DayCount.EQUAL_PERIODS, instalment=Rounding(D(1), "UP"), interest=EXACT
    )
    dues = due_dates(date(2024, 2, 1), 20, Frequency.MONTHLY)
    schedule = equal_instalments(D(280_000), Rate(D("8.4")), START, dues, conventions)
    assert schedule.rows[0].amount == 15_052
    assert (RUPEE(schedule.interest), RUPEE(schedule.repayment)) == (21_034, 301_034)
    told = {
        n: tuple(map(RUPEE, (row.principal, row.interest, row.closing)))
        for n, row in enumerate(schedule.rows)
    }
    assert told[3] == (13_369, 1_683, 227_080)
    assert told[17] == (14_740, 312, 29_785)
    assert told[19] == (14_941, 105, 0)


def unrounded(principal, percent, count):
    conventions = Conventions(day_count=DayCount.EQUAL_PERIODS, instalment=EXACT, interest=EXACT)
    dues = due_dates(date(2024, 2, 1), count, Frequency.MONTHLY)
    return equal_instalments(D(principal), Rate(D(percent)), START, dues, conventions)


def test_numpy_financial_ipmt():
    """The table of its documentation: 2,500 at 8.24 % for a year."""
    expected = """200.58 17.17 2299.42, 201.96 15.79 2097.46, 203.35 14.40 1894.11, 204.74 13.01 1689.37,
        206.15 11.60 1483.22, 207.56 10.18 1275.66, 208.99 8.76 1066.67, 210.42 7.32 856.25, 211.87 5.88 644.38,
        213.32 4.42 431.05, 214.79 2.96 216.26, 216.26 1.49 0.00"""
    schedule = unrounded(2_500, "8.24", 12)
    told = [tuple(map(PAISA, (row.principal, row.interest, row.closing))) for row in schedule.rows]
    assert told == [tuple(map(D, row.split())) for row in expected.split(",")]
    assert PAISA(schedule.interest) == D("112.98")


@pytest.mark.parametrize(
    ("principal", "percent", "count", "instalment"),
    [
        (200_000, "7.5", 180, "1854.0247200054619"),  # NumPy Financial, pmt
        (10_000, "8", 10, "1037.0320893591636"),  # spreadsheets, PMT
        (47_000, "21", 24, "2415.125595076418"),
    ],
)
def test_pmt(principal, percent, count, instalment):
    assert float(unrounded(principal, percent, count).rows[0].amount) == pytest.approx(
        float(instalment), abs=1e-9
    )


def test_the_documented_examples_of_spreadsheets():
    assert PAISA(unrounded(8_000, 10, 36).rows[0].interest) == D("66.67")  # IPMT(10%/12, 1, 36, 8000)
    assert PAISA(unrounded(2_000, 10, 24).rows[0].principal) == D("75.62")  # PPMT(10%/12, 1, 24, 2000)
    home = unrounded(125_000, 9, 360).rows  # CUMIPMT and CUMPRINC(9%/12, 360, 125000, ...)
    assert PAISA(sum(row.interest for row in home[12:24])) == D("11135.23")
    assert PAISA(sum(row.principal for row in home[12:24])) == D("934.11")
    assert (home[0].interest, PAISA(home[0].principal)) == (D("937.5"), D("68.28"))


@pytest.mark.parametrize(
    ("principal", "percent", "count"),
    [
        (25_000, 18, 6),
        (50_000, 24, 12),
        (99_999, "13.75", 36),
        (500_000, "10.5", 60),
        (7_500, 36, 3),
    ],
)
def test_the_closed_formulas_of_spreadsheets(principal, percent, count):
    """PMT = P i / (1 - (1 + i)^-n), and IPMT of the balance that is left by the same formula."""
    rate = float(percent) / 1200
    payment = principal * rate / (1 - (1 + rate) ** -count)
    for row in unrounded(principal, percent, count).rows:
        left = (
            principal * (1 + rate) ** (row.number - 1) - payment * ((1 + rate) ** (row.number - 1) - 1) / rate
        )
        told = [float(amount) for amount in (row.amount, row.interest, row.principal, row.opening)]
        assert told == pytest.approx([payment, left * rate, payment - left * rate, left], abs=1e-5)
