"""Repayment schedules: one instalment with daily interest, or equal instalments on the reducing balance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise

from pipelines.loans.conventions import (
    DIGITS,
    PAISA,
    BrokenPeriod,
    Conventions,
    Moratorium,
    Rate,
    Rounding,
    TermsError,
)
from pipelines.loans.periods import first_period_start, interest_share, periods_between

ZERO = Decimal(0)


@dataclass(frozen=True)
class Instalment:
    """What is due on a day. `opening` is the principal before it; `capitalised` is interest that is added to the
    principal instead of paid. `after_periods` is the time since the disbursal, in periods of the schedule."""

    number: int
    due_date: date
    days: int
    opening: Decimal
    principal: Decimal
    interest: Decimal
    amount: Decimal
    after_periods: Decimal
    capitalised: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.capitalised - self.principal

    def shown(self, rounding: Rounding) -> "Instalment":
        """The row as it is printed: each amount rounded by itself, so they may add up to a step more or less."""
        amounts = ("opening", "principal", "interest", "amount", "capitalised")
        return replace(self, **{name: rounding(getattr(self, name)) for name in amounts})


@dataclass(frozen=True)
class Schedule:
    """`upfront_interest` is kept back from the disbursal and in no row. A row of number 0 is a broken period's."""

    principal: Decimal
    rows: tuple[Instalment, ...]
    periods_per_year: Decimal
    upfront_interest: Decimal = ZERO

    @property
    def interest(self) -> Decimal:
        """All of it, whatever way it is paid."""
        return self.repayment + self.upfront_interest - self.principal

    @property
    def repayment(self) -> Decimal:
        return sum((row.amount for row in self.rows), ZERO)

    def shown(self, rounding: Rounding = PAISA) -> "Schedule":
        """As it is printed."""
        return replace(self, rows=tuple(row.shown(rounding) for row in self.rows))


def bullet(
    principal: Decimal, rate: Rate, disbursed_on: date, due_date: date, conventions: Conventions
) -> Schedule:
    """Everything on one day, with simple interest. The repayment is rounded as an instalment is; what rounding adds
    or takes is interest. Raises TermsError unless the due date comes after the disbursal."""
    _refuse(principal, rate, disbursed_on, [due_date])
    with localcontext(prec=DIGITS):
        start = _interest_from(disbursed_on, conventions)
        interest = conventions.interest(principal * interest_share(rate, start, due_date, conventions))
        repayment = max(principal, conventions.instalment(principal + interest))
        days = (due_date - disbursed_on).days
        row = Instalment(
            1,
            due_date,
            (due_date - start).days,
            opening=principal,
            principal=principal,
            interest=repayment - principal,
            amount=repayment,
            after_periods=Decimal(1),
        )
        return Schedule(principal, (row,), Decimal(365) / days)


def equal_instalments(
    principal: Decimal, rate: Rate, disbursed_on: date, dues: Sequence[date], conventions: Conventions
) -> Schedule:
    """Equal instalments on the due dates, the last of which closes the loan with whatever rounding left.

    Rounded up, instalments may repay the loan before the last date: there are fewer then. Raises TermsError when
    dates are out of order, the moratorium leaves no instalment, or a rounded instalment does not cover the interest.
    """
    _refuse(principal, rate, disbursed_on, dues)
    if not 0 <= conventions.moratorium_periods < len(dues):
        raise TermsError("the moratorium leaves no instalment")
    with localcontext(prec=DIGITS):
        return _Amortisation(principal, rate, disbursed_on, dues, conventions).schedule()


class _Amortisation:
    """One schedule while it is worked out."""

    def __init__(
        self,
        principal: Decimal,
        rate: Rate,
        disbursed_on: date,
        dues: Sequence[date],
        conventions: Conventions,
    ) -> None:
        self.principal, self.rate, self.conventions = principal, rate, conventions
        self.disbursed_on, self.start = disbursed_on, _interest_from(disbursed_on, conventions)
        cycle = first_period_start(dues, conventions.frequency)
        self.is_broken = cycle > disbursed_on and conventions.broken_period != BrokenPeriod.SPREAD
        self.cycle = cycle if self.is_broken else self.start
        self.periods = list(pairwise([self.cycle, *dues]))
        first_is_whole = cycle in (self.cycle, disbursed_on)
        self.shares = [
            interest_share(rate, start, end, conventions, whole=first_is_whole or number > 0)
            for number, (start, end) in enumerate(self.periods)
        ]
        # periods from the disbursal to the first due date: a whole one, and the days before it or less those after
        self.lead = 1 + periods_between(disbursed_on, cycle, conventions.frequency)

    def schedule(self) -> Schedule:
        broken = self._broken_interest()
        rows = self._rows()
        how = self.conventions.broken_period
        if broken and how == BrokenPeriod.FIRST_INSTALMENT:
            first = rows[0]
            rows[0] = replace(first, interest=first.interest + broken, amount=first.amount + broken)
        if broken and how == BrokenPeriod.SEPARATE:
            rows.insert(0, self._broken_row(broken))
        upfront = broken if how == BrokenPeriod.UPFRONT else ZERO
        return Schedule(
            self.principal, tuple(rows), Decimal(self.conventions.frequency.periods_per_year), upfront
        )

    def _broken_interest(self) -> Decimal:
        if not self.is_broken:
            return ZERO
        share = interest_share(self.rate, self.start, self.cycle, self.conventions)
        return self.conventions.interest(self.principal * share)

    def _broken_row(self, interest: Decimal) -> Instalment:
        days, after = (self.cycle - self.start).days, self.lead - 1
        return Instalment(0, self.cycle, days, self.principal, ZERO, interest, interest, after)

    def _rows(self) -> list[Instalment]:
        free = self.conventions.moratorium_periods
        rows: list[Instalment] = []
        balance, instalment = self.principal, ZERO
        for number, ((start, end), share) in enumerate(zip(self.periods, self.shares, strict=True), start=1):
            if balance == 0:
                break
            interest = self.conventions.interest(balance * share)
            row = Instalment(
                number, end, (end - start).days, balance, ZERO, interest, interest, self.lead + number - 1
            )
            if number <= free:
                row = self._without_principal(row)
            else:
                instalment = instalment or self._instalment(balance, self.shares[free:])
                principal = self._principal(row, instalment)
                row = replace(row, principal=principal, amount=principal + interest)
            rows.append(row)
            balance = row.closing
        return rows

    def _without_principal(self, row: Instalment) -> Instalment:
        if self.conventions.moratorium == Moratorium.CAPITALISED:
            return replace(row, interest=ZERO, amount=ZERO, capitalised=row.interest)
        return row

    def _instalment(self, balance: Decimal, shares: Sequence[Decimal]) -> Decimal:
        """What repays the balance when it is paid at the end of each period: balance / sum of the discounts."""
        discount, discounts = Decimal(1), ZERO
        for share in shares:
            discount /= 1 + share
            discounts += discount
        return self.conventions.instalment(balance / discounts)

    def _principal(self, row: Instalment, instalment: Decimal) -> Decimal:
        if row.number == len(self.periods):
            return row.opening
        if instalment <= row.interest:
            raise TermsError("an instalment rounded like this does not cover the interest")
        return min(row.opening, instalment - row.interest)


def _interest_from(disbursed_on: date, conventions: Conventions) -> date:
    return disbursed_on - timedelta(days=1) if conventions.disbursal_day_counts else disbursed_on


def _refuse(principal: Decimal, rate: Rate, disbursed_on: date, dues: Sequence[date]) -> None:
    if principal <= 0 or rate.percent < 0:
        raise TermsError("the principal is above zero and the rate not below it")
    if not dues or any(later <= earlier for earlier, later in pairwise([disbursed_on, *dues])):
        raise TermsError("each due date comes after the one before, the first after the disbursal")
