"""The same at SignDesk, which tells less: its callback is a hint, its secret ours, and it never hears of our days."""

import json
from collections.abc import Iterator

import pytest

from app.core.outbox import enqueue
from tests.esign.test_esign import agreement, late, request_of, sent, sign, until
from tests.lending import Case, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform


@pytest.fixture(autouse=True)
def _signdesk(platform: Platform) -> Iterator[None]:
    ((before,),) = platform.sql("SELECT settings FROM brand WHERE id = %s", BRAND)
    chosen = {**before, "providers": {**before["providers"], "esign": "signdesk"}}
    write = "UPDATE brand SET settings = %s::jsonb WHERE id = %s"
    platform.sql(write, json.dumps(chosen), BRAND)
    yield
    platform.sql(write, json.dumps(before), BRAND)


def fault(case: Case, name: str) -> None:
    match = request_of(case).contract_id.partition("/")[2]
    body = {"provider": "signdesk", "fault": name, "operation": None, "match": match}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)


def call_back(case: Case, brand_id: str = BRAND, expect: int = 200) -> None:
    docket_id, _, document_id = request_of(case).contract_id.partition("/")
    body = json.dumps({"docket_id": docket_id, "document_id": document_id, "status": "signed"})
    headers = {"x-callback-secret": f"sandbox-signdesk-callback_secret-{brand_id}"}
    path = f"/partner/brand/{BRAND}/esign/webhook"
    case.platform.api.call("POST", path, data=body, headers=headers, expect=expect)


def kinds(case: Case) -> list[str]:
    return [document["kind"] for document in case.app.get(f"/web/loans/{case.loan_id}/documents")]


def test_a_callback_twice_stores_one_document(platform: Platform):
    case = sent(platform)
    fault(case, "duplicate")
    sign(case)
    until(case, "SIGNED")
    platform.drain()
    assert kinds(case).count("SIGNED_AGREEMENT") == 1


def test_polling_finds_what_no_callback_told(platform: Platform):
    case = sent(platform)
    fault(case, "no_webhook")
    sign(case)
    with at_work():
        enqueue("esign.poll_pending")
    until(case, "SIGNED")


def test_a_forged_callback_is_refused_and_one_that_lies_changes_nothing(platform: Platform):
    case = sent(platform)
    call_back(case, OTHER_BRAND, expect=401)
    call_back(case)
    platform.drain()
    assert agreement(case)["agreementStatus"] == "SENT"


def test_a_callback_that_comes_after_the_end_changes_nothing(platform: Platform):
    case = sent(platform)
    fault(case, "no_webhook")
    late(case)
    until(case, "EXPIRED")
    sign_url = request_of(case).sign_url
    case.app.sandbox.call("POST", sign_url, json={"action": "sign"})
    call_back(case)
    platform.drain()
    assert agreement(case)["agreementStatus"] == "EXPIRED"


def test_a_customer_may_reject_it(platform: Platform):
    case = sent(platform)
    sign(case, "reject")
    until(case, "REJECTED")
