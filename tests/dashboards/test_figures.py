"""The figures that are kept are at every instant what a plain count gives."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core import identity, tally
from app.core.at_once import at_once
from app.core.clock import today
from app.core.identity import STAFF_ROLES, Actor, Role
from app.core.states import StateChange
from app.customers.models import Customer
from app.dashboards.lists import EVERYBODYS, Whose
from app.dashboards.stages import Scope
from app.dashboards.tiles import TILES, Look
from app.loans import service as loans
from app.loans.models import Loan
from app.payments.models import PaymentCollectionTransaction as Transaction
from app.payments.models import PaymentRequest
from tests.dashboards.giving import give
from tests.lending import SANCTION, active, approved, at_work, credited, noon
from tests.platform import BRAND, Platform

OTHER = "paisapop"
# ids of all: what is asked of them is counted
ONE_BY_ONE = Whose((Loan.select(Loan.id),), (Customer.select(Customer.id),))
EVERYTHING = Actor(str(uuid4()), frozenset(STAFF_ROLES))


def figures(brand_id: str = BRAND) -> dict[str, Any]:
    """Every figure of every tile, after a look that what is kept is what is counted in the same instant."""
    with at_work(brand_id), identity.acting(EVERYTHING):
        kept, counted = (_figures(whose) for whose in (EVERYBODYS, ONE_BY_ONE))
    assert kept == counted
    return kept


def _figures(whose: Whose) -> dict[str, Any]:
    look = Look(today(), whose)
    asked = {f"{tile.name} {label}": query for tile in TILES for label, query in tile.figures(look).items()}
    return {name: rows[0] for name, rows in at_once(asked, whose.tally(look.today)).items()}


@pytest.fixture(scope="module", autouse=True)
def right_at_first(platform: Platform) -> None:
    """Tests before may have written as the owner of the tables, past the triggers."""
    for brand_id in (BRAND, OTHER):
        with at_work(brand_id):
            tally.mend()


@pytest.fixture
def nothing_to_mend(platform: Platform) -> Iterator[None]:
    yield
    for brand_id in (BRAND, OTHER):
        with at_work(brand_id):
            assert tally.mend() == 0


def test_a_whole_life(platform: Platform, nothing_to_mend: None) -> None:
    others, at_first = figures(OTHER), figures()
    platform.customer()
    assert figures()["STAGES ONBOARDING"]["count"] == at_first["STAGES ONBOARDING"]["count"] + 1
    case = approved(platform, amount="23000.00")
    signed = figures()
    assert signed["STAGES DISBURSAL"]["count"] == at_first["STAGES DISBURSAL"]["count"] + 1
    with at_work():
        loans.get(case.loan_id).change(sanctioned_amount=Decimal("21000.00"))
    assert figures()["FUNNEL APPROVED"]["amount"] == signed["FUNNEL APPROVED"]["amount"] - 2000
    credited(case, days_ago=33)
    assert figures()["STAGES OVERDUE"]["count"] == at_first["STAGES OVERDUE"]["count"] + 1
    with at_work():
        paid = _paid(case.loan_id)
        loans.move(case.loan_id, "PARTIALLY_PAID").change(outstanding_amount=Decimal("99.50"))
    assert figures()["COLLECTED TODAY"]["count"] == at_first["COLLECTED TODAY"]["count"] + 1
    with at_work():
        paid.change(reversed_amount=Decimal("0.75"))
        for state in ("PAID", "COMPLETED"):
            loans.move(case.loan_id, state)
    assert figures()["STAGES CLOSED"]["count"] == at_first["STAGES CLOSED"]["count"] + 1
    assert figures(OTHER) == others


def test_what_comes_twice_or_late_counts_once_a_month(platform: Platform, nothing_to_mend: None) -> None:
    case = approved(platform)
    before = figures()
    with at_work():
        for days in (0, 1, 40):
            StateChange.create(
                entity="loan", entity_id=case.loan_id, from_state="APPLIED", to_state="APPROVED", actor_id="test",
                actor_role="SYSTEM", created_at=noon(today() - timedelta(days=days)),
            )  # fmt: skip
    assert figures()["FUNNEL APPROVED"] == before["FUNNEL APPROVED"]


def test_what_is_rolled_back_is_in_no_figure(platform: Platform, nothing_to_mend: None) -> None:
    case = approved(platform)
    with pytest.raises(RuntimeError), at_work():
        before = _cancelled()
        loans.move(case.loan_id, "CANCELLED")
        assert _cancelled() != before
        raise RuntimeError
    figures()


def test_figures_of_ones_own_and_of_a_team_are_those_of_the_lists(platform: Platform) -> None:
    executive, cases = (
        platform.staff(Role.CREDIT_EXECUTIVE),
        [approved(platform), active(platform, days_ago=40)],
    )
    for case in cases:
        give(case, executive, Role.CREDIT_EXECUTIVE)
    for scope in Scope:
        stages = executive.get("/stages", params={"scope": scope})
        told = {stage["name"]: stage["count"] for stage in stages}
        listed = {name: executive.get(f"/stages/{name}/loans", params={"scope": scope}) for name in told}
        assert told == {name: page["pagination"]["total"] for name, page in listed.items()}
        assert min(told["APPROVED"], told["ACTIVE"]) > 0


def test_ones_own_figures_are_told_again_for_a_while(platform: Platform) -> None:
    executive = platform.staff(Role.CREDIT_EXECUTIVE)

    def told(scope: Scope) -> tuple[str, int]:
        stages = executive.get("/dashboard", params={"scope": scope})
        tile = next(tile for tile in stages["tiles"] if tile["name"] == "STAGES")
        return stages["asOf"], next(one["count"] for one in tile["figures"] if one["label"] == "APPROVED")

    with platform.set(figures_kept_s=60):
        mine, everybodys = told(Scope.MINE), told(Scope.ALL)
        give(approved(platform), executive, Role.CREDIT_EXECUTIVE)
        assert told(Scope.MINE) == mine
        assert told(Scope.ALL)[1] == everybodys[1] + 1
        assert told(Scope.TEAM)[1] > mine[1]
    assert told(Scope.MINE)[1] == mine[1] + 1


def test_many_at_once(platform: Platform, nothing_to_mend: None) -> None:
    cases = [approved(platform) for _ in range(2)]
    with at_work():
        ids = [case.loan_id for case in cases]
        Loan.update(agreement_status="EXPIRED", sanctioned_amount=Decimal(7000)).where(
            Loan.id.in_(ids)
        ).execute()
    figures()


def test_folding_changes_no_figure(platform: Platform) -> None:
    case = approved(platform)
    with at_work():
        for state in reversed(SANCTION):
            loans.get(case.loan_id).change(status=state)
    before = figures()
    with at_work():
        assert tally.fold() > 0
        assert tally.fold() == 0
    assert figures() == before


def test_what_was_written_past_the_triggers_is_mended(platform: Platform) -> None:
    before = figures()
    with at_work():
        tally.Tally.delete().where(tally.Tally.figure == "loan.applied").execute()
        assert tally.mend() > 0
        assert tally.mend() == 0
    assert figures() == before


def _cancelled() -> tuple:
    return tally.kept("loan.in", states=("CANCELLED",)).tuples().get()


def _paid(loan_id: UUID) -> Transaction:
    request = PaymentRequest.create(
        loan_id=loan_id, status="PENDING", amount=Decimal("1234.50"), provider="razorpay",
        reference=uuid4().hex, requested_by="test",
    )  # fmt: skip
    return Transaction.create(
        loan_id=loan_id, payment_request_id=request.id, provider="razorpay", amount=Decimal("1234.50"),
        provider_payment_id=f"pay_{uuid4().hex}", received_at=noon(today()), received_on=today(), status="SUCCESS",
    )  # fmt: skip
