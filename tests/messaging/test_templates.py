"""A brand's own words: made, tried out, put in force, said; and who is told of what."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from app.core.identity import Role
from app.demo.client import CustomerApp, Portal
from app.messaging import service as messaging
from app.messaging import telling
from tests.lending import at_work
from tests.platform import Platform
from tests.policies.desk import Desk

PHONE = "9812309876"
SMS = {
    "code": "payment_link",
    "channel": "SMS",
    "body": "{brand}: Rs {amount} for {loan_no} at {url}",
    "dltTemplateId": "1107160000000000001",
    "senderHeader": "QUALOA",
    "remark": "Shorter",
}


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    """A brand whose settings name a phone for tests and tell collection heads of payments."""
    desk = Desk(platform)
    policy = {
        "payment_received": [
            {"to": "CUSTOMER", "channels": ["SMS", "WHATSAPP"]},
            {"to": "COLLECTION_HEAD", "channels": ["IN_APP", "EMAIL"]},
        ]
    }
    edited = edit(desk.admin, {"messages": {"testPhones": [PHONE], "policy": policy}})
    assert edited.status_code == 200, edited.text
    return desk


@pytest.fixture(scope="module")
def app(platform: Platform, desk: Desk) -> CustomerApp:
    return platform.customer(brand_id=desk.brand, consents=("COMM_WHATSAPP",))


def edit(portal: Portal, settings: dict[str, Any]) -> requests.Response:
    url = f"{portal.api.base_url}/settings/brand"
    etag = requests.get(url, headers=portal._headers, timeout=10).headers["ETag"]
    body = {"settings": settings, "remark": "To try"}
    return requests.patch(url, headers=portal._headers | {"If-Match": etag}, json=body, timeout=10)


def make(portal: Portal, expect: int = 201, **changes: Any) -> Any:
    return portal.post("/message-templates", expect=expect, json=SMS | changes)


def in_force(portal: Portal, **changes: Any) -> dict[str, Any]:
    path = f"/message-templates/{make(portal, **changes)['id']}/activate"
    return portal.post(path, json={"remark": "Approved by the operator"})


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"body": "{brand}: {amont} {loan_no} {url}"}, "body", "{amont} cannot be said here"),
        ({"body": "Pay {amount} for {loan_no}"}, "body", "{url} must be in it."),
        (
            {"variables": [{"name": "amont", "example": "1"}]},
            "variables",
            "amont is no variable of payment_link",
        ),
        ({"dltTemplateId": None}, "dltTemplateId", "SMS needs one."),
        ({"subject": "Hello"}, "subject", "SMS has none."),
        ({"providerIds": {"sendgrid": "x"}}, "providerIds", "sendgrid does not send SMS; msg91, gupshup do."),
        ({"kind": "PROMOTION"}, "kind", "What is said under payment_link is SERVICE."),
        ({"code": "diwali"}, "kind", "A code of the brand's own needs a kind."),
        ({"code": "diwali", "kind": "REQUIRED"}, "kind", "Only events of the platform"),
        (
            {"code": "pay_now", "kind": "SERVICE", "body": "{brand}: Rs {outstanding} is owed."},
            "kind",
            "What says how much is owed is of the kind DUES.",
        ),
    ],
)
def test_what_does_not_fit_is_named(desk: Desk, changes: dict, field: str, told: str) -> None:
    error = make(desk.admin, expect=422, **changes)["error"]
    assert told in error["fields"][field][0]


def test_one_version_is_in_force_and_is_what_is_said(
    platform: Platform, desk: Desk, app: CustomerApp
) -> None:
    portal = desk.admin
    first, second = in_force(portal), in_force(portal, body="Second: {url}")
    assert (second["version"], second["variables"]) == (
        first["version"] + 1,
        [{"name": "url", "example": "url"}],
    )
    listed = portal.get("/message-templates?code=payment_link&sort=version")["items"]
    assert [row["status"] for row in listed][-2:] == ["RETIRED", "ACTIVE"]
    steps = portal.get(f"/message-templates/{first['id']}/history")
    assert [step["toState"] for step in steps] == ["DRAFT", "ACTIVE", "RETIRED"]
    customer_id = app.get("/web/me")["id"]
    with at_work(desk.brand):
        messaging.notify(customer_id, "payment_link", amount="1", loan_no="L", url="https://pay.example/t")
    platform.drain()
    message = portal.get(f"/messages?customerId={customer_id}&event=payment_link")["items"][0]
    assert (message["templateId"], message["status"]) == (second["id"], "SENT")
    sent = platform.sandbox.messages(app.person["phone"])[0]
    assert (sent["templateId"], sent["variables"]["TEXT"]) == (
        SMS["dltTemplateId"],
        "Second: https://pay.example/t",
    )
    portal.post(f"/message-templates/{second['id']}/retire", json={"remark": "Withdrawn"})
    with at_work(desk.brand):
        words = messaging.wording.get("payment_link", "SMS", "en")
    assert words.template_id is None, "the standard words are back"


def test_a_language_falls_back_to_english(desk: Desk) -> None:
    code = f"t_{uuid4().hex[:8]}"
    english = in_force(desk.admin, code=code, kind="DUES", body="Due")
    hindi = in_force(desk.admin, code=code, body="देय", language="hi")
    with at_work(desk.brand):
        found = {
            name: messaging.wording.get(code, "SMS", name).template_id for name in ("hi", "en", "ta", None)
        }
    english_id, hindi_id = UUID(english["id"]), UUID(hindi["id"])
    assert found == {"hi": hindi_id, "en": english_id, "ta": english_id, None: english_id}
    preview = desk.admin.post(f"/message-templates/{hindi['id']}/preview", json={})
    assert preview == {"subject": None, "text": "देय", "smsParts": 1}


def test_a_preview_names_what_is_missing_and_a_trial_tells_what_came_of_it(
    platform: Platform, desk: Desk
) -> None:
    portal = desk.admin
    declared = [{"name": "amount", "example": "5000"}]
    mail = {"subject": "Rs {amount}", "dltTemplateId": None, "senderHeader": None, "channel": "EMAIL"}
    made = make(
        portal, code=f"t_{uuid4().hex[:8]}", kind="DUES", body="Dear {name}", variables=declared, **mail
    )
    path = f"/message-templates/{made['id']}"
    error = portal.post(f"{path}/preview", expect=422, json={"variables": {"amt": "1"}})["error"]
    assert error["fields"]["variables"] == ["amount is missing.", "amt is unknown; there are amount."]
    assert portal.post(f"{path}/preview", json={})["subject"] == "Rs 5000"
    portal.post(f"{path}/test-send", expect=202, json={"variables": {"amount": "7"}})
    sms = make(portal, body="Try {url}")
    trial = f"/message-templates/{sms['id']}/test-send"
    assert "testPhones" in portal.post(trial, expect=422, json={"phone": "9000000001"})["error"]["message"]
    portal.post(trial, expect=202, json={"phone": PHONE})
    platform.drain()
    told = [n["text"] for n in portal.get("/notifications?unread=true")["items"]]
    assert set(told) == {"Sent through msg91.", "Sent through sendgrid."}


def test_the_policy_says_who_is_told(platform: Platform, desk: Desk, app: CustomerApp) -> None:
    in_force(
        desk.admin, code="payment_received", channel="WHATSAPP", body="{loan_no}: Rs {amount}",
        dltTemplateId=None, senderHeader=None, providerIds={"aisensy": "paid_1"},
    )  # fmt: skip
    customer_id = app.get("/web/me")["id"]
    with at_work(desk.brand):
        messaging.notify(customer_id, "payment_received", amount="5000", loan_no="L-1", outstanding="0")
    platform.drain()
    said = desk.admin.get(f"/messages?customerId={customer_id}&event=payment_received")["items"]
    assert {(m["channel"], m["status"]) for m in said} == {("SMS", "SENT"), ("WHATSAPP", "SENT")}
    # the newest first: WhatsApp counts what it is given in the order of the text
    whatsapp = next(m for m in platform.sandbox.messages(app.person["phone"]) if m["channel"] == "whatsapp")
    assert (whatsapp["templateId"], whatsapp["variables"]) == ("paid_1", {"1": "L-1", "2": "5000"})
    head = desk.portal(Role.COLLECTION_HEAD)
    seen = head.get("/notifications")["items"][0]
    assert (seen["title"], seen["text"]) == ("Payment for L-1", "Rs 5000; outstanding Rs 0.")


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"otp": []}, "The law wants the customer to be told of this."),
        ({"otp": [{"to": "CUSTOMER", "channels": ["IN_APP"]}]}, "not IN_APP"),
        ({"birthday": []}, "There is no such event"),
        (
            {"otp": [{"to": "CUSTOMER", "channels": ["SMS"]}, {"to": "ADMIN", "channels": ["IN_APP"]}]},
            "no words",
        ),
        ({"sent_back": [{"to": "ASSIGNED", "channels": ["EMAIL"]}]}, "ASSIGNED is nobody here."),
    ],
)
def test_a_policy_that_cannot_hold_is_refused(desk: Desk, policy: dict, told: str) -> None:
    refused = edit(desk.admin, {"messages": {"policy": policy}})
    assert refused.status_code == 422
    assert told in refused.text


def test_whoever_works_on_a_loan_is_told_in_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    one, put = uuid4(), []
    monkeypatch.setattr(telling.allocation, "executives", lambda _loan: [{"partner_user_id": one}] * 2)
    monkeypatch.setattr(telling.portal, "put", lambda *what: put.append(what))
    loan_id = uuid4()
    with at_work():
        telling.tell_staff("esign_done", loan_id, {"loan_no": "L-2"})
    assert put == [(one, "esign_done", "L-2 is signed", "The customer signed the agreement.", loan_id)]
