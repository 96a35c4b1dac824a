"""Customers sign in with a phone and a one-time code."""

from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
import requests

from app.demo.client import CustomerApp, NotAsExpected
from tests.platform import BRAND, OTHER_BRAND, Platform


def asked(platform: Platform, brand_id: str = BRAND) -> tuple[CustomerApp, dict[str, str], str]:
    """A customer who asked for a code, their phone, and the code."""
    app = platform.customer(signed_in=False, brand_id=brand_id)
    phone = {"phone": app.person["phone"]}
    app.post("/web/auth/register", expect=202, json=phone)
    return app, phone, code_of(platform, phone)


def code_of(platform: Platform, phone: dict[str, str]) -> str:
    platform.drain()
    return platform.sandbox.messages(phone["phone"])[0]["otp"]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def new_phone() -> dict[str, str]:
    """One that no person of the sandbox has."""
    return {"phone": f"6{uuid4().int % 10**9:09d}"}


def call(platform: Platform, path: str, body: dict, brand_id: str = BRAND) -> requests.Response:
    url = f"{platform.api.base_url}/web/auth/{path}"
    return requests.post(url, json=body, headers={"X-Brand-Id": brand_id}, timeout=30)


def test_it_works(platform: Platform) -> None:
    app = platform.customer()
    assert app.get("/web/me")["customerNo"].startswith("QUA-C-")


def test_five_wrong_codes_lock_the_phone_for_every_code(platform: Platform) -> None:
    app, phone, right = asked(platform)
    for number in range(5):
        if number == 3:  # a new code does not start the count again
            app.post("/web/auth/register", expect=202, json=phone)
            right = code_of(platform, phone)
        refused = app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": other_than(right)})
        assert refused["error"]["code"] == "OTP_WRONG"
    for path, body in (("verify-otp", phone | {"otp": right}), ("register", phone)):
        refused = call(platform, path, body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "OTP_LOCKED")
        assert 600 < int(refused.headers["Retry-After"]) <= 901
    locked = platform.sql("SELECT count(*) FROM audit_event WHERE action = 'sign_in.locked'")
    assert locked[0][0] >= 1


def test_a_lock_ends_by_itself(platform: Platform) -> None:
    app, phone, right = asked(platform)
    for _ in range(5):
        app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": other_than(right)})
    platform.sql("UPDATE otp_guard SET locked_until = now() WHERE locked_until IS NOT NULL")
    app.post("/web/auth/register", expect=202, json=phone)
    app.post("/web/auth/verify-otp", json=phone | {"otp": code_of(platform, phone)})


def test_a_right_code_forgets_the_wrong_ones(platform: Platform) -> None:
    app, phone, right = asked(platform)
    for _ in range(2):
        for _ in range(4):
            app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": other_than(right)})
        app.post("/web/auth/verify-otp", json=phone | {"otp": right})
        app.post("/web/auth/register", expect=202, json=phone)
        right = code_of(platform, phone)


def test_guesses_at_once_are_counted_one_by_one(platform: Platform) -> None:
    _, phone, right = asked(platform)
    statuses: list[int] = []
    body = phone | {"otp": other_than(right)}
    threads = [
        Thread(target=lambda: statuses.append(call(platform, "verify-otp", body).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 5 + [429] * 3


def test_an_unknown_phone_is_answered_like_a_known_one(platform: Platform) -> None:
    _, known, right = asked(platform)
    unknown = new_phone()
    for path in ["verify-otp"] * 6 + ["register"]:
        answers = [
            call(platform, path, phone | ({"otp": other_than(right)} if path == "verify-otp" else {}))
            for phone in (known, unknown)
        ]
        assert answers[0].status_code == answers[1].status_code
        errors = [answer.json()["error"] for answer in answers]
        assert errors[0]["code"] == errors[1]["code"]
        assert set(errors[0]) == set(errors[1])


def test_registering_a_new_phone_is_answered_like_a_known_one(platform: Platform) -> None:
    phone = new_phone()
    first, second = call(platform, "register", phone), call(platform, "register", phone)
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()


def test_two_at_once_make_one_customer(platform: Platform) -> None:
    phone, statuses = new_phone(), []
    threads = [
        Thread(target=lambda: statuses.append(call(platform, "register", phone).status_code))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 4


def test_a_code_works_once(platform: Platform) -> None:
    app, phone, code = asked(platform)
    app.post("/web/auth/verify-otp", json=phone | {"otp": code})
    app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": code})


def test_a_new_code_ends_the_one_before(platform: Platform) -> None:
    app, phone, first = asked(platform)
    app.post("/web/auth/register", expect=202, json=phone)
    second = code_of(platform, phone)
    if first != second:
        app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": first})
    app.post("/web/auth/verify-otp", json=phone | {"otp": second})


def test_a_code_ends_after_five_minutes(platform: Platform) -> None:
    app, phone, code = asked(platform)
    ends_at = platform.sql(
        "SELECT expires_at - created_at FROM otp_verification ORDER BY created_at DESC LIMIT 1"
    )[0][0]
    assert timedelta(minutes=4, seconds=59) < ends_at <= timedelta(minutes=5)
    platform.sql("UPDATE otp_verification SET expires_at = now() WHERE used_at IS NULL")
    app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": code})


def test_a_code_of_one_phone_is_none_for_another(platform: Platform) -> None:
    _, _, code = asked(platform)
    other, phone, own = asked(platform)
    if code != own:
        other.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": code})


def test_too_many_codes_are_refused(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    for _ in range(5):
        app.post("/web/auth/register", expect=202, json={"phone": app.person["phone"]})
    refused = call(platform, "register", {"phone": app.person["phone"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "OTP_LIMIT")
    assert 500 < int(refused.headers["Retry-After"]) <= 601


def test_the_next_code_is_sent_half_a_minute_later(platform: Platform) -> None:
    phone = new_phone()
    with platform.set(otp_resend_s=30):
        assert call(platform, "register", phone).status_code == 202
        refused = call(platform, "register", phone)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "OTP_TOO_SOON")
        assert 1 <= int(refused.headers["Retry-After"]) <= 31
        platform.sql("UPDATE otp_verification SET created_at = created_at - interval '31 seconds'")
        assert call(platform, "register", phone).status_code == 202


def test_the_code_is_not_stored(platform: Platform) -> None:
    app = platform.customer()
    codes = {m["otp"] for m in platform.sandbox.messages(app.person["phone"])}
    stored = platform.sql("SELECT code_hash FROM otp_verification")
    assert codes.isdisjoint({row[0] for row in stored})


def test_who_is_not_a_customer_any_more_gets_in_nowhere(platform: Platform) -> None:
    app, phone, code = asked(platform)
    tokens = app.post("/web/auth/verify-otp", json=phone | {"otp": code})
    platform.sql("UPDATE customer SET is_active = false WHERE id = %s", tokens["user"]["id"])
    app.post("/web/auth/refresh", expect=401, json={"refreshToken": tokens["refreshToken"]})
    app.post("/web/auth/register", expect=202, json=phone)
    app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": code_of(platform, phone)})


def test_a_phone_is_another_customer_in_another_brand(platform: Platform) -> None:
    here = platform.customer(brand_id=BRAND)
    there = platform.customer(here.person["pan"], brand_id=OTHER_BRAND)
    assert here.get("/web/me")["id"] != there.get("/web/me")["id"]


def test_the_tokens_of_one_brand_do_not_open_the_other(platform: Platform) -> None:
    here, phone, code = asked(platform)
    tokens = here.post("/web/auth/verify-otp", json=phone | {"otp": code})
    # a code is of one brand, and so is a refresh token
    assert call(platform, "register", phone, OTHER_BRAND).status_code == 202
    there = code_of(platform, phone)
    if there != code:
        assert call(platform, "verify-otp", phone | {"otp": there}).status_code == 401
    body = {"refreshToken": tokens["refreshToken"]}
    assert call(platform, "refresh", body, OTHER_BRAND).status_code == 401
    # an access token says its brand itself, whatever the header says
    headers = {"Authorization": f"Bearer {tokens['accessToken']}", "X-Brand-Id": OTHER_BRAND}
    assert platform.api.call("GET", "/web/me", headers=headers)["id"] == tokens["user"]["id"]
    assert call(platform, "refresh", body).status_code == 200


@pytest.mark.parametrize(
    "phone", ["", "12345", "0000000000", "99999999999", "98765٤3210", "9876543210\n", None, 9876543210]
)
def test_a_bad_phone_is_named(platform: Platform, phone: object) -> None:
    refused = platform.api.call(
        "POST", "/web/auth/register", expect=422, headers={"X-Brand-Id": BRAND}, json={"phone": phone}
    )
    assert "phone" in refused["error"]["fields"]


def test_an_unknown_brand_is_not_found(platform: Platform) -> None:
    with pytest.raises(NotAsExpected, match="404"):
        platform.customer(brand_id="nobodysbrand")
