"""Planting a book: chunks are made one after the other and written by one transaction each, both at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice

import psycopg2
from psycopg2.extensions import connection as Connection

from app.acquisition import service as acquisition
from app.brands import service as brands
from app.core import clock, crypto
from app.core.database import brand_scope
from app.core.identity import STAFF_ROLES
from app.core.numbers import next_numbers
from app.customers import service as customers
from app.seed.book import repaying
from app.seed.book.applying import Application
from app.seed.book.arriving import arrive, lead_forms
from app.seed.book.calling import call
from app.seed.book.desk import Brand, Desk
from app.seed.book.draw import Draw, arrivals
from app.seed.book.people import CONTENT, PEOPLE_MAX, Person, person, phone_of
from app.seed.book.repaying import repay
from app.seed.book.tables import COLUMNS, Rows
from app.staff import service as staff

CHUNK_LOANS = 5_000
# numbers of people that a chunk may use: those who come, and phones of forms whose people never came
_CHUNK_PEOPLE = 4 * CHUNK_LOANS
SEED_MAX = 399
LOANS_MAX = PEOPLE_MAX // _CHUNK_PEOPLE * CHUNK_LOANS
# of those who come: who applies, and who applies again
_APPLY = 0.82
# after which end: how likely, and after how many days at the earliest
_COME_BACK = {"COMPLETED": (0.66, 0), "REJECTED": (0.12, 90), "CANCELLED": (0.25, 2)}


@dataclass(frozen=True)
class Shape:
    """How large a book is and what it is like: `payments` on average for a loan that is repaid."""

    loans: int
    seed: int = 1
    months: int = 24
    payments: float = 1.4

    def __post_init__(self) -> None:
        if not 1 <= self.loans <= LOANS_MAX:
            raise ValueError(f"loans: from 1 to {LOANS_MAX}")
        if not 0 <= self.seed <= SEED_MAX:
            raise ValueError(f"seed: from 0 to {SEED_MAX}")


@dataclass(frozen=True)
class _Chunk:
    number: int
    loans: int

    @property
    def first_person(self) -> int:
        return self.number * _CHUNK_PEOPLE


def plant(
    owner_url: str, brand_id: str, shape: Shape, until: date, tell: Callable[[str], None] = lambda text: None
) -> None:
    """Put a book that ends with the day `until` into a brand; chunks that are there already are left alone.

    Writes as the owner of the tables, whom row-level security holds as well: only it may make temporary tables.
    """
    brand = _brand(brand_id)
    ends_at = min(clock.now(), clock.start_of(until + timedelta(days=1)))
    done, writing = 0, None
    with closing(psycopg2.connect(owner_url)) as connection, ThreadPoolExecutor(1) as writer:
        for chunk in _chunks(shape.loans):
            is_there = _is_there(brand_id, shape.seed, chunk)
            rows = Rows() if is_there else _rows(brand, shape, chunk, until, ends_at)
            # the next chunk is made while this one is written
            if writing:
                writing.result()
            writing = writer.submit(_write, connection, brand_id, rows)
            done += chunk.loans
            tell(f"{done:,} of {shape.loans:,} loans")
        writing.result()
        _analyse(connection)


def _chunks(loans: int) -> Iterator[_Chunk]:
    for number, first in enumerate(range(0, loans, CHUNK_LOANS)):
        yield _Chunk(number, min(CHUNK_LOANS, loans - first))


def _is_there(brand_id: str, seed: int, chunk: _Chunk) -> bool:
    with brand_scope(brand_id):
        return customers.by_phone(phone_of(seed, chunk.first_person)) is not None


def _brand(brand_id: str) -> Brand:
    seal = crypto.sealer(brand_id)
    with brand_scope(brand_id):
        providers = brands.settings()["providers"]
        return Brand(
            id=brand_id,
            seal=seal,
            staff={role: [str(user_id) for user_id in staff.working(role)] for role in STAFF_ROLES},
            payments_by=providers["payments"],
            payouts_by=providers["payouts"],
            bureau=providers["bureau"],
            affiliates=_affiliates(),
        )


def _affiliates() -> dict[str, str]:
    """The ids of the affiliates that send people, by their source; they are made where they are missing."""
    known = {one.utm_source: str(one.id) for one in acquisition.affiliates(None) if one.utm_source}
    for code, name, source, model, rate in CONTENT["affiliates"]:
        if source not in known:
            made = acquisition.add_affiliate(
                code=code, name=name, utm_source=source, payout_model=model, payout_rate=Decimal(rate)
            )
            known[source] = str(made.id)
    return known


def _rows(brand: Brand, shape: Shape, chunk: _Chunk, until: date, ends_at: datetime) -> Rows:
    draw = Draw(f"{shape.seed}/{brand.id}/{chunk.number}")
    desk = Desk(brand, draw, shape.seed, ends_at, shape.payments)
    people, loans = _lived(desk, shape, chunk, until)
    with brand_scope(brand.id):
        customer_nos = iter(next_numbers("C", len(people)))
        loan_nos = iter(next_numbers("L", len(loans)))
    applied = {loan.person.id for loan in loans}
    people.sort(key=lambda one: one.came_at)
    came = {one.id: arrive(desk, one, next(customer_nos), goes_on=one.id in applied) for one in people}
    lead_forms(desk, people, chunk.first_person + _CHUNK_PEOPLE // 2)
    for loan in sorted(loans, key=lambda loan: loan.applied_at):
        loan_no, known = next(loan_nos), came[loan.person.id]
        loan.write(loan_no, known.consent_id)
        if loan.credited_at:
            repaying.write(loan, loan_no, known.account_id)
        call(loan)
    return desk.rows


def _lived(desk: Desk, shape: Shape, chunk: _Chunk, until: date) -> tuple[list[Person], list[Application]]:
    """People come until there are as many loans as the chunk has."""
    days, reached = arrivals(until - timedelta(days=1), shape.months)
    people: list[Person] = []
    loans: list[Application] = []
    while len(loans) < chunk.loans:
        (came_on,) = desk.draw.choices(days, cum_weights=reached)
        one = person(desk.draw, desk.seed, chunk.first_person + len(people), came_on)
        people.append(one)
        if desk.draw.random() < _APPLY:
            loans += islice(_loans_of(desk, one), chunk.loans - len(loans))
    return people, loans


def _loans_of(desk: Desk, one: Person) -> Iterator[Application]:
    """The applications of somebody, one after the other."""
    at, had_loan = one.came_at + timedelta(minutes=desk.draw.randint(20, 3_000)), False
    while at <= desk.now:
        loan = Application(desk, one, at, is_repeat=had_loan)
        if loan.credited_at:
            repay(loan)
        yield loan
        had_loan = had_loan or loan.credited_at is not None
        ended = loan.status
        back, pause_days = _COME_BACK.get(ended.to, (0, 0))
        if desk.draw.random() >= back:
            return
        at = ended.at + timedelta(days=pause_days + desk.draw.expovariate(1 / 18))


def _write(connection: Connection, brand_id: str, rows: Rows) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
        rows.write(cursor, brand_id)


def _analyse(connection: Connection) -> None:
    """The planner knows of the rows at once."""
    with connection, connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(COLUMNS)}")
