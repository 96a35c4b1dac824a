"""Planting a book: chunks are made by each processor, and written by one transaction each."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from multiprocessing import get_context

import psycopg2
from psycopg2.extensions import connection as Connection

from app import connect
from app.acquisition import service as acquisition
from app.brands import service as brands
from app.config import Settings, settings
from app.core import clock
from app.core.database import brand_scope
from app.core.identity import STAFF_ROLES
from app.core.numbers import reserve, written
from app.credit.service import RULESET
from app.customers import service as customers
from app.policies import service as policies
from app.seed.book import repaying
from app.seed.book.advertising import advertise
from app.seed.book.applying import Application
from app.seed.book.arriving import arrive, lead_forms
from app.seed.book.calling import call
from app.seed.book.desk import Brand, Desk
from app.seed.book.draw import Draw, arrivals
from app.seed.book.filing import file
from app.seed.book.judging import Judge
from app.seed.book.people import CONTENT, PEOPLE_MAX, Person, person, phone_of
from app.seed.book.repaying import repay
from app.seed.book.tables import Rows
from app.seed.book.telling import offer_again, tell
from app.seed.book.writing import Texts, as_a_whole, in_parts
from app.staff import service as staff

CHUNK_LOANS = 5_000
# so many new loans are worth locking everybody out of the tables
LIFTED_FROM = 25_000
# numbers of people that a chunk may use: those who come, and phones of forms whose people never came
_CHUNK_PEOPLE = 4 * CHUNK_LOANS
SEED_MAX = 199
LOANS_MAX = PEOPLE_MAX // _CHUNK_PEOPLE * CHUNK_LOANS
_STORIES_MAX = 20_000
# of those who come: who applies, and who applies again
_APPLY = 0.86
# after which end: how likely, and after how many days at the earliest
_COME_BACK = {"COMPLETED": (0.74, 0), "REJECTED": (0.2, 90), "CANCELLED": (0.3, 2)}


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

    @property
    def alike(self) -> int:
        """How many people tell the same: what is decided on them takes more room than all the rest."""
        return -(-self.loans // _STORIES_MAX)


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

    Writes as the owner of the tables: only it may make temporary tables, or lift rules. Of many chunks each processor
    makes its own. Fewer than LIFTED_FROM loans go in chunk by chunk, more as a whole or not at all.
    """
    brand = _brand(brand_id)
    ends_at = min(clock.now(), clock.start_of(until + timedelta(days=1)))
    missing = [chunk for chunk in _chunks(shape.loans) if not _is_there(brand_id, shape.seed, chunk)]
    parts = _in_parallel(
        [
            partial(_texts, brand, shape, chunk, until, ends_at, *numbers)
            for chunk, numbers in zip(missing, _numbers(brand_id, missing), strict=True)
        ]
    )
    lacking = sum(chunk.loans for chunk in missing)
    done = shape.loans - lacking
    write = as_a_whole if lacking >= LIFTED_FROM else in_parts
    with closing(psycopg2.connect(owner_url)) as connection:
        for _, chunk in zip(write(connection, brand_id, parts), missing, strict=True):
            done += chunk.loans
            tell(f"{done:,} of {shape.loans:,} loans")
            if done == shape.loans:
                tell("indexes, constraints, statistics")
        _settle(connection, brand_id)


def _in_parallel(tasks: list[Callable[[], Texts]]) -> Iterator[Texts]:
    """What each task gives, in their order and a few ahead of who takes it; one alone is done here."""
    if len(tasks) < 2:
        yield from (task() for task in tasks)
        return
    begin = {"mp_context": get_context("spawn"), "initializer": _begin, "initargs": (settings(),)}
    processes = min(os.cpu_count() or 1, len(tasks))
    waiting = iter(tasks)
    with ProcessPoolExecutor(processes, **begin) as workers:
        going = deque(workers.submit(task) for task in islice(waiting, processes + 1))
        try:
            while going:
                yield going.popleft().result()
                going.extend(workers.submit(task) for task in islice(waiting, 1))
        finally:
            workers.shutdown(cancel_futures=True)


def _begin(known: Settings) -> None:
    connect(known)
    # a chunk is some hundred thousand objects that stay until it is told: looking for garbage among them is in vain
    gc.set_threshold(500_000)


def _numbers(brand_id: str, chunks: list[_Chunk]) -> Iterator[tuple[range, range]]:
    """The numbers of the loans and of the customers of each chunk, so that they are the same in whatever order chunks
    are made. There are seldom more customers than loans; of a single chunk they are counted when they are known."""
    loans = sum(chunk.loans for chunk in chunks)
    if not loans:
        return
    with brand_scope(brand_id):
        loan_nos, customer_nos = reserve("L", loans), range(0)
        if len(chunks) > 1:
            customer_nos = reserve("C", loans)
    first = 0
    for chunk in chunks:
        yield loan_nos[first : first + chunk.loans], customer_nos[first : first + chunk.loans]
        first += chunk.loans


def _chunks(loans: int) -> Iterator[_Chunk]:
    for number, first in enumerate(range(0, loans, CHUNK_LOANS)):
        yield _Chunk(number, min(CHUNK_LOANS, loans - first))


def _is_there(brand_id: str, seed: int, chunk: _Chunk) -> bool:
    with brand_scope(brand_id):
        return customers.by_phone(phone_of(seed, chunk.first_person)) is not None


def _brand(brand_id: str) -> Brand:
    with brand_scope(brand_id):
        known = brands.settings()
        providers = known["providers"]
        policies.keep(policies.champion(RULESET))
        return Brand(
            id=brand_id,
            staff={role: [str(user_id) for user_id in staff.working(role)] for role in STAFF_ROLES},
            payments_by=providers["payments"],
            payouts_by=providers["payouts"],
            bureau=providers["bureau"],
            affiliates=_affiliates(),
            city_tiers=known["city_tiers"],
            senders={channel.upper(): providers[channel] for channel in ("sms", "whatsapp", "email")},
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


def _texts(
    brand: Brand,
    shape: Shape,
    chunk: _Chunk,
    until: date,
    ends_at: datetime,
    loan_nos: Sequence[int],
    customer_nos: Sequence[int],
) -> Texts:
    """The rows of a chunk."""
    own = Draw(f"{shape.seed}/{brand.id}/{chunk.number}")
    with brand_scope(brand.id):
        judge = Judge(policies.champion(RULESET))
    desk = Desk(brand, own, judge, shape.seed, ends_at, shape.payments, Rows(brand.id))
    people, loans = _lived(desk, shape, chunk, until)
    lacking = len(people) - len(customer_nos)
    if lacking > 0:
        with brand_scope(brand.id):
            customer_nos = [*customer_nos, *reserve("C", lacking)]
    applied = {loan.person.id for loan in loans}
    people.sort(key=lambda one: one.came_at)
    came = {
        one.id: arrive(desk, one, written(brand.id, "C", number), goes_on=one.id in applied)
        for one, number in zip(people, customer_nos, strict=False)
    }
    advertise(desk, people)
    lead_forms(desk, people, chunk.first_person + _CHUNK_PEOPLE // 2)
    loans.sort(key=lambda loan: loan.applied_at)
    for loan, number in zip(loans, loan_nos, strict=True):
        known, loan.loan_no = came[loan.person.id], written(brand.id, "L", number)
        file(loan, known.consent_id)
        if loan.credited_at:
            repaying.write(loan, known.account_id)
        call(loan)
        tell(loan)
    offer_again(desk, loans)
    return desk.rows.texts()


def _lived(desk: Desk, shape: Shape, chunk: _Chunk, until: date) -> tuple[list[Person], list[Application]]:
    """People come until there are as many loans as the chunk has."""
    days, reached = arrivals(until - timedelta(days=1), shape.months)
    people: list[Person] = []
    loans: list[Application] = []
    while len(loans) < chunk.loans:
        with desk.alike(f"{shape.seed}/{desk.brand.id}/{chunk.number}/{len(people) // shape.alike}"):
            (came_on,) = desk.draw.choices(days, cum_weights=reached)
            one = person(desk.draw, desk.own, desk.seed, chunk.first_person + len(people), came_on)
            people.append(one)
            if desk.draw.random() < _APPLY:
                loans += islice(_loans_of(desk, one), chunk.loans - len(loans))
    return people, loans


def _loans_of(desk: Desk, one: Person) -> Iterator[Application]:
    """The applications of somebody, one after the other."""
    at, before = one.came_at + timedelta(minutes=desk.draw.randint(20, 3_000)), []
    while at <= desk.now:
        loan = Application(desk, one, at, before)
        if loan.credited_at:
            repay(loan)
        yield loan
        before = [*before, loan]
        ended = loan.status
        back, pause_days = _COME_BACK.get(ended.to, (0, 0))
        if desk.draw.random() >= back:
            return
        at = ended.at + timedelta(days=pause_days + desk.draw.expovariate(1 / 18))


def _settle(connection: Connection, brand_id: str) -> None:
    """The figures that are kept hold what came past their triggers."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
        cursor.execute("SELECT tally_mend(%s)", (brand_id,))
        cursor.execute("ANALYZE tally")
