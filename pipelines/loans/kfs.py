"""The figures of a Key Facts Statement, by the numbers of the form (RBI, 15 April 2024, annexes A to C)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipelines.loans.charges import PayableTo, total_of
from pipelines.loans.conventions import PAISA
from pipelines.loans.quotes import Quote


@dataclass(frozen=True)
class KfsRow:
    """A row of the form. `part`: A, the facts; B, how the APR comes about. Amounts are text with two places."""

    part: str
    number: str
    title: str
    value: str


def kfs_rows(quote: Quote) -> list[KfsRow]:
    """The rows that follow from a quote. Names, clauses and contingent charges are the lender's to add."""
    facts = [KfsRow("A", number, title, value) for number, title, value in _facts(quote)]
    return facts + [KfsRow("B", number, title, value) for number, title, value in _computation(quote)]


Row = tuple[str, str, str]


def _facts(quote: Quote) -> Iterator[Row]:
    request, rows = quote.request, quote.schedule.rows
    rate = request.rate
    yield "2", "Sanctioned loan amount", _rupees(quote.schedule.principal)
    yield "3", "Disbursal schedule", "100 % upfront"
    yield "4", "Loan term", f"{(rows[-1].due_date - request.disbursed_on).days} days"
    yield (
        "5",
        "Type of instalments",
        "One repayment" if request.is_bullet else _title(quote.conventions.frequency),
    )
    yield "5", "Number of instalments", str(len(rows))
    yield "5", "Instalment", _rupees(rows[-1].amount if len(rows) == 1 else rows[-2].amount)
    yield "5", "Repayment begins on", rows[0].due_date.isoformat()
    yield "6", "Interest rate and type", f"{rate.percent.normalize():f} % a {rate.per.lower()}, fixed"
    yield "7", "Floating rate", "not applicable"
    for line in quote.charges:
        payee = "the lender" if line.charge.payable_to == PayableTo.LENDER else "a third party"
        yield "8", f"{line.charge.name}, to {payee}, once", _rupees(line.base)
        yield "8", f"GST on {line.charge.name[0].lower()}{line.charge.name[1:]}", _rupees(line.gst)
    yield "9", "Annual percentage rate", f"{quote.apr_percent} %"


def _computation(quote: Quote) -> Iterator[Row]:
    """Annex B, whose formulas are in its titles."""
    schedule, lines = quote.schedule, quote.charges
    rows = schedule.rows
    yield "1", "Sanctioned loan amount", _rupees(schedule.principal)
    yield "2", "Loan term in days", str((rows[-1].due_date - quote.request.disbursed_on).days)
    yield "3", "Interest rate in percent a year", f"{quote.request.rate.per_year_percent.normalize():f}"
    yield "4", "Total interest", _rupees(schedule.interest)
    yield "5", "Fees and charges payable, tax included", _rupees(quote.charges_total)
    yield "5A", "To the lender", _rupees(total_of(lines, PayableTo.LENDER))
    yield "5B", "To third parties through the lender", _rupees(total_of(lines, PayableTo.THIRD_PARTY))
    yield "6", "Net disbursed amount", _rupees(quote.net_disbursal)
    yield "7", "Total to be paid by the borrower (1 + 4)", _rupees(schedule.principal + schedule.interest)
    yield "8", "Annual percentage rate, on the net disbursed amount, by IRR", f"{quote.apr_percent} %"


def _rupees(amount: Decimal) -> str:
    return f"{PAISA(amount):f}"


def _title(text: str) -> str:
    return text.capitalize()
