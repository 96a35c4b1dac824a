"""A legal notice from the PDF to the customer's door."""

from datetime import timedelta
from typing import Any

from app.core.clock import today
from app.core.identity import Role
from app.loans import service as loans
from tests.lending import Case, active, at_work
from tests.platform import Platform

TODAY = today()


def late(platform: Platform, days_ago: int) -> Case:
    case = active(platform, days_ago=days_ago)
    with at_work():
        loans.move(case.loan_id, "OVERDUE")
    return case


def issue(case: Case, expect: int = 201, role: Role = Role.COLLECTION_MANAGER, **told: Any) -> dict[str, Any]:
    return case.platform.staff(role).post(f"/loans/{case.loan_id}/legal-notices", expect=expect, json=told)


def test_from_the_pdf_to_the_door(platform: Platform):
    case, lead = late(platform, 95), platform.staff(Role.COLLECTION_MANAGER)
    issue(case, expect=403, role=Role.COLLECTION_EXECUTIVE)
    notice = issue(case, language="hi")
    assert (notice["status"], notice["daysPastDue"]) == ("MADE", 65)
    assert notice["payBy"] == f"{TODAY + timedelta(days=15)}"
    assert issue(case, expect=409)["error"]["code"] == "NOTICE_OPEN"
    file = f"/loans/{case.loan_id}/documents/{notice['documentId']}/file"
    assert lead.get(file).startswith(b"%PDF-")
    platform.drain()
    (mail,) = [
        mail
        for mail in case.app.sandbox.messages(f"{case.customer_id}@mail.example")
        if notice["number"] in mail["subject"]
    ]
    assert len(mail["attachments"]) == 1
    path = f"/legal-notices/{notice['id']}"
    lead.post(f"{path}/end", expect=409, json={"status": "DELIVERED", "on": f"{TODAY}"})
    sent = {"carrier": "SPEED_POST", "trackingNo": "EK123456789IN", "dispatchedOn": f"{TODAY}"}
    for field, value in (("trackingNo", None), ("dispatchedOn", f"{TODAY + timedelta(days=1)}")):
        refused = lead.post(f"{path}/dispatch", expect=422, json=sent | {field: value})
        assert field in refused["error"]["fields"]
    assert lead.post(f"{path}/dispatch", json=sent)["trackingNo"] == "EK123456789IN"
    lead.post(f"{path}/withdraw", expect=409, json={"remark": "Too late"})
    back = {"status": "RETURNED", "on": f"{TODAY}", "remark": "Left without address"}
    assert lead.post(f"{path}/end", json=back)["endedOn"] == f"{TODAY}"
    again = issue(case)
    assert again["number"] != notice["number"]
    assert (
        lead.post(f"/legal-notices/{again['id']}/withdraw", json={"remark": "Paid"})["status"] == "WITHDRAWN"
    )
    listed = lead.get(f"/collections/legal-notices?loanId={case.loan_id}&sort=createdAt")["items"]
    assert [one["status"] for one in listed] == ["RETURNED", "WITHDRAWN"]
    assert lead.get(f"/collections/legal-notices?loanId={case.loan_id}&expired=true")["items"] == []


def test_too_early_for_it(platform: Platform):
    assert issue(late(platform, 89), expect=409)["error"]["code"] == "TOO_EARLY"
