"""Whatever staff and customers do in whatever order: the table holds, nobody makes and checks, all of it is written."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.clock import today
from app.core.identity import Role
from app.demo.client import NotAsExpected
from app.loans.states import LOAN
from tests.platform import BRAND, Platform
from tests.sanction.files import OK, File, applied

STAFF = (Role.CREDIT_EXECUTIVE, Role.SANCTION_MANAGER, Role.SANCTION_HEAD, Role.ADMIN)
STEPS: dict[str, dict[str, Any]] = {
    "recommend": {},
    "sanction/approve": {},
    "sanction/send-back": {},
    "sanction/reject": {"reasonCode": "AF50"},
    "hold": {"until": f"{today() + timedelta(days=5)}"},
    "resume": {},
    "reactivate": {},
    "offers": {"amount": "12000.00", "tenureDays": 14},
}
# what happens in between: the rules run, the memo is saved, the customer acts, a day passes
AROUND: dict[str, Callable[[File], Any]] = {
    "decide A": lambda file: _decide(file, "APPROVE", "A"),
    "decide D": lambda file: _decide(file, "REFER", "D", "ONE"),
    "accept referrals": lambda file: _quietly(file.accepted),
    "memo": lambda file: _quietly(file.assessed),
    "day passes": lambda file: file.expire(),
}
staff_steps = st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(STAFF))
usual_way = st.sampled_from(
    [
        ("decide A", "memo", ("recommend", Role.CREDIT_EXECUTIVE)),
        ("decide D", "accept referrals", "memo", ("recommend", Role.CREDIT_EXECUTIVE)),
        ("decide A", "memo", ("recommend", Role.ADMIN)),
    ]
)
actions = st.one_of(staff_steps, st.sampled_from(sorted(AROUND)), usual_way)


def _decide(file: File, *decision: str) -> None:
    """As the service does: of an application alone."""
    if file.loan["status"] == "APPLIED":
        file.decided(*decision)


def _quietly(step: Callable[[], Any]) -> None:
    """Being refused is an answer like any other."""
    with suppress(NotAsExpected):
        step()


def _take(file: File, action: Any) -> None:
    if isinstance(action, str):
        AROUND[action](file)
    elif len(action) == 2:
        step, role = action
        portal = file.staff(role)
        url = f"{file.platform.api.base_url}/partner/brand/{BRAND}/loans/{file.id}/{step}"
        answer = requests.post(url, headers=portal._headers, json=OK | STEPS[step], timeout=20)
        assert answer.status_code in (200, 201, 403, 409, 422), answer.text
    else:
        for part in action:
            _take(file, part)


@settings(
    max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(taken=st.lists(actions, min_size=4, max_size=10))
def test_no_order_of_actions_breaks_the_rules(platform: Platform, taken: list[Any]) -> None:
    file = applied(platform)
    for action in taken:
        _take(file, action)
    path = file.steps()
    assert all(pair in LOAN.steps for pair in pairwise(path))
    assert path[-1] == file.loan["status"]
    _is_audited(file, path)
    _nobody_made_and_checked(file)
    if file.loan["sanctionedAmount"]:
        _is_within_authority(file)


def _is_audited(file: File, path: list[str]) -> None:
    rows = file.platform.sql(
        "SELECT after->>'status' FROM audit_event WHERE entity = 'loan' AND entity_id = %s AND after ? 'status' "
        "ORDER BY created_at",
        file.id,
    )
    assert sorted(row[0] for row in rows) == sorted(path)


def _nobody_made_and_checked(file: File) -> None:
    standing = [approval["approvedBy"] for approval in file.summary["approvals"]]
    assert len(standing) == len(set(standing))


def _is_within_authority(file: File) -> None:
    """20,000 is a manager's in tier A, and needs a head in tier D; nothing goes beyond what was applied for."""
    levels = {approval["level"] for approval in file.summary["approvals"]} - {"CREDIT_EXECUTIVE"}
    weak = bool(file.executive.get(f"/loans/{file.id}/referrals"))
    assert levels >= ({"SANCTION_MANAGER", "SANCTION_HEAD"} if weak else {"SANCTION_MANAGER"})
    assert Decimal(file.loan["sanctionedAmount"]) <= Decimal(file.loan["appliedAmount"])
