"""A quote: from the amount, the rate and the dates to everything that a borrower must know before signing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipelines.loans.apr import apr_percent
from pipelines.loans.charges import Charge, ChargeLine, Treatment, charge_lines, total_of
from pipelines.loans.conventions import Conventions, Rate, TermsError
from pipelines.loans.schedules import Schedule, bullet, equal_instalments


@dataclass(frozen=True)
class Request:
    """What is asked for. One due date and `is_bullet`: all of it on that day; otherwise equal instalments."""

    amount: Decimal
    rate: Rate
    disbursed_on: date
    dues: tuple[date, ...]
    is_bullet: bool = True


@dataclass(frozen=True)
class Quote:
    """What it comes to. `schedule.principal` is what is owed: the amount, and the charges that are financed."""

    request: Request
    conventions: Conventions
    schedule: Schedule
    charges: tuple[ChargeLine, ...]

    @property
    def net_disbursal(self) -> Decimal:
        """What reaches the borrower's account."""
        kept_back = total_of(self.charges, Treatment.DEDUCTED) + self.schedule.upfront_interest
        return self.request.amount - kept_back

    @property
    def charges_total(self) -> Decimal:
        """All charges, tax included."""
        return sum((line.total for line in self.charges), Decimal(0))

    @property
    def gst(self) -> Decimal:
        return sum((line.gst for line in self.charges), Decimal(0))

    @property
    def apr_percent(self) -> Decimal:
        """On what reaches the borrower, so charges and their tax are in it."""
        return apr_percent(self.net_disbursal, self.schedule)


def quote(request: Request, conventions: Conventions, charges: Iterable[Charge]) -> Quote:
    """Work a request out. Charges are a share of the amount asked for. Raises TermsError when the request makes no
    loan, or charges leave nothing to pay out."""
    lines = charge_lines(charges, request.amount)
    principal = request.amount + total_of(lines, Treatment.FINANCED)
    arguments = (principal, request.rate, request.disbursed_on)
    if request.is_bullet:
        schedule = bullet(*arguments, request.dues[0], conventions)
    else:
        schedule = equal_instalments(*arguments, request.dues, conventions)
    made = Quote(request, conventions, schedule, lines)
    if made.net_disbursal <= 0:
        raise TermsError("charges leave nothing to pay out")
    return made
