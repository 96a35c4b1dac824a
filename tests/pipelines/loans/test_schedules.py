"""Schedules by hand: RBI's illustration, our own loans, broken periods and moratoria."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from pipelines.bsa import repay_date
from pipelines.loans import (
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
    apr_percent,
    bullet,
    due_dates,
    equal_instalments,
)

START = date(2024, 1, 1)
UNROUNDED = Conventions(day_count=DayCount.EQUAL_PERIODS, instalment=EXACT, interest=EXACT)
RBI_ROWS = """
1 20000 720 250 970   | 2 19280 729 241 970  | 3 18552 738 232 970  | 4 17814 747 223 970
5 17067 756 213 970   | 6 16310 766 204 970  | 7 15544 775 194 970  | 8 14769 785 185 970
9 13984 795 175 970   | 10 13189 805 165 970 | 11 12384 815 155 970 | 12 11569 825 145 970
13 10744 835 134 970  | 14 9909 846 124 970  | 15 9063 856 113 970  | 16 8206 867 103 970
17 7339 878 92 970    | 18 6461 889 81 970   | 19 5572 900 70 970   | 20 4672 911 58 970
21 3761 923 47 970    | 22 2838 934 35 970   | 23 1904 946 24 970   | 24 958 958 12 970
"""


def monthly(principal, percent, count, conventions=UNROUNDED, first=date(2024, 2, 1), start=START):
    dues = due_dates(first, count, Frequency.MONTHLY)
    return equal_instalments(D(principal), Rate(D(percent)), start, dues, conventions)


def test_the_illustration_of_rbi_to_the_rupee():
    """Key Facts Statement, 15 April 2024, annexes B and C."""
    schedule = monthly(20_000, 15, 24)
    told = [
        [row.number, row.opening, row.principal, row.interest, row.amount]
        for row in schedule.shown(RUPEE).rows
    ]
    expected = [
        [int(n) for n in row.split()] for row in RBI_ROWS.replace("\n", "|").split("|") if row.strip()
    ]
    assert told == expected
    assert RUPEE(schedule.interest) == 3_274
    assert apr_percent(D(19_600), schedule) == D("17.07")


def test_a_filled_statement_of_a_bank():
    """RBL Bank's: 47,000 for 24 months at 21 %, fee 1,175 and GST. It prints 2,415.14 and 24.16, counting the days of
    the first period; by equal months each is a hundredth less. Without GST in it the APR would be 23.66."""
    schedule = monthly(47_000, 21, 24)
    assert schedule.shown().rows[0].amount == D("2415.13")
    assert apr_percent(D("47000") - D("1175") * D("1.18"), schedule) == D("24.15")
    assert apr_percent(D("47000") - D("1175"), schedule) == D("23.66")


def test_six_instalments_of_whole_rupees():
    schedule = monthly(60_000, 30, 6, Conventions(day_count=DayCount.EQUAL_PERIODS))
    assert [(row.opening, row.principal, row.interest) for row in schedule.rows] == [
        (D("60000.00"), D("9393.00"), D("1500.00")),
        (D("50607.00"), D("9627.82"), D("1265.18")),
        (D("40979.18"), D("9868.52"), D("1024.48")),
        (D("31110.66"), D("10115.23"), D("777.77")),
        (D("20995.43"), D("10368.11"), D("524.89")),
        (D("10627.32"), D("10627.32"), D("265.68")),
    ]
    assert apr_percent(D(52_920), schedule) == D("76.64")


@pytest.mark.parametrize(
    "row",
    [
        "5000 1.00 7 5350 5400",
        "10000 1.00 27 12700 12800",
        "12345 1.00 11 13703 13826",
        "15000 0.75 35 18938 19050",
        "20000 1.00 30 26000 26200",
        "30000 0.90 22 35940 36210",
        "50000 1.00 40 70000 70500",
        "100000 0.50 90 145000 145500",
    ],
)
def test_one_repayment_with_daily_interest(row):
    """The last column counts the day of disbursal as well."""
    principal, percent, days, *repayments = row.split()
    due = START + timedelta(days=int(days))
    for counts, repayment in zip((False, True), repayments, strict=True):
        conventions = Conventions(disbursal_day_counts=counts)
        schedule = bullet(D(principal), Rate(D(percent), "DAY"), START, due, conventions)
        assert schedule.repayment == D(repayment)
        assert schedule.rows[0].closing == 0


@pytest.mark.parametrize(
    ("disbursed_on", "pay_day", "due", "repayment"),
    [
        ("2026-01-20", 31, "2026-01-31", 11_100),
        ("2026-01-27", 31, "2026-02-28", 13_200),
        ("2026-02-20", 30, "2026-02-28", 10_800),
        ("2026-03-03", 10, "2026-03-10", 10_700),
        ("2026-03-05", 10, "2026-04-10", 13_600),
        ("2026-04-24", 30, "2026-05-30", 13_600),
        ("2026-12-28", 1, "2027-02-01", 13_500),
        ("2026-12-28", 7, "2027-01-07", 11_000),
        ("2028-02-10", 29, "2028-02-29", 11_900),
    ],
)
def test_repaid_on_the_pay_day(disbursed_on, pay_day, due, repayment):
    start = date.fromisoformat(disbursed_on)
    due_date = repay_date(pay_day, disbursed_on=start, tenure_days_min=7, tenure_days_max=40)
    assert due_date == date.fromisoformat(due)
    schedule = bullet(D(10_000), Rate(D(1), "DAY"), start, due_date, Conventions())
    assert schedule.repayment == repayment


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        (DayCount.ACT_365, "7397.26"),
        (DayCount.ACT_360, "7500.00"),
        (DayCount.ACT_ACT, "7383.88"),  # 76 days of 2023 in 365, 149 of 2024 in 366
        (DayCount.EQUAL_PERIODS, "7397.26"),
    ],
)
def test_day_counts(day_count, interest):
    conventions = Conventions(day_count=day_count, instalment=PAISA)
    schedule = bullet(D(100_000), Rate(D(12)), date(2023, 10, 16), date(2024, 5, 28), conventions)
    assert schedule.rows[0].days == 225
    assert schedule.interest == D(interest)


# --- broken periods: 90,000 at 36.5 %, disbursed on 20 January, instalments from 5 March --------------------

BROKEN = {"day_count": DayCount.EQUAL_PERIODS, "interest": PAISA}


def broken(how):
    return monthly(
        90_000, "36.5", 3, Conventions(broken_period=how, **BROKEN), date(2024, 3, 5), date(2024, 1, 20)
    )


def test_interest_of_a_broken_period_is_due_with_the_first_instalment():
    """16 days, 20 January to 5 February: 90,000 x 36.5 % x 16 / 365 = 1,440."""
    schedule = broken(BrokenPeriod.FIRST_INSTALMENT)
    whole = monthly(90_000, "36.5", 3, Conventions(**BROKEN), date(2024, 3, 5), date(2024, 2, 5))
    assert schedule.rows[0].amount - whole.rows[0].amount == 1_440
    assert [row.amount for row in schedule.rows[1:]] == [row.amount for row in whole.rows[1:]]


def test_interest_of_a_broken_period_is_kept_back():
    schedule = broken(BrokenPeriod.UPFRONT)
    assert schedule.upfront_interest == 1_440
    assert schedule.rows[0].amount == schedule.rows[1].amount
    assert schedule.interest == broken(BrokenPeriod.FIRST_INSTALMENT).interest


def test_interest_of_a_broken_period_is_due_by_itself():
    schedule = broken(BrokenPeriod.SEPARATE)
    first = schedule.rows[0]
    assert (first.number, first.due_date, first.days, first.amount) == (0, date(2024, 2, 5), 16, 1_440)
    assert len(schedule.rows) == 4


def test_a_longer_first_period_is_borne_by_all_instalments():
    schedule = broken(BrokenPeriod.SPREAD)
    assert schedule.rows[0].interest == D("4050.00")  # 45 days
    assert schedule.rows[0].amount == schedule.rows[1].amount


def test_what_is_paid_late_costs_less_a_year():
    """The same interest, paid the later the lower the APR."""
    rates = [
        apr_percent(D(90_000) - schedule.upfront_interest, schedule)
        for schedule in map(
            broken, (BrokenPeriod.UPFRONT, BrokenPeriod.SEPARATE, BrokenPeriod.FIRST_INSTALMENT)
        )
    ]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == 3


def test_a_short_first_period_bears_its_days():
    dues = due_dates(date(2024, 1, 31), 3, Frequency.MONTHLY)
    assert dues == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    schedule = equal_instalments(D(90_000), Rate(D("36.5")), date(2024, 1, 21), dues, Conventions(**BROKEN))
    assert schedule.rows[0].interest == 900


def test_month_ends_make_whole_months():
    conventions = Conventions(**BROKEN)
    dues = due_dates(date(2024, 2, 29), 3, Frequency.MONTHLY, anchor_day=31)
    schedule = equal_instalments(D(90_000), Rate(D(36)), date(2024, 1, 31), dues, conventions)
    assert [row.due_date.day for row in schedule.rows] == [29, 31, 30]
    assert schedule.rows[0].interest == 2_700


# --- moratoria ----------------------------------------------------------------------------------------------


def test_in_a_moratorium_interest_is_paid():
    conventions = Conventions(**BROKEN, moratorium_periods=2)
    schedule = monthly(60_000, 30, 6, conventions)
    assert [row.amount for row in schedule.rows[:2]] == [1_500, 1_500]
    assert [row.closing for row in schedule.rows[:2]] == [60_000, 60_000]
    rest = monthly(60_000, 30, 4, Conventions(**BROKEN))
    assert [row.amount for row in schedule.rows[2:]] == [row.amount for row in rest.rows]


def test_in_a_moratorium_interest_is_added_to_the_principal():
    conventions = Conventions(**BROKEN, moratorium_periods=2, moratorium=Moratorium.CAPITALISED)
    schedule = monthly(60_000, 30, 6, conventions)
    assert [row.amount for row in schedule.rows[:2]] == [0, 0]
    assert schedule.rows[2].opening == D("63037.50")
    assert schedule.rows[-1].closing == 0
    assert schedule.interest == schedule.repayment - 60_000


# --- rounding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "instalment", "last"),
    [
        (PAISA, "888.49", "888.47"),
        (RUPEE, "888", "894.18"),
        (Rounding(D(1), "UP"), "889", "882.50"),
        (Rounding(D(1), "DOWN"), "888", "894.18"),
        (Rounding(D("0.01"), "DOWN"), "888.48", "888.58"),
    ],
)
def test_the_last_instalment_closes_what_rounding_leaves(rounding, instalment, last):
    conventions = Conventions(day_count=DayCount.EQUAL_PERIODS, instalment=rounding)
    schedule = monthly(10_000, 12, 12, conventions)
    assert {row.amount for row in schedule.rows[:-1]} == {D(instalment)}
    assert schedule.rows[-1].amount == D(last)
    assert schedule.rows[-1].closing == 0


def test_instalments_rounded_up_may_end_sooner():
    conventions = Conventions(frequency=Frequency.WEEKLY, instalment=Rounding(D("1E+2"), "UP"))
    dues = due_dates(date(2024, 1, 8), 60, Frequency.WEEKLY)
    schedule = equal_instalments(D(5_050), Rate(D(10)), START, dues, conventions)
    assert len(schedule.rows) == 54
    assert schedule.rows[-1].closing == 0


@pytest.mark.parametrize(
    ("principal", "percent", "dues", "conventions"),
    [
        (0, 12, [date(2024, 2, 1)], {}),
        (1_000, -1, [date(2024, 2, 1)], {}),
        (1_000, 12, [], {}),
        (1_000, 12, [START], {}),
        (1_000, 12, [date(2024, 3, 1), date(2024, 2, 1)], {}),
        (1_000, 12, [date(2024, 2, 1)], {"moratorium_periods": 1}),
        (10, 300, due_dates(date(2024, 2, 1), 60, Frequency.MONTHLY), {"instalment": Rounding(D(1), "DOWN")}),
    ],
)
def test_what_makes_no_loan_is_refused(principal, percent, dues, conventions):
    with pytest.raises(TermsError, match=r"above zero|due date|moratorium|does not cover"):
        equal_instalments(D(principal), Rate(D(percent)), START, dues, Conventions(**conventions))
