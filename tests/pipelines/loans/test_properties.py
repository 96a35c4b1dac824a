"""What holds of every schedule, whatever its amounts, dates and conventions."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from app.ledger.service import repayment as owed_by_the_ledger
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
    present_value,
)
from pipelines.loans.apr import rate_per_period
from rules import compute, load

amounts = st.integers(5_000_00, 500_000_00).map(lambda paise: D(paise) / 100)
percents = st.integers(0, 60_00).map(lambda hundredths: D(hundredths) / 100)
days = st.dates(date(2023, 1, 1), date(2028, 12, 31))
roundings = st.sampled_from([PAISA, RUPEE, Rounding(D(1), "UP"), Rounding(D("0.01"), "DOWN")])


@st.composite
def conventions(draw):
    return Conventions(
        day_count=draw(st.sampled_from(DayCount)),
        frequency=draw(st.sampled_from(Frequency)),
        instalment=draw(roundings),
        interest=draw(st.sampled_from([PAISA, RUPEE, Rounding(D("0.01"), "HALF_EVEN")])),
        broken_period=draw(st.sampled_from(BrokenPeriod)),
        moratorium=draw(st.sampled_from(Moratorium)),
        moratorium_periods=draw(st.sampled_from([0, 0, 1, 3])),
        disbursal_day_counts=draw(st.booleans()),
    )


@st.composite
def loans(draw):
    """The arguments of equal instalments."""
    made, start = draw(conventions()), draw(days)
    first = start + timedelta(days=draw(st.integers(5, 75)))
    dues = due_dates(first, draw(st.integers(4, 36)), made.frequency)
    return draw(amounts), Rate(draw(percents)), start, dues, made


def made(principal, rate, start, dues, conventions):
    """The schedule, if there is one: a long first period can cost more than a whole instalment."""
    try:
        return equal_instalments(principal, rate, start, dues, conventions)
    except TermsError:
        reject()


@given(loans())
@settings(max_examples=40, deadline=None)
def test_it_closes(loan):
    """Principal repaid is principal lent, rows follow one another, and the last leaves nothing."""
    principal = loan[0]
    schedule = made(*loan)
    assert sum(row.principal for row in schedule.rows) == principal + sum(
        row.capitalised for row in schedule.rows
    )
    assert schedule.rows[-1].closing == 0
    assert [row.opening for row in schedule.rows[1:]] == [row.closing for row in schedule.rows[:-1]]
    assert all(row.amount == row.principal + row.interest for row in schedule.rows)
    assert all(min(row.principal, row.interest, row.amount) >= 0 for row in schedule.rows)
    assert schedule.repayment == sum(row.amount for row in schedule.rows)
    assert schedule.interest >= 0
    times = [row.after_periods for row in schedule.rows]
    assert times == sorted(set(times))
    assert times[0] > 0


@given(loans())
@settings(max_examples=30, deadline=None)
def test_instalments_are_equal_but_for_the_last(loan):
    *_, chosen = loan
    assume(chosen.broken_period != BrokenPeriod.FIRST_INSTALMENT)
    rows = [row for row in made(*loan).rows if row.number > chosen.moratorium_periods]
    assert len({row.amount for row in rows[:-1]}) <= 1


@given(loans())
@settings(max_examples=25, deadline=None)
def test_the_apr_gives_the_present_value(loan):
    principal = loan[0]
    schedule = made(*loan)
    net = principal * D("0.9") - schedule.upfront_interest
    payments = [(row.after_periods, row.amount) for row in schedule.rows]
    rate = rate_per_period(net, payments)
    assert abs(present_value(rate, payments) - net) < D("0.01")
    assert apr_percent(net, schedule) >= 0


@given(loans(), st.integers(1, 2_000))
@settings(max_examples=25, deadline=None)
def test_a_higher_rate_costs_more(loan, hundredths):
    principal, rate, start, dues, chosen = loan
    dearer = Rate(rate.percent + D(hundredths) / 100)
    exact = Conventions(**(vars(chosen) | {"instalment": EXACT, "interest": EXACT}))
    cheap, dear = (made(principal, each, start, dues, exact) for each in (rate, dearer))
    assert dear.interest > cheap.interest
    cheap_apr, dear_apr = (apr_percent(principal - each.upfront_interest, each) for each in (cheap, dear))
    assert dear_apr >= cheap_apr


@given(st.integers(10, 200), st.integers(20, 100), st.integers(7, 40), st.integers(0, 12))
@settings(max_examples=25, deadline=None)
def test_core_ledger_and_credit_assessment_say_one_number(steps, hundredths, tenure, fee_percent):
    """A loan of one repayment: the schedule, what the ledger books, and what the CAM rules work out."""
    principal, percent, start = D(steps * 500), D(hundredths) / 100, date(2026, 11, 26)
    due = start + timedelta(days=tenure)
    schedule = bullet(principal, Rate(percent, "DAY"), start, due, Conventions(interest=EXACT))
    assert schedule.repayment == owed_by_the_ledger(principal, percent, tenure)
    cam = compute(
        load("qualoan", "cam"),
        {
            "loan_proposed": principal,
            "roi_percent_per_day": percent,
            "disbursal_date": start,
            "next_pay_date": due,
            "processing_fee_percent": fee_percent,
        },
    )
    assert cam["repayment_amount"] == schedule.repayment
