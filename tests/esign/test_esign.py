"""The agreement goes out and comes back, with the provider's sandbox over HTTP."""

import hashlib
import io
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pikepdf
import pytest

from app.core.clock import now
from app.core.identity import Role
from app.core.outbox import enqueue
from app.documents import service as documents
from app.esign import service
from app.esign.models import EsignRequest
from app.sandbox.pdf import text_pdf, with_page
from tests.lending import Case, approved, at_work
from tests.platform import BRAND, OTHER_BRAND, Platform


def agreement(case: Case) -> dict[str, Any]:
    return case.app.get(f"/web/loans/{case.loan_id}/agreement")


def sent(platform: Platform) -> Case:
    """A loan whose agreement waits for its signature."""
    case = approved(platform, agreement="NOT_SENT", accepted=True)
    case.platform.drain()
    return case


def send(case: Case) -> None:
    with at_work():
        enqueue("esign.send_agreement", loan_id=case.loan_id)
    case.platform.drain()


def sign(case: Case, action: str = "sign") -> None:
    case.app.sandbox.call("POST", agreement(case)["signUrl"], json={"action": action})


def until(case: Case, status: str) -> dict[str, Any]:
    def reached() -> dict[str, Any] | None:
        shown = agreement(case)
        return shown if shown["agreementStatus"] == status else None

    return case.platform.until(reached, f"the agreement to be {status}")


def request_of(case: Case) -> EsignRequest:
    with at_work():
        return EsignRequest.get(EsignRequest.loan_id == case.loan_id)


def fault(case: Case, name: str, operation: str | None = None, match: str = "") -> None:
    body = {"provider": "signzy", "fault": name, "operation": operation, "match": match}
    case.app.sandbox.call("POST", "/__sandbox__/faults", json=body, expect=201)


def test_it_works(platform: Platform):
    case = sent(platform)
    assert agreement(case)["agreementStatus"] == "SENT"
    sign(case)
    signed = until(case, "SIGNED")
    assert signed["signUrl"] is None
    data = case.app.get(f"/web/loans/{case.loan_id}/documents/{signed['signedDocumentId']}/file")
    (document,) = [
        each
        for each in case.app.get(f"/web/loans/{case.loan_id}/documents")
        if each["id"] == signed["signedDocumentId"]
    ]
    assert document["sha256"] == hashlib.sha256(data).hexdigest()
    assert document["kind"] == "SIGNED_AGREEMENT"


def test_the_customer_is_told_where_to_sign(platform: Platform):
    case = sent(platform)
    texts = [message["text"] for message in case.app.sandbox.messages(case.app.person["phone"])]
    assert any(agreement(case)["signUrl"] in text for text in texts)


def test_sending_twice_sends_one(platform: Platform):
    case = sent(platform)
    send(case)
    assert request_of(case).sign_url == agreement(case)["signUrl"]
    kinds = [document["kind"] for document in case.app.get(f"/web/loans/{case.loan_id}/documents")]
    assert kinds.count("LOAN_AGREEMENT") == 1


def test_a_loan_that_is_not_approved_any_more_gets_no_agreement(platform: Platform):
    case = approved(platform, agreement="NOT_SENT")
    case.app.post(f"/web/loans/{case.loan_id}/cancel")
    send(case)
    assert agreement(case)["agreementStatus"] == "NOT_SENT"


def test_a_provider_that_does_not_answer_is_asked_again(platform: Platform):
    case = approved(platform, agreement="NOT_SENT", accepted=True)
    fault(case, "500", "initiate_contract", case.loan["loanNo"])
    send(case)
    until(case, "SENT")


def test_a_callback_with_a_wrong_secret_gets_401_and_leaves_nothing(platform: Platform):
    body = json.dumps({"contractId": str(uuid4())})
    path = f"/partner/brand/{BRAND}/esign/webhook"
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "sandbox-signzy-callback_authorization-paisapop"},
    ):
        platform.api.call("POST", path, data=body, headers=headers, expect=401)
    event_id = hashlib.sha256(body.encode()).hexdigest()
    assert platform.sql("SELECT 1 FROM webhook_event WHERE event_id = %s", event_id) == []


def test_a_callback_that_lies_changes_nothing(platform: Platform):
    """It shows the right secret; what counts is what the provider says when asked."""
    case = sent(platform)
    body = json.dumps({"contractId": request_of(case).contract_id, "isCompleted": True})
    headers = {"Authorization": f"sandbox-signzy-callback_authorization-{BRAND}"}
    platform.api.call("POST", f"/partner/brand/{BRAND}/esign/webhook", data=body, headers=headers)
    platform.drain()
    assert agreement(case)["agreementStatus"] == "SENT"


def test_a_callback_twice_stores_one_document(platform: Platform):
    case = sent(platform)
    fault(case, "duplicate", match=request_of(case).contract_id)
    sign(case)
    until(case, "SIGNED")
    platform.drain()
    kinds = [document["kind"] for document in case.app.get(f"/web/loans/{case.loan_id}/documents")]
    assert kinds.count("SIGNED_AGREEMENT") == 1


def test_polling_finds_what_no_callback_told(platform: Platform):
    case = sent(platform)
    fault(case, "no_webhook", match=request_of(case).contract_id)
    sign(case)
    with at_work():
        enqueue("esign.poll_pending")
    until(case, "SIGNED")


def test_a_customer_may_reject_it_and_get_another(platform: Platform):
    case = sent(platform)
    sign(case, "reject")
    until(case, "REJECTED")
    case.staff.post(f"/loans/{case.loan_id}/agreement", expect=202)
    assert until(case, "SENT")["signUrl"]


def test_another_one_takes_the_place_of_one_that_waits(platform: Platform):
    """The old link is dead: what is signed there does not count."""
    case = sent(platform)
    old = agreement(case)["signUrl"]
    case.staff.post(f"/loans/{case.loan_id}/agreement", expect=202)
    new = until(case, "SENT")["signUrl"]
    assert new != old
    case.app.sandbox.call("POST", old, json={"action": "sign"})
    platform.drain()
    assert agreement(case)["agreementStatus"] == "SENT"
    sign(case)
    until(case, "SIGNED")


def test_it_is_not_sent_more_often_than_the_brand_allows(platform: Platform):
    case = sent(platform)
    for _ in range(2):
        case.staff.post(f"/loans/{case.loan_id}/agreement", expect=202)
        until(case, "SENT")
    refused = case.staff.post(f"/loans/{case.loan_id}/agreement", expect=409)
    assert refused["error"]["code"] == "AGREEMENT_SENDS_MAX"


def test_a_signed_one_is_not_sent_again(platform: Platform):
    case = sent(platform)
    sign(case)
    until(case, "SIGNED")
    case.staff.post(f"/loans/{case.loan_id}/agreement", expect=409)


def late(case: Case, **changes: Any) -> None:
    """The time of the request is over; then somebody asks about it."""
    with at_work():
        EsignRequest.get(EsignRequest.loan_id == case.loan_id).change(
            expires_at=now() - timedelta(minutes=1), **changes
        )
        enqueue("esign.poll_pending")


def test_a_contract_that_lapsed_is_expired(platform: Platform):
    case = sent(platform)
    # the provider forgets it when its days are over
    late(case, contract_id=str(uuid4()))
    until(case, "EXPIRED")


def test_one_that_the_provider_still_holds_is_expired_after_the_brands_days(platform: Platform):
    case = sent(platform)
    shown = agreement(case)
    assert timedelta(hours=47) < datetime.fromisoformat(shown["expiresAt"]) - now() <= timedelta(days=2)
    late(case)
    until(case, "EXPIRED")
    case.app.sandbox.call("POST", shown["signUrl"], json={"action": "sign"})
    platform.drain()
    assert agreement(case)["agreementStatus"] == "EXPIRED"


def test_a_loan_that_was_cancelled_takes_no_signature(platform: Platform):
    case = sent(platform)
    url = agreement(case)["signUrl"]
    case.app.post(f"/web/loans/{case.loan_id}/cancel")
    case.app.sandbox.call("POST", url, json={"action": "sign"})
    platform.until(lambda: request_of(case).status == "CANCELLED", "the request to be dead")
    assert agreement(case)["agreementStatus"] == "EXPIRED"


def test_somebody_elses_aadhaar_does_not_sign(platform: Platform):
    case = sent(platform)
    body = {"action": "sign", "name": "RAKESH GUPTA"}
    case.app.sandbox.call("POST", agreement(case)["signUrl"], json=body)
    until(case, "REJECTED")
    steps = case.staff.get(f"/loans/{case.loan_id}/trail")
    assert "SIGNED" not in [step["toState"] for step in steps if step["entity"] == "agreement"]


def locked(data: bytes) -> bytes:
    """A PDF that opens with a password alone."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def test_what_is_no_agreement_is_not_taken(platform: Platform):
    """Fewer pages came back than went out: nothing is signed until somebody has looked."""
    case = sent(platform)
    request = request_of(case)
    with at_work():
        unsigned = documents.read(request.unsigned_document_id)
        for damaged in (b"%PDF-1.7 broken", text_pdf(["one page"]), locked(unsigned)):
            with pytest.raises(service.NotTheAgreement):
                service._check_signed(damaged, unsigned)
        service._check_signed(with_page(unsigned, ["signed"]), unsigned)


def test_signing_starts_the_disbursement_in_the_same_transaction(platform: Platform):
    case = sent(platform)
    sign(case)
    until(case, "SIGNED")
    jobs = platform.sql(
        "SELECT count(*) FROM outbox WHERE job = 'disbursement.agreement_signed' AND args->>'loan_id' = %s",
        str(case.loan_id),
    )
    assert jobs == [(1,)]


def test_a_contract_that_is_not_known_too_early_stays(platform: Platform):
    case = sent(platform)
    with at_work():
        EsignRequest.get(EsignRequest.loan_id == case.loan_id).change(contract_id=str(uuid4()))
        enqueue("esign.poll_pending")
    platform.drain()
    assert agreement(case)["agreementStatus"] == "SENT"


def test_every_step_is_in_the_trail(platform: Platform):
    case = sent(platform)
    sign(case)
    until(case, "SIGNED")
    steps = case.staff.get(f"/loans/{case.loan_id}/trail")
    assert [step["toState"] for step in steps if step["entity"] == "agreement"][-2:] == ["SENT", "SIGNED"]


def test_another_brands_staff_do_not_see_it(platform: Platform):
    case = sent(platform)
    platform.staff(Role.ADMIN, OTHER_BRAND).get(f"/loans/{case.loan_id}/agreement", expect=404)


def test_who_may_not_release_money_may_not_send_it_again(platform: Platform):
    case = sent(platform)
    platform.staff(Role.LOAN_EXECUTIVE).post(f"/loans/{case.loan_id}/agreement", expect=403)
