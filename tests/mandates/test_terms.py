"""What a mandate allows, and that one that has ended stays so."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.mandates import terms
from app.mandates.states import LIVE, MANDATE, STATE_OF
from app.providers.money import MANDATE_STATUSES

POLICY = st.fixed_dictionaries(
    {
        "cap_factor": st.integers(150, 200).map(lambda percent: Decimal(percent) / 100),
        "months_after_due": st.integers(min_value=12, max_value=60),
    }
)


@given(st.integers(100, 999_999_999), POLICY)
def test_a_debit_may_take_the_repayment_and_half_of_it_more_at_least(paise: int, policy: dict):
    repayment = Decimal(paise) / 100
    cap = terms.amount_max(repayment, policy)
    assert repayment * Decimal("1.5") <= cap < repayment * 2 + 1
    assert cap == cap.to_integral_value()


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), POLICY)
def test_it_holds_a_year_beyond_the_due_date_at_least(due: date, policy: dict):
    until = terms.valid_until(due, policy)
    months = (until.year - due.year) * 12 + until.month - due.month
    assert months == policy["months_after_due"]
    assert until.day == due.day or until.day in (28, 29, 30)


def test_what_has_ended_does_not_come_back():
    ended = set(MANDATE.states) - set(LIVE)
    assert ended == {"REJECTED", "CANCELLED", "EXPIRED"}
    assert [pair for pair in MANDATE.steps if pair[0] in ended] == []


def test_every_state_of_a_gateway_is_one_of_ours():
    assert set(STATE_OF) == set(MANDATE_STATUSES)
    assert set(STATE_OF.values()) <= set(MANDATE.states)
