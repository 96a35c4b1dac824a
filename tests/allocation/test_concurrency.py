"""Two at once never both get it, many at once are shared as fairly as one after the other."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.allocation import desk
from app.allocation.choosing import Matter
from app.allocation.kinds import Kind
from app.core.identity import Role
from app.customers import service as customers
from tests.allocation.conftest import Team
from tests.lending import at_work
from tests.platform import Platform

BRAND = "salarybolt"
HELD = """
SELECT partner_user_id::text, count(*) FROM loan_allotted_partner_user
WHERE brand_id = %s AND is_active AND partner_user_id = ANY(%s::uuid[]) GROUP BY 1"""


_PHONES = count(7_000_000_001)


def new_customers(how_many: int) -> list[UUID]:
    """Customers who have not proven their phone, so nobody gave them out yet."""
    with at_work(BRAND):
        return [customers.create(str(next(_PHONES)), {}).id for _ in range(how_many)]


def allot(customer_id: UUID) -> str | None:
    """Give the customer out, in a transaction of its own; who has them."""
    with at_work(BRAND):
        row = desk.allot(Matter(Kind.CUSTOMER, customer_id))
        return row and str(row.partner_user_id)


def at_once(customer_ids: list[UUID]) -> list[str | None]:
    """The same in as many threads."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(allot, customer_ids))


def counts(platform: Platform, people: list) -> Counter[str]:
    return Counter(dict(platform.sql(HELD, BRAND, [person.id for person in people])))


def test_one_thing_asked_for_by_many_goes_to_one(platform: Platform, team: Team) -> None:
    people = team(Role.LOAN_EXECUTIVE, 3, BRAND)
    (customer_id,) = new_customers(1)
    assert len(set(at_once([customer_id] * 8))) == 1
    assert counts(platform, people).total() == 1


def test_many_things_at_once_differ_by_one_at_most(platform: Platform, team: Team) -> None:
    people = team(Role.LOAN_EXECUTIVE, 3, BRAND)
    given_to = Counter(at_once(new_customers(20)))
    assert sorted(given_to.values()) == [6, 7, 7]
    assert counts(platform, people) == given_to


def test_many_at_once_do_not_exceed_a_capacity(platform: Platform, team: Team) -> None:
    people = team(Role.LOAN_EXECUTIVE, 2, BRAND)
    admin = platform.staff(Role.SUPER_ADMIN, BRAND)
    for person, capacity in zip(people, (2, 3), strict=True):
        work = {"work": [{"role": "LOAN_EXECUTIVE", "capacity": capacity}]}
        admin.send("PATCH", f"/staff/{person.id}", json=work)
    asked = new_customers(9)
    given_to = Counter(at_once(asked))
    assert given_to == {people[0].id: 2, people[1].id: 3, None: 4}
    waits = "SELECT count(*) FROM allocation_waiting WHERE customer_id = ANY(%s::uuid[]) AND why = 'ALL_FULL'"
    assert platform.sql(waits, [str(one) for one in asked]) == [(4,)]


@settings(
    max_examples=5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(size=st.integers(1, 4), things=st.integers(1, 12))
def test_any_team_and_any_number_at_once(platform: Platform, team: Team, size: int, things: int) -> None:
    people = team(Role.LOAN_EXECUTIVE, size, BRAND)
    given_to = Counter(at_once(new_customers(things)))
    shares = [given_to[person.id] for person in people]
    assert sum(shares) == things
    assert max(shares) - min(shares) <= 1
