"""A worker that is killed between any two steps of giving money back: it goes back once, and is booked once."""

import signal
from typing import Any

import pytest

from app.core.clock import today
from app.providers import client
from tests.disbursement.killing import worker_killed_at
from tests.lending import Case, active
from tests.mandates.test_mandates import policy
from tests.payments.desk import books_hold, waiting
from tests.payments.test_payments import begin, pay, until, until_request
from tests.platform import BRAND, Platform

CLIENT = {
    "razorpay": "app.providers.razorpay.payments:RazorpayPayments",
    "cashfree": "app.providers.cashfree.payments:CashfreePayments",
}
# Where the worker is killed, in the order in which it comes there; `{}` is the gateway's client.
SENDING = {
    "before the call": ("{}.create_refund", "call"),
    "answer received": ("{}.create_refund", "return"),
    "found at the gateway": ("{}.find_refund", "return"),
    "taken over": ("app.payments.suspense.refunds:_take_over", "return"),
    "before the mark": ("app.core.jobs:_done", "call"),
}


@pytest.mark.parametrize("gateway", CLIENT)
def test_money_goes_back_once(platform: Platform, admin: Any, second: Any, gateway: str):
    with policy(platform, "NOT_NEEDED", gateway):
        case = paid_twice(platform)
        (item,) = waiting(admin, loanId=str(case.loan_id))
        part = {"remark": "Paid twice", "amount": "700.00"}
        admin.post(f"/suspense/{item['id']}/refund", once=True, json=part)
        second.post(f"/suspense/{item['id']}/approve", once=True, json={})
        (refund,) = admin.get(f"/refunds?suspenseId={item['id']}")["items"]
        row, before = outbox_id(platform, refund["id"]), given_back(gateway)
        for name, (place, moment) in SENDING.items():
            ended = worker_killed_at(platform, (place.format(CLIENT[gateway]), moment), BRAND, row)
            assert (name, ended) == (name, -signal.SIGKILL)
            # the dead hold their locks until the database sees their connection end
            platform.sql("SELECT FROM outbox WHERE id = %s FOR UPDATE", row)
        platform.sql("UPDATE outbox SET dispatched_at = now() - interval '1 hour' WHERE id = %s", row)
        platform.until(
            lambda: admin.get(f"/refunds?suspenseId={item['id']}")["items"][0]["status"] == "PROCESSED",
            "the refund",
        )
        assert len(given_back(gateway) - before) == 1
        assert not_refunded(case) == "19300.00"
        (rest,) = waiting(admin, loanId=str(case.loan_id))
        assert (rest["restOf"], rest["amount"]) == (item["id"], "19300.00")
        admin.post(f"/suspense/{rest['id']}/refund", once=True, json={"remark": "The rest"})
        second.post(f"/suspense/{rest['id']}/approve", once=True, json={})
        platform.until(lambda: not_refunded(case) == "0.00", "the rest")
    assert len(given_back(gateway) - before) == 2
    assert not_refunded(case) == "0.00"
    books_hold(case)


def not_refunded(case: Case) -> str:
    return case.app.get(f"/web/loans/{case.loan_id}/outstanding")["excess"]


def paid_twice(platform: Platform) -> Case:
    case = active(platform)
    for request in (begin(case), begin(case)):
        pay(case, request)
        until_request(case, request, "SUCCESS")
    until(case, "COMPLETED")
    return case


def outbox_id(platform: Platform, refund_id: str) -> str:
    asked = "SELECT id FROM outbox WHERE job = 'payments.send_refund' AND args->>'refund_id' = %s"
    return str(platform.sql(asked, refund_id)[0][0])


def given_back(gateway: str) -> set[str]:
    """Every refund that the gateway settled today."""
    return {line.id for line in client(gateway, BRAND).settlement_lines(today()) if line.kind == "refund"}
