"""The annual percentage rate: what a loan costs in a year, all its charges included.

RBI wants it "on net disbursed amount using IRR approach and reducing balance method" and prints the nominal rate: that
of a period times the periods of a year, not compounded (Key Facts Statement, 15 April 2024, annexes B and C).
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

from pipelines.loans.conventions import DIGITS, TermsError
from pipelines.loans.schedules import Schedule

_PAISA = Decimal("0.01")
_PRECISION = Decimal("1e-14")
_RATE_MAX = Decimal(1 << 40)


def apr_percent(net_disbursal: Decimal, schedule: Schedule) -> Decimal:
    """The APR in percent, two places, of a schedule of which `net_disbursal` is paid out."""
    payments = [(row.after_periods, row.amount) for row in schedule.rows]
    with localcontext(prec=DIGITS):
        rate = rate_per_period(net_disbursal, payments) * schedule.periods_per_year * 100
        return rate.quantize(_PAISA, ROUND_HALF_UP)


def bullet_apr_percent(net_disbursal: Decimal, repayment: Decimal, days: int) -> Decimal:
    """The APR in percent, two places, of a loan that is repaid at once after some days.

    Raises TermsError when nothing is paid out, or it is repaid the same day.
    """
    if net_disbursal <= 0 or days <= 0:
        raise TermsError("something is paid out, and repaid on a later day")
    with localcontext(prec=DIGITS):
        rate = (repayment / net_disbursal - 1) * 365 * 100 / days
        return rate.quantize(_PAISA, ROUND_HALF_UP)


def present_value(rate_per_period: Decimal, payments: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """What payments (periods from now, amount) are worth now."""
    with localcontext(prec=DIGITS):
        return sum((amount / (1 + rate_per_period) ** after for after, amount in payments), Decimal(0))


def rate_per_period(net_disbursal: Decimal, payments: list[tuple[Decimal, Decimal]]) -> Decimal:
    """The rate at which payments are worth what was paid out. Raises TermsError when they are less than that.

    By bisection: the higher the rate, the less payments are worth, so there is one rate, and halving finds it to
    14 places whatever the amounts.
    """
    total = sum(amount for _, amount in payments)
    if net_disbursal <= 0 or total < net_disbursal - _PAISA:
        raise TermsError("what is repaid is at least what was paid out, and that is above zero")
    if total <= net_disbursal:
        return Decimal(0)
    if len(payments) == 1 and payments[0][0] == 1:
        return total / net_disbursal - 1
    low, high = Decimal(0), Decimal(1)
    while present_value(high, payments) > net_disbursal and high < _RATE_MAX:
        low, high = high, high * 2
    while high - low > _PRECISION * high:
        middle = (low + high) / 2
        low, high = (middle, high) if present_value(middle, payments) > net_disbursal else (low, middle)
    return (low + high) / 2
