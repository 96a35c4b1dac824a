"""Money that was taken back in part counts in full on the days before, and what is kept of it from then on."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reports
from app.core.clock import today
from app.core.database import db
from app.core.identity import Role
from app.core.money import ZERO
from app.ledger import late, lines, service
from app.ledger.events import (
    Disbursed,
    Event,
    InterestAccrued,
    Kind,
    Paid,
    PenalCharged,
    Refunded,
    Reversed,
    SuspenseIn,
    known_since,
    rest_of,
)
from app.ledger.postings import OWED, entries_for, event_of, position, total
from app.ledger.replay import Terms, in_order, replay
from app.loans import service as loans
from app.reporting.producing import make
from app.statement_of_account import service as statements
from reports.balance import balance, balances
from tests.lending import Case, active, at_work
from tests.platform import BRAND, Platform

DAYS = 9
FIRST = date(2026, 3, 2)
TERMS = Terms(Decimal("1.00"), FIRST + timedelta(days=30))
amounts = st.decimals("100.00", "15000.00", places=2)
# what happens on a day: a kind of event and its amount, or how much is kept of the last money that counts
happenings = st.lists(
    st.tuples(
        st.integers(0, DAYS),
        st.sampled_from(["pay", "pay", "take back", "take back", "hold", "charge", "refund"]),
        amounts,
        st.integers(0, 3),
    ),
    max_size=8,
)


class Days:
    """A loan day by day: each is booked when it comes, and what was known at its end is written down."""

    def __init__(self, happened: list[tuple[int, str, Decimal, int]]) -> None:
        self.events: list[Event] = []
        self.entries: list = []
        self.told: list = []
        self.book(Disbursed(FIRST, "D", Decimal("20000.00"), Decimal("900.00"), Decimal("162.00")))
        for number in range(DAYS + 1):
            self.day = FIRST + timedelta(days=number)
            for n, (when, what, amount, days_back) in enumerate(happened):
                if when == number:
                    self.happen(what, amount, f"{what}-{n}", max(FIRST, self.day - timedelta(days=days_back)))
            self.book(InterestAccrued(self.day, f"I{number}"))
            # as it is replayed without a word about when anything became known
            known = [replace(event, since=None) for event in self.events]
            self.told.append((self.day, replay(known, self.day, TERMS)))

    def book(self, event: Event) -> None:
        self.entries += entries_for(self.events, event, TERMS)
        self.events.append(event)

    def happen(self, what: str, amount: Decimal, reference: str, value_date: date) -> None:
        counting = in_order(self.events, self.day)
        money = [event for event in counting if isinstance(event, Paid | SuspenseIn)]
        if what == "take back" and money:
            one = money[-1]
            self.book(Reversed(self.day, reference, one.kind, one.reference))
            for rest in rest_of(one, self.day, min(one.amount / 2, amount).quantize(Decimal(1))):
                self.book(rest)
        elif what in MADE:
            self.book(known_since(self.day, MADE[what](value_date, reference, amount)))


MADE = {"pay": Paid, "hold": SuspenseIn, "charge": PenalCharged, "refund": Refunded}
in_peace = settings(deadline=None, max_examples=40)


@in_peace
@given(happenings)
def test_a_day_is_afterwards_what_it_was_at_its_end(happened: list):
    life = Days(happened)
    for day, told in life.told:
        assert replay(life.events, day, TERMS) == told


@in_peace
@given(happenings)
def test_the_journal_of_a_day_comes_to_what_it_was_at_its_end(happened: list):
    life = Days(happened)
    for day, told in life.told:
        booked = total(entry for entry in life.entries if entry.on <= day)
        assert booked == {account: amount for account, amount in position(told).items() if amount}


@in_peace
@given(happenings)
def test_the_value_date_is_read_back_from_the_journal(happened: list):
    life = Days(happened)
    told = [event_of(entry) for entry in life.entries]
    for events in (told, life.events):
        events[:] = [event for event in events if event.kind is not Kind.INTEREST]
    assert told == life.events


def test_what_is_kept_of_what_was_kept_is_known_from_the_second_time_on():
    paid = Paid(FIRST, "P", Decimal(900))
    (first,) = rest_of(paid, FIRST + timedelta(days=2), Decimal(600))
    (second,) = rest_of(first, FIRST + timedelta(days=5), Decimal(300))
    assert (second.on, second.since) == (FIRST, FIRST + timedelta(days=5))
    # told in the other order it is not known before what it is a part of
    (early,) = rest_of(first, FIRST + timedelta(days=1), Decimal(300))
    assert early.since == first.since
    assert rest_of(paid, FIRST, Decimal(600))[0].since is None


# 20,000 paid out ten days ago; 12,000 came in six days ago, half of it went back three days ago, and more yesterday
PAID, HALVED, AGAIN = (today() - timedelta(days=n) for n in (6, 3, 1))
COUNTS = {
    **dict.fromkeys([PAID, PAID + timedelta(days=1), HALVED - timedelta(days=1)], 12_000),
    **dict.fromkeys([HALVED, AGAIN - timedelta(days=1)], 6_000),
    **dict.fromkeys([AGAIN, today()], 1_000),
}


@pytest.fixture(scope="module")
def case(platform: Platform) -> Case:
    made = active(platform, days_ago=10)
    with at_work():
        loan = loans.get(made.loan_id)
        days = [today() - timedelta(days=n) for n in range(10, -1, -1)]
        p, booked = f"{loan.loan_no}:P", [PAID, HALVED, AGAIN]
        does = [
            lambda: service.post_payment(loan, Decimal(12_000), PAID, p),
            lambda: service.reverse(loan, Kind.PAYMENT, p, HALVED, f"{p}:R1", kept=Decimal(6_000)),
            lambda: service.reverse(loan, Kind.PAYMENT, f"{p}:rest", AGAIN, f"{p}:R2", kept=Decimal(1_000)),
        ]
        for day in days:
            if day in booked:
                does[booked.index(day)]()
            service.accrue(loan, day)
    return made


def owed_with(amount: int, as_of: date) -> Decimal:
    """What is owed on a day if so much was paid on that day: worked out by hand. Interest comes first."""
    on_the_day = Decimal(20_000 + 200 * 4 - amount)
    principal = min(Decimal(20_000), on_the_day)
    return on_the_day + (principal * (as_of - PAID).days / 100)


@pytest.mark.parametrize("as_of", COUNTS, ids=lambda day: f"{(today() - day).days} days ago")
def test_every_view_of_a_day_says_what_counted_on_it(case: Case, as_of: date):
    with at_work():
        owed = service.outstanding_as_of(case.loan_id, as_of)
        values = {"loan_id": case.loan_id, "as_of": as_of}
        alone = f"SELECT b.* FROM loan l, LATERAL ({balance('%(as_of)s')}) b WHERE l.id = %(loan_id)s"
        at_once = balances("%(as_of)s::date", "l.id = %(loan_id)s")
        in_sql = db.execute_sql(alone, values).fetchone()
        of_many = db.execute_sql(at_once, values).fetchone()
        statement = statements.of_loan(loans.get(case.loan_id), as_of)
    assert owed.total == owed_with(COUNTS[as_of], as_of)
    assert in_sql[:4] == of_many[1:5] == (owed.principal, owed.interest, owed.penal, owed.charges)
    assert statement.lines[-1].balance == owed.total
    assert "later" not in statement.lines[-1].description
    books = journal_until(case, as_of)
    assert sum(books[account] for account in OWED.values()) == owed.total
    assert books["COLLECTION"] == COUNTS[as_of]


@pytest.mark.parametrize("as_of", [PAID, HALVED, today()], ids=["paid", "halved", "again"])
def test_a_report_of_a_day_says_what_counted_on_it(case: Case, as_of: date, tmp_path: Path):
    question = reports.Question(BRAND, today() - timedelta(days=30), as_of, today())
    made = make(reports.get("outstanding-data-report"), question, tmp_path, unmasked=True)
    (row,) = pl.read_parquet(made.rows).filter(pl.col("loan_no") == case.loan["loanNo"]).rows(named=True)
    assert (row["total_collection"], row["outstanding_amount"]) == (
        COUNTS[as_of],
        owed_with(COUNTS[as_of], as_of),
    )


def journal_until(case: Case, as_of: date) -> dict[str, Decimal]:
    """What the loan's entries of the days until then come to, as auditors find them."""
    query = {"loanId": str(case.loan_id), "toDate": f"{as_of}", "pageSize": 100}
    found = case.platform.staff(Role.ADMIN).get("/ledger/journal", params=query)["items"]
    sums: dict[str, Decimal] = dict.fromkeys([*OWED.values(), "COLLECTION"], ZERO)
    for line in (line for entry in found for line in entry["lines"]):
        moved = Decimal(line["debit"]) - Decimal(line["credit"])
        sums[line["account"]] = sums.get(line["account"], ZERO) + moved
    return sums


def test_people_read_the_day_of_the_books_and_the_value_date(case: Case):
    with at_work():
        rests = [line for line in lines.of_loan(case.loan_id) if line.value_date]
    assert [(line.date, line.value_date, line.reference[-5:]) for line in rests] == [
        (HALVED, PAID, ":rest"),
        (AGAIN, PAID, ":rest"),
    ]
    told = case.app.get(f"/web/loans/{case.loan_id}/statement-of-account")["lines"]
    assert sum("Payment received, of " in line["description"] for line in told) == 2
    found: list[dict[str, Any]] = case.ledger()["entries"]
    assert [entry["valueDate"] for entry in found if entry["valueDate"]] == [f"{PAID}"] * 2


def test_in_hindsight_what_is_kept_was_there_all_along(case: Case):
    with at_work():
        for day in (PAID, HALVED):
            assert service.outstanding_in_hindsight(case.loan_id, day).total == owed_with(1_000, day)


def test_the_days_that_are_closed_again_begin_with_the_reversal(platform: Platform):
    case = active(platform, days_ago=9)
    p = f"{case.loan_id}:P"

    def taken_back(of: str, kept: int, on: date) -> list[date]:
        with at_work():
            late.done(waiting())
            service.reverse(loans.get(case.loan_id), Kind.PAYMENT, of, on, f"{of}:R", kept=Decimal(kept))
            return [told.from_day for told in waiting()]

    def waiting() -> list:
        return [told for told in late.told() if told.loan_id == case.loan_id]

    with at_work():
        service.post_payment(loans.get(case.loan_id), Decimal(8_000), PAID, p)
    assert taken_back(p, 4_000, on=HALVED) == [HALVED]
    assert taken_back(f"{p}:rest", 2_000, on=today()) == []
