"""How often anybody may call: by address, phone, e-mail, user, loan and brand."""

from dataclasses import replace
from fnmatch import fnmatchcase
from uuid import uuid4

import pytest
import requests

from app import connect, create_app
from app.core.identity import Role
from app.core.limits import RATE_LIMITS
from app.demo.client import CustomerApp, NotAsExpected, picture
from app.routes import endpoints
from tests.bureau.test_bureau import consent, new_loan
from tests.platform import BRAND, OTHER_BRAND, TEXT_VERSION, Platform

HEADERS = {"X-Brand-Id": BRAND}


def verify(platform: Platform, phone: str, brand_id: str = BRAND) -> requests.Response:
    url = f"{platform.api.base_url}/web/auth/verify-otp"
    body = {"phone": phone, "otp": "000000"}
    return requests.post(url, json=body, headers={"X-Brand-Id": brand_id}, timeout=30)


def refused(response: requests.Response, name: str) -> bool:
    """Whether it was refused by the limit of this name, in our words and with the time to wait."""
    if response.status_code != 429:
        return False
    error = response.json()["error"]
    assert error["code"] == "TOO_MANY_REQUESTS"
    assert error["requestId"] == response.headers["X-Request-Id"]
    assert int(response.headers["Retry-After"]) >= 1
    return name in error["message"]


def test_each_row_of_the_table_is_about_some_endpoint(platform: Platform) -> None:
    called = [f"{e.method} {e.path}" for e in endpoints(create_app(platform.settings))]
    assert [row.name for row in RATE_LIMITS if not any(fnmatchcase(c, row.on) for c in called)] == []


def test_sign_in_is_limited_by_address(platform: Platform) -> None:
    with platform.set(limit_sign_in_address="2/hour"):
        answers = [verify(platform, f"98765{n:05d}") for n in range(3)]
        assert [a.status_code for a in answers[:2]] == [401, 401]
        assert refused(answers[2], "sign in address")
        # nothing else is held by it
        assert requests.get(f"{platform.api.base_url}/health", timeout=30).status_code == 200


def test_who_is_refused_too_often_is_held_by_address(platform: Platform) -> None:
    portal, url = platform.staff(), platform.api.base_url
    with platform.set(limit_address="2/hour"):
        assert requests.get(f"{url}/health", timeout=30).status_code == 200, "what succeeds does not count"
        token = {"Authorization": f"Bearer {uuid4()}"}
        tries = [requests.get(f"{url}/web/me", headers=token, timeout=30) for _ in range(3)]
        assert [t.status_code for t in tries[:2]] == [401, 401]
        assert refused(tries[2], "address")
        portal.get("/loans")


def test_codes_are_limited_by_phone_across_brands(platform: Platform) -> None:
    with platform.set(limit_sign_in_phone="2/hour"):
        phone = f"7{uuid4().int % 10**9:09d}"
        assert verify(platform, phone).status_code == 401
        assert verify(platform, phone, OTHER_BRAND).status_code == 401
        assert refused(verify(platform, phone), "sign in phone")
        assert verify(platform, f"7{uuid4().int % 10**9:09d}").status_code == 401


def test_sends_are_limited_by_phone_across_brands(platform: Platform) -> None:
    phone = {"phone": platform.customer(signed_in=False).person["phone"]}
    with platform.set(limit_otp_sends="2/hour"):
        for brand_id, status in ((BRAND, 202), (OTHER_BRAND, 202), ("fastsalary", 429)):
            headers = {"X-Brand-Id": brand_id}
            platform.api.call("POST", "/web/auth/register", expect=status, headers=headers, json=phone)


def test_passwords_are_limited_by_email(platform: Platform) -> None:
    body = {"email": f"{uuid4().hex}@nowhere.example", "password": "wrong"}
    with platform.set(limit_sign_in_email="2/hour"):
        for status in (401, 401, 429):
            platform.api.call("POST", "/partner/auth/login", expect=status, json=body)
        shouted = body | {"email": body["email"].upper()}
        platform.api.call("POST", "/partner/auth/login", expect=429, json=shouted)


@pytest.mark.parametrize("body", [b"[]", b'{"phone": 5}', b'{"phone": "\\ud800"}', b"{", b"\xff", b"null"])
def test_a_body_that_names_nobody_is_refused_as_ever(platform: Platform, body: bytes) -> None:
    headers = HEADERS | {"Content-Type": "application/json"}
    url = f"{platform.api.base_url}/web/auth/verify-otp"
    assert requests.post(url, data=body, headers=headers, timeout=30).status_code in (400, 422)


def test_reports_are_limited_by_user_and_looking_is_free(platform: Platform) -> None:
    staff = platform.staff(Role.COLLECTION_MANAGER)
    asked = {"fromDate": "2026-01-01", "toDate": "2026-01-02", "refresh": "true"}
    with platform.set(limit_reports="2/hour"):
        run_id = staff.get("/report/master-report", expect=202, params=asked)["runId"]
        for _ in range(3):
            staff.get("/report/master-report", expect=202, params={"runId": run_id})
        staff.get("/report/master-report/csv", expect=202, params=asked)
        staff.get("/report/master-report", expect=429, params=asked)
        platform.staff(Role.COLLECTION_HEAD).get("/report/master-report", expect=202, params=asked)


def test_uploads_are_limited_by_user(platform: Platform) -> None:
    app = platform.customer()
    with platform.set(limit_uploads="1/hour"):
        app.upload("SELFIE", "me.png", picture(1, 2, 3))
        with pytest.raises(NotAsExpected, match="429"):
            app.upload("SELFIE", "me.png", picture(1, 2, 4))
        platform.customer().upload("SELFIE", "me.png", picture(1, 2, 5))


def test_bureau_pulls_are_limited_by_loan_and_a_refusal_does_not_count(platform: Platform) -> None:
    app, loan_id = new_loan(platform)
    staff = platform.staff(Role.CREDIT_EXECUTIVE)
    with platform.set(limit_bureau_pulls="1/hour"):
        for _ in range(2):
            staff.post(f"/loans/{loan_id}/bureau-pull", expect=409)
        consent(app)
        staff.post(f"/loans/{loan_id}/bureau-pull", expect=201)
        staff.post(f"/loans/{loan_id}/bureau-pull", expect=429)
        staff.post(f"/loans/{uuid4()}/bureau-pull", expect=404)


def test_everything_is_limited_by_user(platform: Platform) -> None:
    app, other = platform.customer(), platform.customer()
    with platform.set(limit_user="3/hour"):
        for status in (200, 200, 200, 429):
            app.get("/web/me", expect=status)
        other.get("/web/me")


def test_everything_is_limited_by_brand_and_strangers_do_not_use_it_up(platform: Platform) -> None:
    here = [platform.customer(brand_id="salarybolt") for _ in range(2)]
    with platform.set(limit_brand="2/hour"):
        for _ in range(3):
            requests.get(
                f"{platform.api.base_url}/web/brand", headers={"X-Brand-Id": "salarybolt"}, timeout=30
            )
        here[0].get("/web/me")
        here[1].get("/web/me")
        here[0].get("/web/me", expect=429)
        platform.customer(brand_id=OTHER_BRAND).get("/web/me")


def served(app: CustomerApp, platform: Platform, proxies: int, forwarded: str) -> str:
    """The address that is written down for a consent."""
    flask = create_app(replace(platform.settings, trusted_proxies=proxies))
    try:
        answer = flask.test_client().post(
            "/web/consents",
            json={"purpose": "MARKETING", "textVersion": TEXT_VERSION},
            headers=app._headers | {"X-Forwarded-For": forwarded},
        )
        assert answer.status_code == 201, answer.text
        return platform.sql("SELECT ip FROM consent WHERE id = %s", answer.json["id"])[0][0]
    finally:
        connect(platform.settings)


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7"), (3, "127.0.0.1")]
)
def test_a_forwarded_address_is_believed_from_our_own_proxies_alone(
    platform: Platform, proxies: int, address: str
) -> None:
    assert served(platform.customer(), platform, proxies, "198.51.100.7, 203.0.113.9") == address
