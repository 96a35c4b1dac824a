"""Wall: personal data is encrypted at rest and masked wherever it is shown; the audit trail cannot be changed."""

import io
import json

import psycopg2
import pytest

from app.core import logs
from app.core.database import brand_scope, db
from tests.platform import BRAND, Platform


def everything_stored(platform: Platform) -> str:
    tables = platform.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    rows = [platform.sql(f"SELECT row_to_json(t)::text FROM {table} t") for (table,) in tables]
    return "\n".join(row[0] for table in rows for row in table)


def test_what_identifies_a_person_is_nowhere_in_clear(platform: Platform) -> None:
    app = platform.customer()
    person = app.person
    app.patch("/web/profile", json={"email": person["email"]})
    app.post("/web/kyc/verify-pan", json={"pan": person["pan"]})
    with platform.working():
        app.confirm_aadhaar()
    app.post(
        "/web/kyc/bank-account",
        expect=201,
        json={"accountNumber": person["accountNumber"], "ifsc": person["ifsc"]},
    )
    platform.drain()
    stored = everything_stored(platform)
    secrets = ("phone", "email", "pan", "aadhaar", "accountNumber")
    assert [name for name in secrets if person[name] in stored] == []


def test_lists_mask_phone_and_pan(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    text = json.dumps(platform.staff().get("/customers", params={"search": app.person["pan"]}))
    assert app.person["phone"] not in text
    assert app.person["pan"] not in text
    assert app.get("/web/me")["id"] in text


def test_a_log_line_is_masked() -> None:
    import structlog

    stream = io.StringIO()
    logs.configure("INFO", stream)
    structlog.get_logger().info("call", body={"pan": "ABCPV1234A", "note": "rang 9876543210"}, otp="123456")
    line = stream.getvalue()
    assert json.loads(line)["event"] == "call"
    assert all(secret not in line for secret in ("ABCPV1234A", "9876543210", "123456"))


@pytest.mark.parametrize(
    "table", ["audit_event", "state_change", "decision", "journal_entry", "journal_line"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET brand_id = brand_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_append_only_cannot_be_changed(platform: Platform, table: str, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"), brand_scope(BRAND):
        db.execute_sql(statement.format(table))


def test_the_connection_is_the_narrow_role(platform: Platform) -> None:
    with psycopg2.connect(platform.settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("los_app",)
