"""Customers sign in with a phone and a one-time code."""

import pytest

from app.demo.client import NotAsExpected
from tests.platform import BRAND, OTHER_BRAND, Platform


def test_it_works(platform: Platform) -> None:
    app = platform.customer()
    assert app.get("/web/me")["customerNo"].startswith("QUA-C-")


def test_a_wrong_code_is_refused_and_counted(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    phone = {"phone": app.person["phone"]}
    app.post("/web/auth/register", expect=202, json=phone)
    platform.drain()
    right = platform.sandbox.messages(phone["phone"])[0]["otp"]
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": wrong})
    refused = app.post("/web/auth/verify-otp", expect=401, json=phone | {"otp": right})
    assert refused["error"]["code"] == "OTP_WRONG"


def test_a_code_works_once(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    phone = {"phone": app.person["phone"]}
    app.post("/web/auth/register", expect=202, json=phone)
    platform.drain()
    code = {"otp": platform.sandbox.messages(phone["phone"])[0]["otp"]}
    app.post("/web/auth/verify-otp", json=phone | code)
    app.post("/web/auth/verify-otp", expect=401, json=phone | code)


def test_too_many_codes_are_refused(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    for _ in range(5):
        app.post("/web/auth/register", expect=202, json={"phone": app.person["phone"]})
    refused = app.post("/web/auth/register", expect=429, json={"phone": app.person["phone"]})
    assert refused["error"]["code"] == "OTP_LIMIT"


def test_the_code_is_not_stored(platform: Platform) -> None:
    app = platform.customer()
    codes = {m["otp"] for m in platform.sandbox.messages(app.person["phone"])}
    stored = platform.sql("SELECT code_hash FROM otp_verification")
    assert codes.isdisjoint({row[0] for row in stored})


def test_a_refresh_token_works_once_and_reuse_ends_the_session(platform: Platform) -> None:
    app = platform.customer(signed_in=False)
    phone = {"phone": app.person["phone"]}
    app.post("/web/auth/register", expect=202, json=phone)
    platform.drain()
    code = platform.sandbox.messages(phone["phone"])[0]["otp"]
    first = app.post("/web/auth/verify-otp", json=phone | {"otp": code})
    second = app.post("/web/auth/refresh", json={"refreshToken": first["refreshToken"]})
    reused = app.post("/web/auth/refresh", expect=401, json={"refreshToken": first["refreshToken"]})
    assert reused["error"]["code"] == "SESSION_REUSED"
    app.post("/web/auth/refresh", expect=401, json={"refreshToken": second["refreshToken"]})


def test_logout_ends_the_session(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/auth/logout", expect=204)
    app.get("/web/me", expect=401)


def test_a_phone_is_another_customer_in_another_brand(platform: Platform) -> None:
    here = platform.customer(brand_id=BRAND)
    there = platform.customer(here.person["pan"], brand_id=OTHER_BRAND)
    assert here.get("/web/me")["id"] != there.get("/web/me")["id"]


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
