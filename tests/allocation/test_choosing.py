"""Who should have it, as a function of what is known: fair, the same whatever the order, never above a capacity."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rules
from app.allocation import choosing, matters
from app.allocation.choosing import Candidate, Matter, Place
from app.allocation.kinds import TABLE, Kind
from app.staff.service import Colleague
from app.staff.work import BUCKETS, TICKET_CLASSES

POLICY = rules.load("qualoan", "allocation")
START = datetime(2026, 11, 26, tzinfo=UTC)
HOME = Place("560001", "Bengaluru", "Karnataka")


def matter(kind: Kind = Kind.COLLECTION, **more: object) -> Matter:
    """A loan of 20,000 rupees whose customer lives in Bengaluru."""
    told = {"amount": Decimal(20_000), "place": HOME, "bucket": "DPD_1_30"} | more
    return Matter(kind, uuid4(), uuid4(), **told)


def somebody(number: int = 1, **profile: object) -> Candidate:
    """A candidate; `in_hand` and the like are theirs, the rest is of their profile."""
    own = {key: profile.pop(key) for key in ("in_hand", "amount_in_hand", "rating") if key in profile}
    return Candidate(Colleague(UUID(int=number), **({"present": True} | profile)), **own)


def best(about: Matter, *candidates: Candidate) -> int | None:
    """The number of whoever should have it."""
    chosen = choosing.chosen(choosing.rank(POLICY, about, candidates))
    return chosen and chosen.user_id.int


people = st.builds(
    somebody,
    number=st.integers(1, 1000),
    present=st.booleans(),
    pincode=st.sampled_from([None, "560001", "560100", "110001"]),
    city=st.sampled_from([None, "bengaluru ", "Delhi"]),
    state=st.sampled_from([None, "Karnataka", "Delhi"]),
    languages=st.sampled_from([(), ("hi",), ("kn", "hi")]),
    capacity=st.one_of(st.none(), st.integers(0, 5)),
    buckets=st.sampled_from([(), ("DPD_1_30",), ("DPD_31_60",)]),
    in_hand=st.integers(0, 200),
    amount_in_hand=st.decimals(0, 10**6, places=2),
    rating=st.one_of(st.none(), st.decimals(0, 1, places=2)),
)
teams = st.lists(people, min_size=1, max_size=8, unique_by=lambda one: one.who.id)


@given(team=teams, kind=st.sampled_from(list(Kind)), language=st.sampled_from([None, "hi"]), data=st.data())
def test_the_same_state_gives_the_same_order(
    team: list[Candidate], kind: Kind, language: str | None, data: st.DataObject
) -> None:
    about = matter(kind, language=language)
    ranked = choosing.rank(POLICY, about, team)
    shuffled = data.draw(st.permutations(team))
    assert choosing.rank(POLICY, about, shuffled) == ranked


@given(team=teams, kind=st.sampled_from(list(Kind)))
def test_nobody_who_is_away_or_full_or_works_on_others_is_chosen(team: list[Candidate], kind: Kind) -> None:
    chosen = choosing.chosen(choosing.rank(POLICY, matter(kind), team))
    if chosen is None:
        return
    who = chosen.candidate.who
    assert who.present
    assert chosen.candidate.in_hand < chosen.capacity
    assert "DPD_1_30" in who.buckets or not who.buckets


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(Kind)),
    size=st.integers(1, 5),
    days=st.lists(st.tuples(st.sets(st.integers(0, 4)), st.integers(0, 7)), max_size=6),
)
def test_equal_people_share_what_comes_evenly(
    kind: Kind, size: int, days: list[tuple[set[int], int]]
) -> None:
    """Whoever is there and has least gets the next; while nobody is on leave, loads differ by one at most."""
    held, last = [0] * size, [None] * size
    for number, (away, things) in enumerate([(set(), 2 * size + 1), *days]):
        there = [n for n in range(size) if n not in away]
        for thing in range(things):
            team = [
                replace(somebody(n + 1, present=n in there, in_hand=held[n]), last_allotted_at=last[n])
                for n in range(size)
            ]
            chosen = best(matter(kind), *team)
            if chosen is None:
                assert not there
                continue
            least = min(held[n] for n in there)
            assert held[chosen - 1] == least
            held[chosen - 1] += 1
            last[chosen - 1] = START + timedelta(days=number, seconds=thing)
        assert number or max(held) - min(held) <= 1


@given(capacities=st.lists(st.integers(0, 4), min_size=1, max_size=4), things=st.integers(1, 30))
def test_no_capacity_is_exceeded_and_none_is_left_unused(capacities: list[int], things: int) -> None:
    held = Counter()
    for _ in range(things):
        team = [somebody(n, capacity=room, in_hand=held[n]) for n, room in enumerate(capacities, 1)]
        chosen = best(matter(Kind.CREDIT), *team)
        if chosen is not None:
            held[chosen] += 1
    assert all(held[n] <= room for n, room in enumerate(capacities, 1))
    assert held.total() == min(things, sum(capacities))


def test_equal_people_take_turns() -> None:
    first = replace(somebody(1), last_allotted_at=START)
    second = replace(somebody(2), last_allotted_at=START - timedelta(hours=1))
    assert best(matter(Kind.LOAN), first, second) == 2
    assert best(matter(Kind.LOAN), first, replace(second, amount_in_hand=Decimal(1))) == 1
    assert best(matter(Kind.LOAN), somebody(2), somebody(1)) == 1


@pytest.mark.parametrize(
    ("profile", "nearness"),
    [
        ({"pincode": "560001"}, "1"),
        ({"pincode": "560099"}, "0.7"),
        ({"pincode": "110001", "city": " bengaluru"}, "0.4"),
        ({"state": "KARNATAKA"}, "0.2"),
        ({"pincode": "110001", "city": "Delhi", "state": "Delhi"}, "0"),
        ({}, "0"),
    ],
)
def test_near_is_near(profile: dict[str, str], nearness: str) -> None:
    (scored,) = choosing.rank(POLICY, matter(), [somebody(**profile)])
    assert scored.nearness == Decimal(nearness)


def test_a_score_is_what_the_policy_says() -> None:
    neighbour = somebody(pincode="560099", in_hand=30, rating=Decimal("0.80"))
    (scored,) = choosing.rank(POLICY, matter(), [neighbour])
    # 0.4 * (1 - 30/150) + 0.3 * 0.7 + 0.3 * 0.8
    assert scored.score == Decimal("0.77")


def test_who_collected_the_last_time_comes_first_and_not_when_full() -> None:
    neighbour, known = (
        somebody(1, pincode="560001", rating=Decimal(1)),
        somebody(2, rating=Decimal(0), in_hand=9),
    )
    about = matter(last_collector=UUID(int=2))
    assert best(about, neighbour, known) == 2
    assert best(about, neighbour, replace(known, in_hand=150)) == 1


def test_sizes_and_languages_of_loans() -> None:
    small, hindi = somebody(1, ticket_classes=("SMALL",)), somebody(2, languages=("hi",), in_hand=9)
    assert best(matter(amount=Decimal(25_000)), small, hindi) == 1
    assert best(matter(amount=Decimal("25000.01")), small, hindi) == 2
    assert best(matter(amount=Decimal(30_000), language="ta"), small, hindi) is None


def test_a_brand_weighs_otherwise_in_its_file() -> None:
    neighbour, idle = somebody(1, pincode="560001", in_hand=75), somebody(2)
    fast = rules.load("fastsalary", "allocation")
    orders = [choosing.rank(policy, matter(), [neighbour, idle])[0].user_id.int for policy in (POLICY, fast)]
    assert orders == [1, 2]


def test_staff_are_fit_for_what_the_policies_name() -> None:
    delinquency = rules.load("qualoan", "delinquency")
    named = {
        rules.compute(delinquency, {"days_past_due": days})["bucket"] for days in (0, 1, 31, 61, 91, 181)
    }
    assert named | {matters.WRITTEN_OFF} == set(BUCKETS)
    amounts = (Decimal(1), Decimal(30_000), Decimal(60_000))
    assert {choosing.ticket_class(POLICY, amount) for amount in amounts} == set(TICKET_CLASSES)
    assert all(choosing.terms(POLICY, kind)["when_away"] for kind in TABLE)
