"""What tests do at the desk: tell of payments, check them, see what waits, prove the books."""

from typing import Any
from uuid import uuid4

from app.core.clock import today
from app.core.identity import Role
from app.ledger import service as ledger
from tests.lending import Case, at_work


def told(case: Case, expect: int = 201, **changes: Any) -> dict[str, Any]:
    body = {"amount": "5000.00", "method": "BANK_TRANSFER", "reference": uuid4().hex[:16].upper()}
    body |= {"receivedOn": today().isoformat()} | changes
    executive = case.platform.staff(Role.COLLECTION_EXECUTIVE)
    return executive.post(f"/loans/{case.loan_id}/manual-payments", once=True, expect=expect, json=body)


def approve(admin: Any, payment: dict[str, Any], expect: int = 200) -> dict[str, Any]:
    return admin.post(f"/payment-approval/{payment['id']}/approve", once=True, expect=expect, json={})


def waiting(admin: Any, **about: Any) -> list[dict[str, Any]]:
    found = admin.get("/suspense?status=OPEN&pageSize=100")["items"]
    return [item for item in found if about.items() <= item.items()]


def books_hold(*cases: Case) -> None:
    with at_work():
        assert sum(ledger.trial_balance().values()) == 0
        assert [ledger.differences(case.loan_id) for case in cases] == [{} for _ in cases]
