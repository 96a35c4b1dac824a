"""What is past its time goes, what is not stays, and a night that breaks off goes on."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core.database import brand_scope, db
from app.privacy import erasing, retaining, retention
from app.privacy.inventory import HOLDINGS
from tests.platform import Platform, new_pan

BRAND = "salary4sure"
PERSONAL = """
SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname LIKE '%%\\_enc'
"""


def los(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["privacy", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def night(platform: Platform) -> Any:
    """Runs the night's work as if none had been done today."""

    def run() -> dict[str, int]:
        platform.sql("DELETE FROM retention_run WHERE brand_id = %s", BRAND)
        return retaining.run(BRAND)

    run()
    return run


def lead(platform: Platform) -> str:
    return platform.customer(new_pan("GOO"), BRAND).get("/web/me")["id"]


def age(platform: Platform, table: str, days: int, customer_id: str, column: str = "created_at") -> None:
    key = "id" if table == "customer" else "customer_id"
    platform.sql(
        f"UPDATE {table} SET {column} = {column} - %s * interval '1 day' WHERE {key} = %s", days, customer_id
    )


def count(platform: Platform, table: str, customer_id: str, more: str = "true") -> int:
    return platform.sql(f"SELECT count(*) FROM {table} WHERE customer_id = %s AND {more}", customer_id)[0][0]


def test_old_codes_go_and_new_ones_stay(platform: Platform, night: Any) -> None:
    old, new = lead(platform), lead(platform)
    age(platform, "otp_verification", 31, old)
    assert night()["one-time codes"] == 1
    assert (count(platform, "otp_verification", old), count(platform, "otp_verification", new)) == (0, 1)


def test_old_messages_lose_their_text(platform: Platform, night: Any) -> None:
    old = lead(platform)
    age(platform, "user_notification", 366, old)
    before = platform.sql("SELECT body_enc FROM user_notification WHERE customer_id = %s", old)
    night()
    assert count(platform, "user_notification", old, "erased_at IS NOT NULL") == len(before)
    assert platform.sql("SELECT body_enc FROM user_notification WHERE customer_id = %s", old) != before


def test_a_dry_run_tells_and_changes_nothing(platform: Platform, night: Any) -> None:
    old = lead(platform)
    age(platform, "otp_verification", 31, old)
    assert "1 one-time codes would go" in los("retain", "--brand", BRAND, "--dry-run").replace(", ", " ")
    assert count(platform, "otp_verification", old) == 1
    night()


def test_the_database_lets_nothing_young_be_deleted(platform: Platform) -> None:
    customer_id = lead(platform)
    with brand_scope(BRAND):
        for table in ("otp_verification", "idempotency_key", "provider_call", "outbox"):
            db.execute_sql(f"DELETE FROM {table}")
    assert count(platform, "otp_verification", customer_id) == 1


def forgotten(platform: Platform) -> str:
    """A lead who was last here more than a year ago."""
    customer_id = lead(platform)
    age(platform, "customer", 400, customer_id)
    age(platform, "user_login_token", 400, customer_id)
    return customer_id


def notified_days_ago(platform: Platform, days: int, customer_id: str) -> None:
    platform.sql(
        "UPDATE customer SET erasure_notified_at = now() - %s * interval '1 day' WHERE id = %s",
        days,
        customer_id,
    )


def is_erased(platform: Platform, customer_id: str) -> bool:
    return platform.sql("SELECT erased_at IS NOT NULL FROM customer WHERE id = %s", customer_id)[0][0]


def test_a_forgotten_lead_is_told_and_erased_two_days_later(platform: Platform, night: Any) -> None:
    customer_id = forgotten(platform)
    night()
    assert not is_erased(platform, customer_id)
    notices = "event = 'erasure_notice'"
    assert count(platform, "user_notification", customer_id, notices) == 1
    notified_days_ago(platform, 1, customer_id)
    night()
    assert (is_erased(platform, customer_id), count(platform, "user_notification", customer_id, notices)) == (
        False,
        1,
    )
    notified_days_ago(platform, 3, customer_id)
    assert night()["customers"] == 1
    assert is_erased(platform, customer_id)


def test_a_sign_in_keeps_the_account(platform: Platform, night: Any) -> None:
    customer_id = forgotten(platform)
    notified_days_ago(platform, 3, customer_id)
    age(platform, "user_login_token", -399, customer_id)
    night()
    assert not is_erased(platform, customer_id)


def test_a_hold_keeps_everything(platform: Platform, night: Any) -> None:
    customer_id = forgotten(platform)
    notified_days_ago(platform, 3, customer_id)
    age(platform, "otp_verification", 31, customer_id)
    body = {"customerId": customer_id, "reason": "Court case 12/26"}
    platform.staff(brand_id=BRAND).post("/privacy/holds", expect=201, json=body)
    night()
    assert not is_erased(platform, customer_id)
    assert count(platform, "otp_verification", customer_id) == 1


def test_a_night_is_done_once_a_day(platform: Platform, night: Any) -> None:
    first = retaining.run(BRAND)
    old = lead(platform)
    age(platform, "otp_verification", 31, old)
    assert retaining.run(BRAND) == first
    assert count(platform, "otp_verification", old) == 1
    night()


@contextmanager
def breaking_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> Any:
    """The process dies when it begins a batch too many."""
    left = [batches]
    finish = erasing.finish_some

    def some(*arguments: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return finish(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "finish_some", some)
        yield


def test_a_night_that_breaks_off_goes_on(
    platform: Platform, night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = lead(platform)
    age(platform, "otp_verification", 31, old)
    age(platform, "user_notification", 366, old)
    platform.sql("DELETE FROM retention_run WHERE brand_id = %s", BRAND)
    with breaking_after(monkeypatch, 1), pytest.raises(KeyboardInterrupt):
        retaining.run(BRAND)
    assert count(platform, "otp_verification", old) == 1
    done = retaining.run(BRAND)
    assert (done["messages"], done["one-time codes"]) == (1, 1)


def test_what_was_done_is_written_down(platform: Platform, night: Any) -> None:
    old = lead(platform)
    age(platform, "otp_verification", 31, old)
    night()
    event = platform.staff(brand_id=BRAND).get("/audit", params={"action": "retention.finished"})["items"][0]
    assert event["after"]["one-time codes"] == 1


def test_every_table_with_ciphertext_of_people_has_a_holding(platform: Platform) -> None:
    """What a new table holds of people must say when it goes, or why it is not of a customer."""
    declared = {holding.model._meta.table_name for holding in HOLDINGS}
    # keys of a collection, forgotten when it is open; what staff search their lists by
    not_of_customers = {"aa_session", "saved_view", "campaign"}
    tables = {name for (name,) in platform.sql(PERSONAL)}
    assert {t for t in tables if not t.startswith("partner_")} - declared - not_of_customers == set()


def test_every_holding_has_a_rule_and_every_rule_a_holding() -> None:
    assert {h.data_class for h in HOLDINGS} == {rule.data_class for rule in retention.RETENTION}
    for holding in HOLDINGS:
        assert sum((holding.deleted, holding.kept, holding.end is not None, holding.blank is not None)) == 1


def test_the_documentation_shows_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert los("table") in page, "put the output of `los privacy table` into docs/privacy.md"
