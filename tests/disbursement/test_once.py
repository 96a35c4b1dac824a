"""Never twice: a worker that dies between any two steps, and webhooks that come late, twice and in any order."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.brands import providers
from app.core import jobs
from app.core.identity import Role
from app.core.outbox import enqueue
from app.disbursement import payouts, service
from app.disbursement.models import Payout
from app.ledger import service as ledger
from app.providers.cashfree import CashfreeClient
from app.providers.razorpay import RazorpayClient
from tests.disbursement.killing import worker_killed_at
from tests.lending import Case, approved, at_work
from tests.platform import BRAND, Platform

CLIENTS = {"razorpay": RazorpayClient, "cashfree": CashfreeClient}
GATEWAYS = tuple(CLIENTS)


class Killed(BaseException):
    """Nothing catches it: what was not committed is gone, and nobody notes that it failed."""


@contextmanager
def dying(function: Callable, moment: str) -> Iterator[None]:
    """This thread dies when `function` begins ("call") or has answered ("return")."""
    code = function.__code__

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == moment and frame.f_code is code:
            sys.setprofile(None)
            raise Killed

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


def released(platform: Platform, gateway: str, account: str = "7890") -> Case:
    """A loan whose payout waits to be sent by `gateway`, and whose webhooks stay away."""
    case = approved(platform, account=account)
    with at_work(role=Role.ADMIN):
        order = service.propose(
            case.loan_id, rail="IMPS", channel="ONLINE", bank_account_id=None, remark=None
        )
    with at_work(role=Role.SUPER_ADMIN):
        payout = service.release(case.loan_id, order.id)
        payout.change(provider=gateway)
    body = {"provider": gateway, "fault": "no_webhook", "match": matched(payout), "times": 9}
    platform.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)
    return case


def matched(payout: Payout) -> str:
    """How the gateway's bodies name it."""
    return payout.reference if payout.provider == "razorpay" else payout.reference.replace("-", "_")


def payout_of(case: Case) -> Payout:
    with at_work():
        return service.of_loan(case.loan_id)[0]


def outbox_id(case: Case) -> str:
    statement = "SELECT id FROM outbox WHERE job = 'disbursement.send_payout' AND args->>'payout_id' = %s"
    return str(case.platform.sql(statement, str(payout_of(case).id))[0][0])


def made(case: Case) -> int:
    """How many payouts of the loan the gateway has, under whatever reference."""
    payout, platform = payout_of(case), case.platform
    if payout.provider == "cashfree":
        # it takes a reference once
        with at_work():
            gateway = providers.payouts("cashfree")
            tries = (f"{case.loan['loanNo']}-D{number}" for number in range(1, 4))
            return sum(gateway.find_payout(reference) is not None for reference in tries)
    credentials = platform.settings.provider("razorpay", BRAND).credentials
    pair = (credentials["key_id"], credentials["key_secret"])
    query = {"account_number": credentials["account_number"]}
    found = platform.sandbox.call("GET", "/razorpay/v1/payouts", params=query, auth=pair)["items"]
    return sum(item["reference_id"].startswith(case.loan["loanNo"]) for item in found)


def books_hold(case: Case) -> bool:
    with at_work():
        return not ledger.differences(case.loan_id) and sum(ledger.trial_balance().values()) == 0


# Where the worker is killed, in the order in which it comes there; `{}` is the gateway's client.
SENDING = {
    "claimed": ("app.core.jobs:_claim", "return"),
    "attempt read": ("app.disbursement.payouts:_create", "call"),
    "gateway asked": ("{}.find_payout", "return"),
    "before the call": ("{}.create_payout", "call"),
    "answer received": ("{}.create_payout", "return"),
    "found at the gateway": ("{}.find_payout", "return"),
    "state written": ("app.core.states:StateMachine.move", "return"),
    "taken over": ("app.disbursement.payouts:_take_over", "return"),
    "before the mark": ("app.core.jobs:_done", "call"),
    "marked": ("app.core.jobs:_done", "return"),
}
HEARING = {
    "gateway asked": ("{}.fetch_payout", "return"),
    "state written": ("app.core.states:StateMachine.move", "return"),
    "before the ledger": ("app.ledger.service:post_disbursal", "call"),
    "ledger written": ("app.ledger.service:post_disbursal", "return"),
    "taken over": ("app.disbursement.payouts:_take_over", "return"),
    "marked": ("app.core.jobs:_done", "return"),
}
CLIENT = {
    "razorpay": "app.providers.razorpay.payouts:RazorpayPayouts",
    "cashfree": "app.providers.cashfree.payouts:CashfreePayouts",
}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_worker_that_is_killed_at_any_step_of_sending_pays_once(platform: Platform, gateway: str):
    """One payout, a worker killed at every step, then one that lives."""
    case = released(platform, gateway)
    _killed_at_each(case, SENDING, outbox_id(case), "PENDING")
    given_again(case, outbox_id(case))
    _is_paid_once(case)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_worker_that_is_killed_at_any_step_of_hearing_the_end_books_once(platform: Platform, gateway: str):
    case = released(platform, gateway)
    platform.drain()
    payout_id = payout_of(case).id
    with at_work():
        heard = str(enqueue("disbursement.refresh", payout_id=payout_id))
    _killed_at_each(case, HEARING, heard, "PROCESSING")
    assert case.ledger()["entries"] == []
    given_again(case, heard)
    _is_paid_once(case)


def _is_paid_once(case: Case) -> None:
    assert (payout_of(case).status, case.loan["status"], made(case)) == ("SUCCESS", "ACTIVE", 1)
    assert [entry["kind"] for entry in case.ledger()["entries"]] == ["DISBURSAL"]
    assert books_hold(case)


def _killed_at_each(case: Case, steps: dict[str, tuple[str, str]], row_id: str, status: str) -> None:
    client = CLIENT[payout_of(case).provider]
    for name, (place, moment) in steps.items():
        ended = worker_killed_at(case.platform, (place.format(client), moment), BRAND, row_id)
        assert (name, ended, payout_of(case).status) == (name, -signal.SIGKILL, status)
        # the dead hold their locks until the database sees their connection end
        case.platform.sql("SELECT FROM outbox WHERE id = %s FOR UPDATE", row_id)


def given_again(case: Case, row_id: str) -> None:
    """The lease of a row passes."""
    lost = "UPDATE outbox SET status = 'DISPATCHED', dispatched_at = now() - interval '1 hour' WHERE id = %s"
    case.platform.sql(lost, row_id)
    case.platform.drain()


def test_a_release_that_dies_leaves_the_order_to_be_released(platform: Platform):
    case = approved(platform)
    with at_work(role=Role.ADMIN):
        order = service.propose(
            case.loan_id, rail="IMPS", channel="ONLINE", bank_account_id=None, remark=None
        )
    with pytest.raises(Killed), dying(payouts.begin, "return"), at_work(role=Role.SUPER_ADMIN):
        service.release(case.loan_id, order.id)
    assert case.loan["status"] == "APPROVED"
    with at_work(role=Role.SUPER_ADMIN):
        service.release(case.loan_id, order.id)
    platform.until(lambda: case.loan["status"] == "ACTIVE", "the loan to be active")
    assert made(case) == 1


# What becomes of the loan by the end of its account number, and what it owes then.
ENDS = {
    "7890": ("SUCCESS", "ACTIVE", "20000.00"),
    "1111": ("REVERSED", "APPROVED", "0.00"),
    "0000": ("FAILED", "APPROVED", "0.00"),
}
POLL = -1


@pytest.mark.parametrize("gateway", GATEWAYS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    account=st.sampled_from(sorted(ENDS)),
    order=st.permutations([0, 0, 1, 1, 2, 2, POLL, POLL]),
    is_sent=st.booleans(),
)
def test_webhooks_late_twice_and_in_any_order_end_the_same(
    platform: Platform, gateway: str, account: str, order: list[int], is_sent: bool
):
    """Each webhook of the gateway twice, two polls between them; some before we know that it has the payout."""
    case = released(platform, gateway, account)
    if is_sent:
        platform.drain()
    else:
        # the gateway has it, and the worker died before it could say so
        with pytest.raises(Killed), dying(CLIENTS[gateway].create_payout, "return"):
            jobs.perform(BRAND, outbox_id(case))
    told = webhooks(case)
    for number in order:
        if number == POLL:
            with at_work():
                service.refresh(service.of_loan(case.loan_id)[0].id)
        elif number < len(told):
            deliver(platform, told[number])
    platform.drain()
    payout = payout_of(case)
    assert (payout.status, case.loan["status"], str(case.outstanding)) == ENDS[account]
    assert made(case) == 1
    booked = [entry["kind"] for entry in case.ledger()["entries"]]
    assert booked.count("DISBURSAL") <= 1
    assert books_hold(case)


def webhooks(case: Case) -> list[dict[str, Any]]:
    """What the gateway would have said of the payout, in its order."""
    payout = payout_of(case)
    sent = case.platform.sandbox.call("GET", "/__sandbox__/webhooks", params={"provider": payout.provider})
    return [one for one in reversed(sent["webhooks"]) if matched(payout) in one["body"]]


def deliver(platform: Platform, webhook: dict[str, Any]) -> None:
    path = f"/partner/brand/{BRAND}/payout/webhook"
    platform.api.call("POST", path, data=webhook["body"].encode(), headers=webhook["headers"])
    platform.drain()
