"""Two people decide the same thing at the same moment: it is decided once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from app.core.clock import today
from tests.lending import active
from tests.payments.desk import approve, books_hold, told, waiting
from tests.payments.test_payments import received, until
from tests.platform import Platform


def at_once(*things: Callable[[], Any]) -> list[str]:
    """They happen together; how each that was refused was told so."""
    with ThreadPoolExecutor(len(things)) as threads:
        done = [threads.submit(thing) for thing in things]
    return [str(each.exception()) for each in done if each.exception()]


def test_a_payment_is_approved_or_rejected_once(platform: Platform, admin: Any, second: Any):
    case = active(platform)
    payment = told(case, amount="5000.00")
    path = f"/payment-approval/{payment['id']}"
    (refused, again) = at_once(
        lambda: approve(admin, payment),
        lambda: approve(second, payment),
        lambda: second.post(f"{path}/reject", json={"remark": "Not there"}),
    )
    assert "ILLEGAL_TRANSITION" in refused
    assert "ILLEGAL_TRANSITION" in again
    assert len(received(case)) == (case.outstanding == Decimal("15000.00"))
    books_hold(case)


def test_what_waits_is_placed_refunded_or_left_once(platform: Platform, admin: Any, second: Any):
    case, other = active(platform), active(platform)
    approve(admin, told(case, amount="20700.00"))
    until(case, "COMPLETED")
    (item,) = waiting(admin, loanId=str(case.loan_id))
    path, body = f"/suspense/{item['id']}", {"loanId": str(other.loan_id), "remark": "Of the same family"}
    back = {"remark": "Theirs", "bankReference": "UTR12345678"}
    (refused,) = at_once(
        lambda: admin.post(f"{path}/place", once=True, json=body),
        lambda: admin.post(f"{path}/refund", once=True, json=back),
    )
    assert "409" in refused
    (refused,) = at_once(
        lambda: second.post(f"{path}/approve", once=True, json={}),
        lambda: second.post(f"{path}/reject", json={"remark": "No"}),
    )
    assert "409" in refused
    owed = case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"]
    used = Decimal("20000.00") - other.outstanding
    assert (Decimal(owed), used) in [(Decimal(700), 0), (Decimal(0), Decimal(700)), (Decimal(0), 0)]
    books_hold(case, other)


def test_two_tell_of_the_same_transfer(platform: Platform, admin: Any):
    case = active(platform)
    reference = f"UTR{today():%d}{case.loan_id.hex[:12].upper()}"
    (refused,) = at_once(*[lambda: told(case, reference=reference)] * 2)
    assert "DUPLICATE_REFERENCE" in refused
