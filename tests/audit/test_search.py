"""The audit trail is searched, exported, and shown to the customer it is about."""

import csv
import io
import secrets
from string import ascii_lowercase
from typing import Any
from uuid import uuid4

import pytest

from app.core import audit, clock
from app.core.identity import Role
from tests.lending import at_work
from tests.platform import BRAND, OTHER_BRAND, Platform


@pytest.fixture
def event(platform: Platform) -> dict[str, Any]:
    """One event that no other test knows."""
    # letters alone: a long run of digits in it would be masked
    loan_id, word = str(uuid4()), "".join(secrets.choice(ascii_lowercase) for _ in range(24))
    with at_work(BRAND):
        audit.record("loan.noted", "loan", loan_id, after={"word": word}, reason="=HYPERLINK(1)")
    return {"entity_id": loan_id, "word": word}


def found(platform: Platform, **params: Any) -> list[dict[str, Any]]:
    return platform.staff().get("/audit", params=params)["items"]


def test_it_works(platform: Platform, event: dict[str, Any]) -> None:
    (shown,) = found(platform, entityId=event["entity_id"])
    assert (shown["action"], shown["entity"], shown["actorId"]) == ("loan.noted", "loan", "test-system")
    assert shown["after"] == {"word": event["word"]}


@pytest.mark.parametrize("name", ["action", "entity", "actorId", "search", "fromDate", "toDate"])
def test_filters_narrow(platform: Platform, event: dict[str, Any], name: str) -> None:
    today = clock.today().isoformat()
    fits = {"action": "loan.noted", "entity": "loan", "actorId": "test-system", "search": event["word"]}
    misses = dict.fromkeys(fits, "another") | {"fromDate": "2199-01-01", "toDate": "2000-01-01"}
    good = (fits | {"fromDate": today, "toDate": today})[name]
    assert len(found(platform, entityId=event["entity_id"], **{name: good})) == 1
    assert found(platform, entityId=event["entity_id"], **{name: misses[name]}) == []


def test_who_acted_has_a_name_and_the_request_is_found_again(platform: Platform) -> None:
    portal, app = platform.staff(Role.CREDIT_EXECUTIVE), platform.customer()
    customer_id = app.get("/web/me")["id"]
    portal.get(f"/customers/{customer_id}")
    (seen,) = found(platform, customerId=customer_id, action="customer.viewed")
    assert (seen["actorName"], seen["actorId"]) == (portal.user["name"], portal.user["id"])
    assert found(platform, requestId=seen["requestId"]) == [seen]


def test_an_unknown_filter_is_refused(platform: Platform) -> None:
    platform.staff().get("/audit", expect=422, params={"actor": "x"})


def test_a_hash_of_the_device_is_kept(platform: Platform) -> None:
    app = platform.customer()
    app._headers["X-Device-Id"] = "the-phone-of-asha"
    app.patch("/web/profile", json={"employmentType": "SALARIED"})
    (seen,) = found(platform, customerId=app.get("/web/me")["id"], action="customer.profile")
    assert len(seen["device"]) == 64


def test_the_export_is_text_to_a_spreadsheet_and_an_event_itself(
    platform: Platform, event: dict[str, Any]
) -> None:
    data = platform.staff().get("/audit/csv", params={"entityId": event["entity_id"]})
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["entity_id"], row["reason"]) == (event["entity_id"], "'=HYPERLINK(1)")
    exported = found(platform, action="audit.exported", search=event["entity_id"])
    assert exported[0]["after"]["rows"] == 1


def test_another_brand_finds_nothing(platform: Platform, event: dict[str, Any]) -> None:
    portal = platform.staff(brand_id=OTHER_BRAND)
    assert portal.get("/audit", params={"entityId": event["entity_id"]})["items"] == []


def test_signing_in_right_and_wrong_is_there(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    phone = {"phone": app.person["phone"]}
    app.post("/web/auth/register", expect=202, json=phone)
    platform.drain()
    code = platform.sandbox.messages(phone["phone"])[0]["otp"]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": wrong})
    tokens = app.post("/web/auth/verify-otp", json=phone | {"otp": code})
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    app.api.call("POST", "/web/auth/logout", expect=204, headers=headers)
    events = found(platform, customerId=tokens["user"]["id"], sort="createdAt")
    steps = ["customer.registered", "session.started", "session.ended"]
    assert [event["action"] for event in events if event["action"] in steps] == steps
    guard = platform.sql(
        "SELECT g.id FROM otp_guard g JOIN customer c ON c.brand_id = g.brand_id AND c.phone_hash = g.phone_hash"
        " WHERE c.id = %s", tokens["user"]["id"]
    )  # fmt: skip
    (failed,) = found(platform, entityId=guard[0][0], action="sign_in.failed")
    assert failed["after"] == {"wrongCodes": 1}


def test_customers_see_which_office_looked_at_them(platform: Platform) -> None:
    app, stranger = platform.customer(), platform.customer()
    platform.staff(Role.CREDIT_EXECUTIVE).get(f"/customers/{app.get('/web/me')['id']}/kyc")
    (seen,) = app.get("/web/privacy/access-log")["items"]
    assert (seen["action"], seen["actorRole"]) == ("kyc.viewed", "CREDIT_EXECUTIVE")
    assert set(seen) == {"action", "actorRole", "createdAt"}
    assert stranger.get("/web/privacy/access-log")["items"] == []
