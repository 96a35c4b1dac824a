"""Staff sign in with a password, a second factor where their roles ask for it, and stay in by refresh tokens."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from app.core.identity import Role
from app.seed import DEMO_AUTHENTICATOR, DEMO_PASSWORD
from app.staff.second_factor import REQUIRED_OF, code_at
from tests.platform import BRAND, OTHER_BRAND, Platform
from tests.staff.people import Person, somebody


@pytest.fixture
def executive(platform: Platform) -> Person:
    return somebody(platform, Role.LOAN_EXECUTIVE)


@pytest.fixture
def head(platform: Platform) -> Person:
    return somebody(platform, Role.COLLECTION_HEAD)


def test_it_works(executive: Person) -> None:
    tokens = executive.sign_in().tokens
    assert tokens["next"] == "SIGNED_IN"
    assert tokens["user"]["brands"][0]["roles"] == ["LOAN_EXECUTIVE"]
    assert executive.call("GET", "/partner/me")["email"] == executive.email


@pytest.mark.parametrize(
    ("step", "code"), [(1, "287082"), (37037036, "081804"), (41152263, "005924"), (666666666, "353130")]
)
def test_codes_are_those_of_rfc_6238(step: int, code: str) -> None:
    # the RFC's key is the ASCII text 12345678901234567890, its eight digits cut to six
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", step) == code


def test_who_must_have_a_second_factor() -> None:
    assert {role.value for role in REQUIRED_OF} == {
        "SUPER_ADMIN",
        "ADMIN",
        "SANCTION_HEAD",
        "COLLECTION_HEAD",
    }


def test_the_password_of_a_head_opens_the_second_step_alone(head: Person) -> None:
    answer = head.login()
    assert set(answer) == {"next", "challengeToken", "expiresInS"}
    head.tokens = {"accessToken": answer["challengeToken"]}
    head.call("GET", "/partner/me", expect=401)
    head.call("GET", f"/partner/brand/{BRAND}/loans", expect=401)
    head.refresh(answer["challengeToken"], expect=401)
    head.step("second-factor/enrol", 401, challengeToken=answer["challengeToken"])
    assert head.sign_in().tokens["next"] == "SIGNED_IN"


def test_a_code_works_once(head: Person) -> None:
    code = head.phone.code()
    head.step("second-factor", challengeToken=head.login()["challengeToken"], code=code)
    refused = head.step("second-factor", 401, challengeToken=head.login()["challengeToken"], code=code)
    assert refused["error"]["code"] == "SECOND_FACTOR_WRONG"


def test_a_challenge_works_once_and_on_its_device(head: Person) -> None:
    challenge = head.login()["challengeToken"]
    elsewhere = {"challengeToken": challenge, "code": "000000", "deviceFingerprint": "another-browser"}
    head.platform.api.call("POST", "/partner/auth/second-factor", expect=401, json=elsewhere)
    head.step("second-factor", challengeToken=challenge, code=head.phone.code())
    refused = head.step("second-factor", 401, challengeToken=challenge, code=head.phone.code())
    assert refused["error"]["code"] == "TOKEN_ENDED"


def test_the_same_code_at_once_opens_one_session(head: Person) -> None:
    code, challenge = head.phone.code(), head.login()["challengeToken"]

    def attempt(_: int) -> int:
        body = {"challengeToken": challenge, "code": code, "deviceFingerprint": "browser-of-a-test"}
        url = f"{head.platform.api.base_url}/partner/auth/second-factor"
        return requests.post(url, json=body, timeout=30).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(attempt, range(4)))
    assert statuses == [200, 401, 401, 401]


def test_wrong_codes_lock_like_wrong_passwords(head: Person) -> None:
    challenge = head.login()["challengeToken"]
    for _ in range(4):
        head.step("second-factor", 401, challengeToken=challenge, code="000000")
    # a right password in between starts no new count
    challenge = head.login()["challengeToken"]
    head.step("second-factor", 429, challengeToken=challenge, code="000000")
    head.step("second-factor", 429, challengeToken=challenge, code=head.phone.code())
    head.login(expect=429)


def test_a_head_without_a_second_factor_enrols_before_anything_else(platform: Platform) -> None:
    head = somebody(platform, Role.ADMIN, enrolled=False)
    answer = head.login()
    assert answer["next"] == "ENROL_SECOND_FACTOR"
    challenge = {"challengeToken": answer["challengeToken"]}
    seed = head.step("second-factor/enrol", **challenge)
    assert seed["otpauthUri"].startswith("otpauth://totp/Lending:")
    assert f"secret={seed['secret']}" in seed["otpauthUri"]
    head.phone = type(head.phone)(seed["secret"])
    head.step("second-factor/confirm", 401, **challenge, code="000000")
    enrolled = head.step("second-factor/confirm", **challenge, code=head.phone.code())
    assert len(set(enrolled["recoveryCodes"])) == 10
    head.tokens = enrolled
    head.call("GET", f"/partner/brand/{BRAND}/loans")
    head.step("second-factor/confirm", 401, **challenge, code=head.phone.code())
    assert head.login()["next"] == "SECOND_FACTOR"


def test_a_recovery_code_stands_in_once(platform: Platform) -> None:
    head = somebody(platform, Role.ADMIN).sign_in()
    codes = head.call("POST", "/partner/me/recovery-codes", json={"code": head.phone.code()})["recoveryCodes"]
    one = {"recoveryCode": codes[3]}
    head.step("second-factor", challengeToken=head.login()["challengeToken"], **one)
    head.step("second-factor", 401, challengeToken=head.login()["challengeToken"], **one)
    stored = {row[0] for row in platform.sql("SELECT code_hash FROM partner_recovery_code")}
    assert stored.isdisjoint(codes)


def test_the_seed_is_stored_encrypted(platform: Platform, head: Person) -> None:
    ((stored,),) = platform.sql("SELECT second_factor_sealed FROM partner_user WHERE id = %s", head.id)
    assert DEMO_AUTHENTICATOR not in stored
    assert stored.startswith(platform.settings.master_keys[0][0] + ":")


def test_a_role_that_asks_for_a_second_factor_closes_a_session_without(executive: Person) -> None:
    executive.sign_in().call("GET", f"/partner/brand/{BRAND}/loans")
    executive.platform.sql(
        "INSERT INTO partner_user_brand_role (id, brand_id, partner_user_id, role) "
        "VALUES (gen_random_uuid(), %s, %s, 'ADMIN')",
        BRAND,
        executive.id,
    )
    refused = executive.call("GET", f"/partner/brand/{BRAND}/loans", expect=401)
    assert refused["error"]["code"] == "SECOND_FACTOR_REQUIRED"
    assert executive.login()["next"] == "ENROL_SECOND_FACTOR"


def test_who_need_not_may_use_a_second_factor(executive: Person) -> None:
    executive.sign_in()
    executive.call("PUT", "/partner/me/second-factor", expect=409, json={"code": "000000"})
    executive.call("POST", "/partner/me/second-factor", expect=401, json={"password": "not mine at all"})
    seed = executive.call("POST", "/partner/me/second-factor", json={"password": DEMO_PASSWORD})
    executive.phone = type(executive.phone)(seed["secret"])
    body = {"code": executive.phone.code()}
    assert len(executive.call("PUT", "/partner/me/second-factor", json=body)["recoveryCodes"]) == 10
    executive.call("POST", "/partner/me/second-factor", expect=409, json={"password": DEMO_PASSWORD})
    assert "second factor was set" in executive.mails()[0]["text"]
    body = {"code": executive.phone.code()}
    executive.call("POST", "/partner/me/second-factor/remove", expect=204, json=body)
    executive.call("GET", "/partner/me", expect=401)
    assert executive.login()["next"] == "SIGNED_IN"


def test_a_refresh_token_works_once_and_reuse_ends_the_session(executive: Person) -> None:
    first = executive.sign_in().tokens
    second = executive.refresh(first["refreshToken"])
    executive.tokens = second
    executive.call("GET", "/partner/me")
    reused = executive.refresh(first["refreshToken"], expect=401)
    assert reused["error"]["code"] == "SESSION_REUSED"
    executive.refresh(second["refreshToken"], expect=401)
    executive.call("GET", "/partner/me", expect=401)


def test_a_refresh_token_works_on_its_device(executive: Person) -> None:
    tokens = executive.sign_in().tokens
    elsewhere = {"deviceFingerprint": "another-browser"}
    assert executive.refresh(tokens["refreshToken"], 401, elsewhere)["error"]["code"] == "SESSION_REUSED"
    executive.refresh(tokens["refreshToken"], expect=401)


def test_refreshing_at_once_gives_one_pair(executive: Person) -> None:
    token = executive.sign_in().tokens["refreshToken"]
    body = {"refreshToken": token, "deviceFingerprint": "browser-of-a-test"}
    url = f"{executive.platform.api.base_url}/partner/auth/refresh"
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda _: requests.post(url, json=body, timeout=30).status_code, range(4))
    assert sorted(answers) == [200, 401, 401, 401]


@pytest.mark.parametrize("token", ["x" * 20, f"{'0' * 8}-0000-7000-8000-{'0' * 12}.x", "." * 30])
def test_a_token_that_was_never_given_is_refused(platform: Platform, token: str) -> None:
    platform.api.call("POST", "/partner/auth/refresh", expect=401, json={"refreshToken": token})
    body = {"token": token, "password": "Quite-Another-One-77"}
    platform.api.call("POST", "/partner/auth/set-password", expect=401, json=body)


@pytest.mark.parametrize(
    "change", ["last_used_at = now() - interval '31 minutes'", "expires_at = now() - interval '1 second'"]
)
def test_a_session_ends_idle_and_after_its_hours(executive: Person, change: str) -> None:
    tokens = executive.sign_in().tokens
    executive.platform.sql(
        f"UPDATE partner_login_token SET {change} WHERE partner_user_id = %s", executive.id
    )
    executive.call("GET", f"/partner/brand/{BRAND}/loans", expect=401)
    executive.call("GET", "/partner/me", expect=401)
    executive.refresh(tokens["refreshToken"], expect=401)


def test_use_keeps_a_session_alive(executive: Person) -> None:
    executive.sign_in()
    platform, mine = executive.platform, executive.id
    platform.sql(
        "UPDATE partner_login_token SET last_used_at = now() - interval '20 minutes' WHERE partner_user_id = %s",
        mine,
    )
    executive.call("GET", f"/partner/brand/{BRAND}/loans")
    asked = "SELECT now() - last_used_at < interval '1 minute' FROM partner_login_token WHERE partner_user_id = %s"
    assert platform.sql(asked, mine) == [(True,)]


def test_a_session_lasts_twelve_hours(executive: Person) -> None:
    executive.refresh(executive.sign_in().tokens["refreshToken"])
    asked = "SELECT expires_at - created_at <= interval '12 hours' FROM partner_login_token WHERE partner_user_id = %s"
    assert executive.platform.sql(asked, executive.id) == [(True,)]


def test_sessions_are_listed_and_ended_one_by_one(executive: Person) -> None:
    first = executive.sign_in().tokens
    executive.sign_in()
    here, there = executive.call("GET", "/partner/auth/sessions")
    assert (here["isCurrent"], there["isCurrent"]) == (True, False)
    executive.call("DELETE", f"/partner/auth/sessions/{there['id']}", expect=204)
    executive.call("DELETE", f"/partner/auth/sessions/{there['id']}", expect=404)
    executive.refresh(first["refreshToken"], expect=401)
    executive.call("GET", "/partner/me")


def test_nobody_ends_anothers_session_here(executive: Person, head: Person) -> None:
    (session,) = head.sign_in().call("GET", "/partner/auth/sessions")
    executive.sign_in().call("DELETE", f"/partner/auth/sessions/{session['id']}", expect=404)
    head.call("GET", "/partner/me")


def test_logout_everywhere_ends_all_sessions(executive: Person) -> None:
    first = executive.sign_in().tokens
    executive.sign_in().call("POST", "/partner/auth/logout-everywhere", expect=204)
    for tokens in (first, executive.tokens):
        executive.tokens = tokens
        executive.call("GET", "/partner/me", expect=401)


def test_a_deactivated_persons_token_dies_at_once(executive: Person) -> None:
    tokens = executive.sign_in().tokens
    executive.platform.sql("UPDATE partner_user SET is_active = false WHERE id = %s", executive.id)
    executive.call("GET", f"/partner/brand/{BRAND}/loans", expect=401)
    executive.call("GET", "/partner/me", expect=401)
    executive.refresh(tokens["refreshToken"], expect=401)
    assert executive.login(expect=401)["error"]["code"] == "BAD_CREDENTIALS"


def test_a_new_brand_needs_no_new_password(executive: Person) -> None:
    token = executive.sign_in().tokens["refreshToken"]
    executive.platform.sql(
        "INSERT INTO partner_user_brand_role (id, brand_id, partner_user_id, role) "
        "VALUES (gen_random_uuid(), %s, %s, 'LOAN_EXECUTIVE')",
        OTHER_BRAND,
        executive.id,
    )
    executive.call("GET", f"/partner/brand/{OTHER_BRAND}/loans", expect=404)
    executive.tokens = executive.refresh(token)
    executive.call("GET", f"/partner/brand/{OTHER_BRAND}/loans")
    brands = executive.call("GET", "/partner/me")["brands"]
    assert [brand["brandId"] for brand in brands] == [OTHER_BRAND, BRAND]


def test_a_lock_does_not_tell_who_exists(platform: Platform) -> None:
    nobody = Person(platform, "nobody.at.all@staff.example", "")
    for _ in range(4):
        nobody.login("wrong", expect=401)
    assert nobody.login("wrong", expect=429)["error"]["code"] == "LOCKED"
    assert nobody.login("wrong", expect=429)["error"]["code"] == "LOCKED"


def test_the_door_is_logged_with_the_device(executive: Person) -> None:
    executive.login("wrong", expect=401)
    executive.sign_in()
    logged = executive.platform.sql(
        "SELECT event, success, device_fingerprint IS NOT NULL FROM partner_user_login_log "
        "WHERE email = %s ORDER BY id",
        executive.email,
    )
    assert logged == [("WRONG_PASSWORD", False, True), ("SIGNED_IN", True, True)]
    devices = "SELECT count(*) FROM partner_device WHERE partner_user_id = %s"
    assert executive.platform.sql(devices, executive.id) == [(1,)]


def test_a_sign_in_from_a_new_device_is_told(executive: Person) -> None:
    executive.sign_in()
    assert executive.mails() == []
    body = {"email": executive.email, "password": DEMO_PASSWORD, "deviceFingerprint": "another-browser"}
    for _ in range(2):
        executive.platform.api.call("POST", "/partner/auth/login", json=body)
    assert [mail["subject"] for mail in executive.mails()] == ["A sign-in from a new device"]


def test_tokens_are_stored_hashed(head: Person) -> None:
    challenge = head.login()["challengeToken"]
    tokens = head.sign_in().tokens
    hashes = head.platform.sql("SELECT refresh_hash FROM partner_login_token")
    hashes += head.platform.sql("SELECT token_hash FROM partner_one_time_token")
    stored = " ".join(row[0] for row in hashes)
    assert challenge not in stored
    assert tokens["refreshToken"].split(".")[1] not in stored
