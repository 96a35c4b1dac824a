"""The bank account of a sandbox person must add up, whoever asks for whichever days."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from app.sandbox.fi_data import deposit_xml
from app.sandbox.ledger import Transaction, transactions
from app.sandbox.person import Person
from app.sandbox.personas import PEOPLE, derive
from pipelines import analyse_statement

NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)
TODAY = NOW.date()
ALL = [*PEOPLE, derive("OVEPX0042Z"), derive("BOUPA0007K"), derive("AAAPZ1234Q")]


def account_of(person: Person, days: int = 180, now: datetime = NOW) -> list[Transaction]:
    return transactions(person, now.date() - timedelta(days=days), now.date(), now)


def named(name: str) -> Person:
    return next(person for person in PEOPLE if person.name == name)


def signed(line: Transaction) -> Decimal:
    return line.amount if line.side == "CREDIT" else -line.amount


@pytest.fixture(params=ALL, ids=lambda person: person.name)
def person(request: pytest.FixtureRequest) -> Person:
    return request.param


def test_every_balance_follows_from_the_one_before(person: Person) -> None:
    pairs = itertools.pairwise(account_of(person))
    assert all(before.balance + signed(line) == line.balance for before, line in pairs)


def test_no_balance_is_negative_on_any_day_of_a_year(person: Person) -> None:
    for days in range(0, 365, 19):
        assert all(line.balance >= 0 for line in account_of(person, 120, NOW + timedelta(days=days)))


def test_the_same_days_read_the_same_whichever_range_is_asked_for(person: Person) -> None:
    short = account_of(person, 47)
    assert short == account_of(person, 180)[-len(short) :]


def test_a_full_month_has_40_to_80_transactions(person: Person) -> None:
    lines = account_of(person)
    assert all(40 <= sum(line.at.month == month for line in lines) <= 80 for month in (12, 1, 2, 3, 4))


def test_nothing_happens_after_now(person: Person) -> None:
    assert all(line.at <= NOW for line in account_of(person))


def salaries(person: Person) -> Iterator[Transaction]:
    return (line for line in account_of(person) if "SALARY" in line.narration)


def test_salaries_are_the_personas() -> None:
    newest_first = [line.amount for line in salaries(named("ASHA VERMA"))][::-1]
    assert newest_first == list(named("ASHA VERMA").persona.salaries)
    assert {line.at.day for line in salaries(named("ASHA VERMA"))} == {1}


def test_who_lost_the_job_has_no_salary() -> None:
    assert not list(salaries(named("FAROOQ ALI")))


def test_bounces_are_pairs_with_a_charge() -> None:
    lines = account_of(named("DEEPAK RAO"), 89)
    charges = [i for i, line in enumerate(lines) if "RETURN CHARGES" in line.narration]
    assert len(charges) == 4
    for i in charges:
        presented, returned = lines[i - 2], lines[i - 1]
        assert (presented.side, returned.side) == ("DEBIT", "CREDIT")
        assert (presented.narration, presented.amount) == (returned.narration, returned.amount)


def test_payday_loans_and_bets_stand_where_the_table_puts_them() -> None:
    lines = account_of(named("BHARAT SINGH"), 30)
    loans = [line for line in lines if "/LOAN DISBURSAL" in line.narration]
    assert [line.amount for line in loans] == [5000, 9000, 6000, 12000, 8000]
    assert sum("RUMMYCIRCLE" in line.narration for line in lines) == 2


def test_the_document_shows_what_the_ledger_holds(person: Person) -> None:
    start = TODAY - timedelta(days=60)
    document = ElementTree.fromstring(deposit_xml(person, start, TODAY, NOW))
    space = {"d": "http://api.rebit.org.in/FISchema/deposit"}
    shown = document.findall("d:Transactions/d:Transaction", space)
    lines = account_of(person, 60)
    assert [Decimal(line.get("currentBalance")) for line in shown] == [line.balance for line in lines]
    assert Decimal(document.find("d:Summary", space).get("currentBalance")) == lines[-1].balance
    assert len({line.get("txnId") for line in shown}) == len(shown)


# What the statement of each persona must say to the analysis of bank statements.
PROMISED = {
    "ASHA VERMA": {"salary_credit_count_3m": 3, "inward_bounce_count_3m": 0, "payday_credit_count_30d": 0},
    "BHARAT SINGH": {"inward_bounce_count_3m": 5, "payday_credit_count_30d": 5},
    "CHITRA NAIR": {"salary_credit_count_3m": 3, "average_salary_3m": Decimal("45000.00")},
    "DEEPAK RAO": {"salary_credit_count_3m": 3, "inward_bounce_count_3m": 4},
    "ESHA KHAN": {"salary_credit_count_3m": 3, "inward_bounce_count_3m": 0},
    "FAROOQ ALI": {"salary_credit_count_3m": 0, "emi_obligations_monthly": Decimal("2400.00")},
}


@pytest.mark.parametrize("name", PROMISED)
def test_the_analysis_sees_what_the_persona_promises(name: str) -> None:
    document = deposit_xml(named(name), TODAY - timedelta(days=180), TODAY, NOW)
    features = analyse_statement([document], as_of=TODAY).features
    assert {key: features.values[key] for key in PROMISED[name]} == PROMISED[name]
    assert features.values["statement_days"] > 170
