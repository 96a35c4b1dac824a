"""A customer's sessions: refresh tokens, devices, and ending them."""

from typing import Any
from uuid import uuid4

import pytest

from app.demo.client import CustomerApp
from tests.platform import OTHER_BRAND, Platform


class Phone:
    """One customer who signs in on several devices."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.app = platform.customer(signed_in=False)
        self.phone = {"phone": self.app.person["phone"]}
        self._seen: set[str] = set()

    def sign_in(self, device_id: str | None = None, name: str | None = None) -> dict[str, Any]:
        """Tokens on a device."""
        self.app.post("/web/auth/register", expect=202, json=self.phone)
        self.platform.drain()
        code = self.app.sandbox.code_sent_to(self.phone["phone"], self._seen)
        body = self.phone | {"otp": code, "deviceId": device_id, "deviceName": name}
        return self.app.post("/web/auth/verify-otp", json=body)

    def texts(self) -> list[str]:
        """What came by SMS that is no code."""
        self.platform.drain()
        messages = self.app.sandbox.messages(self.phone["phone"])
        return [message["text"] for message in messages if not message["otp"]]

    def call(self, tokens: dict[str, Any], method: str, path: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
        return self.platform.api.call(method, f"/web/auth/{path}", headers=headers, **request)

    def sessions(self, tokens: dict[str, Any]) -> list[dict[str, Any]]:
        return self.call(tokens, "GET", "sessions")

    def refresh(self, tokens: dict[str, Any], device_id: str | None = None, expect: int = 200) -> Any:
        body = {"refreshToken": tokens["refreshToken"], "deviceId": device_id}
        return self.app.post("/web/auth/refresh", expect=expect, json=body)


@pytest.fixture
def phone(platform: Platform) -> Phone:
    return Phone(platform)


def alive(app: CustomerApp, tokens: dict[str, Any]) -> bool:
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    status = app.api._session.get(f"{app.api.base_url}/web/me", headers=headers, timeout=30).status_code
    assert status in (200, 401)
    return status == 200


def test_a_session_goes_on_under_a_new_lookup_key(platform: Platform, phone: Phone) -> None:
    first = phone.sign_in("a-device-of-mine")
    with platform.set(lookup_keys=(b"n" * 32, *platform.settings.lookup_keys)):
        second = phone.refresh(first, "a-device-of-mine")
        assert alive(phone.app, second)
        assert phone.refresh(first, "a-device-of-mine", expect=401)["error"]["code"] == "SESSION_REUSED"


def test_a_refresh_token_works_once_and_reuse_ends_the_session(phone: Phone) -> None:
    first = phone.sign_in()
    second = phone.refresh(first)
    third = phone.refresh(second)
    assert alive(phone.app, third)
    assert phone.refresh(first, expect=401)["error"]["code"] == "SESSION_REUSED"
    phone.refresh(third, expect=401)
    assert not alive(phone.app, third)


def test_who_guesses_a_refresh_token_ends_nobodys_session(phone: Phone) -> None:
    tokens = phone.sign_in()
    session_id = tokens["refreshToken"].partition(".")[0]
    for guess in (f"{session_id}.guess", session_id, f"{uuid4()}.x", "x", ""):
        refused = phone.refresh({"refreshToken": guess}, expect=401)
        assert refused["error"]["code"] == "UNAUTHENTICATED"
    phone.refresh(tokens)


def test_a_refresh_token_is_bound_to_its_device(phone: Phone) -> None:
    tokens = phone.sign_in("device-number-1")
    tokens = phone.refresh(tokens, "device-number-1")
    refused = phone.refresh(tokens, "device-number-2", expect=401)
    assert refused["error"]["code"] == "DEVICE_MISMATCH"
    phone.refresh(tokens, "device-number-1", expect=401)
    assert not alive(phone.app, tokens)


def test_a_refresh_token_that_lost_its_device_is_refused(phone: Phone) -> None:
    phone.refresh(phone.sign_in("device-number-1"), expect=401)


def test_logout_ends_the_session(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/auth/logout", expect=204)
    app.get("/web/me", expect=401)


def test_logout_ends_the_refresh_token_too(phone: Phone) -> None:
    tokens = phone.sign_in()
    phone.call(tokens, "POST", "logout", expect=204)
    phone.refresh(tokens, expect=401)


def test_the_list_says_where_one_is_signed_in(phone: Phone) -> None:
    first = phone.sign_in("device-number-1", "my phone")
    second = phone.sign_in("device-number-2")
    listed = phone.sessions(second)
    assert [(s["deviceName"], s["isCurrent"]) for s in listed] == [(None, True), ("my phone", False)]
    assert all(s["ip"] == "127.0.0.1" and "python" in s["userAgent"] for s in listed)
    # the one that was used last is first
    first = phone.refresh(first, "device-number-1")
    listed = phone.sessions(first)
    assert [s["deviceName"] for s in listed] == ["my phone", None]
    assert listed[0]["lastUsedAt"] > listed[1]["lastUsedAt"]
    assert "device" not in str(listed[0].keys() - {"deviceName"})


def test_a_device_gets_a_name_that_stays(phone: Phone) -> None:
    tokens = phone.sign_in("device-number-1")
    session_id = phone.sessions(tokens)[0]["id"]
    phone.call(tokens, "PATCH", f"sessions/{session_id}", expect=204, json={"deviceName": "work phone"})
    again = phone.sign_in("device-number-1", "another name")
    assert [s["deviceName"] for s in phone.sessions(again)] == ["work phone"]
    refused = phone.call(
        again, "PATCH", f"sessions/{phone.sessions(again)[0]['id']}", expect=422, json={"deviceName": ""}
    )
    assert "deviceName" in refused["error"]["fields"]


def test_a_session_without_a_device_takes_no_name(phone: Phone) -> None:
    tokens = phone.sign_in()
    path = f"sessions/{phone.sessions(tokens)[0]['id']}"
    refused = phone.call(tokens, "PATCH", path, expect=409, json={"deviceName": "browser"})
    assert refused["error"]["code"] == "NO_DEVICE"


def test_one_session_is_ended_from_another(phone: Phone) -> None:
    lost, kept = phone.sign_in("device-number-1"), phone.sign_in("device-number-2")
    session_id = next(s["id"] for s in phone.sessions(kept) if not s["isCurrent"])
    phone.call(kept, "DELETE", f"sessions/{session_id}", expect=204)
    assert (alive(phone.app, lost), alive(phone.app, kept)) == (False, True)
    phone.refresh(lost, "device-number-1", expect=401)
    phone.call(kept, "DELETE", f"sessions/{session_id}", expect=404)


def test_logout_everywhere_ends_every_session(phone: Phone) -> None:
    all_of_them = [phone.sign_in(f"device-number-{n}") for n in range(3)]
    phone.call(all_of_them[0], "POST", "logout-everywhere", expect=204)
    assert [alive(phone.app, tokens) for tokens in all_of_them] == [False] * 3


def test_nobody_sees_or_ends_the_sessions_of_others(platform: Platform, phone: Phone) -> None:
    mine = phone.sign_in()
    session_id = phone.sessions(mine)[0]["id"]
    strangers = (platform.customer(), platform.customer(phone.app.person["pan"], brand_id=OTHER_BRAND))
    for stranger in strangers:
        path = f"/web/auth/sessions/{session_id}"
        assert session_id not in str(stranger.get("/web/auth/sessions"))
        platform.api.call("DELETE", path, expect=404, headers=stranger._headers)
        platform.api.call("PATCH", path, expect=404, headers=stranger._headers, json={"deviceName": "x"})
    assert alive(phone.app, mine)


def test_a_device_has_one_session(phone: Phone) -> None:
    first, second = phone.sign_in("device-number-1"), phone.sign_in("device-number-1")
    assert (alive(phone.app, first), alive(phone.app, second)) == (False, True)


def test_the_session_longest_unused_makes_room(platform: Platform, phone: Phone) -> None:
    with platform.set(customer_sessions_max=2):
        first, second = phone.sign_in("device-number-1"), phone.sign_in("device-number-2")
        first = phone.refresh(first, "device-number-1")
        third = phone.sign_in("device-number-3")
    assert [alive(phone.app, tokens) for tokens in (first, second, third)] == [True, False, True]
    because = platform.sql(
        "SELECT ended_because FROM user_login_token WHERE customer_id = %s AND revoked_at IS NOT NULL",
        first["user"]["id"],
    )
    assert because == [("TOO_MANY",)]


def test_a_new_device_is_told_to_the_customer(phone: Phone) -> None:
    phone.sign_in("device-number-1")
    phone.sign_in("device-number-1")
    assert phone.texts() == []
    phone.sign_in("device-number-2", "a stranger's phone")
    assert len(phone.texts()) == 1
    assert "a stranger's phone" in phone.texts()[0]
    # a browser that names no device could be anybody's
    phone.sign_in()
    assert len(phone.texts()) == 2


def test_a_session_leaves_its_trace(platform: Platform, phone: Phone) -> None:
    tokens = phone.sign_in("device-number-1")
    phone.call(tokens, "POST", "logout", expect=204)
    session_id = tokens["refreshToken"].partition(".")[0]
    events = platform.sql(
        "SELECT action, actor_id, reason FROM audit_event WHERE entity_id = %s ORDER BY id", session_id
    )
    customer_id = tokens["user"]["id"]
    assert events == [("session.started", customer_id, None), ("session.ended", customer_id, "LOGOUT")]
