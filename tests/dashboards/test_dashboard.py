"""The dashboard: exactly the tiles of one's roles, and figures that agree with the lists and with each other."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core.clock import start_of, today
from app.core.identity import STAFF_ROLES, Role
from app.dashboards.tiles import TILES
from app.demo.client import Portal
from app.payments.models import PaymentCollectionTransaction, PaymentRequest
from app.staff.permissions import MATRIX
from tests.dashboards.statements import counted
from tests.lending import Case, active, approved, at_work, noon
from tests.platform import Platform

Figures = dict[str, dict[str, Any]]


def tiles(portal: Portal, **args: Any) -> dict[str, dict[str, Any]]:
    return {tile["name"]: tile for tile in portal.get("/dashboard", params=args)["tiles"]}


def figures(portal: Portal, **args: Any) -> dict[str, Figures]:
    return {
        name: {figure["label"]: figure for figure in tile["figures"]}
        for name, tile in tiles(portal, **args).items()
    }


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_role_sees_exactly_its_tiles(platform: Platform, role: Role) -> None:
    shown = tiles(platform.staff(role))
    assert set(shown) == {t.name for t in TILES if any(role in MATRIX[feature] for feature in t.features)}
    stages = {figure["label"] for figure in shown["STAGES"]["figures"]}
    assert stages == {stage["name"] for stage in platform.staff(role).get("/stages")}


def test_a_loan_moves_the_figures(platform: Platform) -> None:
    admin = platform.staff()
    before = figures(admin)
    case = approved(platform, amount="23000.00")
    after = figures(admin)

    def grew(tile: str, label: str) -> tuple[int, Decimal]:
        old, new = before[tile][label], after[tile][label]
        return new["count"] - old["count"], Decimal(new.get("amount", 0)) - Decimal(old.get("amount", 0))

    one = (1, Decimal("23000.00"))
    for tile, label in (
        ("APPLICATIONS", "TODAY"), ("APPLICATIONS", "MONTH"), ("STAGES", "DISBURSAL"), ("AGEING", "0-1"),
        ("APPROVAL_RATE", "APPROVED"), ("FUNNEL", "APPLIED"), ("FUNNEL", "RECOMMENDED"), ("FUNNEL", "APPROVED"),
    ):  # fmt: skip
        assert grew(tile, label) == one, (tile, label)
    assert grew("FUNNEL", "REGISTERED") == (1, Decimal(0))
    assert grew("STAGES", "ACTIVE") == grew("DISBURSED", "TODAY") == (0, Decimal(0))
    assert case.loan["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("days_ago", "tile", "label"),
    [
        (30, "DUE_TODAY", "TODAY"),
        (31, "OVERDUE", "1-30"),
        (60, "OVERDUE", "1-30"),
        (61, "OVERDUE", "31-60"),
        (121, "OVERDUE", "91+"),
    ],
)
def test_what_is_owed_stands_in_its_bucket(platform: Platform, days_ago: int, tile: str, label: str) -> None:
    head = platform.staff(Role.COLLECTION_HEAD)
    before = figures(head)[tile][label]
    case = active(platform, days_ago=days_ago, days=30)
    after = figures(head)[tile][label]
    assert after["count"] == before["count"] + 1
    booked = platform.sql("SELECT outstanding_amount FROM loan WHERE id = %s", str(case.loan_id))[0][0]
    assert Decimal(after["amount"]) - Decimal(before["amount"]) == booked


def test_business_days_are_those_of_india(platform: Platform) -> None:
    admin, case = platform.staff(), approved(platform)
    before = figures(admin)["APPLICATIONS"]["TODAY"]["count"]
    created = "UPDATE loan SET created_at = %s::timestamptz - interval '1 second' WHERE id = %s"
    platform.sql(created, start_of(today()), str(case.loan_id))
    assert figures(admin)["APPLICATIONS"]["TODAY"]["count"] == before - 1
    told = admin.get("/dashboard")
    assert told["today"] == today().isoformat()


def test_the_figures_of_stages_are_those_of_the_lists(platform: Platform) -> None:
    for role in (Role.ADMIN, Role.COLLECTION_EXECUTIVE):
        portal = platform.staff(role)
        shown = figures(portal)["STAGES"]
        assert {name: f["count"] for name, f in shown.items()} == {
            stage["name"]: stage["count"] for stage in portal.get("/stages")
        }


def test_the_share_is_of_what_was_decided(platform: Platform) -> None:
    approved(platform)
    tile = tiles(platform.staff())["APPROVAL_RATE"]
    counts = {figure["label"]: figure["count"] for figure in tile["figures"]}
    share = Decimal(100) * counts["APPROVED"] / sum(counts.values())
    assert Decimal(tile["percent"]) == share.quantize(Decimal("0.1"), "ROUND_HALF_UP")


def test_nothing_is_shown_of_who_has_nothing(platform: Platform) -> None:
    mine = figures(platform.staff(Role.SANCTION_HEAD), scope="MINE")
    assert {figure["count"] for tile in mine.values() for figure in tile.values()} == {0}


def test_what_came_in_is_counted_on_its_day(platform: Platform) -> None:
    head, case = platform.staff(Role.COLLECTION_HEAD), active(platform)
    before = figures(head)["COLLECTED"]
    with at_work():
        PaymentCollectionTransaction.create(
            loan_id=case.loan_id, payment_request_id=_request(case), provider="razorpay", amount=Decimal("1234.50"),
            provider_payment_id=f"pay_{uuid4().hex}", received_at=noon(today()), received_on=today(), status="SUCCESS",
        )  # fmt: skip
    after = figures(head)["COLLECTED"]
    for label in ("TODAY", "MONTH"):
        assert after[label]["count"] == before[label]["count"] + 1
        assert Decimal(after[label]["amount"]) - Decimal(before[label]["amount"]) == Decimal("1234.50")


def _request(case: Case) -> UUID:
    return PaymentRequest.create(
        loan_id=case.loan_id, status="PENDING", amount=Decimal("1234.50"), provider="razorpay",
        reference=uuid4().hex, requested_by="test",
    ).id  # fmt: skip


def test_all_of_it_is_one_statement(platform: Platform) -> None:
    portal = platform.staff()
    portal.get("/dashboard")
    with counted() as statements:
        portal.get("/dashboard")
    assert sum("json_agg" in statement for statement in statements) == 1
