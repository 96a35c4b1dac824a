"""Wall: a state changes only along its table, and each change is written down."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import identity
from app.core.database import brand_scope
from app.core.errors import Conflict, Forbidden
from app.core.identity import Actor, Role
from app.loans import service as loans
from app.loans.models import Loan
from app.loans.states import LOAN
from tests.platform import BRAND, Platform


@pytest.fixture(scope="module")
def customer_id(platform: Platform) -> str:
    return platform.customer().get("/web/me")["id"]


def new_loan(customer_id: str, status: str) -> Loan:
    return Loan(
        loan_no=f"T-{status}", customer_id=customer_id, status=status, purpose="OTHER",
        applied_amount="1000.00", applied_tenure_days=10,
    )  # fmt: skip


class Undo(Exception):
    """Rolls a test's transaction back."""


@settings(max_examples=30, deadline=None)
@given(
    source=st.sampled_from(LOAN.states), target=st.sampled_from(LOAN.states), role=st.sampled_from(list(Role))
)
def test_only_the_table_moves_a_loan(
    platform: Platform, customer_id: str, source: str, target: str, role: Role
) -> None:
    allowed = LOAN.steps.get((source, target))
    with pytest.raises(Undo), brand_scope(BRAND), identity.acting(Actor("someone", frozenset({role}))):
        loan = new_loan(customer_id, source)
        loan.save(force_insert=True)
        try:
            loans.move(loan.id, target)
            assert allowed
            assert role in allowed.by
            assert Loan.find(loan.id).status == target
        except Conflict:
            assert allowed is None
            assert Loan.find(loan.id).status == source
        except Forbidden:
            assert allowed
            assert role not in allowed.by
            assert Loan.find(loan.id).status == source
        raise Undo


def test_a_step_is_written_to_history_and_audit(platform: Platform) -> None:
    app = platform.customer()
    body = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}
    loan = app.post("/web/loans", once=True, expect=201, json=body)
    app.post(f"/web/loans/{loan['id']}/cancel")
    steps = platform.staff().get(f"/loans/{loan['id']}/trail")
    assert [(s["fromState"], s["toState"]) for s in steps] == [(None, "APPLIED"), ("APPLIED", "CANCELLED")]
    assert steps[1]["actorRole"] == "CUSTOMER"
    events = platform.staff().get("/audit", params={"entityId": loan["id"], "action": "loan.cancelled"})[
        "items"
    ]
    assert [(e["before"], e["after"]) for e in events] == [({"status": "APPLIED"}, {"status": "CANCELLED"})]


def test_an_illegal_step_over_http_is_a_conflict(platform: Platform) -> None:
    app = platform.customer()
    body = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}
    loan = app.post("/web/loans", once=True, expect=201, json=body)
    app.post(f"/web/loans/{loan['id']}/cancel")
    refused = app.post(f"/web/loans/{loan['id']}/cancel", expect=409)
    assert refused["error"]["code"] == "ILLEGAL_TRANSITION"
