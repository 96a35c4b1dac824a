"""Charges and quotes: the vectors of the credit assessment, tax in and on the fee, and the Key Facts Statement."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from pipelines.loans import (
    EXACT,
    PAISA,
    BrokenPeriod,
    Charge,
    Conventions,
    DayCount,
    Frequency,
    PayableTo,
    Rate,
    Request,
    TermsError,
    Treatment,
    bullet_apr_percent,
    charge_lines,
    due_dates,
    kfs_rows,
    quote,
)

START = date(2026, 11, 26)
HOUSE = Conventions(interest=EXACT)


def fee(percent, **more):
    return Charge("Processing fee", percent=D(percent), gst_percent=D(18), **more)


def once(principal, percent_a_day, days):
    return Request(D(principal), Rate(D(percent_a_day), "DAY"), START, (START + timedelta(days=int(days)),))


@pytest.mark.parametrize(
    "row",
    [
        "5000 1.00 7 10 500 90 4410 5350 1111.44",
        "10000 1.00 27 10 1000 180 8820 12700 594.69",
        "12345 1.00 11 10 1235 222 10888 13703 857.89",
        "15000 0.75 35 8 1200 216 13584 18938 411.03",
        "20000 1.00 30 10 2000 360 17640 26000 576.61",
        "30000 0.90 22 10 3000 540 26460 35940 594.41",
        "50000 1.00 40 12 6000 1080 42920 70000 575.73",
        "100000 0.50 90 10 10000 1800 88200 145000 261.17",
        "100000 0.266667 90 8 8000 1440 90560 124000 149.75",  # LoanPrime's published net and repayment
    ],
)
def test_a_loan_of_one_repayment(row):
    principal, percent, days, fee_percent, *expected = row.split()
    made = quote(once(principal, percent, days), HOUSE, [fee(fee_percent)])
    line = made.charges[0]
    told = [line.base, line.gst, made.net_disbursal, made.schedule.repayment, made.apr_percent]
    assert told == [D(text) for text in expected]
    assert made.apr_percent == bullet_apr_percent(made.net_disbursal, made.schedule.repayment, int(days))


@pytest.mark.parametrize(
    ("fee_percent", "base", "gst", "net"), [(10, "847.46", "152.54", 9_000), (20, "1694.92", "305.08", 8_000)]
)
def test_tax_inside_the_fee(fee_percent, base, gst, net):
    made = quote(once(10_000, 1, 27), HOUSE, [fee(fee_percent, gst_included=True)])
    assert (made.charges[0].base, made.gst, made.net_disbursal) == (D(base), D(gst), net)


def test_halves_of_a_rupee_go_up():
    assert charge_lines([fee(10)], D("12345"))[0].base == 1_235


INSURANCE = Charge(
    "Insurance", percent=D("1.5"), gst_percent=D(18), payable_to=PayableTo.THIRD_PARTY, rounding=PAISA
)
STAMP_DUTY = Charge("Stamp duty", flat=D(100), payable_to=PayableTo.THIRD_PARTY)


def test_what_is_financed_is_owed_and_what_is_deducted_is_not_received():
    financed = Charge(**(vars(INSURANCE) | {"treatment": Treatment.FINANCED}))
    made = quote(once(20_000, 1, 30), HOUSE, [fee(10), financed, STAMP_DUTY])
    assert made.charges[1].total == D("354.00")
    assert made.schedule.principal == D("20354.00")
    assert made.net_disbursal == 20_000 - 2_360 - 100
    assert made.schedule.repayment == 26_460
    assert made.apr_percent == bullet_apr_percent(D(17_540), D(26_460), 30)


def test_every_charge_raises_the_apr():
    rates = [
        quote(once(20_000, 1, 30), HOUSE, charges).apr_percent
        for charges in ([], [fee(10)], [fee(10), INSURANCE])
    ]
    assert rates[0] == 365
    assert rates == sorted(set(rates))


def test_upfront_interest_is_not_received_either():
    conventions = Conventions(day_count=DayCount.EQUAL_PERIODS, broken_period=BrokenPeriod.UPFRONT)
    dues = tuple(due_dates(date(2027, 1, 12), 3, Frequency.MONTHLY))
    made = quote(Request(D(90_000), Rate(D("36.5")), START, dues, is_bullet=False), conventions, [])
    assert made.schedule.upfront_interest == 1_440  # 16 days to 12 December
    assert made.net_disbursal == 88_560


def test_the_key_facts_of_rbis_illustration():
    """Annex B: 20,000, fees of 240 and 160, 15 %, 24 instalments, APR 17.07."""
    charges = [
        Charge("Processing fee", flat=D(240)),
        Charge("Insurance", flat=D(160), payable_to=PayableTo.THIRD_PARTY),
    ]
    conventions = Conventions(day_count=DayCount.EQUAL_PERIODS, instalment=EXACT, interest=EXACT)
    dues = tuple(due_dates(date(2024, 2, 1), 24, Frequency.MONTHLY))
    made = quote(
        Request(D(20_000), Rate(D(15)), date(2024, 1, 1), dues, is_bullet=False), conventions, charges
    )
    told = {row.number: row.value for row in kfs_rows(made) if row.part == "B"}
    assert told == {
        "1": "20000.00",
        "2": "731",
        "3": "15",
        "4": "3273.59",
        "5": "400.00",
        "5A": "240.00",
        "5B": "160.00",
        "6": "19600.00",
        "7": "23273.59",
        "8": "17.07 %",
    }
    facts = [(row.number, row.value) for row in kfs_rows(made) if row.part == "A"]
    assert ("5", "969.73") in facts
    assert ("8", "240.00") in facts
    assert ("9", "17.07 %") in facts


def test_the_key_facts_of_a_loan_of_one_repayment():
    rows = kfs_rows(quote(once(20_000, 1, 30), HOUSE, [fee(10)]))
    assert [(row.number, row.value) for row in rows if row.part == "A"] == [
        ("2", "20000.00"),
        ("3", "100 % upfront"),
        ("4", "30 days"),
        ("5", "One repayment"),
        ("5", "1"),
        ("5", "26000.00"),
        ("5", "2026-12-26"),
        ("6", "1 % a day, fixed"),
        ("7", "not applicable"),
        ("8", "2000.00"),
        ("8", "360.00"),
        ("9", "576.61 %"),
    ]


def test_charges_that_leave_nothing_are_refused():
    with pytest.raises(TermsError, match="nothing to pay out"):
        quote(once(5_000, 1, 30), HOUSE, [fee(90)])
