"""Passwords of staff: which are taken, changing one's own, and the link for who forgot it."""

import pytest

from app.core.identity import Role
from app.seed import DEMO_PASSWORD
from tests.platform import BRAND, Platform
from tests.staff.people import Person, somebody

GOOD, BETTER, BEST = "Nilgiri tea at seven", "Monsoon over Kochi 4", "Seven coconut boats"


@pytest.fixture
def executive(platform: Platform) -> Person:
    return somebody(platform, Role.LOAN_EXECUTIVE).sign_in()


def change(person: Person, current: str, new: str, expect: int = 204) -> dict:
    body = {"currentPassword": current, "newPassword": new}
    return person.call("POST", "/partner/auth/change-password", expect=expect, json=body)


def test_changing_it_ends_all_sessions_and_is_told(executive: Person) -> None:
    other = executive.tokens
    executive.sign_in()
    change(executive, DEMO_PASSWORD, GOOD)
    for tokens in (other, executive.tokens):
        executive.tokens = tokens
        executive.call("GET", "/partner/me", expect=401)
    executive.login(expect=401)
    executive.sign_in(GOOD).call("GET", "/partner/me")
    assert executive.mails()[0]["subject"] == "Your password was changed"
    audited = "SELECT actor_id FROM audit_event WHERE action = 'staff.password_changed' AND entity_id = %s"
    assert executive.platform.sql(audited, executive.id) == [(executive.id,)]


def test_a_token_alone_changes_no_password(executive: Person) -> None:
    for _ in range(4):
        change(executive, "guessed it wrong", GOOD, expect=401)
    change(executive, "guessed it wrong", GOOD, expect=429)
    change(executive, DEMO_PASSWORD, GOOD, expect=429)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Short-1-one", "at least 12"),
        ("Password@12345", "everybody tries"),
        ("passwordpassword", "everybody tries"),
        ("P@$$w0rd!!2026", "everybody tries"),
        ("qwertyuiop2026", "everybody tries"),
        ("Qualoan@2026!!", "everybody tries"),
        ("aaaaaaaaaaaaaa", "everybody tries"),
        ("somebody-cares-88", "your name"),
        ("x" * 60 + "abcdefghijklm", "at most 72"),
        ("ग" * 30, "at most 72"),
    ],
)
def test_what_is_refused(executive: Person, password: str, fault: str) -> None:
    refused = change(executive, DEMO_PASSWORD, password, expect=422)["error"]
    assert refused["code"] == "PASSWORD_REFUSED"
    assert fault in " ".join(refused["fields"]["newPassword"])


def test_the_last_ones_are_refused(executive: Person) -> None:
    change(executive, DEMO_PASSWORD, GOOD)
    executive.sign_in(GOOD)
    assert "before" in change(executive, GOOD, GOOD, expect=422)["error"]["message"]
    change(executive, GOOD, BETTER)
    executive.sign_in(BETTER)
    change(executive, BETTER, GOOD, expect=422)
    change(executive, BETTER, BEST)


def test_the_link_sets_a_password_once(executive: Person) -> None:
    ask(executive.platform, executive.email)
    token = executive.link()
    set_password(executive.platform, token, "too short", expect=422)
    set_password(executive.platform, token, GOOD)
    set_password(executive.platform, token, BETTER, expect=401)
    executive.call("GET", "/partner/me", expect=401)
    executive.sign_in(GOOD)


def test_a_newer_link_ends_the_one_before(executive: Person) -> None:
    ask(executive.platform, executive.email)
    first = executive.link()
    ask(executive.platform, executive.email)
    set_password(executive.platform, first, GOOD, expect=401)
    set_password(executive.platform, executive.link(), GOOD)


def test_a_link_ends_after_its_time(executive: Person) -> None:
    ask(executive.platform, executive.email)
    token = executive.link()
    executive.platform.sql(
        "UPDATE partner_one_time_token SET expires_at = now() - interval '1 second' WHERE partner_user_id = %s",
        executive.id,
    )
    set_password(executive.platform, token, GOOD, expect=401)


def test_few_links_an_hour(executive: Person) -> None:
    for _ in range(5):
        ask(executive.platform, executive.email)
    links = [mail for mail in executive.mails() if "#token=" in mail["text"]]
    assert len(links) == 3


def test_the_link_stands_in_for_no_second_factor(platform: Platform) -> None:
    head = somebody(platform, Role.SANCTION_HEAD)
    ask(platform, head.email)
    set_password(platform, head.link(), GOOD)
    assert head.login(GOOD)["next"] == "SECOND_FACTOR"


def test_an_unknown_email_is_answered_the_same(platform: Platform, executive: Person) -> None:
    known = ask(platform, executive.email)
    assert ask(platform, "nobody.knows@staff.example") == known
    platform.drain()
    assert platform.sandbox.messages("nobody.knows@staff.example") == []


def test_the_deactivated_get_no_link(executive: Person) -> None:
    executive.platform.sql("UPDATE partner_user SET is_active = false WHERE id = %s", executive.id)
    ask(executive.platform, executive.email)
    assert executive.mails() == []


def test_a_link_is_kept_nowhere(executive: Person) -> None:
    ask(executive.platform, executive.email)
    token = executive.link()
    sent = "SELECT status, body_enc FROM partner_notification WHERE partner_user_id = %s"
    assert executive.platform.sql(sent, executive.id) == [("SENT", None)]
    (hashed,) = executive.platform.sql(
        "SELECT token_hash FROM partner_one_time_token WHERE partner_user_id = %s", executive.id
    )
    assert token not in hashed
    args = executive.platform.sql("SELECT args::text FROM outbox WHERE job = 'staff.send_reset_link'")
    assert executive.email not in str(args)


def ask(platform: Platform, email: str) -> dict:
    body = {"email": email}
    answer = platform.api.call("POST", "/partner/auth/forgot-password", expect=202, json=body)
    platform.drain()
    return answer


def set_password(platform: Platform, token: str, password: str, expect: int = 204) -> None:
    body = {"token": token, "password": password}
    platform.api.call("POST", "/partner/auth/set-password", expect=expect, json=body)


def test_a_session_of_nobody_opens_nothing(executive: Person) -> None:
    executive.platform.sql("DELETE FROM partner_user_brand_role WHERE partner_user_id = %s", executive.id)
    executive.call("GET", f"/partner/brand/{BRAND}/loans", expect=403)
    assert executive.call("GET", "/partner/me")["brands"] == []
    change(executive, DEMO_PASSWORD, GOOD, expect=403)
