"""What a gateway knows and we do not, or the other way round, is found out and booked."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.core.clock import today
from app.core.outbox import enqueue
from app.payments import reconciling
from tests.lending import active, at_work
from tests.mandates.test_mandates import policy
from tests.payments.desk import books_hold
from tests.payments.test_payments import begin, captured, fault, heard, paid, pay, received, until_request
from tests.platform import Platform


def test_what_the_gateway_settled_is_held_against_the_books(platform: Platform, admin: Any):
    case = active(platform)
    paid(case, amount="5000.00")
    booked = received(case)[0]["providerPaymentId"]
    ghost, lost = f"pay_{uuid4().hex[:14]}", f"pay_{uuid4().hex[:14]}"
    request = begin(case, amount="100.00")
    heard(captured("100.00", request["id"], ghost))
    platform.sql(
        "UPDATE payment_collection_transaction SET received_on = received_on - 5 WHERE provider_payment_id = %s",
        ghost,
    )
    other = begin(case, amount="200.00")
    pay(case, other)
    until_request(case, other, "SUCCESS")
    unknown = next(each for each in received(case) if each["amount"] == "200.00")["providerPaymentId"]
    platform.sql(
        "UPDATE payment_collection_transaction SET provider_payment_id = %s WHERE payment_request_id = %s",
        lost,
        other["id"],
    )
    admin.post("/reconciliations", expect=202, json={"day": today().isoformat()})
    platform.drain()
    found = {}
    for kind in ("NOT_BOOKED", "NOT_SETTLED"):
        rows = admin.get(f"/reconciliation-exceptions?kind={kind}&pageSize=100")["items"]
        found |= {row["providerPaymentId"]: (kind, row["id"], row["settledAmount"]) for row in rows}
    assert booked not in found
    assert found[ghost][0] == "NOT_SETTLED"
    assert (found[unknown][0], found[unknown][2]) == ("NOT_BOOKED", "200.00")
    booking = f"/reconciliation-exceptions/{found[unknown][1]}/book", {"remark": "Its news were lost"}
    done = admin.post(booking[0], once=True, json=booking[1])
    assert (done["status"], done["resolution"]) == ("RESOLVED", "BOOKED")
    assert unknown in [each["providerPaymentId"] for each in received(case)]
    admin.post(booking[0], once=True, expect=409, json=booking[1])
    nothing = admin.post(
        f"/reconciliation-exceptions/{found[ghost][1]}/book", once=True, expect=409, json=booking[1]
    )
    assert nothing["error"]["code"] == "NOTHING_TO_BOOK"
    path = f"/reconciliation-exceptions/{found[ghost][1]}/resolve"
    assert admin.post(path, json={"remark": "Told by the bank"})["status"] == "RESOLVED"
    admin.post(path, expect=409, json={"remark": "Told by the bank"})
    assert today().isoformat() in [run["day"] for run in admin.get("/reconciliations")["items"]]
    with at_work():
        runs = reconciling.runs().where(reconciling.Reconciliation.day == today())
        assert all(run.line_count >= run.matched_count for run in runs)


@pytest.mark.parametrize("gateway", ["razorpay", "cashfree"])
def test_a_page_that_was_paid_and_never_told_of_is_booked(platform: Platform, gateway: str):
    with policy(platform, "NOT_NEEDED", gateway):
        case = active(platform)
        paid_on, unused = begin(case, amount="5000.00"), begin(case, amount="600.00")
        match = paid_on["id"] if gateway == "razorpay" else ""
        fault(case, "no_webhook", match, provider=gateway, times=1 if match else 2)
        pay(case, paid_on)
        ended = "UPDATE payment_request SET expires_at = now() - interval '1 hour' WHERE loan_id = %s"
        platform.sql(ended, str(case.loan_id))
        with at_work():
            enqueue("payments.end_stale")
            enqueue("payments.end_stale")
        until_request(case, paid_on, "SUCCESS")
        until_request(case, unused, "EXPIRED")
    assert case.outstanding == Decimal("15000.00")
    assert len(received(case)) == 1
    books_hold(case)
