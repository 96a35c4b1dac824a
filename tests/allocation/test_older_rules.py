"""Rules that were published before there was such a kind, and much that waits and fits nobody."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

import rules
from app.allocation import desk, moving, queues
from app.allocation.choosing import Matter
from app.allocation.kinds import Kind
from app.allocation.models import AllocationWaiting
from app.allocation.models import LoanAllottedPartnerUser as Allotment
from app.core import clock, identity
from app.core.database import brand_scope
from app.core.identity import Actor, Role
from app.core.outbox import enqueue
from app.customers import service as customers
from app.policies import service as policies
from app.policies import trials
from app.policies.models import PolicyVersion
from app.staff import service as staff
from rules.language.files import Folder
from tests.lending import applied
from tests.platform import Platform
from tests.policies.desk import Desk

FILES = ("allocation_inputs.yaml", "base/allocation.yaml")


@pytest.fixture(scope="module")
def brand(platform: Platform) -> str:
    """A brand of its own, with one of each role."""
    return Desk(platform).brand


def put_in_force(brand: str, files: Mapping[str, str]) -> rules.Ruleset:
    """The brand publishes rules of allocation that change nothing of the base."""
    file = f"brands/{brand}/allocation.yaml"
    own = f"ruleset: allocation\nbrand: {brand}\nextends: base/allocation\n"
    ruleset = rules.compile_ruleset(file, {file: own, **files})
    number = PolicyVersion.select().count() + 1
    PolicyVersion.create(
        ruleset="allocation",
        number=number,
        status="APPROVED",
        makers=[],
        ruleset_hash=policies.keep(ruleset),
        cases={},
        remark="For a test",
        effective_from=clock.now(),
    )
    return ruleset


def shipped() -> dict[str, str]:
    return {name: Folder()[name] for name in FILES}


def as_of_old() -> dict[str, str]:
    """The files of a release that knew of no RECOVERY."""
    inputs, base = shipped().values()
    lines = [line for line in base.splitlines() if "[RECOVERY" not in line and "recovery_" not in line]
    return dict(zip(FILES, (inputs.replace(", RECOVERY]", "]"), "\n".join(lines) + "\n"), strict=True))


def matter(kind: Kind, amount: int = 20_000) -> Matter:
    customer_id = customers.create(f"9{uuid4().int % 10**9:09d}", {}).id
    return Matter(kind, customer_id, applied(customer_id, Decimal(amount)).id, Decimal(amount))


def test_what_older_rules_do_not_know_is_given_out_by_the_base(brand: str) -> None:
    with identity.acting(identity.SYSTEM), brand_scope(brand):
        old = put_in_force(brand, as_of_old())
        recovery = desk.allot(matter(Kind.RECOVERY))
        collection = desk.allot(matter(Kind.COLLECTION))
        (collector,) = staff.working(Role.COLLECTION_EXECUTIVE)
    assert (recovery.partner_user_id, recovery.ruleset_hash) == (collector, policies.base("allocation").hash)
    assert (collection.partner_user_id, collection.ruleset_hash) == (collector, old.hash)
    assert all(policies.base("allocation").dictionary["kind"].values.count(kind.value) for kind in Kind)
    with identity.acting(Actor("lead", frozenset({Role.COLLECTION_HEAD}))), brand_scope(brand):
        (load,) = [row for row in queues.load(Kind.RECOVERY) if row["partner_user_id"] == collector]
    assert (load["in_hand"], load["standing"]) == (1, "ELIGIBLE")


def test_the_portal_tells_what_rules_in_force_are_too_old_to_know(platform: Platform) -> None:
    name = "brands/qualoan/allocation.yaml"
    own = "ruleset: allocation\nbrand: qualoan\nextends: base/allocation\n"
    old = rules.compile_ruleset(name, {name: own, **as_of_old()})
    with brand_scope("qualoan"):
        assert trials.unknown_to(old) == ["kind RECOVERY"]
    listed = {policy["ruleset"]: policy for policy in platform.staff().get("/policies")}
    assert {tuple(policy["unknownToIt"]) for policy in listed.values()} == {()}


def test_what_fits_nobody_holds_up_nothing_behind_it(
    platform: Platform, brand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "WAITING_MAX", 2)
    with identity.acting(identity.SYSTEM), brand_scope(brand):
        put_in_force(brand, shipped())
        (person,) = staff.working(Role.CREDIT_EXECUTIVE)
    works_on = "UPDATE partner_user_brand_role SET ticket_classes = %s WHERE partner_user_id = %s"
    platform.sql(works_on, '["MIDDLE"]', person)
    with identity.acting(identity.SYSTEM), brand_scope(brand):
        large = [matter(Kind.CREDIT, 90_000) for _ in range(3)]
        assert [desk.allot(one) for one in large] == [None] * 3
        small = matter(Kind.CREDIT, 30_000)
        let_wait(small)
        enqueue("allocation.allot_waiting")
    platform.drain()
    assert (owner(brand, small), waiting(brand)) == (person, {one.loan_id: "NOBODY_FITS" for one in large})


def let_wait(one: Matter) -> None:
    """It waits, as nobody was there when it came."""
    AllocationWaiting.create(
        kind=one.kind.value,
        customer_id=one.customer_id,
        loan_id=one.loan_id,
        amount=one.amount,
        why="NOBODY_PRESENT",
    )


def owner(brand: str, one: Matter) -> UUID | None:
    with brand_scope(brand):
        row = Allotment.get_or_none(Allotment.loan_id == one.loan_id, Allotment.kind == one.kind.value)
    return row and row.partner_user_id


def waiting(brand: str) -> dict[UUID, str]:
    with brand_scope(brand):
        rows = AllocationWaiting.select().where(AllocationWaiting.ended_at.is_null())
        return {row.loan_id: row.why for row in rows}
